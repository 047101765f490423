//! What is invalidated just before the end is told all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use samekey::server::{
    Backplane, CacheService, LogId, MemoryLog, Notice, Read, RedisConfig, RedisStore, StoreError,
    StoreFuture,
};
use tokio::time::Instant;

use crate::fixture::schema;

/// A log that is out of reach for some appends.
struct Unsteady {
    log: MemoryLog,
    fails: AtomicUsize,
}

fn out_of_reach() -> StoreError {
    RedisStore::new(&RedisConfig::new("nowhere")).unwrap_err()
}

impl Backplane for Unsteady {
    fn kind(&self) -> &'static str {
        "unsteady"
    }

    fn append<'a>(&'a self, notice: &'a Notice) -> StoreFuture<'a, LogId> {
        let fails = self.fails.load(Ordering::SeqCst);
        if fails > 0 {
            self.fails.store(fails - 1, Ordering::SeqCst);
            return Box::pin(async { Err(out_of_reach()) });
        }
        self.log.append(notice)
    }

    fn latest(&self) -> StoreFuture<'_, LogId> {
        self.log.latest()
    }

    fn read(&self, after: LogId, limit: usize) -> StoreFuture<'_, Read> {
        self.log.read(after, limit)
    }

    fn follow(&self, after: LogId) -> StoreFuture<'_, Read> {
        self.log.follow(after)
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_what_the_log_has_yet_to_be_told() {
    for (fails, told) in [(0, true), (3, true), (usize::MAX, false)] {
        let log = Arc::new(Unsteady { log: MemoryLog::default(), fails: fails.into() });
        let cache = CacheService::builder(schema()).backplane(log.clone()).build().unwrap();
        let before = log.latest().await.unwrap();
        cache.invalidate_pattern("exec:kpis:ws1").await.unwrap();
        let (began, patience) = (Instant::now(), Duration::from_secs(5));
        assert_eq!(cache.shutdown(patience).await, told, "{fails}");
        assert!(began.elapsed() <= patience);
        let Read::Entries(entries) = log.read(before, 10).await.unwrap() else { panic!("a gap") };
        assert_eq!(entries.len(), usize::from(told), "{fails}");
    }
}
