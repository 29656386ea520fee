//! The words of an invitation.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::dates::instant;
use super::{Letter, LetterLink, LetterList, Sender};
use crate::model::Language;

/// What an invitation's mail is made of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Data {
    /// What opens the page; gone once the mail is sent.
    #[serde(default)]
    secret: Option<String>,
    /// Who invites.
    inviter: String,
    /// The organizations, by their names.
    #[serde(default)]
    organizations: Vec<String>,
    /// What the inviter says.
    #[serde(default)]
    message: Option<String>,
    /// By which identity provider the invited is to sign in.
    #[serde(default)]
    identity_provider: Option<String>,
    /// Until when it is open.
    expires_at: DateTime<Utc>,
}

pub(super) fn letter(language: Language, data: &Data, sender: &Sender<'_>) -> Letter {
    let words = words(language, data, sender.name());
    // Without its secret a mail was sent already, and is only shown; so is one whose secret is sealed, which tells a colon.
    let secret = data.secret.as_deref().filter(|secret| !secret.contains(':')).unwrap_or("...");
    let lists = if data.organizations.is_empty() {
        Vec::new()
    } else {
        vec![LetterList { heading: words.organizations.to_owned(), items: data.organizations.clone() }]
    };
    let mut paragraphs = vec![words.invited];
    paragraphs.extend(words.provider);
    Letter {
        subject: words.subject,
        paragraphs,
        quote: data.message.clone(),
        lists,
        button: Some(LetterLink { label: words.accept.to_owned(), url: format!("/invitations/{secret}") }),
        links: vec![LetterLink { label: words.reject.to_owned(), url: format!("/invitations/{secret}/reject") }],
        closing: vec![words.until, words.unexpected.to_owned(), sender.public_url.to_owned()],
    }
}

struct Words {
    subject: String,
    invited: String,
    provider: Option<String>,
    organizations: &'static str,
    accept: &'static str,
    reject: &'static str,
    until: String,
    unexpected: &'static str,
}

fn words(language: Language, data: &Data, place: &str) -> Words {
    let (inviter, end) = (&data.inviter, instant(language, data.expires_at));
    let provider = data.identity_provider.as_deref();
    match language {
        Language::En => Words {
            subject: format!("{inviter} invites you to {place}"),
            invited: format!("{inviter} invites you to {place}. Activate your account to begin."),
            provider: provider.map(|name| format!("You will sign in with {name}.")),
            organizations: "The invitation is for:",
            accept: "Activate account",
            reject: "Reject invitation",
            until: format!("The invitation is open until {end}, and the link works once."),
            unexpected: "If you do not know what this is about, reject it or do nothing.",
        },
        Language::De => Words {
            subject: format!("{inviter} lädt Sie zu {place} ein"),
            invited: format!("{inviter} lädt Sie zu {place} ein. Aktivieren Sie Ihr Konto, um zu beginnen."),
            provider: provider.map(|name| format!("Sie melden sich mit {name} an.")),
            organizations: "Die Einladung gilt für:",
            accept: "Konto aktivieren",
            reject: "Einladung ablehnen",
            until: format!("Die Einladung gilt bis {end}; der Link funktioniert einmal."),
            unexpected: "Wenn Sie nicht wissen, worum es geht, lehnen Sie ab oder tun Sie nichts.",
        },
        Language::Fr => Words {
            subject: format!("{inviter} vous invite à rejoindre {place}"),
            invited: format!("{inviter} vous invite à rejoindre {place}. Activez votre compte pour commencer."),
            provider: provider.map(|name| format!("Vous vous connecterez avec {name}.")),
            organizations: "L’invitation concerne :",
            accept: "Activer le compte",
            reject: "Refuser l’invitation",
            until: format!("L’invitation est valable jusqu’au {end} et le lien ne sert qu’une fois."),
            unexpected: "Si vous ne savez pas de quoi il s’agit, refusez l’invitation ou ne faites rien.",
        },
        Language::Es => Words {
            subject: format!("{inviter} le invita a {place}"),
            invited: format!("{inviter} le invita a {place}. Active su cuenta para empezar."),
            provider: provider.map(|name| format!("Iniciará sesión con {name}.")),
            organizations: "La invitación es para:",
            accept: "Activar la cuenta",
            reject: "Rechazar la invitación",
            until: format!("La invitación es válida hasta el {end} y el enlace funciona una sola vez."),
            unexpected: "Si no sabe de qué se trata, rechácela o no haga nada.",
        },
    }
}
