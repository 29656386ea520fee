//! RFC 7644 section 2: who is asking.

use crate::check::{Case, Verdict, ensure, sections};
use crate::recording::Method;

sections! {
    Rfc7644 "2" "Authentication and Authorization" {
        Must no_credentials_are_refused "A request without credentials is not served.";
        Must wrong_token_is_refused "A token that the server has not issued is not accepted.";
        Must other_scheme_is_refused "Credentials of a scheme that is not offered are not accepted.";
        Must challenge_names_a_scheme "A 401 carries a WWW-Authenticate header with the supported scheme.";
        Must nothing_is_written_without_credentials "A request without credentials changes nothing.";
        Must token_is_not_echoed "The token is not in an answer.";
    }
}

const NO_CREDENTIALS: (&str, Option<&str>) = ("authorization", None);

async fn no_credentials_are_refused(case: &Case<'_>) -> Verdict {
    let asked = case.send_with(Method::Get, &case.users(), None, &[NO_CREDENTIALS]).await?;
    asked.error(401, "")?;
    Ok(())
}

async fn wrong_token_is_refused(case: &Case<'_>) -> Verdict {
    let headers = [("authorization", Some("Bearer not-a-token-of-this-server"))];
    case.send_with(Method::Get, &case.users(), None, &headers).await?.error(401, "")?;
    Ok(())
}

async fn other_scheme_is_refused(case: &Case<'_>) -> Verdict {
    let headers = [("authorization", Some("Nonsense abc"))];
    case.send_with(Method::Get, &case.users(), None, &headers).await?.error(401, "")?;
    Ok(())
}

async fn challenge_names_a_scheme(case: &Case<'_>) -> Verdict {
    let asked = case.send_with(Method::Get, &case.users(), None, &[NO_CREDENTIALS]).await?;
    asked.status(401)?.header("www-authenticate")?;
    Ok(())
}

async fn nothing_is_written_without_credentials(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.send_with(Method::Delete, &user.path, None, &[NO_CREDENTIALS]).await?.status(401)?;
    case.read(&user.path).await?.has("/id", user.id)?;
    Ok(())
}

async fn token_is_not_echoed(case: &Case<'_>) -> Verdict {
    let secret = "Bearer conformance-secret-value";
    let asked = case.send_with(Method::Get, &case.users(), None, &[("authorization", Some(secret))]).await?;
    ensure!(!asked.text().contains("conformance-secret-value"), "the answer repeats the token that was sent");
    Ok(())
}
