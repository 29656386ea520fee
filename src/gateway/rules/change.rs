//! Changing a tenant's rules.
//!
//! A rule that users who are there would break is refused and told with their ids, unless it is to hold for new writes alone: what
//! held before a write is not held against it anyway. As with schemas, a node may write by the rules before for a moment after the
//! change; so users are looked at again then, and the change is taken back if one does not fit.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::gateway::{Gateway, Offender, SchemasError};
use crate::model::{AdminAction, CatalogVersion, Origin, TenantId};
use crate::scim::resource::Resource;
use crate::scim::rules::{Findings, RuleDefinition, Rules};
use crate::scim::schema::builtin;
use crate::scim::schema::own::Registry;
use crate::store::StoreError;

/// How many offenders are told at most.
const SHOWN: usize = 20;
/// How many users are read at once.
const BATCH: u32 = 500;
/// After this long every node serves by a change: a second until it asks, and time for a request that is under way.
const SETTLING: Duration = Duration::from_secs(2);

/// A change of rules.
#[derive(Debug)]
pub enum RuleChange {
    /// Adds rules, or puts them in the place of those of their names.
    Put {
        /// The rules.
        rules: Vec<RuleDefinition>,
        /// Whether users who break them now are left alone.
        for_new_writes: bool,
    },
    /// Takes the rule of that name away.
    Remove(String),
}

/// Why a tenant's rules stay as they were.
pub type RulesError = SchemasError;

impl Gateway {
    /// Changes a tenant's rules, as a whole or not at all. Answers the new version of what it has registered.
    ///
    /// # Errors
    /// [`RulesError`]; then everything is as it was.
    pub async fn change_rules(
        &self,
        tenant: TenantId,
        change: RuleChange,
        origin: &Origin,
    ) -> Result<CatalogVersion, RulesError> {
        let (version, before) = self.store.tenant(tenant).registry().await?;
        let (mut after, mut told) = (before.clone(), self.on_rules(tenant, &change, origin));
        let looks = matches!(change, RuleChange::Put { for_new_writes: false, .. });
        let changed = apply(change, &mut after)?;
        after.catalog(builtin())?;
        // The rules that were there hold already, and what breaks them was let in knowingly.
        let fresh = Registry { rules: changed, ..after.clone() }.catalog(builtin())?;

        let seen = if looks { self.look(tenant, fresh.rules()).await? } else { 0 };
        let store = self.store.tenant(tenant);
        let version = store.publish_rules(version, &after.rules, &told).await?.ok_or(RulesError::Moved)?;
        if seen == 0 {
            return Ok(version);
        }
        tokio::time::sleep(SETTLING).await;
        match self.look(tenant, fresh.rules()).await {
            Err(RulesError::Violated(offenders)) => {
                told.succeeded = false;
                store.publish_rules(version, &before.rules, &told).await?.ok_or(RulesError::Moved)?;
                Err(RulesError::Violated(offenders))
            }
            outcome => outcome.map(|_| version),
        }
    }

    /// Looks which users break these rules, as if they were added. Nothing is changed. Answers how many users there are.
    ///
    /// # Errors
    /// [`RulesError`]: the rules cannot be, or users break them.
    pub async fn check_rules(&self, tenant: TenantId, rules: Vec<RuleDefinition>) -> Result<usize, RulesError> {
        let (_, mut registry) = self.store.tenant(tenant).registry().await?;
        let changed = apply(RuleChange::Put { rules, for_new_writes: false }, &mut registry)?;
        registry.catalog(builtin())?;
        let fresh = Registry { rules: changed, ..registry }.catalog(builtin())?;
        self.look(tenant, fresh.rules()).await
    }

    fn on_rules(&self, tenant: TenantId, change: &RuleChange, origin: &Origin) -> AdminAction {
        let (action, name, details) = match change {
            RuleChange::Put { rules, for_new_writes } => {
                let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
                ("rule.put", names.join(", "), json!({ "rules": rules, "forNewWrites": for_new_writes }))
            }
            RuleChange::Remove(name) => ("rule.remove", name.clone(), json!({})),
        };
        AdminAction {
            tenant: Some(tenant),
            at: self.clock.now(),
            origin: origin.clone(),
            action,
            succeeded: true,
            target: ("rule", None, name),
            details,
        }
    }

    /// Looks at all users until there are enough offenders to tell. Answers how many there are.
    async fn look(&self, tenant: TenantId, rules: &Rules) -> Result<usize, RulesError> {
        let (store, nothing) = (self.store.tenant(tenant), Resource::default());
        let (mut offenders, mut seen, mut after) = (Vec::new(), 0, 0);
        loop {
            let documents = store.documents("User", after, BATCH).await?;
            let Some(last) = documents.last() else { break };
            after = last.place;
            seen += documents.len();
            let mut found: Vec<(_, Findings)> = Vec::with_capacity(documents.len());
            for document in &documents {
                let user = Resource::from_document(&document.document);
                let user = user.ok_or_else(|| StoreError::internal(format!("{} is no object", document.id)))?;
                // Who may not sign in is looked at when that changes.
                if user.as_map().get("active") != Some(&Value::Bool(false)) {
                    found.push((document.id, rules.look_at(&nothing, &user)));
                }
            }
            let referred = self.referred(tenant, found.iter().flat_map(|(_, findings)| findings.asked())).await?;
            for (id, findings) in found {
                let offences = findings.offences(|asked| referred.answers(asked));
                if !offences.is_empty() {
                    let texts: Vec<String> = offences.into_iter().map(|offence| offence.text).collect();
                    offenders.push(Offender { resource_type: "User".to_owned(), id, reason: texts.join("; ") });
                }
                if offenders.len() == SHOWN {
                    return Err(RulesError::Violated(offenders));
                }
            }
        }
        if offenders.is_empty() { Ok(seen) } else { Err(RulesError::Violated(offenders)) }
    }
}

/// Changes what is registered; answers the rules that are new.
fn apply(change: RuleChange, registry: &mut Registry) -> Result<Vec<Arc<RuleDefinition>>, RulesError> {
    match change {
        RuleChange::Put { rules, .. } => {
            let rules: Vec<Arc<RuleDefinition>> = rules.into_iter().map(Arc::new).collect();
            rules.iter().for_each(|rule| registry.put_rule(rule.clone()));
            Ok(rules)
        }
        RuleChange::Remove(name) => {
            if registry.rule(&name).is_none() {
                return Err(RulesError::NotFound(format!("the tenant has no rule {name}")));
            }
            registry.rules.retain(|rule| !rule.name.eq_ignore_ascii_case(&name));
            Ok(Vec::new())
        }
    }
}
