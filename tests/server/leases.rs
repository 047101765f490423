//! One compute among processes, and none that stores what an invalidation elsewhere has overtaken.

use std::sync::Arc;
use std::time::{Duration, Instant};

use samekey::server::{
    CacheService, L1Config, LeaseFor, LeaseToken, Leased, Lookup, MemoryStore, Policy, Record,
    RedisStore, Store, Ttl,
};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use crate::fixture::{Counted, MEDIUM, kpis, nth, schema};
use crate::process::Process;
use crate::redis_server::RedisServer;

fn store(server: &RedisServer) -> RedisStore {
    RedisStore::new(&server.patient_config()).unwrap()
}

fn node(server: &RedisServer) -> CacheService {
    CacheService::new(schema(), store(server))
}

/// A compute of `ws1` that has begun, and has its lease; it ends when told to.
async fn held_up(cache: &CacheService) -> (JoinHandle<Arc<Value>>, oneshot::Sender<()>) {
    let (began, has_begun) = oneshot::channel();
    let (goes_on, may_end) = oneshot::channel();
    let cache = cache.clone();
    let computing = tokio::spawn(async move {
        let compute = || async move {
            began.send(()).unwrap();
            may_end.await.unwrap();
            Counted::default().call().await
        };
        cache.get_or_compute(&kpis("ws1"), compute).await.unwrap()
    });
    has_begun.await.unwrap();
    (computing, goes_on)
}

/// Two processes over one store, as far as a test needs them: without a tier of their own.
fn two_nodes() -> (CacheService, CacheService) {
    let store = Arc::new(MemoryStore::default());
    let node = || {
        let builder = CacheService::builder(schema()).store(Process::over(&store));
        builder.l1(L1Config::off()).build().unwrap()
    };
    (node(), node())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_callers_on_each_of_four_nodes_cost_one_compute() {
    let server = RedisServer::start();
    let compute = Counted::default();
    let nodes: Vec<_> = (0..4).map(|_| node(&server)).collect();
    let mut callers = JoinSet::new();
    for caller in 0..4_000 {
        let (cache, compute) = (nodes[caller % 4].clone(), compute.clone());
        callers.spawn(async move {
            let compute = || compute.call_after(Duration::from_millis(100));
            cache.get_or_compute(&kpis("ws1"), compute).await.unwrap()
        });
    }
    assert!(callers.join_all().await.iter().all(|answer| *answer == nth(1)));
    assert_eq!(compute.calls(), 1);
}

#[tokio::test]
async fn when_the_holder_of_a_lease_dies_another_computes_as_soon_as_the_lease_has_ended() {
    let server = RedisServer::start();
    let (time, dead) = (Duration::from_millis(300), LeaseToken::random());
    let key = kpis("ws1");
    let began = Instant::now();
    let (direct, lease) = (store(&server), Ttl::new(time).unwrap());
    let granted = direct.lease(key.as_str(), &dead, lease, LeaseFor::Missing).await.unwrap();
    assert_eq!(granted, Leased::Granted);
    let cache = node(&server);
    let answer = cache.get_or_compute(&key, || Counted::default().call()).await.unwrap();
    assert_eq!(answer, nth(1));
    let waited = began.elapsed();
    assert!(waited >= time - Duration::from_millis(10), "{waited:?}: the holder might have lived");
    // Less than a lease of its own, which is what else might be waited for.
    assert!(waited <= Duration::from_secs(8), "{waited:?}");
    assert!(cache.exists(&key).await.unwrap(), "the second lease counts");
}

#[tokio::test]
async fn a_compute_that_outlives_its_lease_does_not_overwrite_what_came_after_it() {
    let server = RedisServer::start();
    let policy = Policy::default().lease(Duration::from_millis(100));
    let slow =
        CacheService::builder(schema()).store(store(&server)).policy(policy).build().unwrap();
    let (late, goes_on) = held_up(&slow).await;
    let other = node(&server);
    let newer = async { Ok::<_, samekey::server::CacheError>(json!("newer")) };
    assert_eq!(*other.get_or_compute(&kpis("ws1"), || newer).await.unwrap(), json!("newer"));
    goes_on.send(()).unwrap();
    assert_eq!(late.await.unwrap(), nth(1), "who asked for it gets it");
    assert_eq!(slow.get_cache_stats().await.voided, 1);
    for cache in [slow, other] {
        assert_eq!(cache.get(&kpis("ws1")).await.unwrap().as_deref(), Some(&json!("newer")));
    }
}

#[tokio::test]
async fn an_invalidation_on_one_node_voids_the_compute_on_another() {
    let server = RedisServer::start();
    let (one, other) = (node(&server), node(&server));
    let (computing, goes_on) = held_up(&other).await;
    one.invalidate_workspace("ws1").await.unwrap();
    goes_on.send(()).unwrap();
    assert_eq!(computing.await.unwrap(), nth(1));
    for cache in [&one, &other] {
        assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), None);
    }
    assert_eq!(other.get_cache_stats().await.voided, 1);
}

#[tokio::test]
async fn a_lease_that_the_server_drops_costs_a_compute_and_stores_nothing() {
    let server = RedisServer::start();
    let cache = node(&server);
    let (first, goes_on) = held_up(&cache).await;
    // As an eviction does, which asks nobody.
    let mut other = server.client().await;
    let dropped: u64 =
        redis::cmd("DEL").arg("{exec:kpis:ws1}:~l").query_async(&mut other).await.unwrap();
    assert_eq!(dropped, 1);
    goes_on.send(()).unwrap();
    assert_eq!(first.await.unwrap(), nth(1));
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), None);
    let newer = async { Ok::<_, samekey::server::CacheError>(json!("newer")) };
    assert_eq!(*cache.get_or_compute(&kpis("ws1"), || newer).await.unwrap(), json!("newer"));
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap().as_deref(), Some(&json!("newer")));
}

#[tokio::test(start_paused = true)]
async fn who_asks_after_an_invalidation_elsewhere_gets_no_value_from_before_it() {
    let (one, other) = two_nodes();
    let compute = Counted::default();
    let ask = || {
        let (other, compute) = (other.clone(), compute.clone());
        let compute = || compute.call_after(Duration::from_secs(10));
        tokio::spawn(async move { other.get_or_compute(&kpis("ws1"), compute).await.unwrap() })
    };
    let before = ask();
    sleep(Duration::from_secs(5)).await;
    one.invalidate_workspace("ws1").await.unwrap();
    // This node does not know of it. It joins the compute that is under way, and must not get what that brings.
    let after = ask();
    assert_eq!(before.await.unwrap(), nth(1));
    assert_eq!(after.await.unwrap(), nth(2));
    assert_eq!(compute.calls(), 2);
    assert_eq!(other.get(&kpis("ws1")).await.unwrap(), Some(nth(2)));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_takes_the_lease_from_an_older_compute_elsewhere() {
    let (one, other) = two_nodes();
    let older = tokio::spawn({
        let one = one.clone();
        let compute = || async {
            sleep(Duration::from_secs(2)).await;
            Ok::<_, samekey::server::CacheError>(json!("older"))
        };
        async move { one.get_or_compute(&kpis("ws1"), compute).await.unwrap() }
    });
    sleep(Duration::from_secs(1)).await;
    let compute = || Counted::default().call();
    other.get_or_compute_with(&kpis("ws1"), Lookup::Refresh, compute).await.unwrap();
    assert_eq!(*older.await.unwrap(), json!("older"));
    assert_eq!(other.get(&kpis("ws1")).await.unwrap(), Some(nth(1)));
}

#[tokio::test(start_paused = true)]
async fn refreshes_that_come_together_share_a_compute_that_has_not_begun() {
    let (cache, _) = two_nodes();
    let compute = Counted::default();
    let mut callers = JoinSet::new();
    for _ in 0..100 {
        let (cache, compute) = (cache.clone(), compute.clone());
        callers.spawn(async move {
            let compute = || compute.call_after(Duration::from_secs(1));
            cache.get_or_compute_with(&kpis("ws1"), Lookup::Refresh, compute).await.unwrap()
        });
    }
    assert!(callers.join_all().await.iter().all(|answer| *answer == nth(1)));
    assert_eq!(compute.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stale_value_is_refreshed_by_one_of_the_nodes() {
    let store = Arc::new(MemoryStore::default());
    let node = || {
        let builder =
            CacheService::builder(schema()).store(Process::over(&store)).l1(L1Config::off());
        builder.policy(Policy::default().stale(MEDIUM)).build().unwrap()
    };
    let nodes = [node(), node(), node(), node()];
    nodes[0].set(&kpis("ws1"), &json!("old")).await.unwrap();
    sleep(MEDIUM + Duration::from_secs(1)).await;
    let compute = Counted::default();
    for round in 0..40 {
        let compute = compute.clone();
        let compute = || compute.call_after(Duration::from_secs(2));
        let answer = nodes[round % 4].get_or_compute(&kpis("ws1"), compute).await.unwrap();
        assert_eq!(*answer, json!("old"));
        sleep(Duration::from_millis(20)).await;
    }
    sleep(Duration::from_secs(2)).await;
    assert_eq!(compute.calls(), 1);
    assert_eq!(nodes[3].get(&kpis("ws1")).await.unwrap(), Some(nth(1)));
}

/// What this process holds, while others write to the same Redis.
mod copies {
    use super::*;

    /// A node that holds `ws1`, and that hears of changes.
    async fn holding(server: &RedisServer) -> CacheService {
        let cache = node(server);
        until("armed", async || cache.get_cache_stats().await.l1_armed).await;
        cache.get_or_compute(&kpis("ws1"), || Counted::default().call()).await.unwrap();
        assert!(cache.get_cache_stats().await.l1_entries >= 1);
        cache
    }

    async fn until(what: &str, holds: impl AsyncFn() -> bool) {
        crate::waiting::eventually(what, holds).await;
    }

    #[tokio::test]
    async fn a_hit_asks_the_server_nothing() {
        let server = RedisServer::start();
        let cache = holding(&server).await;
        let before = cache.get_cache_stats().await;
        let reads = async || {
            let mut other = server.client().await;
            let info = redis::cmd("INFO").arg("commandstats").take();
            let info: String = info.query_async(&mut other).await.unwrap();
            let is_read = |line: &&str| ["get:", "mget:"].iter().any(|it| line.contains(it));
            info.lines().filter(is_read).map(str::to_owned).collect::<Vec<_>>()
        };
        let read = reads().await;
        for _ in 0..100 {
            let compute = || Counted::default().call();
            assert_eq!(cache.get_or_compute(&kpis("ws1"), compute).await.unwrap(), nth(1));
        }
        let after = cache.get_cache_stats().await;
        assert_eq!(after.l1_hits - before.l1_hits, 100);
        assert_eq!(reads().await, read);
    }

    #[tokio::test]
    async fn what_another_program_changes_is_dropped_here() {
        let server = RedisServer::start();
        let cache = holding(&server).await;
        let mut other = server.client().await;
        for command in [
            redis::cmd("DEL").arg("exec:kpis:ws1").to_owned(),
            redis::cmd("SET")
                .arg("exec:kpis:ws1")
                .arg("\"theirs\"")
                .arg("PX")
                .arg(60_000)
                .to_owned(),
            redis::cmd("FLUSHALL").to_owned(),
        ] {
            cache.set(&kpis("ws1"), &json!("ours")).await.unwrap();
            let held = async || cache.get(&kpis("ws1")).await.unwrap();
            assert_eq!(held().await.as_deref(), Some(&json!("ours")));
            let _: redis::Value = command.query_async(&mut other).await.unwrap();
            until("dropped", async || held().await.as_deref() != Some(&json!("ours"))).await;
        }
    }

    #[tokio::test]
    async fn what_another_node_invalidates_is_dropped_here() {
        let server = RedisServer::start();
        let (cache, other) = (holding(&server).await, node(&server));
        other.invalidate_workspace("ws1").await.unwrap();
        until("dropped", async || cache.get(&kpis("ws1")).await.unwrap().is_none()).await;
    }

    #[tokio::test]
    async fn while_nobody_tells_of_changes_every_hit_asks_the_server() {
        let server = RedisServer::start();
        let cache = holding(&server).await;
        let mut other = server.client().await;
        let kill = async |other: &mut redis::aio::MultiplexedConnection| {
            let _: u64 = redis::cmd("CLIENT")
                .arg(&["KILL", "TYPE", "normal", "SKIPME", "yes"])
                .query_async(other)
                .await
                .unwrap();
        };
        kill(&mut other).await;
        // Behind its back; no push can tell of it.
        let _: u64 = redis::cmd("DEL").arg("exec:kpis:ws1").query_async(&mut other).await.unwrap();
        until("dropped", async || matches!(cache.get(&kpis("ws1")).await, Ok(None))).await;
        until("armed again", async || cache.get_cache_stats().await.l1_armed).await;
    }

    #[tokio::test]
    async fn a_record_without_its_tags_is_found_by_an_invalidation_all_the_same() {
        let server = RedisServer::start();
        let cache = holding(&server).await;
        let ttl = Ttl::new(MEDIUM).unwrap();
        store(&server).set(Record::new("exec:kpis:ws1", "1".into(), ttl)).await.unwrap();
        cache.invalidate_workspace("ws1").await.unwrap();
        assert!(!cache.exists(kpis("ws1")).await.unwrap());
    }
}
