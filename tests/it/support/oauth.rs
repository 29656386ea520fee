//! OAuth 2.0 clients, and requests to the endpoints that have no SCIM in them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::Client;
use scimgate::auth::ClientId;
use scimgate::gateway::{NewClient, NewConnection};
use scimgate::model::{
    AllowedAddresses, Connection, ConnectionKind, CredentialId, Origin, Scopes, SecretLifetime, TokenLifetime,
};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::scim::{Answer, Scim, answer};

pub const FORM: &str = "application/x-www-form-urlencoded";
pub const GRANT: &str = "grant_type=client_credentials";

/// A client as whoever operates it knows it.
#[derive(Debug, Clone)]
pub struct OAuthClient {
    pub id: String,
    pub secret: String,
    pub credential: CredentialId,
    pub connection: Connection,
}

impl OAuthClient {
    /// The value of an `Authorization` header.
    pub fn basic(&self) -> String {
        basic(&self.id, &self.secret)
    }
}

/// The value of an `Authorization` header.
pub fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// The JSON in a part of a JWT: 0 is the header, 1 the claims.
pub fn part(jwt: &str, index: usize) -> Value {
    let part = jwt.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

impl Scim {
    /// A client of a connection of its own, which may write.
    pub async fn oauth_client(&self) -> OAuthClient {
        self.oauth_client_with(Scopes::WRITE, TokenLifetime::default()).await
    }

    /// A client of a connection of its own.
    pub async fn oauth_client_with(&self, scopes: Scopes, token_lifetime: TokenLifetime) -> OAuthClient {
        let (tenant, origin, gateway) = (self.tenant().id, Origin::command_line(), self.gateway());
        let name = format!("Entra {}", rand::random::<u32>()).parse().unwrap();
        let new = NewConnection { name, prefix: None, kind: ConnectionKind::Entra, profile: None };
        let connection = gateway.create_connection(tenant, new, &origin).await.unwrap();
        let new = NewClient {
            name: "Entra client".parse().unwrap(),
            connection: connection.id,
            scopes,
            allowed_addresses: AllowedAddresses::ANY,
            max_role_weight: None,
            token_lifetime,
        };
        let created = gateway.create_client(tenant, new, SecretLifetime::default(), &origin).await;
        let (client, secret) = created.unwrap();
        let credential = client.credential.id;
        let secret = secret.reveal().expose_secret().to_owned();
        OAuthClient { id: ClientId(credential).to_string(), secret, credential, connection }
    }

    /// Asks the token endpoint, with these headers besides the type of the body.
    pub async fn ask_token(&self, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = [&[("content-type", FORM)], headers].concat();
        self.plainly("POST", "/oauth/token", &headers, body).await
    }

    /// What the token endpoint answers to a client that shows its secret as HTTP Basic.
    pub async fn grant(&self, client: &OAuthClient) -> Answer {
        self.ask_token(&[("authorization", &client.basic())], GRANT).await
    }

    /// An access token of a client.
    pub async fn access_token(&self, client: &OAuthClient) -> String {
        self.grant(client).await.expect(200).json()["access_token"].as_str().unwrap().to_owned()
    }

    /// A client that sends an access token.
    pub async fn as_client(&self, client: &OAuthClient) -> Self {
        self.with_token_text(self.access_token(client).await)
    }

    /// Sends a request with these headers alone.
    pub async fn plainly(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = Client::new().request(method, format!("{}{path}", self.origin())).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request).await
    }
}

impl Answer {
    /// Holds that this is an error of OAuth (RFC 6749, section 5.2) whose description tells of `told`.
    #[track_caller]
    pub fn expect_oauth_error(&self, status: u16, code: &str, told: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!((self.header("cache-control"), self.header("pragma")), ("no-store", "no-cache"));
        let error = self.json();
        assert_eq!(error["error"], code, "{error}");
        let description = error["error_description"].as_str().unwrap();
        assert!(description.contains(told), "{description:?} does not tell of {told:?}");
        assert!(description.chars().all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\'), "{description}");
    }
}
