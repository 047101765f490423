//! Values in and out, many at a time.

use std::sync::Arc;

use futures_util::future::join_all;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::Instrument;

use super::{CacheService, Inner, count, encode};
use crate::schema::TypedKey;
use crate::server::error::CacheError;
use crate::server::families::Family;
use crate::server::l1::{Held, State};
use crate::server::telemetry::spans;
use crate::server::ttl::Ttl;

impl CacheService {
    /// The values under `keys`, in their order, with one question to the store for all that this process does not hold.
    ///
    /// # Errors
    /// [`CacheError::Store`]. As in [`CacheService::get`], a value that does not read as `T` is not there.
    pub async fn get_many<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
        keys: &[TypedKey<T>],
    ) -> Result<Vec<Option<Arc<T>>>, CacheError> {
        let inner = &self.inner;
        let fresh = |held: &Arc<Held>| matches!(held.state(Instant::now()), State::Fresh(_));
        let here = |key: &TypedKey<T>| {
            let held = inner.l1.get(key.as_str()).filter(fresh)?;
            let value = held.value()?;
            count(&held.family.counters.l1_hits);
            Some(value)
        };
        let mut values: Vec<_> = keys.iter().map(here).collect();
        let absent: Vec<_> = (0..keys.len()).filter(|place| values[*place].is_none()).collect();
        let asked = absent.iter().map(|place| &keys[*place]);
        let asked = asked.map(|key| (key.as_str(), inner.families.named(key.family())));
        let asked: Vec<_> = asked.collect();
        if asked.is_empty() {
            return Ok(values);
        }
        let span = spans::get_many(asked.len());
        let read = inner.read_many(&asked).instrument(span.clone()).await;
        let read = read.inspect_err(|error| spans::failed(&span, error.code()))?;
        span.record("samekey.found", read.iter().flatten().count());
        for ((place, held), (name, family)) in absent.into_iter().zip(read).zip(asked) {
            let held = held.filter(fresh);
            let value = held.as_ref().and_then(|held| held.value());
            if held.is_some() && value.is_none() {
                inner.unreadable(name, family);
            }
            let counters = &family.counters;
            count(if value.is_some() { &counters.l2_hits } else { &counters.misses });
            values[place] = value;
        }
        Ok(values)
    }

    /// Stores each value under its key for its family's time, all at once.
    ///
    /// # Errors
    /// The first of those of [`CacheService::set`]; the other values may be stored or not. Nothing is stored when one
    /// has no JSON form.
    pub async fn set_many<T: Serialize>(
        &self,
        values: &[(TypedKey<T>, T)],
    ) -> Result<(), CacheError> {
        let encoded = values
            .iter()
            .map(|(key, value)| Ok((key, Ttl::new(key.ttl())?, encode(key.as_str(), value)?)));
        let encoded: Vec<_> = encoded.collect::<Result<_, CacheError>>()?;
        let (inner, telling) = (&self.inner, self.telling);
        let writes = encoded.into_iter().map(|(key, ttl, json)| {
            let family = inner.families.named(key.family());
            inner.write(key.as_str(), family, json, ttl, telling)
        });
        // On one connection they are on their way together.
        join_all(writes).await.into_iter().collect()
    }
}

impl Inner {
    /// [`Inner::read`] for many keys, in one round trip.
    pub(crate) async fn read_many(
        &self,
        asked: &[(&str, &Arc<Family>)],
    ) -> Result<Vec<Option<Arc<Held>>>, CacheError> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let since = Instant::now();
        let samples: Vec<_> = asked.iter().map(|(key, _)| self.l1.fence.sample(key)).collect();
        let keys: Vec<_> = asked.iter().map(|(key, _)| *key).collect();
        let entries = self.watch(self.store.get_many(&keys).await)?;
        let mut held = Vec::with_capacity(entries.len());
        for ((entry, (key, family)), sample) in entries.into_iter().zip(asked).zip(samples) {
            held.push(match entry {
                Some(entry) => self.take_in(key, family, entry, since, sample).await,
                None => None,
            });
        }
        Ok(held)
    }
}
