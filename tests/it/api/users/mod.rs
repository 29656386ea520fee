//! Records become users, by `/api/v1/users`.

mod activity;
mod credentials;
mod idempotency;
mod list;
mod races;
mod records;
mod references;
mod sources;
mod together;

use scimgate::model::{Origin, Provisioning};
use serde_json::{Value, json};

use super::Api;
use crate::support::scim::Scim;

/// The extension of users that comes with provisioning.
pub const OURS: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Provisioning";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const ROLE: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Role";

/// A client of a tenant that takes records as it comes when it is turned on.
pub async fn ready(scim: &Scim) -> Api {
    ready_with(scim, |_| {}).await
}

/// A client of a tenant that takes records by these choices.
pub async fn ready_with(scim: &Scim, choose: impl Fn(&mut Provisioning)) -> Api {
    let edit = |provisioning: &mut Provisioning| {
        provisioning.enabled = true;
        choose(provisioning);
    };
    scim.gateway().change_provisioning(&scim.tenant().slug, &Origin::command_line(), edit).await.unwrap();
    Api::of(scim).await
}

/// A record of somebody new.
pub fn person(employee_id: &str, email: &str) -> Value {
    json!({"employeeId": employee_id, "email": email, "firstName": "Ann", "lastName": "Lee"})
}

impl Api {
    /// Sends records and answers the result.
    pub async fn records(&self, method: &str, records: Value) -> Value {
        self.send(method, "/users", Some(&records), &[]).await.expect(200).json()["result"].clone()
    }
}

/// What is answered where nothing failed.
pub fn counts(inserted: u64, updated: u64, unchanged: u64) -> Value {
    let total = inserted + updated + unchanged;
    json!({"inserted": inserted, "updated": updated, "unchanged": unchanged, "total": total, "failures": {}})
}

/// The SCIM user with that user name.
pub async fn user(scim: &Scim, user_name: &str) -> Value {
    let filter = format!("userName eq {}", json!(user_name));
    let found = scim.list("/Users", &[("filter", &filter)]).await.expect(200).json();
    assert_eq!(found["totalResults"], 1, "{user_name}: {found}");
    found["Resources"][0].clone()
}
