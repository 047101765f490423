//! What the servers say of themselves.

use futures_util::future::select_ok;
use redis::cmd;

use super::RedisStore;
use super::answer::{Replies, info_number};
use super::link::pipeline;
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
        let mut sum =
            StoreStats { unindexed_keys: self.audit.unindexed(), ..StoreStats::default() };
        for node in self.server.nodes().await? {
            let info = |section: &str| cmd("INFO").arg(section).take();
            let ask = pipeline([cmd("DBSIZE"), info("memory"), info("stats")]);
            let mut replies = Replies::new(node.send(&ask).await?);
            let keys: u64 = replies.next()?;
            let (memory, stats): (String, String) = (replies.next()?, replies.next()?);
            sum.keys += keys;
            sum.used_memory += info_number(&memory, "used_memory");
            sum.evicted_keys += info_number(&stats, "evicted_keys");
            sum.keyspace_hits += info_number(&stats, "keyspace_hits");
            sum.keyspace_misses += info_number(&stats, "keyspace_misses");
        }
        Ok(sum)
    }
}
