//! Which database: one of your own, or the embedded PostgreSQL in a data directory. Every command takes these flags.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use super::SecretKeyArgs;

/// A PostgreSQL URL. It may hold a password, so it is never printed.
#[derive(Debug, Clone)]
pub struct DatabaseUrl(SecretString);

impl DatabaseUrl {
    /// The URL, for the driver.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    /// Takes any text; what it means is for the store to say.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err("the database URL is empty; leave it out to use the embedded PostgreSQL".into());
        }
        Ok(Self(text.to_owned().into()))
    }
}

/// Flags that choose the database.
#[derive(Debug, Clone, Default, Args)]
pub struct DatabaseArgs {
    /// PostgreSQL (15 or later) to use; without it an embedded PostgreSQL runs in the data directory
    ///
    /// Several hosts may be named for failover: postgresql://user@a,b/scimgate?target_session_attrs=read-write
    #[arg(
        long,
        global = true,
        help_heading = "Database",
        env = "SCIMGATE_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: Option<DatabaseUrl>,

    /// Where the embedded PostgreSQL keeps its files [default: /var/lib/scimgate/pg for root, else
    /// $XDG_DATA_HOME/scimgate/pg or ~/.local/share/scimgate/pg]
    #[arg(long, global = true, help_heading = "Database", env = "SCIMGATE_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Where the programs of the embedded PostgreSQL (initdb, postgres) are, if not in a usual place
    #[arg(long, global = true, help_heading = "Database", env = "SCIMGATE_PG_BIN", value_name = "DIR")]
    pub pg_bin: Option<PathBuf>,

    /// The key that opens what the database keeps sealed.
    #[command(flatten)]
    pub secret_key: SecretKeyArgs,
}

/// What the environment tells about the place we run in.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// `HOME`
    pub home: Option<PathBuf>,
    /// `XDG_DATA_HOME`
    pub xdg_data_home: Option<PathBuf>,
    /// `PATH`
    pub path: Option<OsString>,
}

impl DatabaseArgs {
    /// What the environment tells; needed for the embedded PostgreSQL alone.
    pub fn surroundings(&self) -> Surroundings {
        let folder = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
        Surroundings { home: folder("HOME"), xdg_data_home: folder("XDG_DATA_HOME"), path: std::env::var_os("PATH") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_url_is_not_printed() {
        let url: DatabaseUrl = "postgresql://u:hunter2@h/d".parse().unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
        assert_eq!(url.expose(), "postgresql://u:hunter2@h/d");
        assert!("".parse::<DatabaseUrl>().is_err());
    }
}
