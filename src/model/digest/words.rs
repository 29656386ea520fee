//! The words of a digest, as a letter in pieces: subject, paragraphs, lists, a button, links and a closing. Whoever renders it
//! escapes what others wrote.

use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Digest, DigestSection, DigestSettings};
use crate::model::TenantSlug;

struct Words {
    subject: &'static str,
    period: &'static str,
    nothing: &'static str,
    sections: [&'static str; 4],
    by: &'static str,
    more: &'static str,
    button: &'static str,
    settings: &'static str,
}

const EN: Words = Words {
    subject: "{tenant}: {added} added, {edited} edited, {deactivated} deactivated",
    period: "What became of the users of {tenant} from {from} to {to} ({zone}).",
    nothing: "Nothing happened to any user.",
    sections: [
        "Users added: {n}",
        "Users edited: {n}",
        "Users whose status changed to inactive: {n}",
        "Users removed: {n}",
    ],
    by: "by {name}: {n}",
    more: "and {n} more",
    button: "Show the activity",
    settings: "You get this mail each week as an administrator. The settings of the tenant say whether and when.",
};
const DE: Words = Words {
    subject: "{tenant}: {added} hinzugefügt, {edited} geändert, {deactivated} deaktiviert",
    period: "Was mit den Benutzern von {tenant} vom {from} bis zum {to} geschah ({zone}).",
    nothing: "Mit keinem Benutzer geschah etwas.",
    sections: [
        "Hinzugefügte Benutzer: {n}",
        "Geänderte Benutzer: {n}",
        "Benutzer, deren Status auf inaktiv gesetzt wurde: {n}",
        "Entfernte Benutzer: {n}",
    ],
    by: "durch {name}: {n}",
    more: "und {n} weitere",
    button: "Aktivität ansehen",
    settings: "Sie erhalten diese E-Mail jede Woche als Administrator. Ob und wann, steht in den Einstellungen des Mandanten.",
};
const FR: Words = Words {
    subject: "{tenant} : {added} ajoutés, {edited} modifiés, {deactivated} désactivés",
    period: "Ce que sont devenus les utilisateurs de {tenant} du {from} au {to} ({zone}).",
    nothing: "Aucun utilisateur n’a changé.",
    sections: [
        "Utilisateurs ajoutés : {n}",
        "Utilisateurs modifiés : {n}",
        "Utilisateurs devenus inactifs : {n}",
        "Utilisateurs supprimés : {n}",
    ],
    by: "par {name} : {n}",
    more: "et {n} autres",
    button: "Voir l’activité",
    settings: "Vous recevez ce message chaque semaine en tant qu’administrateur. Les paramètres du locataire disent s’il est envoyé et quand.",
};
const ES: Words = Words {
    subject: "{tenant}: {added} añadidos, {edited} modificados, {deactivated} desactivados",
    period: "Qué pasó con los usuarios de {tenant} del {from} al {to} ({zone}).",
    nothing: "Ningún usuario cambió.",
    sections: [
        "Usuarios añadidos: {n}",
        "Usuarios modificados: {n}",
        "Usuarios que pasaron a inactivos: {n}",
        "Usuarios eliminados: {n}",
    ],
    by: "por {name}: {n}",
    more: "y {n} más",
    button: "Ver la actividad",
    settings: "Recibe este correo cada semana como administrador. La configuración del inquilino dice si se envía y cuándo.",
};

/// Puts values into their places. A value that looks like a place is not looked at again.
fn filled(words: &str, values: &[(&str, String)]) -> String {
    let (mut out, mut rest) = (String::new(), words);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str());
        out.push_str(before);
        out.push_str(value);
        rest = after;
    }
    out + rest
}

/// The letter, in the language of that tag.
pub(super) fn letter(
    digest: &Digest,
    language: &str,
    (slug, name): (&TenantSlug, &str),
    settings: &DigestSettings,
) -> Value {
    let words = match language {
        "de" => DE,
        "fr" => FR,
        "es" => ES,
        _ => EN,
    };
    let number = |section: &DigestSection| section.count.to_string();
    let day =
        |at: chrono::DateTime<chrono::Utc>, zone: &Tz| at.with_timezone(zone).format("%Y-%m-%d %H:%M").to_string();
    let values = [
        ("tenant", name.to_owned()),
        ("added", number(&digest.added)),
        ("edited", number(&digest.edited)),
        ("deactivated", number(&digest.deactivated)),
        ("from", day(digest.from, &settings.time_zone)),
        ("to", day(digest.to, &settings.time_zone)),
        ("zone", settings.time_zone.name().to_owned()),
    ];
    let mut paragraphs = vec![filled(words.period, &values)];
    if digest.is_empty() {
        paragraphs.push(words.nothing.to_owned());
    }
    let sections = digest.sections().into_iter().zip(words.sections);
    let lists: Vec<Value> = sections
        .filter(|(section, _)| section.count > 0)
        .map(|(section, heading)| {
            json!({ "heading": filled(heading, &[("n", number(section))]), "items": items(section, &words) })
        })
        .collect();
    json!({
        "subject": filled(words.subject, &values),
        "paragraphs": paragraphs,
        "lists": lists,
        "button": { "label": words.button, "url": format!("/console/t/{slug}/activity") },
        "links": links(digest, slug),
        "closing": [words.settings],
    })
}

fn items(section: &DigestSection, words: &Words) -> Vec<String> {
    let by = section.by.iter().map(|(name, n)| filled(words.by, &[("name", name.clone()), ("n", n.to_string())]));
    let users = section.users.iter().map(|(_, name)| name.clone());
    let left = section.count.saturating_sub(section.users.len() as u64);
    let more = (left > 0).then(|| filled(words.more, &[("n", left.to_string())]));
    by.chain(users).chain(more).collect()
}

/// To the users who are there still, a few of each section.
fn links(digest: &Digest, slug: &TenantSlug) -> Vec<Value> {
    let mut seen = Vec::new();
    for (id, name) in
        [&digest.added, &digest.edited, &digest.deactivated].into_iter().flat_map(|one| one.users.iter().take(5))
    {
        if !seen.iter().any(|(known, _)| known == id) && !digest.removed.users.iter().any(|(gone, _)| gone == id) {
            seen.push((*id, name.clone()));
        }
    }
    let link = |(id, name)| json!({ "label": name, "url": format!("/console/t/{slug}/users/{id}") });
    seen.into_iter().map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::super::DigestGatherer;
    use super::*;
    use crate::model::ResourceId;

    #[test]
    fn each_language_tells_the_numbers_by_whom_and_where_to_look() {
        let mut gatherer = DigestGatherer::default();
        let user = |n: u128| ResourceId(uuid::Uuid::from_u128(n));
        gatherer.take("create", user(1), "{tenant}", "HR");
        gatherer.take("deactivate", user(2), "bob", "Entra");
        let day = |text: &str| text.parse().unwrap();
        let digest = gatherer.digest(day("2026-11-16T07:00:00Z"), day("2026-11-23T07:00:00Z"));
        let settings = DigestSettings { time_zone: Tz::Europe__Berlin, ..DigestSettings::default() };
        let slug: TenantSlug = "acme".parse().unwrap();
        let letter = |language| digest.letter(language, (&slug, "Acme & Co"), &settings);
        assert_eq!(letter("en")["subject"], "Acme & Co: 1 added, 0 edited, 1 deactivated");
        let period = "What became of the users of Acme & Co from 2026-11-16 08:00 to 2026-11-23 08:00 (Europe/Berlin).";
        assert_eq!(letter("en")["paragraphs"], json!([period]));
        let lists = json!([
            {"heading": "Users added: 1", "items": ["by HR: 1", "{tenant}"]},
            {"heading": "Users whose status changed to inactive: 1", "items": ["by Entra: 1", "bob"]},
        ]);
        assert_eq!(letter("en")["lists"], lists);
        assert_eq!(letter("en")["button"]["url"], "/console/t/acme/activity");
        assert_eq!(letter("en")["links"][1]["url"], format!("/console/t/acme/users/{}", user(2)));
        for (language, subject) in [("de", "hinzugefügt"), ("fr", "ajoutés"), ("es", "añadidos"), ("xx", "added")] {
            let letter = letter(language);
            assert!(letter["subject"].as_str().unwrap().contains(subject), "{letter}");
            assert!(!letter["paragraphs"].to_string().contains('{'), "{letter}");
        }
    }
}
