//! What rules found in a user that is about to be written: the questions that are open are asked in one go, and everything that
//! is wrong is told at once.

use std::collections::HashMap;

use crate::gateway::{Gateway, GatewayError, Refusal};
use crate::model::{RecordCode, ResourceId, TenantId};
use crate::scim::resource::Resource;
use crate::scim::rules::{Asked, Findings, Offence, RuleCode};
use crate::scim::{ScimError, ScimType};
use crate::store::StoreError;

/// How many offences are told at most.
const SHOWN: usize = 20;

/// The resources that rules asked for.
#[derive(Default)]
pub(super) struct Referred(HashMap<ResourceId, (String, Resource)>);

impl Referred {
    /// Whether there is what was asked for.
    pub fn answers(&self, asked: &Asked) -> bool {
        let found = asked.value.parse().ok().and_then(|id: ResourceId| self.0.get(&id));
        found.is_some_and(|(resource_type, resource)| asked.to.accepts(resource_type, resource))
    }
}

impl Gateway {
    /// Refuses a user of whom rules found something.
    pub(in crate::gateway) async fn settle(&self, tenant: TenantId, findings: Findings) -> Result<(), GatewayError> {
        let referred = self.referred(tenant, findings.asked()).await?;
        let offences = findings.offences(|asked| referred.answers(asked));
        if offences.is_empty() { Ok(()) } else { Err(GatewayError::Refused(Box::new(refusal(&offences)))) }
    }

    /// The resources that rules ask for. Asks nothing where they do not.
    pub(super) async fn referred(
        &self,
        tenant: TenantId,
        asked: impl IntoIterator<Item = &Asked>,
    ) -> Result<Referred, StoreError> {
        let ids = asked.into_iter().filter_map(|asked| asked.value.parse().ok());
        let mut ids: Vec<ResourceId> = ids.collect();
        if ids.is_empty() {
            return Ok(Referred::default());
        }
        ids.sort_unstable();
        ids.dedup();
        let found = self.store.tenant(tenant).referred(&ids).await?;
        let found = found.into_iter().map(|one| {
            let resource = Resource::from_document(&one.document);
            let resource = resource.ok_or_else(|| StoreError::internal(format!("{} is no object", one.id)))?;
            Ok((one.id, (one.resource_type, resource)))
        });
        Ok(Referred(found.collect::<Result<_, StoreError>>()?))
    }
}

/// All offences in one answer. Its code is that of the first.
fn refusal(offences: &[Offence]) -> Refusal {
    let mut fields: Vec<String> = Vec::new();
    for field in offences.iter().flat_map(|offence| &offence.fields) {
        if !fields.contains(field) {
            fields.push(field.clone());
        }
    }
    let mut texts: Vec<&str> = offences.iter().take(SHOWN).map(|offence| offence.text.as_str()).collect();
    let more = format!("{} more", offences.len().saturating_sub(SHOWN));
    if offences.len() > SHOWN {
        texts.push(&more);
    }
    let detail = format!("{}; send all of it, or leave out what asks for it", texts.join("; "));
    Refusal {
        code: offences.first().map_or(RecordCode::RuleBroken, |offence| record_code(offence.code)),
        fields,
        error: ScimError::bad_request(ScimType::InvalidValue, detail),
    }
}

fn record_code(code: RuleCode) -> RecordCode {
    match code {
        RuleCode::MissingRequiredAttributes => RecordCode::MissingRequiredAttributes,
        RuleCode::UsersNeedResourceRole => RecordCode::UsersNeedResourceRole,
        RuleCode::RuleBroken => RecordCode::RuleBroken,
        RuleCode::UnknownReference => RecordCode::UnknownReference,
    }
}
