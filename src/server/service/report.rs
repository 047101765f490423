//! What a service says of itself, of its store and of what stands before that.

use super::CacheService;
use crate::server::backplane::StreamStats;
use crate::server::error::CacheError;
use crate::server::metrics;
use crate::server::recovery::Recovery;
use crate::server::stats::CacheStats;
use crate::server::store::{Breaker, CircuitStatus};

impl CacheService {
    /// What the store is, in one word: `memory`, `redis`.
    #[must_use]
    pub fn store_kind(&self) -> &'static str {
        self.inner.store.kind()
    }

    /// What the cache has done and how its store stands. Never fails: a store that does not answer is
    /// something to report.
    pub async fn get_cache_stats(&self) -> CacheStats {
        let inner = &self.inner;
        let (store, unread) = tokio::join!(inner.store.stats(), inner.notices.unread());
        CacheStats::read(inner, inner.watch(store).ok(), unread)
    }

    /// What `GET /metrics` answers: all figures of this service in Prometheus's text format, for an application that
    /// has routes of its own.
    pub async fn prometheus_text(&self) -> String {
        metrics::text(self).await
    }

    /// The circuits before the store, together: whether it is asked at present. For each of them,
    /// [`CacheService::circuits`].
    #[must_use]
    pub fn circuit(&self) -> Breaker {
        self.inner.breaker.clone()
    }

    /// How each circuit before the store stands: one for each server of a cluster, by address, or one for the
    /// store as a whole.
    #[must_use]
    pub fn circuits(&self) -> Vec<CircuitStatus> {
        self.inner.breaker.circuits()
    }

    /// What the store has yet to be told, because it failed when it was to be told.
    #[must_use]
    pub fn recovery(&self) -> Recovery {
        self.inner.recovery.clone()
    }

    /// Succeeds when the store can be reached.
    ///
    /// # Errors
    /// [`CacheError::Store`].
    pub async fn ping(&self) -> Result<(), CacheError> {
        self.inner.watch(self.inner.store.ping().await)
    }

    /// What this node has said to the log of invalidations, and heard from it.
    #[must_use]
    pub fn stream_stats(&self) -> StreamStats {
        self.inner.notices.stats()
    }
}
