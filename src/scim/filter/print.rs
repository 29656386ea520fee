//! Printing a filter so that it reads back as the same tree.

use std::fmt;

use super::{CompareOp, Filter, Literal};

/// Parentheses stand wherever the tree needs them, and nowhere else.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(items) => join(f, items, " and ", |item| matches!(item, Self::And(_) | Self::Or(_))),
            Self::Or(items) => join(f, items, " or ", |item| matches!(item, Self::Or(_))),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Present { path, .. } => write!(f, "{path} pr"),
            Self::Compare { path, op, value, .. } => write!(f, "{path} {op} {value}"),
            Self::ValuePath { path, filter, .. } => write!(f, "{path}[{filter}]"),
        }
    }
}

fn join(f: &mut fmt::Formatter<'_>, items: &[Filter], word: &str, in_parentheses: fn(&Filter) -> bool) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        if in_parentheses(item) {
            write!(f, "({item})")?;
        } else {
            write!(f, "{item}")?;
        }
    }
    Ok(())
}

impl fmt::Display for CompareOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::String(value) => write!(f, "{}", serde_json::Value::from(value.as_str())),
        }
    }
}
