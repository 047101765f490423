//! `get_or_compute`: the stored value, or one compute of it for everybody who asks meanwhile.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::compute_task::{ComputeTask, Plan};
use super::error::{BoxError, CacheError};
use super::service::{CacheService, Inner, count};
use super::store::Entry;
use crate::schema::TypedKey;

/// How much a call wants from the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lookup {
    /// Read the cache; compute and store on a miss.
    #[default]
    Use,
    /// Read nothing; compute, and store the answer. What `skip_cache` does: an answer that was just
    /// computed is the best that the cache can hold.
    Refresh,
    /// Read nothing, store nothing.
    Skip,
}

impl Lookup {
    /// [`Lookup::Refresh`] for `skip_cache`, else [`Lookup::Use`].
    #[must_use]
    pub const fn skip_cache(skip: bool) -> Self {
        if skip { Self::Refresh } else { Self::Use }
    }
}

/// Where an [`Answer`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// From the store.
    Hit,
    /// Computed because the store did not have it.
    Miss,
    /// Computed because the caller did not want it from the store.
    Bypass,
}

impl Source {
    /// `HIT`, `MISS` or `BYPASS`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "HIT",
            Self::Miss => "MISS",
            Self::Bypass => "BYPASS",
        }
    }
}

/// A value in its JSON form, with what a response says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// JSON; on a hit the stored bytes as they are.
    pub body: Bytes,
    /// For how long it may be kept downstream: what is left of its life. Zero for a value that an
    /// invalidation overtook while it was computed.
    pub fresh_for: Duration,
    /// Where it comes from.
    pub source: Source,
}

impl CacheService {
    /// The value under `key`, computed if it is not there.
    ///
    /// One compute per key at a time: others who ask meanwhile wait for it. It runs in a task of its own,
    /// so a caller who goes away cancels nothing. Everybody gets what the JSON form of the computed value
    /// reads as, so that a miss returns what the hit after it will.
    ///
    /// A store that fails is no reason to fail: the value is computed and returned.
    ///
    /// # Errors
    /// [`CacheError::Compute`] with the compute's error, the same for everybody who waited;
    /// [`CacheError::ComputePanicked`]; [`CacheError::Encode`] and [`CacheError::Decode`] when the
    /// computed value does not survive JSON. The next call computes again.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn get_or_compute<T, E, F, C>(
        &self,
        key: &TypedKey<T>,
        compute: C,
    ) -> Result<T, CacheError>
    where
        T: Serialize + DeserializeOwned + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        self.get_or_compute_with(key, Lookup::Use, compute).await
    }

    /// [`CacheService::get_or_compute`] with a say in how much of the cache is used.
    ///
    /// # Errors
    /// As there.
    pub async fn get_or_compute_with<T, E, F, C>(
        &self,
        key: &TypedKey<T>,
        lookup: Lookup,
        compute: C,
    ) -> Result<T, CacheError>
    where
        T: Serialize + DeserializeOwned + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        let name = key.as_str();
        let look = self.inner.look(name, lookup).await;
        if let Some(value) =
            look.entry.as_ref().and_then(|entry| self.inner.read(name, &entry.value))
        {
            count(&self.inner.counters.hits);
            return Ok(value);
        }
        let answer = self.compute(key, lookup, look.plan, compute).await?;
        serde_json::from_slice(&answer.body)
            .map_err(|source| CacheError::Decode { key: name.to_owned(), source: Arc::new(source) })
    }

    /// [`CacheService::get_or_compute_with`] for those who pass the value on: on a hit the stored JSON
    /// comes back unread, with what is left of its life.
    ///
    /// # Errors
    /// As there, [`CacheError::Decode`] apart.
    pub async fn get_or_compute_json<T, E, F, C>(
        &self,
        key: &TypedKey<T>,
        lookup: Lookup,
        compute: C,
    ) -> Result<Answer, CacheError>
    where
        T: Serialize + DeserializeOwned + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        let look = self.inner.look(key.as_str(), lookup).await;
        if let Some(entry) = look.entry {
            count(&self.inner.counters.hits);
            return Ok(Answer {
                body: entry.value,
                fresh_for: entry.ttl_left,
                source: Source::Hit,
            });
        }
        self.compute(key, lookup, look.plan, compute).await
    }

    /// Boards the flight of `key`, or begins one, and waits for its answer.
    async fn compute<T, E, F, C>(
        &self,
        key: &TypedKey<T>,
        lookup: Lookup,
        plan: Plan,
        compute: C,
    ) -> Result<Answer, CacheError>
    where
        T: Serialize + DeserializeOwned + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        let inner = &self.inner;
        let name = key.as_str();
        let (pilot, ticket) = match lookup {
            Lookup::Use => inner.flights.board(name),
            // Its answer must be newer than the question, so it boards nothing that is in the air.
            Lookup::Refresh => inner.flights.overtake(name),
            Lookup::Skip => inner.flights.apart(name),
        };
        if let Some(pilot) = pilot {
            let task = ComputeTask { inner: inner.clone(), key: key.clone(), plan, pilot };
            tokio::spawn(task.run(compute));
        }
        let answer = ticket.answer().await;
        let mut answer =
            answer.unwrap_or_else(|| Err(CacheError::ComputePanicked { key: name.to_owned() }));
        let counted = match (lookup, &mut answer) {
            (Lookup::Use, Ok(Answer { source: Source::Hit, .. })) => &inner.counters.hits,
            (Lookup::Use, _) => &inner.counters.misses,
            (_, answer) => {
                if let Ok(answer) = answer {
                    answer.source = Source::Bypass;
                }
                &inner.counters.bypasses
            }
        };
        count(counted);
        answer
    }
}

/// What the first look into the store found, and how to go on if that was nothing.
struct Look {
    entry: Option<Entry>,
    plan: Plan,
}

impl Inner {
    async fn look(&self, key: &str, lookup: Lookup) -> Look {
        let landed = self.flights.landed();
        match lookup {
            Lookup::Skip => Look { entry: None, plan: Plan { landed: None, store: false } },
            Lookup::Refresh => Look { entry: None, plan: Plan { landed: None, store: true } },
            Lookup::Use => match self.lookup(key).await {
                Ok(entry) => Look { entry, plan: Plan { landed: Some(landed), store: true } },
                // Counted and logged where it happened. A store that failed a moment ago is not asked
                // again by the same call: each question may cost the whole timeout.
                Err(_) => Look { entry: None, plan: Plan { landed: None, store: false } },
            },
        }
    }
}
