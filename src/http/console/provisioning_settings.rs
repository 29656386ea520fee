//! What a tenant chooses for systems of record, and what its mails look like: two parts of the settings page.

use super::definitions::offender_views;
use super::error::{ConsoleError, sentence};
use super::fields::Fields;
use super::flash::Flash;
use super::pages::{Choice, MailChoices, OffenderView, Switch};
use super::trust::{self, Wrongs};
use super::{ConsoleAnswer, Place, Visit, reply, settings};
use crate::gateway::{ProvisioningError, SchemasError, TenantError};
use crate::model::{Credentials, HttpsUrl, InvitationDays, Label, Language, MailSettings, Provisioning};

const OFF_OR_ON: [(&str, &str); 2] = [("off", "Off"), ("on", "On")];
const CREDENTIALS: [(Credentials, &str); 3] = [
    (Credentials::None, "None: an identity provider"),
    (Credentials::ReturnOnce, "A password, returned once"),
    (Credentials::Invite, "An invitation"),
];
const LANGUAGES: [(Language, &str); 4] =
    [(Language::En, "English"), (Language::De, "Deutsch"), (Language::Fr, "Français"), (Language::Es, "Español")];

/// What a tenant chose for systems of record.
pub fn of(provisioning: &Provisioning) -> Vec<Switch> {
    let flag = |value: bool| if value { "on" } else { "off" };
    let two = |key, name, hint, now: bool| Switch {
        key,
        name,
        hint,
        choices: OFF_OR_ON.into_iter().map(|(key, text)| Choice::new(key, text, key == flag(now))).collect(),
    };
    vec![
        two(
            "enabled",
            "Provisioning",
            "Takes people from systems that do not speak SCIM: the API under /api/v1, files and tasks. Turning it on registers \
             the resource type Organization and an extension of User, which stay when it is turned off.",
            provisioning.enabled,
        ),
        Switch {
            key: "credentials",
            name: "Credentials of new users",
            hint: "None leaves signing in to an identity provider. Returned once makes a password that stands in the answer and \
                nowhere else. An invitation lets people choose one themselves. An organization can say otherwise.",
            choices: CREDENTIALS
                .into_iter()
                .map(|(one, text)| Choice::new(one.as_str(), text, one == provisioning.credentials))
                .collect(),
        },
        two(
            "unique-email",
            "E-mail addresses are unique",
            "No two users may have the same, whichever way they come, SCIM too. Holds while provisioning is on, and cannot be \
             turned on while users share one.",
            provisioning.unique_email,
        ),
        two(
            "suppress",
            "Suppress invitation mails",
            "Invitations are made and wait until somebody sends them from the list, whatever a record asks for. An \
             organization can say otherwise.",
            provisioning.suppress_invitation_email,
        ),
    ]
}

/// What a form would say to get these choices.
fn as_fields(settings: &MailSettings) -> Fields {
    let text = |url: &Option<HttpsUrl>| url.as_ref().map_or_else(String::new, |url| url.as_str().to_owned());
    Fields::of(vec![
        ("mail-name", settings.name.as_ref().map_or_else(String::new, ToString::to_string)),
        ("logo", text(&settings.logo_url)),
        ("language", settings.language.as_str().to_owned()),
        ("sign-in", text(&settings.sign_in_url)),
        ("days", u16::from(settings.invitation_days).to_string()),
    ])
}

/// What mails look like: what was said just now, else what holds.
pub async fn mail_choices(visit: &Visit<'_>, place: &Place, wrongs: &Wrongs) -> Result<MailChoices, ConsoleError> {
    let kept;
    let said = if wrongs.is_empty() {
        kept = as_fields(&visit.store(place).mail_settings().await?);
        &kept
    } else {
        &visit.form
    };
    let field = |id, label, hint, example| trust::field(said, wrongs, [id, label, hint, example]);
    Ok(MailChoices {
        fields: vec![
            field(
                "mail-name",
                "Name",
                "Whom mails name as their sender, and to what they invite. The tenant's name if it is empty.",
                "Example University",
            ),
            field(
                "logo",
                "Logo",
                "A picture at the head of each mail, 40 pixels high: an https address that everybody can reach.",
                "https://example.org/logo.png",
            ),
            field(
                "sign-in",
                "Where people sign in",
                "Where the page leads on to once somebody has chosen a password: an https address.",
                "https://portal.example.org",
            ),
            field(
                "days",
                "Invitations are open for",
                "Days, 1 to 90. A link that lies about for long is found by somebody.",
                "7",
            ),
        ],
        languages: LANGUAGES
            .into_iter()
            .map(|(one, text)| Choice::new(one.as_str(), text, one.as_str() == said.get("language")))
            .collect(),
    })
}

/// Sets what the form chose for systems of record.
pub async fn save(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    let said = &visit.form;
    let credentials: Credentials = match said.get("credentials").parse() {
        Ok(credentials) => credentials,
        Err(told) => return settings::refused(visit, place, &sentence(&told)).await,
    };
    let wanted = Provisioning {
        enabled: said.get("enabled") == "on",
        credentials,
        unique_email: said.get("unique-email") == "on",
        suppress_invitation_email: said.get("suppress") == "on",
    };
    let edit = |provisioning: &mut Provisioning| provisioning.clone_from(&wanted);
    let slug = &place.tenant.slug;
    match visit.app.gateway.change_provisioning(slug, &visit.caller.origin, edit).await {
        Ok(_) => reply::done(&format!("/console/t/{slug}/settings"), Flash::ProvisioningSaved),
        Err(
            ProvisioningError::Tenant(TenantError::Store(error))
            | ProvisioningError::Schemas(SchemasError::Store(error)),
        ) => Err(error.into()),
        Err(error) => {
            let told = sentence(&error.to_string());
            let offenders: Vec<OffenderView> = match error {
                ProvisioningError::SharedEmails(offenders)
                | ProvisioningError::Schemas(SchemasError::Violated(offenders)) => offender_views(place, offenders),
                _ => Vec::new(),
            };
            settings::refused_with(visit, place, &told, offenders).await
        }
    }
}

/// Sets what the form chose for mails.
pub async fn save_mail(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    let now = visit.store(place).mail_settings().await?;
    let wanted = match asked(&visit.form, now) {
        Ok(wanted) => wanted,
        Err(wrongs) => return settings::refused_mail(visit, place, &wrongs).await,
    };
    if !visit.app.gateway.set_mail_settings(&place.tenant, &wanted, &visit.caller.origin).await? {
        return Err(ConsoleError::NotFound);
    }
    reply::done(&format!("/console/t/{}/settings", place.tenant.slug), Flash::Saved)
}

/// What the form says. What it does not show stays as it is.
fn asked(said: &Fields, now: MailSettings) -> Result<MailSettings, Wrongs> {
    let mut wrongs = Wrongs::new();
    let mut note = |field, told: String| {
        wrongs.insert(field, sentence(&if told.starts_with("is ") { format!("this {told}") } else { told }));
    };
    let given = |field| Some(said.get(field)).filter(|text| !text.is_empty());
    let name = given("mail-name").map(str::parse::<Label>).transpose().map_err(|told| note("mail-name", told));
    let logo_url = given("logo").map(str::parse::<HttpsUrl>).transpose().map_err(|told| note("logo", told));
    let sign_in_url = given("sign-in").map(str::parse::<HttpsUrl>).transpose().map_err(|told| note("sign-in", told));
    let language = said.get("language").parse::<Language>().map_err(|told| note("language", told));
    let invitation_days = said.get("days").parse::<InvitationDays>().map_err(|told| note("days", told));
    match (name, logo_url, sign_in_url, language, invitation_days) {
        (Ok(name), Ok(logo_url), Ok(sign_in_url), Ok(language), Ok(invitation_days)) => {
            Ok(MailSettings { name, logo_url, language, sign_in_url, invitation_days, ..now })
        }
        _ => Err(wrongs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mails_look_like_can_be_said_again() {
        let settings = MailSettings {
            name: Some("Example".parse().unwrap()),
            logo_url: Some("https://example.org/a.png".parse().unwrap()),
            language: Language::Fr,
            ..MailSettings::default()
        };
        assert_eq!(asked(&as_fields(&settings), settings.clone()), Ok(settings));
        let wrong = Fields::of(vec![("logo", "http://x".into()), ("days", "0".into()), ("language", "xx".into())]);
        let wrongs = asked(&wrong, MailSettings::default()).unwrap_err();
        assert_eq!(wrongs.keys().copied().collect::<Vec<_>>(), ["days", "language", "logo"]);
        assert!(wrongs["logo"].starts_with("This is no https URL"), "{}", wrongs["logo"]);
    }

    #[test]
    fn every_choice_is_shown() {
        for credentials in Credentials::ALL {
            let shown = of(&Provisioning { credentials, ..Provisioning::default() });
            let chosen: Vec<&str> =
                shown[1].choices.iter().filter(|choice| choice.chosen).map(|choice| choice.key.as_str()).collect();
            assert_eq!(chosen, [credentials.as_str()]);
        }
        assert_eq!(LANGUAGES.map(|(language, _)| language), Language::ALL);
    }
}
