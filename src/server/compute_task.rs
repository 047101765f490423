//! The task that computes: a second look, the compute, the store, the answer to all who wait.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::compute::{Answer, Source};
use super::error::{BoxError, CacheError};
use super::service::{Inner, count, encode};
use super::single_flight::Pilot;
use super::ttl::Ttl;
use crate::schema::TypedKey;

/// What a compute's caller knows already.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    /// The count of landings at the first look, if there was one that worked.
    pub(super) landed: Option<u64>,
    /// Whether to store the answer.
    pub(super) store: bool,
}

/// A compute on its way, in a task of its own.
pub(super) struct ComputeTask<T> {
    pub(super) inner: Arc<Inner>,
    pub(super) key: TypedKey<T>,
    pub(super) plan: Plan,
    pub(super) pilot: Pilot<Result<Answer, CacheError>>,
}

impl<T: Serialize + DeserializeOwned + 'static> ComputeTask<T> {
    pub(super) async fn run<E, F, C>(self, compute: C)
    where
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        if let Some(answer) = self.second_look().await {
            return self.pilot.land(Ok(answer));
        }
        let counters = &self.inner.counters;
        count(&counters.computes);
        let failing = CountUnlessDone(&counters.compute_errors);
        let body = self.encode(compute().await);
        let answer = match body {
            Ok(body) => {
                failing.done();
                Ok(self.store(body).await)
            }
            Err(error) => {
                drop(failing);
                Err(error)
            }
        };
        self.pilot.land(answer);
    }

    /// Another flight may have stored the key between this one's first look and its beginning.
    async fn second_look(&self) -> Option<Answer> {
        // Its own landing is not among them, so an unchanged count means that nobody's was.
        if self.plan.landed? == self.inner.flights.landed() {
            return None;
        }
        let key = self.key.as_str();
        let entry = self.inner.lookup(key).await.ok()??;
        self.inner.read::<T>(key, &entry.value)?;
        Some(Answer { body: entry.value, fresh_for: entry.ttl_left, source: Source::Hit })
    }

    fn encode<E: Into<BoxError>>(&self, computed: Result<T, E>) -> Result<Bytes, CacheError> {
        let key = self.key.as_str();
        match computed {
            Ok(value) => encode(key, &value),
            Err(error) => {
                Err(CacheError::Compute { key: key.to_owned(), source: Arc::from(error.into()) })
            }
        }
    }

    /// Stores the answer, unless there is a reason not to; a failure to store is none to fail.
    async fn store(&self, body: Bytes) -> Answer {
        let ttl = Ttl::new(self.key.ttl()).ok().filter(|_| self.plan.store);
        let stored = self.pilot.store(async {
            if let Some(ttl) = ttl {
                // Counted and logged where it happened.
                let _ = self.inner.store(self.key.as_str(), body.clone(), ttl).await;
            }
        });
        let fresh_for = match stored.await {
            Some(()) => self.key.ttl(),
            None => {
                count(&self.inner.counters.voided);
                Duration::ZERO
            }
        };
        Answer { body, fresh_for, source: Source::Miss }
    }
}

/// Counts unless told that all went well: also when a panic passes by.
struct CountUnlessDone<'a>(&'a AtomicU64);

impl CountUnlessDone<'_> {
    fn done(self) {
        std::mem::forget(self);
    }
}

impl Drop for CountUnlessDone<'_> {
    fn drop(&mut self) {
        count(self.0);
    }
}
