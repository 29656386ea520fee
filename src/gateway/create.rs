//! Creating a resource (RFC 7644, section 3.3).

use secrecy::SecretString;
use serde_json::Value;

use super::{Gateway, GatewayError, change, employee_id, members, roles};
use crate::auth::password;
use crate::model::{Action, Caller, ResourceId, Stored};
use crate::scim::resource::{Draft, Resource, differences};
use crate::scim::schema::ResourceType;
use crate::store::NewResource;

impl Gateway {
    /// Creates a resource from a client's body. The id is ours; `externalId` is a plain attribute.
    pub async fn create(&self, caller: &Caller, kind: &ResourceType, body: Value) -> Result<Stored, GatewayError> {
        let draft = Draft::parse(body, kind, &caller.tenant.dialect)?;
        let password_hash = match draft.password {
            Some(password) => Some(SecretString::from(password::hash(password).await?)),
            None => None,
        };
        let mut members = members::ids(caller, draft.members.iter().flatten().map(|member| member.value.as_str()))?;
        let now = self.clock.now();
        let id = ResourceId::new(now);
        let resource = draft.resource.or_active(kind, true).with_id(&id.to_string());
        let resource = employee_id::settle(caller, kind, resource)?;

        let nothing = Resource::default();
        self.check_roles(caller, kind, &nothing, &resource).await?;

        let mut attributes = differences(kind, &nothing, &resource);
        attributes.extend(password_hash.is_some().then(change::password_changed));
        let row = change::row(caller, now, Action::Create, change::name(&resource), &attributes);
        let entry = super::entry(caller, kind, &resource);
        let tenant = self.store.tenant(caller.tenant.id);
        loop {
            let new = NewResource {
                resource_type: &kind.name,
                id,
                entry: &entry,
                password_hash: password_hash.as_ref(),
                members: &members,
            };
            match tenant.insert(&new, &row).await {
                Ok(stored) if roles::move_groups(kind, &nothing, &resource) => {
                    return Ok(tenant.find(&kind.name, id, true).await?.unwrap_or(stored));
                }
                Ok(stored) => return Ok(stored),
                Err(error) => {
                    let error = employee_id::named(caller, &entry, error);
                    members::leave_out_unknown(caller, &mut members, error)?;
                }
            }
        }
    }
}
