//! What the tests of invitations, mails and rules begin with.

use clap::Parser;
use scimgate::config::ServerArgs;
use scimgate::model::Origin;
use scimgate::outbound::mail::Mailer;
use scimgate::tasks::send_mails;
use serde_json::json;

use super::visitor::Visitor;
use crate::api::mails::MailServer;
use crate::support::scim::{GROUP, Scim, USER, sealer};

const HOME: &str = "/console/t/first";
const ROLE: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Role";

const ORGANIZATION: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Organization";

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    server: ServerArgs,
}

/// Lets the tenant take records.
pub async fn provisioning_on(scim: &Scim) {
    let (slug, origin) = (&scim.tenant().slug, Origin::command_line());
    scim.gateway().change_provisioning(slug, &origin, |provisioning| provisioning.enabled = true).await.unwrap();
    scim.settle("/Organizations", 200).await;
}

pub async fn organization(scim: &Scim, name: &str) -> String {
    scim.create("/Organizations", json!({"schemas": [ORGANIZATION], "name": name})).await
}

/// Sends what waits; without a mail server everything is caught.
pub async fn send(scim: &Scim) {
    let line = Line::parse_from(["test", "--mail-from=scimgate <gate@example.com>"]);
    let mailer = Mailer::new(&line.server.check().unwrap().outbound.mail);
    send_with(scim, &mailer).await;
}

pub async fn send_with(scim: &Scim, mailer: &Mailer) {
    send_mails(&scim.store(), scim.clock(), Some(&sealer()), mailer, &scim.origin()).await.unwrap();
}

/// The addresses that a page leads to below that path.
pub fn links(page: &str, below: &str) -> Vec<String> {
    let mark = format!("\"{below}/");
    let found = page.split(&mark).skip(1).filter_map(|rest| rest.split('"').next());
    found.map(|rest| format!("{below}/{rest}")).collect()
}

/// A tenant in which people were invited for some days; its pages by the names of their pictures.
pub async fn lived_in(scim: &Scim) -> Vec<(&'static str, String)> {
    let owner = Visitor::owner(scim).await;
    let at = |page: &str| format!("{HOME}/{page}");
    let off = [("invitations-off", at("invitations")), ("organizations-off", at("resources/Organization"))];
    owner.post("/console/tenants", &[("name", "New college"), ("slug", "new"), ("profile", "rfc")]).await.expect(303);
    let off = off.map(|(name, path)| (name, path.replace("/first/", "/new/")));
    provisioning_on(scim).await;
    let arts = organization(scim, "University of the Arts").await;
    let library = organization(scim, "City library").await;
    roles_and_rules(scim, &owner).await;

    let invitations = at("invitations");
    let bounce = MailServer::start();
    bounce.answer_next("550 5.1.1 no such user here");
    let inviter = ("inviter", "Ada Lovelace");
    owner.post(&invitations, &[("people", "Bob Lee <bob@meadowlark.example>"), inviter]).await.expect(200);
    send_with(scim, &bounce.mailer()).await;
    scim.advance_seconds(600);
    let people = "Ann Lee <ann@meadowlark.example>\nZoe Washington <zoe.washington.okonkwo@meadowlark.example>";
    let both = [
        ("people", people),
        ("organization", arts.as_str()),
        ("organization", library.as_str()),
        inviter,
        ("message", "See you on Monday!"),
    ];
    owner.post(&invitations, &both).await.expect(200);
    send(scim).await;
    owner.post(&invitations, &[("people", "Cid Rao <cid@meadowlark.example>"), ("suppress", "yes")]).await.expect(200);
    let shown = owner.get(&invitations).await.expect(200).text;
    let revoke = links(&shown, &invitations).into_iter().rev().find(|url| url.ends_with("/revoke")).unwrap();
    owner.post(&revoke, &[]).await.expect(303);
    scim.advance_seconds(900);
    let mails = links(&owner.get(&at("mails")).await.expect(200).text, &at("mails"));
    let bounced = mails.iter().rev().find(|url| !url.ends_with("/bounces")).unwrap().clone();
    // What the invited see, by the link of the mail that was caught.
    let caught = owner.get(&mails[0]).await.expect(200).text;
    let link = links(&caught, &format!("{}/invitations", scim.origin())).remove(0);
    let link = link.replace(&scim.origin(), "");
    let mut pages = vec![
        ("invited-accepts", link.clone()),
        ("invited-rejects", format!("{link}/reject")),
        ("invitations", invitations.clone()),
        ("invitations-nothing", at("invitations?email=zzz")),
        ("invitation-new", at("invitations/new")),
        ("mails", at("mails")),
        ("mail", mails[0].clone()),
        ("mail-bounced", bounced),
        ("rules", at("rules")),
        ("rule-new", at("rules/new?example=learner")),
        ("rule-edit", at("rules/edit?name=learner")),
        ("settings-provisioning", at("settings#provisioning")),
        ("organizations", at("resources/Organization")),
        ("organization", format!("{HOME}/resources/Organization/{arts}")),
    ];
    pages.extend(off);
    pages
}

async fn roles_and_rules(scim: &Scim, owner: &Visitor) {
    for (name, weight, requires) in [("Learner", 10, "title"), ("Assessor", 50, ""), ("Centre manager", 100, "")] {
        let id = name.to_lowercase().replace(' ', "-");
        let mut carried = json!({"roleId": id, "weight": weight});
        if !requires.is_empty() {
            carried["requires"] = requires.into();
        }
        scim.create("/Groups", json!({"schemas": [GROUP, ROLE], "displayName": name, ROLE: carried})).await;
    }
    let rules = format!("{HOME}/rules");
    let rule = [
        ("name", "learner"),
        ("description", "A learner has a manager and works somewhere"),
        ("when", "roles.value eq \"learner\""),
        ("require", "manager\ndepartment"),
        ("references", "manager = User where roles.value eq \"assessor\""),
    ];
    owner.post(&rules, &rule).await.expect(303);
    owner.post(&rules, &[("name", "everybody"), ("require", "emails.value"), ("leave", "yes")]).await.expect(303);
    let body = json!({"schemas": [USER], "userName": "grace", "emails": [{"value": "grace@meadowlark.example"}]});
    scim.create("/Users", body).await;
}
