//! The command line: one file per command, and what they share.
//!
//! `at`: where a command works; `node`: a node over HTTP. `say`, `output`: what people and programs read; `failure`: how a
//! command ends without success; `log`: what a node says while it runs.

mod check;
mod generate;
mod say;

#[cfg(feature = "operate")]
mod at;
#[cfg(feature = "operate")]
mod doctor;
#[cfg(feature = "operate")]
mod failure;
#[cfg(feature = "operate")]
mod health;
#[cfg(feature = "operate")]
mod invalidate;
#[cfg(feature = "operate")]
mod keys;
#[cfg(feature = "operate")]
mod log;
#[cfg(feature = "operate")]
mod node;
#[cfg(feature = "operate")]
mod output;
#[cfg(feature = "operate")]
mod serve;
#[cfg(feature = "operate")]
mod stats;
#[cfg(feature = "operate")]
mod token;
#[cfg(feature = "operate")]
mod warm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::say::complain;

/// One cache key, from Redis to React.
#[derive(Debug, Parser)]
#[command(name = "samekey", version, max_term_width = 100)]
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
    #[cfg(feature = "operate")]
    #[command(flatten)]
    Operate(Box<Operate>),
}

/// The commands that talk to a running cache. What each is for stands at its arguments, short and long.
#[cfg(feature = "operate")]
#[derive(Debug, Subcommand)]
enum Operate {
    Serve(serve::Serve),
    Token(token::Token),
    Health(health::Health),
    Stats(stats::Stats),
    Keys(keys::Keys),
    Invalidate(invalidate::Invalidate),
    Warm(warm::Warm),
    Doctor(doctor::Doctor),
}

/// Runs the command line of this process.
pub(crate) fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Check(command) => command.run(),
        Command::Gen(command) => command.run(),
        #[cfg(feature = "operate")]
        Command::Operate(command) => operate(*command),
    }
}

#[cfg(feature = "operate")]
fn operate(command: Operate) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(2, error),
    };
    let done = runtime.block_on(async {
        match command {
            Operate::Serve(command) => command.run().await,
            Operate::Token(command) => command.run(),
            Operate::Health(command) => command.run(),
            Operate::Stats(command) => command.run(),
            Operate::Keys(command) => command.run().await,
            Operate::Invalidate(command) => command.run().await,
            Operate::Warm(command) => command.run(),
            Operate::Doctor(command) => command.run().await,
        }
    });
    done.map_or_else(|failure| fail(failure.code, failure), |()| ExitCode::SUCCESS)
}

/// Says what went wrong, and how a shell learns of it: 1 for a finding, 2 for not being able to
/// look.
fn fail(code: u8, message: impl std::fmt::Display) -> ExitCode {
    complain(message);
    ExitCode::from(code)
}
