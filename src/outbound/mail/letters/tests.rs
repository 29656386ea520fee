use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::*;
use crate::model::{MailId, MailState, TenantId};

fn queued(kind: MailKind, language: Language, data: Value) -> QueuedMail {
    let at: DateTime<Utc> = "2026-11-22T08:00:00Z".parse().unwrap();
    QueuedMail {
        tenant: TenantId::new(at),
        id: MailId::new(at),
        to: "ann@example.com".into(),
        to_name: "Ann Lee".into(),
        kind,
        language,
        data,
        about: None,
        state: MailState::Queued,
        attempts: 1,
        created_at: at,
        next_attempt_at: at,
        error: None,
        sent_at: None,
    }
}

fn sample(kind: MailKind) -> Value {
    match kind {
        MailKind::Invitation => json!({
            "secret": "s3cret", "inviter": "Bea Boss", "organizations": ["Acme <North>", "Acme & South"],
            "message": "See you\non Monday", "identityProvider": "Entra", "expiresAt": "2026-11-29T08:00:00Z",
        }),
        MailKind::CredentialExpiry => json!({
            "credential": "0193", "label": "HR <sync>", "connection": "A & B", "tenant": "acme", "days": 7,
            "expiresAt": "2026-11-29T08:00:00Z",
        }),
        MailKind::Letter => json!({
            "subject": "Last week", "paragraphs": ["3 users were added."], "button": {"label": "Look", "url": "/console/t/a"},
            "lists": [{"heading": "Added", "items": ["ann <ann@example.com>"]}],
        }),
    }
}

fn composed(queued: &QueuedMail) -> Mail {
    let settings: MailSettings =
        serde_json::from_value(json!({"name": "Acme \"X\"", "logoUrl": "https://acme.example/l.png"})).unwrap();
    let sender = Sender { tenant_name: "acme", settings: &settings, public_url: "https://id.example.com" };
    compose(queued, &sender).unwrap()
}

#[test]
fn every_letter_is_rendered_in_every_language() {
    for kind in MailKind::ALL {
        let mut subjects = Vec::new();
        for language in Language::ALL {
            let mail = composed(&queued(kind, language, sample(kind)));
            assert!(mail.html.contains(&format!("lang=\"{}\"", language.as_str())), "{}", mail.html);
            assert!(mail.html.contains("https://acme.example/l.png") && mail.html.contains("color-scheme"));
            for form in [&mail.text, &mail.html] {
                assert!(!form.contains("{{") && !form.contains("Some(") && !form.contains("{name}"), "{form}");
            }
            // What others wrote stays text.
            assert!(!mail.html.contains("<North>") && !mail.html.contains("<sync>") && !mail.html.contains("<ann@"));
            subjects.push(mail.subject.as_str().to_owned());
        }
        subjects.sort();
        subjects.dedup();
        let worded_here = kind != MailKind::Letter;
        assert_eq!(subjects.len(), if worded_here { 4 } else { 1 }, "{subjects:?}");
    }
}

#[test]
fn an_invitation_names_the_inviter_the_organizations_both_links_and_the_end() {
    let mail = composed(&queued(MailKind::Invitation, Language::En, sample(MailKind::Invitation)));
    assert_eq!(mail.subject.as_str(), "Bea Boss invites you to Acme \"X\"");
    assert_eq!(mail.to.to_string(), "Ann Lee <ann@example.com>");
    for told in [
        "Acme <North>",
        "Acme & South",
        "> See you\n> on Monday\n",
        "You will sign in with Entra.",
        "Activate account:\nhttps://id.example.com/invitations/s3cret\n",
        "Reject invitation:\nhttps://id.example.com/invitations/s3cret/reject\n",
        "until 29 November 2026, 08:00 UTC",
        "https://id.example.com\n",
    ] {
        assert!(mail.text.contains(told), "{told:?} is not in {}", mail.text);
    }
    let link = "href=\"https://id.example.com/invitations/s3cret\"";
    assert!(mail.html.contains(link) && mail.html.contains("Acme &#60;North&#62;"), "{}", mail.html);
}

#[test]
fn nothing_that_others_wrote_becomes_a_header_or_html() {
    let hostile = "x\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script>";
    let data = json!({
        "secret": "s", "inviter": hostile, "organizations": [hostile], "message": hostile, "identityProvider": hostile,
        "expiresAt": "2026-11-29T08:00:00Z",
    });
    for language in Language::ALL {
        let mail =
            composed(&QueuedMail { to_name: hostile.into(), ..queued(MailKind::Invitation, language, data.clone()) });
        assert!(!mail.subject.as_str().contains(['\r', '\n']), "{}", mail.subject.as_str());
        assert!(!mail.to.to_string().contains(['\r', '\n']), "{}", mail.to);
        assert!(!mail.html.contains("<script"), "{}", mail.html);
    }
    let nobody = QueuedMail {
        to: "ann@example.com\r\nBcc: eve@example.com".into(),
        ..queued(MailKind::Invitation, Language::En, sample(MailKind::Invitation))
    };
    let sender =
        Sender { tenant_name: "acme", settings: &MailSettings::default(), public_url: "https://id.example.com" };
    assert!(matches!(compose(&nobody, &sender), Err(MailError::Message(_))));
}

#[test]
fn a_warning_tells_what_ends_when_and_what_to_do() {
    let mail = composed(&queued(MailKind::CredentialExpiry, Language::En, sample(MailKind::CredentialExpiry)));
    assert_eq!(mail.subject.as_str(), "HR <sync> in acme ends within 7 days");
    let told = "The credential \"HR <sync>\" of the connection \"A & B\" in the tenant acme ends within 7 days: on 29 November 2026";
    assert!(mail.text.contains(told), "{}", mail.text);
    assert!(mail.text.contains("scimgate token rotate 0193 --overlap 7d"), "{}", mail.text);
}
