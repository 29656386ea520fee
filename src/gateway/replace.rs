//! Replacing a resource (RFC 7644, section 3.5.1).

use secrecy::SecretString;
use serde_json::Value;

use super::update::{Update, too_busy};
use super::{Gateway, GatewayError, ROUNDS, members};
use crate::auth::password;
use crate::model::{Caller, MembersDelta, Preconditions, ResourceId, Stored};
use crate::scim::explain::Readings;
use crate::scim::resource::{Draft, differences};
use crate::scim::schema::ResourceType;
use crate::store::PasswordUpdate;

impl Gateway {
    /// Replaces a resource by a client's body. What the body leaves out is unassigned, but for what the server sets, the
    /// password, and `active`: a body that does not speak of `active` neither locks a user out nor lets a leaver in again.
    pub async fn replace(
        &self,
        caller: &Caller,
        kind: &ResourceType,
        id: ResourceId,
        preconditions: &Preconditions,
        body: Value,
    ) -> Result<Stored, GatewayError> {
        let mut readings = Readings::of_body(&body, kind, &caller.tenant.dialect);
        let draft = Draft::parse_replacement(body, kind, &caller.tenant.dialect)?;
        self.check_fence(caller, id).await?;
        let hash = match draft.password.clone() {
            Some(password) => {
                // Hashing is dear, and an id that names nothing needs none.
                self.find(caller, kind, id, preconditions).await?;
                Some(SecretString::from(password::hash(password).await?))
            }
            None => None,
        };
        let sent = draft.members.iter().flatten().map(|member| member.value.as_str());
        let members = members::ids(caller, sent, &mut readings)?;
        let members = MembersDelta { reset: kind.name == "Group", add: members, remove: Vec::new() };
        for _ in 0..ROUNDS {
            let found = self.find(caller, kind, id, preconditions).await?;
            let active = found.resource.as_map().get("active").and_then(Value::as_bool).unwrap_or(true);
            let after = draft.clone().replacing(&found.resource, kind)?.resource.or_active(kind, active);
            let update = Update {
                changes: differences(kind, &found.resource, &after),
                after,
                members: members.clone(),
                password: hash.as_ref().map_or(PasswordUpdate::Keep, PasswordUpdate::Set),
                readings: readings.clone(),
            };
            if let Some(stored) = self.write(caller, kind, &found, update).await? {
                return Ok(stored);
            }
        }
        Err(too_busy())
    }
}
