//! The cache service: typed values under the schema's keys.

use std::borrow::Borrow;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::backplane::{Copies, MemoryLog, Notices, StreamConfig};
use super::compute::Answer;
use super::error::CacheError;
use super::single_flight::Flights;
use super::stats::{CacheStats, Counters};
use super::store::{Entry, Record, Store};
use super::ttl::Ttl;
use crate::schema::{Schema, TypedKey};

/// Typed values under the schema's keys, in a store. Cheap to clone; the clones are one service.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use samekey::schema::{Key, Schema, TypedKey};
/// use samekey::server::{CacheError, CacheService, MemoryStore};
/// use std::time::Duration;
///
/// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
/// let cache = CacheService::new(&schema, MemoryStore::default());
/// // `schema!` writes functions that make such keys.
/// let key: TypedKey<u64> =
///     TypedKey::new(Key::new(["exec", "runs", "ws123"])?, "runs", Duration::from_secs(60));
///
/// let runs = cache.get_or_compute(&key, || async { Ok::<_, CacheError>(42) }).await?;
/// assert_eq!(runs, 42);
/// assert_eq!(cache.get(&key).await?, Some(42));
/// assert!(cache.delete(&key).await?);
/// # Ok::<(), CacheError>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct CacheService {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) schema: Schema,
    pub(super) store: Box<dyn Store>,
    pub(super) flights: Arc<Flights<Result<Answer, CacheError>>>,
    pub(super) counters: Counters,
    pub(super) notices: Notices,
}

impl CacheService {
    /// The largest value that is stored, encoded: 1 MB. What is larger costs every reader more than it
    /// saves, and a few hundred of them fill a cache that was sized for ten thousand keys.
    pub const MAX_VALUE_BYTES: usize = 1024 * 1024;

    /// A service over `store` for the keys of `schema`, such as `shadower::schema()`.
    #[must_use]
    pub fn new(schema: impl Borrow<Schema>, store: impl Store) -> Self {
        Self::with_store(schema, Box::new(store))
    }

    /// The same, for a store chosen at run time.
    #[must_use]
    pub fn with_store(schema: impl Borrow<Schema>, store: Box<dyn Store>) -> Self {
        let schema = schema.borrow().clone();
        let log = store.backplane().unwrap_or_else(|| Arc::new(MemoryLog::default()));
        let inner = Arc::new(Inner {
            notices: Notices::new(schema.clone(), log, StreamConfig::default()),
            schema,
            store,
            flights: Flights::new(),
            counters: Counters::default(),
        });
        let copies: Weak<dyn Copies> = Arc::downgrade(&(inner.clone() as Arc<dyn Copies>));
        inner.notices.attach(copies);
        Self { inner }
    }

    /// The schema whose keys these are.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.inner.schema
    }

    /// What the store is, in one word: `memory`, `redis`.
    #[must_use]
    pub fn store_kind(&self) -> &'static str {
        self.inner.store.kind()
    }

    /// The value under `key`, if it is there.
    ///
    /// # Errors
    /// [`CacheError::Store`]. A stored value that does not read as `T` is no error but not there: a
    /// deployment that changed the type must not fail until the old values expire.
    pub async fn get<T: DeserializeOwned>(
        &self,
        key: &TypedKey<T>,
    ) -> Result<Option<T>, CacheError> {
        let found = match self.inner.lookup(key.as_str()).await? {
            Some(entry) => self.inner.read(key.as_str(), &entry.value),
            None => None,
        };
        let counters = &self.inner.counters;
        count(if found.is_some() { &counters.hits } else { &counters.misses });
        Ok(found)
    }

    /// Stores `value` under `key` for its family's time. A compute of this key that is under way will
    /// not store over it.
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
        let body = encode(key.as_str(), value)?;
        self.inner.flights.void(|flying| flying == key.as_str()).await;
        self.inner.store(key.as_str(), body, ttl).await
    }

    /// Removes `key`; whether it was there. A compute of it that is under way will not store it again.
    ///
    /// # Errors
    /// [`CacheError::Store`]: it may still be there.
    pub async fn delete(&self, key: impl AsRef<str>) -> Result<bool, CacheError> {
        self.delete_key(key.as_ref()).await
    }

    /// Whether `key` is there. Counts neither as a hit nor as a miss.
    ///
    /// # Errors
    /// [`CacheError::Store`].
    pub async fn exists(&self, key: impl AsRef<str>) -> Result<bool, CacheError> {
        self.inner.watch(self.inner.store.exists(key.as_ref()).await)
    }

    /// What is left of the life of `key`; `None` when it is not there.
    ///
    /// # Errors
    /// [`CacheError::Store`].
    pub async fn ttl(&self, key: impl AsRef<str>) -> Result<Option<Duration>, CacheError> {
        self.inner.watch(self.inner.store.ttl(key.as_ref()).await)
    }

    /// What the cache has done and how its store stands. Never fails: a store that does not answer is
    /// something to report.
    pub async fn get_cache_stats(&self) -> CacheStats {
        let inner = &self.inner;
        let store = inner.watch(inner.store.stats().await).ok();
        CacheStats::read(&inner.counters, inner.flights.in_flight(), inner.store.kind(), store)
    }

    /// Succeeds when the store can be reached.
    ///
    /// # Errors
    /// [`CacheError::Store`].
    pub async fn ping(&self) -> Result<(), CacheError> {
        self.inner.watch(self.inner.store.ping().await)
    }
}

impl Inner {
    /// The entry under `key`. Something that is no value there, such as a list, is nothing.
    pub(super) async fn lookup(&self, key: &str) -> Result<Option<Entry>, CacheError> {
        match self.watch(self.store.get(key).await) {
            Err(error) if error.is_wrong_type() => Ok(None),
            found => Ok(found?.filter(|entry| self.looks_like_json(key, entry))),
        }
    }

    /// A cheap guard for answers that go out unread: JSON begins with one of a few bytes.
    fn looks_like_json(&self, key: &str, entry: &Entry) -> bool {
        let first = entry.value.iter().find(|byte| !byte.is_ascii_whitespace());
        let json =
            matches!(first, Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'));
        if !json {
            count(&self.counters.decode_errors);
            tracing::warn!(key, "E_VALUE_DECODE: the stored value is not JSON; taken as a miss");
        }
        json
    }

    /// The stored value as `T`; nothing when it does not read as one.
    pub(super) fn read<T: DeserializeOwned>(&self, key: &str, value: &[u8]) -> Option<T> {
        let read = serde_json::from_slice(value);
        read.inspect_err(|error| {
            count(&self.counters.decode_errors);
            tracing::warn!(key, %error, "E_VALUE_DECODE: the stored value has another shape; taken as a miss");
        })
        .ok()
    }

    /// Stores an encoded value, unless it is too large: then nothing is left under the key.
    pub(super) async fn store(&self, key: &str, body: Bytes, ttl: Ttl) -> Result<(), CacheError> {
        let bytes = body.len();
        if bytes > CacheService::MAX_VALUE_BYTES {
            count(&self.counters.refused_too_large);
            tracing::warn!(key, bytes, "E_VALUE_TOO_LARGE: not stored");
            self.watch(self.store.delete(&[key]).await)?;
            let limit = CacheService::MAX_VALUE_BYTES;
            return Err(CacheError::ValueTooLarge { key: key.to_owned(), bytes, limit });
        }
        self.watch(self.store.set(Record::new(key, body, ttl)).await)?;
        count(&self.counters.sets);
        Ok(())
    }

    /// Counts and logs what the store fails with.
    pub(super) fn watch<T>(
        &self,
        answer: Result<T, super::store::StoreError>,
    ) -> Result<T, CacheError> {
        answer.map_err(|error| {
            count(&self.counters.store_errors);
            tracing::warn!(store = self.store.kind(), %error, "the store failed");
            error.into()
        })
    }
}

pub(super) fn encode<T: Serialize>(key: &str, value: &T) -> Result<Bytes, CacheError> {
    let encoded = serde_json::to_vec(value);
    let failed = |source| CacheError::Encode { key: key.to_owned(), source: Arc::new(source) };
    encoded.map(Bytes::from).map_err(failed)
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

impl fmt::Debug for CacheService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheService")
            .field("schema", &self.inner.schema.name)
            .field("store", &self.inner.store.kind())
            .finish_non_exhaustive()
    }
}
