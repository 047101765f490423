//! The servers of a store that has several: each part of a call is seen as its operation is.

use futures_util::future::FutureExt;

use super::ObservedStore;
use crate::schema::Pattern;
use crate::server::store::{
    Operation, Removals, Shard, Sharded, Store, StoreFuture, StoreStats, Tag, pass_on,
};

impl<S: Store> Sharded for ObservedStore<S> {
    fn ping_shard<'a>(&'a self, shard: &'a Shard) -> StoreFuture<'a, ()> {
        let ping = match self.store.sharded() {
            Some(servers) => servers.ping_shard(shard),
            None => self.store.ping(),
        };
        self.see(Operation::Ping, 1, ping)
    }

    fn stats_of<'a>(&'a self, shards: &'a [Shard]) -> StoreFuture<'a, StoreStats> {
        let stats = match self.store.sharded() {
            Some(servers) => servers.stats_of(shards),
            None => self.store.stats(),
        };
        self.see(Operation::Stats, 1, stats)
    }

    fn delete_matching_on<'a>(
        &'a self,
        shards: &'a [Shard],
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> Removals<'a> {
        let Some(servers) = self.store.sharded() else {
            let removal =
                self.see(Operation::DeleteMatching, 1, self.store.delete_matching(patterns, tags));
            return Box::pin(removal.map(|removed| vec![removed]));
        };
        let removals = servers.delete_matching_on(shards, patterns, tags);
        // One that fails fails alone, so as a whole it succeeds.
        let removals = self.see(Operation::DeleteMatching, 1, Box::pin(removals.map(Ok)));
        Box::pin(removals.map(Result::unwrap_or_default))
    }

    pass_on! { self.store: shards shard_of moves }
}
