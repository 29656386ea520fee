//! The credentials of a connection: made and shown once, exchanged, revoked.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;

use super::connections::{self, refused};
use super::error::ConsoleError;
use super::fields::Fields;
use super::flash::Flash;
use super::pages::{CredentialRow, Revealed, Secret, Status, Tone};
use super::uses::Uses;
use super::{ConsoleAnswer, Place, Visit, powers, reply};
use crate::auth::{ClientId, Token};
use crate::gateway::{ClientsError, IssuersError, NewToken, TokenError};
use crate::model::{AllowedAddresses, Connection, Credential, CredentialKind, Scopes};

/// A token that nobody says otherwise of ends after a year.
const USUAL_DAYS: &str = "365";

/// Makes a token and shows it.
pub async fn create(visit: &Visit<'_>, place: &Place, connection: Connection) -> ConsoleAnswer {
    visit.may_write()?;
    let new = match asked(visit, &connection) {
        Ok(new) => new,
        Err(told) => return refused(visit, place, connection, &told).await,
    };
    match visit.app.gateway.create_token(place.tenant.id, new, &visit.caller.origin).await {
        Ok((token, _)) => connections::show(visit, place, connection, Some(revealed("Your token", &token)), None).await,
        Err(TokenError::Store(error)) => Err(error.into()),
        Err(error) => refused(visit, place, connection, &error.to_string()).await,
    }
}

fn revealed(title: &str, token: &Token) -> Revealed {
    let value = token.reveal().expose_secret().to_owned();
    Revealed { title: title.to_owned(), values: vec![Secret { id: "secret", name: "Token".to_owned(), value }] }
}

/// Makes a token that takes the place of another one, and shows it.
pub async fn rotate(visit: &Visit<'_>, place: &Place, connection: Connection, id: &str) -> ConsoleAnswer {
    visit.may_write()?;
    let id = own(visit, place, &connection, id).await?.id;
    let Some(overlap) = visit.form.get("overlap").parse().ok().filter(|days| (0..=90).contains(days)) else {
        return refused(visit, place, connection, "both work for 0 to 90 days; choose how long").await;
    };
    let (gateway, overlap) = (&visit.app.gateway, TimeDelta::days(overlap));
    match gateway.rotate_token(place.tenant.id, id, overlap, None, &visit.caller.origin).await {
        Ok((token, _)) => {
            let revealed = revealed("Your new token", &token);
            connections::show(visit, place, connection, Some(revealed), None).await
        }
        Err(TokenError::Store(error)) => Err(error.into()),
        Err(error) => refused(visit, place, connection, &error.to_string()).await,
    }
}

/// The token that the form asks for.
fn asked(visit: &Visit<'_>, connection: &Connection) -> Result<NewToken, String> {
    let form = &visit.form;
    let is_standard = !form.get("standard").is_empty();
    let days = if is_standard && form.get("expires").is_empty() { USUAL_DAYS } else { form.get("expires") };
    Ok(NewToken {
        name: form.get("label").parse()?,
        scopes: if is_standard { Scopes::WRITE } else { scopes(form)? },
        connection: Some(connection.id),
        allowed_addresses: addresses(form)?,
        max_role_weight: powers::weight(form)?,
        user: None,
        expires_at: end(visit, days)?,
    })
}

/// What a credential may do, by a form.
pub fn scopes(form: &Fields) -> Result<Scopes, String> {
    form.all("scope").collect::<Vec<_>>().join(" ").parse()
}

/// From where alone it may be used.
pub fn addresses(form: &Fields) -> Result<AllowedAddresses, String> {
    let names = form.get("allowed").split([',', ' ', '\n']).map(str::trim).filter(|name| !name.is_empty());
    AllowedAddresses::parse(names)
}

/// When it ends, by the number of days; none if that is empty.
pub fn end(visit: &Visit<'_>, days: &str) -> Result<Option<DateTime<Utc>>, String> {
    if days.is_empty() {
        return Ok(None);
    }
    let days: i64 = days.parse().map_err(|_| "the number of days is no whole number".to_owned())?;
    let far = "a credential ends within ten years; choose fewer days, or none";
    let days = TimeDelta::try_days(days).filter(|_| (1..=3_650).contains(&days)).ok_or(far)?;
    Ok(Some(visit.now + days))
}

/// Revokes a credential of the connection.
pub async fn revoke(visit: &Visit<'_>, place: &Place, connection: Connection, id: &str) -> ConsoleAnswer {
    visit.may_write()?;
    let Credential { id, kind, .. } = own(visit, place, &connection, id).await?;
    let (gateway, tenant, origin) = (&visit.app.gateway, place.tenant.id, &visit.caller.origin);
    let told = match kind {
        CredentialKind::Token => match gateway.revoke_token(tenant, id, origin).await {
            Err(TokenError::Store(error)) => return Err(error.into()),
            outcome => outcome.map_err(|error| error.to_string()),
        },
        CredentialKind::Client => match gateway.revoke_client(tenant, id, origin).await {
            Err(ClientsError::Store(error)) => return Err(error.into()),
            outcome => outcome.map_err(|error| error.to_string()),
        },
        CredentialKind::Issuer => match gateway.remove_issuer(tenant, id, origin).await {
            Err(IssuersError::Store(error)) => return Err(error.into()),
            outcome => outcome.map_err(|error| error.to_string()),
        },
    };
    match told {
        Ok(()) => reply::done(&connections::url(place, &connection), Flash::CredentialRevoked),
        Err(told) => refused(visit, place, connection, &told).await,
    }
}

/// The credential of that id, if it is one of the connection's.
async fn own(visit: &Visit<'_>, place: &Place, connection: &Connection, id: &str) -> Result<Credential, ConsoleError> {
    let credentials = visit.app.store.credentials(place.tenant.id).await?;
    let mut own = credentials.into_iter().filter(|credential| credential.connection == Some(connection.id));
    own.find(|credential| credential.id.to_string() == id).ok_or(ConsoleError::NotFound)
}

/// A credential as the connection's page shows it.
pub fn row(visit: &Visit<'_>, here: &str, credential: &Credential, uses: &Uses) -> CredentialRow {
    let live = credential.is_live(visit.now);
    let status = match (credential.revoked_at, live) {
        (Some(_), _) => Status::new(Tone::Off, "Revoked"),
        (None, true) if credential.disabled_at.is_some() => Status::new(Tone::Off, "Disabled"),
        (None, false) => Status::new(Tone::Danger, "Expired"),
        (None, true) if uses.ends_soon(credential) => Status::new(Tone::Warn, "Expires soon"),
        (None, true) => Status::new(Tone::Ok, "Live"),
    };
    let used = uses.of_credential(credential.id);
    CredentialRow {
        id: credential.id.to_string(),
        label: credential.label.clone(),
        page: match credential.kind {
            CredentialKind::Token => None,
            CredentialKind::Client => Some(format!("{here}/clients/{}", credential.id)),
            CredentialKind::Issuer if live => Some(format!("{here}/issuers/{}", credential.id)),
            CredentialKind::Issuer => None,
        },
        kind: match credential.kind {
            CredentialKind::Token => "Bearer token".to_owned(),
            CredentialKind::Client => "OAuth 2.0 client".to_owned(),
            CredentialKind::Issuer => "Trusted issuer".to_owned(),
        },
        path: credential.kind.as_str(),
        prefix: match credential.kind {
            CredentialKind::Token => Token::beginning(credential.id),
            CredentialKind::Client | CredentialKind::Issuer => ClientId(credential.id).to_string(),
        },
        scopes: credential.scopes.names().into_iter().map(str::to_owned).collect(),
        allowed: credential.allowed_addresses.names(),
        weight: credential.max_role_weight,
        status,
        live,
        rotates: credential.kind == CredentialKind::Token && credential.rotated_to.is_none(),
        last_used: used.map(|used| visit.moment(used.last_used_at)),
        last_address: used.and_then(|used| used.last_address.map(|address| address.to_string())),
        expires: uses.end(credential).map(|at| visit.moment(at)),
    }
}
