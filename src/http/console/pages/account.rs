//! One's own account.

use askama::Template;

use super::{Notice, Shell, Tone};

/// One's own account.
#[derive(Template)]
#[template(path = "account.html")]
pub struct Account {
    /// What stands around it.
    pub shell: Shell,
    /// The e-mail address.
    pub email: String,
    /// Whether signing in asks for a code.
    pub has_second_factor: bool,
    /// Recovery codes that were made just now.
    pub codes: Vec<String>,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// Setting up the second factor.
#[derive(Template)]
#[template(path = "authenticator.html")]
pub struct Authenticator {
    /// What stands around it.
    pub shell: Shell,
    /// The key as text; absent once it was shown.
    pub key: Option<String>,
    /// The key's QR code; absent once it was shown.
    pub qr: Option<QrCode>,
    /// Why the code was refused.
    pub problem: Option<Notice>,
}

/// A QR code as squares.
pub struct QrCode {
    /// How many squares a side has.
    pub width: usize,
    /// The dark squares: column and row.
    pub dark: Vec<(usize, usize)>,
}
