//! `#[cached_many]`: one question for all, one call of the body for what is missing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use samekey::server::{CacheError, CacheService, cached_many};
use samekey::shadower;
use serde_json::{Value, json};

use crate::fixture::memory_cache;

/// The ids that each call of a body was asked for.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<Vec<String>>>>);

impl Asked {
    /// A value for each, made of its id and the number of the call.
    fn answer(&self, ids: &[String]) -> Vec<Value> {
        let mut asked = self.0.lock().unwrap();
        asked.push(ids.to_vec());
        ids.iter().map(|id| json!([id, asked.len()])).collect()
    }

    fn calls(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|ids| ids.join(" ")).collect()
    }
}

fn ids(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

fn values(values: &[(&str, usize)]) -> Vec<Value> {
    values.iter().map(|value| json!(value)).collect()
}

#[cached_many(shadower::query_result(hash) for hash in hashes, ttl = "90s")]
async fn results(
    cache: &CacheService,
    asked: &Asked,
    hashes: &[String],
    skip_cache: bool,
) -> Result<Vec<Value>, CacheError> {
    Ok(asked.answer(hashes))
}

#[tokio::test(start_paused = true)]
async fn the_body_gets_those_that_are_missing_and_the_caller_all_in_order() {
    let (cache, asked) = (memory_cache(), Asked::default());
    let ask = async |text: &str| results(&cache, &asked, &ids(text), false).await.unwrap();
    assert_eq!(ask("a b").await, values(&[("a", 1), ("b", 1)]));
    assert_eq!(ask("c b a d").await, values(&[("c", 2), ("b", 1), ("a", 1), ("d", 2)]));
    assert_eq!(ask("d d a").await, values(&[("d", 2), ("d", 2), ("a", 1)]));
    assert_eq!(asked.calls(), ["a b", "c d"]);
    let left = cache.ttl("query:result:c").await.unwrap();
    assert_eq!(left, Some(Duration::from_secs(90)));
    assert!(results(&cache, &asked, &[], false).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn all_are_computed_anew_for_who_skips_the_cache_and_for_who_warms_it() {
    let (cache, asked) = (memory_cache(), Asked::default());
    for skip_cache in [false, true, false] {
        results(&cache, &asked, &ids("a b"), skip_cache).await.unwrap();
    }
    results_warm(&cache, &asked, &ids("b c")).await.unwrap();
    let found = results(&cache, &asked, &ids("a b c"), false).await.unwrap();
    assert_eq!(found, values(&[("a", 2), ("b", 3), ("c", 3)]));
    assert_eq!(asked.calls(), ["a b", "a b", "b c"]);
}

#[tokio::test(start_paused = true)]
async fn a_companion_takes_out_all_of_them() {
    let (cache, asked) = (memory_cache(), Asked::default());
    results(&cache, &asked, &ids("a b c"), false).await.unwrap();
    assert_eq!(results_invalidate(&cache, &ids("a b x")).await.unwrap(), 2);
    results(&cache, &asked, &ids("a b c"), false).await.unwrap();
    assert_eq!(asked.calls(), ["a b c", "a b"]);
}

#[derive(Clone)]
struct Reports {
    cache: CacheService,
    asked: Asked,
}

impl Reports {
    /// Owned parameters, another one in the key, nothing for some, shared values, and an alias nowhere.
    #[cached_many(shadower::report_data(report, Some(format)) for report in reports)]
    async fn in_format(
        &self,
        reports: Vec<u64>,
        format: &str,
    ) -> Result<Vec<Option<Arc<Value>>>, CacheError> {
        let ids: Vec<_> = reports.iter().map(ToString::to_string).collect();
        let values = self.asked.answer(&ids).into_iter().map(Arc::new);
        assert_eq!(format, "csv");
        let odd = |report: &u64| report % 2 == 1;
        Ok(values.zip(&reports).map(|(value, report)| odd(report).then_some(value)).collect())
    }

    #[cached_many(shadower::query_result(hash) for hash in hashes)]
    async fn one_too_few(&self, hashes: Vec<String>) -> Result<Vec<Arc<Value>>, CacheError> {
        let values = self.asked.answer(&hashes).into_iter().skip(1);
        Ok(values.map(Arc::new).collect())
    }
}

#[tokio::test(start_paused = true)]
async fn a_method_may_find_nothing_for_some_and_share_what_it_finds() {
    let reports = Reports { cache: memory_cache(), asked: Asked::default() };
    let first = reports.in_format(vec![1, 2, 3], "csv").await.unwrap();
    let again = reports.in_format(vec![3, 2, 1], "csv").await.unwrap();
    let shared = |one: &Option<Arc<Value>>, other: &Option<Arc<Value>>| {
        Arc::ptr_eq(one.as_ref().unwrap(), other.as_ref().unwrap())
    };
    assert!(shared(&first[0], &again[2]) && shared(&first[2], &again[0]));
    assert!(first[1].is_none() && again[1].is_none());
    assert_eq!(reports.asked.calls(), ["1 2 3", "2"]);
    assert!(reports.cache.exists("report:data:3:csv").await.unwrap());
    assert_eq!(reports.in_format_invalidate(vec![1, 2, 3], "csv").await.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_returns_another_number_is_an_error_and_nothing_is_stored() {
    let reports = Reports { cache: memory_cache(), asked: Asked::default() };
    let error = reports.one_too_few(ids("a b")).await.unwrap_err();
    assert_eq!(error.code(), "E_COMPUTE_FAILED");
    assert!(error.to_string().contains("1 values for 2 keys"), "{error}");
    assert!(!reports.cache.exists("query:result:b").await.unwrap());
}

#[cfg(feature = "testing")]
#[tokio::test(start_paused = true)]
async fn what_cannot_be_taken_out_now_is_remembered_each_of_them() {
    use samekey::server::{ChaosStore, MemoryStore, Operation, StoreErrorKind};

    let (store, chaos) = ChaosStore::new(MemoryStore::default());
    let cache = CacheService::new(crate::fixture::schema(), store);
    results(&cache, &Asked::default(), &ids("a b c"), false).await.unwrap();
    // One that is no key: nothing is taken out.
    let error = results_invalidate(&cache, &["a".into(), String::new()]).await.unwrap_err();
    assert_eq!(error.code(), "E_KEY_EMPTY_IDENTIFIER");
    assert!(cache.exists("query:result:a").await.unwrap());

    chaos.on([Operation::Delete]).fail(StoreErrorKind::Unavailable);
    let error = results_invalidate(&cache, &ids("a b c")).await.unwrap_err();
    assert_eq!((error.code(), cache.recovery().pending()), ("E_STORE_QUEUED", 3));
    chaos.calm();
    cache.recovery().settled().await;
    for key in ["query:result:a", "query:result:b", "query:result:c"] {
        assert!(!cache.exists(key).await.unwrap(), "{key}");
    }
}
