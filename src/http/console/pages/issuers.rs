//! An issuer whose signed tokens act as a connection.

use askama::Template;

use super::{Choice, Field, KindChoice, Moment, Notice, ScopeChoice, Shell, Status, Tone};

/// The form for a new one.
#[derive(Template)]
#[template(path = "issuer_new.html")]
pub struct NewIssuerPage {
    /// What stands around it.
    pub shell: Shell,
    /// The connection.
    pub connection: String,
    /// Its address.
    pub url: String,
    /// Its name.
    pub name: Field,
    /// What can be trusted.
    pub shapes: Vec<KindChoice>,
    /// The key of the one that is chosen.
    pub shape: &'static str,
    /// What the form asks of Entra.
    pub entra: Vec<Field>,
    /// What it asks besides, where a workload trades its token.
    pub audience: Field,
    /// What it asks of others.
    pub trust: TrustForm,
    /// From where alone tokens may be used.
    pub allowed: Field,
    /// How heavy a role they may give.
    pub weight: Field,
    /// How long it is trusted.
    pub expires: Vec<Choice>,
    /// What its tokens may do.
    pub scopes: Vec<ScopeChoice>,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// What tokens have to be and to say.
#[derive(Debug, Clone)]
pub struct TrustForm {
    /// Issuer and keys.
    pub whose: Vec<Field>,
    /// The audiences, one a line.
    pub audiences: Field,
    /// The subject.
    pub subject: Field,
    /// The claim that names it.
    pub subject_claims: Vec<Choice>,
    /// Further claims, one a line.
    pub claims: Field,
    /// What is rarely needed.
    pub rare: Vec<Field>,
    /// Whether an assertion may be used several times.
    pub reusable: bool,
}

/// One issuer.
#[derive(Template)]
#[template(path = "issuer.html")]
pub struct IssuerPage {
    /// What stands around it.
    pub shell: Shell,
    /// The connection.
    pub connection: String,
    /// Its address.
    pub url: String,
    /// The issuer's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is trusted.
    pub status: Status,
    /// Whether that can be ended.
    pub live: bool,
    /// Whether it is in use.
    pub enabled: bool,
    /// How heavy a role its tokens may give.
    pub weight: String,
    /// What its tokens may do, to be changed.
    pub powers: PowersForm,
    /// What a workload calls itself.
    pub client_id: String,
    /// Where it trades its token.
    pub token_endpoint: String,
    /// What its tokens may do.
    pub scopes: Vec<String>,
    /// From where alone they may be used.
    pub allowed: Vec<String>,
    /// When it was made.
    pub created: Moment,
    /// When it changed.
    pub changed: Moment,
    /// When it ends.
    pub expires: Option<Moment>,
    /// What its tokens have to be and to say.
    pub trust: TrustForm,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// What a credential may do, from where, and how heavy a role it may give.
#[derive(Debug, Clone)]
pub struct PowersForm {
    /// What.
    pub scopes: Vec<ScopeChoice>,
    /// From where.
    pub allowed: Field,
    /// How heavy a role.
    pub weight: Field,
}
