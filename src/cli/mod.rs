//! The command line: one file per command.

mod check;
mod generate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// One cache key, from Redis to React.
#[derive(Debug, Parser)]
#[command(name = "samekey", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a schema file: does everything fit together?
    Check(check::Check),
    /// Write a schema's keys in another language.
    Gen(generate::Generate),
}

/// Runs the command line of this process.
pub(crate) fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Check(command) => command.run(),
        Command::Gen(command) => command.run(),
    }
}

/// Says what went wrong, and how a shell learns of it: 1 for a finding, 2 for not being able to
/// look.
fn fail(code: u8, message: impl std::fmt::Display) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(code)
}
