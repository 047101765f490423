//! `get_or_compute`: the value at hand, or one compute of it for everybody who asks meanwhile.
//!
//! The way of a question (`ask`; of many at once, `find_many`): what this process and the store hold (`look`), the compute
//! that is under way (`single_flight`), the lease (`clearance`), the compute (`task`) and what becomes of its answer
//! (`keep`). Values are computed anew shortly before they expire (`xfetch`) or after it (`refresh`), and when that fails
//! they rest for a while (`failures`). A compute may itself ask (`context`): for its own key (`within`), or for one whose
//! compute waits for it (`waits`).

mod answer;
mod ask;
mod backoff;
mod batch;
mod clearance;
mod context;
mod failures;
mod find_many;
mod flight;
mod found;
mod json;
mod keep;
mod look;
mod many;
mod refresh;
mod single_flight;
mod task;
mod traced;
mod unasked;
mod waits;
mod within;
mod xfetch;

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::error::{BoxError, CacheError};
use super::l1::Held;
use super::service::{CacheService, count, encode};
use super::telemetry::spans;
use crate::schema::TypedKey;

pub use answer::{Answer, Lookup, Source};
use ask::Question;
use context::{Standing, standing};
pub use context::{fail_for, live_for};
pub(crate) use failures::Failures;
pub(crate) use found::Found;
pub(crate) use look::Here;
use look::{Look, Sought};
pub(crate) use single_flight::Flights;
pub(in crate::server) use unasked::unasked;

/// What a flight brings back.
pub(crate) type Landing = Result<Found, CacheError>;

/// A caller's compute, reduced to what all computes have in common. What comes out is JSON: those who wait for it
/// share it, and read what the hit after it will.
type Compute = Box<dyn FnOnce() -> ComputeFuture + Send>;
type ComputeFuture = Pin<Box<dyn Future<Output = Result<Bytes, CacheError>> + Send>>;

impl CacheService {
    /// The value under `key`, computed if it is not there.
    ///
    /// One compute per key at a time, in this process and in all that share the store: others who ask meanwhile wait
    /// for it. It runs in a task of its own, so a caller who goes away cancels nothing. Everybody gets what the JSON
    /// form of the computed value reads as, so that a miss returns what the hit after it will; it is read once, and
    /// all share it.
    ///
    /// A value that is about to expire is computed anew ahead of time, and one past its time may be served while that
    /// is done: see [`Policy`](super::Policy). A compute that asks for its own key, or for one whose compute waits
    /// for it, is not answered by the cache, which waits for it: what it asks for is computed there and then. A store
    /// that fails is no reason to fail: the value is computed and returned.
    ///
    /// # Errors
    /// [`CacheError::Compute`] with the compute's error, the same for everybody who waited;
    /// [`CacheError::ComputePanicked`]; [`CacheError::ComputeTimeout`]; [`CacheError::ComputeCircle`];
    /// [`CacheError::Encode`] and
    /// [`CacheError::Decode`] when the computed value does not survive JSON. The next call computes again.
    /// [`CacheError::Store`] only where the policy says so, [`CacheError::ShutDown`] after
    /// [`CacheService::shutdown`].
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn get_or_compute<T, E, F, C>(
        &self,
        key: &TypedKey<T>,
        compute: C,
    ) -> Result<Arc<T>, CacheError>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
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
    ) -> Result<Arc<T>, CacheError>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        let is_free = standing(&self.inner.place, key.as_str()) == Standing::Free;
        if is_free && let Some(value) = self.inner.hit(key.as_str(), lookup) {
            return Ok(value);
        }
        let here = is_free.then(|| self.inner.here(key.as_str(), lookup));
        if let Some(Here::Fresh(held)) = &here
            && let Some(value) = held.value()
        {
            count(&held.family.counters.l1_hits);
            return Ok(value);
        }
        let readable = |held: &Held| held.value::<T>().is_some();
        let found = self.ask(key, lookup, here, readable, compute).await?;
        found.held.value().ok_or_else(|| unreadable::<T>(key.as_str(), &found.held.json))
    }

    /// What is not answered at once. Without a `here`, the caller computes this key: nothing is looked up.
    async fn ask<T, E, F, C>(
        &self,
        key: &TypedKey<T>,
        lookup: Lookup,
        here: Option<Here>,
        readable: fn(&Held) -> bool,
        compute: C,
    ) -> Landing
    where
        T: Serialize + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        let (inner, began) = (&self.inner, Instant::now());
        let (is_free, is_behind) = (here.is_some(), matches!(here, Some(Here::Behind)));
        let family = inner.families.named(key.family());
        let span = spans::get_or_compute(family, key.as_str(), lookup);
        let answer = async {
            let sought = Sought { key: key.as_str(), family, readable, is_behind };
            let look = match (lookup, here) {
                (Lookup::Use, Some(here)) => Some(inner.look(sought, here).await),
                _ => None,
            };
            match look {
                Some(Look::Fresh(found)) => Ok(found),
                look => self.work_out(key, lookup, sought, began, look, compute).await,
            }
        };
        let landing = spans::within(&span, answer).await;
        if is_free {
            inner.count_found(family, lookup, landing.as_ref().ok());
        }
        match &landing {
            Ok(found) => spans::ended(&span, found.outcome()),
            Err(error) => spans::failed(&span, error.code()),
        }
        landing
    }

    /// What a look did not settle. Boxed, so that the future of a hit is small.
    fn work_out<'a, T, E, F, C>(
        &'a self,
        key: &TypedKey<T>,
        lookup: Lookup,
        sought: Sought<'_>,
        began: Instant,
        look: Option<Look>,
        compute: C,
    ) -> Pin<Box<dyn Future<Output = Landing> + Send + 'a>>
    where
        T: Serialize + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        let name = key.as_str().to_owned();
        let question = Question {
            family: sought.family.clone(),
            key: name.clone(),
            ttl: key.ttl(),
            lookup,
            readable: sought.readable,
            is_behind: sought.is_behind,
        };
        let compute: Compute = Box::new(move || {
            Box::pin(async move {
                match compute().await {
                    Ok(value) => encode(&name, &value),
                    Err(error) => {
                        Err(CacheError::Compute { key: name, source: Arc::from(error.into()) })
                    }
                }
            })
        });
        Box::pin(self.inner.answer(question, began, look, compute))
    }
}

fn unreadable<T: DeserializeOwned>(key: &str, json: &[u8]) -> CacheError {
    let source = match serde_json::from_slice::<T>(json) {
        Err(error) => error,
        // It does now: the type's own `Deserialize` depends on something else than the bytes.
        Ok(_) => serde::de::Error::custom("the value reads differently each time"),
    };
    CacheError::Decode { key: key.to_owned(), source: Arc::new(source) }
}
