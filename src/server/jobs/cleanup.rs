//! Removes keys that live for ever, and what the store's own lists need not name any more.

use std::time::Duration;

use serde::Serialize;

use super::job::{Job, JobContext, JobFuture};
use crate::server::store::{KeyTtl, StoreError};

/// Keys that are removed by one command.
const BATCH: usize = 500;

/// Removes keys of the schema's families that live for ever: daily at 04:00.
///
/// We write none. Another program may, by a `SET` without `EX` or a `PERSIST`, and then what stands there is served
/// until somebody invalidates it. A key that no family of the schema has is not ours, and is left alone.
///
/// What the store keeps for itself, its lists of keys, has no expiry and must not have one. Those are tidied
/// up ([`Store::tidy`](crate::server::Store::tidy)).
#[derive(Clone, Copy, Debug, Default)]
pub struct Cleanup;

/// What a cleanup did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CleanupReport {
    /// Keys that were looked at: all that the store holds.
    pub scanned: u64,
    /// Those of them that a family of the schema has.
    pub ours: u64,
    /// Those of them that lived for ever and were removed.
    pub removed: u64,
    /// Entries that the store's own lists had of keys that are gone.
    pub struck: u64,
    /// The servers that did not answer, by address: what they hold was not looked at. Of a store of several servers only.
    pub missing: Vec<String>,
    /// Whether all keys were looked at. Not when it was told to stop, nor when a server did not answer.
    pub complete: bool,
}

impl Cleanup {
    /// Does it now.
    ///
    /// # Errors
    /// The store's. What was removed until then is.
    pub async fn clean(&self, context: &JobContext) -> Result<CleanupReport, StoreError> {
        let (cache, store) = (context.cache(), context.cache().store());
        let mut report = CleanupReport::default();
        let mut cursor = 0;
        while !context.is_stopped() {
            let page = store.scan(None, cursor).await?;
            report.scanned += page.keys.len() as u64;
            report.missing.extend(page.missing);
            let is_ours = |key: &&str| cache.schema().family_of(key).is_some();
            let ours: Vec<_> = page.keys.iter().map(String::as_str).filter(is_ours).collect();
            report.ours += ours.len() as u64;
            for batch in ours.chunks(BATCH) {
                let looked = store.inspect(batch).await?;
                report.missing.extend(looked.missing);
                let immortal =
                    batch.iter().zip(looked.keys).filter(|(_, info)| info.ttl == KeyTtl::Never);
                let immortal: Vec<_> = immortal.map(|(key, _)| *key).collect();
                if let Some(first) = immortal.first() {
                    let keys = immortal.len();
                    let first = cache.inner.families.of_key(cache.schema(), first).shown(first);
                    tracing::warn!(
                        keys,
                        first,
                        "keys without an expiry are removed: who writes them?"
                    );
                    report.removed += store.delete(&immortal).await?;
                }
            }
            match page.next {
                Some(next) => cursor = next,
                None => {
                    let tidied = store.tidy().await?;
                    report.struck = tidied.struck;
                    report.missing.extend(tidied.missing);
                    report.missing.sort_unstable();
                    report.missing.dedup();
                    report.complete = report.missing.is_empty();
                    break;
                }
            }
        }
        Ok(report)
    }
}

impl Job for Cleanup {
    fn name(&self) -> &'static str {
        "cleanup"
    }

    fn schedule(&self) -> &'static str {
        "0 4 * * *"
    }

    /// A walk over some ten million keys.
    fn max_time(&self) -> Duration {
        Duration::from_secs(600)
    }

    fn run<'a>(&'a self, context: &'a JobContext) -> JobFuture<'a> {
        Box::pin(async move { Ok(serde_json::to_value(self.clean(context).await?)?) })
    }
}
