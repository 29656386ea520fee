//! RFC 7643 sections 4.1 and 4.3: users and their enterprise extension.

use serde_json::{Value, json};

use crate::check::{Case, ENTERPRISE, USER, Verdict, ensure, sections, skip};

sections! {
    Rfc7643 "4.1.1" "Singular Attributes" {
        Must user_name_is_required "Each user includes a userName.";
        Must user_name_is_not_empty "A userName is not empty.";
        Must user_name_is_unique "A userName is unique among all users.";
        Must user_name_is_unique_without_case "userName is case insensitive: another case is no other name.";
        Must user_name_is_found_without_case "userName is case insensitive in filters.";
        Must name_has_components "name keeps its components.";
        Must singular_attributes_come_back "The singular attributes of the schema come back as they were sent.";
        Must password_is_not_returned "A password is not in the answer to the request that sets it.";
        Must password_is_not_read "A password is never read back.";
        Must password_is_compared_in_silence "A filter may compare a password, and its answer does not hold it.";
        Must password_is_changed_in_silence "A PUT or PATCH of the password does not return it.";
    }
    Rfc7643 "4.1.2" "Multi-Valued Attributes" {
        Must emails_come_back "emails keep value, type and primary.";
        Must phone_numbers_come_back "phoneNumbers keep value and type.";
        Must addresses_come_back "addresses keep each of their components.";
        Must photos_ims_entitlements_roles_come_back "ims, photos, entitlements and roles keep value and type.";
        Must groups_are_read_only "groups is readOnly: membership changes only through the group.";
        Must groups_follow_membership "groups lists the groups that the user belongs to.";
        Must groups_value_is_an_id "groups.value is the id of the group.";
        May groups_reference_is_the_group "groups.$ref is the URI of the group.";
    }
    Rfc7643 "4.3" "Enterprise User Schema Extension" {
        Must enterprise_attributes_come_back "The attributes of the extension come back as they were sent.";
        Must manager_is_an_id "manager.value is the id of the manager.";
        Should manager_reference_is_the_manager "manager.$ref is the URI of the manager.";
        Must manager_display_name_is_read_only "manager.displayName is readOnly: what a client sends is not kept.";
    }
    Rfc7643 "8.1" "Minimal User Representation" {
        Must minimal_user "A user of nothing but schemas and userName is a user.";
    }
    Rfc7643 "8.2" "Full User Representation" {
        Must full_user "A user with every attribute of the core schema is kept as it was sent.";
    }
}

async fn user_name_is_required(case: &Case<'_>) -> Verdict {
    let body = case.user_body(json!({"userName": null}));
    case.post(&case.users(), body).await?.error(400, "invalidValue")?;
    Ok(())
}

async fn user_name_is_not_empty(case: &Case<'_>) -> Verdict {
    let body = case.user_body(json!({"userName": ""}));
    case.post(&case.users(), body).await?.error(400, "invalidValue")?;
    Ok(())
}

async fn user_name_is_unique(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let again = case.user_body(json!({"userName": user.name}));
    case.post(&case.users(), again).await?.error(409, "uniqueness")?;
    Ok(())
}

async fn user_name_is_unique_without_case(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let again = case.user_body(json!({"userName": user.name.to_uppercase()}));
    case.post(&case.users(), again).await?.error(409, "uniqueness")?;
    Ok(())
}

async fn user_name_is_found_without_case(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.filter(&format!("userName eq \"{}\"", user.name.to_uppercase())).await?.finds(&[&user.id])?;
    Ok(())
}

async fn name_has_components(case: &Case<'_>) -> Verdict {
    let name = json!({
        "formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara",
        "middleName": "Jane", "honorificPrefix": "Ms.", "honorificSuffix": "III"
    });
    let user = case.user_with(json!({"name": name})).await?;
    case.read(&user.path).await?.has("/name", name)?;
    Ok(())
}

async fn singular_attributes_come_back(case: &Case<'_>) -> Verdict {
    let sent = json!({
        "displayName": "Babs Jensen", "nickName": "Babs", "profileUrl": "https://login.example/bjensen",
        "title": "Tour Guide", "userType": "Employee", "preferredLanguage": "en-US", "locale": "en-US",
        "timezone": "America/Los_Angeles", "active": true
    });
    for attribute in sent.as_object().into_iter().flatten().map(|(name, _)| name) {
        case.need_attribute(attribute)?;
    }
    let user = case.user_with(sent.clone()).await?;
    let read = case.read(&user.path).await?;
    for (name, value) in sent.as_object().into_iter().flatten() {
        read.has(&format!("/{name}"), value.clone())?;
    }
    Ok(())
}

const PASSWORD: &str = "Conformance-7!pass";

fn must_not_tell(text: &str) -> Verdict {
    ensure!(!text.contains(PASSWORD), "the answer contains the password");
    Ok(())
}

async fn password_is_not_returned(case: &Case<'_>) -> Verdict {
    case.need_attribute("password")?;
    let user = case.user_with(json!({"password": PASSWORD})).await?;
    user.reply.lacks("/password")?;
    must_not_tell(user.reply.text())
}

async fn password_is_not_read(case: &Case<'_>) -> Verdict {
    case.need_attribute("password")?;
    let user = case.user_with(json!({"password": PASSWORD})).await?;
    for path in [user.path.clone(), format!("{}?attributes=password", user.path)] {
        let read = case.read(&path).await?;
        read.lacks("/password")?;
        must_not_tell(read.text())?;
    }
    Ok(())
}

async fn password_is_compared_in_silence(case: &Case<'_>) -> Verdict {
    case.need_attribute("password")?;
    let user = case.user_with(json!({"password": PASSWORD})).await?;
    let found = case.filter(&format!("userName eq \"{}\" and password eq \"{PASSWORD}\"", user.name)).await?;
    if found.code() == 200 {
        found.list()?;
        return must_not_tell(found.text());
    }
    found.status_in(&[400, 403])?.refused()?;
    Ok(())
}

async fn password_is_changed_in_silence(case: &Case<'_>) -> Verdict {
    case.need("changePassword")?;
    case.need_attribute("password")?;
    let user = case.user().await?;
    let put = case.put(&user.path, case.user_body(json!({"userName": user.name, "password": PASSWORD}))).await?;
    put.status(200)?.lacks("/password")?;
    must_not_tell(put.text())?;
    let operations = json!([{"op": "replace", "path": "password", "value": PASSWORD}]);
    let patch = case.patch(&user.path, operations).await?;
    patch.status_in(&[200, 204])?;
    must_not_tell(patch.text())
}

/// Sends a user with these multi-valued attributes and expects all of it back, whatever the server adds.
async fn kept(case: &Case<'_>, attributes: Value) -> Verdict {
    let empty = serde_json::Map::new();
    for name in attributes.as_object().unwrap_or(&empty).keys() {
        case.need_attribute(name)?;
    }
    let user = case.user_with(attributes.clone()).await?;
    let read = case.read(&user.path).await?;
    for (name, elements) in attributes.as_object().unwrap_or(&empty) {
        for (index, element) in elements.as_array().into_iter().flatten().enumerate() {
            for (key, value) in element.as_object().unwrap_or(&empty) {
                read.has(&format!("/{name}/{index}/{key}"), value.clone())?;
            }
        }
    }
    Ok(())
}

async fn emails_come_back(case: &Case<'_>) -> Verdict {
    let value = format!("{}@mail.example", case.name());
    kept(case, json!({"emails": [{"value": value, "type": "home", "primary": true}]})).await
}

async fn phone_numbers_come_back(case: &Case<'_>) -> Verdict {
    kept(case, json!({"phoneNumbers": [{"value": "tel:+1-201-555-0123", "type": "mobile"}]})).await
}

async fn addresses_come_back(case: &Case<'_>) -> Verdict {
    let address = json!({
        "type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "region": "CA",
        "postalCode": "91608", "country": "US", "formatted": "100 Universal City Plaza\nHollywood, CA 91608 USA"
    });
    kept(case, json!({"addresses": [address]})).await
}

async fn photos_ims_entitlements_roles_come_back(case: &Case<'_>) -> Verdict {
    let attributes = json!({
        "ims": [{"value": "someaimhandle", "type": "aim"}],
        "photos": [{"value": "https://photos.example/profilephoto/72930000000Ccne/F", "type": "photo"}]
    });
    kept(case, attributes).await
}

async fn groups_are_read_only(case: &Case<'_>) -> Verdict {
    let group = case.group(&[]).await?;
    let user = case.user_with(json!({"groups": [{"value": group.id}]})).await?;
    case.read(&user.path).await?.lacks("/groups")?;
    case.read(&group.path).await?.lacks("/members")?;
    Ok(())
}

async fn groups_follow_membership(case: &Case<'_>) -> Verdict {
    case.need_attribute("groups")?;
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    let read = case.read(&user.path).await?;
    let found = read.items("/groups")?.iter().any(|entry| entry["value"] == group.id.as_str());
    ensure!(found, "the user's groups do not hold the group {}", group.id);
    case.delete(&group.path).await?.status(204)?;
    case.read(&user.path).await?.lacks("/groups")?;
    Ok(())
}

async fn groups_value_is_an_id(case: &Case<'_>) -> Verdict {
    case.need_attribute("groups.value")?;
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    let read = case.read(&user.path).await?;
    if read.find("/groups")?.is_none() {
        return skip("the server does not list a user's groups");
    }
    read.has("/groups/0/value", group.id)?;
    Ok(())
}

async fn groups_reference_is_the_group(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    let read = case.read(&user.path).await?;
    if read.find("/groups/0/$ref")?.is_some() {
        let reference = read.string("/groups/0/$ref")?;
        ensure!(reference.ends_with(&group.path), "groups.$ref is {reference:?}, the group is at {}", group.path);
    }
    Ok(())
}

async fn enterprise_attributes_come_back(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let extension = json!({
        "employeeNumber": case.name(), "costCenter": "4130", "organization": "Universal Studios",
        "division": "Theme Park", "department": "Tour Operations"
    });
    let user = case.user_with(json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: extension})).await?;
    let read = case.read(&user.path).await?;
    for (name, value) in extension.as_object().into_iter().flatten() {
        read.has(&format!("/{ENTERPRISE}/{name}"), value.clone())?;
    }
    Ok(())
}

async fn manager_is_an_id(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let manager = case.user().await?;
    let extension = json!({"manager": {"value": manager.id}});
    let user = case.user_with(json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: extension})).await?;
    case.read(&user.path).await?.has(&format!("/{ENTERPRISE}/manager/value"), manager.id)?;
    Ok(())
}

async fn manager_reference_is_the_manager(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let manager = case.user().await?;
    let reference = format!("{}{}", case.base(), manager.path);
    let extension = json!({"manager": {"value": manager.id, "$ref": reference}});
    let user = case.user_with(json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: extension})).await?;
    let read = case.read(&user.path).await?;
    let found = read.string(&format!("/{ENTERPRISE}/manager/$ref"))?;
    ensure!(found.ends_with(&manager.id), "manager.$ref is {found:?}, the manager's id is {}", manager.id);
    Ok(())
}

async fn manager_display_name_is_read_only(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let manager = case.user().await?;
    let extension = json!({"manager": {"value": manager.id, "displayName": "Not the name"}});
    let user = case.user_with(json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: extension})).await?;
    let found = case.read(&user.path).await?.json()?[ENTERPRISE]["manager"]["displayName"].clone();
    ensure!(found != "Not the name", "manager.displayName is what the client sent");
    Ok(())
}

async fn minimal_user(case: &Case<'_>) -> Verdict {
    let name = case.name();
    let user = case.create(&case.users(), json!({"schemas": [USER], "userName": name})).await?;
    user.reply.has("/userName", name)?.at("/meta/resourceType")?;
    Ok(())
}

async fn full_user(case: &Case<'_>) -> Verdict {
    let name = case.name();
    kept(
        case,
        json!({
            "emails": [
                {"value": format!("{name}@work.example"), "type": "work", "primary": true},
                {"value": format!("{name}@home.example"), "type": "home"}
            ],
            "addresses": [{"type": "work", "locality": "Hollywood", "country": "US"}, {"type": "home", "locality": "Paris"}],
            "phoneNumbers": [{"value": "555-555-5555", "type": "work"}, {"value": "555-555-4444", "type": "mobile"}],
            "ims": [{"value": "someaimhandle", "type": "aim"}],
            "photos": [{"value": "https://photos.example/F", "type": "photo"}, {"value": "https://photos.example/T", "type": "thumbnail"}]
        }),
    )
    .await
}
