//! Input that is meant to hurt, or that has broken other servers. Each piece is refused with a clear error, writes nothing,
//! and leaves a server that answers the next request.

mod connection;
mod identity;
mod json;
mod limits;
mod queries;

use serde_json::json;

use crate::support::scim::{Answer, Scim, USER};

/// A server with one user in it.
struct Victim {
    scim: Scim,
    /// `/Users/...`
    user: String,
    /// The whole database before anything hostile came.
    before: String,
}

impl Victim {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(flags: &[&str]) -> Self {
        Self::of(Scim::with(scimgate::model::Profile::Rfc, flags).await).await
    }

    async fn of(scim: Scim) -> Self {
        let user = json!({"schemas": [USER], "userName": "ada", "externalId": "E-1", "title": "Countess"});
        let user = format!("/Users/{}", scim.create("/Users", user).await);
        let before = scim.dump().await;
        Self { scim, user, before }
    }

    /// Holds that the answer to `case` is that error, that nothing was written, and that the server is well.
    async fn refused(&self, case: &str, answer: &Answer, status: u16, scim_type: &str, told: &str) {
        println!("{case}: {} {:.300}", answer.status, answer.text);
        answer.expect_error(status, scim_type, told);
        self.is_unharmed(case).await;
    }

    async fn is_unharmed(&self, case: &str) {
        assert_eq!(self.scim.dump().await, self.before, "{case}");
        assert_eq!(self.scim.get(&self.user).await.expect(200).json()["title"], "Countess", "{case}");
    }
}
