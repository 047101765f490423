//! `samekey-demo`: the analytics server of the demo, and its tools.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use samekey_demo::clock::{Clock, parse_instant};
use samekey_demo::commands::{self, Serving};
use samekey_demo::database::HistoryFile;
use samekey_demo::jobs::WARM_KEYS;
use samekey_demo::timeframe::Millis;

/// An agent platform's analytics over SQLite, cached by samekey.
#[derive(Debug, Parser)]
// The last of an option counts, so that scripts can be called with more options.
#[command(version, about, args_override_self = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    history: HistoryArguments,
    #[command(flatten)]
    server: ServerArguments,
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
    /// Set a value in the cache at REDIS_URL, as another program would: the servers on it show it, and tell the dashboards.
    Set {
        /// A key of the schema.
        key: String,
        /// The value, as JSON.
        json: String,
    },
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

#[derive(Debug, Args)]
struct ServerArguments {
    /// The port on 127.0.0.1; 0 takes a free one [default: 8080, or a free one if that is taken].
    #[arg(long)]
    port: Option<u16>,
    /// The folder of the built dashboard.
    #[arg(long, default_value = "www/dist")]
    www: PathBuf,
    /// Let things happen by themselves (the default).
    #[arg(long, overrides_with = "no_simulate")]
    simulate: bool,
    /// Let nothing happen but what is asked for.
    #[arg(long)]
    no_simulate: bool,
    /// Write down who invalidated what, and who read a sensitive family: a line of JSON each.
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
    /// So many answers are computed at the start and every six hours, the most important first; none with --now.
    #[arg(long, value_name = "KEYS", default_value_t = WARM_KEYS)]
    warm: usize,
    /// So long Redis may take to be connected to, and for an answer; then this goes on without it.
    #[arg(long, value_name = "MS", default_value_t = 1_000)]
    redis_timeout_ms: u64,
    /// How many times as much as usual the simulator lets happen.
    #[arg(long, default_value_t = 1.0, value_parser = read_speed)]
    speed: f64,
}

fn read_speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed| (0.0..=1_000.0).contains(speed));
    speed.ok_or_else(|| "not a number from 0 to 1000".to_owned())
}

fn read_instant(text: &str) -> Result<Millis, String> {
    parse_instant(text).ok_or_else(|| "not an instant such as 2026-11-22T09:30:00Z".to_owned())
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .compact()
        .with_max_level(tracing::Level::WARN)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
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
        Some(Command::Set { key, json }) => {
            let url = redis_url()
                .ok_or("REDIS_URL says where; without it the cache is a server's own")?;
            commands::set(&file.path, &url, key, json)?;
        }
        None => {
            let server = &arguments.server;
            // Where the clock stands still, nothing happens by itself.
            let simulates = !server.no_simulate && (history.now.is_none() || server.simulate);
            commands::serve(&Serving {
                file,
                clock,
                port: server.port,
                www: server.www.clone(),
                speed: simulates.then_some(server.speed),
                audit: server.audit.clone(),
                warm: server.warm,
                redis_url: redis_url(),
                redis_patience: Duration::from_millis(server.redis_timeout_ms),
            })?;
        }
    }
    Ok(())
}

fn redis_url() -> Option<String> {
    std::env::var("REDIS_URL").ok().filter(|url| !url.is_empty())
}
