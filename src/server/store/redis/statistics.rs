//! What the servers say of themselves.

use std::iter::Sum;

use futures_util::future::{join_all, select_ok};
use redis::cmd;

use super::RedisStore;
use super::answer::{Replies, info_number};
use super::link::{Link, pipeline};
use crate::server::store::{StoreError, StoreStats};

impl RedisStore {
    /// A cluster is there when any of its servers is: those that are down fail their own keys.
    pub(super) async fn reach(&self) -> Result<(), StoreError> {
        let ping = pipeline([cmd("PING")]);
        let nodes = self.server.nodes().await?;
        let pongs = nodes
            .iter()
            .map(|node| Box::pin(async { Replies::new(node.send(&ping).await?).next::<()>() }));
        // Of those that answer the first decides: one that is frozen is not waited for.
        select_ok(pongs).await.map(|(pong, _)| pong)
    }

    pub(super) async fn read_stats(&self) -> Result<StoreStats, StoreError> {
        let nodes = self.server.nodes().await?;
        let each = join_all(nodes.iter().map(stats_of)).await;
        let mut sum = each.into_iter().sum::<Result<StoreStats, StoreError>>()?;
        sum.unindexed_keys = self.audit.unindexed();
        Ok(sum)
    }
}

pub(super) async fn stats_of(node: &Link) -> Result<StoreStats, StoreError> {
    let info = |section: &str| cmd("INFO").arg(section).take();
    let ask = pipeline([cmd("DBSIZE"), info("memory"), info("stats")]);
    let mut replies = Replies::new(node.send(&ask).await?);
    let keys = replies.next()?;
    let (memory, stats): (String, String) = (replies.next()?, replies.next()?);
    Ok(StoreStats {
        keys,
        used_memory: info_number(&memory, "used_memory"),
        evicted_keys: info_number(&stats, "evicted_keys"),
        keyspace_hits: info_number(&stats, "keyspace_hits"),
        keyspace_misses: info_number(&stats, "keyspace_misses"),
        ..StoreStats::default()
    })
}

/// What several servers say, together.
impl Sum for StoreStats {
    fn sum<I: Iterator<Item = Self>>(each: I) -> Self {
        each.fold(Self::default(), |mut sum, of| {
            sum.keys += of.keys;
            sum.used_memory += of.used_memory;
            sum.evicted_keys += of.evicted_keys;
            sum.keyspace_hits += of.keyspace_hits;
            sum.keyspace_misses += of.keyspace_misses;
            sum
        })
    }
}
