//! The one folding rule for case-insensitive comparison: NFC, then Unicode default case folding, then NFC again (folding
//! can leave a string that is not composed).
//!
//! Keys, search documents and filter constants all pass through [`fold`]; SQL never folds, so the database and the
//! in-memory evaluator cannot disagree.

use std::borrow::Cow;

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// Folds `text` for comparison. ASCII takes a fast path; text that is folded already is borrowed.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    Cow::Owned(text.nfc().default_case_fold().nfc().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_and_composition_do_not_matter() {
        assert_eq!(fold("BJensen@Example.COM"), "bjensen@example.com");
        assert_eq!(fold("STRASSE"), fold("straße"));
        assert_eq!(fold("e\u{301}"), fold("\u{c9}"));
        assert_eq!(fold("ΣΑΣ"), fold("σας"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text).into_owned();
            prop_assert_eq!(fold(&once), once.as_str());
        }
    }
}
