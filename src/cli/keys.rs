//! `samekey keys [PATTERN]`: what is in the cache.

use clap::Args;
use samekey::schema::{Pattern, Schema};
use samekey::server::{KeyInfo, KeyTtl, Store};
use serde_json::json;

use super::at::At;
use super::failure::Failure;
use super::output::{bytes, table, visible};
use super::say::{complain, say};

/// Keys looked at in one round trip.
const PAGE: usize = 500;

/// What is in the cache.
///
/// Each key with its family, what is left of its life, and its size in memory. Exit code 1 when servers of a cluster did
/// not answer: what the others have is shown.
#[derive(Debug, Args)]
pub(super) struct Keys {
    /// Which, such as `exec:*:ws123:*` [default: every key of the schema's families].
    pattern: Option<String>,
    #[command(flatten)]
    at: At,
    /// At most so many.
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
    /// One JSON object a line; a last one, `{"missing": [...]}`, where servers of a cluster did not answer.
    #[arg(long)]
    json: bool,
}

/// A key of a family, as it was a moment ago.
pub(super) struct Found {
    pub(super) key: String,
    pub(super) family: String,
    pub(super) info: KeyInfo,
}

/// What was found.
pub(super) struct Finding {
    pub(super) found: Vec<Found>,
    /// Whether there is more than was asked for.
    pub(super) more: bool,
    /// The servers of a cluster that did not answer.
    pub(super) missing: Vec<String>,
}

impl Keys {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let schema = self.at.schema()?;
        let pattern = self.pattern.as_deref().map(Pattern::parse).transpose();
        let pattern = pattern.map_err(|error| Failure::usage(error.to_string()))?;
        let store = self.at.store()?;
        let Finding { found, more, missing } =
            find(&store, &schema, pattern.as_ref(), self.limit).await?;
        let done = if missing.is_empty() { Ok(()) } else { Err(Failure::missing(&missing)) };
        if self.json {
            for Found { key, family, info } in found {
                let ttl_ms = match info.ttl {
                    KeyTtl::Left(left) => Some(left.as_millis()),
                    _ => None,
                };
                let bytes = info.bytes;
                say(json!({ "key": key, "family": family, "ttl_ms": ttl_ms, "bytes": bytes }))?;
            }
            if !missing.is_empty() {
                say(json!({ "missing": missing }))?;
            }
            return done;
        }
        let count = found.len();
        let rows: Vec<_> = found.into_iter().map(row).collect();
        say(table(&["key", "family", "left", "size"], &rows))?;
        let more = if more { "; there are more (--limit)" } else { "" };
        complain(format_args!("{count} key(s){more}"));
        done
    }
}

fn row(Found { key, family, info }: Found) -> Vec<String> {
    let left = match info.ttl {
        KeyTtl::Left(left) => indicatif::HumanDuration(left).to_string(),
        KeyTtl::Never => "never ends".to_owned(),
        KeyTtl::Missing => "gone".to_owned(),
        KeyTtl::Unknown => "not known".to_owned(),
    };
    vec![visible(&key), family, left, bytes(info.bytes)]
}

/// The keys of the schema's families that `pattern` means, at most `limit` of them, by name.
pub(super) async fn find(
    store: &impl Store,
    schema: &Schema,
    pattern: Option<&Pattern>,
    limit: usize,
) -> Result<Finding, Failure> {
    let (mut names, mut missing) = (std::collections::BTreeSet::new(), Vec::new());
    let mut cursor = Some(0);
    while let Some(at) = cursor {
        let page = store.scan(pattern, at).await?;
        // Another program's keys may stand in the same Redis.
        names.extend(page.keys.into_iter().filter(|key| schema.family_of(key).is_some()));
        missing.extend(page.missing);
        cursor = page.next;
    }
    let more = names.len() > limit;
    let names: Vec<_> = names.into_iter().take(limit).collect();
    let mut found = Vec::with_capacity(names.len());
    for page in names.chunks(PAGE) {
        let keys: Vec<_> = page.iter().map(String::as_str).collect();
        let looked = store.inspect(&keys).await?;
        missing.extend(looked.missing);
        for (key, info) in page.iter().zip(looked.keys) {
            let family =
                schema.family_of(key).map_or_else(String::new, |family| family.name.clone());
            found.push(Found { key: key.clone(), family, info });
        }
    }
    missing.sort_unstable();
    missing.dedup();
    Ok(Finding { found, more, missing })
}
