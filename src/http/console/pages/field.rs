//! A field of a form: what it is called, what was typed, and what is wrong with that.

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in the form, and its id.
    pub id: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What belongs into it.
    pub hint: &'static str,
    /// What it looks like, for example.
    pub example: &'static str,
    /// What is in it.
    pub value: String,
    /// Why that cannot be.
    pub wrong: Option<String>,
}

impl Field {
    /// The ids of what describes it.
    pub fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.id));
        let wrong = self.wrong.is_some().then(|| format!("{}-wrong", self.id));
        hint.into_iter().chain(wrong).collect::<Vec<_>>().join(" ")
    }
}
