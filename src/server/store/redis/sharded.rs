//! A cluster, server by server: so that one that is down costs its own keys only.

use std::collections::HashMap;

use futures_util::future::join_all;
use redis::cmd;

use super::RedisStore;
use super::answer::Replies;
use super::cluster::Cluster;
use super::index::Listed;
use super::link::pipeline;
use super::statistics::stats_of;
use super::walk::Walk;
use crate::schema::Pattern;
use crate::server::store::{
    Removals, Shard, Sharded, StoreError, StoreErrorKind, StoreFuture, StoreStats, Tag,
};

type Removed = Result<u64, StoreError>;

impl RedisStore {
    /// On all servers of the cluster.
    pub(super) async fn remove_matching_in(
        &self,
        cluster: &Cluster,
        patterns: &[Pattern],
        tags: &[Tag],
    ) -> Removed {
        // Asks who they are, if that is not known.
        cluster.nodes().await?;
        self.remove_on(cluster, &cluster.shards(), patterns, tags).await.into_iter().sum()
    }

    /// In three steps, each on all of `shards` before the next: leases, the lists, what they name and what a walk
    /// finds. For a compute puts its key onto a list before it stores under its lease: where the lease stood until
    /// now, the list is complete by now.
    async fn remove_on(
        &self,
        cluster: &Cluster,
        shards: &[Shard],
        patterns: &[Pattern],
        tags: &[Tag],
    ) -> Vec<Removed> {
        let (wild, exact): (Vec<_>, Vec<_>) =
            patterns.iter().partition(|pattern| pattern.as_str().contains('*'));
        let exact = self.by_shard(cluster, exact.iter().map(|pattern| pattern.as_str().to_owned()));
        let leased = if wild.is_empty() { None } else { self.leased_keys().await };
        let begun = join_all(shards.iter().map(async |shard| {
            let exact = exact.get(shard).map(Vec::as_slice).unwrap_or_default();
            let removed = self.remove(exact).await?;
            if !wild.is_empty() {
                self.void_leases_on(cluster, shard, leased.as_deref(), &wild).await?;
            }
            Ok(removed)
        }))
        .await;
        if wild.is_empty() {
            return begun;
        }
        let meant = |key: &str| wild.iter().any(|pattern| pattern.matches(key));
        // A list that cannot be read, as of a server that is down: the walk finds what it names.
        let unread = Listed { keys: Vec::new(), is_whole: false };
        let listed = self.listed(tags).await.unwrap_or(unread);
        let found = listed.keys.into_iter().filter(|key| meant(key));
        // All by one map: a key that moves meanwhile is sent after by whoever has it here.
        let found = self.by_shard(cluster, found);
        let (wild, meant, found) = (&wild, &meant, &found);
        let removals = join_all(begun.into_iter().zip(shards).map(async |(begun, shard)| {
            let mut removed: u64 = begun?;
            removed += self.remove(found.get(shard).map(Vec::as_slice).unwrap_or_default()).await?;
            // Fails where the server is the cluster's no more: its keys are another's now.
            let (_, node) = cluster.link_to(shard)?;
            if !listed.is_whole {
                let walk = Walk::new(node, self.names.glob_of(wild));
                removed += self.remove_along(walk, meant).await?;
            }
            Ok(removed)
        }))
        .await;
        if listed.is_whole {
            self.audit.ask(wild, tags);
        }
        removals
    }

    fn by_shard(
        &self,
        cluster: &Cluster,
        keys: impl Iterator<Item = String>,
    ) -> HashMap<Shard, Vec<String>> {
        let mut parts: HashMap<Shard, Vec<String>> = HashMap::new();
        for key in keys {
            if let Some(shard) = cluster.shard_of(&self.names.data(&key)) {
                parts.entry(shard).or_default().push(key);
            }
        }
        parts
    }

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
