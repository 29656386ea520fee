//! Mail: what a server gets, what lies in the folder, and what a hostile name cannot do.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use chrono::{DateTime, Utc};
use clap::Parser;
use scimgate::config::{MailConfig, ServerArgs};
use scimgate::model::{Mail, MailAddress, Subject};
use scimgate::outbound::mail::{MailError, Mailer};
use tokio::sync::oneshot::{Receiver, channel};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    server: ServerArgs,
}

fn config(flags: &[&str]) -> MailConfig {
    Line::parse_from([&["serve"], flags].concat()).server.check().unwrap().outbound.mail
}

fn now() -> DateTime<Utc> {
    "2026-11-22T08:00:00Z".parse().unwrap()
}

fn mail() -> Mail {
    Mail {
        to: "Ann Lee <ann@example.com>".parse().unwrap(),
        subject: Subject::new("A token expires in 7 days"),
        text: "The token \u{201e}Entra\u{201c} expires.\n.\nRotate it.\n".into(),
        html: "<p>The token <b>Entra</b> expires.</p>".into(),
    }
}

/// A mail server on a socket: takes one mail and hands over all that it was told. It answers what `answers` has for a line
/// that begins with a word, and else what a server says that takes everything.
struct SmtpServer {
    port: u16,
    told: Receiver<String>,
}

impl SmtpServer {
    fn start(answers: &'static [(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, told) = channel();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            sender.send(talk(stream, answers)).ok();
        });
        Self { port, told }
    }

    async fn told(self) -> String {
        self.told.await.unwrap()
    }
}

fn talk(mut stream: TcpStream, answers: &[(&str, &str)]) -> String {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let (mut told, mut in_data) = (String::new(), false);
    stream.write_all(b"220 mail.example.com ESMTP\r\n").unwrap();
    for line in lines.map_while(Result::ok) {
        told.push_str(&line);
        told.push('\n');
        if in_data && line != "." {
            continue;
        }
        let usual = match line.split([' ', ':']).next().unwrap() {
            "EHLO" => "250-mail.example.com\r\n250 8BITMIME",
            "AUTH" => "235 welcome",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        let answer = answers.iter().find(|(word, _)| line.starts_with(word)).map_or(usual, |(_, answer)| answer);
        in_data = answer.starts_with("354");
        if stream.write_all(format!("{answer}\r\n").as_bytes()).is_err() || answer.starts_with("221") {
            break;
        }
    }
    told
}

async fn send_to(server: &SmtpServer, user: &str, query: &str, mail: &Mail) -> Result<(), MailError> {
    let url = format!("smtp://{user}127.0.0.1:{}{query}", server.port);
    let flags = ["--smtp-url", &url, "--mail-from", "scimgate <gate@example.com>"];
    Mailer::new(&config(&flags)).send(mail, now()).await
}

#[tokio::test]
async fn a_server_gets_the_mail_in_both_forms() {
    let server = SmtpServer::start(&[]);
    send_to(&server, "", "?tls=none", &mail()).await.unwrap();
    let told = server.told().await;
    for line in [
        "MAIL FROM:<gate@example.com>",
        "RCPT TO:<ann@example.com>",
        "From: scimgate <gate@example.com>",
        "To: \"Ann Lee\" <ann@example.com>",
        "Subject: A token expires in 7 days",
        "Date: Sun, 22 Nov 2026 08:00:00 +0000",
        "Auto-Submitted: auto-generated",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
        "Rotate it.",
        "<p>The token <b>Entra</b> expires.</p>",
    ] {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }
}

#[tokio::test]
async fn a_server_that_wants_a_login_gets_it() {
    let server = SmtpServer::start(&[("EHLO", "250-mail.example.com\r\n250 AUTH PLAIN")]);
    send_to(&server, "ann:p%40ss@", "?tls=none", &mail()).await.unwrap();
    // \0ann\0p@ss
    assert!(server.told().await.contains("AUTH PLAIN AGFubgBwQHNz\n"));
}

#[tokio::test]
async fn nothing_is_told_to_a_server_without_tls_unless_that_is_configured() {
    let server = SmtpServer::start(&[]);
    let error = send_to(&server, "ann:secret@", "", &mail()).await.unwrap_err();
    assert!(matches!(error, MailError::NotNow(_)), "{error}");
    let told = server.told().await;
    assert!(!told.contains("AUTH") && !told.contains("MAIL") && !told.contains("Entra"), "{told}");
}

#[tokio::test]
async fn a_refusal_is_told_apart_from_a_delay() {
    let refusing = SmtpServer::start(&[("RCPT", "550 no such user")]);
    let error = send_to(&refusing, "", "?tls=none", &mail()).await.unwrap_err();
    assert!(matches!(&error, MailError::NoSuchAddress(text) if text.contains("no such user")), "{error}");
    let strict = SmtpServer::start(&[("RCPT", "550 5.7.1 we do not relay")]);
    let error = send_to(&strict, "", "?tls=none", &mail()).await.unwrap_err();
    assert!(matches!(&error, MailError::Refused(text) if text.contains("relay")), "{error}");
    let busy = SmtpServer::start(&[("RCPT", "450 come back later")]);
    let error = send_to(&busy, "", "?tls=none", &mail()).await.unwrap_err();
    assert!(matches!(&error, MailError::NotNow(text) if text.contains("come back later")), "{error}");
    let away = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let flags = format!("--smtp-url=smtp://127.0.0.1:{away}?tls=none");
    let error = Mailer::new(&config(&[&flags])).send(&mail(), now()).await.unwrap_err();
    assert!(matches!(error, MailError::NotNow(_)), "{error}");
}

/// Names and subjects that would add headers, recipients and bodies.
const HOSTILE: [&str; 5] = [
    "x\r\nBcc: eve@example.com",
    "x\nRCPT TO:<eve@example.com>",
    "x\r\n\r\n<script>",
    "x\u{2028}Bcc: eve@example.com",
    "x\u{0}\r\n.\r\nMAIL FROM:<eve@example.com>",
];

#[tokio::test]
async fn no_name_or_subject_adds_a_header_or_a_recipient() {
    for hostile in HOSTILE {
        let server = SmtpServer::start(&[]);
        let to: MailAddress = "ann@example.com".parse().unwrap();
        let mail = Mail { to: to.named(hostile), subject: Subject::new(hostile), ..mail() };
        send_to(&server, "", "?tls=none", &mail).await.unwrap();
        let told = server.told().await;
        let starts = |word: &str| told.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!((starts("RCPT"), starts("MAIL"), starts("Bcc"), starts("<script")), (1, 1, 0, 0), "{told}");
        assert_eq!((starts("To:"), starts("Subject:"), starts(".")), (1, 1, 1 + starts("..")), "{told}");
        assert!(format!("ann@example.com{hostile}").parse::<MailAddress>().is_err(), "{hostile}");
    }
}

#[tokio::test]
async fn without_a_server_a_mail_is_a_file_that_nobody_else_may_read() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("mail");
    let mailer = Mailer::new(&config(&["--mail-dir", folder.to_str().unwrap()]));
    mailer.send(&mail(), now()).await.unwrap();
    mailer.send(&mail(), now()).await.unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 2);
    for file in files {
        assert_eq!(mode(&file), 0o600);
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("20261122T080000Z-") && name.ends_with(".eml"), "{name}");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("To: \"Ann Lee\" <ann@example.com>\r\n") && text.contains("Rotate it."), "{text}");
    }
}

#[tokio::test]
async fn without_a_server_and_a_folder_it_is_told_what_to_configure() {
    let error = Mailer::new(&config(&[])).send(&mail(), now()).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no way to send mail; start the server with --smtp-url or --mail-dir");
}
