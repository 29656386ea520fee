//! One resource: what it holds, what it belongs to, what happened to it.

use askama::Template;

use super::{Choice, Moment, Notice, Pager, Shell, Status, Tone};

/// One resource.
#[derive(Template)]
#[template(path = "resource.html")]
pub struct ResourcePage {
    /// What stands around it.
    pub shell: Shell,
    /// The list it is from.
    pub url: String,
    /// What such resources are called.
    pub plural: String,
    /// Its path below the SCIM base URL.
    pub scim_path: String,
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it is called beside.
    pub second: Option<String>,
    /// Whether it is active, if it is a user.
    pub status: Option<Status>,
    /// Its version.
    pub version: String,
    /// When it was created.
    pub created: Moment,
    /// When it changed.
    pub changed: Moment,
    /// Whom somebody reports to.
    pub manager: Option<Link>,
    /// What holds for the users of an organization.
    pub keychain: Option<Keychain>,
    /// What it holds, by schema.
    pub attributes: Vec<AttributeGroup>,
    /// Groups of a user, members of a group.
    pub links: Option<Links>,
    /// Whether it was removed.
    pub is_gone: bool,
    /// Why something was refused.
    pub problem: Option<Notice>,
    /// What happened to it, the newest first.
    pub history: Vec<ChangeView>,
    /// The resource as clients see it.
    pub json: String,
}

/// What holds for the users of an organization.
#[derive(Debug, Clone)]
pub struct Keychain {
    /// Its settings.
    pub settings: Vec<Setting>,
    /// What new users can get.
    pub creation: Vec<Choice>,
    /// Whether invitations can be mailed.
    pub suppression: Vec<Choice>,
}

/// A setting of an organization.
#[derive(Debug, Clone)]
pub struct Setting {
    /// What it is about.
    pub name: &'static str,
    /// What holds.
    pub text: &'static str,
    /// Who said so.
    pub note: &'static str,
}

/// The attributes of one schema.
#[derive(Debug, Clone)]
pub struct AttributeGroup {
    /// The schema's name.
    pub title: String,
    /// Its URN, of an extension.
    pub urn: Option<String>,
    /// The attributes that have a value.
    pub attributes: Vec<AttributeView>,
}

/// An attribute with its values.
#[derive(Debug, Clone)]
pub struct AttributeView {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Vec<ValueView>,
}

/// A value.
#[derive(Debug, Clone)]
pub struct ValueView {
    /// The sub-attribute it belongs to, if it is one of several.
    pub name: Option<String>,
    /// The value.
    pub text: String,
    /// What is said of it: its type, that it is the primary one.
    pub tags: Vec<String>,
}

/// Other resources that belong to this one.
#[derive(Debug, Clone)]
pub struct Links {
    /// What they are.
    pub title: &'static str,
    /// How many.
    pub told: String,
    /// They.
    pub items: Vec<Link>,
    /// Whether they are many as a rule, so that they stand in the wide column.
    pub are_many: bool,
    /// What is said if there are none.
    pub empty: &'static str,
    /// The way to more of them.
    pub pager: Pager,
}

/// Another resource.
#[derive(Debug, Clone)]
pub struct Link {
    /// Where it is.
    pub url: String,
    /// Its name.
    pub text: String,
    /// What is said of it.
    pub note: Option<String>,
}

/// A change.
#[derive(Debug, Clone)]
pub struct ChangeView {
    /// The action, as a class.
    pub action: &'static str,
    /// What happened, in a word.
    pub told: &'static str,
    /// When.
    pub at: Moment,
    /// By whom.
    pub actor: String,
    /// From where.
    pub address: Option<String>,
    /// In which request.
    pub request: String,
    /// The version after it.
    pub version: i64,
    /// Whether the resource can be brought back to it.
    pub restores: bool,
    /// What changed.
    pub attributes: Vec<Difference>,
}

/// An attribute before and after a change.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Its name.
    pub name: String,
    /// What it was; absent if there was none.
    pub before: Option<String>,
    /// What it is; absent if there is none.
    pub after: Option<String>,
    /// Whether both are left out, since the value is a secret.
    pub is_secret: bool,
}
