//! The servers of a store that has several: each part of a call meets what its operation does.

use super::{ChaosStore, Operation};
use crate::schema::Pattern;
use crate::server::store::{
    Removals, Shard, Sharded, Store, StoreFuture, StoreStats, Tag, pass_on,
};

impl<S: Store> Sharded for ChaosStore<S> {
    fn ping_shard<'a>(&'a self, shard: &'a Shard) -> StoreFuture<'a, ()> {
        let ping = move |store: &'a S| match store.sharded() {
            Some(servers) => servers.ping_shard(shard),
            None => store.ping(),
        };
        self.read(Operation::Ping, ping, |()| {})
    }

    fn stats_of<'a>(&'a self, shards: &'a [Shard]) -> StoreFuture<'a, StoreStats> {
        let stats = move |store: &'a S| match store.sharded() {
            Some(servers) => servers.stats_of(shards),
            None => store.stats(),
        };
        self.read(Operation::Stats, stats, |_| {})
    }

    fn delete_matching_on<'a>(
        &'a self,
        shards: &'a [Shard],
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> Removals<'a> {
        Box::pin(async move {
            let delete = move |store: &'a S| -> StoreFuture<'a, _> {
                Box::pin(async move {
                    match store.sharded() {
                        Some(servers) => {
                            Ok(servers.delete_matching_on(shards, patterns, tags).await)
                        }
                        None => Ok(vec![store.delete_matching(patterns, tags).await]),
                    }
                })
            };
            let dropped = shards.iter().map(|_| Ok(0)).collect();
            match self.write(Operation::DeleteMatching, dropped, delete).await {
                Ok(removals) => removals,
                Err(error) => shards.iter().map(|_| Err(error.clone())).collect(),
            }
        })
    }

    pass_on! { self.store: shards shard_of moves }
}
