//! RFC 7644 section 3.11: the authenticated subject.

use serde_json::json;

use crate::check::{Case, Reply, Stop, Verdict, ensure, sections, skip};

sections! {
    Rfc7644 "3.11" "\"/Me\" Authenticated Subject Alias" {
        Should me_is_answered_in_one_of_the_ways "/Me is 501, 308, 404 without a subject, or the subject's resource.";
        Must me_location_is_permanent "Location of an answer at /Me is the permanent URL of the resource.";
        Must redirect_names_the_resource "A 308 names the resource in Location.";
        Must me_is_the_same_resource "/Me is the resource that its location leads to.";
        May me_is_modified_like_the_resource "A PATCH of /Me, where it is processed, is one of the resource.";
    }
}

async fn me(case: &Case<'_>) -> Result<Reply, Stop> {
    let read = case.get("/Me").await?;
    match read.code() {
        200 | 308 => Ok(read),
        other => skip(format!("/Me is answered with {other}: this token is no user's, or the server has no /Me")),
    }
}

async fn me_is_answered_in_one_of_the_ways(case: &Case<'_>) -> Verdict {
    let read = case.get("/Me").await?;
    read.status_in(&[200, 308, 403, 404, 501])?;
    if read.code() >= 400 {
        read.error(read.code(), "")?;
    }
    Ok(())
}

async fn me_location_is_permanent(case: &Case<'_>) -> Verdict {
    let read = me(case).await?;
    let location = read.header("location")?;
    ensure!(!location.ends_with("/Me"), "Location is {location:?}");
    Ok(())
}

async fn redirect_names_the_resource(case: &Case<'_>) -> Verdict {
    let read = me(case).await?;
    if read.code() == 200 {
        return skip("/Me is processed directly");
    }
    let location = read.header("location")?;
    let Some(path) = case.path_of(location) else { return read.wrong("Location is no URL of a resource") };
    case.read(&path).await?.at("/id")?;
    Ok(())
}

async fn me_is_the_same_resource(case: &Case<'_>) -> Verdict {
    let read = me(case).await?;
    if read.code() == 308 {
        return skip("/Me redirects");
    }
    let location = read.string("/meta/location")?;
    let Some(path) = case.path_of(location) else { return read.wrong("meta.location is no URL of a resource") };
    case.read(&path).await?.has("/id", read.at("/id")?.clone())?;
    Ok(())
}

async fn me_is_modified_like_the_resource(case: &Case<'_>) -> Verdict {
    let read = me(case).await?;
    if read.code() == 308 {
        return skip("/Me redirects");
    }
    // The subject keeps the name that it has.
    let operations = json!([{"op": "replace", "path": "userName", "value": read.string("/userName")?}]);
    let sent = case.patch("/Me", operations).await?;
    if [403, 501].contains(&sent.code()) {
        return skip(format!("PATCH of /Me is answered with {}", sent.code()));
    }
    sent.status_in(&[200, 204])?;
    case.get("/Me").await?.status(200)?.has("/id", read.at("/id")?.clone())?;
    Ok(())
}
