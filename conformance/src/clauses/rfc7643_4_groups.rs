//! RFC 7643 section 4.2: groups.

use serde_json::json;

use super::rfc7643_2_values::reference_of;
use crate::check::{Case, GROUP, Verdict, ensure, sections};

sections! {
    Rfc7643 "4.2" "\"Group\" Resource Schema" {
        Must display_name_is_required "A group has a displayName.";
        Must display_name_comes_back "displayName comes back as it was sent.";
        Must members_come_back "members lists every member by its id.";
        Must member_type_is_told "members.type, if it is there, is User or Group.";
        Must member_reference_is_the_member "members.$ref is the URI of the member.";
        May groups_in_groups "A group may be a member of a group.";
        Must members_can_be_added_and_removed "Members can be added and removed though value is immutable.";
        Must put_replaces_members "A PUT of a group replaces its members.";
        Must group_can_be_filtered_by_name "Groups are found by displayName.";
    }
    Rfc7643 "8.4" "Group Representation" {
        Must group_representation "A group has schemas, id, displayName, meta and its members.";
    }
}

async fn display_name_is_required(case: &Case<'_>) -> Verdict {
    case.post(&case.groups()?, json!({"schemas": [GROUP]})).await?.error(400, "invalidValue")?;
    Ok(())
}

async fn display_name_comes_back(case: &Case<'_>) -> Verdict {
    let name = format!("{} Größe & Co", case.name());
    let group = case.create(&case.groups()?, json!({"schemas": [GROUP], "displayName": name})).await?;
    case.read(&group.path).await?.has("/displayName", name)?;
    Ok(())
}

async fn members_come_back(case: &Case<'_>) -> Verdict {
    let (one, two) = (case.user().await?, case.user().await?);
    let group = case.group(&[&one, &two]).await?;
    let read = case.read(&group.path).await?;
    let mut found: Vec<_> = read.items("/members")?.iter().filter_map(|member| member["value"].as_str()).collect();
    found.sort_unstable();
    let mut expected = [one.id.as_str(), two.id.as_str()];
    expected.sort_unstable();
    ensure!(found == expected, "expected the members {expected:?}, found {found:?}");
    Ok(())
}

async fn member_type_is_told(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    let read = case.read(&group.path).await?;
    if read.find("/members/0/type")?.is_some() {
        read.has("/members/0/type", "User")?;
    }
    Ok(())
}

async fn member_reference_is_the_member(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    let read = case.read(&group.path).await?;
    let reference = reference_of(&read)?;
    ensure!(reference.ends_with(&user.path), "members.$ref is {reference:?}, the user is at {}", user.path);
    Ok(())
}

async fn groups_in_groups(case: &Case<'_>) -> Verdict {
    let inner = case.group(&[]).await?;
    let body =
        json!({"schemas": [GROUP], "displayName": case.name(), "members": [{"value": inner.id, "type": "Group"}]});
    let sent = case.post(&case.groups()?, body).await?;
    if sent.code() == 201 {
        sent.has("/members/0/value", inner.id)?;
        return Ok(());
    }
    sent.refused()?;
    Ok(())
}

async fn members_can_be_added_and_removed(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let group = case.group(&[]).await?;
    let add = json!([{"op": "add", "path": "members", "value": [{"value": user.id}]}]);
    case.patched(&group.path, add).await?.has("/members/0/value", user.id.as_str())?;
    let remove = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", user.id)}]);
    case.patched(&group.path, remove).await?.lacks("/members")?;
    Ok(())
}

async fn put_replaces_members(case: &Case<'_>) -> Verdict {
    let (old, new) = (case.user().await?, case.user().await?);
    let group = case.group(&[&old]).await?;
    let body = json!({"schemas": [GROUP], "displayName": group.name, "members": [{"value": new.id}]});
    case.put(&group.path, body).await?.status(200)?;
    let read = case.read(&group.path).await?;
    read.has("/members/0/value", new.id)?.lacks("/members/1")?;
    Ok(())
}

async fn group_can_be_filtered_by_name(case: &Case<'_>) -> Verdict {
    case.need("filter")?;
    let group = case.group(&[]).await?;
    let filter = format!("displayName eq \"{}\"", group.name);
    case.query(&case.groups()?, &[("filter", &filter)]).await?.finds(&[&group.id])?;
    Ok(())
}

async fn group_representation(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    let read = case.read(&group.path).await?;
    read.has("/id", group.id)?.has("/displayName", group.name)?.has("/members/0/value", user.id)?;
    read.string("/meta/location")?;
    ensure!(read.items("/schemas")?.iter().any(|schema| schema == GROUP), "schemas does not hold {GROUP}");
    Ok(())
}
