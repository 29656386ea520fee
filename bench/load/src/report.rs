//! What a run prints: a line for people, and with `--json` an object for programs.

use crate::answer::Wrong;
use crate::drive::Outcome;
use crate::options::Options;
use serde_json::{Value, json};

/// Prints the outcome. True when there was something to measure and nothing was wrong.
pub fn print(options: &Options, outcome: &Outcome) -> bool {
    let line = table_line(outcome);
    if options.json {
        println!("{}", as_json(outcome));
        eprintln!("{line}");
    } else {
        println!("{line}");
    }
    outcome.errors.is_empty() && operations(outcome) > 0
}

/// Prints that a workload could not be run. Always false.
pub fn print_failure(options: &Options, workload: &str, wrong: &Wrong) -> bool {
    if options.json {
        println!("{}", json!({ "workload": workload, "failed": wrong.0 }));
    }
    eprintln!("{workload}: {}", wrong.0);
    false
}

fn operations(outcome: &Outcome) -> usize {
    outcome.series.first().map_or(0, |series| series.micros.len())
}

fn per_second(outcome: &Outcome) -> f64 {
    operations(outcome) as f64 / outcome.seconds.max(1e-9)
}

/// Microseconds of CPU for each operation.
fn per_operation(cpu_seconds: f64, outcome: &Outcome) -> f64 {
    cpu_seconds * 1e6 / operations(outcome).max(1) as f64
}

fn table_line(outcome: &Outcome) -> String {
    let mut line = format!(
        "{:<13} c={:<3} {:>7.2} s {:>10.1} ops/s",
        outcome.workload,
        outcome.connections,
        outcome.seconds,
        per_second(outcome)
    );
    for series in &outcome.series {
        let (name, p50, p99) = (&series.name, series.percentile(0.5), series.percentile(0.99));
        line += &format!("  {name} p50 {p50:.2} p99 {p99:.2} ms");
    }
    line += &format!("  CPU us/op: driver {:.1}", per_operation(outcome.driver_cpu_seconds, outcome));
    for watch in &outcome.watched {
        let megabytes = watch.resident as f64 / 1e6;
        line += &format!(", {} {:.1} ({megabytes:.0} MB)", watch.name, per_operation(watch.cpu_seconds, outcome));
    }
    for (error, count) in outcome.errors.iter().take(5) {
        line += &format!("\n    {count} x {error}");
    }
    line
}

fn as_json(outcome: &Outcome) -> Value {
    let series = outcome.series.iter().map(|series| {
        let [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1.0].map(|share| series.percentile(share));
        let name = &series.name;
        json!({ "name": name, "count": series.micros.len(), "p50_ms": p50, "p90_ms": p90, "p99_ms": p99, "max_ms": max })
    });
    let watched = outcome.watched.iter().map(|watch| {
        let micros = per_operation(watch.cpu_seconds, outcome);
        (watch.name.clone(), json!({ "cpu_us_per_op": micros, "cores": watch.cpu_seconds / outcome.seconds, "rss_bytes": watch.resident }))
    });
    json!({
        "workload": outcome.workload,
        "connections": outcome.connections,
        "users": outcome.users,
        "seconds": outcome.seconds,
        "ops_per_s": per_second(outcome),
        "errors": outcome.errors.values().sum::<u64>(),
        "error_examples": outcome.errors.keys().take(3).collect::<Vec<_>>(),
        "series": Value::Array(series.collect()),
        "watched": Value::Object(watched.collect()),
        "driver": { "cpu_us_per_op": per_operation(outcome.driver_cpu_seconds, outcome), "cores": outcome.driver_cpu_seconds / outcome.seconds },
    })
}
