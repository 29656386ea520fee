//! Connections, their credentials, and the wait for the first request.

use askama::Template;

use super::{Guide, Moment, Notice, Provider, Shell, Status, Tone};

/// All connections of a tenant.
#[derive(Template)]
#[template(path = "connections.html")]
pub struct Connections {
    /// What stands around it.
    pub shell: Shell,
    /// They.
    pub connections: Vec<ConnectionRow>,
}

/// A connection.
#[derive(Debug, Clone)]
pub struct ConnectionRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What is connected, for people.
    pub kind: String,
    /// Whether it is in use.
    pub enabled: bool,
    /// How it does.
    pub status: Status,
    /// How many credentials are live.
    pub credentials: String,
    /// When one of them was last used.
    pub last_used: Option<Moment>,
    /// When it was made.
    pub created: Moment,
}

/// The form for a new connection.
#[derive(Template)]
#[template(path = "connection_new.html")]
pub struct NewConnection {
    /// What stands around it.
    pub shell: Shell,
    /// What can be connected.
    pub kinds: Vec<KindChoice>,
    /// The key of the one that is chosen.
    pub chosen: String,
    /// The name typed before.
    pub name: String,
    /// Why it was refused.
    pub problem: Option<Notice>,
}

/// What can be connected.
#[derive(Debug, Clone)]
pub struct KindChoice {
    /// What the form sends.
    pub key: String,
    /// Its name.
    pub name: String,
    /// A few words about it.
    pub hint: String,
}

/// One connection.
#[derive(Template)]
#[template(path = "connection.html")]
pub struct ConnectionPage {
    /// What stands around it.
    pub shell: Shell,
    /// Its own address.
    pub here: String,
    /// The connection.
    pub connection: ConnectionRow,
    /// Whether it was heard of.
    pub waiting: Wait,
    /// Its credentials, the live ones first.
    pub credentials: Vec<CredentialRow>,
    /// What a new token is called if nobody says otherwise.
    pub first_label: String,
    /// What a token may be allowed.
    pub scopes: Vec<ScopeChoice>,
    /// What the rate limits refused of it.
    pub refused: Option<Notice>,
    /// What was made just now.
    pub revealed: Option<Revealed>,
    /// What to paste where.
    pub guide: Guide,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// A credential.
#[derive(Debug, Clone)]
pub struct CredentialRow {
    /// Its id.
    pub id: String,
    /// The part of the path that names its kind: `tokens`.
    pub path: &'static str,
    /// Its name.
    pub label: String,
    /// Its own page, if it has one.
    pub page: Option<String>,
    /// What it is, for people.
    pub kind: String,
    /// What it can be known by.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// From where alone it may be used.
    pub allowed: Vec<String>,
    /// How heavy a role it may give, if there is a limit.
    pub weight: Option<i64>,
    /// Whether it works.
    pub status: Status,
    /// Whether it may be revoked.
    pub live: bool,
    /// Whether it can be exchanged for a new one.
    pub rotates: bool,
    /// When it was last used.
    pub last_used: Option<Moment>,
    /// From where it was last used.
    pub last_address: Option<String>,
    /// When it ends.
    pub expires: Option<Moment>,
}

/// A scope to choose.
#[derive(Debug, Clone)]
pub struct ScopeChoice {
    /// Its name.
    pub key: String,
    /// What it allows.
    pub hint: String,
    /// Whether identity providers need it.
    pub usual: bool,
}

/// Secrets that are shown once.
#[derive(Clone)]
pub struct Revealed {
    /// What was made.
    pub title: String,
    /// They.
    pub values: Vec<Secret>,
}

/// A secret that is shown once.
#[derive(Clone)]
pub struct Secret {
    /// The field's id.
    pub id: &'static str,
    /// Its name.
    pub name: String,
    /// The secret.
    pub value: String,
}

/// What is known of a connection's requests.
#[derive(Debug, Clone)]
pub enum Waiting {
    /// There is nothing that could be used yet.
    NoCredential,
    /// None has come.
    First,
    /// Nothing can come.
    Disabled,
    /// They come and are refused; when the last one was.
    Refused(Moment),
    /// They come; when the last one was.
    Connected(Moment),
}

/// The line that waits for the first request.
#[derive(Debug, Clone)]
pub struct Wait {
    /// What is known.
    pub state: Waiting,
    /// Where it can be asked again.
    pub url: String,
    /// Who is waited for.
    pub name: String,
    /// Where one sees what came.
    pub activity: String,
}

impl Wait {
    /// Whether to ask again.
    pub fn polls(&self) -> bool {
        matches!(self.state, Waiting::First | Waiting::Refused(_))
    }
}

/// The line alone, as it is asked for again.
#[derive(Template)]
#[template(path = "waiting_part.html")]
pub struct WaitingPart {
    /// The line.
    pub waiting: Wait,
}
