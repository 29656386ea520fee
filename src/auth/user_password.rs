//! Which passwords the users of a tenant may choose for themselves: long ones that take many guesses, told by how guessers go about
//! it rather than by kinds of characters (NIST SP 800-63B, section 3.1.1).

use secrecy::{ExposeSecret, SecretString};
use zxcvbn::feedback::{Suggestion, Warning};
use zxcvbn::{Score, zxcvbn};

use crate::scim::fold::fold;

/// A password that may be chosen. It cannot be printed.
#[derive(Debug, Clone)]
pub struct UserPassword(SecretString);

/// What is wrong with a password; each place words it in the reader's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Too few characters.
    TooShort,
    /// More than anybody types.
    TooLong,
    /// Made of the user's own name or address, or of the tenant's.
    OwnName,
    /// One of the first that anybody tries.
    Common,
    /// Repeats, sequences, or rows of keys.
    Pattern,
    /// A date or a year.
    Date,
    /// A name or a single word.
    Word,
    /// Not enough of it.
    Guessable,
}

impl UserPassword {
    /// Characters at least.
    pub const LEAST: usize = 12;
    /// Bytes at most: hashing takes time with the length.
    const MOST: usize = 1_024;

    /// Takes a password of somebody of whom guessers know `known`: names, the address, the tenant.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(password: SecretString, known: &[&str]) -> Result<Self, Weakness> {
        let text = password.expose_secret();
        if text.chars().count() < Self::LEAST {
            return Err(Weakness::TooShort);
        }
        if text.len() > Self::MOST || text.contains('\0') {
            return Err(Weakness::TooLong);
        }
        let parts = known.iter().flat_map(|known| known.split(|c: char| !c.is_alphanumeric()));
        let parts: Vec<&str> = known.iter().copied().chain(parts).filter(|part| part.chars().count() > 2).collect();
        let judged = zxcvbn(text, &parts);
        if judged.score() >= Score::Three {
            return Ok(Self(password));
        }
        let folded = fold(text);
        if parts.iter().any(|part| folded.contains(fold(part).as_ref())) {
            return Err(Weakness::OwnName);
        }
        let feedback = judged.feedback();
        let warning = feedback.and_then(|feedback| feedback.warning());
        let suggestions = feedback.map_or(&[][..], |feedback| feedback.suggestions());
        Err(weakness(warning, suggestions))
    }

    /// The password, for its hash.
    pub fn into_secret(self) -> SecretString {
        self.0
    }
}

fn weakness(warning: Option<Warning>, suggestions: &[Suggestion]) -> Weakness {
    match warning {
        Some(
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword,
        ) => Weakness::Common,
        Some(
            Warning::StraightRowsOfKeysAreEasyToGuess
            | Warning::ShortKeyboardPatternsAreEasyToGuess
            | Warning::RepeatsLikeAaaAreEasyToGuess
            | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess
            | Warning::SequencesLikeAbcAreEasyToGuess,
        ) => Weakness::Pattern,
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => Weakness::Date,
        Some(
            Warning::AWordByItselfIsEasyToGuess
            | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess,
        ) => Weakness::Word,
        None if suggestions.contains(&Suggestion::AvoidRepeatedWordsAndCharacters) => Weakness::Pattern,
        None => Weakness::Guessable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(password: &str) -> Result<UserPassword, Weakness> {
        UserPassword::parse(
            password.to_owned().into(),
            &["Ada Lovelace", "ada.lovelace@analytical.example", "Analytical"],
        )
    }

    #[test]
    fn long_and_unlikely_passwords_are_taken() {
        for fine in ["correct horse battery", "äöü grüne Tulpen?", "kR8!vTz0q#Lm", "nobody puts seven ducks there"]
        {
            assert!(parse(fine).is_ok(), "{fine}: {:?}", parse(fine).err());
        }
    }

    #[test]
    fn what_guessers_try_is_refused_with_its_reason() {
        for (wrong, why) in [
            ("eleven char", Weakness::TooShort),
            ("abcabcabcabcabc", Weakness::Pattern),
            ("aaaaaaaaaaaaaa", Weakness::Pattern),
            ("ada.lovelace", Weakness::OwnName),
            ("password12345", Weakness::Common),
        ] {
            assert_eq!(parse(wrong).err(), Some(why), "{wrong}");
        }
        assert_eq!(parse(&"x y z ".repeat(400)).err(), Some(Weakness::TooLong));
    }
}
