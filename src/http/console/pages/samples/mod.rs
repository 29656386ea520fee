//! Every page, rendered from sample data: for tests, and to look at.

mod activity;
mod administration;
mod connections;
mod credentials;
mod imports;
mod people;
mod resources;
mod rosters;
mod schemas;

use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};

use self::activity::*;
use self::administration::*;
use self::connections::*;
use self::credentials::*;
use self::imports::*;
use self::people::*;
use self::resources::*;
use self::rosters::*;
use self::schemas::*;
use super::*;

/// Names that a page must print as they are and never read as its own text.
pub const HOSTILE: [&str; 3] =
    ["<script>alert(1)</script>", "\" onmouseover=\"alert(1)", "</textarea><img src=x onerror=alert(1)>"];

fn now() -> DateTime<Utc> {
    "2026-11-22T09:30:00Z".parse().unwrap()
}

fn ago(minutes: i64) -> Moment {
    Moment::new(now() - TimeDelta::minutes(minutes), now())
}

/// The frame of a page of a tenant. `twist` is put into everything that others can write.
pub fn shell(title: &str, here: Here, twist: &str) -> Shell {
    Shell {
        title: title.to_owned(),
        here,
        tenant: Some(TenantNav {
            slug: "example".into(),
            name: format!("Example University{twist}"),
            own_types: vec!["Device".into()],
        }),
        who: Who {
            name: format!("ada@example.org{twist}"),
            role: "Owner".into(),
            instance: true,
            writes: true,
            owns: true,
        },
        csrf: "csrf-of-this-session".into(),
        theme: Theme::Auto,
        standing: (!twist.is_empty()).then(|| Notice::problem(format!("Suspended{twist}"))),
        flash: None,
        path: "/console/t/example".into(),
    }
}

fn flash(shell: Shell, tone: Tone, text: &str) -> Shell {
    Shell { flash: Some(Notice { tone, text: text.to_owned() }), ..shell }
}

/// Every page by name, with `twist` in every text that others can write.
pub fn all(twist: &str) -> Vec<(&'static str, String)> {
    vec![
        ("sign_in", sign_in(twist).render().unwrap()),
        ("second_factor", second_factor(twist).render().unwrap()),
        ("set_up", set_up(twist).render().unwrap()),
        ("authenticator", authenticator(twist).render().unwrap()),
        ("account", account(twist).render().unwrap()),
        ("door_problem", door_problem().render().unwrap()),
        ("overview", overview(twist).render().unwrap()),
        ("overview_empty", overview_empty().render().unwrap()),
        ("connections", connections(twist).render().unwrap()),
        (
            "connections_empty",
            Connections { shell: shell("Connections", Here::Connections, ""), connections: vec![] }.render().unwrap(),
        ),
        ("connection_new", new_connection(twist).render().unwrap()),
        ("issuer_new", new_issuer(twist).render().unwrap()),
        ("issuer", issuer(twist).render().unwrap()),
        ("client", client(twist).render().unwrap()),
        ("connection_first", connection(twist, Provider::Entra, Stage::New).render().unwrap()),
        ("connection_revealed", connection(twist, Provider::Okta, Stage::Revealed).render().unwrap()),
        ("connection", connection(twist, Provider::Entra, Stage::Used).render().unwrap()),
        ("connection_onelogin", connection(twist, Provider::OneLogin, Stage::Refused).render().unwrap()),
        ("connection_jumpcloud", connection(twist, Provider::JumpCloud, Stage::Used).render().unwrap()),
        ("connection_other", connection(twist, Provider::Other, Stage::Used).render().unwrap()),
        ("waiting_part", WaitingPart { waiting: wait(twist, Waiting::First) }.render().unwrap()),
        ("users", users(twist).render().unwrap()),
        ("users_wrong", users_wrong(twist).render().unwrap()),
        ("users_empty", users_empty(twist).render().unwrap()),
        ("user", user(twist).render().unwrap()),
        ("group", group(twist).render().unwrap()),
        ("activity", activity(twist).render().unwrap()),
        ("explain", explain(twist).render().unwrap()),
        ("definition", definition(twist).render().unwrap()),
        ("schemas", schemas(twist).render().unwrap()),
        ("applications", applications(twist).render().unwrap()),
        ("application_form", application_form(twist).render().unwrap()),
        ("application", application(twist).render().unwrap()),
        ("application_empty", application_empty().render().unwrap()),
        ("digest", digest(twist).render().unwrap()),
        ("invitations", invitations(twist).render().unwrap()),
        ("invitation_new", invitation_new(twist).render().unwrap()),
        ("invited", invited(twist).render().unwrap()),
        ("mails", mails(twist).render().unwrap()),
        ("mail", mail(twist).render().unwrap()),
        ("rules", rules(twist).render().unwrap()),
        ("rule", rule(twist).render().unwrap()),
        ("settings", settings(twist).render().unwrap()),
        ("admins", admins(twist).render().unwrap()),
        ("tenants", tenants(twist).render().unwrap()),
        ("imports", imports(twist, true).render().unwrap()),
        ("imports_off", imports(twist, false).render().unwrap()),
        ("imports_empty", imports_empty().render().unwrap()),
        ("import", import(twist).render().unwrap()),
        ("tasks", tasks(twist).render().unwrap()),
        ("tasks_empty", tasks_empty().render().unwrap()),
        ("task", task(twist, true).render().unwrap()),
        ("task_running", task(twist, false).render().unwrap()),
        ("task_progress_part", progress_part(twist).render().unwrap()),
        ("requests", requests(twist, false).render().unwrap()),
        ("requests_answered", requests(twist, true).render().unwrap()),
    ]
}
