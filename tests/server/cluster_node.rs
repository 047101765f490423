//! A node of a cache on a cluster, beside which another program writes.

use std::time::{Duration, Instant};

use samekey::server::{Shard, Store};
use tokio::time::sleep;

use crate::listing_node::Node;
use crate::redis_cluster::RedisCluster;

impl Node {
    pub(crate) async fn on(cluster: &RedisCluster) -> Self {
        Self::of(&cluster.patient_config()).await
    }

    /// Which of these servers an invalidation walks over.
    pub(crate) async fn walks_over(&self, cluster: &RedisCluster, nodes: &[usize]) -> Vec<usize> {
        let mut before = Vec::new();
        for node in nodes {
            before.push(cluster.walked(*node).await);
        }
        let _ = self.try_to_invalidate("nobody").await;
        let mut walked = Vec::new();
        for (node, before) in nodes.iter().zip(before) {
            if cluster.walked(*node).await > before {
                walked.push(*node);
            }
        }
        walked
    }

    /// Waits until the store has found out who has a name's slot: it asks for itself every second.
    pub(crate) async fn knows_owner(&self, cluster: &RedisCluster, name: &str, owner: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let owner = Shard::new(format!("127.0.0.1:{}", cluster.nodes[owner].port()));
        while self.store.sharded().unwrap().shard_of(name) != Some(owner.clone()) {
            assert!(Instant::now() < deadline, "nobody asks who has it");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until the lists of these are trusted: the first invalidation has them completed.
    pub(crate) async fn trusting(&self, cluster: &RedisCluster, nodes: &[usize]) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let walked = self.walks_over(cluster, nodes).await;
            if walked.is_empty() {
                // The walks that complete the lists have ended with it.
                return;
            }
            assert!(Instant::now() < deadline, "the lists of {walked:?} are never trusted");
            sleep(Duration::from_millis(50)).await;
        }
    }
}

pub(crate) const ALL: [usize; 3] = [0, 1, 2];

/// Thirty keys of a workspace, on all three servers.
pub(crate) fn thirty(workspace: &str) -> Vec<String> {
    (0..30).map(|n| format!("exec:f{n}:{workspace}")).collect()
}

/// Another program's write, which knows nothing of lists.
pub(crate) async fn write(cluster: &RedisCluster, node: usize, key: &str) {
    let () = cluster.at(node, &format!("SET {key} theirs EX 600")).await;
}

/// A key of the workspace that is on this server.
pub(crate) async fn key_on(cluster: &RedisCluster, node: usize, workspace: &str) -> String {
    for key in thirty(workspace) {
        if cluster.owner(&key).await == node {
            return key;
        }
    }
    panic!("none of thirty keys is there");
}
