//! A real Redis Cluster of three primaries, of the test's own.

#[path = "redis_cluster/looking.rs"]
mod looking;
#[path = "redis_cluster/moving.rs"]
mod moving;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use redis::Value;
use samekey::server::RedisConfig;

use crate::redis_server::RedisServer;

/// For how long a server may be silent before the others take it for dead, in milliseconds. Long: a busy machine
/// stops any of them for a while, and who is taken for dead refuses commands when it goes on.
const PATIENT: &str = "20000";

/// The same while the others are to hear of something soon, or of a death.
const ALERT: &str = "1000";

/// First and last slot of each.
pub(crate) const SLOTS: [(u16, u16); 3] = [(0, 5_460), (5_461, 10_922), (10_923, 16_383)];

pub(crate) struct RedisCluster {
    pub(crate) nodes: Vec<RedisServer>,
    /// What each is started with besides.
    more: Vec<String>,
    /// Each node keeps what it knows of the others in a file; removed at the end.
    folder: PathBuf,
}

impl RedisCluster {
    /// Starts three and waits until they agree.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with more of `redis-server`'s own arguments; each `PORT` in them is a free one.
    pub(crate) async fn start_with(more: &[&str]) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let nth = STARTED.fetch_add(1, Ordering::SeqCst);
        let name = format!("samekey-cluster-{}-{nth}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let more = more.iter().map(ToString::to_string).collect();
        let mut cluster = Self { nodes: Vec::new(), more, folder };
        for node in 0..3 {
            cluster.add_server(node);
        }
        for (node, (first, last)) in SLOTS.iter().enumerate() {
            let epoch = (node + 1).to_string();
            cluster.tell(node, &["SET-CONFIG-EPOCH", &epoch]).await.unwrap();
            let (first, last) = (first.to_string(), last.to_string());
            cluster.tell(node, &["ADDSLOTSRANGE", &first, &last]).await.unwrap();
        }
        cluster.meet_all().await;
        cluster.agree().await;
        cluster.wait_for_the_dead(PATIENT).await;
        cluster
    }

    fn add_server(&mut self, node: usize) {
        let file = self.folder.join(format!("{node}.conf"));
        // Who comes later is not to change what the first are set to: whoever relies on their settings would notice.
        let patience = if node < SLOTS.len() { ALERT } else { PATIENT };
        let usual = [
            "--cluster-port",
            "PORT",
            "--cluster-enabled",
            "yes",
            "--cluster-config-file",
            file.to_str().unwrap(),
            "--cluster-require-full-coverage",
            "no",
            "--cluster-node-timeout",
            patience,
        ];
        let own = self.more.iter().map(String::as_str);
        self.nodes.push(RedisServer::start_with(&Vec::from_iter(usual.into_iter().chain(own))));
    }

    /// Tells one of another.
    async fn meet(&self, node: usize, other: usize) {
        let other = &self.nodes[other];
        let [port, bus] = [other.port(), other.other_ports().next().unwrap()];
        let met = ["MEET", "127.0.0.1", &port.to_string(), &bus.to_string()];
        self.tell(node, &met).await.unwrap();
    }

    /// From now on who does not answer is soon taken for dead, and replaced where he has a replica.
    pub(crate) async fn notices_deaths(&self) {
        self.wait_for_the_dead(ALERT).await;
    }

    /// The same, for so many milliseconds, of a test's own choice.
    pub(crate) async fn wait_for_the_dead(&self, millis: &str) {
        let living = self.nodes.iter().enumerate().filter(|(_, node)| node.runs());
        for (node, _) in living {
            let () = self.at(node, &format!("CONFIG SET cluster-node-timeout {millis}")).await;
        }
    }

    /// A fourth node, which copies one of the three; returns when it has all that that one has.
    pub(crate) async fn add_replica_of(&mut self, node: usize) -> usize {
        let replica = self.nodes.len();
        self.add_server(replica);
        for other in 0..replica {
            self.meet(replica, other).await;
        }
        let id = self.id(node).await;
        let deadline = Instant::now() + Duration::from_secs(60);
        let pause = || {
            assert!(Instant::now() < deadline, "no replica");
            tokio::time::sleep(Duration::from_millis(50))
        };
        while self.tell(replica, &["REPLICATE", &id]).await.is_err() {
            pause().await;
        }
        while !self.info(replica, "replication").await.contains("master_link_status:up") {
            pause().await;
        }
        // The others have to know it, or it would not be let in later.
        let id = self.id(replica).await;
        for other in 0..replica {
            while !(self.is_ready(replica).await && self.follows(other, &id).await) {
                pause().await;
            }
        }
        replica
    }

    /// The name that a node has among the others.
    pub(crate) async fn id(&self, node: usize) -> String {
        match self.tell(node, &["MYID"]).await.unwrap() {
            Value::BulkString(id) => String::from_utf8(id).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// A fourth node, which the others know and which has no slot.
    pub(crate) async fn add_primary(&mut self) -> usize {
        let node = self.nodes.len();
        self.add_server(node);
        for other in 0..node {
            self.meet(node, other).await;
        }
        let id = self.id(node).await;
        let deadline = Instant::now() + Duration::from_secs(60);
        for other in 0..=node {
            while !(self.is_ready(other).await && self.knows(other, &id).await) {
                assert!(Instant::now() < deadline, "it is not let in");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        node
    }

    /// Every node knows where every slot is, and takes commands: a node that has just started waits a while.
    async fn agree(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        for node in 0..3 {
            let mut met = Instant::now();
            while !self.is_ready(node).await {
                assert!(Instant::now() < deadline, "they do not agree");
                tokio::time::sleep(Duration::from_millis(50)).await;
                // Who does not answer within a second is forgotten before it was ever known.
                if met.elapsed() > Duration::from_secs(2) {
                    self.meet_all().await;
                    met = Instant::now();
                }
            }
        }
    }

    async fn meet_all(&self) {
        for (node, other) in [(0, 1), (0, 2), (1, 2)] {
            self.meet(node, other).await;
        }
    }

    async fn is_ready(&self, node: usize) -> bool {
        let slots = self.tell(node, &["SLOTS"]).await.unwrap();
        let info = match self.tell(node, &["INFO"]).await.unwrap() {
            Value::BulkString(info) => String::from_utf8(info).unwrap(),
            Value::VerbatimString { text, .. } => text,
            other => panic!("{other:?}"),
        };
        matches!(slots, Value::Array(ranges) if ranges.len() == 3)
            && info.contains("cluster_state:ok")
    }

    /// `CLUSTER …` on one node.
    pub(crate) async fn tell(&self, node: usize, command: &[&str]) -> redis::RedisResult<Value> {
        let mut client = self.nodes[node].client().await;
        redis::cmd("CLUSTER").arg(command).query_async(&mut client).await
    }

    pub(crate) fn patient_config(&self) -> RedisConfig {
        self.nodes[0].patient_config().cluster()
    }

    pub(crate) async fn flush(&self) {
        for node in &self.nodes {
            let _: () = redis::cmd("FLUSHALL").query_async(&mut node.client().await).await.unwrap();
        }
    }

    /// A bare client's command on one node, whoever has the slot.
    pub(crate) async fn at<T: redis::FromRedisValue>(&self, node: usize, command: &str) -> T {
        let mut words = command.split(' ');
        let mut command = redis::cmd(words.next().unwrap());
        words.for_each(|word| {
            command.arg(word);
        });
        let mut asked = redis::pipe();
        asked.cmd("ASKING").ignore().add_command(command);
        let (answer,) = asked.query_async(&mut self.nodes[node].client().await).await.unwrap();
        answer
    }

    /// The node that has a name's slot.
    pub(crate) async fn owner(&self, name: &str) -> usize {
        let mut client = self.nodes[0].client().await;
        let mut keyslot = redis::cmd("CLUSTER");
        let slot: u16 = keyslot.arg("KEYSLOT").arg(name).query_async(&mut client).await.unwrap();
        SLOTS.iter().position(|(first, last)| (*first..=*last).contains(&slot)).unwrap()
    }
}

impl Drop for RedisCluster {
    fn drop(&mut self) {
        self.nodes.clear();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
