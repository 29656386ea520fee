//! What a tenant's mails look like, and where its people sign in.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{ConnectionId, Label};

/// A language that mails and the pages behind their links speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 4] = [Self::En, Self::De, Self::Fr, Self::Es];

    /// The tag (RFC 5646), as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
        }
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|language| language.as_str() == text);
        found.ok_or_else(|| format!("\"{text}\" is no language that mails are written in; choose en, de, fr or es"))
    }
}

/// An https URL without user and password, to be shown to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HttpsUrl(String);

impl HttpsUrl {
    const MOST: usize = 1_000;

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HttpsUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "is no https URL; write for example https://example.com/logo.png";
        if text.len() > Self::MOST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong.into());
        }
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "https" && url.has_host());
        let url = url.filter(|url| url.username().is_empty() && url.password().is_none());
        url.map(|url| Self(url.into())).ok_or_else(|| wrong.into())
    }
}

impl TryFrom<String> for HttpsUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<HttpsUrl> for String {
    fn from(url: HttpsUrl) -> Self {
        url.0
    }
}

impl fmt::Display for HttpsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// For how many days a link to accept an invitation works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct InvitationDays(u16);

impl InvitationDays {
    /// The most days. What opens a door should not lie about for longer.
    pub const MOST: u16 = 90;

    /// As a span of time.
    pub fn lifetime(self) -> TimeDelta {
        TimeDelta::days(self.0.into())
    }
}

impl Default for InvitationDays {
    fn default() -> Self {
        Self(7)
    }
}

impl TryFrom<u16> for InvitationDays {
    type Error = String;

    fn try_from(days: u16) -> Result<Self, String> {
        let fits = (1..=Self::MOST).contains(&days);
        if fits { Ok(Self(days)) } else { Err(format!("is no number of days from 1 to {}", Self::MOST)) }
    }
}

impl From<InvitationDays> for u16 {
    fn from(days: InvitationDays) -> Self {
        days.0
    }
}

impl FromStr for InvitationDays {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let days: u16 = text.parse().map_err(|_| format!("is no number of days from 1 to {}", Self::MOST))?;
        days.try_into()
    }
}

/// What a tenant's mails look like, and where its people sign in. What is absent is as it is for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MailSettings {
    /// Whom mails name as the sender; the tenant's name if it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Label>,
    /// A picture at the head of each mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<HttpsUrl>,
    /// The language of mails whose reader's is not known.
    pub language: Language,
    /// Where people sign in once they have set their password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in_url: Option<HttpsUrl>,
    /// Where the people of an identity provider sign in.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub identity_provider_urls: BTreeMap<ConnectionId, HttpsUrl>,
    /// How long invitations are open.
    pub invitation_days: InvitationDays,
}

impl MailSettings {
    /// Where people of an identity provider sign in, or those of none.
    pub fn sign_in(&self, provider: Option<ConnectionId>) -> Option<&HttpsUrl> {
        match provider {
            Some(provider) => self.identity_provider_urls.get(&provider).or(self.sign_in_url.as_ref()),
            None => self.sign_in_url.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_https_urls_are_shown_to_people() {
        assert_eq!("https://example.com/a.png".parse::<HttpsUrl>().unwrap().as_str(), "https://example.com/a.png");
        for wrong in [
            "",
            "http://example.com",
            "javascript:alert(1)",
            "https://u:p@example.com",
            "https://a b",
            "https:///x",
            "//x",
        ] {
            let parsed = wrong.parse::<HttpsUrl>();
            assert!(parsed.is_err() || wrong == "https:///x" && parsed.unwrap().as_str() == "https://x/", "{wrong}");
        }
    }

    #[test]
    fn settings_come_back_from_what_is_stored() {
        let nothing: MailSettings = serde_json::from_str("{}").unwrap();
        assert_eq!(nothing, MailSettings::default());
        assert_eq!(nothing.invitation_days.lifetime(), TimeDelta::days(7));
        let text = r#"{"name":"Acme","logoUrl":"https://acme.example/l.png","language":"de","invitationDays":14}"#;
        let settings: MailSettings = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&settings).unwrap(), text);
        for wrong in [r#"{"invitationDays":0}"#, r#"{"language":"xx"}"#, r#"{"logoUrl":"http://x"}"#, r#"{"other":1}"#]
        {
            assert!(serde_json::from_str::<MailSettings>(wrong).is_err(), "{wrong}");
        }
    }
}
