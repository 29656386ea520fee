//! Invitations: many people, many organizations, one link each, and what becomes of it.

mod inviting;
mod links;
mod mails;

use reqwest::Client;
use reqwest::redirect::Policy;
use scimgate::gateway::NewConnection;
use scimgate::model::{Connection, ConnectionKind, Origin, Provisioning};
use scimgate::tasks::send_mails;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use crate::api::Api;
use crate::api::mails::MailServer;
use crate::support::scim::{Answer, Scim, USER, answer, sealer};

const PROVISIONING: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Provisioning";
const ORGANIZATION: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Organization";
const PASSWORD: &str = "seven ducks under a lamp";

/// A tenant that takes records, a client that may invite, and a mail server.
struct Stage {
    scim: Scim,
    api: Api,
    mails: MailServer,
}

impl Stage {
    async fn new() -> Self {
        Self::with(&[], |_| {}).await
    }

    async fn with(flags: &[&str], choose: impl Fn(&mut Provisioning)) -> Self {
        let scim = Scim::with(scimgate::model::Profile::Rfc, flags).await;
        let chosen = |provisioning: &mut Provisioning| {
            provisioning.enabled = true;
            choose(provisioning);
        };
        let (slug, origin) = (scim.tenant().slug.clone(), Origin::command_line());
        scim.gateway().change_provisioning(&slug, &origin, chosen).await.unwrap();
        scim.settle("/Organizations", 200).await;
        let api = Api::of(&scim).await;
        Self { scim, api, mails: MailServer::start() }
    }

    async fn organization(&self, name: &str) -> String {
        self.scim.create("/Organizations", json!({"schemas": [ORGANIZATION], "name": name})).await
    }

    async fn user(&self, email: &str) -> String {
        let body = json!({"schemas": [USER], "userName": email, "emails": [{"value": email, "primary": true}]});
        self.scim.create("/Users", body).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.api.send("POST", path, Some(body), &[]).await
    }

    async fn invite(&self, body: Value) -> Value {
        self.post("/invitations", &body).await.expect(200).json()
    }

    async fn send(&self) {
        let (store, origin) = (self.scim.store(), self.scim.origin());
        send_mails(&store, self.scim.clock(), Some(&sealer()), &self.mails.mailer(), &origin).await.unwrap();
    }

    /// The path of the link in the last mail to an address.
    async fn link(&self, email: &str) -> String {
        self.send().await;
        let mails = self.mails.mails();
        let to = format!("RCPT TO:<{email}>");
        let mail = mails.iter().rev().find(|mail| mail.contains(&to)).unwrap();
        let from = mail.find("/invitations/").unwrap();
        mail[from..].split(|c: char| c.is_whitespace() || c == '"').next().unwrap().to_owned()
    }

    async fn page(&self, path: &str) -> Answer {
        answer(browser().get(format!("{}{path}", self.scim.origin()))).await
    }

    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        answer(browser().post(format!("{}{path}", self.scim.origin())).form(fields)).await
    }

    async fn accept(&self, link: &str) -> Answer {
        self.form(&format!("{link}/accept"), &[("password", PASSWORD), ("again", PASSWORD)]).await
    }

    async fn state(&self, id: &str) -> String {
        let shown = self.api.get(&format!("/invitations/{id}")).await.expect(200).json();
        shown["state"].as_str().unwrap().to_owned()
    }

    /// What was told of invitations: action, kind of actor, actor.
    async fn told(&self) -> Vec<[String; 3]> {
        let rows = self.scim.admin_actions().await;
        let rows = rows.iter().filter(|row| row["target_kind"] == "invitation");
        rows.map(|row| ["action", "actor_kind", "actor"].map(|name| row[name].as_str().unwrap().to_owned())).collect()
    }

    async fn password_hash(&self, user: &str) -> Option<String> {
        let (client, connection) = tokio_postgres::connect(&self.scim.database_url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        let id = user.to_owned();
        let row = client.query_one("SELECT password_hash FROM resources WHERE id::text = $1", &[&id]).await.unwrap();
        row.get(0)
    }

    async fn has_password(&self, user: &str, password: &str) -> bool {
        let hash = self.password_hash(user).await;
        scimgate::auth::password::verify(SecretString::from(password), hash).await.unwrap()
    }

    async fn provider(&self, name: &str) -> Connection {
        let prefix = Some("eu".parse().unwrap());
        let new = NewConnection { name: name.parse().unwrap(), prefix, kind: ConnectionKind::Entra, profile: None };
        let (tenant, origin) = (self.scim.tenant().id, Origin::command_line());
        self.scim.gateway().create_connection(tenant, new, &origin).await.unwrap()
    }
}

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
