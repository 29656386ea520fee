//! Applications, and who has an account in each of them.

use askama::Template;

use super::{Choice, Field, Figure, Moment, Notice, Pager, Shell, Status, Tone};

/// All applications of a tenant.
#[derive(Template)]
#[template(path = "applications.html")]
pub struct Applications {
    /// What stands around it.
    pub shell: Shell,
    /// They.
    pub applications: Vec<ApplicationRow>,
    /// The way to the other pages.
    pub pager: Pager,
}

/// An application in the list.
#[derive(Debug, Clone)]
pub struct ApplicationRow {
    /// Its page.
    pub url: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many accounts there are.
    pub accounts: String,
    /// When its list was published.
    pub published: Option<Moment>,
    /// The seats of its first licences.
    pub licenses: Vec<LicenseBar>,
    /// How many more licences it has.
    pub more: usize,
}

/// The seats of a licence, for a bar.
#[derive(Debug, Clone)]
pub struct LicenseBar {
    /// Its name.
    pub name: String,
    /// Where one sees who has it.
    pub url: Option<String>,
    /// How many are used, and of how many.
    pub told: String,
    /// How much of the bar is full; none if there is no limit.
    pub percent: Option<u64>,
    /// Whether it is well.
    pub tone: Tone,
}

/// The form for a new application, or for another content of one.
#[derive(Template)]
#[template(path = "application_form.html")]
pub struct ApplicationForm {
    /// What stands around it.
    pub shell: Shell,
    /// The application that is changed, with its page.
    pub known: Option<(String, String)>,
    /// Where the form goes.
    pub action: String,
    /// The id of a new one.
    pub id: Option<Field>,
    /// The name.
    pub name: Field,
    /// The licences.
    pub licenses: Field,
    /// What brakes publications.
    pub brake: Field,
    /// Why it was refused.
    pub problem: Option<Notice>,
}

/// An application's page.
#[derive(Template)]
#[template(path = "application.html")]
pub struct ApplicationPage {
    /// What stands around it.
    pub shell: Shell,
    /// Its own address.
    pub here: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where its list is published.
    pub publish: String,
    /// What brakes publications.
    pub brake: String,
    /// When it was made.
    pub created: Moment,
    /// When it changed.
    pub changed: Moment,
    /// When its list was published.
    pub published: Option<Moment>,
    /// What it comes to.
    pub figures: Vec<Figure>,
    /// Its licences.
    pub licenses: Vec<LicenseRow>,
    /// Who has an account.
    pub roster: RosterPart,
    /// The sessions that are open.
    pub sessions: Vec<SessionRow>,
    /// What was published last.
    pub publications: Vec<PublicationRow>,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// A licence in the report.
#[derive(Debug, Clone)]
pub struct LicenseRow {
    /// Its seats.
    pub bar: LicenseBar,
    /// Seats that nobody has.
    pub unused: String,
    /// Whether it is well.
    pub status: Status,
    /// Accounts whose e-mail address no user has.
    pub unknown: u64,
    /// Accounts whose user is inactive.
    pub inactive: u64,
}

/// A page of the accounts.
#[derive(Debug, Clone)]
pub struct RosterPart {
    /// What was searched for.
    pub query: String,
    /// The licences to choose from.
    pub licenses: Vec<Choice>,
    /// Whose accounts to choose from.
    pub users: Vec<Choice>,
    /// Whether anything is left out by that.
    pub is_filtered: bool,
    /// Where the file is.
    pub file: String,
    /// They.
    pub accounts: Vec<AccountRow>,
    /// The way to the other pages.
    pub pager: Pager,
}

/// An account.
#[derive(Debug, Clone)]
pub struct AccountRow {
    /// Its id in the application.
    pub id: String,
    /// Its name there.
    pub username: Option<String>,
    /// Its owner's e-mail address.
    pub email: String,
    /// The licence that it has.
    pub license: Option<String>,
    /// The user who has the address: the page, and what the user is called.
    pub user: Option<(String, String)>,
    /// How that user is.
    pub status: Status,
    /// Since when the account is on the list.
    pub added: Moment,
}

/// A session that is open.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Its id.
    pub id: String,
    /// Who opened it.
    pub by: String,
    /// When.
    pub opened: Moment,
    /// When it ends by itself.
    pub expires: Moment,
    /// How many entries it has, in how many parts.
    pub told: String,
}

/// A publication.
#[derive(Debug, Clone)]
pub struct PublicationRow {
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: String,
    /// How.
    pub kind: &'static str,
    /// What was added.
    pub added: String,
    /// What was changed.
    pub changed: String,
    /// What went.
    pub removed: String,
    /// How many there were then.
    pub total: String,
}
