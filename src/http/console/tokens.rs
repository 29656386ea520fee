//! The credentials of a connection: made and shown once, exchanged, revoked.

use chrono::TimeDelta;
use secrecy::ExposeSecret;

use super::error::{ConsoleError, sentence};
use super::flash::Flash;
use super::pages::{CredentialRow, Notice, Revealed, Secret, Status, Tone};
use super::uses::Uses;
use super::{ConsoleAnswer, Place, Visit, connections, reply};
use crate::auth::{ClientId, Token};
use crate::gateway::{ClientsError, IssuersError, NewClient, NewToken, TokenError};
use crate::model::{
    AllowedAddresses, Connection, Credential, CredentialKind, Label, Scopes, SecretLifetime, TokenLifetime,
};

/// A token that nobody says otherwise of ends after a year.
const USUAL_DAYS: i64 = 365;

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

async fn refused(visit: &Visit<'_>, place: &Place, connection: Connection, told: &str) -> ConsoleAnswer {
    connections::show(visit, place, connection, None, Some(Notice::problem(sentence(told)))).await
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

/// Makes an OAuth 2.0 client and shows its secret.
pub async fn create_client(visit: &Visit<'_>, place: &Place, connection: Connection) -> ConsoleAnswer {
    visit.may_write()?;
    let name: Label = match visit.form.get("label").parse() {
        Ok(name) => name,
        Err(told) => return refused(visit, place, connection, &told).await,
    };
    let new = NewClient {
        name,
        connection: connection.id,
        scopes: Scopes::WRITE,
        allowed_addresses: AllowedAddresses::ANY,
        token_lifetime: TokenLifetime::default(),
    };
    let (gateway, origin) = (&visit.app.gateway, &visit.caller.origin);
    match gateway.create_client(place.tenant.id, new, SecretLifetime::default(), origin).await {
        Ok((client, secret)) => {
            let server = visit.app.base_url.trim_end_matches("/scim/v2");
            let value = |id, name: &str, value: String| Secret { id, name: name.to_owned(), value };
            let values = vec![
                value("client-id", "Client identifier", ClientId(client.credential.id).to_string()),
                value("secret", "Client secret", secret.reveal().expose_secret().to_owned()),
                value("token-endpoint", "Token endpoint", format!("{server}/oauth/token")),
            ];
            let revealed = Revealed { title: "Your OAuth 2.0 client".to_owned(), values };
            connections::show(visit, place, connection, Some(revealed), None).await
        }
        Err(ClientsError::Store(error)) => Err(error.into()),
        Err(error) => refused(visit, place, connection, &error.to_string()).await,
    }
}

/// The token that the form asks for.
fn asked(visit: &Visit<'_>, connection: &Connection) -> Result<NewToken, String> {
    let form = &visit.form;
    let is_standard = !form.get("standard").is_empty();
    let scopes = if is_standard { Ok(Scopes::WRITE) } else { form.all("scope").collect::<Vec<_>>().join(" ").parse() };
    let addresses = form.get("allowed").split([',', ' ', '\n']).map(str::trim).filter(|name| !name.is_empty());
    let days = match form.get("expires") {
        "" if is_standard => Some(USUAL_DAYS),
        "" => None,
        days => Some(days.parse().map_err(|_| "the number of days is no whole number".to_owned())?),
    };
    let end = |days: i64| {
        let far = "a token ends within ten years; choose fewer days, or none";
        TimeDelta::try_days(days).filter(|_| (1..=3_650).contains(&days)).map(|days| visit.now + days).ok_or(far)
    };
    Ok(NewToken {
        name: form.get("label").parse()?,
        scopes: scopes?,
        connection: Some(connection.id),
        allowed_addresses: AllowedAddresses::parse(addresses)?,
        user: None,
        expires_at: days.map(end).transpose()?,
    })
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
pub fn row(visit: &Visit<'_>, credential: &Credential, uses: &Uses) -> CredentialRow {
    let live = credential.is_live(visit.now);
    let status = match (credential.revoked_at, live) {
        (Some(_), _) => Status::new(Tone::Off, "Revoked"),
        (None, false) => Status::new(Tone::Danger, "Expired"),
        (None, true) if Uses::ends_soon(credential, visit.now) => Status::new(Tone::Warn, "Expires soon"),
        (None, true) => Status::new(Tone::Ok, "Live"),
    };
    let used = uses.of_credential(credential.id);
    CredentialRow {
        id: credential.id.to_string(),
        label: credential.label.clone(),
        kind: match credential.kind {
            CredentialKind::Token => "Bearer token".to_owned(),
            CredentialKind::Client => "OAuth 2.0 client".to_owned(),
            CredentialKind::Issuer => "Trusted issuer".to_owned(),
        },
        path: credential.kind.as_str(),
        prefix: short(&credential.id.to_string()),
        scopes: credential.scopes.names().into_iter().map(str::to_owned).collect(),
        allowed: credential.allowed_addresses.names(),
        status,
        live,
        rotates: credential.kind == CredentialKind::Token && credential.rotated_to.is_none(),
        last_used: used.map(|used| visit.moment(used.last_used_at)),
        last_address: used.and_then(|used| used.last_address.map(|address| address.to_string())),
        expires: credential.expires_at.map(|at| visit.moment(at)),
    }
}

/// The beginning of an id.
fn short(id: &str) -> String {
    id.chars().take(13).collect::<String>() + "…"
}
