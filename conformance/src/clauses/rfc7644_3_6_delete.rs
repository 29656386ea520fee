//! RFC 7644 section 3.6: deleting resources.

use serde_json::json;

use crate::check::{Case, Verdict, ensure, sections};

sections! {
    Rfc7644 "3.6" "Deleting Resources" {
        Must delete_is_204 "A successful DELETE is 204 without a body.";
        Must get_is_404 "GET of a deleted resource is 404.";
        Must put_is_404 "PUT of a deleted resource is 404.";
        Must patch_is_404 "PATCH of a deleted resource is 404.";
        Must delete_again_is_404 "DELETE of a deleted resource is 404.";
        Must deleted_is_not_found "A deleted resource is in no query's result.";
        Should name_is_free_again "A deleted resource is in conflict with none that is created.";
        Must unknown_is_404 "DELETE of a resource that never was is 404.";
        Must group_can_be_deleted "A group is deleted, and its members stay.";
    }
}

async fn delete_is_204(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let sent = case.delete(&user.path).await?;
    sent.status(204)?;
    ensure!(sent.text().is_empty(), "a 204 has a body");
    Ok(())
}

async fn get_is_404(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.delete(&user.path).await?.status(204)?;
    case.get(&user.path).await?.error(404, "")?;
    Ok(())
}

async fn put_is_404(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.delete(&user.path).await?.status(204)?;
    case.put(&user.path, case.user_body(json!({}))).await?.error(404, "")?;
    Ok(())
}

async fn patch_is_404(case: &Case<'_>) -> Verdict {
    case.need("patch")?;
    let user = case.user().await?;
    case.delete(&user.path).await?.status(204)?;
    let operations = json!([{"op": "replace", "path": "displayName", "value": "x"}]);
    case.patch(&user.path, operations).await?.error(404, "")?;
    Ok(())
}

async fn delete_again_is_404(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.delete(&user.path).await?.status(204)?;
    case.delete(&user.path).await?.error(404, "")?;
    Ok(())
}

async fn deleted_is_not_found(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.delete(&user.path).await?.status(204)?;
    case.filter(&format!("userName eq \"{}\"", user.name)).await?.finds(&[])?;
    Ok(())
}

async fn name_is_free_again(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.delete(&user.path).await?.status(204)?;
    case.user_with(json!({"userName": user.name})).await?;
    Ok(())
}

async fn unknown_is_404(case: &Case<'_>) -> Verdict {
    let path = format!("{}/00000000-0000-4000-8000-000000000000", case.users());
    case.delete(&path).await?.error(404, "")?;
    Ok(())
}

async fn group_can_be_deleted(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    case.delete(&group.path).await?.status(204)?;
    case.get(&group.path).await?.error(404, "")?;
    case.read(&user.path).await?.has("/id", user.id)?;
    Ok(())
}
