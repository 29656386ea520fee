//! RFC 7644 sections 3.4.1 and 3.4.2: reading one resource, and lists.

use serde_json::json;

use crate::check::{Case, Verdict, ensure, sections};

sections! {
    Rfc7644 "3.4.1" "Retrieving a Known Resource" {
        Must known_is_200 "A resource that exists is answered with 200 and the resource.";
        Must unknown_is_404 "A resource that does not exist is 404.";
        Must id_of_another_type_is_404 "The id of a user names no group.";
        Must odd_ids_are_404 "Ids that no resource can have are 404 and no internal error.";
        Should etag_is_sent "The answer carries the resource's ETag.";
    }
    Rfc7644 "3.4.2" "Query Resources" {
        Must list_has_its_schema "A list is identified by the URI of ListResponse.";
        Must total_is_an_integer "totalResults is an integer.";
        Must resources_are_a_list "Resources is a list.";
        Must nothing_found_is_200 "A query without matches is 200 with totalResults 0.";
        Must partial_results_say_where "startIndex and itemsPerPage are there when a page is part of the results.";
        Should unknown_parameters_are_ignored "Query parameters that the server does not know are ignored.";
        Must list_holds_resources "Resources of a list are as those read one by one.";
    }
}

async fn known_is_200(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.get(&user.path).await?.status(200)?.has("/id", user.id)?;
    Ok(())
}

async fn unknown_is_404(case: &Case<'_>) -> Verdict {
    let path = format!("{}/00000000-0000-4000-8000-000000000000", case.users());
    case.get(&path).await?.error(404, "")?;
    Ok(())
}

async fn id_of_another_type_is_404(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.get(&format!("{}/{}", case.groups()?, user.id)).await?.error(404, "")?;
    Ok(())
}

async fn odd_ids_are_404(case: &Case<'_>) -> Verdict {
    for id in ["%27%20OR%201%3D1", "%00", "a%20b", "..%2F", &"x".repeat(300), "%F0%9F%98%80"] {
        let read = case.get(&format!("{}/{id}", case.users())).await?;
        read.status_in(&[400, 404])?.refused()?;
    }
    Ok(())
}

async fn etag_is_sent(case: &Case<'_>) -> Verdict {
    case.need("etag")?;
    let user = case.user().await?;
    case.read(&user.path).await?.header("etag")?;
    Ok(())
}

async fn list_has_its_schema(case: &Case<'_>) -> Verdict {
    case.get(&case.users()).await?.list()?;
    Ok(())
}

async fn total_is_an_integer(case: &Case<'_>) -> Verdict {
    case.user().await?;
    let list = case.get(&case.users()).await?;
    ensure!(list.integer("/totalResults")? >= 1, "totalResults is less than the one user that is there");
    Ok(())
}

async fn resources_are_a_list(case: &Case<'_>) -> Verdict {
    case.user().await?;
    let list = case.get(&case.users()).await?;
    ensure!(list.at("/Resources")?.is_array(), "Resources is not a list");
    Ok(())
}

async fn nothing_found_is_200(case: &Case<'_>) -> Verdict {
    let found = case.filter(&format!("userName eq \"{}\"", case.name())).await?;
    found.status(200)?.has("/totalResults", 0)?.finds(&[])?;
    Ok(())
}

async fn partial_results_say_where(case: &Case<'_>) -> Verdict {
    case.need("filter")?;
    let (prefix, _) = case.users_named_alike(&[json!({}), json!({}), json!({})]).await?;
    let filter = format!("userName sw \"{prefix}\"");
    let page = case.query(&case.users(), &[("filter", &filter), ("startIndex", "1"), ("count", "2")]).await?;
    page.status(200)?.has("/totalResults", 3)?.has("/startIndex", 1)?;
    let found = page.items("/Resources")?.len();
    page.has("/itemsPerPage", found)?;
    ensure!(found <= 2, "{found} resources on a page of two");
    Ok(())
}

async fn unknown_parameters_are_ignored(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.get(&format!("{}?aadOptscim062020&scimgate-unknown=1", user.path)).await?.status(200)?;
    case.get(&format!("{}?someFutureParameter=yes&count=1", case.users())).await?.list()?;
    Ok(())
}

async fn list_holds_resources(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Both ways"})).await?;
    let read = case.read(&user.path).await?;
    let list = case.filter(&format!("userName eq \"{}\"", user.name)).await?;
    for key in ["id", "userName", "displayName", "schemas", "meta", "emails", "name"] {
        list.has(&format!("/Resources/0/{key}"), read.at(&format!("/{key}"))?.clone())?;
    }
    Ok(())
}
