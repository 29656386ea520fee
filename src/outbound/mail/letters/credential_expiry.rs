//! The words of a warning that a credential ends soon.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::Letter;
use super::dates::instant;
use crate::model::Language;

/// What a warning is made of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Data {
    /// The credential.
    credential: String,
    /// Its name for people.
    label: String,
    /// The connection that it belongs to, if there is one.
    #[serde(default)]
    connection: Option<String>,
    /// The tenant's short name.
    tenant: String,
    /// Within how many days it ends.
    days: u32,
    /// When it ends.
    expires_at: DateTime<Utc>,
}

pub(super) fn letter(language: Language, data: &Data) -> Letter {
    let Data { credential, label, connection, tenant, days, expires_at } = data;
    let (end, command) = (instant(language, *expires_at), format!("scimgate token rotate {credential} --overlap 7d"));
    let connection = connection.as_deref();
    let (subject, paragraphs) = match language {
        Language::En => {
            let within = if *days == 1 { "a day".to_owned() } else { format!("{days} days") };
            let place = connection.map_or(String::new(), |name| format!(" of the connection \"{name}\""));
            (
                format!("{label} in {tenant} ends within {within}"),
                [
                    format!("The credential \"{label}\"{place} in the tenant {tenant} ends within {within}: on {end}."),
                    "From then on every request with it is refused with 401, and people are neither let in nor locked out any more."
                        .to_owned(),
                    format!(
                        "Replace it now: the console or `{command}` makes a new one, and both work until you have put the new one \
                            in its place."
                    ),
                ],
            )
        }
        Language::De => {
            let within = if *days == 1 { "eines Tages".to_owned() } else { format!("von {days} Tagen") };
            let place = connection.map_or(String::new(), |name| format!(" der Verbindung „{name}“"));
            (
                format!("{label} in {tenant} endet innerhalb {within}"),
                [
                    format!("Die Zugangsdaten „{label}“{place} im Mandanten {tenant} enden innerhalb {within}: am {end}."),
                    "Danach wird jede Anfrage damit mit 401 abgelehnt, und niemand wird mehr zugelassen oder ausgesperrt.".to_owned(),
                    format!(
                        "Ersetzen Sie sie jetzt: Die Konsole oder `{command}` erzeugt neue, und beide gelten, bis die neuen \
                            eingetragen sind."
                    ),
                ],
            )
        }
        Language::Fr => {
            let within = if *days == 1 { "un jour".to_owned() } else { format!("{days} jours") };
            let place = connection.map_or(String::new(), |name| format!(" de la connexion « {name} »"));
            (
                format!("{label} dans {tenant} expire dans moins de {within}"),
                [
                    format!(
                        "L’accès « {label} »{place} du locataire {tenant} expire dans moins de {within} : le {end}."
                    ),
                    "Ensuite toute requête sera refusée avec 401 : plus personne ne sera admis ni bloqué.".to_owned(),
                    format!(
                        "Remplacez-le dès maintenant : la console ou `{command}` en crée un nouveau, et les deux fonctionnent \
                            jusqu’à ce que le nouveau soit en place."
                    ),
                ],
            )
        }
        Language::Es => {
            let within = if *days == 1 { "un día".to_owned() } else { format!("{days} días") };
            let place = connection.map_or(String::new(), |name| format!(" de la conexión «{name}»"));
            (
                format!("{label} en {tenant} caduca en menos de {within}"),
                [
                    format!(
                        "La credencial «{label}»{place} del inquilino {tenant} caduca en menos de {within}: el {end}."
                    ),
                    "A partir de entonces toda petición se rechaza con 401 y nadie más será admitido ni bloqueado."
                        .to_owned(),
                    format!(
                        "Sustitúyala ahora: la consola o `{command}` crea una nueva, y ambas funcionan hasta que la nueva esté en \
                            su sitio."
                    ),
                ],
            )
        }
    };
    Letter { subject, paragraphs: paragraphs.into(), ..Letter::default() }
}
