//! `samekey warm`: runs a node's warm-up by hand, and shows how far it has come.

use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::failure::Failure;
use super::node::{JOBS, Node};
use super::say::say;

/// The time between two looks.
const LOOK: Duration = Duration::from_millis(150);

/// Compute what is missing, with a progress bar.
///
/// Computes what is missing, the most important first: the warm-up that the application registered, run now.
///
/// Exit code 0 when every key is there, 1 when some failed or were not come to, 2 when it cannot be run.
#[derive(Debug, Args)]
pub(super) struct Warm {
    #[command(flatten)]
    node: Node,
    /// Another job than the warm-up, such as `refresh`.
    #[arg(long, default_value = "warmup", value_name = "NAME")]
    job: String,
    /// The run as JSON, and no bar.
    #[arg(long)]
    json: bool,
}

impl Warm {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let path = format!("{JOBS}{}", self.job);
        let mut status = self.node.post(&path, &json!({}))?;
        // Drawn on standard error, and only where that is a terminal.
        let bar = if self.json { ProgressBar::hidden() } else { ProgressBar::new(0) };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} keys, {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        while let Some(running) = status["running"].as_object() {
            let count = |name: &str| running.get(name).and_then(Value::as_u64).unwrap_or(0);
            bar.set_length(count("total"));
            bar.set_position(count("done"));
            std::thread::sleep(LOOK);
            status = self.node.get(&path)?;
        }
        bar.finish_and_clear();
        let run =
            status["runs"].as_array().and_then(|runs| runs.last()).cloned().unwrap_or_default();
        if self.json {
            say(&run)?;
        }
        self.judge(&run)
    }

    fn judge(&self, run: &Value) -> Result<(), Failure> {
        let report = &run["report"];
        let count = |name: &str| report[name].as_u64().unwrap_or(0);
        let took = run["took_ms"].as_u64().unwrap_or(0);
        let done = format!(
            "{}: {} computed, {} there already, {} failed, {} not come to, in {took} ms",
            self.job,
            count("warmed"),
            count("present"),
            count("failed") + count("not_stored"),
            count("unreached"),
        );
        let whole = run["outcome"] == "done"
            && count("failed") + count("not_stored") + count("unreached") == 0;
        if !whole {
            let why = run["error"].as_str().map(|error| format!(" ({error})")).unwrap_or_default();
            return Err(Failure::found(done + &why));
        }
        if !self.json {
            say(done)?;
        }
        Ok(())
    }
}
