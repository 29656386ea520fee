//! RFC 7644 section 3.5.2.1: PATCH add.

use serde_json::json;

use crate::check::{Case, ENTERPRISE, Verdict, ensure, sections};

sections! {
    Rfc7644 "3.5.2.1" "Add Operation" {
        Must add_needs_a_value "An add has a value.";
        Must add_a_single_value "An add of an attribute that is not there sets it.";
        Must add_replaces_a_single_value "An add of a single-valued attribute replaces its value.";
        Must add_without_path "Without a path the value holds the attributes to add.";
        Must add_without_path_merges_complex "Without a path a complex attribute keeps the sub-attributes that are not named.";
        Must add_appends_to_several "An add to a multi-valued attribute appends.";
        Must add_several_at_once "A list of values is added whole.";
        Must add_to_a_complex_attribute "An add to a complex attribute sets the sub-attributes that are given.";
        Must add_a_sub_attribute "An add by path of a sub-attribute sets it alone.";
        Should add_of_what_is_there_changes_nothing "An add of a value that is there already changes nothing and succeeds.";
        Must add_of_what_is_there_keeps_the_time "Such an add leaves meta.lastModified.";
        Must add_a_member "An add to members makes a member.";
        Must add_a_member_twice "A member is no member twice.";
        Must add_to_an_element "An add by a value path sets the sub-attribute of the elements that match.";
        Must add_an_extension "An add of an extension's attributes without a path.";
    }
}

async fn add_needs_a_value(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.patch(&user.path, json!([{"op": "add", "path": "displayName"}])).await?.status(400)?.refused()?;
    Ok(())
}

async fn add_a_single_value(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "add", "path": "displayName", "value": "Added"}]);
    case.patched(&user.path, operations).await?.has("/displayName", "Added")?;
    Ok(())
}

async fn add_replaces_a_single_value(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Before"})).await?;
    let operations = json!([{"op": "add", "path": "displayName", "value": "After"}]);
    case.patched(&user.path, operations).await?.has("/displayName", "After")?;
    Ok(())
}

async fn add_without_path(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let mail = format!("{}@added.example", case.name());
    let value = json!({"displayName": "Added", "emails": [{"value": mail, "type": "home"}]});
    let read = case.patched(&user.path, json!([{"op": "add", "value": value}])).await?;
    read.has("/displayName", "Added")?;
    ensure!(read.items("/emails")?.len() == 2, "expected two e-mail addresses, found {}", read.items("/emails")?.len());
    Ok(())
}

async fn add_without_path_merges_complex(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "add", "value": {"name": {"middleName": "Mid"}}}]);
    let read = case.patched(&user.path, operations).await?;
    read.has("/name/middleName", "Mid")?.has("/name/givenName", "Given")?;
    Ok(())
}

async fn add_appends_to_several(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let mail = json!([{"value": format!("{}@added.example", case.name()), "type": "home"}]);
    let read = case.patched(&user.path, json!([{"op": "add", "path": "emails", "value": mail}])).await?;
    let kinds: Vec<_> = read.items("/emails")?.iter().map(|mail| mail["type"].as_str()).collect();
    ensure!(kinds.len() == 2, "expected the old and the new e-mail address, found {kinds:?}");
    Ok(())
}

async fn add_several_at_once(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let name = case.name();
    let mails = json!([
        {"value": format!("{name}@a.example"), "type": "home"}, {"value": format!("{name}@b.example"), "type": "other"}
    ]);
    let read = case.patched(&user.path, json!([{"op": "add", "path": "emails", "value": mails}])).await?;
    ensure!(read.items("/emails")?.len() == 3, "expected three e-mail addresses");
    Ok(())
}

async fn add_to_a_complex_attribute(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "add", "path": "name", "value": {"honorificPrefix": "Dr."}}]);
    let read = case.patched(&user.path, operations).await?;
    read.has("/name/honorificPrefix", "Dr.")?.has("/name/familyName", "Family")?;
    Ok(())
}

async fn add_a_sub_attribute(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "add", "path": "name.honorificSuffix", "value": "III"}]);
    let read = case.patched(&user.path, operations).await?;
    read.has("/name/honorificSuffix", "III")?.has("/name/givenName", "Given")?;
    Ok(())
}

async fn add_of_what_is_there_changes_nothing(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let mail = user.reply.at("/emails/0")?.clone();
    let read = case.patched(&user.path, json!([{"op": "add", "path": "emails", "value": [mail]}])).await?;
    ensure!(read.items("/emails")?.len() == 1, "the same e-mail address is there twice");
    Ok(())
}

async fn add_of_what_is_there_keeps_the_time(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Same"})).await?;
    // Some servers write whole seconds.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let operations = json!([{"op": "add", "path": "displayName", "value": "Same"}]);
    let read = case.patched(&user.path, operations).await?;
    read.has("/meta/lastModified", user.reply.string("/meta/lastModified")?)?;
    Ok(())
}

async fn add_a_member(case: &Case<'_>) -> Verdict {
    let (user, group) = (case.user().await?, case.group(&[]).await?);
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": user.id}]}]);
    case.patched(&group.path, operations).await?.has("/members/0/value", user.id)?;
    Ok(())
}

async fn add_a_member_twice(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": user.id}]}]);
    case.patched(&group.path, operations).await?.has("/members/0/value", user.id)?.lacks("/members/1")?;
    Ok(())
}

async fn add_to_an_element(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "add", "path": "emails[type eq \"work\"].display", "value": "At work"}]);
    case.patched(&user.path, operations).await?.has("/emails/0/display", "At work")?.has("/emails/0/type", "work")?;
    Ok(())
}

async fn add_an_extension(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let user = case.user().await?;
    let operations = json!([{"op": "add", "value": {ENTERPRISE: {"department": "Tours"}}}]);
    case.patched(&user.path, operations).await?.has(&format!("/{ENTERPRISE}/department"), "Tours")?;
    Ok(())
}
