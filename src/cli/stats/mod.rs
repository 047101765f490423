//! `samekey stats`: a node's figures, live.

mod page;

use std::io::IsTerminal;
use std::time::Duration;

use clap::Args;
use console::Term;
use serde_json::Value;

use self::page::{Room, page};
use super::failure::Failure;
use super::node::Node;
use super::output::{Shade, shaded};
use super::say::{say, say_as_it_is};

/// What a node has done, live.
///
/// One line a family, since the node started; every second on a terminal. Families that nobody asked for are left out.
///
/// hits: lookups of a hundred that were answered without a compute. process, store, stale: how many were answered by
/// the node itself, by its store, and with a value past its time. missed: how many were not. took: the slowest compute
/// of late.
#[derive(Debug, Args)]
pub(super) struct Stats {
    #[command(flatten)]
    node: Node,
    /// Print once and end, as when the output is no terminal.
    #[arg(long)]
    once: bool,
    /// Seconds between two looks.
    #[arg(long, default_value_t = 1.0, value_parser = seconds, value_name = "SECONDS")]
    every: f64,
    /// The node's own JSON, once: the same as GET /api/v1/cache/stats.
    #[arg(long)]
    json: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.1..=3600.0).contains(seconds));
    seconds.ok_or_else(|| "from 0.1 to 3600 seconds".to_owned())
}

impl Stats {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let stats = self.node.stats()?;
        if self.json {
            say(&stats)?;
            return Ok(());
        }
        let terminal = std::io::stdout().is_terminal();
        if self.once || !terminal {
            let columns = terminal.then(|| Term::stdout().size().1.into());
            say(page(&stats, &Room { columns, lines: None }))?;
            return Ok(());
        }
        self.follow(stats)
    }

    /// Shows them again and again. A node that is away for a while, as when it is deployed, does not end it.
    fn follow(&self, mut stats: Value) -> Result<(), Failure> {
        let mut trouble = None;
        say_as_it_is("\x1b[2J")?;
        loop {
            let (lines, columns) = Term::stdout().size();
            let room = Room { columns: Some(columns.into()), lines: Some(lines.into()) };
            let last = match &trouble {
                None => shaded(Shade::Quiet, "Ctrl-C ends this"),
                Some(trouble) => shaded(Shade::Bad, &format!("{trouble}: as it was")),
            };
            let shown = format!("{}\n\n{last}", page(&stats, &room));
            // Over what stood there, and away with what is left of it: a screen that is cleared first flickers.
            let shown = shown.replace('\n', "\x1b[K\n");
            say_as_it_is(format_args!("\x1b[H{shown}\x1b[K\x1b[J"))?;
            std::thread::sleep(Duration::from_secs_f64(self.every));
            match self.node.stats() {
                Ok(newer) => (stats, trouble) = (newer, None),
                Err(failure) => trouble = Some(failure),
            }
        }
    }
}
