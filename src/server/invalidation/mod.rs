//! What is no longer true: by pattern, by entity, by event.
//!
//! Each way ends in one place (`carrying_out`): what this process holds, then what the store holds, then the notice to all
//! others. In this order: who hears the notice asks again at once.
//!
//! - `event`, `events`: what the schema says of what happened; `claim`: events that come twice; `hooks`: functions of the
//!   application.
//! - `meeting`, `tags`: which keys a pattern can mean, and where to look for them.
//! - `late`: notices that wait for a removal that waits; `foreign`, `evictions`: what others delete, and what Redis drops.

mod carrying_out;
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

use serde::Serialize;

use super::backplane::{Copies, Notice, Reason};
use super::error::CacheError;
use super::service::{CacheService, Inner};
use crate::schema::{Pattern, PatternSegment, TemplateSegment};

pub use event::{EventOutcome, PostedEvent};
pub use events::EventOutcomes;

pub(super) use hooks::Hooks;
pub(super) use late::LateNotices;

use carrying_out::{finished, key_pattern};

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
