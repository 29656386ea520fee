//! `scimgate issuer test`: what a server would find, told to the one who sets it up.

use std::io::Read;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use serde_json::{Value, json};

use super::{find, issuer};
use crate::auth::Failures;
use crate::auth::federation::{Federation, FetchKeys, KeySet, KeySets};
use crate::cli::database::{runtime, with_store};
use crate::cli::table;
use crate::config::{DatabaseArgs, PrivateOutbound, PrivateOutboundArgs};
use crate::model::{CredentialId, JwksUrl, SystemClock};
use crate::outbound::HttpClient;

/// Bytes of a token at most.
const MAX_TOKEN: u64 = 64 << 10;

/// The flags of `scimgate issuer test`.
#[derive(Debug, Args)]
pub struct Test {
    /// The issuer's id, as `scimgate issuer list` shows it
    #[arg(value_parser = issuer, required_unless_present = "jwks_url")]
    id: Option<CredentialId>,
    /// Fetch these keys instead, of an issuer that is not registered yet
    #[arg(long, env = "SCIMGATE_JWKS_URL", value_name = "URL", conflicts_with = "id")]
    jwks_url: Option<String>,
    /// A file with a token of the issuer to check as a server would, - for standard input; it is not used up by that
    #[arg(long, env = "SCIMGATE_TOKEN_FILE", value_name = "FILE", conflicts_with = "jwks_url")]
    token_file: Option<String>,
    #[command(flatten)]
    outbound: PrivateOutboundArgs,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, flags: &Test) -> anyhow::Result<()> {
    let policy = flags.outbound.policy();
    match (flags.id, &flags.jwks_url) {
        (Some(id), _) => of_registered(args, flags, id, policy),
        (None, Some(url)) => {
            let url = JwksUrl::parse(url, policy.plain_http()).map_err(|why| anyhow!("--jwks-url {why}"))?;
            let keys = runtime()?.block_on(fetch(&HttpClient::new(policy)?, &url))?;
            print(&url, &keys, None, flags.json);
            usable(&url, &keys)
        }
        (None, None) => bail!("name an issuer or --jwks-url"),
    }
}

fn of_registered(args: &DatabaseArgs, flags: &Test, id: CredentialId, policy: PrivateOutbound) -> anyhow::Result<()> {
    let token = flags.token_file.as_deref().map(read).transpose()?;
    let client = Arc::new(HttpClient::new(policy)?);
    let (url, keys, checked) = with_store(args, async |store| {
        let url = find(store, id).await?.trusted.trust.jwks_url;
        let keys = fetch(&client, &url).await?;
        let clock = Arc::new(SystemClock);
        let key_sets = Arc::new(KeySets::new(client.clone(), clock.clone()));
        let federation = Federation::new(store.clone(), clock, key_sets, Arc::new(Failures::new(None)));
        let checked = match &token {
            Some(token) => Some(federation.examine(token, id).await),
            None => None,
        };
        Ok((url, keys, checked))
    })?;
    let verdict = checked.as_ref().map(|checked| checked.as_ref().map_or_else(ToString::to_string, |()| "good".into()));
    print(&url, &keys, verdict.as_deref(), flags.json);
    usable(&url, &keys)?;
    checked.map_or(Ok(()), |checked| checked.context("the token would be refused"))
}

async fn fetch(client: &HttpClient, url: &JwksUrl) -> anyhow::Result<KeySet> {
    let bytes = client.fetch(url).await.with_context(|| format!("the keys at {url} cannot be had"))?;
    KeySet::parse(&bytes).with_context(|| format!("the keys at {url} cannot be used"))
}

fn usable(url: &JwksUrl, keys: &KeySet) -> anyhow::Result<()> {
    if keys.keys().is_empty() {
        bail!("there is no key at {url} that tokens could be signed with");
    }
    Ok(())
}

fn read(name: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    let read = if name == "-" {
        std::io::stdin().take(MAX_TOKEN).read_to_string(&mut text)
    } else {
        std::fs::File::open(name).and_then(|file| file.take(MAX_TOKEN).read_to_string(&mut text))
    };
    read.with_context(|| format!("{name} cannot be read"))?;
    Ok(text.trim().to_owned())
}

fn print(url: &JwksUrl, keys: &KeySet, token: Option<&str>, as_json: bool) {
    let algorithms = |key: &crate::auth::federation::PublicKey| -> Vec<&str> {
        key.algorithms.iter().map(|algorithm| algorithm.as_str()).collect()
    };
    if as_json {
        let used = keys.keys().iter().map(|key| json!({ "kid": key.kid, "algorithms": algorithms(key) }));
        let mut found = json!({ "jwksUrl": url, "keys": Value::from_iter(used), "ignored": keys.ignored() });
        if let Some(token) = token {
            found["token"] = json!(token);
        }
        println!("{found}");
        return;
    }
    let rows =
        keys.keys().iter().map(|key| [key.kid.clone().unwrap_or_else(|| "-".into()), algorithms(key).join(", ")]);
    table::print(["KEY", "ALGORITHMS"], rows);
    keys.ignored().iter().for_each(|why| println!("{}", table::printable(why)));
    if token == Some("good") {
        println!("the token is good");
    }
}
