use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::super::SurveyOptions;
use super::{good, refusal, surveyed};

const TEXT: &str = "email,firstName\na@example.com,Zoë\nb@example.com,François\n";

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2], mark: bool) -> Vec<u8> {
    let mark = if mark { "\u{feff}" } else { "" };
    mark.encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn encodings_are_found() {
    let (western, ..) = WINDOWS_1252.encode(TEXT);
    for (bytes, name) in [
        (TEXT.as_bytes().to_vec(), "UTF-8"),
        (format!("\u{feff}{TEXT}").into_bytes(), "UTF-8"),
        (western.into_owned(), "windows-1252"),
        (utf_16(TEXT, u16::to_le_bytes, true), "UTF-16LE"),
        (utf_16(TEXT, u16::to_be_bytes, true), "UTF-16BE"),
        (utf_16(TEXT, u16::to_le_bytes, false), "UTF-16LE"),
        (utf_16(TEXT, u16::to_be_bytes, false), "UTF-16BE"),
    ] {
        let survey = surveyed(&bytes, &SurveyOptions::default()).unwrap();
        assert_eq!(survey.encoding().unwrap().name(), name);
        let people = good(&bytes, &SurveyOptions::default());
        assert_eq!(people[0].first_name.as_deref(), Some("Zoë"), "{name}");
        assert_eq!(people[1].first_name.as_deref(), Some("François"), "{name}");
    }
}

/// A file whose first character beyond ASCII stands far behind what is looked at first.
fn late(encoding: &'static Encoding, last: &str) -> Vec<u8> {
    let mut bytes = b"email,firstName\n".to_vec();
    for number in 0..20_000 {
        bytes.extend_from_slice(format!("u{number}@example.com,Name\n").as_bytes());
    }
    bytes.extend_from_slice(&encoding.encode(last).0);
    bytes
}

#[test]
fn an_encoding_that_shows_late_is_found_too() {
    for encoding in [UTF_8, WINDOWS_1252] {
        let people = good(&late(encoding, "z@example.com,Zoë\n"), &SurveyOptions::default());
        assert_eq!(people[20_000].first_name.as_deref(), Some("Zoë"), "{}", encoding.name());
    }
}

#[test]
fn broken_text_is_refused_at_its_line() {
    let mut broken = late(UTF_8, "y@example.com,Zoë\nz@example.com,");
    broken.extend_from_slice(b"Zo\xeb\n");
    assert_eq!(
        refusal(&broken),
        "line 20003 has another encoding than the lines before it (UTF-8 and Windows-1252 are mixed); save the file as UTF-8"
    );
    let mut broken = "email,firstName\na@example.com,Zoë\n".repeat(10_000).into_bytes();
    broken.extend_from_slice(b"Zo\xeb,\n");
    assert_eq!(refusal(&broken), "line 20001 is not UTF-8; save the file as UTF-8, or tell its encoding");
}

#[test]
fn another_encoding_has_to_be_told() {
    let text = "email,firstName\na@example.com,Łukasz Żółć Gęślą jaźń\n";
    let (bytes, ..) = encoding_rs::WINDOWS_1250.encode(text);
    assert!(refusal(&bytes).contains("which is not taken unasked"), "{}", refusal(&bytes));
    let mut options = SurveyOptions::default();
    options.read.encoding = Some("windows-1250".parse().unwrap());
    assert_eq!(good(&bytes, &options)[0].first_name.as_deref(), Some("Łukasz Żółć Gęślą jaźń"));
}
