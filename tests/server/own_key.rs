//! A compute that asks for its own key: the route of a cached function, or its warm-up.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use samekey::server::{CacheError, CacheService, L1Config, Lookup, MemoryStore, live_for};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::fixture::{Counted, kpis, memory_cache, nth, schema};

/// Far less than callers wait for a compute.
const SOON: Duration = Duration::from_secs(5);

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
