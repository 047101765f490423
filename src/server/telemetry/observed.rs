//! The store, with a span around each call.

use std::time::Duration;

use tracing::Instrument;

use super::spans;
use crate::schema::Pattern;
use crate::server::store::{
    Entry, Inspection, LeaseFor, LeaseToken, Leased, Operation, Record, ScanPage, Sharded, Store,
    StoreFuture, StoreStats, Tag, Tidied, pass_on,
};
use crate::server::ttl::Ttl;

/// Stands before a store, behind the breaker: a call that is not made has no span.
pub(in crate::server) struct ObservedStore<S> {
    pub(super) store: S,
}

impl<S: Store> ObservedStore<S> {
    pub(in crate::server) fn new(store: S) -> Self {
        Self { store }
    }

    pub(super) fn see<'a, T: Send + 'a>(
        &'a self,
        operation: Operation,
        keys: usize,
        call: StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        let span = spans::store(self.store.kind(), operation, keys);
        if span.is_disabled() {
            return call;
        }
        Box::pin(async move {
            let answer = call.instrument(span.clone()).await;
            if let Err(error) = &answer {
                spans::failed(&span, error.code());
            }
            answer
        })
    }
}

#[deny(clippy::missing_trait_methods)]
impl<S: Store> Store for ObservedStore<S> {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>> {
        self.see(Operation::Get, 1, self.store.get(key))
    }

    fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>> {
        self.see(Operation::GetMany, keys.len(), self.store.get_many(keys))
    }

    fn lease<'a>(
        &'a self,
        key: &'a str,
        token: &'a LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> StoreFuture<'a, Leased> {
        self.see(Operation::Lease, 1, self.store.lease(key, token, time, what))
    }

    fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()> {
        self.see(Operation::Set, 1, self.store.set(record))
    }

    fn set_leased<'a>(
        &'a self,
        record: Record<'a>,
        token: &'a LeaseToken,
    ) -> StoreFuture<'a, bool> {
        self.see(Operation::SetLeased, 1, self.store.set_leased(record, token))
    }

    fn release<'a>(&'a self, key: &'a str, token: &'a LeaseToken) -> StoreFuture<'a, ()> {
        self.see(Operation::Release, 1, self.store.release(key, token))
    }

    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        self.see(Operation::Delete, keys.len(), self.store.delete(keys))
    }

    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
        self.see(Operation::DeleteIf, 1, self.store.delete_if(key, value))
    }

    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        self.see(Operation::DeleteMatching, 1, self.store.delete_matching(patterns, tags))
    }

    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        self.see(Operation::Exists, 1, self.store.exists(key))
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>> {
        self.see(Operation::Ttl, 1, self.store.ttl(key))
    }

    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, cursor: u64) -> StoreFuture<'a, ScanPage> {
        self.see(Operation::Scan, 1, self.store.scan(pattern, cursor))
    }

    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Inspection> {
        self.see(Operation::Inspect, keys.len(), self.store.inspect(keys))
    }

    fn sharded(&self) -> Option<&dyn Sharded> {
        self.store.sharded().is_some().then_some(self as &dyn Sharded)
    }

    fn tidy(&self) -> StoreFuture<'_, Tidied> {
        self.see(Operation::Tidy, 1, self.store.tidy())
    }

    fn stats(&self) -> StoreFuture<'_, StoreStats> {
        self.see(Operation::Stats, 1, self.store.stats())
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.see(Operation::Ping, 1, self.store.ping())
    }

    pass_on! { self.store: kind namespace changes know_tags backplane sharers }
}
