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
    /// Whose account it is; `None` for the first owner, who is asked for both.
    pub known: Option<String>,
    /// The address typed before.
    pub email: String,
    /// The name typed before.
    pub name: String,
    /// How many characters a password has at least.
    pub least: usize,
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
