//! RFC 7644 section 3.4.2.1: where queries can be sent to.

use serde_json::json;

use crate::check::{Case, Reply, Stop, Verdict, ensure, sections, skip};

sections! {
    Rfc7644 "3.4.2.1" "Query Endpoints" {
        Must resource_can_be_queried "A resource can be read with query parameters.";
        Must endpoint_finds_only_its_type "A query of an endpoint finds resources of its type alone.";
        May root_finds_every_type "A query of the server root is about resources of all types.";
        May root_is_restricted_by_type "meta.resourceType restricts a query of the root to types.";
        May root_takes_attributes_that_a_type_lacks "An attribute that a type does not have counts as not there.";
        May root_excludes_resources_that_lack_an_attribute "eq on an attribute that groups do not have finds no group.";
        Must too_many_is_told "A query that would find too much is 400 tooMany, or cut into pages.";
    }
}

async fn resource_can_be_queried(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.get(&format!("{}?attributes=userName", user.path)).await?.status(200)?.has("/userName", user.name)?;
    Ok(())
}

async fn endpoint_finds_only_its_type(case: &Case<'_>) -> Verdict {
    let (user, group) = (case.user().await?, case.group(&[]).await?);
    let filter = format!("id eq \"{}\" or id eq \"{}\"", user.id, group.id);
    case.filter(&filter).await?.finds(&[&user.id])?;
    Ok(())
}

/// A query of the root; skips where the root is not to be queried.
async fn root(case: &Case<'_>, filter: &str) -> Result<Reply, Stop> {
    case.need("filter")?;
    let found = case.query("/", &[("filter", filter)]).await?;
    if [403, 404, 405, 501].contains(&found.code()) {
        found.refused().or_else(|_| found.status(501))?;
        return skip(format!("the server root is not queried: GET / is {}", found.code()));
    }
    Ok(found)
}

async fn root_finds_every_type(case: &Case<'_>) -> Verdict {
    let (user, group) = (case.user().await?, case.group(&[]).await?);
    let filter = format!("id eq \"{}\" or id eq \"{}\"", user.id, group.id);
    root(case, &filter).await?.finds(&[&user.id, &group.id])?;
    Ok(())
}

async fn root_is_restricted_by_type(case: &Case<'_>) -> Verdict {
    let (user, group) = (case.user().await?, case.group(&[]).await?);
    let ids = format!("(id eq \"{}\" or id eq \"{}\")", user.id, group.id);
    let name = group.reply.string("/meta/resourceType")?;
    root(case, &format!("{ids} and meta.resourceType eq \"{name}\"")).await?.finds(&[&group.id])?;
    Ok(())
}

async fn root_takes_attributes_that_a_type_lacks(case: &Case<'_>) -> Verdict {
    let (user, group) = (case.user().await?, case.group(&[]).await?);
    let filter = format!("userName eq \"{}\" or displayName eq \"{}\"", user.name, group.name);
    root(case, &filter).await?.finds(&[&user.id, &group.id])?;
    Ok(())
}

async fn root_excludes_resources_that_lack_an_attribute(case: &Case<'_>) -> Verdict {
    let (user, group) = (case.user().await?, case.group(&[]).await?);
    let ids = format!("(id eq \"{}\" or id eq \"{}\")", user.id, group.id);
    root(case, &format!("{ids} and userName pr")).await?.finds(&[&user.id])?;
    Ok(())
}

async fn too_many_is_told(case: &Case<'_>) -> Verdict {
    case.users_named_alike(&[json!({}), json!({})]).await?;
    let all = case.get(&case.users()).await?;
    if all.code() == 400 {
        all.error(400, "tooMany")?;
        return Ok(());
    }
    let found = all.list()?.len();
    let Some(limit) = case.facts.config["filter"]["maxResults"].as_u64().filter(|limit| *limit > 0) else {
        return Ok(());
    };
    ensure!(found as u64 <= limit, "{found} resources at once, and filter.maxResults is {limit}");
    Ok(())
}
