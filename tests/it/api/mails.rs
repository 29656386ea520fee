//! Mails that wait: sent once, tried again, given up, bounced, caught; through real sockets.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use clap::Parser;
use futures_util::future::join_all;
use scimgate::config::ServerArgs;
use scimgate::model::{AdminRole, Clock, MailId, MailKind, NewMail, Reach};
use scimgate::outbound::mail::Mailer;
use scimgate::tasks::{RETRY_AFTER, send_mails};
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use crate::support::admin::Admin;
use crate::support::scim::{Scim, sealer};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    server: ServerArgs,
}

fn mailer(flag: &str) -> Mailer {
    let line = Line::parse_from(["test", "--mail-from=scimgate <gate@example.com>"].into_iter().chain(Some(flag)));
    Mailer::new(&line.server.check().unwrap().outbound.mail)
}

/// A mail server that takes any number of mails, and keeps what it was told.
pub struct MailServer {
    port: u16,
    /// What each conversation said.
    told: Arc<Mutex<Vec<String>>>,
    /// What the next `RCPT` commands are answered; without any they are taken.
    answers: Arc<Mutex<VecDeque<&'static str>>>,
}

impl MailServer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self { port, told: Arc::default(), answers: Arc::default() };
        let (told, answers) = (server.told.clone(), server.answers.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (told, answers) = (told.clone(), answers.clone());
                std::thread::spawn(move || talk(stream, &told, &answers));
            }
        });
        server
    }

    pub fn mailer(&self) -> Mailer {
        mailer(&format!("--smtp-url=smtp://127.0.0.1:{}?tls=none", self.port))
    }

    pub fn answer_next(&self, answer: &'static str) {
        self.answers.lock().unwrap().push_back(answer);
    }

    /// The mails that were taken, with soft line breaks undone.
    pub fn mails(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }
}

fn talk(mut stream: TcpStream, told: &Mutex<Vec<String>>, answers: &Mutex<VecDeque<&'static str>>) {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let (mut said, mut in_data) = (String::new(), false);
    stream.write_all(b"220 mail.example.com ESMTP\r\n").unwrap();
    for line in lines.map_while(Result::ok) {
        said.push_str(&line);
        said.push('\n');
        if in_data && line != "." {
            continue;
        }
        if in_data {
            told.lock().unwrap().push(said.replace("=\n", "").replace("=3D", "="));
        }
        let answer = match line.split([' ', ':']).next().unwrap() {
            "EHLO" => "250-mail.example.com\r\n250 8BITMIME",
            "RCPT" => answers.lock().unwrap().pop_front().unwrap_or("250 fine"),
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        in_data = answer.starts_with("354");
        if stream.write_all(format!("{answer}\r\n").as_bytes()).is_err() || answer.starts_with("221") {
            break;
        }
    }
}

/// Queues a mail of the scim's tenant.
pub async fn queue(scim: &Scim, to: &str, kind: MailKind, data: Value) -> String {
    let at = scim.clock().now();
    let (tenant, id) = (scim.tenant().id, MailId::new(at));
    let mail = NewMail { tenant, id, to: to.parse().unwrap(), kind, language: None, data, about: None, at };
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let text = mail.to_json().to_string();
    client.execute("SELECT queue_mail($1::text::json)", &[&text]).await.unwrap();
    id.to_string()
}

async fn letter(scim: &Scim, to: &str) -> String {
    queue(scim, to, MailKind::Letter, json!({"subject": "Hello", "paragraphs": ["How are you?"]})).await
}

async fn send(scim: &Scim, mailer: &Mailer) -> usize {
    send_mails(&scim.store(), scim.clock(), Some(&sealer()), mailer, &scim.origin()).await.unwrap()
}

/// The tenant's mails as the admin API shows them: state, attempts and error.
async fn states(admin: &Admin) -> Vec<(String, i64, String)> {
    let listed = admin.get("/tenants/first/mails").await.expect(200).json();
    let mails = listed["items"].as_array().unwrap().iter();
    let text = |mail: &Value, name: &str| mail[name].as_str().unwrap_or("").to_owned();
    mails.map(|mail| (text(mail, "state"), mail["attempts"].as_i64().unwrap(), text(mail, "error"))).collect()
}

#[tokio::test]
async fn a_mail_is_sent_once_however_many_nodes_look() {
    let scim = Scim::start().await;
    let (server, admin) = (MailServer::start(), scim.owner().await);
    for name in 0..20 {
        letter(&scim, &format!("user{name}@example.com")).await;
    }
    let mailer = server.mailer();
    let attempts = join_all((0..4).map(|_| send(&scim, &mailer))).await;
    assert_eq!(attempts.iter().sum::<usize>(), 20);
    let sent = server.mails();
    assert_eq!(sent.len(), 20);
    for name in 0..20 {
        let to = format!("RCPT TO:<user{name}@example.com>");
        assert_eq!(sent.iter().filter(|mail| mail.contains(&to)).count(), 1, "{to}");
    }
    assert!(states(&admin).await.iter().all(|state| *state == ("sent".into(), 1, String::new())));
    scim.advance_seconds(86_400);
    assert_eq!(send(&scim, &mailer).await, 0);
}

#[tokio::test]
async fn what_a_node_left_undone_is_sent_again_under_the_same_message_id_when_its_claim_ends() {
    let scim = Scim::start().await;
    let (server, admin) = (MailServer::start(), scim.owner().await);
    let id = letter(&scim, "ann@example.com").await;
    let (store, now) = (scim.store(), scim.clock().now());
    // A node takes the mail, sends it, and dies before it can write that down.
    let claimed = store.claim_mails(now, now + TimeDelta::minutes(5), 8).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(send(&scim, &server.mailer()).await, 0, "it is claimed");
    scim.advance_seconds(300);
    assert_eq!(send(&scim, &server.mailer()).await, 1);
    assert!(server.mails()[0].contains(&format!("Message-ID: <{id}@example.com>")), "{}", server.mails()[0]);
    assert_eq!(states(&admin).await, [("sent".into(), 2, String::new())]);
    // The node was only slow: what it says now counts no more.
    let outcome = scimgate::store::MailOutcome::Failed("late".into());
    assert!(!store.settle_mail(&claimed[0].mail, &outcome, now, None).await.unwrap());
    assert_eq!(states(&admin).await, [("sent".into(), 2, String::new())]);
}

#[tokio::test]
async fn a_mail_that_is_not_taken_is_tried_again_and_given_up_in_the_end() {
    let scim = Scim::start().await;
    let (server, admin) = (MailServer::start(), scim.owner().await);
    letter(&scim, "ann@example.com").await;
    server.answer_next("450 come back later");
    let mailer = server.mailer();
    assert_eq!(send(&scim, &mailer).await, 1);
    assert_eq!(send(&scim, &mailer).await, 0, "not before its time");
    let [(state, attempts, error)] = &states(&admin).await[..] else { panic!() };
    assert_eq!((state.as_str(), attempts), ("queued", &1));
    assert!(error.contains("come back later"), "{error}");
    scim.advance_seconds(RETRY_AFTER[0].num_seconds());
    assert_eq!((send(&scim, &mailer).await, server.mails().len()), (1, 1));
    assert_eq!(states(&admin).await, [("sent".into(), 2, String::new())]);

    let id = letter(&scim, "ben@example.com").await;
    for wait in RETRY_AFTER {
        server.answer_next("450 come back later");
        assert_eq!(send(&scim, &mailer).await, 1);
        scim.advance_seconds(wait.num_seconds());
    }
    server.answer_next("450 come back later");
    assert_eq!(send(&scim, &mailer).await, 1);
    scim.advance_seconds(86_400 * 30);
    assert_eq!(send(&scim, &mailer).await, 0);
    let given_up = scim.owner().await.get(&format!("/tenants/first/mails/{id}")).await.expect(200).json();
    assert_eq!((&given_up["state"], &given_up["attempts"]), (&json!("failed"), &json!(9)));
    assert!(given_up["error"].as_str().unwrap().starts_with("given up after 9 attempts: "), "{given_up}");
    let told: Vec<Value> = scim.admin_actions().await.into_iter().filter(|row| row["action"] == "mail.fail").collect();
    assert_eq!((told.len(), &told[0]["target_name"]), (1, &json!("ben@example.com")));
}

#[tokio::test]
async fn an_address_that_nobody_has_is_not_mailed_again_until_it_is_cleared() {
    let scim = Scim::start().await;
    let (server, admin) = (MailServer::start(), scim.owner().await);
    let other = scim.other_tenant("other").await;
    let mailer = server.mailer();
    server.answer_next("550 5.1.1 no such user");
    let first = letter(&scim, "Gone@example.com").await;
    assert_eq!(send(&scim, &mailer).await, 1);
    let shown = admin.get(&format!("/tenants/first/mails/{first}")).await.expect(200).json();
    assert_eq!(shown["state"], "bounced");
    let bounces = admin.get("/tenants/first/bounces").await.expect(200).json();
    assert_eq!(bounces["items"][0]["address"], "Gone@example.com");
    assert!(bounces["items"][0]["error"].as_str().unwrap().contains("no such user"), "{bounces}");

    let second = letter(&scim, "gone@EXAMPLE.com").await;
    assert_eq!(send(&scim, &mailer).await, 0);
    assert_eq!(admin.get(&format!("/tenants/first/mails/{second}")).await.expect(200).json()["state"], "bounced");
    letter(&other, "gone@example.com").await;
    assert_eq!((send(&scim, &mailer).await, server.mails().len()), (1, 1), "another tenant may know better");

    admin.delete("/tenants/first/bounces/gone@example.com").await.expect(204);
    admin.delete("/tenants/first/bounces/gone@example.com").await.expect_problem(404, "bounced address");
    letter(&scim, "gone@example.com").await;
    assert_eq!((send(&scim, &mailer).await, server.mails().len()), (1, 2));
    // A server's policy says nothing of the address.
    server.answer_next("550 5.7.1 we do not relay");
    let refused = letter(&scim, "ann@example.com").await;
    send(&scim, &mailer).await;
    assert_eq!(admin.get(&format!("/tenants/first/mails/{refused}")).await.expect(200).json()["state"], "failed");
    assert_eq!(admin.get("/tenants/first/bounces").await.expect(200).json()["items"], json!([]));
}

#[tokio::test]
async fn without_a_mail_server_mails_are_caught_and_shown() {
    let scim = Scim::start().await;
    let (folder, admin) = (tempfile::tempdir().unwrap(), scim.owner().await);
    let data = json!({
        "secret": "s3cret", "inviter": "Bea", "organizations": ["<b>Acme</b>"], "expiresAt": "2026-11-29T08:00:00Z",
    });
    let invitation = queue(&scim, "Ann <ann@example.com>", MailKind::Invitation, data.clone()).await;
    let in_folder = |folder: &Path| std::fs::read_dir(folder).unwrap().count();
    send(&scim, &mailer(&format!("--mail-dir={}", folder.path().display()))).await;
    assert_eq!(in_folder(folder.path()), 1);
    let path = format!("/tenants/first/mails/{invitation}");
    let shown = admin.get(&path).await.expect(200).json();
    assert_eq!((&shown["state"], &shown["subject"]), (&json!("caught"), &json!("Bea invites you to first")));
    let link = format!("{}/invitations/s3cret", scim.origin());
    assert!(shown["text"].as_str().unwrap().contains(&link), "{shown}");
    let html = shown["html"].as_str().unwrap();
    assert!(html.contains(&format!("href=\"{link}\"")) && !html.contains("<b>Acme"), "{html}");

    // Neither a folder nor a server: the console is all there is.
    queue(&scim, "ben@example.com", MailKind::Invitation, data).await;
    send(&scim, &Mailer::new(&Line::parse_from(["test"]).server.check().unwrap().outbound.mail)).await;
    assert!(states(&admin).await.iter().all(|(state, ..)| state == "caught"));
    assert_eq!(admin.get("/tenants/first/mails?state=sent").await.expect(200).json()["items"], json!([]));
    admin.get("/tenants/first/mails?state=x").await.expect_invalid(&["state"]);

    // Those who change nothing see no link, and other tenants' administrators see nothing.
    let auditor = scim.admin(AdminRole::Auditor, Reach::Tenant(scim.tenant().id)).await;
    assert!(!auditor.get(&path).await.expect(200).text.contains("s3cret"));
    let other = scim.other_tenant("other").await;
    let stranger = scim.admin(AdminRole::Owner, Reach::Tenant(other.tenant().id)).await;
    stranger.get(&path).await.expect_problem(404, "tenant");
    stranger.get(&path.replace("/first/", "/other/")).await.expect_problem(404, "mail");
}

#[tokio::test]
async fn what_opens_a_door_is_gone_once_the_mail_is_sent() {
    let scim = Scim::start().await;
    let server = MailServer::start();
    let data = json!({"secret": "s3cret", "inviter": "Bea", "expiresAt": "2026-11-29T08:00:00Z"});
    queue(&scim, "ann@example.com", MailKind::Invitation, data.clone()).await;
    assert!(scim.dump_all().await.contains("s3cret"));
    send(&scim, &server.mailer()).await;
    assert!(server.mails()[0].contains("/invitations/s3cret"), "{}", server.mails()[0]);
    queue(&scim, "gone@example.com", MailKind::Invitation, data).await;
    server.answer_next("550 no such user");
    send(&scim, &server.mailer()).await;
    assert!(!scim.dump_all().await.contains("s3cret"));
}

#[tokio::test]
async fn each_tenant_has_its_own_name_logo_and_language() {
    let scim = Scim::start().await;
    let (server, admin) = (MailServer::start(), scim.owner().await);
    let path = "/tenants/first/mail-settings";
    let usual = admin.get(path).await.expect(200).json();
    assert_eq!(usual, json!({"language": "en", "invitationDays": 7}));
    let wanted = json!({
        "name": "Acme \"GmbH\"", "logoUrl": "https://acme.example/logo.png", "language": "de", "invitationDays": 14,
        "signInUrl": "https://acme.example/sign-in",
    });
    assert_eq!(admin.put(path, wanted.clone()).await.expect(200).json(), wanted);
    assert_eq!(admin.get(path).await.expect(200).json(), wanted);
    let wrong = json!({"name": "a\nb", "logoUrl": "http://x", "language": "xx", "signInUrl": "javascript:1", "invitationDays": 0});
    admin.put(path, wrong).await.expect_invalid(&["invitationDays", "name", "logoUrl", "language", "signInUrl"]);
    let data = json!({"secret": "s", "inviter": "Bea", "expiresAt": "2026-11-29T08:00:00Z"});
    queue(&scim, "ann@example.com", MailKind::Invitation, data).await;
    send(&scim, &server.mailer()).await;
    let mail = &server.mails()[0];
    assert!(mail.contains("https://acme.example/logo.png") && mail.contains("Konto aktivieren"), "{mail}");
    let told: Vec<Value> =
        scim.admin_actions().await.into_iter().filter(|row| row["action"] == "tenant.mail").collect();
    assert_eq!((told.len(), &told[0]["details"]["language"]), (1, &json!("de")));
}

#[tokio::test]
async fn hostile_names_add_neither_headers_nor_recipients_nor_html() {
    let scim = Scim::start().await;
    let server = MailServer::start();
    for hostile in ["x\r\nBcc: eve@example.com", "x\n\n<script>alert(1)</script>", "x\u{2028}RCPT TO:<eve@example.com>"]
    {
        let data = json!({
            "secret": "s", "inviter": hostile, "organizations": [hostile], "message": hostile,
            "expiresAt": "2026-11-29T08:00:00Z",
        });
        queue(&scim, "ann@example.com", MailKind::Invitation, data).await;
    }
    send(&scim, &server.mailer()).await;
    let mails = server.mails();
    assert_eq!(mails.len(), 3);
    for mail in mails {
        let (head, _) = mail.split_once("\n\n").unwrap();
        let starts = |word: &str| head.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!((starts("RCPT"), starts("Bcc"), starts("Subject:"), starts("To:")), (1, 0, 1, 1), "{mail}");
        let (_, html) = mail.split_once("Content-Type: text/html").unwrap();
        assert!(html.contains("&#60;script&#62;") || !html.contains("script"), "{mail}");
        assert!(!html.contains("<script"), "{mail}");
    }
}
