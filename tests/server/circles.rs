//! Computes of several callers that ask for each other's keys: no line of questions shows the circle.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use samekey::schema::TypedKey;
use samekey::server::{BoxError, CacheError, CacheService, Lookup};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::time::{Instant, timeout};

use crate::fixture::{kpis, memory_cache};

const MINUTE: Duration = Duration::from_secs(60);

type Pairs = Vec<(TypedKey<Value>, Value)>;

/// How a compute asks for another key.
#[derive(Clone, Copy, Debug)]
enum Way {
    One(Lookup),
    Many(Lookup),
}

const WAYS: [Way; 6] = [
    Way::One(Lookup::Use),
    Way::One(Lookup::Refresh),
    Way::One(Lookup::Skip),
    Way::Many(Lookup::Use),
    Way::Many(Lookup::Refresh),
    Way::Many(Lookup::Skip),
];

/// Asks for `keys[at]`, whose compute asks for the next, and so on round. All have met before any asks for the next.
fn round(
    cache: CacheService,
    at: usize,
    of: usize,
    way: Way,
    met: Option<Arc<Barrier>>,
) -> BoxFuture<'static, Result<Value, CacheError>> {
    Box::pin(async move {
        let (key, next, inner) = (kpis(&at.to_string()), (at + 1) % of, cache.clone());
        let compute = move || {
            let (met, inner) = (met.clone(), inner.clone());
            async move {
                if let Some(met) = met {
                    met.wait().await;
                }
                round(inner, next, of, way, None).await
            }
        };
        match way {
            Way::One(lookup) => {
                cache.get_or_compute_with(&key, lookup, compute).await.map(|value| (*value).clone())
            }
            Way::Many(lookup) => {
                let compute = move |keys: Vec<TypedKey<Value>>| {
                    let value = compute();
                    async move { Ok::<Pairs, CacheError>(vec![(keys[0].clone(), value.await?)]) }
                };
                let values = cache.get_many_or_compute_with(&[key], lookup, compute).await?;
                Ok((**values[0].as_ref().expect("it is computed")).clone())
            }
        }
    })
}

#[tokio::test(start_paused = true)]
async fn callers_whose_computes_want_each_others_keys_for_ever_are_told_so_at_once() {
    for way in WAYS {
        for of in [2, 3, 5] {
            let (cache, met, began) = (memory_cache(), Arc::new(Barrier::new(of)), Instant::now());
            let callers = (0..of)
                .map(|at| tokio::spawn(round(cache.clone(), at, of, way, Some(met.clone()))));
            let told = timeout(MINUTE, join_all(callers)).await.expect("they wait for each other");
            for error in told {
                let error = error.unwrap().unwrap_err();
                assert!(error.to_string().contains("E_COMPUTE_CIRCLE"), "{way:?} {of}: {error}");
            }
            assert_eq!(began.elapsed(), Duration::ZERO, "{way:?} {of}");
            // The keys are free.
            let compute = || async { Ok::<_, BoxError>(json!(1)) };
            assert_eq!(*cache.get_or_compute(&kpis("0"), compute).await.unwrap(), 1);
        }
    }
}

/// Of two batches each wants a key of the other's that wants nothing: there is no circle but that of the waiting.
#[tokio::test(start_paused = true)]
async fn batches_that_wait_for_each_other_without_need_all_get_their_values() {
    for way in [Way::One(Lookup::Use), Way::Many(Lookup::Use), Way::Many(Lookup::Refresh)] {
        let (cache, met, began) = (memory_cache(), Arc::new(Barrier::new(2)), Instant::now());
        let computes = Arc::new(AtomicUsize::new(0));
        let batch = |own: &'static str, others: &'static str| {
            let (cache, met, computes) = (cache.clone(), met.clone(), computes.clone());
            let compute = {
                let cache = cache.clone();
                move |keys: Vec<TypedKey<Value>>| {
                    let (cache, met, computes) = (cache.clone(), met.clone(), computes.clone());
                    async move {
                        met.wait().await;
                        let wanted = plain(&cache, others, way, &computes).await?;
                        Ok::<Pairs, CacheError>(vec![
                            (keys[0].clone(), json!({ "of": wanted })),
                            (keys[1].clone(), json!("plain")),
                        ])
                    }
                }
            };
            async move {
                let keys = [kpis(&format!("{own}-wide")), kpis(own)];
                cache.get_many_or_compute(&keys, compute).await
            }
        };
        let (one, two) = (tokio::spawn(batch("a", "b")), tokio::spawn(batch("b", "a")));
        let both = timeout(MINUTE, join_all([one, two])).await.expect("they wait for each other");
        for values in both {
            let values: Vec<_> =
                values.unwrap().unwrap().into_iter().map(|it| (*it.unwrap()).clone()).collect();
            assert_eq!(values, [json!({ "of": "plain" }), json!("plain")], "{way:?}");
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        // One of the two waited for the other; where each is to be computed anew, neither does.
        assert!((1..=2).contains(&computes.load(SeqCst)), "{way:?} {computes:?}");
        for key in ["a", "b", "a-wide", "b-wide"] {
            assert!(cache.get(&kpis(key)).await.unwrap().is_some(), "{key} is stored: {way:?}");
        }
    }
}

/// Asks for a key that needs no other.
async fn plain(
    cache: &CacheService,
    key: &str,
    way: Way,
    computes: &Arc<AtomicUsize>,
) -> Result<Value, CacheError> {
    let computes = computes.clone();
    let compute = move || {
        let computes = computes.clone();
        async move {
            computes.fetch_add(1, SeqCst);
            Ok::<_, CacheError>(json!("plain"))
        }
    };
    match way {
        Way::One(lookup) => {
            cache.get_or_compute_with(&kpis(key), lookup, compute).await.map(|it| (*it).clone())
        }
        Way::Many(lookup) => {
            let compute = move |keys: Vec<TypedKey<Value>>| {
                let value = compute();
                async move { Ok::<Pairs, CacheError>(vec![(keys[0].clone(), value.await?)]) }
            };
            let values = cache.get_many_or_compute_with(&[kpis(key)], lookup, compute).await?;
            Ok((**values[0].as_ref().expect("it is computed")).clone())
        }
    }
}

/// Who waits for a flight that waits for others is in nobody's circle.
#[tokio::test(start_paused = true)]
async fn a_chain_of_callers_waits_and_computes_each_key_once() {
    let (cache, computes) = (memory_cache(), Arc::new(AtomicUsize::new(0)));
    fn link(
        cache: CacheService,
        at: usize,
        computes: Arc<AtomicUsize>,
    ) -> BoxFuture<'static, Result<Value, CacheError>> {
        Box::pin(async move {
            let (inner, key) = (cache.clone(), kpis(&at.to_string()));
            let compute = move || async move {
                computes.fetch_add(1, SeqCst);
                tokio::time::sleep(Duration::from_secs(1)).await;
                match at {
                    0 => Ok(json!(0)),
                    at => link(inner, at - 1, computes).await.map(|value| json!([value])),
                }
            };
            cache.get_or_compute(&key, compute).await.map(|value| (*value).clone())
        })
    }
    let callers = (0..6).rev().map(|at| tokio::spawn(link(cache.clone(), at, computes.clone())));
    for value in timeout(MINUTE, join_all(callers)).await.expect("no circle") {
        value.unwrap().unwrap();
    }
    assert_eq!(computes.load(SeqCst), 6);
}
