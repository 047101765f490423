//! Rows 47 and 50: the service ends while it is at work; and it works for long.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use samekey::server::{BoxError, CacheService, L1Config, MemoryStore, Policy};
use serde_json::json;

use super::patient;
use crate::alone::is_alone;
use crate::fixture::{Counted, kpis, schema};
use crate::redis_server::RedisServer;

/// 47: a shutdown waits for computes as long as it is told to; those that are not done give their leases back,
/// so that another node does not wait for them.
#[tokio::test]
async fn row_47_a_shutdown_ends_in_time_and_leaves_no_lease_behind() {
    let server = RedisServer::start();
    let (ending, staying) = (patient(&server), patient(&server));
    let (quick, slow) = (Counted::default(), Counted::default());
    for (workspace, compute, time) in [("ws1", &quick, 200), ("ws2", &slow, 60_000)] {
        let (cache, compute) = (ending.clone(), compute.clone());
        tokio::spawn(async move {
            let compute = move || compute.call_after(Duration::from_millis(time));
            cache.get_or_compute(&kpis(workspace), compute).await.map(drop)
        });
    }
    while quick.calls() + slow.calls() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let began = Instant::now();
    let all_done = ending.shutdown(Duration::from_secs(3)).await;
    assert!(!all_done && began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    assert!(staying.get(&kpis("ws1")).await.unwrap().is_some(), "what was done in time is stored");
    let (asked, again) = (Instant::now(), Counted::default());
    staying.get_or_compute(&kpis("ws2"), || again.call()).await.unwrap();
    assert!(
        asked.elapsed() < Duration::from_secs(8),
        "no lease to wait for: {:?}",
        asked.elapsed()
    );
}

/// 47: a service that ends refreshes nothing any more, and still answers.
#[tokio::test(start_paused = true)]
async fn row_47_a_service_that_ends_refreshes_nothing_and_still_answers() {
    let policy = Policy::default().stale(Duration::from_secs(600)).early_refresh(0.0);
    let cache = CacheService::builder(schema()).policy(policy).build().unwrap();
    let compute = Counted::default();
    let first = compute.clone();
    cache.get_or_compute(&kpis("ws1"), || first.call()).await.unwrap();
    tokio::time::advance(Duration::from_secs(301)).await;
    assert!(cache.shutdown(Duration::from_secs(5)).await);
    let again = compute.clone();
    cache.get_or_compute(&kpis("ws1"), || again.call()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(compute.calls(), 1);
}

/// The memory that this process has, in bytes.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096
}

/// 50: thousands of keys that were asked for once, of which the store keeps few, and as many that failed: what the
/// service remembers of them is next to nothing.
#[tokio::test]
async fn row_50_what_was_asked_for_once_leaves_nothing_behind() {
    if !is_alone("faults::operation::row_50_what_was_asked_for_once_leaves_nothing_behind") {
        return;
    }
    const KEYS: usize = 5_000;
    let store = MemoryStore::with_budget(NonZeroU64::new(8 << 20).unwrap());
    let cache = CacheService::builder(schema()).store(store).l1(L1Config::off()).build().unwrap();
    let ask = async |from: usize, fails: bool| {
        for n in from..from + KEYS {
            // Long names, so that a copy of each would show.
            let key = kpis(&format!("{n}-{}", "x".repeat(8_000)));
            let compute = move || async move {
                if fails { Err::<_, BoxError>("no".into()) } else { Ok(json!(1)) }
            };
            assert_eq!(cache.get_or_compute(&key, compute).await.is_err(), fails);
        }
    };
    ask(0, false).await;
    let before = resident();
    ask(KEYS, false).await;
    ask(2 * KEYS, true).await;
    let grown = resident().saturating_sub(before);
    let stats = cache.get_cache_stats().await;
    assert_eq!((stats.computes_in_flight, stats.l1_entries), (0, 0));
    // 40 MB for each time that all names of a round were kept.
    assert!(grown < 30 << 20, "{} MiB more", grown >> 20);
}
