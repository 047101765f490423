//! Many keys at once where something is in their way: no turn, a failure, a compute that does not end, a store that does
//! not answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use samekey::schema::TypedKey;
use samekey::server::{BoxError, CacheService, Lookup, Policy};
use serde_json::{Value, json};
use tokio::time::{Instant, advance, sleep, timeout};

use crate::fixture::{Counted, MEDIUM, kpis, memory_cache, nth, schema};

type Pairs = Vec<(TypedKey<Value>, Value)>;

const SECOND: Duration = Duration::from_secs(1);

fn with(policy: Policy) -> CacheService {
    CacheService::builder(schema()).policy(policy).build().unwrap()
}

/// Each key's value is its own text.
async fn texts(keys: Vec<TypedKey<Value>>) -> Result<Pairs, BoxError> {
    Ok(keys.into_iter().map(|key| (key.clone(), json!(key.as_str()))).collect())
}

/// A compute that fails, and how often it did.
fn failing(calls: &Arc<AtomicUsize>) -> impl Fn(Vec<TypedKey<Value>>) -> Failing + use<> {
    let calls = calls.clone();
    move |_| {
        calls.fetch_add(1, SeqCst);
        Box::pin(async { Err("the database is down".into()) })
    }
}

type Failing = std::pin::Pin<Box<dyn Future<Output = Result<Pairs, BoxError>> + Send>>;

fn text(workspace: &str) -> Option<Arc<Value>> {
    Some(json!(format!("exec:kpis:{workspace}")).into())
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_named_twice_has_its_value_twice_whatever_is_asked_of_the_cache() {
    for lookup in [Lookup::Use, Lookup::Refresh, Lookup::Skip] {
        let cache = memory_cache();
        let keys = [kpis("a"), kpis("b"), kpis("a")];
        let values = cache.get_many_or_compute_with(&keys, lookup, texts).await.unwrap();
        assert_eq!(values, [text("a"), text("b"), text("a")], "{lookup:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_compute_that_asks_for_many_does_not_wait_for_a_turn() {
    let cache = with(Policy::default().max_computes(1));
    // Somebody waits for the turn that the first one has.
    let first = tokio::spawn({
        let cache = cache.clone();
        async move {
            let inner = cache.clone();
            let compute = || async move {
                sleep(SECOND).await;
                let values = inner.get_many_or_compute(&[kpis("b"), kpis("c")], texts).await?;
                Ok::<_, BoxError>(json!(values.len()))
            };
            cache.get_or_compute(&kpis("a"), compute).await
        }
    });
    sleep(SECOND / 2).await;
    let waiting = tokio::spawn({
        let cache = cache.clone();
        async move { cache.get_or_compute(&kpis("c"), || Counted::default().call()).await }
    });
    let answer = timeout(10 * SECOND, first).await.expect("nobody waits for himself");
    assert_eq!(*answer.unwrap().unwrap(), json!(2));
    assert_eq!(waiting.await.unwrap().unwrap(), nth(1));
}

#[tokio::test(start_paused = true)]
async fn what_failed_a_moment_ago_is_not_tried_again_while_there_are_stale_values() {
    let cache = with(Policy::default().stale(MEDIUM).throttle(30 * SECOND));
    let keys = [kpis("a"), kpis("b")];
    cache.set_many(&[(kpis("a"), json!("old a")), (kpis("b"), json!("old b"))]).await.unwrap();
    advance(MEDIUM).await;
    let calls = Arc::default();
    let old = [Some(json!("old a").into()), Some(json!("old b").into())];
    for _ in 0..3 {
        let values = cache.get_many_or_compute(&keys, failing(&calls)).await.unwrap();
        assert_eq!(values, old);
    }
    assert_eq!(calls.load(SeqCst), 1);
    // One at a time knows it too.
    let single = Counted::default();
    let counted = single.clone();
    assert_eq!(*cache.get_or_compute(&keys[0], || counted.call()).await.unwrap(), "old a");
    assert_eq!(single.calls(), 0);
    advance(30 * SECOND).await;
    let values = cache.get_many_or_compute(&keys, texts).await.unwrap();
    assert_eq!(values, [text("a"), text("b")]);
}

#[tokio::test(start_paused = true)]
async fn an_error_answers_for_as_long_as_the_policy_says() {
    let cache = with(Policy::default().cache_errors(5 * SECOND));
    let (keys, calls) = ([kpis("a"), kpis("b")], Arc::default());
    for _ in 0..3 {
        let error = cache.get_many_or_compute(&keys, failing(&calls)).await.unwrap_err();
        assert_eq!(error.code(), "E_COMPUTE_FAILED");
    }
    assert_eq!(calls.load(SeqCst), 1);
    advance(5 * SECOND).await;
    let values = cache.get_many_or_compute(&keys, texts).await.unwrap();
    assert_eq!(values, [text("a"), text("b")]);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_policy_says_for_a_compute_that_does_not_end() {
    let cache = with(Policy::default().stale(MEDIUM).hard_timeout(5 * SECOND));
    cache.set(&kpis("a"), &json!("old")).await.unwrap();
    advance(MEDIUM).await;
    // Somebody else is at `b`, and will find nothing.
    let other = tokio::spawn({
        let cache = cache.clone();
        async move {
            let nothing = |_| async {
                sleep(SECOND).await;
                Ok::<_, BoxError>(Pairs::new())
            };
            cache.get_many_or_compute(&[kpis("b")], nothing).await
        }
    });
    sleep(SECOND / 2).await;
    let began = Instant::now();
    let (keys, endless) =
        ([kpis("a"), kpis("b")], |_| std::future::pending::<Result<Pairs, BoxError>>());
    let asking = cache.get_many_or_compute(&keys, endless);
    let error = timeout(60 * SECOND, asking).await.expect("it ends").unwrap_err();
    assert_eq!((error.code(), began.elapsed()), ("E_COMPUTE_TIMEOUT", 5 * SECOND));
    assert_eq!(other.await.unwrap().unwrap(), [None]);
}
