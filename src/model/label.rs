//! Names that people give to what they administer.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How many characters a name has at most.
const MAX: usize = 100;

/// A name for people: 1 to 100 characters, no control character among them, no blanks around them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

impl Label {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if (1..=MAX).contains(&text.chars().count()) && !text.contains(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("a name has 1 to {MAX} characters, none of them a control character"))
        }
    }
}

impl TryFrom<String> for Label {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        let name = |text: &str| text.parse::<Label>();
        assert_eq!(name(" Entra (EU) ").unwrap().as_str(), "Entra (EU)");
        assert_eq!(name(&"\u{fc}".repeat(100)).unwrap().as_str().chars().count(), 100);
        for wrong in ["", "  ", "a\nb", "\u{7}", &"x".repeat(101)] {
            assert_eq!(
                name(wrong).unwrap_err(),
                "a name has 1 to 100 characters, none of them a control character",
                "{wrong:?}"
            );
        }
    }
}
