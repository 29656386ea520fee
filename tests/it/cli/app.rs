//! `scimgate app` and `scimgate digest`

use serde_json::{Value, json};

use super::program::Program;

fn with_tenant() -> Program {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    scimgate
}

#[test]
fn row_4_5_an_application_is_set_up_listed_shown_changed_and_removed() {
    let scimgate = with_tenant();
    let of = ["--tenant", "acme"];
    let create = ["app", "create", "crm", "--name", "The CRM", "--license", "Pro=25", "--license", "A=B=1", "--json"];
    let made = scimgate.json(&[&create, &of[..]].concat());
    assert_eq!((&made["id"], &made["licenses"]), (&json!("crm"), &json!({"A=B": 1, "Pro": 25})));
    assert_eq!(made["removalBrake"], 50);
    scimgate.run(&[&["app", "create", "crm"], &of[..]].concat()).badly(1, "there is an application crm already");
    let table = scimgate.out(&[&["app", "list"], &of[..]].concat());
    assert!(table.contains("crm") && table.contains("The CRM") && table.contains("Pro=25"), "{table}");
    let set = ["app", "set", "crm", "--license", "A=B=", "--license", "Pro=30", "--removal-brake", "100", "--json"];
    let set = scimgate.json(&[&set, &of[..]].concat());
    assert_eq!((&set["licenses"], &set["removalBrake"]), (&json!({"Pro": 30}), &json!(100)));
    let shown = scimgate.json(&[&["app", "show", "crm", "--json"], &of[..]].concat());
    assert_eq!((&shown["name"], &shown["uses"], &shown["publishedAt"]), (&json!("The CRM"), &json!([]), &Value::Null));
    assert_eq!(scimgate.out(&[&["app", "delete", "crm"], &of[..]].concat()), "removed the application crm\n");
    scimgate.run(&[&["app", "show", "crm"], &of[..]].concat()).badly(1, "`scimgate app list --tenant acme` lists them");
    for (flags, told) in [
        (["app", "create", "a/b"], "is no id of an application"),
        (["app", "create", "--license=Pro"], "is no licence with its seats"),
        (["app", "create", "--removal-brake=101"], "0 to 100"),
    ] {
        scimgate.run(&[&flags, &of[..]].concat()).badly(2, told);
    }
    scimgate.run(&[&["app", "create"], &of[..]].concat()).badly(1, "give the application an id or a --name");
}

#[test]
fn row_0_6_the_digest_is_set_up_previewed_and_sent() {
    let scimgate = with_tenant();
    let of = ["--tenant", "acme"];
    scimgate.out(&[
        "admin",
        "create",
        "ann@example.com",
        "--name",
        "Ann",
        "--role",
        "admin",
        "--tenant",
        "acme",
        "--invite",
    ]);
    let set = ["digest", "set", "--weekday", "friday", "--hour", "17", "--time-zone", "Europe/Berlin"];
    scimgate.out(&[&set, &of[..]].concat());
    let shown = scimgate.json(&[&["digest", "show", "--json"], &of[..]].concat());
    assert_eq!(
        (&shown["weekday"], &shown["hour"], &shown["timeZone"]),
        (&json!("Fri"), &json!(17), &json!("Europe/Berlin"))
    );
    assert_eq!(shown["recipients"], json!(["ann@example.com"]));
    let text = scimgate.out(&[&["digest", "preview", "--public-url", "https://scim.example.com"], &of[..]].concat());
    assert!(text.contains("https://scim.example.com/console/t/acme"), "{text}");
    let unsaid = scimgate.run(&[&["digest", "preview"], &of[..]].concat());
    unsaid.badly(1, "say which with --public-url or SCIMGATE_PUBLIC_URL");
    assert!(text.contains("acme: 0 added, 0 edited, 0 deactivated") && text.contains("Nothing happened"), "{text}");
    let html = scimgate.out(
        &[&["digest", "preview", "--format", "html", "--public-url", "https://scim.example.com"], &of[..]].concat(),
    );
    assert!(html.contains("<html"), "{html}");
    let numbers = scimgate.json(&[&["digest", "preview", "--format", "json"], &of[..]].concat());
    assert_eq!(numbers["digest"]["added"]["count"], 0);
    assert!(scimgate.out(&[&["digest", "send"], &of[..]].concat()).contains("queued 1 mail;"));
    scimgate.out(&["digest", "want", "ann@example.com", "off"]);
    scimgate.run(&[&["digest", "send"], &of[..]].concat()).badly(1, "no administrator of this tenant wants the digest");
    scimgate.run(&[&["digest", "set", "--weekday", "someday"], &of[..]].concat()).badly(2, "is no day of the week");
    scimgate.run(&[&["digest", "set", "--hour", "24"], &of[..]].concat()).badly(1, "is no hour of the day");
}
