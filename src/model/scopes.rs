//! What a credential may do.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// One thing that a credential may be allowed to do. Writing does not include reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Read users and the resources of a tenant's own types. A user shows the groups it is in.
    UsersRead,
    /// Create, change and remove users and the resources of a tenant's own types. Roles of a user count as the user's.
    UsersWrite,
    /// Read groups and their members.
    GroupsRead,
    /// Create, change and remove groups and their memberships.
    GroupsWrite,
    /// Send bulk requests; each operation needs the scope that it would need alone.
    Bulk,
    /// Push through the provisioning API.
    Provision,
    /// Commit rosters.
    RosterWrite,
    /// Follow the event feed.
    Events,
    /// Read through the admin API.
    AdminRead,
    /// Change through the admin API.
    AdminWrite,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 10] = [
        Self::UsersRead,
        Self::UsersWrite,
        Self::GroupsRead,
        Self::GroupsWrite,
        Self::Bulk,
        Self::Provision,
        Self::RosterWrite,
        Self::Events,
        Self::AdminRead,
        Self::AdminWrite,
    ];

    /// The name, as tokens, flags and challenges write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UsersRead => "users:read",
            Self::UsersWrite => "users:write",
            Self::GroupsRead => "groups:read",
            Self::GroupsWrite => "groups:write",
            Self::Bulk => "bulk",
            Self::Provision => "provision",
            Self::RosterWrite => "roster:write",
            Self::Events => "events",
            Self::AdminRead => "admin:read",
            Self::AdminWrite => "admin:write",
        }
    }

    /// What reading resources of that type needs.
    pub fn to_read(resource_type: &str) -> Self {
        if resource_type == GROUP { Self::GroupsRead } else { Self::UsersRead }
    }

    /// What changing resources of that type needs.
    pub fn to_write(resource_type: &str) -> Self {
        if resource_type == GROUP { Self::GroupsWrite } else { Self::UsersWrite }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// The one resource type that has scopes of its own.
const GROUP: &str = "Group";

/// Names that stand for several scopes.
const SETS: [(&str, Scopes); 3] = [("read", Scopes::READ), ("write", Scopes::WRITE), ("admin:*", Scopes::ADMIN)];

/// A set of scopes. As text it is the scopes' names, separated by blanks as OAuth 2.0 writes them (RFC 6749, section 3.3);
/// read, they may be separated by commas too, and `read`, `write` and `admin:*` stand for several.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u16);

impl Scopes {
    /// No scope at all.
    pub const NONE: Self = Self(0);
    /// `read`: everything that SCIM shows.
    pub const READ: Self = Self(Scope::UsersRead.bit() | Scope::GroupsRead.bit());
    /// `write`: everything that SCIM can do.
    pub const WRITE: Self = Self(Self::READ.0 | Scope::UsersWrite.bit() | Scope::GroupsWrite.bit() | Scope::Bulk.bit());
    /// `admin:*`: everything that the admin API can do.
    pub const ADMIN: Self = Self(Scope::AdminRead.bit() | Scope::AdminWrite.bit());

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `scope` is among them.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether all of `others` are among them.
    pub fn includes(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Those in both.
    pub fn and(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// Those in one or the other.
    pub fn or(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// The scopes, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }

    /// The scopes' names, in a fixed order.
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(Scope::as_str).collect()
    }

    /// Those that `names` name; what is no scope here is passed over. For names that were checked when they were written:
    /// another version of the program may know more of them.
    pub fn known<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().filter_map(|name| named(name).ok()).fold(Self::NONE, Self::or)
    }

    /// Holds that these scopes are enough.
    ///
    /// # Errors
    /// What is missing.
    pub fn meet(self, need: Need) -> Result<(), InsufficientScope> {
        let is_met = match need {
            Need::Any => !self.is_empty(),
            Need::All(scopes) => self.includes(scopes),
            Need::OneOf(scopes) => !self.and(scopes).is_empty(),
        };
        if is_met { Ok(()) } else { Err(InsufficientScope { has: self, need }) }
    }
}

impl From<Scope> for Scopes {
    fn from(scope: Scope) -> Self {
        Self(scope.bit())
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl FromStr for Scopes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = text.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|name| !name.is_empty());
        let found = names.map(named).try_fold(Self::NONE, |all, one| Ok::<_, String>(all.or(one?)))?;
        if found.is_empty() { Err(format!("no scope is named; {}", choices())) } else { Ok(found) }
    }
}

fn named(name: &str) -> Result<Scopes, String> {
    let single = Scope::ALL.into_iter().find(|scope| scope.as_str() == name).map(Scopes::from);
    let set = || SETS.iter().find(|(set, _)| *set == name).map(|(_, scopes)| *scopes);
    single.or_else(set).ok_or_else(|| format!("\"{name}\" is no scope; {}", choices()))
}

fn choices() -> String {
    let singles = Scope::ALL.map(Scope::as_str).join(", ");
    let sets = SETS.map(|(name, _)| name).join(", ");
    format!("choose from {singles}; or several at once: {sets}")
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(" "))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scopes({self})")
    }
}

/// A list of names.
impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

/// What a request needs of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Any scope: it is for everybody who may do something.
    Any,
    /// All of these.
    All(Scopes),
    /// One of these, whichever.
    OneOf(Scopes),
}

impl Need {
    /// That one scope.
    pub fn one(scope: Scope) -> Self {
        Self::All(scope.into())
    }

    /// The scopes that would do, as a challenge tells them (RFC 6750, section 3).
    pub fn scopes(self) -> Scopes {
        match self {
            Self::Any => Scopes::NONE,
            Self::All(scopes) | Self::OneOf(scopes) => scopes,
        }
    }
}

/// A credential's scopes are not enough for what it was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InsufficientScope {
    /// What the credential has.
    pub has: Scopes,
    /// What the request needs.
    pub need: Need,
}

impl std::error::Error for InsufficientScope {}

impl fmt::Display for InsufficientScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.need {
            Need::Any => return f.write_str("this token has no scope; create one with --scope read or --scope write"),
            Need::All(scopes) => write!(f, "the request needs a token with {}", listed(scopes, "and"))?,
            Need::OneOf(scopes) => write!(f, "the request needs a token with {}", listed(scopes, "or"))?,
        }
        let needed = self.need.scopes();
        let flag = needed.names().join(",");
        write!(f, ", and this one has {}; create one with --scope {flag}", listed(self.has, "and"))?;
        let set = SETS.iter().find(|(_, set)| set.includes(needed) && *set != needed);
        set.map_or(Ok(()), |(name, _)| write!(f, ", or with --scope {name}, which includes it"))
    }
}

/// The names as a sentence lists them.
fn listed(scopes: Scopes, last: &str) -> String {
    match scopes.names().as_slice() {
        [] => "no scope".to_owned(),
        [one] => format!("the scope {one}"),
        [first @ .., end] => format!("the scopes {} {last} {end}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Scopes, String> {
        text.parse()
    }

    #[test]
    fn sets_stand_for_their_scopes() {
        assert_eq!(parse("read").unwrap().to_string(), "users:read groups:read");
        assert_eq!(parse("write").unwrap().to_string(), "users:read users:write groups:read groups:write bulk");
        assert_eq!(parse("admin:*").unwrap(), parse("admin:read,admin:write").unwrap());
        assert_eq!(parse(" bulk, users:read users:read ").unwrap().names(), ["users:read", "bulk"]);
    }

    #[test]
    fn what_is_no_scope_is_told_with_those_there_are() {
        let told = "choose from users:read, users:write, groups:read, groups:write, bulk, provision, roster:write, events, \
            admin:read, admin:write; or several at once: read, write, admin:*";
        assert_eq!(parse("read,admin").unwrap_err(), format!("\"admin\" is no scope; {told}"));
        assert_eq!(parse("Users:read").unwrap_err(), format!("\"Users:read\" is no scope; {told}"));
        for nothing in ["", " ", ",", " , "] {
            assert_eq!(parse(nothing).unwrap_err(), format!("no scope is named; {told}"));
        }
    }

    #[test]
    fn a_need_is_met_by_what_it_names() {
        let reader = Scopes::from(Scope::UsersRead);
        assert!(reader.meet(Need::Any).is_ok() && Scopes::NONE.meet(Need::Any).is_err());
        assert!(reader.meet(Need::OneOf(Scopes::READ)).is_ok());
        assert!(reader.meet(Need::All(Scopes::READ)).is_err());
        assert!(Scopes::from(Scope::UsersWrite).meet(Need::one(Scope::UsersRead)).is_err(), "writing is not reading");
    }

    #[test]
    fn what_is_missing_is_told_with_what_to_do() {
        let told = |has: &str, need| parse(has).unwrap().meet(need).unwrap_err().to_string();
        assert_eq!(
            told("read", Need::one(Scope::UsersWrite)),
            "the request needs a token with the scope users:write, and this one has the scopes users:read and groups:read; \
                create one with --scope users:write, or with --scope write, which includes it"
        );
        assert_eq!(
            told("events", Need::OneOf(Scopes::READ)),
            "the request needs a token with the scopes users:read or groups:read, and this one has the scope events; \
                create one with --scope users:read,groups:read, or with --scope write, which includes it"
        );
        assert_eq!(
            Scopes::NONE.meet(Need::one(Scope::Events)).unwrap_err().to_string(),
            "the request needs a token with the scope events, and this one has no scope; create one with --scope events"
        );
    }

    proptest! {
        #[test]
        fn scopes_come_back_from_their_text(bits in 1_u16..1 << Scope::ALL.len()) {
            let scopes = Scopes(bits);
            prop_assert_eq!(parse(&scopes.to_string()), Ok(scopes));
            prop_assert_eq!(parse(&scopes.names().join(",")), Ok(scopes));
            prop_assert_eq!(scopes.iter().collect::<Scopes>(), scopes);
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = parse(&text);
        }
    }
}
