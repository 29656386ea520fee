//! Pages for people who have not signed in.

use askama::Template;

use super::{Notice, Theme, Tone};

/// What stands around them.
#[derive(Debug, Clone, Default)]
pub struct Door {
    /// The colours.
    pub theme: Theme,
    /// What came of the attempt before.
    pub notice: Option<Notice>,
}

/// The e-mail address and the password.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// What stands around it.
    pub door: Door,
    /// The address typed before.
    pub email: String,
    /// Where to go on to.
    pub back: String,
}

/// The code of the second factor.
#[derive(Template)]
#[template(path = "second_factor.html")]
pub struct SecondFactor {
    /// What stands around it.
    pub door: Door,
    /// What the form has to send along.
    pub csrf: String,
    /// Where to go on to.
    pub back: String,
}

/// Where a link to set up an account leads.
#[derive(Template)]
#[template(path = "set_up.html")]
pub struct SetUp {
    /// What stands around it.
    pub door: Door,
    /// Where the form goes.
    pub action: String,
    /// The address typed before.
    pub email: String,
    /// How many characters a password has at least.
    pub least: usize,
}

/// Setting up the second factor.
#[derive(Template)]
#[template(path = "authenticator.html")]
pub struct Authenticator {
    /// What stands around it.
    pub door: Door,
    /// Where the form goes.
    pub action: String,
    /// What the form has to send along.
    pub csrf: String,
    /// The key as text.
    pub key: String,
    /// The key's QR code.
    pub qr: QrCode,
}

/// A page that cannot be shown to somebody who has not signed in.
#[derive(Template)]
#[template(path = "door_problem.html")]
pub struct DoorProblem {
    /// What stands around it.
    pub door: Door,
    /// What is wrong.
    pub title: String,
    /// What to do.
    pub told: String,
    /// The request, where the log knows more.
    pub request: Option<String>,
    /// Where to go on: the address and its name.
    pub link: (&'static str, &'static str),
}

/// A QR code as squares; printed as a drawing.
pub struct QrCode {
    /// How many squares a side has.
    pub width: usize,
    /// The dark squares: column and row.
    pub dark: Vec<(usize, usize)>,
}
