//! What a part of a request was read as, or why it was left out: a closed list, so that it can be kept as a letter and told in
//! words when somebody asks.

use super::NoteKind;

/// What became of a part. A small letter in the kept form is something that was read otherwise than it was written, a capital
/// one something that was left out; so even a letter of a later version tells which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// `n`: a name was read as the one that follows.
    Name,
    /// `e`: an empty value means none.
    Empty,
    /// `l`: one value stood for a list.
    OneForList,
    /// `s`: a list stood for one value.
    ListForOne,
    /// `u`: the value that follows stood for an object with it.
    ForObject,
    /// `v`: the first value was read as the second one.
    Value,
    /// `j`: JSON in a text was read, which gave the names that follow.
    Json,
    /// `p`: a path was read as the one that follows.
    Path,
    /// `w`: a path of no text meant the resource itself.
    Whole,
    /// `o`: several objects stood for one.
    Objects,
    /// `a`: a name was taken for the path that follows; for the path that it is itself if none does.
    NameAsPath,
    /// `t`: blanks around a text were taken away.
    Trimmed,
    /// `I`: an id, which the server makes.
    Id,
    /// `R`: what only the server sets.
    ReadOnly,
    /// `A`: an attribute that an extension does not have.
    NotInExtension,
    /// `S`: a sub-attribute that is none.
    NoSubAttribute,
    /// `N`: the value that follows, in which nothing is known.
    Nothing,
    /// `E`: an element of a list that is empty.
    EmptyElement,
    /// `D`: an element of a list that stands there twice.
    Twice,
    /// `J`: what stood beside JSON in a text that says otherwise.
    Displaced,
    /// `U`: an attribute that is none; an extension that follows has one of that name.
    Unknown,
    /// `P`: a path to an attribute that is none.
    UnknownPath,
    /// `Q`: a member of a PATCH that is none.
    RequestMember,
    /// `O`: a member of an operation that is none.
    OperationMember,
    /// `X`: the schema that follows, which is none of the endpoint.
    Schema,
    /// `M`: members who do not exist, as many as the number that follows; the first of their ids behind it.
    UnknownMembers,
}

impl Reading {
    /// Every one of them.
    pub const ALL: [Self; 26] = [
        Self::Name,
        Self::Empty,
        Self::OneForList,
        Self::ListForOne,
        Self::ForObject,
        Self::Value,
        Self::Json,
        Self::Path,
        Self::Whole,
        Self::Objects,
        Self::NameAsPath,
        Self::Trimmed,
        Self::Id,
        Self::ReadOnly,
        Self::NotInExtension,
        Self::NoSubAttribute,
        Self::Nothing,
        Self::EmptyElement,
        Self::Twice,
        Self::Displaced,
        Self::Unknown,
        Self::UnknownPath,
        Self::RequestMember,
        Self::OperationMember,
        Self::Schema,
        Self::UnknownMembers,
    ];

    /// The letter that it is kept as.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Name => "n",
            Self::Empty => "e",
            Self::OneForList => "l",
            Self::ListForOne => "s",
            Self::ForObject => "u",
            Self::Value => "v",
            Self::Json => "j",
            Self::Path => "p",
            Self::Whole => "w",
            Self::Objects => "o",
            Self::NameAsPath => "a",
            Self::Trimmed => "t",
            Self::Id => "I",
            Self::ReadOnly => "R",
            Self::NotInExtension => "A",
            Self::NoSubAttribute => "S",
            Self::Nothing => "N",
            Self::EmptyElement => "E",
            Self::Twice => "D",
            Self::Displaced => "J",
            Self::Unknown => "U",
            Self::UnknownPath => "P",
            Self::RequestMember => "Q",
            Self::OperationMember => "O",
            Self::Schema => "X",
            Self::UnknownMembers => "M",
        }
    }

    /// The one that was kept as this letter.
    pub fn of_letter(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reading| reading.letter() == letter)
    }

    /// What a letter tells of, also one of a later version.
    pub fn kind_of_letter(letter: &str) -> NoteKind {
        if letter.starts_with(|c: char| c.is_ascii_uppercase()) { NoteKind::Ignored } else { NoteKind::Rewritten }
    }

    /// What kind of note it makes.
    pub fn kind(self) -> NoteKind {
        Self::kind_of_letter(self.letter())
    }

    /// It in words, with where it stood and what it tells of.
    pub fn text(self, at: &str, told: &[impl AsRef<str>]) -> String {
        let told = |index: usize| told.get(index).map_or("", AsRef::as_ref);
        let (first, second) = (told(0), told(1));
        let fixed = match self {
            Self::Name => return format!("the name was read as {first}"),
            Self::ForObject => return format!("{first} was taken for its sub-attribute value"),
            Self::Value => return format!("{first} was read as {second}"),
            Self::Json => return format!("the JSON in the text of value was read, which gave {first}"),
            Self::Path => return format!("the path was read as {first}"),
            Self::Whole => return format!("{first} means the resource itself"),
            Self::NameAsPath => {
                let path = if first.is_empty() { at } else { first };
                return format!("a name in a value without a path was taken for the path {path}");
            }
            Self::Nothing => return format!("{first} holds nothing that can be kept"),
            Self::Schema => return format!("{first} is no schema of this endpoint"),
            Self::Unknown if !first.is_empty() => {
                return format!("no schema of this endpoint has it here; it belongs under {first}");
            }
            Self::UnknownMembers if first == "1" => return format!("there is no {second}, who was left out"),
            Self::UnknownMembers => return format!("{first} of those who were sent do not exist: {second}"),
            Self::Unknown => "no schema of this endpoint has it here",
            Self::Empty => "an empty value means that there is none",
            Self::OneForList => "one value was taken for a list of one",
            Self::ListForOne => "a list of one was taken for its value",
            Self::Objects => "a list of objects was taken for one after the other",
            Self::Trimmed => "the blanks around it were taken away",
            Self::Id => "ids are made by the server; the resource is named by the path",
            Self::ReadOnly => "it is the server's to set",
            Self::NotInExtension => "the schema has no such attribute",
            Self::NoSubAttribute => "the schema has no such sub-attribute",
            Self::EmptyElement => "it is empty",
            Self::Twice => "it is the same as one before it",
            Self::Displaced => "its place was taken by what the text in value says",
            Self::UnknownPath => "no schema of this endpoint has such an attribute",
            Self::RequestMember => "a PATCH request has no such member",
            Self::OperationMember => "an operation has no such member",
        };
        fixed.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_has_a_letter_of_its_own_that_leads_back_to_it() {
        let letters: BTreeSet<&str> = Reading::ALL.into_iter().map(Reading::letter).collect();
        assert_eq!(letters.len(), Reading::ALL.len());
        for reading in Reading::ALL {
            assert_eq!(Reading::of_letter(reading.letter()), Some(reading));
            assert!(!reading.text("at", &["one", "two"]).is_empty());
        }
        assert_eq!(Reading::of_letter("z"), None);
        assert_eq!(
            (Reading::kind_of_letter("z"), Reading::kind_of_letter("Z")),
            (NoteKind::Rewritten, NoteKind::Ignored)
        );
    }
}
