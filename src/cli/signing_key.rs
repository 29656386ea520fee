//! `scimgate signing-key list|rotate`

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::database::{gateway, with_sealer, with_store};
use super::table;
use crate::config::DatabaseArgs;
use crate::gateway::Predecessors;
use crate::model::{Clock, Origin, SigningKey, SigningKeys, SystemClock};

/// What can be done with the keys that access tokens are signed with.
#[derive(Debug, Subcommand)]
pub enum SigningKeyCommand {
    /// List the keys that access tokens of OAuth clients are signed with
    List(List),
    /// Make a new key that signs from now on; servers do so by themselves every 90 days, or as serve is told
    Rotate(Rotate),
}

/// The flags of `scimgate signing-key list`.
#[derive(Debug, Args)]
pub struct List {
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate signing-key rotate`.
#[derive(Debug, Args)]
pub struct Rotate {
    /// Refuse at once what the keys before have signed, since somebody else may have them; clients get new tokens by themselves
    #[arg(long, env = "SCIMGATE_REVOKE")]
    revoke: bool,
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: SigningKeyCommand) -> anyhow::Result<()> {
    match command {
        SigningKeyCommand::List(flags) => list(args, &flags),
        SigningKeyCommand::Rotate(flags) => rotate(args, &flags),
    }
}

fn list(args: &DatabaseArgs, flags: &List) -> anyhow::Result<()> {
    let keys = with_store(args, async |store| Ok(store.signing_keys().await?))?;
    let now = SystemClock.now();
    if flags.json {
        println!("{}", Value::from_iter(keys.all().iter().map(|key| to_json(key, &keys, now))));
        return Ok(());
    }
    let rows = keys.all().iter().map(|key| {
        let retires = key.retired_at.map_or("-".to_owned(), table::instant);
        let state = state(key, &keys, now).to_owned();
        [key.id.to_string(), table::instant(key.created_at), table::instant(key.not_before), retires, state]
    });
    table::print(["KID", "CREATED", "SIGNS FROM", "RETIRES", "STATE"], rows);
    Ok(())
}

fn rotate(args: &DatabaseArgs, flags: &Rotate) -> anyhow::Result<()> {
    let predecessors = if flags.revoke { Predecessors::Revoked } else { Predecessors::RunOut };
    let key = with_sealer(args, async |store, sealer| {
        Ok(gateway(store).rotate_signing_key(&sealer, predecessors, &Origin::command_line()).await?)
    })?;
    println!("{} signs from {}", key.id, table::instant(key.not_before));
    Ok(())
}

fn state(key: &SigningKey, keys: &SigningKeys, now: DateTime<Utc>) -> &'static str {
    if !key.is_published(now) {
        "retired"
    } else if keys.signing(now) == Some(key) {
        "signs"
    } else if key.not_before > now {
        "published, signs later"
    } else {
        "published, signs no more"
    }
}

fn to_json(key: &SigningKey, keys: &SigningKeys, now: DateTime<Utc>) -> Value {
    json!({
        "kid": key.id,
        "algorithm": key.algorithm,
        "createdAt": key.created_at,
        "notBefore": key.not_before,
        "retiredAt": key.retired_at,
        "state": state(key, keys, now),
    })
}
