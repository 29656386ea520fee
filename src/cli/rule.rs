//! `scimgate rule add|list|show|remove`

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::database::{gateway, with_store};
use super::{definition, table, tenant};
use crate::config::DatabaseArgs;
use crate::gateway::{RuleChange, RulesError};
use crate::model::{Origin, TenantSlug};
use crate::scim::rules::RuleDefinition;

const ABOUT_ADD: &str = "\
Adds rules for a tenant's users, or replaces those of the same names.

FILE holds a rule as JSON, or an array of rules. A rule says what users must have, on a condition:

  { \"name\": \"learner\",
    \"when\": \"roles.value eq \\\"learner\\\"\",
    \"require\": [\"defaultAssessor\", \"classroom\", \"placement\"],
    \"references\": {
      \"defaultAssessor\": { \"type\": \"User\", \"where\": \"roles.value eq \\\"assessor\\\"\" },
      \"classroom\": \"Classroom\",
      \"placement\": \"Placement\" } }

when        a filter over users; without it the rule is for all
require     attribute paths, or conditions as filters: a list, or one filter whose parts stand between `and`
andViceVersa
            true if whoever has all that is required must also match `when`
references  attributes whose values must be ids of resources that are there, each with the name of the resource type, or with
            a type and a condition (where)
code        what the provisioning API answers: missing_required_attributes, users_need_resource_role or rule_broken
message     what people are told, before what is missing

Attributes of extensions need their URN only where the name alone means another one.

A rule holds for every write of a user, whatever way it comes; an answer names everything that is missing. What a user had or
lacked before is not held against a change, and a user can always be deactivated; whoever is activated again is looked at as a
new one. Users who break a rule that is added are listed, twenty at most, and nothing is changed; with --for-new-writes they are
left alone, and the rule holds from now on.";

/// What can be done with a tenant's rules.
#[derive(Debug, Subcommand)]
pub enum RuleCommand {
    /// Add or replace rules
    #[command(long_about = ABOUT_ADD)]
    Add(Add),
    /// List a tenant's rules
    List(List),
    /// Print one rule as JSON
    Show(Show),
    /// Remove a rule of a tenant
    Remove(Remove),
}

/// The flags of `scimgate rule add`.
#[derive(Debug, Args)]
pub struct Add {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// The rule or the rules as JSON; - reads standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Leave users alone who break a rule now: it holds for what is written from now on
    #[arg(long, env = "SCIMGATE_FOR_NEW_WRITES")]
    for_new_writes: bool,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate rule list`.
#[derive(Debug, Args)]
pub struct List {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate rule show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// The rule's name
    name: String,
    /// Print JSON on one line
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate rule remove`.
#[derive(Debug, Args)]
pub struct Remove {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// The rule's name
    name: String,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: RuleCommand) -> anyhow::Result<()> {
    match command {
        RuleCommand::Add(flags) => add(args, &flags),
        RuleCommand::List(flags) => list(args, &flags),
        RuleCommand::Show(flags) => show(args, &flags),
        RuleCommand::Remove(flags) => remove(args, flags),
    }
}

fn add(args: &DatabaseArgs, flags: &Add) -> anyhow::Result<()> {
    let rules = read(&definition::read(&flags.file)?, &flags.file)?;
    let names: Vec<String> = rules.iter().map(|rule| rule.name.clone()).collect();
    change(args, &flags.tenant, RuleChange::Put { rules, for_new_writes: flags.for_new_writes })?;
    done("added", &names, flags.json);
    Ok(())
}

/// One rule, or several.
fn read(value: &Value, file: &str) -> anyhow::Result<Vec<RuleDefinition>> {
    let one = |value: &Value| RuleDefinition::read(value);
    match value {
        Value::Array(several) => several
            .iter()
            .enumerate()
            .map(|(index, value)| one(value).with_context(|| format!("rule {} of {file} cannot be", index + 1)))
            .collect(),
        single => Ok(vec![one(single).with_context(|| format!("{file} is no rule that can be"))?]),
    }
}

fn list(args: &DatabaseArgs, flags: &List) -> anyhow::Result<()> {
    let (version, registry) = definition::registry(args, &flags.tenant)?;
    if flags.json {
        println!("{}", json!({ "version": version, "rules": registry.rules }));
        return Ok(());
    }
    let rows = registry.rules.iter().map(|rule| {
        let references = rule.references.iter().map(|(path, to)| format!("{path} -> {}", to.resource_type()));
        let references = references.collect::<Vec<_>>().join(", ");
        let when = rule.when.clone().unwrap_or_else(|| "(every user)".to_owned());
        let both = if rule.and_vice_versa { "both ways" } else { "" };
        [rule.name.clone(), when, rule.require.join(", "), both.to_owned(), references]
    });
    table::print(["NAME", "WHEN", "REQUIRES", "DIRECTION", "REFERENCES"], rows);
    Ok(())
}

fn show(args: &DatabaseArgs, flags: &Show) -> anyhow::Result<()> {
    let (_, registry) = definition::registry(args, &flags.tenant)?;
    let rule = registry.rule(&flags.name).with_context(|| unknown(&flags.tenant, &flags.name))?;
    definition::print(&serde_json::to_value(rule.as_ref())?, flags.json);
    Ok(())
}

fn remove(args: &DatabaseArgs, flags: Remove) -> anyhow::Result<()> {
    let (_, registry) = definition::registry(args, &flags.tenant)?;
    let rule = registry.rule(&flags.name).with_context(|| unknown(&flags.tenant, &flags.name))?;
    change(args, &flags.tenant, RuleChange::Remove(rule.name.clone()))?;
    done("removed", std::slice::from_ref(&rule.name), flags.json);
    Ok(())
}

fn unknown(slug: &TenantSlug, name: &str) -> String {
    format!("the tenant {slug} has no rule {name}; `scimgate rule list --tenant {slug}` lists them")
}

fn change(args: &DatabaseArgs, slug: &TenantSlug, change: RuleChange) -> anyhow::Result<()> {
    with_store(args, async |store| {
        let tenant = tenant::find(store, slug).await?;
        let outcome = gateway(store).change_rules(tenant.id, change, &Origin::command_line()).await;
        outcome.map(|_| ()).map_err(refused)
    })
}

fn refused(error: RulesError) -> anyhow::Error {
    match error {
        RulesError::Violated(offenders) => {
            let lines: Vec<String> = offenders.iter().map(definition::offender).collect();
            anyhow!(
                "nothing was changed, since these users break it (--for-new-writes leaves them alone):\n{}",
                lines.join("\n")
            )
        }
        error => definition::refused(error),
    }
}

fn done(what: &str, names: &[String], as_json: bool) {
    if as_json {
        println!("{}", json!({ "done": what, "rules": names }));
    } else {
        println!("{what} {}", table::printable(&names.join(", ")));
    }
}
