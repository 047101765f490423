//! `samekey health`: whether a node answers, for a container's health check.

use clap::Args;

use super::failure::Failure;
use super::node::Node;
use super::say::say;

/// Whether a node answers: for a container's health check.
///
/// Asks a node whether it is well: `ok`, or `degraded` while it does without its store. Needs no token.
///
/// Exit code 0 when it answers, in either case: a node without its store still answers, and starting it anew would not bring
/// the store back. 2 when it does not answer.
#[derive(Debug, Args)]
pub(super) struct Health {
    #[command(flatten)]
    node: Node,
}

impl Health {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let health = self.node.get("/health")?;
        let told = |name: &str| health[name].as_str().map(str::to_owned);
        match (told("status"), told("store")) {
            (Some(status), Some(store)) => say(format_args!("{status} ({store})"))?,
            _ => return Err(Failure::unable("that is no node of the cache")),
        }
        Ok(())
    }
}
