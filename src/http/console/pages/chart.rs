//! Changes per day, as columns that are drawn on the server.

/// One day.
#[derive(Debug, Clone, Default)]
pub struct Bar {
    /// The day: `21 Nov`.
    pub day: String,
    /// Resources created.
    pub created: u64,
    /// Resources updated or reactivated.
    pub updated: u64,
    /// Resources deactivated or deleted.
    pub removed: u64,
}

impl Bar {
    /// All changes of the day.
    pub fn total(&self) -> u64 {
        self.created + self.updated + self.removed
    }
}

/// The chart, ready to be drawn.
#[derive(Debug, Clone)]
pub struct Chart {
    /// The days, the earliest first.
    pub bars: Vec<Bar>,
    /// The whole in one sentence, for those who do not see it.
    pub summary: String,
    /// What stands at the uppermost line.
    pub top_told: String,
    /// What stands at the middle line.
    pub middle_told: String,
    top: u64,
}

/// A column, 10 units wide, with its parts from the bottom up.
pub struct Column {
    /// Where it begins.
    pub left: usize,
    /// The day and its figures.
    pub told: String,
    /// The parts that are not empty.
    pub parts: Vec<Part>,
}

/// A part of a column. The drawing is 100 units high.
pub struct Part {
    /// What it counts; the class that colours it.
    pub class: &'static str,
    /// Where it begins, from above.
    pub top: String,
    /// How high it is.
    pub height: String,
}

impl Chart {
    /// A chart of these days.
    pub fn new(bars: Vec<Bar>) -> Self {
        let highest = bars.iter().map(Bar::total).max().unwrap_or(0);
        let top = round_up(highest.max(2));
        let total: u64 = bars.iter().map(Bar::total).sum();
        let days = bars.len();
        let peak = bars.iter().max_by_key(|bar| bar.total()).filter(|bar| bar.total() > 0);
        let summary = match peak {
            None => format!("No changes in the last {days} days."),
            Some(bar) => format!(
                "{} in the last {days} days; most of them on {}, {}.",
                changes(total),
                bar.day,
                thousands(bar.total())
            ),
        };
        Self { bars, summary, top_told: short(top), middle_told: short(top / 2), top }
    }

    /// How wide the drawing is, in units.
    pub fn width(&self) -> usize {
        self.bars.len() * 10
    }

    /// The first day.
    pub fn first_day(&self) -> &str {
        self.bars.first().map_or("", |bar| &bar.day)
    }

    /// The last day.
    pub fn last_day(&self) -> &str {
        self.bars.last().map_or("", |bar| &bar.day)
    }

    /// The columns.
    pub fn columns(&self) -> Vec<Column> {
        self.bars.iter().enumerate().map(|(index, bar)| self.column(index, bar)).collect()
    }

    fn column(&self, index: usize, bar: &Bar) -> Column {
        let mut below = 0;
        let mut parts = Vec::new();
        for (class, count) in [("created", bar.created), ("updated", bar.updated), ("removed", bar.removed)] {
            if count > 0 {
                below += count;
                parts.push(Part { class, top: self.share(self.top - below), height: self.share(count) });
            }
        }
        let told = format!(
            "{}: {} created, {} updated, {} deactivated or deleted",
            bar.day, bar.created, bar.updated, bar.removed
        );
        Column { left: index * 10, told, parts }
    }

    /// So many of `top`, in units with two digits.
    fn share(&self, count: u64) -> String {
        let hundredths = u128::from(count) * 10_000 / u128::from(self.top.max(1));
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

/// The next even number of one digit and zeros, so that the middle line is whole.
fn round_up(count: u64) -> u64 {
    let mut unit = 1;
    while count > unit * 10 {
        unit *= 10;
    }
    let steps = [2, 4, 6, 8, 10];
    steps.into_iter().map(|step| step * unit).find(|top| *top >= count).unwrap_or(count)
}

fn changes(count: u64) -> String {
    if count == 1 { "One change".to_owned() } else { format!("{} changes", thousands(count)) }
}

/// A number with a comma between thousands.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A round number in few letters: `20k`.
fn short(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 if count.is_multiple_of(1_000) => format!("{}k", count / 1_000),
        1_000..1_000_000 => format!("{}.{}k", count / 1_000, count % 1_000 / 100),
        _ => format!("{}M", count / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(created: u64, updated: u64, removed: u64) -> Bar {
        Bar { day: "1 Nov".into(), created, updated, removed }
    }

    #[test]
    fn columns_stand_on_the_ground_and_end_below_the_uppermost_line() {
        let chart = Chart::new(vec![bar(0, 0, 0), bar(10, 30, 20), bar(3, 0, 0)]);
        assert_eq!((chart.top_told.as_str(), chart.middle_told.as_str()), ("60", "30"));
        let columns = chart.columns();
        assert!(columns[0].parts.is_empty());
        let parts: Vec<_> = columns[1].parts.iter().map(|part| (part.class, &*part.top, &*part.height)).collect();
        let expected = [("created", "83.33", "16.66"), ("updated", "33.33", "50.00"), ("removed", "0.00", "33.33")];
        assert_eq!(parts, expected);
        assert_eq!(chart.summary, "63 changes in the last 3 days; most of them on 1 Nov, 60.");
    }

    #[test]
    fn scales_are_round() {
        for (count, top) in [(1, 2), (2, 2), (3, 4), (9, 10), (10, 10), (11, 20), (61, 80), (1_234, 2_000)] {
            assert_eq!(round_up(count.max(2)), top, "{count}");
        }
        assert_eq!((short(2_000), short(1_500), short(80)), ("2k".into(), "1.5k".into(), "80".into()));
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(Chart::new(vec![bar(0, 0, 0)]).summary, "No changes in the last 1 days.");
    }
}
