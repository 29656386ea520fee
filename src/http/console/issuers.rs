//! `/console/t/{slug}/connections/{id}/issuers`: whose signed tokens act as a connection.

use super::connections;
use super::error::{ConsoleError, sentence};
use super::fields::Fields;
use super::flash::Flash;
use super::pages::{Choice, Here, IssuerPage, KindChoice, NewIssuerPage, Notice, Status, Tone};
use super::powers::{self, Powers};
use super::trust::{self, Shape, Wrongs};
use super::{ConsoleAnswer, Place, Visit, clients, reply, tokens};
use crate::auth::ClientId;
use crate::gateway::{IssuerChange, IssuersError, NewIssuer};
use crate::model::{Connection, ConnectionKind, CredentialId, Issuer};

/// For how many days an issuer can be trusted.
const LIVES: [(&str, &str); 4] =
    [("", "Until it is removed"), ("90", "For 90 days"), ("365", "For a year"), ("730", "For two years")];

/// Hands a request to its page.
pub async fn route(visit: &Visit<'_>, place: &Place, connection: Connection, path: &[&str]) -> ConsoleAnswer {
    match (path, visit.is_post()) {
        (["new"], false) => {
            visit.may_write()?;
            reply::page(&form(visit, place, &connection, &Wrongs::new()))
        }
        ([], true) => create(visit, place, &connection).await,
        ([id], false) => {
            let issuer = own(visit, place, &connection, id).await?;
            let said = trust::as_fields(&issuer.trusted.trust);
            reply::page(&page(visit, place, &connection, (issuer, &said, &Wrongs::new())))
        }
        ([id, "enable"], true) => switch(visit, place, &connection, id, true).await,
        ([id, "disable"], true) => switch(visit, place, &connection, id, false).await,
        ([id, "powers"], true) => {
            let issuer = own(visit, place, &connection, id).await?;
            empower(visit, place, &connection, issuer).await
        }
        ([id, "trust"], true) => {
            let issuer = own(visit, place, &connection, id).await?;
            change(visit, place, &connection, issuer).await
        }
        _ => Err(ConsoleError::NotFound),
    }
}

/// The issuer of that id, if it is one of the connection's.
async fn own(visit: &Visit<'_>, place: &Place, connection: &Connection, id: &str) -> Result<Issuer, ConsoleError> {
    let id: CredentialId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let found = visit.app.store.issuer(place.tenant.id, id).await?;
    found.filter(|issuer| issuer.credential.connection == Some(connection.id)).ok_or(ConsoleError::NotFound)
}

fn url(place: &Place, connection: &Connection, id: CredentialId) -> String {
    format!("{}/issuers/{id}", connections::url(place, connection))
}

async fn create(visit: &Visit<'_>, place: &Place, connection: &Connection) -> ConsoleAnswer {
    visit.may_write()?;
    let new = match asked(visit, connection) {
        Ok(new) => new,
        Err(wrongs) => return reply::page(&form(visit, place, connection, &wrongs)),
    };
    match visit.app.gateway.create_issuer(place.tenant.id, new, &visit.caller.origin).await {
        Ok(issuer) => reply::done(&url(place, connection, issuer.credential.id), Flash::IssuerTrusted),
        Err(IssuersError::Store(error)) => Err(error.into()),
        Err(error) => {
            let problem = Some(Notice::problem(sentence(&error.to_string())));
            reply::page(&NewIssuerPage { problem, ..form(visit, place, connection, &Wrongs::new()) })
        }
    }
}

/// What the form asks for.
fn asked(visit: &Visit<'_>, connection: &Connection) -> Result<NewIssuer, Wrongs> {
    let form = &visit.form;
    let mut wrongs = Wrongs::new();
    let mut note = |field, told: String| wrongs.insert(field, sentence(&told));
    let name = form.get("name").parse().map_err(|told| note("name", told));
    let allowed = tokens::addresses(form).map_err(|told| note("allowed", told));
    let scopes = tokens::scopes(form).map_err(|told| note("scope", told));
    let weight = powers::weight(form).map_err(|told| note("weight", told));
    let expires = tokens::end(visit, form.get("expires")).map_err(|told| note("expires", told));
    let plain = visit.app.config.outbound.private.plain_http();
    let trust = trust::read(form, shape(visit, connection), plain).map_err(|mut more| wrongs.append(&mut more));
    match (name, allowed, scopes, weight, expires, trust) {
        (Ok(name), Ok(allowed_addresses), Ok(scopes), Ok(max_role_weight), Ok(expires_at), Ok(trust)) => {
            let connection = connection.id;
            Ok(NewIssuer { name, connection, scopes, allowed_addresses, max_role_weight, expires_at, trust })
        }
        _ => Err(wrongs),
    }
}

/// Whose tokens the form asks for; at first, those of whom the connection is made for.
fn shape(visit: &Visit<'_>, connection: &Connection) -> Shape {
    let usual = if connection.kind == ConnectionKind::Entra { Shape::Entra } else { Shape::Other };
    Shape::parse(visit.form.get("shape")).unwrap_or(usual)
}

fn form(visit: &Visit<'_>, place: &Place, connection: &Connection, wrongs: &Wrongs) -> NewIssuerPage {
    let said = &visit.form;
    let field = |id, label, hint, example| trust::field(said, wrongs, [id, label, hint, example]);
    let kind =
        |shape: Shape| KindChoice { key: shape.key().into(), name: shape.name().into(), hint: shape.hint().into() };
    let problem = marked(wrongs);
    NewIssuerPage {
        shell: visit.shell("Trust an issuer", Here::Connections, place),
        connection: connection.name.to_string(),
        url: connections::url(place, connection),
        name: field("name", "Name", "As you want to read it in the activity log.", "Entra's own token"),
        shapes: Shape::ALL.into_iter().map(kind).collect(),
        shape: shape(visit, connection).key(),
        entra: vec![
            field(
                "directory",
                "Directory (tenant) ID",
                "On the overview page of Microsoft Entra.",
                "9f1e6a0e-1111-4222-8333-444455556666",
            ),
            field(
                "application",
                "Application (client) ID",
                "Of the enterprise application that provisions, or of the workload.",
                "5d2b1f6c-1111-4222-8333-444455556666",
            ),
        ],
        audience: field("audience", "Audience", "What the workload asks its token for.", "api://scim"),
        trust: trust::form(said, wrongs),
        allowed: field("allowed", "Only from these addresses", "May be empty.", "198.51.100.0/24, 2001:db8::/32"),
        weight: powers::weight_field(said, wrongs),
        expires: LIVES.into_iter().map(|(key, text)| Choice::new(key, text, key == said.get("expires"))).collect(),
        scopes: connections::scopes(said),
        problem,
    }
}

/// A word above the page if fields are marked; what they do not show stands here.
pub fn marked(wrongs: &Wrongs) -> Option<Notice> {
    let besides = ["scope", "expires"].into_iter().filter_map(|field| wrongs.get(field));
    let told: Vec<&str> = std::iter::once("Nothing was saved. Look at the fields that are marked.")
        .chain(besides.map(String::as_str))
        .collect();
    (!wrongs.is_empty()).then(|| Notice::problem(told.join(" ")))
}

async fn switch(visit: &Visit<'_>, place: &Place, connection: &Connection, id: &str, enabled: bool) -> ConsoleAnswer {
    visit.may_write()?;
    let id = own(visit, place, connection, id).await?.credential.id;
    let change = IssuerChange { enabled: Some(enabled), ..IssuerChange::default() };
    match visit.app.gateway.change_issuer(place.tenant.id, id, &change, &visit.caller.origin).await {
        Ok(_) if enabled => reply::done(&url(place, connection, id), Flash::CredentialEnabled),
        Ok(_) => reply::done(&url(place, connection, id), Flash::CredentialDisabled),
        Err(IssuersError::Store(error)) => Err(error.into()),
        Err(_) => Err(ConsoleError::NotFound),
    }
}

/// Changes what its tokens may do.
async fn empower(visit: &Visit<'_>, place: &Place, connection: &Connection, issuer: Issuer) -> ConsoleAnswer {
    visit.may_write()?;
    let (said, id) = (&visit.form, issuer.credential.id);
    let trusted = trust::as_fields(&issuer.trusted.trust);
    let Powers { scopes, allowed_addresses, max_role_weight } = match powers::read(said) {
        Ok(powers) => powers,
        Err(wrongs) => {
            let (powers, problem) = (powers::form(said, &wrongs), marked(&wrongs));
            let page = page(visit, place, connection, (issuer, &trusted, &Wrongs::new()));
            return reply::page(&IssuerPage { powers, problem, ..page });
        }
    };
    let change = IssuerChange {
        scopes: Some(scopes),
        allowed_addresses: Some(allowed_addresses),
        max_role_weight: Some(max_role_weight),
        ..IssuerChange::default()
    };
    match visit.app.gateway.change_issuer(place.tenant.id, id, &change, &visit.caller.origin).await {
        Ok(_) => reply::done(&url(place, connection, id), Flash::IssuerChanged),
        Err(IssuersError::Store(error)) => Err(error.into()),
        Err(IssuersError::NotFound(_)) => Err(ConsoleError::NotFound),
        Err(error) => {
            let problem = Some(Notice::problem(sentence(&error.to_string())));
            reply::page(&IssuerPage { problem, ..page(visit, place, connection, (issuer, &trusted, &Wrongs::new())) })
        }
    }
}

async fn change(visit: &Visit<'_>, place: &Place, connection: &Connection, issuer: Issuer) -> ConsoleAnswer {
    visit.may_write()?;
    let (said, id) = (&visit.form, issuer.credential.id);
    let plain = visit.app.config.outbound.private.plain_http();
    let wanted = match trust::read(said, Shape::Other, plain) {
        Ok(wanted) => wanted,
        Err(wrongs) => return reply::page(&page(visit, place, connection, (issuer, said, &wrongs))),
    };
    let change = IssuerChange { trust: Some(wanted), ..IssuerChange::default() };
    match visit.app.gateway.change_issuer(place.tenant.id, id, &change, &visit.caller.origin).await {
        Ok(_) => reply::done(&url(place, connection, id), Flash::IssuerChanged),
        Err(IssuersError::Store(error)) => Err(error.into()),
        Err(IssuersError::NotFound(_)) => Err(ConsoleError::NotFound),
        Err(error) => {
            let problem = Some(Notice::problem(sentence(&error.to_string())));
            reply::page(&IssuerPage { problem, ..page(visit, place, connection, (issuer, said, &Wrongs::new())) })
        }
    }
}

/// The page of an issuer, with what the form says of it and what is wrong with that.
fn page(
    visit: &Visit<'_>,
    place: &Place,
    connection: &Connection,
    (issuer, said, wrongs): (Issuer, &Fields, &Wrongs),
) -> IssuerPage {
    let Issuer { credential, trusted } = issuer;
    let live = credential.is_live(visit.now);
    IssuerPage {
        shell: visit.shell(&credential.label, Here::Connections, place),
        connection: connection.name.to_string(),
        url: connections::url(place, connection),
        id: credential.id.to_string(),
        status: match (live, credential.disabled_at) {
            (true, None) => Status::new(Tone::Ok, "Trusted"),
            (true, Some(_)) => Status::new(Tone::Off, "Disabled"),
            (false, _) => Status::new(Tone::Off, "Trusted no longer"),
        },
        live,
        enabled: credential.disabled_at.is_none(),
        weight: credential.max_role_weight.map_or_else(|| "any".to_owned(), |weight| weight.to_string()),
        powers: powers::form(&powers::as_fields(&credential), &Wrongs::new()),
        client_id: ClientId(credential.id).to_string(),
        token_endpoint: clients::token_endpoint(visit),
        scopes: credential.scopes.names().into_iter().map(str::to_owned).collect(),
        allowed: credential.allowed_addresses.names(),
        created: visit.moment(credential.created_at),
        changed: visit.moment(trusted.modified_at),
        expires: credential.expires_at.map(|at| visit.moment(at)),
        name: credential.label,
        trust: trust::form(said, wrongs),
        problem: marked(wrongs),
    }
}
