//! Which part of a list a page shows, and the way to its neighbours.

use super::chart::thousands;

/// The line below a list.
#[derive(Debug, Clone, Default)]
pub struct Pager {
    /// What is shown.
    pub told: String,
    /// Where the page before is.
    pub previous: Option<String>,
    /// Where the next page is.
    pub next: Option<String>,
}

impl Pager {
    /// Of `total` things `shown` are shown, behind the first `offset`; `url` makes the address of a page by its offset.
    pub fn of(total: u64, offset: u64, shown: u64, size: u64, url: impl Fn(u64) -> String) -> Self {
        let end = offset + shown;
        let told = if shown == 0 {
            format!("None of {}", thousands(total))
        } else if total == shown {
            format!("{} in all", thousands(total))
        } else {
            format!("{} to {} of {}", thousands(offset + 1), thousands(end), thousands(total))
        };
        Self {
            told,
            previous: (offset > 0).then(|| url(offset.saturating_sub(size))),
            next: (end < total && shown > 0).then(|| url(end)),
        }
    }

    /// Whether there is another page.
    pub fn is_paged(&self) -> bool {
        self.previous.is_some() || self.next.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_where_the_list_goes_on() {
        let pager = |total, offset, shown| Pager::of(total, offset, shown, 50, |offset| format!("?o={offset}"));
        let first = pager(1_200, 0, 50);
        assert_eq!((first.told.as_str(), first.previous, first.next), ("1 to 50 of 1,200", None, Some("?o=50".into())));
        let last = pager(120, 100, 20);
        assert_eq!((last.told.as_str(), last.previous, last.next), ("101 to 120 of 120", Some("?o=50".into()), None));
        assert_eq!(pager(3, 0, 3).told, "3 in all");
        assert!(!pager(3, 0, 3).is_paged());
    }
}
