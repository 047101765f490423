//! The servers of a store that has several: each part of a call is seen as its operation is.

use futures_util::future::FutureExt;

use super::ObservedStore;
use crate::schema::Pattern;
use crate::server::store::{
    Operation, Removals, Shard, Sharded, Store, StoreFuture, StoreStats, Tag,
};

impl<S: Store> Sharded for ObservedStore<S> {
    fn shards(&self) -> Vec<Shard> {
        self.inner().sharded().map(Sharded::shards).unwrap_or_default()
    }

    fn shard_of(&self, key: &str) -> Option<Shard> {
        self.inner().sharded()?.shard_of(key)
    }

    fn moves(&self) -> u64 {
        self.inner().sharded().map(Sharded::moves).unwrap_or_default()
    }

    fn ping_shard<'a>(&'a self, shard: &'a Shard) -> StoreFuture<'a, ()> {
        let ping = match self.inner().sharded() {
            Some(servers) => servers.ping_shard(shard),
            None => self.inner().ping(),
        };
        self.see(Operation::Ping, 1, ping)
    }

    fn stats_of<'a>(&'a self, shards: &'a [Shard]) -> StoreFuture<'a, StoreStats> {
        let stats = match self.inner().sharded() {
            Some(servers) => servers.stats_of(shards),
            None => self.inner().stats(),
        };
        self.see(Operation::Stats, 1, stats)
    }

    fn delete_matching_on<'a>(
        &'a self,
        shards: &'a [Shard],
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> Removals<'a> {
        let Some(servers) = self.inner().sharded() else {
            let removal = self.see(
                Operation::DeleteMatching,
                1,
                self.inner().delete_matching(patterns, tags),
            );
            return Box::pin(removal.map(|removed| vec![removed]));
        };
        let removals = servers.delete_matching_on(shards, patterns, tags);
        // One that fails fails alone, so as a whole it succeeds.
        let removals = self.see(Operation::DeleteMatching, 1, Box::pin(removals.map(Ok)));
        Box::pin(removals.map(Result::unwrap_or_default))
    }
}
