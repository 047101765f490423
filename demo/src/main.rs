//! `samekey-demo`: the analytics server of the demo, and its tools.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use samekey_demo::clock::{Clock, parse_instant};
use samekey_demo::commands;
use samekey_demo::database::HistoryFile;
use samekey_demo::timeframe::Millis;

/// An agent platform's analytics over SQLite, cached by samekey.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    history: HistoryArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the database, or bring it up to date, and stop.
    Generate,
    /// Run one read-only SQL statement and print its rows as JSON.
    Query {
        /// The statement.
        sql: String,
    },
    /// Measure every answer of the API on the database.
    Timings,
}

#[derive(Debug, Args)]
struct HistoryArguments {
    /// The SQLite file; made at the first start.
    #[arg(long, global = true, default_value = "demo/data/demo.sqlite")]
    database: PathBuf,
    /// Agent runs in the last 90 days [default: 1000000, or what the file has].
    #[arg(long, global = true)]
    runs: Option<u64>,
    /// Another seed, another history.
    #[arg(long, global = true, default_value_t = 20_260)]
    seed: u64,
    /// Stop the clock at this instant (RFC 3339), so that answers repeat.
    #[arg(long, global = true, value_parser = read_instant)]
    now: Option<Millis>,
}

fn read_instant(text: &str) -> Result<Millis, String> {
    parse_instant(text).ok_or_else(|| "not an instant such as 2026-11-22T09:30:00Z".to_owned())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("samekey-demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let history = &arguments.history;
    let clock = history.now.map_or(Clock::System, Clock::Fixed);
    let file = HistoryFile {
        path: history.database.clone(),
        runs: history.runs,
        seed: history.seed,
        now: clock.now(),
    };
    match &arguments.command {
        Some(Command::Query { sql }) => println!("{}", commands::query(&file.path, sql)?),
        Some(Command::Generate) => drop(commands::prepare(&file)?),
        Some(Command::Timings) => {
            commands::prepare(&file)?;
            println!("{:<30} {:>10} {:>10}", "question", "first ms", "median ms");
            for timing in commands::timings(&file.path, clock.now())? {
                let (first, median) =
                    (timing.first.as_secs_f64() * 1e3, timing.median.as_secs_f64() * 1e3);
                println!("{:<30} {first:>10.2} {median:>10.2}", timing.question);
            }
        }
        None => return Err("serving is not built yet".into()),
    }
    Ok(())
}
