//! What an import came to.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::table;
use super::Done;
use crate::import::Mapping;
use crate::model::{RecordCode, RecordFailure, RecordOutcome};

/// Failures that are told one by one; all of them go to the file of rejected rows.
const TOLD: usize = 100;

/// Counts, and the first failures.
pub struct Summary {
    dry_run: bool,
    unmapped: Vec<String>,
    inserted: u64,
    updated: u64,
    unchanged: u64,
    /// Rows that came to nothing.
    pub failed: u64,
    /// All rows.
    pub total: u64,
    failures: Vec<(u64, String, RecordFailure)>,
    /// How long it took.
    pub took: Duration,
}

impl Summary {
    /// Of an import that begins.
    pub fn of(dry_run: bool, mapping: &Mapping) -> Self {
        let unmapped = mapping.unmapped().map(str::to_owned).collect();
        Self {
            dry_run,
            unmapped,
            inserted: 0,
            updated: 0,
            unchanged: 0,
            failed: 0,
            total: 0,
            failures: Vec::new(),
            took: Duration::ZERO,
        }
    }

    /// Counts a chunk.
    pub fn add(&mut self, chunk: &[Done]) {
        for done in chunk {
            self.total += 1;
            match &done.outcome {
                RecordOutcome::Inserted(_) => self.inserted += 1,
                RecordOutcome::Updated(_) => self.updated += 1,
                RecordOutcome::Unchanged(_) => self.unchanged += 1,
                RecordOutcome::Failed(failure) => {
                    self.failed += 1;
                    if self.failures.len() < TOLD {
                        self.failures.push((done.row.line, done.key.clone(), failure.clone()));
                    }
                }
            }
        }
    }

    /// Whether nothing of a chunk could be tried, so the next would fare no better.
    pub fn is_hopeless(&self, chunk: &[Done]) -> bool {
        let away = |done: &Done| matches!(&done.outcome, RecordOutcome::Failed(failure) if failure.code == RecordCode::Unavailable);
        !chunk.is_empty() && chunk.iter().all(away)
    }

    /// Prints it.
    pub fn print(&self, json: bool) -> anyhow::Result<()> {
        if json {
            println!("{}", self.to_json());
            return Ok(());
        }
        if self.failed > 0 {
            table::print(
                ["LINE", "RECORD", "CODE", "MESSAGE"],
                self.failures.iter().map(|(line, key, failure)| {
                    [line.to_string(), key.clone(), code(failure), failure.message.clone()]
                }),
            );
        }
        let told = self.failures.len() as u64;
        if self.failed > told {
            println!("and {} more that failed", self.failed - told);
        }
        let tense = if self.dry_run { "would be " } else { "" };
        println!(
            "{}: {} {tense}inserted, {} {tense}updated, {} unchanged, {} failed",
            rows(self.total),
            self.inserted,
            self.updated,
            self.unchanged,
            self.failed
        );
        let seconds = self.took.as_secs_f64().max(0.001);
        eprintln!("{seconds:.1} s, {:.0} rows/s", self.total as f64 / seconds);
        Ok(())
    }

    fn to_json(&self) -> Value {
        let failure = |(line, key, failure): &(u64, String, RecordFailure)| {
            let mut shown = json!({ "line": line, "key": key });
            if let (Value::Object(shown), Value::Object(told)) = (&mut shown, json!(failure)) {
                shown.extend(told);
            }
            shown
        };
        json!({
            "dryRun": self.dry_run,
            "total": self.total,
            "inserted": self.inserted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "failed": self.failed,
            "failures": self.failures.iter().map(failure).collect::<Vec<_>>(),
            "unmapped": self.unmapped,
            "milliseconds": self.took.as_millis() as u64,
        })
    }
}

fn code(failure: &RecordFailure) -> String {
    json!(failure.code).as_str().unwrap_or_default().to_owned()
}

/// So many rows, in words.
pub fn rows(count: u64) -> String {
    format!("{count} {}", if count == 1 { "row" } else { "rows" })
}
