//! Entity tags in conditional requests (RFC 7644, section 3.14; RFC 9110, section 13.1).

use super::Version;

/// The value of an `If-Match` or `If-None-Match` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityTags {
    /// `*`: any version of an existing resource.
    Any,
    /// One of these. Tags that are none of ours stand for no version.
    Versions(Vec<Option<Version>>),
}

impl EntityTags {
    /// Reads a header's value. `W/"3"` and `"3"` name the same version: our tags are weak, so that only the weak comparison
    /// can ever find two of them equal (RFC 9110, section 8.8.3.2), and SCIM clients copy `meta.version` as they find it. A
    /// tag without quotes is taken likewise.
    pub fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Any;
        }
        let mut quoted = false;
        let tags = header.split(|c| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        Self::Versions(tags.map(|tag| Self::version(tag.trim())).collect())
    }

    fn version(tag: &str) -> Option<Version> {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        let tag = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(tag);
        let plain = !tag.starts_with('0') && tag.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| tag.parse().ok().map(Version)).flatten()
    }

    /// Whether `version` is among them.
    pub fn contain(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::Versions(versions) => versions.contains(&Some(version)),
        }
    }
}

/// The conditions that a request puts on the resource's present version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preconditions {
    /// `If-Match`: the version must be one of these.
    pub if_match: Option<EntityTags>,
    /// `If-None-Match`: the version must be none of these.
    pub if_none_match: Option<EntityTags>,
}

impl Preconditions {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// Whether a resource of that version meets them.
    pub fn hold(&self, version: Version) -> bool {
        self.if_match.as_ref().is_none_or(|tags| tags.contain(version))
            && !self.if_none_match.as_ref().is_some_and(|tags| tags.contain(version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_tag_comes_back_as_the_version_it_was_made_of() {
        for header in ["W/\"7\"", "\"7\"", "7", "W/\"3\", W/\"7\"", "\"x\",\"7\"", "*"] {
            assert!(EntityTags::parse(header).contain(Version(7)), "{header}");
        }
        for header in
            ["W/\"8\"", "", "\"07\"", "\"7", "w/7", "\"99999999999999999999\"", "\"x,7,y\"", "W/\"x,7\"", "\"7,\""]
        {
            assert!(!EntityTags::parse(header).contain(Version(7)), "{header}");
        }
        assert!(EntityTags::parse(&Version(42).to_string()).contain(Version(42)));
    }

    #[test]
    fn both_conditions_must_hold() {
        let conditions = |if_match: Option<&str>, if_none_match: Option<&str>| Preconditions {
            if_match: if_match.map(EntityTags::parse),
            if_none_match: if_none_match.map(EntityTags::parse),
        };
        assert!(Preconditions::default().hold(Version(1)));
        assert!(conditions(Some("\"1\""), None).hold(Version(1)));
        assert!(!conditions(Some("\"2\""), None).hold(Version(1)));
        assert!(!conditions(None, Some("*")).hold(Version(1)));
        assert!(!conditions(Some("\"1\""), Some("\"1\"")).hold(Version(1)));
    }
}
