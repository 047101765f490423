//! Values in and out, one at a time.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::Instrument;

use super::telling::Overwriting;
use super::{CacheService, Inner, Opened, Sealed, Telling, count, encode};
use crate::schema::TypedKey;
use crate::server::error::CacheError;
use crate::server::families::Family;
use crate::server::l1::{Held, Sample, State};
use crate::server::store::{Entry, Record};
use crate::server::telemetry::spans;
use crate::server::ttl::Ttl;

impl CacheService {
    /// The value under `key`, if it is there and not past its time.
    ///
    /// # Errors
    /// [`CacheError::Store`]. A stored value that does not read as `T` is no error but not there: a
    /// deployment that changed the type must not fail until the old values expire.
    pub async fn get<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
        key: &TypedKey<T>,
    ) -> Result<Option<Arc<T>>, CacheError> {
        let (inner, name) = (&self.inner, key.as_str());
        if let Some(value) = inner.l1.hit(name, |_, _, _| true) {
            return Ok(Some(value));
        }
        let is_fresh = |held: &Held| matches!(held.state(Instant::now()), State::Fresh(_));
        if let Some(held) = inner.l1.get(name).filter(|held| is_fresh(held))
            && let Some(value) = held.value()
        {
            count(&held.family.counters.l1_hits);
            return Ok(Some(value));
        }
        let family = inner.families.named(key.family());
        let span = spans::get(family, name);
        let read = spans::within(&span, inner.read(name, family)).await;
        let read = read.inspect_err(|error| spans::failed(&span, error.code()))?;
        let held = read.filter(|held| is_fresh(held));
        let value = held.as_ref().and_then(|held| held.value());
        match (&held, &value) {
            (_, Some(_)) => count(&family.counters.l2_hits),
            (Some(_), None) => inner.unreadable(name, family),
            (None, None) => {}
        }
        if value.is_none() {
            count(&family.counters.misses);
        }
        spans::ended(&span, if value.is_some() { "l2" } else { "miss" });
        Ok(value)
    }

    /// Stores `value` under `key` for its family's time. A compute of this key that is under way will
    /// not store over it, and browsers that show what was there are told to ask again: at once when it is the first for a
    /// tenth of a second, else with what is set meanwhile. A process that ends soon after calls [`CacheService::shutdown`].
    ///
    /// # Errors
    /// [`CacheError::Store`]; [`CacheError::Encode`]; [`CacheError::ValueTooLarge`], and what was there
    /// before is then removed.
    pub async fn set<T: Serialize>(&self, key: &TypedKey<T>, value: &T) -> Result<(), CacheError> {
        self.set_for(key, value, key.ttl()).await
    }

    /// [`CacheService::set`] for a time of the caller's own.
    ///
    /// # Errors
    /// Those of `set`, and [`CacheError::TtlTooShort`].
    pub async fn set_for<T: Serialize>(
        &self,
        key: &TypedKey<T>,
        value: &T,
        ttl: Duration,
    ) -> Result<(), CacheError> {
        let ttl = Ttl::new(ttl)?;
        let json = encode(key.as_str(), value)?;
        let family = self.inner.families.named(key.family());
        let span = spans::set(family, key.as_str());
        let writing = self.inner.write(key.as_str(), family, json, ttl, self.telling);
        let writing = writing.instrument(span.clone());
        writing.await.inspect_err(|error| spans::failed(&span, error.code()))
    }

    /// Removes `key`; whether it was there. A compute of it that is under way will not store it again.
    ///
    /// # Errors
    /// [`CacheError::Store`]: it may still be there.
    pub async fn delete(&self, key: impl AsRef<str>) -> Result<bool, CacheError> {
        self.delete_key(key.as_ref()).await
    }

    /// Whether `key` is there and not past its time. Counts neither as a hit nor as a miss.
    ///
    /// # Errors
    /// [`CacheError::Store`].
    pub async fn exists(&self, key: impl AsRef<str>) -> Result<bool, CacheError> {
        Ok(self.ttl(key).await?.is_some())
    }

    /// What is left of the time of `key`; `None` when it is not there, or past it. Zero for a value that another
    /// program stored without an expiry.
    ///
    /// # Errors
    /// [`CacheError::Store`].
    pub async fn ttl(&self, key: impl AsRef<str>) -> Result<Option<Duration>, CacheError> {
        let (inner, key) = (&self.inner, key.as_ref());
        let stale = inner.families.of_key(&inner.schema, key).policy.stale;
        let left = inner.watch(inner.store.ttl(key).await)?;
        Ok(left
            .filter(|left| left.is_zero() || *left > stale)
            .map(|left| left.saturating_sub(stale)))
    }
}

impl Inner {
    /// What the store has under `key`, fresh or stale; on its way it is put into L1. Something that is no value
    /// there, such as a list, is nothing.
    pub(crate) async fn read(
        &self,
        key: &str,
        family: &Arc<Family>,
    ) -> Result<Option<Arc<Held>>, CacheError> {
        let (asked, sample) = (Instant::now(), self.l1.fence.sample(key));
        let entry = match self.watch(self.store.get(key).await) {
            Err(error) if error.is_wrong_type() => None,
            entry => entry?,
        };
        match entry {
            Some(entry) => Ok(self.take_in(key, family, entry, asked, sample).await),
            None => Ok(None),
        }
    }

    /// Opens what the store gave, and puts it into L1.
    pub(super) async fn take_in(
        &self,
        key: &str,
        family: &Arc<Family>,
        entry: Entry,
        asked: Instant,
        sample: Sample,
    ) -> Option<Arc<Held>> {
        match self.open(key, family, entry, asked) {
            Opened::Value(held) => {
                self.l1.insert(&held, sample);
                Some(held)
            }
            Opened::Broken(bytes) => {
                // Counted and logged where it happens; if it fails, whoever reads it next tries again.
                let _ = self.watch(self.store.delete_if(key, &bytes).await);
                None
            }
            Opened::Foreign => None,
        }
    }

    /// Stores a value that is newer than whatever is computed; over the limit, nothing is left under the key.
    ///
    /// It is not put into L1: of two who set a key at once, the store decides who was last, and L1 could not know.
    pub(crate) async fn write(
        self: &Arc<Self>,
        key: &str,
        family: &Arc<Family>,
        json: Bytes,
        ttl: Ttl,
        telling: Telling,
    ) -> Result<(), CacheError> {
        let value = match self.seal(key, family, &json) {
            Sealed::Fits(value) => value,
            Sealed::TooLarge(bytes) => {
                let overwriting = Overwriting::new(self, &family.name, key, telling);
                self.remove_key(key).await?;
                overwriting.done().await;
                let limit = CacheService::MAX_VALUE_BYTES;
                return Err(CacheError::ValueTooLarge { key: key.to_owned(), bytes, limit });
            }
            Sealed::Refused(error) => return Err(error.into()),
        };
        let (bytes, tags) = (value.len() as u64, family.tags(key));
        // The service's time is the family's; the store keeps it for as long as it may be served.
        let ttl = ttl.longer_by(family.policy.stale);
        let overwriting = Overwriting::new(self, &family.name, key, telling);
        self.overtake(key);
        let stored = self.store.set(Record::new(key, value, ttl).tagged(&tags)).await;
        self.l1.drop_key(key);
        self.watch(stored)?;
        self.expiries.note(key, ttl.duration());
        count(&family.counters.sets);
        family.counters.bytes_stored.fetch_add(bytes, Relaxed);
        overwriting.done().await;
        Ok(())
    }
}
