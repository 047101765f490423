//! What early refresh costs and spares: computes for each refresh, and readers who had to wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use samekey::schema::{Key, TypedKey};
use samekey::server::{CacheError, CacheService, RedisConfig, RedisStore};
use samekey::shadower;
use serde_json::{Value, json};

use crate::redis_child::{RedisChild, on_all_cores};
use crate::report::Report;

/// The paper's case, sixty times as fast: its minute is our second.
const TTL: Duration = Duration::from_secs(1);
const COMPUTE: Duration = Duration::from_millis(20);
const READ_EVERY: Duration = Duration::from_millis(2);
const READERS: usize = 2;
const FOR: Duration = Duration::from_secs(20);
/// A reader who waited for the compute, and not for a round trip.
const BLOCKED: Duration = Duration::from_millis(15);

pub(crate) fn measure(report: &mut Report) {
    let redis = RedisChild::start();
    on_all_cores(async {
        let mut config = RedisConfig::new(redis.url());
        config.response_timeout = Duration::from_secs(5);
        let store = RedisStore::new(&config).expect("the URL is ours");
        let service = CacheService::new(shadower::schema(), store);
        let (computes, versions) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (reads, blocked) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let end = Instant::now() + FOR;
        let readers = (0..READERS).map(|_| {
            let (service, computes, versions) =
                (service.clone(), computes.clone(), versions.clone());
            let (reads, blocked) = (reads.clone(), blocked.clone());
            tokio::spawn(async move {
                let key = Key::new(["query", "result", "h1"]).expect("a key");
                let key = TypedKey::<Value>::new(key, "query_result", TTL);
                let mut clock = tokio::time::interval(READ_EVERY);
                while Instant::now() < end {
                    clock.tick().await;
                    let computes = computes.clone();
                    let started = Instant::now();
                    let value = service.get_or_compute(&key, || async move {
                        let nth = computes.fetch_add(1, Ordering::SeqCst) + 1;
                        tokio::time::sleep(COMPUTE).await;
                        Ok::<_, CacheError>(json!(nth))
                    });
                    let value = value.await.expect("it is computed");
                    reads.fetch_add(1, Ordering::Relaxed);
                    if started.elapsed() > BLOCKED {
                        blocked.fetch_add(1, Ordering::Relaxed);
                    }
                    let seen = usize::try_from(value.as_u64().unwrap_or(0)).unwrap_or(0);
                    versions.fetch_max(seen, Ordering::Relaxed);
                }
            })
        });
        for reader in readers.collect::<Vec<_>>() {
            reader.await.expect("no reader panics");
        }
        // Every version that was seen is a refresh; a compute whose answer nobody saw was one too many.
        let refreshes = versions.load(Ordering::Relaxed).max(1);
        let each = computes.load(Ordering::Relaxed) as f64 / refreshes as f64;
        let (reads, blocked) = (reads.load(Ordering::Relaxed), blocked.load(Ordering::Relaxed));
        let share = 100.0 * blocked as f64 / reads as f64;
        let what = format!("computes for each of {refreshes} refreshes, 1,000 reads/s");
        report.figure(&what, format!("{each:.2}"), "≤ 1.05", each <= 1.05);
        report.figure(
            &format!("readers who waited, of {reads}"),
            format!("{share:.2} %"),
            "< 1 %",
            share < 1.0,
        );
    });
}
