//! Invitations: the list, the form, and what came of it.

use askama::Template;

use super::{Choice, Field, Moment, Notice, Pager, Shell, Status, Tone};

/// The list.
#[derive(Template)]
#[template(path = "invitations.html")]
pub struct Invitations {
    /// What stands around it.
    pub shell: Shell,
    /// Whether the tenant takes no records.
    pub is_off: bool,
    /// The states to choose from.
    pub states: Vec<Choice>,
    /// What is searched for.
    pub email: String,
    /// Whether not all of them are asked for.
    pub is_narrowed: bool,
    /// The invitations, the newest first.
    pub rows: Vec<InvitationRow>,
    /// The way to earlier ones.
    pub pager: Pager,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// An invitation.
#[derive(Debug, Clone)]
pub struct InvitationRow {
    /// Its id.
    pub id: String,
    /// To whom.
    pub email: String,
    /// Where the user is.
    pub user: String,
    /// To what.
    pub organizations: Vec<String>,
    /// How the invited is to sign in.
    pub way: String,
    /// Who invites.
    pub inviter: String,
    /// What the inviter says.
    pub message: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Whether it can be sent again and taken back.
    pub is_open: bool,
    /// When it was mailed last.
    pub mailed: Option<Moment>,
    /// How often, if more than once.
    pub times: Option<String>,
    /// What happens or happened at the end.
    pub until: &'static str,
    /// When.
    pub end: Moment,
}

/// The form.
#[derive(Template)]
#[template(path = "invitation_new.html")]
pub struct InvitePage {
    /// What stands around it.
    pub shell: Shell,
    /// Whether the tenant takes no records.
    pub is_off: bool,
    /// Who.
    pub people: Field,
    /// To what.
    pub organizations: Vec<Choice>,
    /// To what besides, where there are many.
    pub others: Option<Field>,
    /// How they are to sign in.
    pub providers: Vec<Choice>,
    /// Who invites.
    pub inviter: Field,
    /// What the inviter says.
    pub message: Field,
    /// Whether no mail is wanted.
    pub is_suppressed: bool,
    /// Whether the tenant sends none anyway.
    pub suppressed_by_tenant: bool,
    /// Whether users of the tenant have no passwords by default.
    pub makes_none: bool,
    /// What the mail calls the tenant.
    pub place: String,
    /// For how many days an invitation is open.
    pub days: u16,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// What became of those who were invited.
#[derive(Template)]
#[template(path = "invited.html")]
pub struct InvitedPage {
    /// What stands around it.
    pub shell: Shell,
    /// How many came to what.
    pub told: Notice,
    /// Each of them, in the order of the form.
    pub rows: Vec<InvitedRow>,
}

/// Somebody who was to be invited.
#[derive(Debug, Clone)]
pub struct InvitedRow {
    /// As the form named them.
    pub who: String,
    /// Where the user is.
    pub user: Option<String>,
    /// What it came to.
    pub status: Status,
    /// The same in a sentence.
    pub told: String,
    /// To what.
    pub organizations: Vec<InvitedOrganizationRow>,
}

/// An organization of an invitation.
#[derive(Debug, Clone)]
pub struct InvitedOrganizationRow {
    /// As it was named.
    pub name: String,
    /// What is to be said of it.
    pub note: Option<&'static str>,
}
