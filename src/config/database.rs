//! Which database: one of your own, or the embedded PostgreSQL in a data directory. Every command takes these flags.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

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

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Ok(Self(text.to_owned().into()))
        } else {
            Err("a database URL begins with postgresql://, for example postgresql://scimgate@db.example.com/scimgate"
                .into())
        }
    }
}

/// Flags that choose the database.
#[derive(Debug, Clone, Default, Args)]
pub struct DatabaseArgs {
    /// PostgreSQL (15 or later) to use; without it an embedded PostgreSQL runs in the data directory
    ///
    /// Several hosts may be named for failover: postgresql://user@a,b/db?target_session_attrs=read-write
    #[arg(long, global = true, env = "SCIMGATE_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<DatabaseUrl>,

    /// Where the embedded PostgreSQL keeps its files [default: /var/lib/scimgate for root, else
    /// $XDG_DATA_HOME/scimgate or ~/.local/share/scimgate]
    #[arg(long, global = true, env = "SCIMGATE_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

impl DatabaseArgs {
    /// The data directory that was chosen, or the user's own.
    pub fn data_dir(&self) -> Result<PathBuf, String> {
        if let Some(dir) = &self.data_dir {
            return std::path::absolute(dir).map_err(|error| format!("--data-dir {}: {error}", dir.display()));
        }
        if rustix::process::geteuid().is_root() {
            return Ok(PathBuf::from("/var/lib/scimgate"));
        }
        let folder = |variable: &str| std::env::var_os(variable).map(PathBuf::from).filter(|dir| dir.is_absolute());
        folder("XDG_DATA_HOME")
            .or_else(|| folder("HOME").map(|home| home.join(".local/share")))
            .map(|base| base.join("scimgate"))
            .ok_or_else(|| "there is no home directory to keep data in; choose one with --data-dir DIR".into())
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
        assert!("mysql://u:hunter2@h/d".parse::<DatabaseUrl>().is_err_and(|why| !why.contains("hunter2")));
    }

    #[test]
    fn a_chosen_data_directory_becomes_absolute() {
        let args = DatabaseArgs { data_dir: Some("x/y".into()), ..DatabaseArgs::default() };
        assert!(args.data_dir().unwrap().is_absolute());
    }
}
