//! Ends that nobody announces: of the holder, of PostgreSQL, of `initdb`.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use scimgate::store::local::{Durability, LocalPostgres};

use super::stage::{Holder, Stage, ask, is_alive, kill, open_folder, options, try_ask, until};

#[test]
fn kill_9_of_the_holder_shuts_it_down_cleanly() {
    let stage = Stage::new();
    let mut holder = Holder::spawn(&stage.dir(), None);
    let url = holder.hear("READY");
    ask(&url, "CREATE TABLE kept AS SELECT 42 AS n");
    let pid = stage.server().unwrap();
    holder.kill();
    until("stopped after its holder", || !is_alive(pid));
    assert!(stage.log().trim_end().ends_with("database system is shut down"), "{}", stage.log());
    let again = stage.start();
    assert!(!again.attached());
    assert_eq!(ask(&again.database_url(), "SELECT n FROM kept"), ["42"]);
    assert!(!stage.log().contains("was not properly shut down"), "{}", stage.log());
}

/// Whenever the holder dies while it makes or starts the cluster, nothing keeps running and the next start works.
#[test]
fn kill_9_of_the_holder_at_any_moment_of_the_start_leaves_nothing_behind() {
    let stage = Stage::new();
    for delay in [5, 20, 60, 120, 250, 500, 1000] {
        let holder = Holder::spawn(&stage.dir(), None);
        // The moment is the point here, not something to wait for.
        std::thread::sleep(Duration::from_millis(delay));
        holder.kill();
    }
    let server = stage.start();
    assert_eq!(ask(&server.database_url(), "SELECT 1"), ["1"]);
    let pid = stage.server().unwrap();
    server.stop().unwrap();
    until("stopped", || !is_alive(pid));
    for entry in std::fs::read_dir(stage.dir()).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(!name.to_string_lossy().starts_with("data.new"), "{name:?} was left");
    }
}

/// A server that has just been started ignores the signal that stops it, so one signal is not enough.
#[test]
fn kill_9_of_the_holder_ends_a_server_that_does_not_listen_yet() {
    let stage = Stage::new();
    stage.start().stop().unwrap();
    let real = stage.programs();
    // Not in memory, where programs may not be executed on some machines.
    let slow = open_folder(Path::new("/var/tmp"));
    std::os::unix::fs::symlink(real.join("initdb"), slow.path().join("initdb")).unwrap();
    let script =
        format!("#!/bin/sh\n[ \"$1\" = --version ] || sleep 0.5\nexec '{}' \"$@\"\n", real.join("postgres").display());
    std::fs::write(slow.path().join("postgres"), script).unwrap();
    std::fs::set_permissions(slow.path().join("postgres"), Permissions::from_mode(0o755)).unwrap();

    let holder = Holder::spawn_with(&stage.dir(), None, Some(slow.path()));
    let noted = || std::fs::read_to_string(stage.dir().join("run/server")).ok()?.trim().parse().ok();
    until("started", || noted().is_some());
    let pid = Pid::from_raw(noted().unwrap()).unwrap();
    holder.kill();
    until("stopped after its holder", || !is_alive(pid));
}

#[test]
fn an_interrupted_initdb_is_not_taken_for_a_cluster() {
    let stage = Stage::new();
    let unfinished = stage.dir().join("data.new.1");
    std::fs::create_dir_all(&unfinished).unwrap();
    std::fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();
    let server = stage.start();
    assert_eq!(ask(&server.database_url(), "SELECT 1"), ["1"]);
    assert!(!unfinished.exists());
}

#[test]
fn a_folder_that_its_maker_did_not_live_to_give_away_is_used() {
    let stage = Stage::new();
    let run = stage.dir().join("run");
    std::fs::create_dir_all(&run).unwrap();
    std::fs::set_permissions(&run, Permissions::from_mode(0o700)).unwrap();
    assert_eq!(ask(&stage.start().database_url(), "SELECT 1"), ["1"]);
}

#[test]
fn a_killed_server_is_started_again_for_its_holders() {
    let stage = Stage::new();
    let server = LocalPostgres::start_or_attach(&options(&stage.dir(), Durability::Durable)).unwrap();
    let url = server.database_url();
    ask(&url, "CREATE TABLE kept AS SELECT 42 AS n");
    let pid = stage.server().unwrap();
    kill(pid, Signal::KILL);
    until("serving again", || try_ask(&url, "SELECT n FROM kept").is_ok_and(|rows| rows == ["42"]));
    let next = stage.server().unwrap();
    assert_ne!(next, pid);
    server.stop().unwrap();
    until("stopped", || !is_alive(next));
}

/// As after the loss of power: server, guard and holder are gone at once, and their notes stay behind.
#[cfg(target_os = "linux")]
#[test]
fn a_start_after_everything_was_killed_recovers_the_data() {
    let stage = Stage::new();
    // A dead server that nobody has waited for counts as alive, and not every machine's first process waits.
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap();
    let mut holder = Holder::spawn(&stage.dir(), None);
    ask(&holder.hear("READY"), "CREATE TABLE kept AS SELECT 42 AS n");
    let pid = stage.server().unwrap();
    let guard = rustix::process::getpgid(Some(pid)).unwrap();
    kill(guard, Signal::KILL);
    kill(pid, Signal::KILL);
    holder.kill();
    rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty()).unwrap();
    let server = stage.start();
    assert!(!server.attached());
    assert_eq!(ask(&server.database_url(), "SELECT n FROM kept"), ["42"]);
    assert!(stage.log().contains("was not properly shut down"), "{}", stage.log());
}

#[test]
fn a_server_stopped_by_hand_stays_stopped_until_the_next_start() {
    let stage = Stage::new();
    let server = stage.start();
    let pid = stage.server().unwrap();
    kill(pid, Signal::INT);
    until("stopped by hand", || !is_alive(pid));
    let again = stage.start();
    assert!(!again.attached());
    assert_eq!(ask(&server.database_url(), "SELECT 1"), ["1"], "the first holder is served again");
    again.stop().unwrap();
    assert_eq!(ask(&server.database_url(), "SELECT 1"), ["1"], "and holds it still");
    server.stop().unwrap();
    until("stopped", || stage.server().is_none());
}
