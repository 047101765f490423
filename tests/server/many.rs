//! Many keys at once: one question, one compute.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use samekey::schema::TypedKey;
use samekey::server::{BoxError, CacheService, L1Config, Lookup, MemoryStore, Policy};
use serde_json::{Value, json};
use tokio::time::{Instant, advance, sleep};

use crate::fixture::{Counted, MEDIUM, kpis, memory_cache, schema};
use crate::process::Process;

/// What a compute was asked for, call by call.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<Vec<String>>>>);

impl Asked {
    fn calls(&self) -> Vec<Vec<String>> {
        self.0.lock().unwrap().clone()
    }

    /// Each key's value is its own text; `absent` has none.
    async fn call(
        self,
        keys: Vec<TypedKey<Value>>,
        takes: Duration,
    ) -> Result<Vec<(TypedKey<Value>, Value)>, BoxError> {
        let names = keys.iter().map(|key| key.as_str().to_owned()).collect();
        self.0.lock().unwrap().push(names);
        sleep(takes).await;
        let found = keys.into_iter().filter(|key| !key.as_str().ends_with("absent"));
        Ok(found.map(|key| (key.clone(), json!(key.as_str()))).collect())
    }
}

fn keys<const N: usize>(workspaces: [&str; N]) -> [TypedKey<Value>; N] {
    workspaces.map(kpis)
}

async fn ask(
    cache: &CacheService,
    keys: &[TypedKey<Value>],
    lookup: Lookup,
    asked: &Asked,
) -> Vec<Option<String>> {
    let asked = asked.clone();
    let compute = move |keys| asked.clone().call(keys, Duration::from_millis(50));
    let values = cache.get_many_or_compute_with(keys, lookup, compute).await.unwrap();
    let text = |value: Arc<Value>| value.as_str().map(ToOwned::to_owned);
    values.into_iter().map(|value| value.and_then(text)).collect()
}

fn name(workspace: &str) -> Option<String> {
    Some(format!("exec:kpis:{workspace}"))
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_computed_by_one_call_and_comes_in_the_order_of_the_keys() {
    let cache = memory_cache();
    let asked = Asked::default();
    cache.set(&kpis("b"), &json!("exec:kpis:b")).await.unwrap();
    let wanted = keys(["a", "b", "absent", "c"]);
    let values = ask(&cache, &wanted, Lookup::Use, &asked).await;
    assert_eq!(values, [name("a"), name("b"), None, name("c")]);
    assert_eq!(asked.calls(), [["exec:kpis:a", "exec:kpis:absent", "exec:kpis:c"]]);
    assert_eq!(ask(&cache, &wanted, Lookup::Use, &asked).await, values);
    assert_eq!(asked.calls()[1..], [["exec:kpis:absent"]]);
    let stats = cache.get_cache_stats().await;
    assert_eq!((stats.l1_hits, stats.l2_hits, stats.misses), (3, 1, 4));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_named_twice_is_computed_once() {
    let (cache, asked) = (memory_cache(), Asked::default());
    let values = ask(&cache, &keys(["a", "b", "a"]), Lookup::Use, &asked).await;
    assert_eq!(values, [name("a"), name("b"), name("a")]);
    assert_eq!(asked.calls(), [["exec:kpis:a", "exec:kpis:b"]]);
}

#[tokio::test(start_paused = true)]
async fn batches_that_overlap_wait_for_each_other() {
    let (cache, asked) = (memory_cache(), Asked::default());
    let (one, other) = (keys(["a", "b"]), keys(["b", "c"]));
    let single = Counted::default();
    let counted = single.clone();
    let alone = kpis("a");
    let began = Instant::now();
    let (first, second, third) = tokio::join!(
        ask(&cache, &one, Lookup::Use, &asked),
        ask(&cache, &other, Lookup::Use, &asked),
        cache.get_or_compute(&alone, || counted.call()),
    );
    assert_eq!((first, second), (vec![name("a"), name("b")], vec![name("b"), name("c")]));
    assert_eq!(*third.unwrap(), json!("exec:kpis:a"));
    assert_eq!(began.elapsed(), Duration::from_millis(50));
    assert_eq!(single.calls(), 0);
    let mut calls = asked.calls().concat();
    calls.sort();
    assert_eq!(calls, ["exec:kpis:a", "exec:kpis:b", "exec:kpis:c"]);
}

#[tokio::test(start_paused = true)]
async fn an_invalidation_voids_the_keys_that_it_means_and_no_others() {
    let (cache, asked) = (memory_cache(), Asked::default());
    let asking = tokio::spawn({
        let (cache, asked) = (cache.clone(), asked.clone());
        async move { ask(&cache, &keys(["a", "b"]), Lookup::Use, &asked).await }
    });
    sleep(Duration::from_millis(20)).await;
    cache.invalidate_workspace("a").await.unwrap();
    assert_eq!(asking.await.unwrap(), [name("a"), name("b")], "they asked before");
    assert!(!cache.exists(kpis("a")).await.unwrap());
    assert!(cache.exists(kpis("b")).await.unwrap());
    assert_eq!(cache.get_cache_stats().await.voided, 1);
}

#[tokio::test(start_paused = true)]
async fn refresh_computes_all_and_skip_stores_none() {
    let (cache, asked) = (memory_cache(), Asked::default());
    cache.set(&kpis("a"), &json!("old")).await.unwrap();
    let wanted = keys(["a", "b"]);
    for (lookup, stored) in [(Lookup::Skip, "old"), (Lookup::Refresh, "exec:kpis:a")] {
        assert_eq!(ask(&cache, &wanted, lookup, &asked).await, [name("a"), name("b")]);
        let held = cache.get(&kpis("a")).await.unwrap().unwrap();
        assert_eq!(*held, json!(stored));
    }
    assert_eq!(asked.calls().concat().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn one_error_is_everybodys_unless_a_stale_value_stands_in() {
    let policy = Policy::default().stale(MEDIUM);
    let cache = CacheService::builder(schema()).policy(policy).build().unwrap();
    cache.set(&kpis("a"), &json!("old")).await.unwrap();
    advance(MEDIUM).await;
    let failing = |_| async { Err::<Vec<(TypedKey<Value>, Value)>, BoxError>("down".into()) };
    let values = cache.get_many_or_compute(&keys(["a"]), failing).await.unwrap();
    assert_eq!(values, [Some(json!("old").into())]);
    let error = cache.get_many_or_compute(&keys(["a", "b"]), failing).await.unwrap_err();
    assert_eq!(error.code(), "E_COMPUTE_FAILED");
    assert!(error.to_string().contains("exec:kpis:b"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_another_process_computes_is_not_waited_for_and_not_stored() {
    let store = Arc::new(MemoryStore::default());
    let service = || {
        let builder = CacheService::builder(schema()).store(Process::over(&store));
        builder.l1(L1Config::off()).build().unwrap()
    };
    let (one, other) = (service(), service());
    let slow = tokio::spawn(async move {
        one.get_or_compute(&kpis("a"), || Counted::default().call_after(MEDIUM / 100)).await
    });
    sleep(Duration::from_secs(1)).await;
    let (asked, began) = (Asked::default(), Instant::now());
    assert_eq!(ask(&other, &keys(["a"]), Lookup::Use, &asked).await, [name("a")]);
    assert_eq!(began.elapsed(), Duration::from_millis(50));
    assert!(!other.exists(kpis("a")).await.unwrap());
    slow.await.unwrap().unwrap();
    assert!(other.exists(kpis("a")).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn many_are_set_and_read_in_one_go() {
    let cache = memory_cache();
    let values: Vec<_> = (0..100).map(|n| (kpis(&n.to_string()), json!(n))).collect();
    cache.set_many(&values).await.unwrap();
    let mut wanted: Vec<_> = values.iter().map(|(key, _)| key.clone()).collect();
    wanted.push(kpis("nobody"));
    for _ in 0..2 {
        let read = cache.get_many(&wanted).await.unwrap();
        assert!(read.iter().zip(&values).all(|(read, (_, set))| read.as_deref() == Some(set)));
        assert_eq!(read[100], None);
    }
    let stats = cache.get_cache_stats().await;
    assert_eq!((stats.l2_hits, stats.l1_hits, stats.misses, stats.sets), (100, 100, 2, 100));
}
