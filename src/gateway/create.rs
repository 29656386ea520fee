//! Creating a resource (RFC 7644, section 3.3).

use serde_json::Value;

use super::{Gateway, GatewayError, change, members};
use crate::auth::password;
use crate::model::{Action, Caller, ResourceId, Stored};
use crate::scim::resource::{Draft, IndexEntry};
use crate::scim::schema::ResourceType;
use crate::store::NewResource;

impl Gateway {
    /// Creates a resource from a client's body. The id is ours; `externalId` is a plain attribute.
    pub async fn create(&self, caller: &Caller, kind: &ResourceType, body: Value) -> Result<Stored, GatewayError> {
        let draft = Draft::parse(body, kind, &caller.tenant.dialect)?;
        let password_hash = match draft.password {
            Some(password) => Some(password::hash(password).await.map_err(GatewayError::Internal)?),
            None => None,
        };
        let now = self.clock.now();
        let id = ResourceId::new(now);
        let resource = draft.resource.or_active(kind, true).with_id(&id.to_string());
        let entry = IndexEntry::of(kind, &resource);
        let members = members::ids(draft.members.unwrap_or_default().iter().map(|member| member.value.as_str()))?;

        let mut attributes = change::differences(None, Some(&resource));
        attributes.extend(password_hash.is_some().then(change::password_changed));
        let change = change::change(caller, now, Action::Create, change::name(&resource), attributes);
        let resource = NewResource {
            resource_type: &kind.name,
            id,
            entry: &entry,
            unique_name: super::names_are_unique(caller, kind),
            password_hash: password_hash.as_deref(),
            members: &members,
        };
        Ok(self.store.tenant(caller.tenant.id).insert(&resource, &change).await?)
    }
}
