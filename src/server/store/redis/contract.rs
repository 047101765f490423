//! The store's contract, each method where it is done.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use super::RedisStore;
use crate::schema::Pattern;
use crate::server::backplane::Backplane;
#[cfg(feature = "cluster")]
use crate::server::store::Sharded;
use crate::server::store::{
    Change, Entry, Inspection, LeaseFor, LeaseToken, Leased, Record, ScanPage, Sharers, Store,
    StoreFuture, StoreStats, Tag, TagsOf, Tidied,
};
use crate::server::ttl::Ttl;

impl Store for RedisStore {
    fn kind(&self) -> &'static str {
        "redis"
    }

    fn namespace(&self) -> &str {
        self.names.namespace()
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(self.read(key))
    }

    fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>> {
        Box::pin(self.read_many(keys))
    }

    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        Box::pin(self.is_there(key))
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

    fn changes(&self, prefixes: &[&str]) -> Option<UnboundedReceiver<Change>> {
        Some(self.watching.follow(prefixes))
    }

    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, cursor: u64) -> StoreFuture<'a, ScanPage> {
        Box::pin(self.page(pattern, cursor))
    }

    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Inspection> {
        Box::pin(self.look_at(keys))
    }

    fn know_tags(&self, tags_of: TagsOf) {
        self.learn_tags(tags_of);
    }

    fn tidy(&self) -> StoreFuture<'_, Tidied> {
        Box::pin(self.tidy_lists())
    }

    fn backplane(&self) -> Option<Arc<dyn Backplane>> {
        Some(self.log.clone())
    }

    #[cfg(feature = "cluster")]
    fn sharded(&self) -> Option<&dyn Sharded> {
        self.server.cluster().is_some().then_some(self as &dyn Sharded)
    }

    fn sharers(&self) -> &Sharers {
        &self.sharers
    }

    fn stats(&self) -> StoreFuture<'_, StoreStats> {
        Box::pin(self.read_stats())
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.reach())
    }
}
