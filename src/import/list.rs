//! Several values in one cell: separated by `;`, those with a `;`, a quotation mark or space around them in quotation marks.

/// The values of a cell. Empty ones are left out.
pub fn split(cell: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut rest = cell;
    loop {
        let (value, after) = next(rest.trim_start());
        if !value.is_empty() {
            values.push(value);
        }
        match after {
            Some(after) => rest = after,
            None => return values,
        }
    }
}

/// The first value, and what follows its separator.
fn next(text: &str) -> (String, Option<&str>) {
    let plain = |text: &str| text.trim().to_owned();
    let Some(quoted) = text.strip_prefix('"') else {
        return text.split_once(';').map_or_else(|| (plain(text), None), |(value, rest)| (plain(value), Some(rest)));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c != '"' {
            value.push(c);
        } else if chars.next_if(|(_, next)| *next == '"').is_some() {
            value.push('"');
        } else {
            // What stands behind the closing mark belongs to the value; nothing that was written is lost.
            let rest = &quoted[at + 1..];
            let (behind, after) = rest.split_once(';').map_or((rest, None), |(behind, after)| (behind, Some(after)));
            value.push_str(behind.trim());
            return (value, after);
        }
    }
    (value, None)
}

/// The cell of some values.
pub fn join<T: AsRef<str>>(values: &[T]) -> String {
    let quote = |value: &T| {
        let value = value.as_ref();
        let plain = value.trim() == value && !value.contains([';', '"']);
        if plain { value.to_owned() } else { format!("\"{}\"", value.replace('"', "\"\"")) }
    };
    values.iter().map(quote).collect::<Vec<_>>().join(";")
}
