//! What the pages show: plain values, each with the template that prints it. No page needs a script.

use askama::Template;

use super::words::Words;
use crate::auth::UserPassword;
use crate::model::OpenInvitation;

/// An open invitation, to be accepted.
#[derive(Template)]
#[template(path = "invitation.html")]
pub struct InvitationPage<'a> {
    words: &'a Words,
    place: &'a str,
    title: String,
    for_whom: String,
    email: &'a str,
    problem: Option<String>,
    message: Option<&'a str>,
    organizations: Vec<&'a str>,
    by_provider: Option<String>,
    has_password: bool,
    hint: String,
    least: usize,
    until: String,
    action: String,
}

/// Whether an invitation is to be rejected.
#[derive(Template)]
#[template(path = "invitation_reject.html")]
pub struct RejectPage<'a> {
    words: &'a Words,
    place: &'a str,
    title: String,
    action: String,
}

/// What came of it.
#[derive(Template)]
#[template(path = "invitation_told.html")]
pub struct ToldPage<'a> {
    /// The words around it.
    pub words: &'a Words,
    /// Whose page it is, if that may be told.
    pub place: Option<&'a str>,
    /// In short.
    pub title: &'a str,
    /// What to do.
    pub told: String,
    /// Where to go on to, and what that is called.
    pub link: Option<(&'a str, &'a str)>,
}

impl<'a> InvitationPage<'a> {
    /// The page of an invitation whose link holds `secret`; `problem` is what is wrong with what was typed.
    pub fn new(words: &'a Words, open: &'a OpenInvitation, secret: &str, problem: Option<String>) -> Self {
        let invitation = &open.invitation;
        let end = invitation.expires_at.format("%Y-%m-%d %H:%M UTC").to_string();
        let hint = if open.has_password { words.keep.to_owned() } else { words.hint(UserPassword::LEAST) };
        Self {
            words,
            place: open.place(),
            title: words.title(&invitation.inviter, open.place()),
            for_whom: words.for_whom(&invitation.email),
            email: &invitation.email,
            problem,
            message: invitation.message.as_deref(),
            organizations: invitation.organizations.iter().map(|to| to.name.as_str()).collect(),
            by_provider: open.provider_name.as_deref().map(|name| words.by_provider(name)),
            has_password: open.has_password,
            hint,
            least: UserPassword::LEAST,
            until: words.until(&end),
            action: format!("/invitations/{secret}"),
        }
    }
}

impl<'a> RejectPage<'a> {
    /// The page that asks once more.
    pub fn new(words: &'a Words, open: &'a OpenInvitation, secret: &str) -> Self {
        Self {
            words,
            place: open.place(),
            title: words.title(&open.invitation.inviter, open.place()),
            action: format!("/invitations/{secret}"),
        }
    }
}
