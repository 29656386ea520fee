//! `/console/t/{slug}/users`, `groups` and `resources/{type}`: lists of resources, searched by text or by SCIM filters.

use std::sync::Arc;

use serde_json::Value;

use super::error::{ConsoleError, sentence};
use super::fields::query;
use super::pages::{Found, Here, Notice, OrganizationsOff, Pager, ResourcePart, Resources, Row, Status, Tone, Wrong};
use super::{ConsoleAnswer, Place, Visit, history, organizations, reply, resource};
use crate::model::Stored;
use crate::scim::filter::CheckedFilter;
use crate::scim::path::AttrPath;
use crate::scim::schema::own::ORGANIZATION;
use crate::scim::schema::{AttributeType, ResourceType};
use crate::store::{Page, Part, Start};

/// Rows on a page.
const SIZE: u64 = 50;
/// What can be searched for is as long as a filter may be.
const MAX_TEXT: usize = 200;

/// Hands a request to the list or to one resource.
pub async fn route(visit: &Visit<'_>, place: &Place, name: &str, path: &[&str]) -> ConsoleAnswer {
    let Some(kind) = place.catalog.named(name) else {
        // The navigation leads there in any case.
        let is_off = name == ORGANIZATION && path.is_empty() && !visit.is_post();
        let shell = || visit.shell("Organizations", Here::Resources(ORGANIZATION.into()), place);
        return if is_off { reply::page(&OrganizationsOff { shell: shell() }) } else { Err(ConsoleError::NotFound) };
    };
    let id = |text: &str| text.parse().map_err(|_| ConsoleError::NotFound);
    match (path, visit.is_post()) {
        ([], false) => list(visit, place, kind, None).await,
        ([], true) if organizations::is_ours(kind) => organizations::create(visit, place, kind).await,
        ([text, "keychain"], true) if organizations::is_ours(kind) => {
            organizations::set(visit, place, kind, id(text)?).await
        }
        ([text], false) => resource::resource(visit, place, kind, id(text)?, None).await,
        ([text, "restore"], true) => history::restore(visit, place, kind, id(text)?).await,
        _ => Err(ConsoleError::NotFound),
    }
}

/// The address of the list of a type.
pub fn url(place: &Place, kind: &str) -> String {
    let slug = &place.tenant.slug;
    match kind {
        "User" => format!("/console/t/{slug}/users"),
        "Group" => format!("/console/t/{slug}/groups"),
        name => format!("/console/t/{slug}/resources/{name}"),
    }
}

/// What resources of a type are called together.
pub fn plural(kind: &str) -> String {
    match kind {
        "User" => "Users".to_owned(),
        "Group" => "Groups".to_owned(),
        ORGANIZATION => "Organizations".to_owned(),
        name => name.to_owned(),
    }
}

/// Shows the resources of a type, with why something was refused.
pub async fn list(
    visit: &Visit<'_>,
    place: &Place,
    kind: &Arc<ResourceType>,
    problem: Option<Notice>,
) -> ConsoleAnswer {
    let searched = visit.query.get("q");
    let outcome = match selection(searched, kind) {
        Ok(filter) => found(visit, place, kind, filter.as_ref()).await?,
        Err(wrong) => Found::Wrong(wrong),
    };
    let plural = plural(&kind.name);
    let (intro, icon, placeholder, example, columns) = match kind.name.as_str() {
        "User" => (
            "Everybody whom the connections have pushed.".to_owned(),
            "users",
            "User name, name, e-mail address, employee number or id",
            "userName co \"ann\" and active eq true",
            ["Name", "E-mail", "State"],
        ),
        "Group" => (
            "Groups, with members that may be users and other groups.".to_owned(),
            "groups",
            "Name or id",
            "displayName co \"staff\"",
            ["Name", "External id", "Version"],
        ),
        ORGANIZATION => (
            "What people are invited to, and belong to. A user can belong to many.".to_owned(),
            "organizations",
            "Name or id",
            "customer eq \"Acme\"",
            ["Name", "Customer", "Version"],
        ),
        _ => (
            kind.description.clone(),
            "resources",
            "Name or id",
            "meta.lastModified gt \"2026-01-01T00:00:00Z\"",
            ["Name", "External id", "Version"],
        ),
    };
    reply::page(&Resources {
        shell: visit.shell(&plural, Here::Resources(kind.name.clone()), place),
        plural,
        intro,
        url: url(place, &kind.name),
        icon,
        query: searched.to_owned(),
        placeholder,
        hint: "What begins with the text is found.",
        example,
        columns,
        creates: organizations::is_ours(kind),
        problem,
        outcome,
    })
}

async fn found(
    visit: &Visit<'_>,
    place: &Place,
    kind: &Arc<ResourceType>,
    filter: Option<&CheckedFilter>,
) -> Result<Found, ConsoleError> {
    let offset: u64 = visit.query.get("offset").parse().unwrap_or(0);
    let parts = [Part { kind, filter, sort: None }];
    let page = Page { start: Start::Offset(offset), ..Page::first(&parts, SIZE as u32) };
    let listed = visit.store(place).list(&page).await?;
    let searched = visit.query.get("q");
    let at = |offset: u64| {
        let offset = if offset == 0 { String::new() } else { offset.to_string() };
        format!("{}{}", url(place, &kind.name), query(&[("q", searched), ("offset", &offset)]))
    };
    let shown = listed.resources.len() as u64;
    let rows = listed.resources.iter().map(|stored| row(visit, kind, stored)).collect();
    Ok(Found::Page(ResourcePart { rows, pager: Pager::of(listed.total, offset, shown, SIZE, at) }))
}

fn row(visit: &Visit<'_>, kind: &ResourceType, stored: &Stored) -> Row {
    let document: Value = serde_json::from_str(&stored.document).unwrap_or_default();
    let (name, second) = names(&document, stored);
    let is_user = kind.name == "User";
    Row {
        id: stored.id.to_string(),
        name,
        second,
        text: match kind.name.as_str() {
            "User" => email(&document),
            ORGANIZATION => text(&document, "customer"),
            _ => text(&document, "externalId"),
        },
        status: is_user.then(|| active(&document)),
        note: stored.version.0.to_string(),
        changed: visit.moment(stored.modified_at),
    }
}

/// A resource's name for people, and what it is called beside.
pub fn names(document: &Value, stored: &Stored) -> (String, Option<String>) {
    let user_name = text(document, "userName");
    let display = text(document, "displayName").or_else(|| text(document, "name")).or_else(|| full_name(document));
    match (display, user_name) {
        (Some(display), Some(user_name)) if display != user_name => (display, Some(user_name)),
        (Some(name), _) | (None, Some(name)) => (name, None),
        (None, None) => (text(document, "externalId").unwrap_or_else(|| stored.id.to_string()), None),
    }
}

fn full_name(document: &Value) -> Option<String> {
    let name = document.get("name")?;
    let parts = ["givenName", "familyName"].into_iter().filter_map(|part| text(name, part));
    let joined = parts.collect::<Vec<_>>().join(" ");
    text(name, "formatted").or(Some(joined)).filter(|name| !name.is_empty())
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn email(document: &Value) -> Option<String> {
    let emails = document.get("emails")?.as_array()?;
    let primary = emails.iter().find(|email| email.get("primary") == Some(&Value::Bool(true)));
    text(primary.or(emails.first())?, "value")
}

/// Whether a user may sign in. Who is not said to be inactive may.
pub fn active(document: &Value) -> Status {
    match document.get("active") {
        Some(Value::Bool(false)) => Status::new(Tone::Off, "Inactive"),
        _ => Status::new(Tone::Ok, "Active"),
    }
}

/// What a text in the search field selects: a filter if it looks like one, else what begins with it.
fn selection(searched: &str, kind: &ResourceType) -> Result<Option<CheckedFilter>, Wrong> {
    if searched.is_empty() {
        return Ok(None);
    }
    let filter = if is_filter(searched, kind) { searched.to_owned() } else { beginning(searched, kind) };
    let wrong = |error: crate::scim::filter::FilterError| {
        let told = format!("At position {}: {}", error.position, error.kind);
        Wrong::new(&filter, error.position, sentence(&told))
    };
    CheckedFilter::parse(&filter, kind).map(Some).map_err(wrong)
}

/// A text is a filter if it begins as one: with a bracket, with `not`, or with the name of an attribute and more behind it.
fn is_filter(text: &str, kind: &ResourceType) -> bool {
    if text.starts_with('(') || text.contains('[') {
        return true;
    }
    let Some((first, rest)) = text.split_once(' ') else { return false };
    let is_attribute = || AttrPath::parse(first).is_ok_and(|path| kind.resolve(&path).is_some());
    !rest.trim().is_empty() && (first.eq_ignore_ascii_case("not") || is_attribute())
}

/// The filter for everything that begins with `text`, among the attributes that the type has.
fn beginning(text: &str, kind: &ResourceType) -> String {
    const STARTS: [&str; 6] =
        ["userName", "displayName", "name.formatted", "name.familyName", "name.givenName", "emails.value"];
    const WHOLE: [&str; 3] =
        ["id", "externalId", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"];
    let text: String = text.chars().take(MAX_TEXT).collect();
    let quoted = Value::String(text).to_string();
    let has = |path: &&str| AttrPath::parse(path).is_ok_and(|path| kind.resolve(&path).is_some());
    // Of a person the name has parts, of anything else it may be a text.
    let is_text = |name: &str| {
        let mut attributes = kind.schema.attributes.iter();
        attributes.any(|attribute| attribute.name == name && attribute.kind == AttributeType::String)
    };
    let named = is_text("name").then(|| format!("name sw {quoted}"));
    let starts = STARTS.iter().filter(|path| has(path)).map(|path| format!("{path} sw {quoted}"));
    let whole = WHOLE.iter().filter(|path| has(path)).map(|path| format!("{path} eq {quoted}"));
    named.into_iter().chain(starts).chain(whole).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::builtin;

    fn user() -> &'static ResourceType {
        builtin().named("User").unwrap()
    }

    #[test]
    fn a_filter_is_told_from_a_name() {
        for filter in ["userName eq \"a\"", "userName xx", "(active eq true)", "not (active pr)", "emails[type pr]"] {
            assert!(is_filter(filter, user()), "{filter}");
        }
        for name in ["ada", "Ada Lovelace", "userName", "userName ", "o'neil \"ed\" eq", "ada@example.org"] {
            assert!(!is_filter(name, user()), "{name}");
        }
    }

    #[test]
    fn every_text_can_be_searched_for() {
        for kind in builtin().resource_types() {
            for text in ["a", "\"", "\\", "\" or userName pr or userName eq \"", "\u{7}", &"x".repeat(5_000)] {
                assert!(selection(text, kind).is_ok(), "{}: {text}", kind.name);
            }
        }
        assert!(selection("", user()).unwrap().is_none());
        assert!(!beginning("a", builtin().named("Group").unwrap()).contains("userName"));
    }

    #[test]
    fn a_mistake_is_shown_where_it_is() {
        let wrong = selection("userName xx \"a\"", user()).unwrap_err();
        assert_eq!((&*wrong.before, &*wrong.at, &*wrong.after), ("userName ", "xx", " \"a\""));
        assert!(wrong.told.starts_with("At position 9: "), "{}", wrong.told);
    }
}
