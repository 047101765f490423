//! Row 41: a Redis Cluster of three that loses one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use samekey::server::{BoxError, CacheService, CircuitState, L1Config, RedisStore};
use serde_json::json;
use tokio::task::JoinSet;

use super::{SLACK, eventually, of};
use crate::fixture::{kpis, schema};
use crate::redis_cluster::RedisCluster;
use crate::waiting::PATIENCE;

fn workspaces() -> Vec<String> {
    (0..60).map(|n| format!("ws{n}")).collect()
}

/// 41: one primary of three dies under 16 callers: every answer is right, the keys of the others are served from
/// Redis throughout, and what could not be removed is removed when it is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_41_the_slots_of_the_others_are_served_while_one_primary_is_down() {
    const DOWN: usize = 2;
    let mut cluster = RedisCluster::start().await;
    let store = RedisStore::new(&cluster.patient_config()).unwrap();
    let cache = CacheService::builder(schema()).store(store).l1(L1Config::off()).build().unwrap();
    let (mut lost, mut kept) = (Vec::new(), Vec::new());
    for workspace in workspaces() {
        cache.set(&kpis(&workspace), &of(&workspace)).await.unwrap();
        let owner = cluster.owner(kpis(&workspace).as_str()).await;
        if owner == DOWN { &mut lost } else { &mut kept }.push(workspace);
    }
    cluster.nodes[DOWN].kill();
    let computes_of_kept = Arc::new(AtomicUsize::new(0));
    let until = Instant::now() + Duration::from_secs(2);
    let mut callers = JoinSet::new();
    for caller in 0..16 {
        let (cache, computes, kept) = (cache.clone(), computes_of_kept.clone(), kept.clone());
        callers.spawn(async move {
            let mut asked = 0;
            for n in (caller * 7).. {
                if Instant::now() > until {
                    return asked;
                }
                let workspace = format!("ws{}", n % 60);
                let survives = kept.contains(&workspace);
                let (value, computes) = (of(&workspace), computes.clone());
                let compute = move || async move {
                    computes.fetch_add(usize::from(survives), SeqCst);
                    Ok::<_, BoxError>(value)
                };
                let answer = cache.get_or_compute(&kpis(&workspace), compute).await.unwrap();
                assert_eq!(*answer, of(&workspace));
                asked += usize::from(survives);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            asked
        });
    }
    let asked: usize = callers.join_all().await.iter().sum();
    let computed = computes_of_kept.load(SeqCst);
    assert!(asked > 100 && computed * 20 <= asked, "{computed} of {asked} were not served");

    for workspace in &lost {
        assert_eq!(cache.delete(kpis(workspace)).await.unwrap_err().code(), "E_STORE_QUEUED");
    }
    let pattern = cache.invalidate_pattern("exec:kpis:*").await.unwrap_err();
    assert_eq!(pattern.code(), "E_STORE_QUEUED", "not everywhere");
    cluster.nodes[DOWN].restart();
    tokio::time::timeout(PATIENCE, cache.recovery().settled()).await.unwrap();
    eventually("it is asked again", async || cache.circuit().state() == CircuitState::Closed).await;
    for workspace in workspaces() {
        assert_eq!(cache.get(&kpis(&workspace)).await.unwrap(), None, "{workspace}");
        cache.set(&kpis(&workspace), &json!("new")).await.unwrap();
        assert_eq!(cache.get(&kpis(&workspace)).await.unwrap().as_deref(), Some(&json!("new")));
    }
}

/// 41: a dead primary's circuit opens for its keys alone. Those are told no at once, the others are read as before, the
/// statistics say who is missing, and so do the circuits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_41_a_dead_primary_has_a_circuit_of_its_own() {
    const DOWN: usize = 1;
    let mut cluster = RedisCluster::start().await;
    let store = RedisStore::new(&cluster.patient_config()).unwrap();
    let cache = CacheService::builder(schema()).store(store).l1(L1Config::off()).build().unwrap();
    let (mut lost, mut kept) = (Vec::new(), Vec::new());
    for workspace in workspaces() {
        cache.set(&kpis(&workspace), &of(&workspace)).await.unwrap();
        let owner = cluster.owner(kpis(&workspace).as_str()).await;
        if owner == DOWN { &mut lost } else { &mut kept }.push(workspace);
    }
    let all = cache.get_cache_stats().await;
    assert_eq!(all.store_missing, Vec::<String>::new());
    let median = async || {
        let mut times = Vec::new();
        for workspace in kept.iter().cycle().take(400) {
            let asked = Instant::now();
            let found = cache.get(&kpis(workspace)).await.unwrap();
            times.push(asked.elapsed());
            assert_eq!(found.as_deref(), Some(&of(workspace)));
        }
        times.sort_unstable();
        times[times.len() / 2]
    };
    let before = median().await;
    let address = format!("127.0.0.1:{}", cluster.nodes[DOWN].port());
    cluster.nodes[DOWN].kill();
    let opened = Instant::now();
    while cache.circuit().state() == CircuitState::Closed {
        assert!(cache.get(&kpis(&lost[0])).await.is_err());
        assert!(opened.elapsed() < PATIENCE, "it does not open");
    }
    let skipped = cache.circuit().status().skipped;
    for workspace in lost.iter().cycle().take(2_000) {
        assert!(cache.get(&kpis(workspace)).await.is_err());
    }
    let skipped = cache.circuit().status().skipped - skipped;
    assert!(skipped >= 2_000, "{skipped} of 2,000 waited for nobody");
    let after = median().await;
    // Far less than what waits for the dead one would take; the machine may be busier than it was.
    assert!(after < 20 * before + SLACK / 100, "{before:?} before, {after:?} after");
    let states: Vec<_> = cache
        .circuits()
        .into_iter()
        .map(|of| (of.server.unwrap(), of.state == CircuitState::Closed))
        .collect();
    assert_eq!(states.len(), 3, "{states:?}");
    assert!(states.iter().all(|(server, closed)| *closed == (*server != address)), "{states:?}");
    let stats = cache.get_cache_stats().await;
    assert!(stats.store_available);
    assert_eq!(stats.store_missing, std::slice::from_ref(&address));
    assert!(stats.keys >= kept.len() as u64 && stats.keys < all.keys, "{}", stats.keys);

    cluster.nodes[DOWN].restart();
    eventually("it is asked again", async || cache.circuit().state() == CircuitState::Closed).await;
    // A server that has just started answers, and says for a while that it does not know the others.
    eventually("it stores", async || cache.set(&kpis(&lost[0]), &json!("new")).await.is_ok()).await;
    assert_eq!(cache.get_cache_stats().await.store_missing, Vec::<String>::new());
}
