//! `samekey invalidate`: shows what would go, and takes it away when told to.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::Args;
use samekey::schema::Pattern;
use samekey::server::{CacheError, CacheService, StoreErrorKind};
use serde_json::json;

use super::at::At;
use super::failure::Failure;
use super::keys::{Finding, find};
use super::output::{Shade, shaded, visible};
use super::say::{complain, say};

/// How long the log may take to be told.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// How many keys a dry run names.
const NAMED: usize = 20;

/// Take values away: a dry run first.
///
/// Takes values away. A dry run unless `--yes` is given: it names the keys that would go.
///
/// With `--yes` every node drops what it holds of them, and every dashboard that shows one fetches it anew.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["pattern", "entity"]))]
pub(super) struct Invalidate {
    /// A pattern, such as `exec:*:ws123:*`.
    pattern: Option<String>,
    /// An entity of the schema, such as `workspace=ws123`.
    #[arg(long, value_name = "NAME=ID", value_parser = entity)]
    entity: Option<(String, String)>,
    #[command(flatten)]
    at: At,
    /// Do it.
    #[arg(long)]
    yes: bool,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// A service remembers what its store did not do. This process is about to end, and what it remembers with it.
fn failed(error: CacheError) -> Failure {
    match error {
        CacheError::Store(error) if error.kind() == StoreErrorKind::Queued => {
            let text = error.to_string();
            let cause = text.rsplit_once("now: ").map_or(&text[..], |(_, cause)| cause);
            Failure::unable(format!("not taken away, or not all of it; try again: {cause}"))
        }
        error => error.into(),
    }
}

fn entity(text: &str) -> Result<(String, String), String> {
    let (name, id) = text.split_once('=').ok_or("such as workspace=ws123")?;
    Ok((name.to_owned(), id.to_owned()))
}

impl Invalidate {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let cache = self.at.cache()?;
        // First, so that a dry run does not promise what is then refused.
        let patterns = self.patterns(&cache)?;
        let done = match self.yes {
            true => self.carry_out(&cache).await,
            false => self.rehearse(&cache, patterns).await,
        };
        // What the other nodes and the browsers are told goes out before this one ends.
        cache.shutdown(LAST_WORDS).await;
        done
    }

    async fn carry_out(&self, cache: &CacheService) -> Result<(), Failure> {
        let done = match (&self.pattern, &self.entity) {
            (Some(pattern), _) => cache.invalidate_pattern(pattern).await,
            (None, Some((entity, id))) => cache.invalidate_entity(entity, id).await,
            (None, None) => return Err(Failure::usage("give a pattern or --entity")),
        };
        let done = done.map_err(failed)?;
        if self.json {
            let (patterns, deleted) = (done.patterns, done.deleted);
            say(json!({ "patterns": patterns, "deleted": deleted, "dry_run": false }))?;
        } else {
            let patterns = done.patterns.join(" ");
            say(format_args!("{} key(s) taken away: {patterns}", done.deleted))?;
        }
        Ok(())
    }

    async fn rehearse(&self, cache: &CacheService, patterns: Vec<Pattern>) -> Result<(), Failure> {
        let store = self.at.store()?;
        let (mut keys, mut missing) = (BTreeSet::new(), BTreeSet::new());
        for pattern in &patterns {
            let found = find(&store, cache.schema(), Some(pattern), usize::MAX).await?;
            let Finding { found, missing: away, .. } = found;
            keys.extend(found.into_iter().map(|found| found.key));
            missing.extend(away);
        }
        let missing = Vec::from_iter(missing);
        let done = if missing.is_empty() { Ok(()) } else { Err(Failure::missing(&missing)) };
        let patterns: Vec<_> = patterns.iter().map(Pattern::as_str).collect();
        if self.json {
            let mut told = json!({ "patterns": patterns, "keys": keys, "dry_run": true });
            if !missing.is_empty() {
                told["missing"] = json!(missing);
            }
            say(told)?;
            return done;
        }
        for key in keys.iter().take(NAMED) {
            say(visible(key))?;
        }
        if keys.len() > NAMED {
            say(shaded(Shade::Quiet, &format!("… and {} more", keys.len() - NAMED)))?;
        }
        let count = keys.len();
        complain(format_args!("{count} key(s) would go. Nothing was changed: add --yes to do it."));
        done
    }

    fn patterns(&self, cache: &CacheService) -> Result<Vec<Pattern>, Failure> {
        match (&self.pattern, &self.entity) {
            (_, Some((entity, id))) => cache
                .schema()
                .entity_patterns(entity, id)
                .map_err(|error| Failure::usage(error.to_string())),
            (Some(pattern), None) => Ok(vec![cache.read_pattern(pattern)?]),
            (None, None) => Err(Failure::usage("give a pattern or --entity")),
        }
    }
}
