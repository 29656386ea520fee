//! Instants as people read them, in UTC.

use chrono::{DateTime, Datelike, Utc};

use crate::model::Language;

const EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const ES: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// The day and the time.
pub(super) fn instant(language: Language, at: DateTime<Utc>) -> String {
    let (day, year, time) = (at.day(), at.year(), at.format("%H:%M UTC"));
    let names = match language {
        Language::En => EN,
        Language::De => DE,
        Language::Fr => FR,
        Language::Es => ES,
    };
    let month = names.get(at.month0() as usize).copied().unwrap_or_default();
    match language {
        Language::En => format!("{day} {month} {year}, {time}"),
        Language::De => format!("{day}. {month} {year}, {time}"),
        Language::Fr if day == 1 => format!("1er {month} {year}, {time}"),
        Language::Fr => format!("{day} {month} {year}, {time}"),
        Language::Es => format!("{day} de {month} de {year}, {time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_own_order_and_names() {
        let at = "2027-03-01T09:30:00Z".parse().unwrap();
        let told = Language::ALL.map(|language| instant(language, at));
        assert_eq!(
            told,
            [
                "1 March 2027, 09:30 UTC",
                "1. März 2027, 09:30 UTC",
                "1er mars 2027, 09:30 UTC",
                "1 de marzo de 2027, 09:30 UTC"
            ]
        );
    }
}
