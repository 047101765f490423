//! What happened, and telling the cache.

use samekey::schema::TypedEvent;
use samekey::server::{CacheError, CacheService, EventOutcome};
use samekey::shadower::events;
use serde::Serialize;

/// Something that is in the database now, as the event of the schema that tells of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Happened {
    /// An agent began a run.
    RunStarted(events::AgentRunStarted),
    /// An agent ended one.
    RunCompleted(events::AgentRunCompleted),
    /// A user did something.
    UserActive(events::UserActivity),
    /// Credits came in.
    CreditsBought(events::CreditTransaction),
}

impl Happened {
    /// Posts the event, so that what it made untrue is computed anew.
    ///
    /// # Errors
    /// When the cache's store could not be told; keys that it still has are then
    /// stale until they expire.
    pub async fn announce(&self, cache: &CacheService) -> Result<EventOutcome, CacheError> {
        match self {
            Self::RunStarted(event) => post(cache, event).await,
            Self::RunCompleted(event) => post(cache, event).await,
            Self::UserActive(event) => post(cache, event).await,
            Self::CreditsBought(event) => post(cache, event).await,
        }
    }
}

async fn post<E: TypedEvent>(cache: &CacheService, event: &E) -> Result<EventOutcome, CacheError> {
    let fields = event.fields();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_ref())).collect();
    cache.handle_event(E::NAME, &fields, None).await
}
