//! A service's own view of its store: what it changes there, the others over the same store are told.

use std::sync::atomic::Ordering::Relaxed;

use super::{Done, NUMBER, Number};
use crate::schema::Pattern;
use crate::server::store::{
    LeaseToken, Record, Removals, Shard, Sharded, Store, StoreFuture, StoreStats, Tag, pass_on,
};

/// Stands next to the store, behind all that may hold a call back: what is not done is not told.
pub(in crate::server) struct SharingStore {
    store: Box<dyn Store>,
    number: Number,
}

/// A change under way. It is told however it ends: a call that fails or is given up may have been carried out.
struct Doing<'a> {
    store: &'a SharingStore,
    done: Done<'a>,
}

impl SharingStore {
    pub(in crate::server) fn new(store: Box<dyn Store>) -> Self {
        Self { store, number: Number(NUMBER.fetch_add(1, Relaxed)) }
    }

    /// That under which its service joins the others.
    pub(in crate::server) const fn number(&self) -> Number {
        self.number
    }

    const fn doing<'a>(&'a self, done: Done<'a>) -> Doing<'a> {
        Doing { store: self, done }
    }
}

impl Drop for Doing<'_> {
    fn drop(&mut self) {
        self.store.sharers().tell(self.store.number, &self.done);
    }
}

#[deny(clippy::missing_trait_methods)]
impl Store for SharingStore {
    fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let (key, ttl) = (record.key, record.ttl);
            let mut doing = self.doing(Done::Touched(key));
            self.store.set(record).await?;
            doing.done = Done::Stored(key, ttl);
            Ok(())
        })
    }

    fn set_leased<'a>(
        &'a self,
        record: Record<'a>,
        token: &'a LeaseToken,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let (key, ttl) = (record.key, record.ttl);
            let mut doing = self.doing(Done::Touched(key));
            let stored = self.store.set_leased(record, token).await?;
            if stored {
                doing.done = Done::Stored(key, ttl);
            }
            Ok(stored)
        })
    }

    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let _doing = self.doing(Done::Removed(keys));
            self.store.delete(keys).await
        })
    }

    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let _doing = self.doing(Done::Touched(key));
            self.store.delete_if(key, value).await
        })
    }

    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let _doing = self.doing(Done::RemovedMatching(patterns));
            self.store.delete_matching(patterns, tags).await
        })
    }

    fn sharded(&self) -> Option<&dyn Sharded> {
        self.store.sharded().is_some().then_some(self as &dyn Sharded)
    }

    pass_on! { self.store:
        kind namespace get get_many exists ttl lease release scan inspect changes know_tags tidy
        stats backplane sharers ping
    }
}

impl Sharded for SharingStore {
    fn ping_shard<'a>(&'a self, shard: &'a Shard) -> StoreFuture<'a, ()> {
        match self.store.sharded() {
            Some(servers) => servers.ping_shard(shard),
            None => self.store.ping(),
        }
    }

    fn stats_of<'a>(&'a self, shards: &'a [Shard]) -> StoreFuture<'a, StoreStats> {
        match self.store.sharded() {
            Some(servers) => servers.stats_of(shards),
            None => self.store.stats(),
        }
    }

    fn delete_matching_on<'a>(
        &'a self,
        shards: &'a [Shard],
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> Removals<'a> {
        Box::pin(async move {
            let _doing = self.doing(Done::RemovedMatching(patterns));
            match self.store.sharded() {
                Some(servers) => servers.delete_matching_on(shards, patterns, tags).await,
                None => vec![self.store.delete_matching(patterns, tags).await],
            }
        })
    }

    pass_on! { self.store: shards shard_of moves }
}
