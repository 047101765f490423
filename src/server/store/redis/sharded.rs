//! A cluster, server by server: so that one that is down costs its own keys only.

use futures_util::future::join_all;
use redis::cmd;

use super::RedisStore;
use super::answer::Replies;
use super::cluster::Cluster;
use super::link::pipeline;
use super::statistics::stats_of;
use crate::schema::Pattern;
use crate::server::store::{
    Removals, Shard, Sharded, StoreError, StoreErrorKind, StoreFuture, StoreStats, Tag,
};

impl RedisStore {
    fn known_cluster(&self) -> Result<&Cluster, StoreError> {
        let none = || StoreError::new(StoreErrorKind::Refused, "no cluster");
        self.server.cluster().ok_or_else(none)
    }
}

impl Sharded for RedisStore {
    fn shards(&self) -> Vec<Shard> {
        self.server.cluster().map(Cluster::shards).unwrap_or_default()
    }

    fn shard_of(&self, key: &str) -> Option<Shard> {
        self.server.cluster()?.shard_of(&self.names.data(key))
    }

    fn moves(&self) -> u64 {
        self.server.cluster().map(Cluster::arrivals).unwrap_or_default()
    }

    fn ping_shard<'a>(&'a self, shard: &'a Shard) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let cluster = self.known_cluster()?;
            let (address, _) = cluster.link_to(shard)?;
            let replies = cluster.send_to(&address, &pipeline([cmd("PING")])).await?;
            Replies::new(replies).next()
        })
    }

    fn stats_of<'a>(&'a self, shards: &'a [Shard]) -> StoreFuture<'a, StoreStats> {
        Box::pin(async move {
            let cluster = self.known_cluster()?;
            let each = join_all(shards.iter().map(async |shard| {
                let (_, node) = cluster.link_to(shard)?;
                stats_of(&node).await
            }));
            let (mut answered, mut missing, mut failure) = (Vec::new(), Vec::new(), None);
            for (shard, stats) in shards.iter().zip(each.await) {
                match stats {
                    Ok(stats) => answered.push(stats),
                    Err(error) => {
                        missing.push(shard.as_str().to_owned());
                        failure = Some(error);
                    }
                }
            }
            match failure {
                Some(error) if answered.is_empty() => Err(error),
                _ => {
                    let sum: StoreStats = answered.into_iter().sum();
                    Ok(StoreStats { missing, unindexed_keys: self.audit.unindexed(), ..sum })
                }
            }
        })
    }

    fn delete_matching_on<'a>(
        &'a self,
        shards: &'a [Shard],
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> Removals<'a> {
        Box::pin(async move {
            match self.known_cluster() {
                Ok(cluster) => self.remove_on(cluster, shards, patterns, tags).await,
                Err(error) => shards.iter().map(|_| Err(error.clone())).collect(),
            }
        })
    }
}
