//! Events, one or many at once.
//!
//! Many cost one deletion: where the store has to walk over its keys for it, it walks once.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tracing::Instrument;

use super::claim::{Claim, Claimed};
use super::event::{Brought, EventOutcome, Known, PostedEvent};
use super::{Invalidation, finished};
use crate::schema::Pattern;
use crate::server::backplane::Reason;
use crate::server::error::CacheError;
use crate::server::service::{CacheService, Inner, Telling};
use crate::server::telemetry::spans;

/// What became of events that were posted together.
#[derive(Clone, Debug)]
pub struct EventOutcomes {
    /// How many keys they removed, all together.
    pub deleted: u64,
    /// One for each, in their order. `deleted` is 0 in each: a key may be several events' own.
    pub outcomes: Vec<Result<EventOutcome, CacheError>>,
}

/// An event on its way.
enum Stage {
    /// Its outcome is known.
    Ended(Result<EventOutcome, CacheError>),
    Ready(Box<Ready>),
    /// The same as the one at this place: what became of that one became of both.
    Twin(PostedEvent, usize),
}

struct Ready {
    posted: PostedEvent,
    known: Known,
    claim: Option<Claim>,
}

impl CacheService {
    /// Does what the schema says of each of these events. One that fails does not keep the others from being done,
    /// unless it is the store that fails.
    ///
    /// In a task of its own: a client that hangs up between the deletion and the notices must not leave the others'
    /// copies behind.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn handle_events(&self, events: Vec<PostedEvent>) -> EventOutcomes {
        let count = events.len();
        let cache = self.clone();
        let span = spans::events(self.schema(), &events);
        let told = span.clone();
        let carrying_out = async move {
            let outcomes = cache.inner.carry_out_events(events).await;
            told.record("samekey.deleted", outcomes.deleted);
            if let Some(error) = outcomes.outcomes.iter().find_map(|outcome| outcome.as_ref().err())
            {
                spans::failed(&told, error.code());
            }
            Ok(outcomes)
        };
        finished(tokio::spawn(carrying_out.instrument(span.or_current())))
            .await
            .unwrap_or_else(|error| EventOutcomes { deleted: 0, outcomes: vec![Err(error); count] })
    }
}

impl Inner {
    async fn carry_out_events(self: &Arc<Self>, events: Vec<PostedEvent>) -> EventOutcomes {
        let mut stages = Vec::with_capacity(events.len());
        let mut claimed = HashMap::new();
        for posted in events {
            stages.push(self.prepare(posted, stages.len(), &mut claimed).await);
        }
        let deleted = self.delete_for(&mut stages).await;
        let mut outcomes: Vec<Result<EventOutcome, CacheError>> = Vec::with_capacity(stages.len());
        for stage in stages {
            outcomes.push(match stage {
                Stage::Ended(outcome) => outcome,
                Stage::Ready(ready) => self.complete(*ready).await,
                Stage::Twin(posted, first) => match &outcomes[first] {
                    Ok(_) => Ok(duplicate(posted)),
                    Err(error) => Err(error.clone()),
                },
            });
        }
        EventOutcomes { deleted, outcomes }
    }

    /// Reads the event at `place` of a list, and claims it if it has an id.
    async fn prepare(
        &self,
        posted: PostedEvent,
        place: usize,
        claimed: &mut HashMap<String, usize>,
    ) -> Stage {
        let known = match Known::of(&posted, &self.schema) {
            Ok(known) => known,
            Err(error) => return Stage::Ended(Err(error)),
        };
        let claim = Claim::of(&posted);
        if let Ok(Some(claim)) = &claim {
            match claimed.entry(claim.key().to_owned()) {
                Entry::Occupied(first) => return Stage::Twin(posted, *first.get()),
                Entry::Vacant(first) => drop(first.insert(place)),
            }
        }
        let claim = match claim {
            Ok(None) => None,
            Ok(Some(claim)) => match self.watch(claim.take(&*self.store).await) {
                Ok(Claimed::Mine) => Some(claim),
                Ok(Claimed::Done) => return Stage::Ended(Ok(duplicate(posted))),
                Ok(Claimed::InProgress) => {
                    let id = posted.id.unwrap_or_default();
                    return Stage::Ended(Err(CacheError::EventInProgress(id)));
                }
                // Done although it may have been done before: twice is harmless, not at all is not.
                Err(_) => None,
            },
            Err(error) => return Stage::Ended(Err(error)),
        };
        Stage::Ready(Box::new(Ready { posted, known, claim }))
    }

    /// Removes what all of them make stale. If that fails, so do they.
    async fn delete_for(self: &Arc<Self>, stages: &mut [Stage]) -> u64 {
        let mut patterns: Vec<Pattern> = Vec::new();
        let mut known = HashSet::new();
        for stage in &*stages {
            if let Stage::Ready(ready) = stage {
                let new = ready.known.patterns.iter().filter(|pattern| known.insert(*pattern));
                patterns.extend(new.cloned());
            }
        }
        if patterns.is_empty() {
            return 0;
        }
        let error = match self.remove(&patterns).await {
            Ok(deleted) => return deleted,
            Err(error) => error,
        };
        for stage in stages {
            if let Stage::Ready(ready) = stage {
                if let Some(claim) = &ready.claim {
                    // Counted where it fails; it ends by itself.
                    let _ = self.watch(claim.give_back(&*self.store).await);
                }
                let (patterns, scope) = (ready.known.patterns.clone(), ready.known.scope.clone());
                let reason = Reason::Event(ready.posted.event.clone());
                self.announce_if_queued(&error, patterns, reason, scope).await;
                *stage = Stage::Ended(Err(error.clone()));
            }
        }
        0
    }

    /// What is to be done after the deletion. The notice comes last: who hears it asks for the value at once.
    async fn complete(self: &Arc<Self>, ready: Ready) -> Result<EventOutcome, CacheError> {
        let Ready { posted, known: Known { patterns, scope, brought }, claim } = ready;
        let stored = match brought {
            Some(Brought { key, family, json, ttl }) => {
                // Where the event's own notice tells of it, that is enough.
                let is_told = patterns.iter().any(|pattern| pattern.matches(&key));
                let telling = if is_told { Telling::Untold } else { Telling::Told };
                let family = self.families.named(&family);
                self.write(&key, family, json, ttl, telling).await.map(|()| Some(key))
            }
            None => Ok(None),
        };
        let texts = patterns.iter().map(ToString::to_string).collect();
        self.notices.announce(patterns, Reason::Event(posted.event.clone()), scope).await;
        if let Some(claim) = claim {
            let ended = match &stored {
                Ok(_) => claim.keep(&*self.store).await,
                Err(_) => claim.give_back(&*self.store).await,
            };
            // Counted where it fails; then a second one is done again, which is harmless.
            let _ = self.watch(ended);
        }
        let cached = stored?;
        self.hooks.run(&posted);
        let invalidation = Invalidation { patterns: texts, deleted: 0 };
        Ok(EventOutcome { event: posted.event, invalidation, cached, duplicate: false })
    }
}

fn duplicate(posted: PostedEvent) -> EventOutcome {
    let invalidation = Invalidation { patterns: Vec::new(), deleted: 0 };
    EventOutcome { event: posted.event, invalidation, cached: None, duplicate: true }
}
