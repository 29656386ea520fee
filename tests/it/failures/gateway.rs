//! The program on a database of any kind, with a tenant and a token.

use crate::cli::program::{Serving, bare, said};

/// A database that is ready to be served, and a token for its one tenant.
pub struct Gateway {
    database_url: String,
    pub token: String,
}

impl Gateway {
    /// Brings the database up to date and makes the tenant and the token.
    pub fn on(database_url: &str) -> Self {
        let mut gateway = Self::with(database_url, "");
        gateway.run(&["migrate"]);
        gateway.run(&["tenant", "create", "acme"]);
        gateway.token = gateway.run(&["token", "create", "--tenant", "acme", "--name", "load"]).trim().to_owned();
        gateway
    }

    /// With a token made before.
    pub fn with(database_url: &str, token: &str) -> Self {
        Self { database_url: database_url.to_owned(), token: token.trim().to_owned() }
    }

    /// Serves it on a free port.
    pub fn serve(&self) -> Serving {
        let mut command = bare();
        command.env("SCIMGATE_DATABASE_URL", &self.database_url).args(["serve", "--listen", "127.0.0.1:0"]);
        Serving::start(command)
    }

    fn run(&self, words: &[&str]) -> String {
        let mut command = bare();
        command.env("SCIMGATE_DATABASE_URL", &self.database_url).args(words);
        said(command).well()
    }
}
