//! `samekey doctor`: is this Redis set up for the cache, and is what is in it in order?
//!
//! [`facts`] asks the server and a node, [`advice`] judges what they said: the judging is tested without either. [`rates`]
//! is what a node says of its families.

mod advice;
mod facts;
mod rates;

use clap::Args;
use serde_json::json;

use self::advice::{Advice, Weight};
use self::facts::Facts;
use super::at::At;
use super::failure::Failure;
use super::node::MaybeNode;
use super::output::{Shade, shaded, visible};
use super::say::say;

/// Look over the Redis that a cache uses, and say what to do.
///
/// It asks the server for its settings, walks over the keys once, and, with --url, asks a node how often its families
/// hit. It changes nothing. Exit code 0 when nothing is wrong (there may be hints), 1 with something to mend, 2 when it
/// cannot look.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    node: MaybeNode,
    /// One JSON array: code, weight (wrong, hint, note), what, help.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let schema = self.at.schema()?;
        let facts = facts::ask(&self.at, &schema, self.node.named()).await?;
        let found = advice::judge(&facts);
        if self.json {
            let found: Vec<_> = found.iter().map(as_json).collect();
            say(json!(found))?;
        } else {
            say(head(&facts))?;
            found.iter().try_for_each(print)?;
        }
        let of = |weight| found.iter().filter(|advice| advice.weight == weight).count();
        match (of(Weight::Wrong), of(Weight::Hint)) {
            (0, 0) if !self.json => {
                say(format_args!("{} nothing to mend", shaded(Shade::Good, "✔")))?
            }
            (0, _) => {}
            (wrong, _) => return Err(Failure::found(format!("{wrong} thing(s) to mend"))),
        }
        Ok(())
    }
}

fn head(facts: &Facts) -> String {
    let mut versions: Vec<_> = facts.servers.iter().map(|it| it.version.as_str()).collect();
    versions.dedup();
    let servers = match facts.servers.len() {
        1 => String::new(),
        servers => format!(" ({servers} servers)"),
    };
    format!(
        "Redis {}{servers}, {} keys of this schema's families",
        versions.join(", "),
        facts.keys.ours
    )
}

fn as_json(advice: &Advice) -> serde_json::Value {
    json!({
        "code": advice.code,
        "weight": advice.weight.as_str(),
        "wrong": advice.weight == Weight::Wrong,
        "what": advice.what,
        "help": advice.help,
    })
}

fn print(advice: &Advice) -> std::io::Result<()> {
    let mark = match advice.weight {
        Weight::Wrong => shaded(Shade::Bad, "✘"),
        Weight::Hint => shaded(Shade::Doubtful, "!"),
        Weight::Note => shaded(Shade::Quiet, "·"),
    };
    // Both may name a key, and anybody may have written that.
    let (what, code) = (visible(&advice.what), shaded(Shade::Quiet, advice.code));
    say(format_args!("{mark} {what} {code}"))?;
    say(format_args!("  → {}", visible(&advice.help)))
}
