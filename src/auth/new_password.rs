//! Which passwords administrators may choose (NIST SP 800-63B, section 3.1.1): long ones, that are not the first that somebody would
//! try. No rules about kinds of characters, and no change by the calendar: both make passwords worse.

use secrecy::{ExposeSecret, SecretString};

use crate::scim::fold::fold;

/// Characters at least.
const MIN: usize = 12;
/// Bytes at most: hashing takes time with the length.
const MAX: usize = 1_024;

/// The most common passwords that are long enough, folded, and words from which such are made.
const COMMON: &str = include_str!("common_passwords.txt");

/// A password that may be chosen. It cannot be printed.
#[derive(Debug, Clone)]
pub struct NewPassword(SecretString);

impl NewPassword {
    /// Takes a password for the administrator with that e-mail address.
    ///
    /// # Errors
    /// What is wrong with it, without the password.
    pub fn parse(password: SecretString, email: &str) -> Result<Self, String> {
        let text = password.expose_secret();
        if text.chars().count() < MIN {
            return Err(format!("use at least {MIN} characters; several words are easy to remember"));
        }
        if text.len() > MAX {
            return Err(format!("use at most {MAX} bytes"));
        }
        let (folded, email) = (fold(text), fold(email));
        let local = email.split('@').next().unwrap_or_default();
        if folded == email || repeats(&folded, &email) || repeats(&folded, local) {
            return Err("do not use the e-mail address".into());
        }
        if COMMON.lines().any(|common| folded == common || repeats(&folded, common)) || is_sequence(&folded) {
            return Err("this is one of the first passwords that anybody tries; choose another".into());
        }
        Ok(Self(password))
    }

    /// The password, for its hash.
    pub fn into_secret(self) -> SecretString {
        self.0
    }
}

/// Whether a text is nothing but a word again and again, with digits or marks at its end.
fn repeats(text: &str, word: &str) -> bool {
    if word.is_empty() {
        return false;
    }
    let mut rest = text;
    while let Some(after) = rest.strip_prefix(word) {
        rest = after;
    }
    rest.len() < text.len() && !rest.chars().any(char::is_alphabetic) && rest.chars().count() < MIN / 2
}

/// Whether each character is the one before, or its neighbour in the same direction (`aaaa`, `123456`, `zyxwv`).
fn is_sequence(text: &str) -> bool {
    let mut steps =
        text.chars().zip(text.chars().skip(1)).map(|(a, b)| i64::from(u32::from(b)) - i64::from(u32::from(a)));
    let first = steps.next().unwrap_or_default();
    first.abs() <= 1 && steps.all(|step| step == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(password: &str) -> Result<NewPassword, String> {
        NewPassword::parse(password.to_owned().into(), "Ada.Lovelace@example.com")
    }

    #[test]
    fn long_passwords_of_any_kind_are_taken() {
        for fine in
            ["correct horse battery", "  spaces count  ", "äöüßäöüßäöüß", "tr0ub4dor&3 and more", "passwords are hard"]
        {
            assert!(parse(fine).is_ok(), "{fine}");
        }
    }

    #[test]
    fn what_anybody_tries_first_is_refused() {
        for (wrong, why) in [
            ("elevenchars", "at least 12"),
            ("ADA.LOVELACE@EXAMPLE.COM", "e-mail"),
            ("ada.lovelace", "e-mail"),
            ("ada.lovelace1", "e-mail"),
            ("passwordpassword", "tries"),
            ("Password1234", "tries"),
            ("qwertyuiop123", "tries"),
            ("123456789012", "tries"),
            ("aaaaaaaaaaaa", "tries"),
            ("scimgatescimgate", "tries"),
            ("Administrator!", "tries"),
        ] {
            let told = parse(wrong).unwrap_err();
            assert!(told.contains(why) && !told.contains(wrong), "{wrong}: {told}");
        }
        assert!(parse(&"long and long ".repeat(100)).is_err());
    }
}
