//! The flags of `scimgate tenant set` for what a tenant's mails look like.

use std::str::FromStr;

use clap::Args;

use crate::model::{HttpsUrl, InvitationDays, Label, Language, MailSettings};

/// What mails look like.
#[derive(Debug, Args)]
pub struct MailFlags {
    /// Whom mails name as their sender, and to what they invite; "" for the tenant's name
    #[arg(long, env = "SCIMGATE_MAIL_NAME", value_name = "NAME")]
    mail_name: Option<OrNone<Label>>,
    /// A picture at the head of each mail: an https URL, or "" for none
    #[arg(long, env = "SCIMGATE_LOGO_URL", value_name = "URL")]
    logo_url: Option<OrNone<HttpsUrl>>,
    /// The language of mails to people whose own is not known: en, de, fr or es
    #[arg(long, env = "SCIMGATE_LANGUAGE", value_name = "LANGUAGE")]
    language: Option<Language>,
    /// Where people sign in once they have chosen a password: an https URL, or "" for nowhere
    #[arg(long, env = "SCIMGATE_SIGN_IN_URL", value_name = "URL")]
    sign_in_url: Option<OrNone<HttpsUrl>>,
    /// For how many days invitations are open: 1 to 90
    #[arg(long, env = "SCIMGATE_INVITATION_DAYS", value_name = "DAYS")]
    invitation_days: Option<InvitationDays>,
}

/// A value, or an empty text for none.
#[derive(Debug, Clone)]
struct OrNone<T>(Option<T>);

impl<T: FromStr<Err = String>> FromStr for OrNone<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() { Ok(Self(None)) } else { text.parse().map(|value| Self(Some(value))) }
    }
}

impl MailFlags {
    /// The settings with what was chosen, if anything was.
    pub fn choose(&self, now: MailSettings) -> Option<MailSettings> {
        let settings = MailSettings {
            name: self.mail_name.as_ref().map_or_else(|| now.name.clone(), |chosen| chosen.0.clone()),
            logo_url: self.logo_url.as_ref().map_or_else(|| now.logo_url.clone(), |chosen| chosen.0.clone()),
            language: self.language.unwrap_or(now.language),
            sign_in_url: self.sign_in_url.as_ref().map_or_else(|| now.sign_in_url.clone(), |chosen| chosen.0.clone()),
            invitation_days: self.invitation_days.unwrap_or(now.invitation_days),
            identity_provider_urls: now.identity_provider_urls.clone(),
        };
        (settings != now).then_some(settings)
    }
}
