//! What a tenant chooses for systems of record that do not speak SCIM.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How the users whom a system of record creates come to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credentials {
    /// By an identity provider; no password is made.
    #[default]
    None,
    /// By a password that is made for them, and shown in the answer that tells of the new user and nowhere else.
    ReturnOnce,
    /// By an invitation, with which they choose a password themselves.
    Invite,
}

impl Credentials {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::None, Self::ReturnOnce, Self::Invite];

    /// The name, as it is stored and written on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ReturnOnce => "return-once",
            Self::Invite => "invite",
        }
    }
}

impl FromStr for Credentials {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|choice| choice.as_str() == text);
        found.ok_or_else(|| format!("\"{text}\" is no choice; there are {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// A tenant's choices for the provisioning API, for files and for tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Provisioning {
    /// Whether records are taken at all.
    pub enabled: bool,
    /// How new users come to sign in.
    pub credentials: Credentials,
    /// Whether no two users may have the same e-mail address, on whatever way they come.
    pub unique_email: bool,
    /// Whether no invitation is mailed, whatever a record asks for.
    pub suppress_invitation_email: bool,
}

impl Default for Provisioning {
    fn default() -> Self {
        Self { enabled: false, credentials: Credentials::None, unique_email: true, suppress_invitation_email: false }
    }
}

impl Provisioning {
    /// Whether no two users of the tenant may have the same e-mail address: only where records are taken, so that a tenant that
    /// never asked for it is as it was.
    pub fn keeps_emails_unique(&self) -> bool {
        self.enabled && self.unique_email
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tenant_that_chose_nothing_takes_no_records() {
        let nothing: Provisioning = serde_json::from_value(json!({})).unwrap();
        assert_eq!(nothing, Provisioning::default());
        assert!(!nothing.enabled && nothing.unique_email && !nothing.keeps_emails_unique());
    }

    #[test]
    fn a_choice_comes_back_from_its_name() {
        for choice in Credentials::ALL {
            assert_eq!(choice.as_str().parse(), Ok(choice));
            assert_eq!(json!(choice), json!(choice.as_str()));
        }
        assert_eq!("x".parse::<Credentials>().unwrap_err(), "\"x\" is no choice; there are none, return-once, invite");
    }
}
