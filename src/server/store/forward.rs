//! A shared or a boxed store is a store, so that one can be wrapped around another.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use super::{
    Change, Entry, Inspection, LeaseFor, LeaseToken, Leased, Record, ScanPage, Sharded, Sharers,
    Store, StoreFuture, StoreStats, Tag, TagsOf, Tidied,
};
use crate::schema::Pattern;
use crate::server::backplane::Backplane;
use crate::server::ttl::Ttl;

macro_rules! forward {
    ($($outer:ty)*) => {$(
        impl<S: Store + ?Sized> Store for $outer {
            fn kind(&self) -> &'static str {
                (**self).kind()
            }
            fn namespace(&self) -> &str {
                (**self).namespace()
            }
            fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>> {
                (**self).get(key)
            }
            fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>> {
                (**self).get_many(keys)
            }
            fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
                (**self).exists(key)
            }
            fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>> {
                (**self).ttl(key)
            }
            fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()> {
                (**self).set(record)
            }
            fn lease<'a>(
                &'a self,
                key: &'a str,
                token: &'a LeaseToken,
                time: Ttl,
                what: LeaseFor,
            ) -> StoreFuture<'a, Leased> {
                (**self).lease(key, token, time, what)
            }
            fn set_leased<'a>(&'a self, record: Record<'a>, token: &'a LeaseToken) -> StoreFuture<'a, bool> {
                (**self).set_leased(record, token)
            }
            fn release<'a>(&'a self, key: &'a str, token: &'a LeaseToken) -> StoreFuture<'a, ()> {
                (**self).release(key, token)
            }
            fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
                (**self).delete(keys)
            }
            fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
                (**self).delete_if(key, value)
            }
            fn delete_matching<'a>(&'a self, patterns: &'a [Pattern], tags: &'a [Tag]) -> StoreFuture<'a, u64> {
                (**self).delete_matching(patterns, tags)
            }
            fn changes(&self, prefixes: &[&str]) -> Option<UnboundedReceiver<Change>> {
                (**self).changes(prefixes)
            }
            fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, cursor: u64) -> StoreFuture<'a, ScanPage> {
                (**self).scan(pattern, cursor)
            }
            fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Inspection> {
                (**self).inspect(keys)
            }
            fn know_tags(&self, tags_of: TagsOf) {
                (**self).know_tags(tags_of);
            }
            fn tidy(&self) -> StoreFuture<'_, Tidied> {
                (**self).tidy()
            }
            fn backplane(&self) -> Option<Arc<dyn Backplane>> {
                (**self).backplane()
            }
            fn sharded(&self) -> Option<&dyn Sharded> {
                (**self).sharded()
            }
            fn sharers(&self) -> &Sharers {
                (**self).sharers()
            }
            fn stats(&self) -> StoreFuture<'_, StoreStats> {
                (**self).stats()
            }
            fn ping(&self) -> StoreFuture<'_, ()> {
                (**self).ping()
            }
        }
    )*};
}

forward! { Arc<S> Box<S> }
