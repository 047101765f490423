//! Rows 16 to 21: leases that are lost, outlived, stolen and evicted, and invalidations in the worst moment.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use samekey::server::{
    CacheService, ChaosStore, LeaseFor, LeaseToken, Leased, MemoryStore, Operation, Record,
    RedisStore, Store, Ttl,
};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use super::{ask, eventually, of, patient};
use crate::fixture::{Counted, kpis, nth, schema};
use crate::redis_server::RedisServer;

const KEY: &str = "exec:kpis:ws1";

fn ms(millis: u64) -> Ttl {
    Ttl::new(Duration::from_millis(millis)).unwrap()
}

fn record(value: &'static str) -> Record<'static> {
    Record::new(KEY, Bytes::from_static(value.as_bytes()), ms(60_000))
}

fn redis(server: &RedisServer) -> RedisStore {
    RedisStore::new(&server.patient_config()).unwrap()
}

async fn value(store: &impl Store) -> Option<Bytes> {
    store.get(KEY).await.unwrap().map(|entry| entry.value)
}

/// 16: a process takes the lease and dies: another computes when the lease is over, and not much later.
#[tokio::test]
async fn row_16_the_lease_of_a_process_that_died_is_waited_for_and_no_longer() {
    let server = RedisServer::start();
    let (dead, cache) = (redis(&server), patient(&server));
    let began = Instant::now();
    let granted = dead.lease(KEY, &LeaseToken::random(), ms(700), LeaseFor::Missing).await;
    assert!(matches!(granted.unwrap(), Leased::Granted));
    drop(dead);
    let (answer, _) = ask(&cache, "ws1").await;
    assert_eq!(answer, of("ws1"));
    let took = began.elapsed();
    // Less than the lease that it takes itself, which is what else might be waited for.
    assert!(took >= Duration::from_millis(690) && took < Duration::from_secs(8), "{took:?}");
    assert!(cache.get(&kpis("ws1")).await.unwrap().is_some());
}

/// 17: a compute outlives its lease: what another has stored meanwhile stays.
#[tokio::test]
async fn row_17_a_compute_that_outlives_its_lease_stores_nothing() {
    let server = RedisServer::start();
    let store = redis(&server);
    let (slow, quick) = (LeaseToken::random(), LeaseToken::random());
    store.lease(KEY, &slow, ms(50), LeaseFor::Missing).await.unwrap();
    sleep(Duration::from_millis(80)).await;
    let granted = store.lease(KEY, &quick, ms(60_000), LeaseFor::Missing).await.unwrap();
    assert!(matches!(granted, Leased::Granted));
    assert!(!store.set_leased(record("slow"), &slow).await.unwrap());
    assert!(store.set_leased(record("quick"), &quick).await.unwrap());
    assert!(!store.set_leased(record("slow"), &slow).await.unwrap());
    assert_eq!(value(&store).await.as_deref(), Some(&b"quick"[..]));
}

/// 18: nobody gives back the lease of another.
#[tokio::test]
async fn row_18_a_lease_is_released_by_its_owner_only() {
    let server = RedisServer::start();
    let store = redis(&server);
    let (owner, thief) = (LeaseToken::random(), LeaseToken::random());
    store.lease(KEY, &owner, ms(60_000), LeaseFor::Missing).await.unwrap();
    store.release(KEY, &thief).await.unwrap();
    let refused = store.lease(KEY, &thief, ms(60_000), LeaseFor::Missing).await.unwrap();
    assert!(matches!(refused, Leased::Held));
    assert!(!store.set_leased(record("thief"), &thief).await.unwrap());
    assert!(store.set_leased(record("owner"), &owner).await.unwrap());
}

/// 19: an invalidation on one node while another computes: what was read before it is in no tier after it.
#[tokio::test]
async fn row_19_what_an_invalidation_overtakes_is_stored_nowhere() {
    let server = RedisServer::start();
    let node = || CacheService::new(schema(), redis(&server));
    let (computing, invalidating) = (node(), node());
    for by_key in [false, true] {
        let (compute, goes_on) = (Counted::default(), Arc::new(Notify::new()));
        let old = tokio::spawn({
            let (cache, compute, may_end) = (computing.clone(), compute.clone(), goes_on.clone());
            async move {
                let compute = || async move {
                    let computed = compute.call().await;
                    may_end.notified().await;
                    computed
                };
                cache.get_or_compute(&kpis("ws1"), compute).await.unwrap()
            }
        });
        eventually("it computes", async || compute.calls() == 1).await;
        if by_key {
            invalidating.delete(kpis("ws1")).await.unwrap();
        } else {
            invalidating.invalidate_workspace("ws1").await.unwrap();
        }
        goes_on.notify_one();
        assert_eq!(old.await.unwrap(), nth(1), "who asked before may have it");
        assert_eq!(value(&redis(&server)).await, None);
        for cache in [&computing, &invalidating] {
            let compute = compute.clone();
            let answer = cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap();
            assert_eq!(answer, nth(2), "nobody who asks after it has");
        }
        computing.delete(kpis("ws1")).await.unwrap();
    }
}

/// 20: an invalidation between the store's answer and its way into L1: the old value does not get there.
#[tokio::test]
async fn row_20_an_answer_that_an_invalidation_overtakes_does_not_get_into_l1() {
    let (store, chaos) = ChaosStore::new(MemoryStore::default());
    let cache = CacheService::new(schema(), store);
    let compute = Counted::default();
    for by_key in [false, true] {
        let calls = compute.calls();
        cache.set(&kpis("ws1"), &of("old")).await.unwrap();
        chaos.on([Operation::Get]).hold_answers();
        let asked = chaos.calls(Operation::Get);
        let reader = tokio::spawn({
            let (cache, compute) = (cache.clone(), compute.clone());
            async move { cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap() }
        });
        eventually("it is asked", async || chaos.calls(Operation::Get) > asked).await;
        if by_key {
            cache.delete(kpis("ws1")).await.unwrap();
        } else {
            cache.invalidate_workspace("ws1").await.unwrap();
        }
        chaos.calm();
        assert_eq!(*reader.await.unwrap(), of("old"), "it asked before");
        let compute = compute.clone();
        let answer = cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap();
        assert_eq!(answer, nth(calls + 1));
    }
}

/// 20: the same with the invalidation on another node, of which this one hears by a push.
#[tokio::test]
async fn row_20_an_answer_that_another_node_overtakes_does_not_get_into_l1() {
    let server = RedisServer::start();
    let (store, chaos) = ChaosStore::new(redis(&server));
    let cache = CacheService::new(schema(), store);
    eventually("it hears of changes", async || cache.get_cache_stats().await.l1_armed).await;
    let other_node = patient(&server);
    other_node.set(&kpis("ws1"), &of("old")).await.unwrap();
    // Another copy, which goes when it is heard what became of the first.
    other_node.set(&kpis("ws2"), &of("ws2")).await.unwrap();
    let held = async || cache.get_cache_stats().await.l1_entries;
    eventually("it holds the other", async || {
        cache.get(&kpis("ws2")).await.unwrap();
        held().await == 1
    })
    .await;
    chaos.on([Operation::Get]).hold_answers();
    let reader = tokio::spawn({
        let cache = cache.clone();
        async move { cache.get(&kpis("ws1")).await.unwrap() }
    });
    sleep(Duration::from_millis(200)).await;
    other_node.delete(kpis("ws1")).await.unwrap();
    other_node.delete(kpis("ws2")).await.unwrap();
    eventually("it has heard of both", async || held().await == 0).await;
    chaos.calm();
    assert_eq!(reader.await.unwrap().as_deref(), Some(&of("old")), "it asked before");
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), None);
}

/// 21: a lease that is gone, however it went: its compute stores nothing, and it costs one compute more.
#[tokio::test]
async fn row_21_an_evicted_lease_costs_one_compute_and_stores_nothing_stale() {
    let server = RedisServer::start();
    let cache = patient(&server);
    let compute = Counted::default();
    let goes_on = Arc::new(Notify::new());
    let first = tokio::spawn({
        let (cache, compute, may_end) = (cache.clone(), compute.clone(), goes_on.clone());
        async move {
            let compute = || async move {
                let computed = compute.call().await;
                may_end.notified().await;
                computed
            };
            cache.get_or_compute(&kpis("ws1"), compute).await.unwrap()
        }
    });
    while compute.calls() == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    let mut other = server.client().await;
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut other).await.unwrap();
    assert!(!keys.is_empty(), "there is a lease");
    let _: u64 = redis::cmd("DEL").arg(keys).query_async(&mut other).await.unwrap();
    goes_on.notify_one();
    assert_eq!(first.await.unwrap(), nth(1));
    assert_eq!(value(&redis(&server)).await, None);
    let (began, again) = (Instant::now(), compute.clone());
    let answer = cache.get_or_compute(&kpis("ws1"), || again.call()).await.unwrap();
    assert_eq!((answer, compute.calls()), (nth(2), 2));
    assert!(began.elapsed() < Duration::from_secs(8), "there is no lease to wait for");
}
