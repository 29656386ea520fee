//! RFC 7644 section 3.5.1: replacing with PUT.

use serde_json::json;

use crate::check::{Case, ENTERPRISE, GROUP, USER, Verdict, sections};

sections! {
    Rfc7644 "3.5.1" "Replacing with PUT" {
        Must put_is_supported "PUT is supported.";
        Must put_does_not_create "PUT creates no resource.";
        Must values_are_replaced "readWrite values are replaced by those provided.";
        Must several_values_are_replaced "The values of a multi-valued attribute are replaced by those provided.";
        Must read_only_is_ignored "readOnly values are ignored.";
        Must required_is_needed "A required attribute has to be in the request.";
        Must own_answer_can_be_put_back "A resource that was read can be put back as it is.";
        Must answer_is_the_whole_resource "A successful PUT is 200 with the whole resource.";
        May omitted_is_cleared "An attribute that is left out is cleared or keeps its value or gets a default.";
        Must null_clears "null asserts that an attribute has no value.";
        Must extension_is_replaced "Attributes of an extension are replaced.";
        Must user_name_can_change "A userName is changed by PUT.";
        Must duplicate_is_409 "A change that is in conflict with another resource is 409.";
        Must refused_put_changes_nothing "A refused PUT leaves the resource as it was.";
        Must wrong_value_is_refused "A value of the wrong type is 400 invalidValue.";
        Must same_value_is_no_conflict "A resource is not in conflict with itself.";
        Must group_is_replaced "A group is replaced.";
        Must password_survives_a_put "A PUT without password does not make password readable or refuse.";
    }
}

async fn put_is_supported(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.put(&user.path, case.user_body(json!({"userName": user.name}))).await?.status(200)?;
    Ok(())
}

async fn put_does_not_create(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.delete(&user.path).await?.status(204)?;
    case.put(&user.path, case.user_body(json!({"userName": user.name}))).await?.error(404, "")?;
    Ok(())
}

async fn values_are_replaced(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Before"})).await?;
    let body = case.user_body(json!({"userName": user.name, "displayName": "After", "active": false}));
    case.put(&user.path, body).await?.status(200)?;
    case.read(&user.path).await?.has("/displayName", "After")?.has("/active", false)?;
    Ok(())
}

async fn several_values_are_replaced(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let mail = format!("{}@new.example", case.name());
    let body = case.user_body(json!({"userName": user.name, "emails": [{"value": mail, "type": "home"}]}));
    case.put(&user.path, body).await?.status(200)?;
    case.read(&user.path).await?.has("/emails/0/value", mail)?.lacks("/emails/1")?;
    Ok(())
}

async fn read_only_is_ignored(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let meta = json!({"created": "2001-01-01T00:00:00Z", "resourceType": "Group"});
    let body = case.user_body(json!({"userName": user.name, "id": user.id, "meta": meta, "groups": [{"value": "x"}]}));
    case.put(&user.path, body).await?.status(200)?;
    let read = case.read(&user.path).await?;
    read.has("/meta/created", user.reply.string("/meta/created")?)?.lacks("/groups")?;
    Ok(())
}

async fn required_is_needed(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.put(&user.path, case.user_body(json!({"userName": null}))).await?.error(400, "invalidValue")?;
    Ok(())
}

async fn own_answer_can_be_put_back(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "There and back"})).await?;
    let read = case.read(&user.path).await?;
    let put = case.put(&user.path, read.json()?.clone()).await?;
    put.status(200)?;
    for key in ["id", "userName", "displayName", "name", "emails", "active"] {
        put.has(&format!("/{key}"), read.at(&format!("/{key}"))?.clone())?;
    }
    Ok(())
}

async fn answer_is_the_whole_resource(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let put = case.put(&user.path, case.user_body(json!({"userName": user.name, "displayName": "Whole"}))).await?;
    put.status(200)?.has("/id", user.id)?.has("/userName", user.name)?.has("/displayName", "Whole")?.at("/meta")?;
    Ok(())
}

async fn omitted_is_cleared(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Before"})).await?;
    case.put(&user.path, case.user_body(json!({"userName": user.name}))).await?.status(200)?;
    let read = case.read(&user.path).await?;
    // Any of the three is allowed; what is not is a value that nobody ever gave.
    if read.find("/displayName")?.is_some() {
        read.string("/displayName")?;
    }
    Ok(())
}

async fn null_clears(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Before"})).await?;
    let mut body = case.user_body(json!({"userName": user.name}));
    body["displayName"] = serde_json::Value::Null;
    case.put(&user.path, body).await?.status(200)?.lacks("/displayName")?;
    case.read(&user.path).await?.lacks("/displayName")?;
    Ok(())
}

async fn extension_is_replaced(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let body = |extension| json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: extension});
    let user = case.user_with(body(json!({"department": "Tours", "costCenter": "1"}))).await?;
    let mut next = case.user_body(body(json!({"department": "Sales", "costCenter": "2"})));
    next["userName"] = user.name.into();
    case.put(&user.path, next).await?.status(200)?;
    let read = case.read(&user.path).await?;
    read.has(&format!("/{ENTERPRISE}/department"), "Sales")?.has(&format!("/{ENTERPRISE}/costCenter"), "2")?;
    Ok(())
}

async fn user_name_can_change(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let name = case.name();
    case.put(&user.path, case.user_body(json!({"userName": name}))).await?.status(200)?.has("/userName", name)?;
    Ok(())
}

async fn duplicate_is_409(case: &Case<'_>) -> Verdict {
    let (one, two) = (case.user().await?, case.user().await?);
    case.put(&two.path, case.user_body(json!({"userName": one.name}))).await?.error(409, "uniqueness")?;
    Ok(())
}

async fn refused_put_changes_nothing(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Before"})).await?;
    let body = case.user_body(json!({"userName": user.name, "displayName": "After", "name": 7}));
    case.put(&user.path, body).await?.refused()?;
    case.read(&user.path).await?.has("/displayName", "Before")?;
    Ok(())
}

async fn wrong_value_is_refused(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let body = case.user_body(json!({"userName": user.name, "active": "perhaps"}));
    case.put(&user.path, body).await?.error(400, "invalidValue")?;
    Ok(())
}

async fn same_value_is_no_conflict(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let body = case.user_body(json!({"userName": user.name.to_uppercase()}));
    case.put(&user.path, body).await?.status(200)?.has("/userName", user.name.to_uppercase())?;
    Ok(())
}

async fn group_is_replaced(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    let name = case.name();
    let body = json!({"schemas": [GROUP], "displayName": name, "members": []});
    case.put(&group.path, body).await?.status(200)?;
    case.read(&group.path).await?.has("/displayName", name)?.lacks("/members")?;
    Ok(())
}

async fn password_survives_a_put(case: &Case<'_>) -> Verdict {
    case.need_attribute("password")?;
    let user = case.user_with(json!({"password": "Conformance-7!pass"})).await?;
    let body = case.user_body(json!({"userName": user.name}));
    case.put(&user.path, body).await?.status(200)?.lacks("/password")?;
    Ok(())
}
