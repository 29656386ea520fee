//! What came of a form, told on the page that follows it. The cookie holds a word from this list and nothing else, so nobody can
//! make the console say what it does not know.

use super::pages::{Notice, Tone};

/// What came of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flash {
    /// A connection was made.
    ConnectionCreated,
    /// A connection is in use again.
    ConnectionEnabled,
    /// A connection is out of use.
    ConnectionDisabled,
    /// A credential was revoked.
    CredentialRevoked,
    /// Settings were kept.
    Saved,
    /// A resource is what it was.
    Restored,
    /// A tenant was made.
    TenantCreated,
    /// An administrator was disabled.
    AdminDisabled,
    /// An administrator may sign in again.
    AdminEnabled,
    /// A second factor was taken away.
    SecondFactorOff,
    /// A password was changed.
    PasswordChanged,
    /// A password was chosen by a one-time link.
    PasswordChosen,
    /// Somebody signed out.
    SignedOut,
}

impl Flash {
    const ALL: [Self; 13] = [
        Self::ConnectionCreated,
        Self::ConnectionEnabled,
        Self::ConnectionDisabled,
        Self::CredentialRevoked,
        Self::Saved,
        Self::Restored,
        Self::TenantCreated,
        Self::AdminDisabled,
        Self::AdminEnabled,
        Self::SecondFactorOff,
        Self::PasswordChanged,
        Self::PasswordChosen,
        Self::SignedOut,
    ];

    /// The word, as the cookie holds it.
    pub fn word(self) -> &'static str {
        match self {
            Self::ConnectionCreated => "connection-created",
            Self::ConnectionEnabled => "connection-enabled",
            Self::ConnectionDisabled => "connection-disabled",
            Self::CredentialRevoked => "credential-revoked",
            Self::Saved => "saved",
            Self::Restored => "restored",
            Self::TenantCreated => "tenant-created",
            Self::AdminDisabled => "admin-disabled",
            Self::AdminEnabled => "admin-enabled",
            Self::SecondFactorOff => "second-factor-off",
            Self::PasswordChanged => "password-changed",
            Self::PasswordChosen => "password-chosen",
            Self::SignedOut => "signed-out",
        }
    }

    /// What the word says.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flash| flash.word() == word)
    }

    /// The message.
    pub fn notice(self) -> Notice {
        let text = match self {
            Self::ConnectionCreated => "The connection is there. Now create its token and follow the guide.",
            Self::ConnectionEnabled => "The connection is enabled: its credentials work again.",
            Self::ConnectionDisabled => "The connection is disabled: its credentials are refused from now on.",
            Self::CredentialRevoked => "Revoked: requests with it are refused with 401 from now on.",
            Self::Saved => "Saved.",
            Self::Restored => "Restored. The change stands in the history, under your name.",
            Self::TenantCreated => "The tenant is there. Connect its identity provider next.",
            Self::AdminDisabled => "The administrator is disabled, and all its sessions have ended.",
            Self::AdminEnabled => "The administrator may sign in again.",
            Self::SecondFactorOff => "The second factor is gone. Signing in asks for the password alone.",
            Self::PasswordChanged => "The password is changed, and all other sessions have ended.",
            Self::PasswordChosen => "The account is ready. Sign in with the password that you chose.",
            Self::SignedOut => "You have signed out.",
        };
        Notice { tone: Tone::Ok, text: text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_comes_back() {
        for flash in Flash::ALL {
            assert_eq!(Flash::parse(flash.word()), Some(flash));
        }
        assert_eq!(Flash::parse("<script>"), None);
    }
}
