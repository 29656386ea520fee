//! Lists of users, groups, and resources of a tenant's own types.

use askama::Template;

use super::{Moment, Notice, Pager, Shell, Status, Tone};

/// A list of resources.
#[derive(Template)]
#[template(path = "resources.html")]
pub struct Resources {
    /// What stands around it.
    pub shell: Shell,
    /// What they are called.
    pub plural: String,
    /// What they are.
    pub intro: String,
    /// The list's own address.
    pub url: String,
    /// The icon of an empty list.
    pub icon: &'static str,
    /// What was searched for.
    pub query: String,
    /// What stands in an empty search field.
    pub placeholder: &'static str,
    /// How searching works.
    pub hint: &'static str,
    /// A filter to learn from.
    pub example: &'static str,
    /// The names of the first three columns.
    pub columns: [&'static str; 3],
    /// Whether a form makes new ones.
    pub creates: bool,
    /// Why something was refused.
    pub problem: Option<Notice>,
    /// What was found.
    pub outcome: Found,
}

/// What was found.
#[derive(Debug, Clone)]
pub enum Found {
    /// The filter cannot be read.
    Wrong(Wrong),
    /// A page of resources.
    Page(ResourcePart),
}

/// A page of resources.
#[derive(Debug, Clone)]
pub struct ResourcePart {
    /// They.
    pub rows: Vec<Row>,
    /// The way to the other pages.
    pub pager: Pager,
}

/// A resource in a list.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it is called beside.
    pub second: Option<String>,
    /// The second column.
    pub text: Option<String>,
    /// The third column, as a status.
    pub status: Option<Status>,
    /// The third column, as text.
    pub note: String,
    /// When it changed.
    pub changed: Moment,
}

/// A filter that cannot be read, cut in three where the mistake is.
#[derive(Debug, Clone)]
pub struct Wrong {
    /// What is wrong.
    pub told: String,
    /// What stands before the mistake.
    pub before: String,
    /// The mistake.
    pub at: String,
    /// What stands behind it.
    pub after: String,
}

impl Wrong {
    /// Cuts `filter` at the byte `position`, up to the end of the word there.
    pub fn new(filter: &str, position: usize, told: String) -> Self {
        let mut start = position.min(filter.len());
        while !filter.is_char_boundary(start) {
            start -= 1;
        }
        let (before, rest) = filter.split_at(start);
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let word = rest[first..].find([' ', '(', ')', '[', ']']).map_or(rest.len(), |end| end + first);
        let (at, after) = rest.split_at(word);
        let at = if at.is_empty() { " ".to_owned() } else { at.to_owned() };
        Self { told, before: before.to_owned(), at, after: after.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_cut_at_its_mistake() {
        let cut = |filter: &str, position| {
            let wrong = Wrong::new(filter, position, String::new());
            (wrong.before, wrong.at, wrong.after)
        };
        assert_eq!(cut("userName xx \"a\"", 9), ("userName ".into(), "xx".into(), " \"a\"".into()));
        assert_eq!(cut("userName eq", 11), ("userName eq".into(), " ".into(), String::new()));
        assert_eq!(cut("ü eq", 1), (String::new(), "ü".into(), " eq".into()));
        assert_eq!(cut("a", 99), ("a".into(), " ".into(), String::new()));
    }
}

/// In the place of organizations, where the tenant takes no records.
#[derive(Template)]
#[template(path = "organizations_off.html")]
pub struct OrganizationsOff {
    /// What stands around it.
    pub shell: Shell,
}
