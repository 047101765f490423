//! Where values live: one contract, two places.
//!
//! A store keeps bytes under a text key for a time. It knows nothing of families, events or JSON, and
//! decides nothing: what to do when it fails is the service's choice.
//!
//! [`MemoryStore`] lives in this process, [`RedisStore`] in a Redis that many processes and languages
//! share. `tests/server/store_contract.rs` is one suite that both pass; a third store proves itself by
//! passing it too.

mod error;
mod memory;
mod redis;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use super::ttl::Ttl;
use crate::schema::Pattern;

pub use error::{StoreError, StoreErrorKind};
pub use memory::MemoryStore;
pub use redis::{RedisConfig, RedisStore};

/// What the methods of [`Store`] return: boxed, so that a service can hold any store.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A value as a store gives it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The stored bytes, unchanged.
    pub value: Bytes,
    /// What is left of its life. Zero when another program wrote it without an expiry: it is served,
    /// and nobody downstream may keep it.
    pub ttl_left: Duration,
}

/// A place for bytes with an expiry.
///
/// Every method may fail with a [`StoreError`]; none may hang, and none may panic on any key or value.
pub trait Store: Send + Sync + 'static {
    /// What this store is, in one word: `memory`, `redis`.
    fn kind(&self) -> &'static str;

    /// The value of `key` and what is left of its life, in one round trip.
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>>;

    /// Stores `value` under `key` for `ttl`, over whatever was there. A store that fails here may
    /// have kept the old value, stored the new one, or hold neither.
    fn set<'a>(&'a self, key: &'a str, value: Bytes, ttl: Ttl) -> StoreFuture<'a, ()>;

    /// Removes `keys`; how many were there.
    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64>;

    /// Whether `key` is there.
    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool>;

    /// What is left of the life of `key`; `None` when it is not there.
    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>>;

    /// Removes every key that any of `patterns` means, by [`Pattern::matches`]; how many there were. A key
    /// present from beginning to end of the call is gone after it.
    fn delete_matching<'a>(&'a self, patterns: &'a [Pattern]) -> StoreFuture<'a, u64>;

    /// What the store can say about itself.
    fn stats(&self) -> StoreFuture<'_, StoreStats>;

    /// Succeeds when the store can be reached.
    fn ping(&self) -> StoreFuture<'_, ()>;
}

/// The store that a deployment's `REDIS_URL` asks for: Redis when there is one, else this process. Must be
/// called inside a Tokio runtime.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let url = std::env::var("REDIS_URL").ok();
/// let store = samekey::server::store_for(url.as_deref())?;
/// # assert!(store.kind() == "memory" || url.is_some());
/// # Ok::<(), samekey::server::StoreError>(())
/// # }).unwrap();
/// ```
///
/// # Errors
/// As [`RedisStore::new`]. A Redis that is down is no error here.
pub fn store_for(redis_url: Option<&str>) -> Result<Box<dyn Store>, StoreError> {
    match redis_url.map(str::trim).filter(|url| !url.is_empty()) {
        Some(url) => Ok(Box::new(RedisStore::new(&RedisConfig::new(url))?)),
        None => Ok(Box::new(MemoryStore::default())),
    }
}

/// What a store says about itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StoreStats {
    /// Keys held. Redis counts every key of the database, whoever wrote it.
    pub keys: u64,
    /// Bytes in use.
    pub used_memory: u64,
    /// Keys dropped to make room, since the store started.
    pub evicted_keys: u64,
    /// Lookups that found a key, by the store's own count. Redis counts those of all its clients, and
    /// two for each of our reads: `GET` and `PTTL`.
    pub keyspace_hits: u64,
    /// Lookups that found nothing, counted in the same way.
    pub keyspace_misses: u64,
}
