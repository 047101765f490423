//! `samekey doctor`: is this Redis set up for the cache, and is what is in it in order?
//!
//! [`facts`] asks the server, [`advice`] judges what it said: the judging is tested without a server.

mod advice;
mod facts;

use clap::Args;
use serde_json::json;

use self::advice::{Advice, Weight};
use super::at::At;
use super::failure::Failure;
use super::output::{Shade, shaded};

/// Looks over the Redis that a cache uses, and says what to do.
///
/// Exit code 0 when nothing is wrong (there may be hints), 1 with something to mend, 2 when it cannot look.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    at: At,
    /// One JSON array.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let schema = self.at.schema()?;
        let facts = facts::ask(&self.at, &schema).await?;
        let found = advice::judge(&facts);
        if self.json {
            let found: Vec<_> = found.iter().map(as_json).collect();
            println!("{}", json!(found));
        } else {
            println!("Redis {}, {} keys of this schema's families", facts.version, facts.keys);
            found.iter().for_each(print);
        }
        let wrong = found.iter().filter(|advice| advice.weight == Weight::Wrong).count();
        match (wrong, found.len()) {
            (0, 0) if !self.json => println!("{} nothing to mend", shaded(Shade::Good, "✔")),
            (0, _) => {}
            _ => return Err(Failure::found(format!("{wrong} thing(s) to mend"))),
        }
        Ok(())
    }
}

fn as_json(advice: &Advice) -> serde_json::Value {
    json!({ "code": advice.code, "wrong": advice.weight == Weight::Wrong, "what": advice.what, "help": advice.help })
}

fn print(advice: &Advice) {
    let mark = match advice.weight {
        Weight::Wrong => shaded(Shade::Bad, "✘"),
        Weight::Hint => shaded(Shade::Doubtful, "!"),
    };
    println!("{mark} {} {}", advice.what, shaded(Shade::Quiet, advice.code));
    println!("  → {}", advice.help);
}
