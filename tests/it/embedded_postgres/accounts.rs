//! Which user PostgreSQL runs as, and which folders that user has to come to.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::stage::{Holder, Stage, ask, is_root, nobody, owner};

fn uid_of_process(stage: &Stage) -> u32 {
    owner(Path::new(&format!("/proc/{}", stage.server().unwrap().as_raw_nonzero())))
}

#[test]
fn root_runs_it_as_postgres() {
    if !is_root() {
        return println!("skipped: only root has another user to run it as");
    }
    let stage = Stage::new();
    let server = stage.start();
    let postgres = owner(&stage.dir().join("data"));
    assert_ne!(postgres, 0);
    assert_eq!(uid_of_process(&stage), postgres);
    assert_eq!(ask(&server.database_url(), "SELECT current_user"), ["postgres"]);
}

#[test]
fn an_ordinary_user_runs_it_as_itself() {
    let stage = Stage::new();
    let other = is_root().then(nobody);
    if let Some(uid) = other {
        std::os::unix::fs::chown(stage.folder.path(), Some(uid), Some(uid)).unwrap();
    }
    let mut holder = Holder::spawn(&stage.dir(), other);
    let url = holder.hear("READY");
    let uid = other.unwrap_or(rustix::process::geteuid().as_raw());
    assert_eq!(uid_of_process(&stage), uid);
    for mine in ["data", "run", "postgresql.log"] {
        assert_eq!(owner(&stage.dir().join(mine)), uid, "{mine}");
    }
    assert_eq!(ask(&url, "SELECT current_user"), ["postgres"]);
    holder.finish();
}

#[test]
fn nobody_else_can_come_to_the_socket_the_data_or_the_log() {
    let stage = Stage::new();
    let _server = stage.start();
    let mode = |name: &str| std::fs::metadata(stage.dir().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("run"), 0o700);
    assert_eq!(mode("data"), 0o700);
    assert_eq!(mode("postgresql.log"), 0o600);
    if !is_root() {
        return println!("in part skipped: only root can try as another user");
    }
    let mut other = Holder::spawn(&stage.dir(), Some(nobody()));
    let expected = format!(
        "no permission for {}/start.lock: run as the user that owns it, or choose another --data-dir",
        stage.dir().display()
    );
    assert_eq!(other.hear("REFUSED"), expected);
    other.finish();
}

#[test]
fn a_user_without_a_name_is_told_what_initdb_says() {
    if !is_root() {
        return println!("skipped: only root can become a user that does not exist");
    }
    let stage = Stage::new();
    std::fs::set_permissions(stage.folder.path(), Permissions::from_mode(0o777)).unwrap();
    let mut holder = Holder::spawn(&stage.dir(), Some(54321));
    let refused = holder.hear("REFUSED");
    assert!(refused.starts_with("a new PostgreSQL cluster could not be made in "), "{refused}");
    assert!(refused.contains("could not look up effective user ID 54321: user does not exist"), "{refused}");
    holder.finish();
}

#[test]
fn a_folder_that_is_closed_to_it_is_named() {
    let stage = Stage::new();
    let closed = stage.folder.path().to_owned();
    if is_root() {
        std::fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
        let expected = format!(
            "the user postgres cannot enter {0}: allow it with `chmod o+x {0}`, or choose a --data-dir elsewhere",
            closed.display()
        );
        assert_eq!(stage.refusal(), expected);
        std::fs::set_permissions(&closed, Permissions::from_mode(0o711)).unwrap();
    } else {
        std::fs::set_permissions(&closed, Permissions::from_mode(0o500)).unwrap();
        let expected = format!(
            "no permission for {}: run as the user that owns it, or choose another --data-dir",
            stage.dir().display()
        );
        assert_eq!(stage.refusal(), expected);
        std::fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
    }
    stage.start().stop().unwrap();
}
