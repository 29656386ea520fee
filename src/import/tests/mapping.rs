use std::io::Cursor;

use serde_json::json;

use super::super::{
    Column, DateOrder, EmptyCell, Field, ImportError, Looked, Mapping, Meaning, ReadOptions, SurveyOptions, look,
};
use super::{good, mapped, people, refusal, surveyed, user};
use crate::scim::schema::ResourceType;

#[test]
fn columns_are_known_by_their_names_in_four_languages() {
    for (name, field) in [
        ("E-Mail", "email"),
        ("e_mail address", "email"),
        ("Correo electrónico", "email"),
        ("Adresse électronique", "email"),
        ("Vorname", "firstName"),
        ("PRÉNOM", "firstName"),
        ("Apellidos", "lastName"),
        ("Mitarbeiternummer", "employeeId"),
        ("Employee ID", "employeeId"),
        ("Role", "roles"),
        ("Führungskraft", "manager"),
        ("User Group", "organizations"),
        ("User Type", "attributes.userType"),
        ("nick name", "attributes.nickName"),
        ("Cost Center", "attributes.urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter"),
        ("attributes.locale", "attributes.locale"),
    ] {
        let found = Field::guess(name, &user()).map(|field| field.to_string());
        assert_eq!(found.as_deref(), Some(field), "{name}");
    }
    for name in ["Shoe size", "password", "", "Schuhgröße", "groups"] {
        assert_eq!(Field::guess(name, &user()), None, "{name}");
    }
}

#[test]
fn beside_vorname_a_name_is_the_family_name() {
    let guessed = |head: &str| {
        let survey = surveyed(format!("{head},E-Mail\na,b,c@x.org\n").as_bytes(), &mapped(&[])).unwrap();
        let of = |column: &Column| match &column.meaning {
            Meaning::Field(field) => field.to_string(),
            other => format!("{other:?}"),
        };
        survey.mapping.columns.iter().take(2).map(of).collect::<Vec<_>>()
    };
    assert_eq!(guessed("Vorname,Name"), ["firstName", "lastName"]);
    assert_eq!(guessed("NAME,vorname"), ["lastName", "firstName"]);
    assert_eq!(guessed("First name,Name"), ["firstName", "displayName"]);
    assert_eq!(guessed("Nachname,Name"), ["lastName", "displayName"]);
}

#[test]
fn what_is_told_goes_before_what_is_guessed() {
    let text = "Mail,Work,Name,Shoe size\na@x.org,b@x.org,N,44\n";
    let survey = surveyed(text.as_bytes(), &mapped(&[("work", "email"), ("Name", "")])).unwrap();
    let meanings: Vec<&Meaning> = survey.mapping.columns.iter().map(|column| &column.meaning).collect();
    assert_eq!(meanings, [&Meaning::Unknown, &Meaning::Field(Field::Email), &Meaning::LeftOut, &Meaning::Unknown]);
    assert_eq!(survey.mapping.unmapped().collect::<Vec<_>>(), ["Mail", "Shoe size"]);
}

#[test]
fn mappings_that_cannot_be_are_refused() {
    let said =
        |columns: &[(&str, &str)]| surveyed(b"Mail,Work\na@x.org,b\n", &mapped(columns)).unwrap_err().to_string();
    assert_eq!(said(&[("Worm", "title")]), "there is no column \"Worm\"; the file has \"Mail\", \"Work\"");
    assert_eq!(
        said(&[("Work", "email"), ("Mail", "email")]),
        "the columns \"Mail\" and \"Work\" are both mapped to email; map one of them"
    );
    assert_eq!(
        said(&[("Work", "attributes.shoe")]),
        "users have no attribute \"shoe\"; map the column to one that their schemas have, or leave it out"
    );
    assert!(
        said(&[("Work", "shoe")]).starts_with("there is no field \"shoe\"; there are employeeId, email, userName,")
    );
}

#[test]
fn row_0_9_several_values_and_types_are_told_by_the_schema() {
    let text = "email,title,User Type,roles,emails2,active\na@x.org,Boss,Team Owner,5;7,\"b@x.org;c@x.org\",nein\n";
    let person = &good(text.as_bytes(), &mapped(&[("emails2", "attributes.emails")]))[0];
    assert_eq!(person.title.as_deref(), Some("Boss"));
    assert_eq!(person.attributes["userType"], "Team Owner");
    assert_eq!(person.roles.as_deref(), Some(&["5".to_owned(), "7".to_owned()][..]));
    assert_eq!(person.attributes["emails"], json!([{"value": "b@x.org"}, {"value": "c@x.org"}]));
    assert_eq!(person.active, Some(false));
}

#[test]
fn everything_that_is_wrong_with_a_row_is_told_at_once() {
    let text = "email,active,Einladen,title\na@x.org,perhaps,never,t\n,1,0,t\n";
    let people = people(text.as_bytes(), &SurveyOptions::default()).unwrap();
    let failure = people[0].as_ref().unwrap_err();
    assert_eq!(failure.message, "active is neither yes nor no; Einladen is neither yes nor no; correct it");
    assert_eq!(failure.field.as_deref(), Some("active"));
    let failure = people[1].as_ref().unwrap_err();
    assert_eq!(failure.message, "the row tells neither an employeeId nor an email; one of them is needed");
}

#[test]
fn an_empty_cell_tells_nothing_or_clears() {
    let text = "email,title,roles,nickName,active\na@x.org,,,,\n";
    let person = &good(text.as_bytes(), &SurveyOptions::default())[0];
    assert_eq!((person.title.as_deref(), person.roles.as_deref(), person.attributes.len()), (None, None, 0));
    let mut options = SurveyOptions::default();
    options.mapping.empty = EmptyCell::Clear;
    let person = &good(text.as_bytes(), &options)[0];
    assert_eq!((person.title.as_deref(), person.roles.as_deref()), (Some(""), Some(&[][..])));
    assert_eq!((&person.attributes["nickName"], person.active), (&json!(null), None));
}

/// Users with an attribute that is a date.
fn dated() -> ResourceType {
    let mut user = user();
    let mut schema = user.schema.as_ref().clone();
    let mut attribute = schema.attribute("nickName").unwrap().as_ref().clone();
    attribute.name = "hired".into();
    attribute.kind = crate::scim::schema::AttributeType::DateTime;
    schema.attributes.push(attribute.into());
    user.schema = schema.into();
    user
}

fn hired(dates: &[&str], order: Option<DateOrder>) -> Result<Vec<String>, String> {
    let rows: String = dates.iter().map(|date| format!("a@x.org,{date}\n")).collect();
    let text = format!("email,hired\n{rows}");
    let mut options = SurveyOptions::default();
    options.mapping.dates = order;
    let mut source = std::io::Cursor::new(text.as_bytes());
    let survey = super::super::survey(&mut source, &options, &dated()).map_err(|error| error.to_string())?;
    let dates = survey.preview.iter().map(|row| survey.mapping.record(row).map_err(|failure| failure.message));
    dates.map(|record| Ok(record?.attributes["hired"].as_str().unwrap()[..10].to_owned())).collect()
}

#[test]
fn dates_are_read_as_their_column_shows_or_as_told() {
    let ok = |text: &str| Ok(vec![text.to_owned()]);
    for text in [
        "2026-12-31",
        "31.12.2026",
        "31/12/2026",
        "12/31/2026",
        "2026/12/31",
        "2026-12-31 08:00:00",
        "2026-12-31T08:00:00+01:00",
    ] {
        assert_eq!(hired(&[text], None), ok("2026-12-31"), "{text}");
    }
    assert_eq!(hired(&["01/02/2026", "31/12/2026"], None).unwrap()[0], "2026-02-01");
    assert_eq!(hired(&["01/02/2026", "12/31/2026"], None).unwrap()[0], "2026-01-02");
    assert_eq!(hired(&["01/02/2026"], Some(DateOrder::MonthFirst)), ok("2026-01-02"));
    let said =
        "the dates of the column \"hired\" (\"01/02/2026\") may mean day or month first; tell which of them is meant";
    assert_eq!(hired(&["03/03/2026", "01/02/2026"], None), Err(said.to_owned()));
    assert!(hired(&["31/12/2026", "12/31/2026"], None).unwrap_err().contains("dates with the month first"));
    assert_eq!(hired(&["31.02.2026"], None), Err("hired is no date; correct it".to_owned()));
}

#[test]
fn a_file_without_a_key_is_refused() {
    assert!(refusal(b"Vorname;Nachname\nA;B\n").contains("\"Vorname\", \"Nachname\""));
}

#[test]
fn columns_are_told_after_the_file_was_looked_at() {
    let file = b"Kontakt;hired\na@example.com;01/02/2026\nb@example.com;31/12/2026\n";
    let (survey, looked) = look(&mut Cursor::new(file), &ReadOptions::default(), &user()).unwrap();
    assert_eq!((looked.rows, looked.separator.as_deref()), (2, Some(";")));
    let looked: Looked = serde_json::from_value(serde_json::to_value(&looked).unwrap()).unwrap();
    let of = |fields: &[(&str, &str)]| Mapping::of(&looked, mapped(fields).mapping, &user());
    assert!(matches!(of(&[]), Err(ImportError::NoKey(_))));
    assert!(matches!(of(&[("Kontakt", "email"), ("x", "title")]), Err(ImportError::UnknownColumn { .. })));
    let mapping = of(&[("Kontakt", "email"), ("hired", "title")]).unwrap();
    let record = mapping.record(&survey.preview[0]).unwrap();
    assert_eq!((record.email.as_deref(), record.title.as_deref()), (Some("a@example.com"), Some("01/02/2026")));
    // The order of dates is known by all of the file, also of a column that nobody took for one of dates.
    let mapping = Mapping::of(&looked, mapped(&[("Kontakt", "email")]).mapping, &dated()).unwrap();
    let record = mapping.record(&survey.preview[0]).unwrap();
    assert!(record.attributes["hired"].as_str().unwrap().starts_with("2026-02-01"), "{record:?}");
}

#[test]
fn fields_to_choose_from_are_those_that_can_be_written() {
    let fields: Vec<String> = Field::attributes(&user()).iter().map(Field::to_string).collect();
    assert!(fields.contains(&"attributes.userType".to_owned()), "{fields:?}");
    for no in ["attributes.password", "attributes.groups", "attributes.id", "attributes.meta", "attributes.title"] {
        assert!(!fields.contains(&no.to_owned()), "{fields:?}");
    }
}
