//! What a test does to a cluster's slots, and to where its servers say they are.

use std::time::{Duration, Instant};

use redis::Value;

use super::{ALERT, PATIENT, RedisCluster};

/// A slot on its way from one node to another.
pub(crate) struct Move {
    slot: String,
    from: usize,
    to: usize,
    to_id: String,
}

impl RedisCluster {
    /// Moves the keys of `name`'s slot to the next node; the slot itself is still the old one's.
    pub(crate) async fn begin_move(&self, name: &str) -> Move {
        self.begin_move_to(name, (self.owner(name).await + 1) % 3).await
    }

    /// The same to this one.
    pub(crate) async fn begin_move_to(&self, name: &str, to: usize) -> Move {
        self.begin_move_between(name, self.owner(name).await, to).await
    }

    /// The same from a node that has got the slot since.
    pub(crate) async fn begin_move_between(&self, name: &str, from: usize, to: usize) -> Move {
        let (from_id, to_id) = (self.id(from).await, self.id(to).await);
        let mut client = self.nodes[from].client().await;
        let mut keyslot = redis::cmd("CLUSTER");
        let slot: u16 = keyslot.arg("KEYSLOT").arg(name).query_async(&mut client).await.unwrap();
        let slot = slot.to_string();
        self.tell(to, &["SETSLOT", &slot, "IMPORTING", &from_id]).await.unwrap();
        self.tell(from, &["SETSLOT", &slot, "MIGRATING", &to_id]).await.unwrap();
        let mut keys = redis::cmd("CLUSTER");
        keys.arg("GETKEYSINSLOT").arg(&slot).arg(100);
        let keys: Vec<String> = keys.query_async(&mut client).await.unwrap();
        let port = self.port_between(to).await;
        for key in keys {
            let mut migrate = redis::cmd("MIGRATE");
            migrate.arg("127.0.0.1").arg(port).arg(key).arg(0).arg(60_000);
            let _: Value = migrate.query_async(&mut client).await.unwrap();
        }
        Move { slot, from, to, to_id }
    }

    /// Where the others send keys to: behind TLS if they talk to one another so.
    async fn port_between(&self, node: usize) -> u16 {
        let tls: Vec<String> = self.at(node, "CONFIG GET tls-cluster").await;
        if tls.last().is_none_or(|tls| tls == "no") {
            return self.nodes[node].port();
        }
        let (_, port): (String, u16) = self.at(node, "CONFIG GET tls-port").await;
        port
    }

    /// The slot is the other node's.
    pub(crate) async fn finish_move(&self, moved: Move) {
        for node in [moved.to, moved.from] {
            let set = ["SETSLOT", &moved.slot, "NODE", &moved.to_id];
            self.tell(node, &set).await.unwrap();
        }
    }

    /// Has all who ask the cluster go by these ports, one for each node: a proxy's.
    pub(crate) async fn announce(&self, ports: &[u16]) {
        self.wait_for_the_dead(ALERT).await;
        for (node, port) in ports.iter().enumerate() {
            let () = self.at(node, &format!("CONFIG SET cluster-announce-port {port}")).await;
        }
        let deadline = Instant::now() + Duration::from_secs(60);
        for node in 0..ports.len() {
            loop {
                let says = format!("{:?}", self.tell(node, &["SLOTS"]).await.unwrap());
                if ports.iter().all(|port| says.contains(&format!("int({port})"))) {
                    break;
                }
                assert!(Instant::now() < deadline, "they do not go by the new ports");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        self.wait_for_the_dead(PATIENT).await;
    }
}
