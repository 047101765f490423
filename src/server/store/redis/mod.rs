//! The Redis store: values as plain text under the schema's own keys.
//!
//! # Layout
//!
//! - `config`, `link`: how to reach Redis, and how long to wait.
//! - `names`: what things are called there.
//! - `entries`, `script`: single values and their leases. `removal`: by name, by pattern, walks.
//! - `answer`: replies and errors in the store's terms.

mod answer;
mod config;
mod entries;
mod link;
mod names;
mod removal;
mod script;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::Pipeline;
use tokio::sync::mpsc::UnboundedReceiver;

use self::answer::info_number;
use self::link::Link;
use self::names::Names;
use super::{
    Change, Entry, KeyInfo, LeaseFor, LeaseToken, Leased, Record, ScanPage, Store, StoreError,
    StoreFuture, StoreStats, Tag,
};
use crate::schema::Pattern;
use crate::server::backplane::{Backplane, RedisLog};
use crate::server::ttl::Ttl;

pub use self::config::RedisConfig;

pub(in crate::server) use self::answer::store_error;

/// Keeps values in Redis 6 or newer, or in a server that speaks its protocol.
pub struct RedisStore {
    link: Link,
    names: Names,
    log: Arc<RedisLog>,
}

impl RedisStore {
    /// A store that connects at its first use, so that a service starts while its Redis is down.
    /// Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// [`StoreErrorKind::Denied`](super::StoreErrorKind::Denied) when the URL cannot be read. The message
    /// does not repeat it.
    pub fn new(config: &RedisConfig) -> Result<Self, StoreError> {
        let log = Arc::new(RedisLog::new(config)?);
        Ok(Self { link: Link::new(config)?, names: Names::new(&config.namespace), log })
    }

    async fn read_stats(&self) -> Result<StoreStats, StoreError> {
        let mut pipeline = Pipeline::new();
        pipeline.cmd("DBSIZE").cmd("INFO").arg("memory").cmd("INFO").arg("stats");
        let mut replies = self.link.pipeline(pipeline).await?;
        let keys = replies.next()?;
        let (memory, stats): (String, String) = (replies.next()?, replies.next()?);
        Ok(StoreStats {
            keys,
            used_memory: info_number(&memory, "used_memory"),
            evicted_keys: info_number(&stats, "evicted_keys"),
            keyspace_hits: info_number(&stats, "keyspace_hits"),
            keyspace_misses: info_number(&stats, "keyspace_misses"),
            unindexed_keys: 0,
        })
    }
}

impl Store for RedisStore {
    fn kind(&self) -> &'static str {
        "redis"
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(self.read(key))
    }

    fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>> {
        Box::pin(self.read_many(keys))
    }

    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        Box::pin(
            async move { self.link.query(redis::cmd("EXISTS").arg(self.names.data(key))).await },
        )
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>> {
        Box::pin(self.time_left(key))
    }

    fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()> {
        Box::pin(self.write(record))
    }

    fn lease<'a>(
        &'a self,
        key: &'a str,
        token: &'a LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> StoreFuture<'a, Leased> {
        Box::pin(self.take_lease(key, token, time, what))
    }

    fn set_leased<'a>(
        &'a self,
        record: Record<'a>,
        token: &'a LeaseToken,
    ) -> StoreFuture<'a, bool> {
        Box::pin(self.store(record, Some(token)))
    }

    fn release<'a>(&'a self, key: &'a str, token: &'a LeaseToken) -> StoreFuture<'a, ()> {
        Box::pin(self.give_back(key, token))
    }

    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        Box::pin(self.remove(keys))
    }

    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
        Box::pin(self.remove_if(key, value))
    }

    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        Box::pin(self.remove_matching(patterns, tags))
    }

    fn changes(&self, _prefixes: &[&str]) -> Option<UnboundedReceiver<Change>> {
        None
    }

    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, cursor: u64) -> StoreFuture<'a, ScanPage> {
        Box::pin(self.page(pattern, cursor))
    }

    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<KeyInfo>> {
        Box::pin(self.look_at(keys))
    }

    fn backplane(&self) -> Option<Arc<dyn Backplane>> {
        Some(self.log.clone())
    }

    fn stats(&self) -> StoreFuture<'_, StoreStats> {
        Box::pin(self.read_stats())
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move { self.link.query(&redis::cmd("PING")).await })
    }
}

impl fmt::Debug for RedisStore {
    /// Leaves the connection out: its settings hold the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("namespace", &self.names.namespace())
            .finish_non_exhaustive()
    }
}
