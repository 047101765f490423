//! Row 47: the service ends while it is at work.

use std::time::{Duration, Instant};

use samekey::server::{CacheService, Policy};

use super::patient;
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
