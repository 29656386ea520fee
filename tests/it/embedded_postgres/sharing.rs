//! Who starts the server, who joins it, and with whom it stops.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use scimgate::store::local::{Durability, LocalPostgres};

use super::stage::{Holder, Stage, ask, is_alive, is_root, kill, options, owner, try_ask, until};

#[test]
fn a_fresh_cluster_has_the_database_and_is_only_on_the_socket() {
    let stage = Stage::new();
    let server = LocalPostgres::start_or_attach(&options(&stage.dir(), Durability::Durable)).unwrap();
    let show = |setting: &str| ask(&server.database_url(), &format!("SHOW {setting}")).concat();
    let kind = "SELECT pg_encoding_to_char(encoding) || ' ' || datcollate FROM pg_database WHERE datname = 'scimgate'";
    assert_eq!(ask(&server.database_url(), kind), ["UTF8 C.UTF-8"]);
    assert_eq!(show("listen_addresses"), "");
    assert_eq!(show("unix_socket_permissions"), "0700");
    assert_eq!(show("data_checksums"), "on");
    assert_eq!(show("max_connections"), "200");
    for safe in ["fsync", "synchronous_commit", "full_page_writes", "autovacuum"] {
        assert_eq!(show(safe), "on", "{safe}");
    }
    let group = rustix::process::getpgid(stage.server()).unwrap();
    assert_ne!(group, rustix::process::getpgid(None).unwrap(), "Ctrl-C would stop it under its holder");
}

#[test]
fn scratch_syncs_nothing() {
    let stage = Stage::new();
    let server = stage.start();
    for unsafe_setting in ["fsync", "synchronous_commit", "full_page_writes", "autovacuum"] {
        assert_eq!(ask(&server.database_url(), &format!("SHOW {unsafe_setting}")), ["off"], "{unsafe_setting}");
    }
}

#[test]
fn it_stops_with_its_last_holder_and_keeps_the_data() {
    let stage = Stage::new();
    let first = stage.start();
    let second = stage.start();
    assert!(!first.attached() && second.attached());
    assert_eq!(first.database_url(), second.database_url());
    let pid = stage.server().unwrap();
    ask(&first.database_url(), "CREATE TABLE kept AS SELECT 42 AS n");
    first.stop().unwrap();
    assert_eq!(ask(&second.database_url(), "SELECT n FROM kept"), ["42"]);
    drop(second);
    until("stopped", || !is_alive(pid) && stage.server().is_none());
    let third = stage.start();
    assert!(!third.attached());
    assert_eq!(ask(&third.database_url(), "SELECT n FROM kept"), ["42"]);
}

#[test]
fn it_outlives_the_process_that_started_it_while_another_holds_it() {
    let stage = Stage::new();
    let mut starter = Holder::spawn(&stage.dir(), None);
    let url = starter.hear("READY");
    let joined = stage.start();
    assert!(joined.attached());
    starter.finish();
    assert_eq!(ask(&url, "SELECT 1"), ["1"]);
    let mut late = Holder::spawn(&stage.dir(), None);
    assert_eq!(late.hear("READY"), url);
    joined.stop().unwrap();
    assert_eq!(ask(&url, "SELECT 1"), ["1"]);
    late.kill();
    until("stopped after the last holder was killed", || stage.server().is_none());
}

#[test]
fn of_many_starters_one_wins_and_the_others_join() {
    let stage = Stage::new();
    let servers: Vec<LocalPostgres> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| stage.start())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(servers.iter().filter(|server| !server.attached()).count(), 1);
    for server in &servers {
        assert_eq!(ask(&server.database_url(), "SELECT 1"), ["1"]);
    }
}

/// Each thread starts or joins, asks and lets go, so that ends and beginnings meet in every order.
#[test]
fn joining_a_server_that_is_just_stopping_never_fails() {
    let stage = Stage::new();
    stage.start().stop().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..15 {
                    let server = stage.start();
                    assert_eq!(ask(&server.database_url(), "SELECT 1"), ["1"]);
                    server.stop().unwrap();
                }
            });
        }
    });
    until("stopped", || stage.server().is_none());
}

#[test]
fn a_server_that_somebody_else_started_is_not_touched() {
    let stage = Stage::new();
    stage.start().stop().unwrap();
    let data = stage.dir().join("data");
    let mut by_hand = Command::new(stage.programs().join("postgres"));
    by_hand.arg("-D").arg(&data).args(["-c", "listen_addresses=", "-c", "fsync=off", "-c"]);
    by_hand.arg(format!("unix_socket_directories={}", stage.dir().join("run").display()));
    if is_root() {
        by_hand.uid(owner(&data)).gid(owner(&data));
    }
    let mut by_hand = by_hand.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let url =
        format!("postgresql://postgres@{}/scimgate", stage.dir().join("run").display().to_string().replace('/', "%2F"));
    until("started by hand", || try_ask(&url, "SELECT 1").is_ok());
    let pid = stage.server().unwrap();

    let asked = Instant::now();
    let expected = format!(
        "another PostgreSQL (process {}) already runs on {}, and scimgate did not start it: stop it, or choose another \
         --data-dir",
        pid.as_raw_nonzero(),
        data.display()
    );
    assert_eq!(stage.refusal(), expected);
    assert!(asked.elapsed() < Duration::from_secs(5), "refused after {:?}", asked.elapsed());
    assert_eq!(ask(&url, "SELECT 1"), ["1"]);
    kill(pid, Signal::INT);
    by_hand.wait().unwrap();
    stage.start().stop().unwrap();
}
