//! A compute that asks for its own key: the route of a cached function, or its warm-up.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use samekey::server::{
    CacheError, CacheService, L1Config, Lookup, MemoryStore, RedisStore, Store, live_for,
};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::fixture::{Counted, kpis, memory_cache, nth, schema};
use crate::redis_server::RedisServer;

/// Far less than callers wait for a compute.
const SOON: Duration = Duration::from_secs(8);

/// What `#[cached]` makes of a function.
async fn cached(cache: &CacheService, compute: &Counted) -> Result<Arc<Value>, CacheError> {
    let compute = compute.clone();
    cache.get_or_compute(&kpis("ws1"), move || async move { compute.call().await }).await
}

/// A route of the same key, whose compute is that function.
async fn route(cache: &CacheService, lookup: Lookup, compute: &Counted) -> Value {
    let (inner, compute, key) = (cache.clone(), compute.clone(), kpis("ws1"));
    let compute = move || async move { cached(&inner, &compute).await.map(Arc::unwrap_or_clone) };
    let answer = timeout(SOON, cache.get_or_compute_json(&key, lookup, compute)).await;
    let answer = answer.expect("it waits for itself").unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test]
async fn a_cached_function_that_a_compute_of_its_key_calls_is_computed_once_and_stored() {
    let (cache, compute) = (memory_cache(), Counted::default());
    assert_eq!(route(&cache, Lookup::Use, &compute).await, *nth(1));
    assert_eq!(cached(&cache, &compute).await.unwrap(), nth(1));
    assert_eq!(compute.calls(), 1);
}

#[tokio::test]
async fn what_is_to_be_computed_anew_is_not_answered_from_the_cache_within() {
    let store = CacheService::builder(schema()).store(MemoryStore::default());
    // Neither by this process nor by the store.
    for cache in [memory_cache(), store.l1(L1Config::off()).build().unwrap()] {
        let compute = Counted::default();
        assert_eq!(cached(&cache, &compute).await.unwrap(), nth(1));
        assert_eq!(route(&cache, Lookup::Refresh, &compute).await, *nth(2));
        assert_eq!(cached(&cache, &compute).await.unwrap(), nth(2));
    }
}

#[tokio::test]
async fn what_the_compute_within_says_of_its_life_holds() {
    let (cache, key) = (memory_cache(), kpis("ws1"));
    let inner = cache.clone();
    let outer = cache.get_or_compute(&key, move || async move {
        let short_lived = || async {
            live_for(Duration::from_secs(5));
            Ok::<_, CacheError>(json!(1))
        };
        inner.get_or_compute(&kpis("ws1"), short_lived).await.map(Arc::unwrap_or_clone)
    });
    timeout(SOON, outer).await.expect("it waits for itself").unwrap();
    assert!(cache.ttl(&key).await.unwrap().unwrap() <= Duration::from_secs(5));
}

#[tokio::test]
async fn it_is_the_same_with_another_compute_between() {
    let (cache, compute, key) = (memory_cache(), Counted::default(), kpis("ws1"));
    let (between, inner, own) = (cache.clone(), cache.clone(), compute.clone());
    let outer = cache.get_or_compute(&key, move || async move {
        let compute = move || async move { cached(&inner, &own).await.map(Arc::unwrap_or_clone) };
        between.get_or_compute(&kpis("ws2"), compute).await.map(Arc::unwrap_or_clone)
    });
    assert_eq!(timeout(SOON, outer).await.expect("it waits for itself").unwrap(), nth(1));
    assert_eq!(compute.calls(), 1);
}

fn for_ever(cache: CacheService) -> BoxFuture<'static, Result<Value, CacheError>> {
    Box::pin(async move {
        let inner = cache.clone();
        let value = cache.get_or_compute(&kpis("ws1"), move || for_ever(inner)).await?;
        Ok(Arc::unwrap_or_clone(value))
    })
}

#[tokio::test]
async fn a_compute_that_asks_for_itself_for_ever_is_told_so() {
    let error = timeout(SOON, for_ever(memory_cache())).await.expect("it waits for itself");
    let text = error.unwrap_err().to_string();
    assert!(text.contains("E_COMPUTE_CIRCLE: exec:kpis:ws1"), "{text}");
}

/// What the compute of `outer` is answered that asks `inner` for the same key, and how often `inner` computed.
async fn asked_of(outer: &CacheService, inner: &CacheService) -> (Value, usize) {
    let (inner, compute) = (inner.clone(), Counted::default());
    let within = compute.clone();
    let key = kpis("ws1");
    let answer = outer.get_or_compute(&key, move || async move {
        let first = cached(&inner, &within).await?;
        cached(&inner, &within).await?;
        Ok::<_, CacheError>(Arc::unwrap_or_clone(first))
    });
    let answer = timeout(SOON, answer).await.expect("it waits for itself").unwrap();
    (Arc::unwrap_or_clone(answer), compute.calls())
}

#[tokio::test]
async fn the_same_key_of_another_store_is_another_key() {
    let (ours, theirs) = (memory_cache(), memory_cache());
    theirs.set(&kpis("ws1"), &json!("theirs")).await.unwrap();
    assert_eq!(asked_of(&ours, &theirs).await, (json!("theirs"), 0));
    ours.delete(kpis("ws1")).await.unwrap();
    theirs.delete(kpis("ws1")).await.unwrap();
    assert_eq!(asked_of(&ours, &theirs).await, ((*nth(1)).clone(), 1));
    assert_eq!(theirs.get(&kpis("ws1")).await.unwrap(), Some(nth(1)));
}

#[tokio::test]
async fn the_same_key_by_way_of_another_service_over_the_store_is_the_same() {
    let server = RedisServer::start();
    let redis = || RedisStore::new(&server.patient_config()).unwrap();
    let (memory, one): (Arc<dyn Store>, Arc<dyn Store>) =
        (Arc::new(MemoryStore::default()), Arc::new(redis()));
    // The last two are two connections to one Redis.
    let pairs: [[Arc<dyn Store>; 2]; 3] =
        [[memory.clone(), memory], [one.clone(), one], [Arc::new(redis()), Arc::new(redis())]];
    for (place, stores) in pairs.into_iter().enumerate() {
        let [ours, theirs] = stores.map(|store| CacheService::new(schema(), store));
        // Neither waits for the lease that the other has: each time it is computed there and then.
        assert_eq!(asked_of(&ours, &theirs).await.1, 2, "{place}");
        ours.delete(kpis("ws1")).await.unwrap();
    }
}
