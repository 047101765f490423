//! A node for tests of the stream.

use std::time::{Duration, Instant};

use samekey::server::{CacheService, MemoryStore, RedisStore, http};
use samekey::shadower;

use crate::http_client::Http;
use crate::redis_server::RedisServer;
use crate::sse_client::Sse;
use crate::waiting::PATIENCE;

/// A node: a service and its routes, on a port of its own.
pub(crate) struct Node {
    pub(crate) cache: CacheService,
    pub(crate) http: Http,
}

impl Node {
    pub(crate) async fn of(cache: CacheService) -> Self {
        let http = Http::serve(http::router(cache.clone())).await;
        Self { cache, http }
    }

    pub(crate) async fn memory() -> Self {
        Self::of(CacheService::new(shadower::schema(), MemoryStore::default())).await
    }

    pub(crate) async fn redis(server: &RedisServer) -> Self {
        let store = RedisStore::new(&server.patient_config()).unwrap();
        Self::of(CacheService::new(shadower::schema(), store)).await
    }

    #[cfg(feature = "cluster")]
    pub(crate) async fn on(cluster: &crate::redis_cluster::RedisCluster) -> Self {
        Self::on_config(&cluster.patient_config()).await
    }

    #[cfg(feature = "cluster")]
    pub(crate) async fn on_config(config: &samekey::server::RedisConfig) -> Self {
        let store = RedisStore::new(config).unwrap();
        Self::of(CacheService::new(shadower::schema(), store)).await
    }

    /// Waits until the store tells of what others change.
    pub(crate) async fn armed(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.cache.get_cache_stats().await.l1_armed {
            assert!(Instant::now() < deadline, "nobody tells of changes");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn stream(&self) -> Sse {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut sse = Sse::open(self.http.address()).await;
            if sse.status() == 200 {
                sse.expect("hello").await;
                return sse;
            }
            // A node that is busy, and does not follow the log yet, says to come again.
            assert!(sse.status() == 503 && Instant::now() < deadline, "{}", sse.head);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Comes back as one that was at `last_id`.
    pub(crate) async fn resume(&self, last_id: &str) -> Sse {
        Sse::resume(self.http.address(), last_id).await
    }

    /// The stream as a browser asks for it that comes for the first time, and holds data that was true so long ago.
    pub(crate) async fn look_back(&self, ms: u64) -> Sse {
        Sse::open_with(self.http.address(), &format!("?look_back_ms={ms}"), &[]).await
    }

    pub(crate) async fn invalidate(&self, workspace: &str) {
        self.cache.invalidate_pattern(&kpis(workspace)).await.unwrap();
    }
}

pub(crate) fn kpis(workspace: &str) -> String {
    format!("exec:kpis:{workspace}")
}

pub(crate) fn told(workspace: &str) -> (Vec<String>, String) {
    (vec![kpis(workspace)], "pattern".to_owned())
}
