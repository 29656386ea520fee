//! An OAuth 2.0 client and its secrets.

use askama::Template;

use super::{Moment, Notice, PowersForm, Revealed, Shell, Status, Tone};

/// One client.
#[derive(Template)]
#[template(path = "client.html")]
pub struct ClientPage {
    /// What stands around it.
    pub shell: Shell,
    /// The connection.
    pub connection: String,
    /// Its address.
    pub url: String,
    /// The client's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it works.
    pub status: Status,
    /// Whether it can be changed.
    pub live: bool,
    /// Whether it is in use.
    pub enabled: bool,
    /// How heavy a role it may give.
    pub weight: String,
    /// What it may do, to be changed.
    pub powers: PowersForm,
    /// What it calls itself.
    pub client_id: String,
    /// Where it gets access tokens.
    pub token_endpoint: String,
    /// For how many minutes these live.
    pub minutes: u16,
    /// What it may do.
    pub scopes: Vec<String>,
    /// From where alone it may be used.
    pub allowed: Vec<String>,
    /// When it was made.
    pub created: Moment,
    /// Its secrets, the newest first.
    pub secrets: Vec<SecretRow>,
    /// What was made just now.
    pub revealed: Option<Revealed>,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// A secret, as far as it is known.
#[derive(Debug, Clone)]
pub struct SecretRow {
    /// Its id.
    pub id: String,
    /// Its last characters.
    pub hint: String,
    /// Whether it works.
    pub status: Status,
    /// Whether it may be revoked.
    pub live: bool,
    /// When it was made.
    pub created: Moment,
    /// When it ends.
    pub expires: Moment,
}
