//! Names that try to look like more lines, or to speak to the terminal.

use super::activity::{send, user};
use super::program::Program;

/// A line break, a return, an escape sequence that clears the screen, and one that moves the cursor up.
const FORGED: &str = "x\nadmin  granted\r\u{1b}[2J\u{9b}1A";

fn is_tame(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !c.is_control())
}

#[test]
fn names_stay_on_their_lines() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme", "--name", FORGED]);
    let refused = scimgate.run(&["token", "create", "--tenant", "acme", "--name", FORGED]);
    refused.badly(1, "none of them a control character");
    assert!(is_tame(&refused.err), "{refused:?}");
    let told = scimgate.out(&["tenant", "list"]);
    assert!(is_tame(&told) && told.contains("\\n"), "{told:?}");
    assert_eq!(told.lines().count(), 2, "{told:?}");
    let shown = scimgate.out(&["tenant", "show", "acme"]);
    assert!(is_tame(&shown) && !shown.lines().any(|line| line.starts_with("admin")), "{shown:?}");
    let json = scimgate.json(&["tenant", "show", "acme", "--json"]);
    assert_eq!(json["name"], FORGED);
}

#[tokio::test]
async fn what_clients_send_stays_on_its_line() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "by root"]);
    let serving = scimgate.serve(&[]);
    let mut body = user("ann");
    body["displayName"] = FORGED.into();
    body["title"] = FORGED.into();
    send(&serving, &token, "POST", "/Users", body).await;
    let told = scimgate.out(&["activity", "--tenant", "acme"]);
    assert!(is_tame(&told), "{told:?}");
    assert_eq!(told.lines().count(), 3, "{told:?}");

    // A path that decodes to a line break, to a server that logs whatever it can.
    let url = format!("{}/scim/v2/Users/%0aFORGED%1b[2J?filter=%0aFORGED", serving.url);
    reqwest::Client::new().get(url).bearer_auth(token.trim()).send().await.unwrap();
    serving.signal(rustix::process::Signal::TERM);
    let (_, said) = serving.end();
    assert!(said.iter().all(|line| is_tame(line) && !line.starts_with("FORGED")), "{said:#?}");
    assert!(!said.concat().contains(token.trim()), "{said:#?}");
}
