//! What is no longer true: by pattern, by entity, by event.
//!
//! Each way ends in one place, [`CacheService::carry_out`]: what this process holds, then what the store holds, then
//! the notice to all others. In this order: who hears the notice asks again at once.
//!
//! - `event`, `events`: what the schema says of what happened; `claim`: events that come twice; `hooks`: functions of the
//!   application.
//! - `meeting`, `tags`: which keys a pattern can mean, and where to look for them.
//! - `late`: notices that wait for a removal that waits; `foreign`: what others delete.

mod claim;
mod event;
mod events;
mod evictions;
pub(in crate::server) mod foreign;
mod hooks;
mod late;
pub(in crate::server) mod meeting;
mod tags;

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;

use serde::Serialize;
use tracing::Instrument;

use super::backplane::{Copies, Notice, Reason};
use super::error::CacheError;
use super::service::{CacheService, Inner, count};
use super::store::{StoreError, StoreErrorKind};
use super::telemetry::spans;
use crate::schema::{Pattern, PatternSegment, TemplateSegment};

pub use event::{EventOutcome, PostedEvent};
pub use events::EventOutcomes;

pub(super) use hooks::Hooks;
pub(super) use late::LateNotices;

use tags::Whereabouts;

/// What an invalidation did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invalidation {
    /// The patterns that were made stale.
    pub patterns: Vec<String>,
    /// How many keys that removed. A value that was still being computed is not among them; it is not
    /// stored either.
    pub deleted: u64,
}

impl CacheService {
    /// Removes every key that `pattern` means: `exec:*:ws123:*`.
    ///
    /// # Errors
    /// [`CacheError::Key`] when it is no pattern; [`CacheError::PatternOutsideSchema`] when it does not
    /// begin as the keys of a family do, as `*` alone or another program's keys;
    /// [`CacheError::Store`]: some keys may still be there.
    pub async fn invalidate_pattern(&self, pattern: &str) -> Result<Invalidation, CacheError> {
        let pattern = self.read_pattern(pattern)?;
        self.carry_out(vec![pattern], Reason::Pattern, Vec::new()).await
    }

    /// Reads a pattern as [`CacheService::invalidate_pattern`] does, for who wants to show first what it means.
    ///
    /// # Errors
    /// [`CacheError::Key`] and [`CacheError::PatternOutsideSchema`], as there.
    pub fn read_pattern(&self, pattern: &str) -> Result<Pattern, CacheError> {
        let pattern = Pattern::parse(pattern)?;
        self.refuse_outsiders(&pattern)?;
        Ok(pattern)
    }

    /// Removes every key that names this workspace.
    ///
    /// # Errors
    /// [`CacheError::Schema`] when the schema has no workspaces or the id is empty;
    /// [`CacheError::Store`].
    pub async fn invalidate_workspace(&self, id: &str) -> Result<Invalidation, CacheError> {
        self.invalidate_entity("workspace", id).await
    }

    /// Removes every key that names this agent.
    ///
    /// # Errors
    /// As [`CacheService::invalidate_workspace`].
    pub async fn invalidate_agent(&self, id: &str) -> Result<Invalidation, CacheError> {
        self.invalidate_entity("agent", id).await
    }

    /// Removes every key that names this user.
    ///
    /// # Errors
    /// As [`CacheService::invalidate_workspace`].
    pub async fn invalidate_user(&self, id: &str) -> Result<Invalidation, CacheError> {
        self.invalidate_entity("user", id).await
    }

    /// Removes every key that names this entity of the schema: `("workspace", "ws123")`.
    ///
    /// # Errors
    /// As [`CacheService::invalidate_workspace`].
    pub async fn invalidate_entity(
        &self,
        entity: &str,
        id: &str,
    ) -> Result<Invalidation, CacheError> {
        let patterns = self.schema().entity_patterns(entity, id)?;
        self.carry_out(patterns, Reason::Entity, vec![(entity.to_owned(), id.to_owned())]).await
    }

    /// Invalidates and says so. In a task of its own: a client that hangs up between the deletion and the notice
    /// must not leave the others' copies behind.
    async fn carry_out(
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

    /// A pattern's first segment must be that of a family's keys, so that none reaches what others keep in
    /// the same Redis, nor everything at once.
    fn refuse_outsiders(&self, pattern: &Pattern) -> Result<(), CacheError> {
        let known = self.schema().families.iter().any(|family| {
            matches!(
                (family.template.segments().first(), pattern.segments().first()),
                (Some(TemplateSegment::Literal(family)), Some(PatternSegment::Literal(pattern))) if family == pattern
            )
        });
        if known { Ok(()) } else { Err(CacheError::PatternOutsideSchema(pattern.to_string())) }
    }
}

/// The entities that an event was about, as (entity, id).
type Scope = Vec<(String, String)>;

/// A key's text is the pattern that means it alone. A text that is none is nobody's key.
fn key_pattern(key: &str) -> Option<Pattern> {
    Pattern::parse(key).ok().filter(|_| !key.contains('*'))
}

/// What a task of ours came to.
async fn finished<T>(
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

impl Inner {
    /// Removes what the patterns mean, here and in the store; how many keys the store had.
    async fn remove(&self, patterns: &[Pattern]) -> Result<u64, CacheError> {
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

impl Copies for Inner {
    fn forget<'a>(&'a self, notice: &'a Notice) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async {
            match notice.reason {
                Reason::Set => self.set_elsewhere(&notice.patterns),
                _ => self.evict_matching(&notice.patterns),
            }
        })
    }

    fn forget_everything(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async { self.evict_everything() })
    }
}

impl CacheService {
    /// Removes one key and says so; whether it was there.
    pub(super) async fn delete_key(&self, key: &str) -> Result<bool, CacheError> {
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

    /// Ends the streams of this node, and opens no more: their browsers go on elsewhere, where they were. For a
    /// server that is to end: one that waits for its connections waits for the streams.
    pub fn close_streams(&self) {
        self.inner.notices.close();
    }

    /// What this node has said to the log of invalidations, and heard from it.
    #[must_use]
    pub fn stream_stats(&self) -> super::backplane::StreamStats {
        self.inner.notices.stats()
    }
}
