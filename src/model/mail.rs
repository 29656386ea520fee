//! A mail, of parts that cannot break out of their headers.

use std::fmt;
use std::str::FromStr;

/// Characters of an address at most (RFC 5321, section 4.5.3.1).
const MAX_ADDRESS: usize = 254;
/// Characters of a name or a subject at most.
const MAX_TEXT: usize = 200;

/// An address that mail can be sent to, with the name of its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailAddress {
    name: Option<String>,
    address: String,
}

impl MailAddress {
    /// The owner's name.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// `ann@example.com`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The same address with that name; what cannot stand in a header becomes a blank.
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(line(name)).filter(|name| !name.is_empty()), ..self }
    }
}

impl FromStr for MailAddress {
    type Err = String;

    /// Reads `ann@example.com` or `Ann <ann@example.com>`.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains(char::is_control) {
            return Err("holds a control character".into());
        }
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>').and_then(|text| text.split_once('<')) {
            Some((name, address)) => (line(name.trim().trim_matches('"')), address),
            None => (String::new(), text),
        };
        let wrong = || "is no mail address; write for example ann@example.com".to_owned();
        let (local, domain) = address.rsplit_once('@').ok_or_else(wrong)?;
        let in_local = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
        let in_domain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        let dots = |part: &str| part.starts_with('.') || part.ends_with('.') || part.contains("..");
        let is_good = !local.is_empty()
            && !domain.is_empty()
            && address.len() <= MAX_ADDRESS
            && local.len() <= 64
            && local.bytes().all(in_local)
            && domain.bytes().all(in_domain)
            && !dots(local)
            && !dots(domain);
        if !is_good {
            return Err(wrong());
        }
        Ok(Self { name: Some(name).filter(|name| !name.is_empty()), address: address.to_owned() })
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => f.write_str(&self.address),
        }
    }
}

/// What a mail is about: one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject(String);

impl Subject {
    /// A subject of that text; what cannot stand in a header becomes a blank.
    pub fn new(text: &str) -> Self {
        Self(line(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A mail to one person, as plain text and as HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: MailAddress,
    /// What it is about.
    pub subject: Subject,
    /// The text for those who read no HTML.
    pub text: String,
    /// The same as HTML. Whoever makes it escapes what others wrote.
    pub html: String,
}

/// One line: runs of control characters, of line ends of all scripts and of blanks become one blank.
fn line(text: &str) -> String {
    let is_break = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '\u{2028}' | '\u{2029}');
    let words: Vec<&str> = text.split(is_break).filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Option<String>, String), String> {
        text.parse::<MailAddress>().map(|address| (address.name, address.address))
    }

    #[test]
    fn an_address_is_read_with_and_without_a_name() {
        assert_eq!(read("ann@example.com"), Ok((None, "ann@example.com".into())));
        let named = Ok((Some("Ann Lee".into()), "ann+x@example.com".into()));
        assert_eq!(read("Ann Lee <ann+x@example.com>"), named);
        assert_eq!(read(" \"Ann Lee\" <ann+x@example.com>"), named);
        let named = "ann@example.com".parse::<MailAddress>().unwrap().named("A\r\nBcc: eve@example.com");
        assert_eq!(named.to_string(), "A Bcc: eve@example.com <ann@example.com>");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "a b@example.com",
            "ann@exa mple.com",
            "ann@example.com\r\nBcc: eve@example.com",
            "ann@example.com,eve@example.com",
            "ann@example.com>",
            "<ann@example.com",
            "a..b@example.com",
            "ann@.com",
            "\"ann\r\n\"@example.com",
            "ann@ex\u{e4}mple.com",
            "ann@example.com eve@example.com",
            "a@b@c",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(Subject::new("a\r\nBcc: b\u{0}\u{2028}c\td").as_str(), "a Bcc: b c d");
        assert_eq!(Subject::new(&"x".repeat(1_000)).as_str().len(), 200);
    }
}
