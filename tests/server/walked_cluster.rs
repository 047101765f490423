//! A cluster that is walked over while a key moves in it.

use std::time::{Duration, Instant};

use samekey::schema::Pattern;
use samekey::server::{RedisStore, Store, StoreError};
use tokio::time::sleep;

use crate::cluster_node::{ALL, write};
use crate::holding_proxy::HoldingProxy;
use crate::redis_cluster::RedisCluster;

pub(crate) const KEY: &str = "exec:f1:ws1";

/// A cluster whose servers are reached by proxies, and a key that another program has written there. Nobody keeps lists, so
/// an invalidation has to walk.
pub(crate) struct Walked {
    pub(crate) cluster: RedisCluster,
    pub(crate) proxies: Vec<HoldingProxy>,
    pub(crate) store: RedisStore,
    /// Who has the key first, who gets it, and who is left.
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) third: usize,
}

impl Walked {
    pub(crate) async fn start() -> Self {
        let cluster = RedisCluster::start().await;
        let mut proxies = Vec::new();
        for node in &cluster.nodes {
            proxies.push(HoldingProxy::start(node.port()).await);
        }
        let ports: Vec<_> = proxies.iter().map(HoldingProxy::port).collect();
        cluster.announce(&ports).await;
        let store = RedisStore::new(&cluster.patient_config()).unwrap();
        store.ping().await.unwrap();
        let from = cluster.owner(KEY).await;
        write(&cluster, from, KEY).await;
        Self { cluster, proxies, store, from, to: (from + 1) % 3, third: (from + 2) % 3 }
    }

    pub(crate) async fn invalidate(&self) -> Result<u64, StoreError> {
        self.store.delete_matching(&[Pattern::parse("exec:*:ws1").unwrap()], &[]).await
    }

    /// The same, with `act` at the worst moment: the server that has the key is about to be walked over, and all others have been.
    pub(crate) async fn invalidate_while(
        &self,
        act: impl Future<Output = ()>,
    ) -> Result<u64, StoreError> {
        let (before, holding) = (self.steps().await, &self.proxies[self.from]);
        holding.hold("SCAN");
        let (removed, ()) = tokio::join!(self.invalidate(), async {
            holding.held().await;
            self.others_are_walked(self.from, before).await;
            act.await;
            holding.let_go();
        });
        removed
    }

    /// Moves the key's slot, with the key.
    pub(crate) async fn move_key(&self, from: usize, to: usize) {
        let moved = self.cluster.begin_move_between(KEY, from, to).await;
        self.cluster.finish_move(moved).await;
        self.cluster.know_epoch_of(to).await;
    }

    /// The same as newer servers do it: as a whole, without a command for each key.
    pub(crate) async fn hand_over_whole(&self, from: usize, to: usize) {
        let _: u64 = self.cluster.at(from, &format!("DEL {KEY}")).await;
        self.move_key(from, to).await;
        write(&self.cluster, to, KEY).await;
    }

    /// How many steps of walks each was asked for.
    pub(crate) async fn steps(&self) -> [u64; 3] {
        let [a, b, c] = ALL.map(|node| self.cluster.walked(node));
        [a.await, b.await, c.await]
    }

    /// Waits for the walks over all but `held` to be over: one step each, and one at least.
    pub(crate) async fn others_are_walked(&self, held: usize, before: [u64; 3]) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let others = ALL.into_iter().filter(|node| *node != held);
        for node in others {
            while self.cluster.walked(node).await == before[node] {
                assert!(Instant::now() < deadline, "nobody walks over {node}");
                sleep(Duration::from_millis(5)).await;
            }
        }
        // The answer, too.
        sleep(Duration::from_millis(50)).await;
    }

    pub(crate) async fn is_gone(&self) -> bool {
        self.cluster.names(&ALL, KEY).await.is_empty()
    }
}
