//! What is looked at in the database server.

use chrono::{DateTime, TimeDelta, Utc};

use crate::cli::finding::{Finding, fail, ok, warn};
use crate::config::Config;
use crate::store::{CredentialEnd, Installation, Store};

/// The oldest version that is supported.
const OLDEST: i64 = 150_000;
/// A clock may be wrong by so much before anybody is told, and before it breaks things: signed tokens allow a minute.
const SKEW: TimeDelta = TimeDelta::seconds(1);
const GREAT_SKEW: TimeDelta = TimeDelta::seconds(30);
/// A transaction that is open for longer keeps the server from tidying up.
const LONG_TRANSACTION: f64 = 3_600.0;
/// Connections beside those of the workers: upkeep, metrics, a command.
const BESIDE: usize = 8;

/// What the server says of itself.
pub fn look(installation: &Installation, is_embedded: bool) -> Vec<Finding> {
    let mut findings =
        vec![version(installation), setting(installation, "fsync"), setting(installation, "full_page_writes")];
    findings.push(commit(installation));
    findings.push(standbys(installation, is_embedded));
    findings.push(autovacuum(installation));
    findings.push(statistics(installation));
    findings.push(transactions(installation));
    if !is_embedded {
        findings.push(role(installation));
    }
    findings
}

fn version(installation: &Installation) -> Finding {
    let version = installation.version;
    let name = format!("PostgreSQL {}.{}", version / 10_000, version % 10_000);
    if version < OLDEST {
        return fail("postgresql", format!("{name} is too old"), "move to PostgreSQL 15 or later");
    }
    ok("postgresql", name)
}

/// A setting without which a crash destroys data.
fn setting(installation: &Installation, name: &'static str) -> Finding {
    if installation.setting(name) == "on" {
        return ok(name, format!("{name} is on"));
    }
    let what = format!("{name} is off: a crash of the database's machine destroys data");
    fail(name, what, format!("set {name} = on in postgresql.conf and restart PostgreSQL"))
}

fn commit(installation: &Installation) -> Finding {
    const CHECK: &str = "synchronous_commit";
    let value = installation.setting(CHECK);
    let has_standbys = !installation.setting("synchronous_standby_names").is_empty();
    match value {
        "off" => fail(
            CHECK,
            "synchronous_commit is off: a crash takes back writes that identity providers were told are done",
            "set synchronous_commit = on",
        ),
        "local" | "remote_write" if has_standbys => warn(
            CHECK,
            format!("synchronous_commit is {value}: a write may be missing on the standby that takes over"),
            "set synchronous_commit = on",
        ),
        _ => ok(CHECK, format!("synchronous_commit is {value}")),
    }
}

fn standbys(installation: &Installation, is_embedded: bool) -> Finding {
    const CHECK: &str = "standbys";
    let (all, synchronous) = installation.standbys;
    let names = installation.setting("synchronous_standby_names");
    if synchronous > 0 {
        return ok(
            CHECK,
            format!("{synchronous} of {all} standbys are synchronous: no acknowledged write is lost with the primary"),
        );
    }
    if !names.is_empty() {
        let what = "synchronous_standby_names is set and no such standby is there: every write waits for ever";
        return fail(CHECK, what, "bring a standby back, or take its name out while it is away");
    }
    let what = match all {
        0 => "there is no standby: with the database's disk, everything since the last backup is lost",
        _ => "standbys follow, none is synchronous: the last acknowledged writes may be lost with the primary",
    };
    let advice = match is_embedded {
        true => "back up the data directory; for production use PostgreSQL with a synchronous standby (--database-url)",
        false => "set synchronous_standby_names = 'ANY 1 (*)' with at least two standbys (no loss at all, RPO 0)",
    };
    warn(CHECK, what, advice)
}

fn autovacuum(installation: &Installation) -> Finding {
    const CHECK: &str = "autovacuum";
    if installation.setting("autovacuum") == "on" && installation.setting("track_counts") == "on" {
        return ok(CHECK, "autovacuum is on");
    }
    let what = "autovacuum or track_counts is off: tables grow and plans go wrong over time";
    fail(CHECK, what, "set autovacuum = on and track_counts = on")
}

fn statistics(installation: &Installation) -> Finding {
    const CHECK: &str = "statistics";
    let Some((table, rows, changed)) = installation.stale.first() else {
        return ok(CHECK, "the planner's statistics are fresh");
    };
    let what = format!(
        "{changed} of {rows} rows of {table} changed since they were analysed, and {} tables are so: plans may be slow",
        installation.stale.len()
    );
    warn(CHECK, what, "run VACUUM ANALYZE in the database, above all after a large import or a restore")
}

fn transactions(installation: &Installation) -> Finding {
    const CHECK: &str = "transactions";
    match installation.oldest_transaction {
        Some(seconds) if seconds > LONG_TRANSACTION => {
            let what =
                format!("a transaction is open for {:.0} hours: nothing newer can be tidied up", seconds / 3_600.0);
            warn(CHECK, what, "look for it in pg_stat_activity and end it")
        }
        _ => ok(CHECK, "no transaction is open for long"),
    }
}

fn role(installation: &Installation) -> Finding {
    const CHECK: &str = "role";
    if installation.is_superuser {
        let what = "scimgate signs in to the database as a superuser";
        return warn(CHECK, what, "give it a role of its own that owns its database and nothing else");
    }
    ok(CHECK, "the database role is no superuser")
}

/// Whether the connections that the workers may open fit.
pub fn connections(installation: &Installation, config: &Config) -> Finding {
    const CHECK: &str = "connections";
    let number = |name| installation.setting(name).parse::<usize>().unwrap_or_default();
    let there = number("max_connections").saturating_sub(number("superuser_reserved_connections"));
    let (workers, needed) = (config.workers, config.workers * Store::CONNECTIONS + BESIDE);
    let told = format!("{workers} workers open up to {needed} connections, and PostgreSQL takes {there}");
    if needed > there {
        let advice = format!(
            "set max_connections = {} or lower --workers; count every server on this database",
            needed + number("superuser_reserved_connections")
        );
        return warn(CHECK, format!("{told}: under load requests are answered with 503"), advice);
    }
    ok(CHECK, told)
}

/// Whether our clock and the database's agree; ours was read before and after the database's.
pub fn clock(before: DateTime<Utc>, database: DateTime<Utc>, after: DateTime<Utc>) -> Finding {
    const CHECK: &str = "clock";
    let skew = if database < before {
        before - database
    } else if database > after {
        database - after
    } else {
        TimeDelta::zero()
    };
    let told = format!("this machine's clock and the database's differ by {:.1} s", skew.as_seconds_f64());
    let advice = "let both follow a time server (chrony or systemd-timesyncd)";
    if skew > GREAT_SKEW {
        fail(CHECK, format!("{told}: signed tokens and expiry dates go wrong"), advice)
    } else if skew > SKEW {
        warn(CHECK, told, advice)
    } else {
        ok(CHECK, "this machine's clock and the database's agree")
    }
}

/// Whether every migration has run.
pub fn migrations(pending: &[String]) -> Finding {
    const CHECK: &str = "migrations";
    match pending {
        [] => ok(CHECK, "the database is up to date"),
        [first, ..] => {
            let what = format!("{} migrations have not run, the first of them {first}", pending.len());
            warn(CHECK, what, "run `scimgate migrate`; `scimgate serve` does it when it starts")
        }
    }
}

/// Whether credentials end soon, or ended.
pub fn credentials(ends: &[CredentialEnd], now: DateTime<Utc>) -> Finding {
    const CHECK: &str = "credentials";
    let soon: Vec<_> = ends.iter().filter(|end| end.at < now + TimeDelta::days(30)).collect();
    let Some(first) = soon.first() else {
        return ok(CHECK, "no credential ends within 30 days");
    };
    let ended = soon.iter().filter(|end| end.at <= now).count();
    let count = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("one credential {one}")),
        _ => Some(format!("{count} credentials {many}")),
    };
    let parts = [
        count(ended, "ended lately", "ended lately"),
        count(soon.len() - ended, "ends within 30 days", "end within 30 days"),
    ];
    let what = format!(
        "{}, first \"{}\" of {} on {}; from then on clients get 401",
        parts.into_iter().flatten().collect::<Vec<_>>().join(" and "),
        crate::cli::table::printable(&first.label),
        first.tenant,
        first.at.format("%Y-%m-%d")
    );
    warn(CHECK, what, "make new ones, put them into the identity provider, and revoke the old ones")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::finding::State;
    use crate::model::CredentialId;
    use crate::store::Setting;

    fn installation(settings: &[(&str, &str)]) -> Installation {
        let usual = [
            ("fsync", "on"),
            ("full_page_writes", "on"),
            ("synchronous_commit", "on"),
            ("synchronous_standby_names", ""),
            ("autovacuum", "on"),
            ("track_counts", "on"),
            ("max_connections", "100"),
            ("superuser_reserved_connections", "3"),
        ];
        let all = settings.iter().chain(&usual);
        Installation {
            version: 150_004,
            now: DateTime::UNIX_EPOCH,
            settings: all.map(|(name, value)| Setting { name: (*name).into(), value: (*value).into() }).collect(),
            standbys: (0, 0),
            connections: 1,
            is_superuser: false,
            stale: Vec::new(),
            oldest_transaction: None,
        }
    }

    fn state(findings: &[Finding], check: &str) -> State {
        findings.iter().find(|finding| finding.check == check).unwrap().state
    }

    #[test]
    fn what_loses_data_fails() {
        let found = look(&installation(&[]), false);
        assert!(found.iter().all(|finding| finding.state == State::Ok || finding.check == "standbys"), "{found:?}");
        for (setting, value) in
            [("fsync", "off"), ("full_page_writes", "off"), ("synchronous_commit", "off"), ("autovacuum", "off")]
        {
            let found = look(&installation(&[(setting, value)]), false);
            assert_eq!(state(&found, setting), State::Fail, "{setting}");
            assert!(found.iter().all(|finding| (finding.state == State::Ok) == finding.advice.is_none()));
        }
        let mut old = installation(&[]);
        old.version = 140_010;
        assert_eq!(state(&look(&old, true), "postgresql"), State::Fail);
    }

    #[test]
    fn only_a_synchronous_standby_loses_nothing() {
        let standbys = |names: &str, all, synchronous| {
            let mut one = installation(&[("synchronous_standby_names", names)]);
            one.standbys = (all, synchronous);
            state(&look(&one, false), "standbys")
        };
        assert_eq!(standbys("", 0, 0), State::Warn);
        assert_eq!(standbys("", 2, 0), State::Warn);
        assert_eq!(standbys("ANY 1 (*)", 2, 2), State::Ok);
        assert_eq!(standbys("ANY 1 (*)", 0, 0), State::Fail);
    }

    #[test]
    fn clocks_are_compared_within_the_time_that_asking_took() {
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        assert_eq!(clock(at(0), at(5), at(10)).state, State::Ok);
        assert_eq!(clock(at(0), at(13), at(10)).state, State::Warn);
        assert_eq!(clock(at(100), at(60), at(101)).state, State::Fail);
    }

    #[test]
    fn credentials_that_end_are_told_in_time() {
        let now = DateTime::UNIX_EPOCH;
        let end = |days| CredentialEnd {
            tenant: "acme".into(),
            id: CredentialId::new(now),
            label: "Entra\u{1b}".into(),
            at: now + TimeDelta::days(days),
        };
        assert_eq!(credentials(&[], now).state, State::Ok);
        assert_eq!(credentials(&[end(31)], now).state, State::Ok);
        let told = credentials(&[end(-3), end(5), end(60)], now);
        assert_eq!(told.state, State::Warn);
        assert!(
            told.what.starts_with("one credential ended lately and one credential ends within 30 days, first"),
            "{}",
            told.what
        );
        assert!(!told.what.contains('\u{1b}'));
        let told = credentials(&[end(5), end(6)], now);
        assert!(told.what.starts_with("2 credentials end within 30 days"), "{}", told.what);
    }

    #[test]
    fn migrations_that_have_not_run_are_told() {
        assert_eq!(migrations(&[]).state, State::Ok);
        assert!(migrations(&["2026_x".into()]).what.contains("2026_x"));
    }
}
