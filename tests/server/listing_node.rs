//! A node beside which another program writes.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{Change, Record, RedisConfig, RedisStore, Store, StoreError, Tag, Ttl};
use tokio::sync::mpsc::UnboundedReceiver;

/// A node: a store that knows how keys are tagged, and follows what others change.
pub(crate) struct Node {
    pub(crate) store: RedisStore,
    pub(crate) changes: UnboundedReceiver<Change>,
}

impl Node {
    pub(crate) async fn of(config: &RedisConfig) -> Self {
        let store = RedisStore::new(config).unwrap();
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
}

pub(crate) fn ttl() -> Ttl {
    Ttl::new(Duration::from_secs(600)).unwrap()
}

pub(crate) fn tags(workspace: &str) -> [Tag; 1] {
    [Tag::new("workspace", workspace).unwrap()]
}
