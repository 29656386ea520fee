//! RFC 7644 section 3.8: media types and encodings.

use serde_json::json;

use crate::check::{Case, Reply, Stop, Verdict, ensure, sections};
use crate::recording::Method;

sections! {
    Rfc7644 "3.8" "Data Input/Output Formats" {
        Must scim_json_is_accepted "Requests of application/scim+json are accepted.";
        Should json_is_accepted "Requests of application/json are accepted.";
        Must charset_is_accepted "A charset parameter does not matter.";
        Must accept_scim_json "Accept: application/scim+json is supported.";
        Should accept_json "Accept: application/json is supported.";
        Should no_accept_is_scim_json "Without an Accept header the answer is application/scim+json.";
        Should accept_anything "Accept: */* is supported.";
        Must answers_are_scim_json "Answers are of the type application/scim+json.";
        Must errors_are_scim_json "Errors are of the type application/scim+json.";
        Must utf_8_is_kept "Bodies are UTF-8.";
        Must broken_json_is_refused "A body that is not JSON is 400 invalidSyntax.";
        Must other_json_is_refused "A body that is JSON and no object is 400 invalidSyntax.";
        Should suffix_means_json "The suffix .scim asks for the same as the Accept header, or is no endpoint.";
    }
}

async fn create_as(case: &Case<'_>, media_type: &str) -> Verdict {
    let body = case.user_body(json!({})).to_string();
    let sent = case.send_with(Method::Post, &case.users(), Some(body), &[("content-type", Some(media_type))]).await?;
    sent.status(201)?;
    Ok(())
}

async fn read_as(case: &Case<'_>, accept: Option<&str>) -> Result<Reply, Stop> {
    let user = case.user().await?;
    let read = case.send_with(Method::Get, &user.path, None, &[("accept", accept)]).await?;
    read.status(200)?.has("/id", user.id)?;
    Ok(read)
}

fn is_scim_json(reply: &Reply) -> Verdict {
    let found = reply.header("content-type")?;
    let kind = found.split(';').next().unwrap_or_default().trim();
    ensure!(kind.eq_ignore_ascii_case("application/scim+json"), "{}: the content type is {found:?}", reply.asked);
    Ok(())
}

async fn scim_json_is_accepted(case: &Case<'_>) -> Verdict {
    create_as(case, "application/scim+json").await
}

async fn json_is_accepted(case: &Case<'_>) -> Verdict {
    create_as(case, "application/json").await
}

async fn charset_is_accepted(case: &Case<'_>) -> Verdict {
    create_as(case, "application/scim+json; charset=UTF-8").await
}

async fn accept_scim_json(case: &Case<'_>) -> Verdict {
    is_scim_json(&read_as(case, Some("application/scim+json")).await?)
}

async fn accept_json(case: &Case<'_>) -> Verdict {
    let read = read_as(case, Some("application/json")).await?;
    let found = read.header("content-type")?;
    ensure!(found.contains("json"), "the content type is {found:?}");
    Ok(())
}

async fn no_accept_is_scim_json(case: &Case<'_>) -> Verdict {
    is_scim_json(&read_as(case, None).await?)
}

async fn accept_anything(case: &Case<'_>) -> Verdict {
    read_as(case, Some("*/*")).await.map(drop)
}

async fn answers_are_scim_json(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    is_scim_json(&user.reply)?;
    is_scim_json(&case.get(&case.users()).await?)?;
    is_scim_json(&case.get("/ServiceProviderConfig").await?)
}

async fn errors_are_scim_json(case: &Case<'_>) -> Verdict {
    let sent = case.get(&format!("{}/none-of-this-id", case.users())).await?;
    sent.error(404, "")?;
    is_scim_json(&sent)
}

async fn utf_8_is_kept(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Ærøskøbing 東京 🛂"})).await?;
    let read = case.read(&user.path).await?;
    read.has("/displayName", "Ærøskøbing 東京 🛂")?;
    ensure!(!read.text().contains('\u{fffd}'), "the answer is not UTF-8");
    Ok(())
}

async fn broken_json_is_refused(case: &Case<'_>) -> Verdict {
    for body in ["{\"schemas\": [", "userName=x", "{'userName': 'x'}"] {
        let sent = case.send_with(Method::Post, &case.users(), Some(body.to_owned()), &[]).await?;
        sent.error(400, "invalidSyntax")?;
    }
    Ok(())
}

async fn other_json_is_refused(case: &Case<'_>) -> Verdict {
    for body in ["[]", "\"text\"", "null", "7"] {
        let sent = case.send_with(Method::Post, &case.users(), Some(body.to_owned()), &[]).await?;
        sent.error(400, "invalidSyntax")?;
    }
    Ok(())
}

async fn suffix_means_json(case: &Case<'_>) -> Verdict {
    let read = case.get(&format!("{}.scim", case.users())).await?;
    if read.code() == 200 {
        return is_scim_json(&read);
    }
    read.refused()?;
    Ok(())
}
