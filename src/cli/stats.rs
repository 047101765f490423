//! `samekey stats`: a node's figures, live.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::failure::Failure;
use super::node::Node;
use super::output::{Shade, bytes, shaded, table};

/// What a node of the cache has done: one line a family, every second on a terminal.
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
    /// The node's own JSON, once.
    #[arg(long)]
    json: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.1..=3600.0).contains(seconds));
    seconds.ok_or_else(|| "from 0.1 to 3600 seconds".to_owned())
}

impl Stats {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let stats = self.look()?;
        if self.json {
            println!("{stats}");
            return Ok(());
        }
        if self.once || !std::io::stdout().is_terminal() {
            println!("{}", page(&stats));
            return Ok(());
        }
        let mut shown = stats;
        loop {
            // From the top, and what is left of the last page away.
            print!("\x1b[H\x1b[2J{}\n\n{}", page(&shown), shaded(Shade::Quiet, "Ctrl-C ends this"));
            std::io::stdout().flush()?;
            std::thread::sleep(Duration::from_secs_f64(self.every));
            shown = self.look()?;
        }
    }

    fn look(&self) -> Result<Value, Failure> {
        self.node.get("/api/v1/cache/stats")
    }
}

fn page(stats: &Value) -> String {
    let number = |of: &Value, name: &str| of[name].as_u64().unwrap_or(0);
    let percent = |of: &Value| format!("{:.1} %", of["hit_rate_percent"].as_f64().unwrap_or(0.0));
    let available = stats["store_available"].as_bool().unwrap_or(false);
    let store = format!(
        "{} {}",
        stats["store"].as_str().unwrap_or("?"),
        if available { "answers" } else { "does not answer" }
    );
    let head = format!(
        "{} · {} hits · {} keys, {} · in process {}, {} · {} computing",
        shaded(if available { Shade::Good } else { Shade::Bad }, &store),
        percent(stats),
        number(stats, "keys"),
        bytes(number(stats, "used_memory")),
        number(stats, "l1_entries"),
        bytes(number(stats, "l1_bytes")),
        number(stats, "computes_in_flight"),
    );
    let heads = [
        "family",
        "hits",
        "in process",
        "in store",
        "stale",
        "misses",
        "computes",
        "errors",
        "took",
    ];
    let row = |family: &Value| {
        let count = |name: &str| number(family, name).to_string();
        let took = format!("{:.1} ms", family["compute_ms"].as_f64().unwrap_or(0.0));
        let name =
            family["family"].as_str().filter(|name| !name.is_empty()).unwrap_or("(no family)");
        vec![
            name.to_owned(),
            percent(family),
            count("l1_hits"),
            count("l2_hits"),
            count("stale"),
            count("misses"),
            count("computes"),
            count("compute_errors"),
            took,
        ]
    };
    let used = |family: &&Value| {
        ["l1_hits", "l2_hits", "stale", "misses", "bypasses", "sets"]
            .iter()
            .any(|name| number(family, name) > 0)
    };
    let rows: Vec<_> =
        stats["families"].as_array().into_iter().flatten().filter(used).map(row).collect();
    if rows.is_empty() {
        return format!("{head}\n\n{}", shaded(Shade::Quiet, "nothing has been asked for yet"));
    }
    format!("{head}\n\n{}", table(&heads, &rows))
}
