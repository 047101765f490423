//! A store that fails costs a compute, never an answer; an invalidation that fails says so.

use std::time::{Duration, Instant};

use samekey::server::{CacheService, L1Config, Lookup, RedisConfig, RedisStore};
use serde_json::json;

use crate::fixture::{Counted, kpis, nth, schema};
use crate::redis_server::{PATIENCE, RedisServer, free_port};
use crate::waiting::eventually;

fn cache_at(url: String) -> CacheService {
    // Whoever is not there says so at once: no time limit is waited for.
    let mut config = RedisConfig::new(url);
    (config.response_timeout, config.connect_timeout) = (PATIENCE, PATIENCE);
    CacheService::new(schema(), RedisStore::new(&config).unwrap())
}

fn patient(server: &RedisServer) -> CacheService {
    CacheService::new(schema(), RedisStore::new(&server.patient_config()).unwrap())
}

fn nowhere() -> CacheService {
    cache_at(format!("redis://127.0.0.1:{}", free_port()))
}

#[tokio::test]
async fn values_are_computed_while_there_is_no_redis() {
    let cache = nowhere();
    let compute = Counted::default();
    for call in 1..=3 {
        let compute = compute.clone();
        let asked = Instant::now();
        let answer = cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap();
        assert_eq!(answer, nth(call));
        assert!(asked.elapsed() < PATIENCE / 2, "{:?}", asked.elapsed());
    }
    let compute = compute.clone();
    let refreshed =
        cache.get_or_compute_with(&kpis("ws1"), Lookup::Refresh, || compute.call()).await;
    assert_eq!(refreshed.unwrap(), nth(4));
}

#[tokio::test]
async fn who_asks_for_the_store_itself_is_told_that_it_is_down() {
    let cache = nowhere();
    let errors = [
        cache.get(&kpis("ws1")).await.unwrap_err(),
        cache.set(&kpis("ws1"), &json!(1)).await.unwrap_err(),
        cache.exists(kpis("ws1")).await.unwrap_err(),
        cache.ttl(kpis("ws1")).await.unwrap_err(),
        cache.ping().await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.code(), "E_STORE_UNAVAILABLE");
        assert!(error.is_retryable());
    }
    for error in [
        cache.delete(kpis("ws1")).await.unwrap_err(),
        cache.invalidate_workspace("ws1").await.unwrap_err(),
        cache.invalidate_pattern("exec:*").await.unwrap_err(),
    ] {
        assert_eq!(error.code(), "E_STORE_QUEUED");
        assert!(!error.is_retryable(), "it is being seen to");
    }
    let stats = cache.get_cache_stats().await;
    assert!(!stats.store_available);
    assert_eq!((stats.store_errors, stats.keys, stats.invalidations), (9, 0, 0));
}

#[tokio::test]
async fn callers_share_a_compute_while_there_is_no_redis() {
    let cache = nowhere();
    let compute = Counted::default();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (cache, compute) = (cache.clone(), compute.clone());
        callers.spawn(async move {
            let compute = || compute.call_after(Duration::from_secs(3));
            cache.get_or_compute(&kpis("ws1"), compute).await.unwrap()
        });
    }
    assert!(callers.join_all().await.iter().all(|answer| *answer == nth(1)));
}

#[tokio::test]
async fn a_redis_that_dies_and_comes_back_is_used_again() {
    let mut server = RedisServer::start();
    let store = RedisStore::new(&server.patient_config()).unwrap();
    // What this process holds of its own would be served until it hears that the server is gone.
    let cache = CacheService::builder(schema()).store(store).l1(L1Config::off()).build().unwrap();
    let compute = Counted::default();
    let ask = || {
        let (cache, compute) = (cache.clone(), compute.clone());
        async move { cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap() }
    };
    assert_eq!((ask().await, ask().await), (nth(1), nth(1)));
    server.kill();
    assert_eq!((ask().await, ask().await), (nth(2), nth(3)));
    server.restart();
    eventually("it is found again", async || cache.ping().await.is_ok()).await;
    assert_eq!((ask().await, ask().await), (nth(4), nth(4)));
}

#[tokio::test]
async fn a_list_under_a_key_is_a_miss_and_is_overwritten() {
    let server = RedisServer::start();
    let cache = patient(&server);
    let mut other = server.client().await;
    let _: () =
        redis::cmd("LPUSH").arg("exec:kpis:ws1").arg("x").query_async(&mut other).await.unwrap();
    let compute = Counted::default();
    assert_eq!(cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap(), nth(1));
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), Some(nth(1)));
}

#[tokio::test]
async fn what_is_no_json_is_a_miss_even_for_those_who_would_pass_it_on_unread() {
    let server = RedisServer::start();
    let cache = patient(&server);
    let mut other = server.client().await;
    for garbage in [&b"\x80\x04\x95pickle"[..], b"", b"   ", b"<html>"] {
        let _: () = redis::cmd("SETEX")
            .arg("exec:kpis:ws1")
            .arg(60)
            .arg(garbage)
            .query_async(&mut other)
            .await
            .unwrap();
        let compute = Counted::default();
        let answer =
            cache.get_or_compute_json(&kpis("ws1"), Lookup::Use, || compute.call()).await.unwrap();
        assert_eq!(&answer.body[..], br#"{"call":1}"#, "{garbage:?}");
    }
}
