//! What a test sees of a cluster: what its servers hold, were asked, and know of one another.

use std::time::{Duration, Instant};

use redis::Value;

use super::RedisCluster;

impl RedisCluster {
    /// What a node says of itself.
    pub(crate) async fn info(&self, node: usize, section: &str) -> String {
        let mut client = self.nodes[node].client().await;
        redis::cmd("INFO").arg(section).query_async(&mut client).await.unwrap()
    }

    /// The names that begin so, on these nodes.
    pub(crate) async fn names(&self, nodes: &[usize], prefix: &str) -> Vec<String> {
        let mut names = Vec::new();
        for node in nodes {
            let keys = redis::cmd("KEYS").arg(format!("{prefix}*")).take();
            let mut client = self.nodes[*node].client().await;
            let found: Vec<String> = keys.query_async(&mut client).await.unwrap();
            names.extend(found);
        }
        names
    }

    /// How many steps of walks a node was asked for.
    pub(crate) async fn walked(&self, node: usize) -> u64 {
        self.calls(node, "scan").await
    }

    /// How often a node was sent a command.
    pub(crate) async fn calls(&self, node: usize, command: &str) -> u64 {
        let stats = self.info(node, "commandstats").await;
        let calls = format!("cmdstat_{command}:calls=");
        let calls = stats.lines().find_map(|line| line.strip_prefix(&calls));
        calls.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
    }

    /// Whether any node has a key of this name.
    pub(crate) async fn has(&self, name: &str) -> bool {
        let mut has = false;
        for node in &self.nodes {
            let mut client = node.client().await;
            let found: redis::RedisResult<bool> =
                redis::cmd("EXISTS").arg(name).query_async(&mut client).await;
            // The others say where it would be.
            has |= found.unwrap_or(false);
        }
        has
    }

    /// Whether a node knows the one of this name.
    pub(super) async fn knows(&self, node: usize, id: &str) -> bool {
        self.line_of(node, id).await.is_some_and(|line| !line.contains("handshake"))
    }

    /// Waits until a replica has got all that its primary has been told by now.
    pub(crate) async fn has_all_of(&self, replica: usize, primary: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let offset = async |node| -> Option<u64> {
            let info = self.info(node, "replication").await;
            let line = info.lines().find_map(|line| line.strip_prefix("master_repl_offset:"));
            line?.trim().parse().ok()
        };
        let all = offset(primary).await.expect("it says how far it is");
        while offset(replica).await < Some(all) {
            assert!(Instant::now() < deadline, "it does not follow");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Whether a node knows the one of this name for a replica.
    pub(super) async fn follows(&self, node: usize, id: &str) -> bool {
        self.line_of(node, id).await.is_some_and(|line| line.contains("slave "))
    }

    /// Waits until these take `primary` for one that has slots.
    pub(crate) async fn know_as_primary(&self, nodes: &[usize], primary: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let id = self.id(primary).await;
        for node in nodes {
            let is_one = async || {
                let line = self.line_of(*node, &id).await.unwrap_or_default();
                line.contains("master ") && line.split(' ').count() > 8
            };
            while !is_one().await {
                assert!(Instant::now() < deadline, "{node} does not know it");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    /// Waits until all have heard of the epoch in which this one took its last slot: who takes that slot from it before would do so
    /// in an older one, and give it back, without its keys, as soon as he hears of this.
    pub(crate) async fn know_epoch_of(&self, owner: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let id = self.id(owner).await;
        let epoch = async |node| {
            let line = self.line_of(node, &id).await?;
            line.split(' ').nth(6).map(str::to_owned)
        };
        for node in 0..self.nodes.len() {
            while epoch(node).await != epoch(owner).await {
                assert!(Instant::now() < deadline, "{node} has not heard of it");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    /// What a node says of the one of this name.
    async fn line_of(&self, node: usize, id: &str) -> Option<String> {
        let nodes = match self.tell(node, &["NODES"]).await.unwrap() {
            Value::BulkString(nodes) => String::from_utf8(nodes).unwrap(),
            Value::VerbatimString { text, .. } => text,
            other => panic!("{other:?}"),
        };
        nodes.lines().find(|line| line.starts_with(id)).map(str::to_owned)
    }
}
