//! Where each way to invalidate ends: what this process holds goes, then what the store holds, then all others are told.
//!
//! In tasks of their own: a client that hangs up between the deletion and the notice must not leave the others' copies
//! behind.

use std::sync::atomic::Ordering::Relaxed;

use tracing::Instrument;

use super::tags::Whereabouts;
use super::{Invalidation, Scope};
use crate::schema::Pattern;
use crate::server::backplane::Reason;
use crate::server::error::CacheError;
use crate::server::service::{CacheService, Inner, count};
use crate::server::store::{StoreError, StoreErrorKind};
use crate::server::telemetry::spans;

impl CacheService {
    /// Removes what these patterns mean, and says so.
    pub(super) async fn carry_out(
        &self,
        patterns: Vec<Pattern>,
        reason: Reason,
        scope: Scope,
    ) -> Result<Invalidation, CacheError> {
        let (cache, span) =
            (self.clone(), spans::invalidate(reason.as_str(), self.schema(), &patterns));
        let told = span.clone();
        let carrying_out = async move {
            let deleted = match cache.inner.remove(&patterns).await {
                Ok(deleted) => deleted,
                Err(error) => {
                    spans::failed(&told, error.code());
                    cache.inner.announce_if_queued(&error, patterns, reason, scope).await;
                    return Err(error);
                }
            };
            told.record("samekey.deleted", deleted);
            let texts = patterns.iter().map(ToString::to_string).collect();
            cache.inner.notices.announce(patterns, reason, scope).await;
            Ok(Invalidation { patterns: texts, deleted })
        };
        finished(tokio::spawn(carrying_out.instrument(span.or_current()))).await
    }

    /// Removes one key and says so; whether it was there.
    pub(in crate::server) async fn delete_key(&self, key: &str) -> Result<bool, CacheError> {
        let (cache, key) = (self.clone(), key.to_owned());
        let span = spans::delete(self.inner.families.of_key(self.schema(), &key), &key);
        let told = span.clone();
        let deleting = async move {
            let inner = &cache.inner;
            let removed = inner.remove_key(&key).await;
            match &removed {
                Ok(deleted) => {
                    told.record("samekey.deleted", *deleted);
                }
                Err(error) => spans::failed(&told, error.code()),
            }
            let patterns = Vec::from_iter(key_pattern(&key));
            match &removed {
                Ok(_) => inner.notices.announce(patterns, Reason::Key, Scope::new()).await,
                Err(error) => {
                    inner.announce_if_queued(error, patterns, Reason::Key, Scope::new()).await
                }
            }
            Ok(removed? > 0)
        };
        finished(tokio::spawn(deleting.instrument(span.or_current()))).await
    }
}

impl Inner {
    /// Removes what the patterns mean, here and in the store; how many keys the store had.
    pub(super) async fn remove(&self, patterns: &[Pattern]) -> Result<u64, CacheError> {
        let Whereabouts { tagged, tags, others } = Whereabouts::of(patterns, &self.schema);
        let of_tags = match &tagged[..] {
            [] => Ok(0),
            tagged => self.remove_matching(tagged, &tags).await,
        };
        // Also when the first failed: what a store cannot do now it may remember to do later.
        let of_others = match &others[..] {
            [] => Ok(0),
            others => self.remove_matching(others, &[]).await,
        };
        let deleted = of_tags? + of_others?;
        count(&self.counters.invalidations);
        self.counters.deleted_keys.fetch_add(deleted, Relaxed);
        Ok(deleted)
    }
}

/// What a task of ours came to.
pub(super) async fn finished<T>(
    task: tokio::task::JoinHandle<Result<T, CacheError>>,
) -> Result<T, CacheError> {
    match task.await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => {
                let over = StoreError::new(StoreErrorKind::Unavailable, "the runtime shuts down");
                Err(over.into())
            }
        },
    }
}

/// A key's text is the pattern that means it alone. A text that is none is nobody's key.
pub(super) fn key_pattern(key: &str) -> Option<Pattern> {
    Pattern::parse(key).ok().filter(|_| !key.contains('*'))
}
