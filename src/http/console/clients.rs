//! `/console/t/{slug}/connections/{id}/clients`: OAuth 2.0 clients of a connection and their secrets, each shown once.

use secrecy::ExposeSecret;

use super::connections::{self, refused};
use super::error::{ConsoleError, sentence};
use super::flash::Flash;
use super::pages::{ClientPage, Here, Notice, Revealed, Secret, SecretRow, Status, Tone};
use super::powers::{self, Powers};
use super::trust::Wrongs;
use super::{ConsoleAnswer, Place, Visit, issuers, reply};
use crate::auth::{ClientId, ClientSecret};
use crate::gateway::{ClientChange, ClientsError, NewClient};
use crate::model::{
    AllowedAddresses, Client, Connection, CredentialId, KeptSecret, Label, Scopes, SecretLifetime, TokenLifetime,
};

/// Hands a request to its page.
pub async fn route(visit: &Visit<'_>, place: &Place, connection: Connection, path: &[&str]) -> ConsoleAnswer {
    let (id, rest) = match path {
        [] if visit.is_post() => return create(visit, place, connection).await,
        [id, rest @ ..] => (id, rest),
        [] => return Err(ConsoleError::NotFound),
    };
    let id = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let found = visit.app.store.client(place.tenant.id, id).await?;
    let own = found.filter(|client| client.credential.connection == Some(connection.id));
    let client = own.ok_or(ConsoleError::NotFound)?;
    match (rest, visit.is_post()) {
        ([], false) => reply::page(&page(visit, place, &connection, client)),
        (["enable"], true) => switch(visit, place, &connection, &client, true).await,
        (["disable"], true) => switch(visit, place, &connection, &client, false).await,
        (["powers"], true) => empower(visit, place, &connection, client).await,
        (["secrets"], true) => add_secret(visit, place, &connection, client).await,
        (["secrets", secret, "revoke"], true) => revoke_secret(visit, place, &connection, client, secret).await,
        _ => Err(ConsoleError::NotFound),
    }
}

/// Where access tokens are given out.
pub fn token_endpoint(visit: &Visit<'_>) -> String {
    format!("{}/oauth/token", visit.app.base_url.trim_end_matches("/scim/v2"))
}

/// Makes a client and shows its secret.
async fn create(visit: &Visit<'_>, place: &Place, connection: Connection) -> ConsoleAnswer {
    visit.may_write()?;
    let name: Label = match visit.form.get("label").parse() {
        Ok(name) => name,
        Err(told) => return refused(visit, place, connection, &told).await,
    };
    // A form that does not ask what it may do gets what identity providers need.
    let usual = Powers { scopes: Scopes::WRITE, allowed_addresses: AllowedAddresses::ANY, max_role_weight: None };
    let powers = if visit.form.get("chosen").is_empty() { Ok(usual) } else { powers::read(&visit.form) };
    let Powers { scopes, allowed_addresses, max_role_weight } = match powers {
        Ok(powers) => powers,
        Err(wrongs) => {
            let told: Vec<String> = wrongs.into_values().collect();
            return refused(visit, place, connection, &told.join(" ")).await;
        }
    };
    let new = NewClient {
        name,
        connection: connection.id,
        scopes,
        allowed_addresses,
        max_role_weight,
        token_lifetime: TokenLifetime::default(),
    };
    let (gateway, origin) = (&visit.app.gateway, &visit.caller.origin);
    match gateway.create_client(place.tenant.id, new, SecretLifetime::default(), origin).await {
        Ok((client, secret)) => {
            let value = |id, name: &str, value: String| Secret { id, name: name.to_owned(), value };
            let values = vec![
                value("client-id", "Client identifier", ClientId(client.credential.id).to_string()),
                shown(&secret),
                value("token-endpoint", "Token endpoint", token_endpoint(visit)),
            ];
            let revealed = Revealed { title: "Your OAuth 2.0 client".to_owned(), values };
            connections::show(visit, place, connection, Some(revealed), None).await
        }
        Err(ClientsError::Store(error)) => Err(error.into()),
        Err(error) => refused(visit, place, connection, &error.to_string()).await,
    }
}

fn shown(secret: &ClientSecret) -> Secret {
    let value = secret.reveal().expose_secret().to_owned();
    Secret { id: "secret", name: "Client secret".to_owned(), value }
}

async fn switch(
    visit: &Visit<'_>,
    place: &Place,
    connection: &Connection,
    client: &Client,
    enabled: bool,
) -> ConsoleAnswer {
    visit.may_write()?;
    let change = ClientChange { enabled: Some(enabled), ..ClientChange::default() };
    let (gateway, id) = (&visit.app.gateway, client.credential.id);
    match gateway.change_client(place.tenant.id, id, change, &visit.caller.origin).await {
        Ok(_) if enabled => reply::done(&url(place, connection, id), Flash::CredentialEnabled),
        Ok(_) => reply::done(&url(place, connection, id), Flash::CredentialDisabled),
        Err(ClientsError::Store(error)) => Err(error.into()),
        Err(_) => Err(ConsoleError::NotFound),
    }
}

/// Changes what it may do.
async fn empower(visit: &Visit<'_>, place: &Place, connection: &Connection, client: Client) -> ConsoleAnswer {
    visit.may_write()?;
    let (said, id) = (&visit.form, client.credential.id);
    let Powers { scopes, allowed_addresses, max_role_weight } = match powers::read(said) {
        Ok(powers) => powers,
        Err(wrongs) => {
            let (powers, problem) = (powers::form(said, &wrongs), issuers::marked(&wrongs));
            return reply::page(&ClientPage { powers, problem, ..page(visit, place, connection, client) });
        }
    };
    let change = ClientChange {
        scopes: Some(scopes),
        allowed_addresses: Some(allowed_addresses),
        max_role_weight: Some(max_role_weight),
        ..ClientChange::default()
    };
    match visit.app.gateway.change_client(place.tenant.id, id, change, &visit.caller.origin).await {
        Ok(_) => reply::done(&url(place, connection, id), Flash::Saved),
        Err(ClientsError::Store(error)) => Err(error.into()),
        Err(ClientsError::NotFound(_)) => Err(ConsoleError::NotFound),
        Err(error) => {
            let problem = Some(Notice::problem(sentence(&error.to_string())));
            reply::page(&ClientPage { problem, ..page(visit, place, connection, client) })
        }
    }
}

fn url(place: &Place, connection: &Connection, id: CredentialId) -> String {
    format!("{}/clients/{id}", connections::url(place, connection))
}

/// Adds a secret and shows it.
async fn add_secret(visit: &Visit<'_>, place: &Place, connection: &Connection, client: Client) -> ConsoleAnswer {
    visit.may_write()?;
    let (tenant, id) = (place.tenant.id, client.credential.id);
    let told = match visit.form.get("years").parse::<SecretLifetime>() {
        Err(told) => told,
        Ok(years) => match visit.app.gateway.add_client_secret(tenant, id, years, &visit.caller.origin).await {
            Ok((kept, secret)) => {
                let values = vec![shown(&secret)];
                let client = Client { secrets: client.secrets.into_iter().chain([kept]).collect(), ..client };
                let revealed = Some(Revealed { title: "Your new secret".to_owned(), values });
                return reply::page(&ClientPage { revealed, ..page(visit, place, connection, client) });
            }
            Err(ClientsError::Store(error)) => return Err(error.into()),
            Err(error) => error.to_string(),
        },
    };
    let problem = Some(Notice::problem(sentence(&told)));
    reply::page(&ClientPage { problem, ..page(visit, place, connection, client) })
}

async fn revoke_secret(
    visit: &Visit<'_>,
    place: &Place,
    connection: &Connection,
    client: Client,
    secret: &str,
) -> ConsoleAnswer {
    visit.may_write()?;
    let secret = secret.parse().map_err(|_| ConsoleError::NotFound)?;
    let (gateway, id) = (&visit.app.gateway, client.credential.id);
    match gateway.revoke_client_secret(place.tenant.id, id, secret, &visit.caller.origin).await {
        Ok(()) => {
            let url = format!("{}/clients/{id}", connections::url(place, connection));
            reply::done(&url, Flash::SecretRevoked)
        }
        Err(ClientsError::Store(error)) => Err(error.into()),
        Err(ClientsError::NoSecret(..)) => Err(ConsoleError::NotFound),
        Err(error) => {
            let problem = Some(Notice::problem(sentence(&error.to_string())));
            reply::page(&ClientPage { problem, ..page(visit, place, connection, client) })
        }
    }
}

fn page(visit: &Visit<'_>, place: &Place, connection: &Connection, client: Client) -> ClientPage {
    let Client { credential, token_lifetime, secrets } = client;
    let live = credential.is_live(visit.now);
    ClientPage {
        shell: visit.shell(&credential.label, Here::Connections, place),
        connection: connection.name.to_string(),
        url: connections::url(place, connection),
        id: credential.id.to_string(),
        status: match (live, credential.disabled_at) {
            (true, None) => Status::new(Tone::Ok, "Live"),
            (true, Some(_)) => Status::new(Tone::Off, "Disabled"),
            (false, _) => Status::new(Tone::Off, "Revoked"),
        },
        live,
        enabled: credential.disabled_at.is_none(),
        weight: credential.max_role_weight.map_or_else(|| "any".to_owned(), |weight| weight.to_string()),
        powers: powers::form(&powers::as_fields(&credential), &Wrongs::new()),
        client_id: ClientId(credential.id).to_string(),
        token_endpoint: token_endpoint(visit),
        minutes: token_lifetime.minutes(),
        scopes: credential.scopes.names().into_iter().map(str::to_owned).collect(),
        allowed: credential.allowed_addresses.names(),
        created: visit.moment(credential.created_at),
        name: credential.label,
        secrets: secrets.iter().rev().map(|secret| row(visit, secret)).collect(),
        revealed: None,
        problem: None,
    }
}

fn row(visit: &Visit<'_>, secret: &KeptSecret) -> SecretRow {
    let live = secret.is_live(visit.now);
    let status = match (secret.revoked_at, live) {
        (Some(_), _) => Status::new(Tone::Off, "Revoked"),
        (None, false) => Status::new(Tone::Danger, "Expired"),
        (None, true) if secret.expires_at <= visit.now + super::uses::SOON => Status::new(Tone::Warn, "Expires soon"),
        (None, true) => Status::new(Tone::Ok, "Live"),
    };
    SecretRow {
        id: secret.id.to_string(),
        hint: secret.hint.clone(),
        status,
        live,
        created: visit.moment(secret.created_at),
        expires: visit.moment(secret.expires_at),
    }
}
