//! What a node has to say while it runs: on standard error, for the terminal, the container or the journal it was started in.

use std::io::{self, IsTerminal};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::failure::Failure;
use super::output::colours;

/// Says it from here on, from these levels: `warn`, or `samekey=debug,warn`.
pub(super) fn tell(levels: &str) -> Result<(), Failure> {
    let lines = tracing_subscriber::fmt::layer()
        .compact()
        .with_target(false)
        .with_ansi(io::stderr().is_terminal() && colours())
        // Whoever read it may be gone: a node does not end for that, and to complain of it there is no place.
        .log_internal_errors(false)
        .with_writer(io::stderr);
    tracing_subscriber::registry().with(lines).with(read(levels)?).init();
    Ok(())
}

/// A variable that is set to nothing says nothing.
fn read(levels: &str) -> Result<Targets, Failure> {
    if levels.trim().is_empty() {
        return Ok(Targets::new().with_default(LevelFilter::INFO));
    }
    let unread = |_| Failure::usage("--log, RUST_LOG: such as warn, or samekey=debug,warn");
    levels.parse().map_err(unread)
}
