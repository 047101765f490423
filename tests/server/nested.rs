//! Computes that ask the cache themselves.

use std::time::Duration;

use samekey::server::{BoxError, CacheService};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::fixture::{Counted, kpis, memory_cache, nth};

const SECOND: Duration = Duration::from_secs(1);

/// `exec:kpis:<first>`, whose compute asks for the next, and the last one's for the first.
fn ring(
    cache: CacheService,
    at: usize,
    of: usize,
) -> std::pin::Pin<Box<dyn Future<Output = Result<Value, BoxError>> + Send>> {
    Box::pin(async move {
        let next = (at + 1) % of;
        let inner = cache.clone();
        let value =
            cache.get_or_compute(&kpis(&next.to_string()), move || ring(inner, next, of)).await?;
        Ok(json!([*value]))
    })
}

#[tokio::test(start_paused = true)]
async fn a_compute_that_waits_for_itself_is_told_so_at_once() {
    for of in [1, 2, 3] {
        let cache = memory_cache();
        let (began, inner, key) = (Instant::now(), cache.clone(), kpis("0"));
        let asking = cache.get_or_compute(&key, move || ring(inner, 0, of));
        let error = timeout(60 * SECOND, asking).await.expect("it is told").unwrap_err();
        assert_eq!((error.code(), began.elapsed()), ("E_COMPUTE_FAILED", Duration::ZERO));
        assert!(error.to_string().contains("E_COMPUTE_CIRCLE"), "{error}");
        // The key is free.
        let compute = Counted::default();
        assert_eq!(cache.get_or_compute(&kpis("0"), || compute.call()).await.unwrap(), nth(1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_compute_of_many_that_wants_one_of_them_among_many_is_told_so_at_once() {
    let cache = memory_cache();
    let inner = cache.clone();
    let compute = move |_| {
        let cache = inner.clone();
        async move {
            let nothing = |_| async { Ok::<_, BoxError>(Vec::new()) };
            cache.get_many_or_compute(&[kpis("b")], nothing).await?;
            Ok::<_, BoxError>(Vec::new())
        }
    };
    let keys = [kpis("a"), kpis("b")];
    let asking = cache.get_many_or_compute(&keys, compute);
    let error = timeout(60 * SECOND, asking).await.expect("it is told").unwrap_err();
    assert!(error.to_string().contains("E_COMPUTE_CIRCLE"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_the_same_key_beside_a_compute_waits_for_it_as_ever() {
    let cache = memory_cache();
    let inner = cache.clone();
    let outer = tokio::spawn(async move {
        let cache = inner.clone();
        let compute = || async move {
            sleep(SECOND).await;
            // Another key's flight, which somebody else may be waiting for as well.
            let value =
                inner.get_or_compute(&kpis("b"), || Counted::default().call_after(SECOND)).await?;
            Ok::<_, BoxError>(json!([*value]))
        };
        cache.get_or_compute(&kpis("a"), compute).await
    });
    sleep(SECOND / 2).await;
    let keys = [kpis("a"), kpis("b")];
    let (a, b) = tokio::join!(
        cache.get_or_compute(&keys[0], || Counted::default().call()),
        cache.get_or_compute(&keys[1], || Counted::default().call_after(SECOND)),
    );
    assert_eq!(b.unwrap(), nth(1));
    assert_eq!(*a.unwrap(), json!([{ "call": 1 }]));
    outer.await.unwrap().unwrap();
}
