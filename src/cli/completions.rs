//! `scimgate completions`

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::CommandLine;

/// The flags of `scimgate completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// For which shell
    shell: Shell,
}

/// Prints a script that lets a shell complete commands and flags.
pub fn run(flags: &Completions) -> anyhow::Result<()> {
    generate(flags.shell, &mut CommandLine::command(), "scimgate", &mut std::io::stdout());
    Ok(())
}
