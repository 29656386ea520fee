//! Passwords at the command line: asked for without showing them, or read from standard input. Never a flag, which every
//! process of the machine could read.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::bail;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use secrecy::{ExposeSecret, SecretString};

/// Asks for a new password, at a terminal twice.
pub fn ask_for_new() -> anyhow::Result<SecretString> {
    if !std::io::stdin().is_terminal() {
        return read_line();
    }
    let first = prompt("Password: ")?;
    if prompt("The same again: ")?.expose_secret() != first.expose_secret() {
        bail!("these are two different passwords; try again");
    }
    Ok(first)
}

fn prompt(question: &str) -> anyhow::Result<SecretString> {
    eprint!("{question}");
    std::io::stderr().flush()?;
    let terminal = std::io::stdin();
    let before = tcgetattr(&terminal)?;
    let mut silent = before.clone();
    silent.local_modes &= !LocalModes::ECHO;
    tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
    let line = read_line();
    tcsetattr(&terminal, OptionalActions::Flush, &before)?;
    eprintln!();
    line
}

fn read_line() -> anyhow::Result<SecretString> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\n', '\r']);
    if password.is_empty() {
        bail!("there is no password on standard input; write it there, or use --invite for a link");
    }
    Ok(password.to_owned().into())
}
