//! What identity providers expect beside the RFCs, asked of the server; and the removal of what was created.

use std::net::IpAddr;

use scimgate_conformance::check::{Case, Check, Level, Rfc, Section, Verdict, fail, skip};
use scimgate_conformance::recording::Method;
use serde_json::{Value, json};

use super::{Expectation, MARK};

/// Wrong credentials that are sent to see where they end.
const WRONG: usize = 15;
/// The number of the sections below, which stand in no RFC.
pub const OWN: &str = "check";

macro_rules! checks {
    ($name:ident $title:literal { $($check:ident $clause:literal;)+ }) => {
        pub const $name: &[Section] = &[Section {
            rfc: Rfc::Rfc7644,
            number: OWN,
            title: $title,
            checks: &[$(Check {
                level: Level::Must,
                name: stringify!($check),
                clause: $clause,
                run: |case| Box::pin($check(case)),
            }),+],
        }];
    };
}

checks! { REACH "the server" {
    is_reached "The server answers at --url, with this tenant's token. Start it, or name its URL with --url.";
} }

checks! { ENTRA "Microsoft Entra ID" {
    public_url "Clients reach the server over https under a name that the internet knows; set --public-url.";
    test_connection "Test Connection asks for a user that does not exist, and needs an empty list.";
    matching "Matching finds a user by userName in any case, by externalId and by the work e-mail.";
    inactive_is_found "A user who was disabled is still found.";
    flag_is_ignored "The flag aadOptscim062020 in the tenant URL changes no answer.";
} }

checks! { OKTA "Okta" {
    public_url "Clients reach the server over https under a name that the internet knows; set --public-url.";
    no_underscore "The base URL has no underscore.";
    test_connection "Matching a user that does not exist needs an empty list.";
    integers "totalResults, startIndex and itemsPerPage are numbers.";
    bad_authorization "A header that is no credential gets a SCIM error with detail and status.";
} }

checks! { IPSIE "IPSIE SCIM, account lifecycle 1" {
    public_url "Clients reach the server over https under a name that the internet knows; set --public-url.";
    matching "Filters on userName, externalId and emails[value eq] find the user.";
    too_many "Who is refused with 429 is told by Retry-After how long to wait; leave --failed-auth-limit at 10.";
} }

checks! { CLEANING "what is left over" {
    users_are_removed "What the check created is removed; delete users whose userName has scimgatecheck in it.";
    groups_are_removed "What the check created is removed; delete groups whose displayName has scimgatecheck in it.";
} }

/// What one provider expects.
pub fn of(expectation: Expectation) -> &'static [Section] {
    match expectation {
        Expectation::Entra => ENTRA,
        Expectation::Okta => OKTA,
        Expectation::Ipsie => IPSIE,
    }
}

async fn is_reached(case: &Case<'_>) -> Verdict {
    case.get("/ServiceProviderConfig").await?.status(200)?;
    case.get("/Users?count=1").await?.status(200)?;
    Ok(())
}

/// The URL that the server gives itself.
async fn own_url(case: &Case<'_>) -> Result<String, scimgate_conformance::check::Stop> {
    Ok(case.get("/ServiceProviderConfig").await?.string("/meta/location")?.to_owned())
}

async fn public_url(case: &Case<'_>) -> Verdict {
    let url = own_url(case).await?;
    let host = host(&url);
    let is_local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if is_local {
        return fail(format!("the server calls itself {url}, which no identity provider can reach"));
    }
    if url.starts_with("https://") { Ok(()) } else { fail(format!("the server calls itself {url}, without https")) }
}

fn host(url: &str) -> &str {
    let authority = url.split_once("://").map_or("", |(_, rest)| rest).split('/').next().unwrap_or_default();
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

async fn no_underscore(case: &Case<'_>) -> Verdict {
    let url = own_url(case).await?;
    if host(&url).contains('_') { fail(format!("{url} has an underscore in its name")) } else { Ok(()) }
}

async fn test_connection(case: &Case<'_>) -> Verdict {
    let filter = format!("userName eq \"{}\"", case.name());
    let reply = case.query("/Users", &[("filter", &filter), ("startIndex", "1"), ("count", "100")]).await?;
    reply.finds(&[])?;
    reply.has("/totalResults", 0)?;
    Ok(())
}

async fn matching(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({ "externalId": case.name() })).await?;
    let external = user.reply.string("/externalId")?.to_owned();
    let email = user.reply.string("/emails/0/value")?.to_owned();
    for filter in [
        format!("userName eq \"{}\"", user.name.to_uppercase()),
        format!("externalId eq \"{external}\""),
        format!("emails[type eq \"work\"].value eq \"{email}\""),
        format!("emails[value eq \"{email}\"]"),
    ] {
        case.query("/Users", &[("filter", &filter)]).await?.finds(&[&user.id])?;
    }
    Ok(())
}

async fn inactive_is_found(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let disable = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
    case.patched(&user.path, disable).await?.has("/active", false)?;
    let filter = format!("userName eq \"{}\"", user.name);
    case.query("/Users", &[("filter", &filter)]).await?.finds(&[&user.id])?;
    Ok(())
}

async fn flag_is_ignored(case: &Case<'_>) -> Verdict {
    case.get("/Users?aadOptscim062020&count=1").await?.status(200)?;
    Ok(())
}

async fn integers(case: &Case<'_>) -> Verdict {
    let reply = case.get("/Users?startIndex=1&count=1").await?;
    for field in ["/totalResults", "/startIndex", "/itemsPerPage"] {
        reply.integer(field)?;
    }
    Ok(())
}

async fn bad_authorization(case: &Case<'_>) -> Verdict {
    let reply = case.send_with(Method::Get, "/Users", None, &[("authorization", Some("non-token"))]).await?;
    reply.error(401, "")?.string("/detail")?;
    reply.has("/status", "401")?;
    Ok(())
}

async fn too_many(case: &Case<'_>) -> Verdict {
    for _ in 0..WRONG {
        let wrong = [("authorization", Some("Bearer no-token-of-this-server"))];
        let reply = case.get_once("/Users", &wrong).await?;
        if reply.code() == 429 {
            let wait = reply.header("retry-after")?;
            return if wait.parse::<u32>().is_ok() {
                Ok(())
            } else {
                fail(format!("Retry-After is {wait}, no whole seconds"))
            };
        }
        reply.status(401)?;
    }
    fail(format!("{WRONG} wrong credentials in a row were answered with 401 and none with 429"))
}

async fn users_are_removed(case: &Case<'_>) -> Verdict {
    remove(case, "/Users", "userName").await
}

async fn groups_are_removed(case: &Case<'_>) -> Verdict {
    remove(case, "/Groups", "displayName").await
}

/// Removes what has the mark of this run in its name, until there is none.
async fn remove(case: &Case<'_>, endpoint: &str, attribute: &str) -> Verdict {
    let name = case.name();
    let Some(tag) = tag(&name) else { return skip("the run has no mark") };
    let filter = format!("{attribute} co \"{tag}\"");
    let mut left = usize::MAX;
    loop {
        let found = case.query(endpoint, &[("filter", &filter), ("attributes", "id"), ("count", "100")]).await?;
        let ids: Vec<_> =
            found.list()?.iter().filter_map(|resource| resource["id"].as_str().map(Value::from)).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let total = usize::try_from(found.integer("/totalResults")?).unwrap_or(usize::MAX);
        if total >= left {
            return fail(format!("{total} stay at {endpoint}, whose names contain {tag}"));
        }
        left = total;
        for id in ids.iter().filter_map(Value::as_str) {
            case.delete(&format!("{endpoint}/{id}")).await?.status_in(&[204, 404])?;
        }
    }
}

/// The mark of a run, with its digits, in a name that a case has made.
fn tag(name: &str) -> Option<&str> {
    let at = name.find(MARK)?;
    let digits = name[at + MARK.len()..].find(|c: char| !c.is_ascii_digit())?;
    Some(&name[at..at + MARK.len() + digits])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_found_in_names() {
        assert_eq!(tag("cfscimgatecheck123n7-1"), Some("scimgatecheck123"));
        assert_eq!(tag("anything"), None);
    }

    #[test]
    fn hosts_stand_without_ports() {
        assert_eq!(host("https://scim.example.com:8443/scim/v2/x"), "scim.example.com");
        assert_eq!(host("http://[::1]:80/x"), "::1");
    }
}
