//! A node: a service on a runtime of its own, with lines of its own to the one Redis.

use std::sync::Arc;
use std::time::Duration;

use samekey::server::{CacheService, L1Config, Policy, RedisConfig, RedisLog, RedisStore};
use tokio::runtime::{Builder, Runtime};

use super::story::{Lines, Story};
use crate::fault_proxy::FaultProxy;
use crate::fixture::schema;

pub(super) struct Node {
    /// One thread: whoever blocks it stops the whole node.
    runtime: Option<Runtime>,
    pub(super) cache: CacheService,
    store: FaultProxy,
    log: FaultProxy,
}

/// Long enough for a busy machine, and for every fault that is not worth waiting for.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The wait for the lease of a node that is gone.
const LEASE: Duration = Duration::from_millis(300);

/// What a node is told to wait at most for an answer, and for a connection.
pub(super) const IMPATIENCE: Duration = Duration::from_millis(100);

impl Node {
    pub(super) async fn start(story: &Story, has_copies: bool, redis: u16) -> Self {
        let (to_store, to_log) = (FaultProxy::start(redis).await, FaultProxy::start(redis).await);
        let mut config = RedisConfig::new(to_store.url());
        let mut policy = Policy::default().stale(story.stale).when_down(story.when_down);
        if story.is_calm() {
            (config.response_timeout, config.connect_timeout) = (PATIENCE, PATIENCE);
        } else {
            (config.response_timeout, config.connect_timeout) = (IMPATIENCE, IMPATIENCE);
            policy = policy.lease(LEASE);
        }
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let log_url = to_log.url();
        let building = runtime.spawn(async move {
            let store = RedisStore::new(&config).unwrap();
            config.url = log_url;
            let log = Arc::new(RedisLog::new(&config).unwrap());
            let service =
                CacheService::builder(schema()).store(store).backplane(log).policy(policy);
            let l1 = if has_copies { L1Config::default() } else { L1Config::off() };
            service.l1(l1).build().unwrap()
        });
        let cache = building.await.unwrap();
        Self { runtime: Some(runtime), cache, store: to_store, log: to_log }
    }

    pub(super) fn each(&self, lines: Lines, act: impl Fn(&FaultProxy)) {
        if lines != Lines::Log {
            act(&self.store);
        }
        if lines != Lines::Store {
            act(&self.log);
        }
    }

    /// Does `work` on the node's own thread.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.runtime.as_ref().expect("it runs until it is dropped").spawn(work)
    }

    /// Nothing of it goes on for so long.
    pub(super) async fn stand_still(&self, time: Duration) {
        let stopped = self.run(async move { std::thread::sleep(time) });
        stopped.await.unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Not by waiting, which one who is asynchronous himself may not.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
