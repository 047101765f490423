//! A node of a cache on a cluster, beside which another program writes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{Change, Record, RedisStore, Store, StoreError, Tag, Ttl};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;

use crate::redis_cluster::RedisCluster;

/// A node: a store that knows how keys are tagged, and follows what others change.
pub(crate) struct Node {
    pub(crate) store: RedisStore,
    changes: UnboundedReceiver<Change>,
}

impl Node {
    pub(crate) async fn of(cluster: &RedisCluster) -> Self {
        let mut config = cluster.patient_config();
        config.connect_timeout = Duration::from_millis(500);
        let store = RedisStore::new(&config).unwrap();
        store.know_tags(Arc::new(|key| {
            let id = key.split(':').nth(2);
            id.and_then(|id| Tag::new("workspace", id).ok()).into_iter().collect()
        }));
        let changes = store.changes(&["exec:"]).unwrap();
        let mut node = Self { store, changes };
        node.armed().await;
        node
    }

    pub(crate) async fn armed(&mut self) {
        while self.changes.recv().await.unwrap() != Change::Armed {}
    }

    pub(crate) async fn put(&self, key: &str) {
        let tags = tags(key.split(':').nth(2).unwrap());
        let record = Record::new(key, Bytes::from_static(b"ours"), ttl()).tagged(&tags);
        self.store.set(record).await.unwrap();
    }

    pub(crate) async fn try_to_invalidate(&self, workspace: &str) -> Result<u64, StoreError> {
        let pattern = Pattern::parse(&format!("exec:*:{workspace}")).unwrap();
        self.store.delete_matching(&[pattern], &tags(workspace)).await
    }

    pub(crate) async fn invalidate(&self, workspace: &str) -> u64 {
        self.try_to_invalidate(workspace).await.unwrap()
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

    /// Waits until the lists of these are trusted: the first invalidation has them completed.
    pub(crate) async fn trusting(&self, cluster: &RedisCluster, nodes: &[usize]) {
        let deadline = Instant::now() + Duration::from_secs(30);
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

pub(crate) fn ttl() -> Ttl {
    Ttl::new(Duration::from_secs(600)).unwrap()
}

pub(crate) fn tags(workspace: &str) -> [Tag; 1] {
    [Tag::new("workspace", workspace).unwrap()]
}

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
