//! Another process over a store of this one: its services hear nothing of what the others of this process do.

use std::sync::Arc;
use std::time::Duration;

use samekey::schema::Pattern;
use samekey::server::{
    Change, Entry, Inspection, LeaseFor, LeaseToken, Leased, MemoryStore, Record, ScanPage,
    Sharers, Store, StoreFuture, StoreStats, Tag, Ttl,
};
use tokio::sync::mpsc::UnboundedReceiver;

/// A process's own way to the store. It has no log in common with the others, and is told of no changes.
pub(crate) struct Process {
    store: Arc<MemoryStore>,
    sharers: Sharers,
}

impl Process {
    pub(crate) fn over(store: &Arc<MemoryStore>) -> Self {
        Self { store: store.clone(), sharers: Sharers::new() }
    }
}

impl Store for Process {
    fn kind(&self) -> &'static str {
        self.store.kind()
    }
    fn sharers(&self) -> &Sharers {
        &self.sharers
    }
    fn changes(&self, _: &[&str]) -> Option<UnboundedReceiver<Change>> {
        None
    }
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>> {
        self.store.get(key)
    }
    fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>> {
        self.store.get_many(keys)
    }
    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        self.store.exists(key)
    }
    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>> {
        self.store.ttl(key)
    }
    fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()> {
        self.store.set(record)
    }
    fn lease<'a>(
        &'a self,
        key: &'a str,
        token: &'a LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> StoreFuture<'a, Leased> {
        self.store.lease(key, token, time, what)
    }
    fn set_leased<'a>(
        &'a self,
        record: Record<'a>,
        token: &'a LeaseToken,
    ) -> StoreFuture<'a, bool> {
        self.store.set_leased(record, token)
    }
    fn release<'a>(&'a self, key: &'a str, token: &'a LeaseToken) -> StoreFuture<'a, ()> {
        self.store.release(key, token)
    }
    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        self.store.delete(keys)
    }
    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
        self.store.delete_if(key, value)
    }
    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        self.store.delete_matching(patterns, tags)
    }
    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, cursor: u64) -> StoreFuture<'a, ScanPage> {
        self.store.scan(pattern, cursor)
    }
    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Inspection> {
        self.store.inspect(keys)
    }
    fn stats(&self) -> StoreFuture<'_, StoreStats> {
        self.store.stats()
    }
    fn ping(&self) -> StoreFuture<'_, ()> {
        self.store.ping()
    }
}
