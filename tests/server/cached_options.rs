//! The options of `#[cached]`, and the companions that it makes.

#![expect(unused_variables, reason = "some bodies need only to be called")]

use std::sync::Arc;
use std::time::Duration;

use samekey::schema::TypedKey;
use samekey::server::{CacheError, CacheService, cached, live_for};
use samekey::shadower;
use serde_json::{Value, json};
use tokio::time::{advance, sleep};

use crate::fixture::{Counted, memory_cache};

/// What the `call`th compute returns.
fn nth(call: usize) -> Value {
    json!({ "call": call })
}

const KEEP: Duration = Duration::from_secs(40);

#[derive(Debug, PartialEq)]
enum AppError {
    Cache(&'static str),
    Missing(u64),
}

impl From<CacheError> for AppError {
    fn from(error: CacheError) -> Self {
        match error.compute_error::<Self>() {
            Some(Self::Missing(call)) => Self::Missing(*call),
            _ => Self::Cache(error.code()),
        }
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for AppError {}

type AppResult<T> = Result<T, AppError>;

#[cached(shadower::query_result(hash), ttl = "90s")]
async fn for_a_time_in_words(cache: &CacheService, hash: &str) -> Result<Value, CacheError> {
    Ok(json!(hash))
}

#[cached(shadower::query_result(hash), ttl = Duration::from_secs(minutes * 60), skip_cache = minutes == 7)]
async fn for_a_time_of_a_parameter(
    cache: &CacheService,
    compute: &Counted,
    hash: &str,
    minutes: u64,
) -> Result<Value, CacheError> {
    compute.clone().call().await.map_err(|_| unreachable!("it always counts"))
}

#[tokio::test(start_paused = true)]
async fn a_value_lives_as_long_as_the_attribute_says() {
    let (cache, compute) = (memory_cache(), Counted::default());
    for_a_time_in_words(&cache, "h1").await.unwrap();
    assert_eq!(cache.ttl("query:result:h1").await.unwrap(), Some(Duration::from_secs(90)));
    for_a_time_of_a_parameter(&cache, &compute, "h2", 3).await.unwrap();
    assert_eq!(cache.ttl("query:result:h2").await.unwrap(), Some(Duration::from_secs(180)));
    let error = for_a_time_of_a_parameter(&cache, &compute, "h3", 0).await;
    assert!(error.is_ok() && !cache.exists("query:result:h3").await.unwrap(), "no time, no store");
}

#[tokio::test(start_paused = true)]
async fn whether_to_skip_the_cache_may_be_an_expression() {
    let (cache, compute) = (memory_cache(), Counted::default());
    let mut answers = Vec::new();
    for minutes in [1, 1, 7, 1] {
        answers.push(for_a_time_of_a_parameter(&cache, &compute, "h1", minutes).await.unwrap());
    }
    assert_eq!(answers, [nth(1), nth(1), nth(2), nth(2)]);
}

/// Finds something on every other call.
async fn search(compute: &Counted) -> Option<Value> {
    let call = compute.clone().call().await.expect("it always counts");
    (call["call"].as_u64().unwrap() % 2 == 0).then_some(call)
}

#[cached(shadower::query_result(hash))]
async fn found(
    cache: &CacheService,
    compute: &Counted,
    hash: &str,
) -> Result<Option<Value>, CacheError> {
    Ok(search(compute).await)
}

#[cached(shadower::query_result(hash), cache_none = KEEP)]
async fn found_or_known_to_be_nothing(
    cache: &CacheService,
    compute: &Counted,
    hash: &str,
) -> Result<Option<Value>, CacheError> {
    Ok(search(compute).await)
}

#[cached(shadower::query_result(hash), cache_none)]
async fn found_or_nothing_for_as_long(
    cache: &CacheService,
    hash: &str,
) -> Result<Arc<Option<Value>>, CacheError> {
    Ok(Arc::new(None))
}

#[tokio::test(start_paused = true)]
async fn nothing_is_kept_only_where_the_attribute_says_and_for_so_long() {
    let (cache, compute) = (memory_cache(), Counted::default());
    assert_eq!(found(&cache, &compute, "h1").await.unwrap(), None);
    assert_eq!(found(&cache, &compute, "h1").await.unwrap(), Some(nth(2)));
    assert_eq!(found(&cache, &compute, "h1").await.unwrap(), Some(nth(2)));

    let compute = Counted::default();
    let find = || found_or_known_to_be_nothing(&cache, &compute, "h2");
    assert_eq!((find().await.unwrap(), find().await.unwrap()), (None, None));
    assert_eq!((compute.calls(), cache.ttl("query:result:h2").await.unwrap()), (1, Some(KEEP)));
    sleep(KEEP).await;
    assert_eq!((find().await.unwrap(), find().await.unwrap()), (Some(nth(2)), Some(nth(2))));
    let key = shadower::query_result("h2").unwrap();
    assert!(cache.ttl(&key).await.unwrap().unwrap() > KEEP, "a value lives as long as ever");

    assert_eq!(*found_or_nothing_for_as_long(&cache, "h3").await.unwrap(), None);
    assert_eq!(cache.ttl("query:result:h3").await.unwrap(), Some(key.ttl()));
}

#[cached(shadower::query_result(hash), cache_err = "5s")]
async fn that_fails(cache: &CacheService, compute: &Counted, hash: &str) -> AppResult<Value> {
    let call = compute.clone().call().await.expect("it always counts");
    Err(AppError::Missing(call["call"].as_u64().unwrap()))
}

#[tokio::test(start_paused = true)]
async fn an_error_answers_for_so_long_and_then_is_tried_again() {
    let (cache, compute) = (memory_cache(), Counted::default());
    for expected in [1, 1] {
        let error = that_fails(&cache, &compute, "h1").await.unwrap_err();
        assert_eq!(error, AppError::Missing(expected));
    }
    advance(Duration::from_secs(6)).await;
    assert_eq!(that_fails(&cache, &compute, "h1").await.unwrap_err(), AppError::Missing(2));
    // What makes it worth trying again ends it too.
    that_fails_invalidate(&cache, "h1").await.unwrap();
    assert_eq!(that_fails(&cache, &compute, "h1").await.unwrap_err(), AppError::Missing(3));
    // A warm-up computes, and its error is the function's own, through the alias.
    let error: AppError = that_fails_warm(&cache, &compute, "h1").await.unwrap_err();
    assert_eq!(error, AppError::Missing(4));
}

#[cached(shadower::query_result(hash))]
async fn that_fails_after_all(
    cache: &CacheService,
    compute: &Counted,
    hash: &str,
) -> AppResult<Value> {
    assert!(live_for(Duration::from_secs(3600)));
    let call = compute.clone().call().await.expect("it always counts");
    Err(AppError::Missing(call["call"].as_u64().unwrap()))
}

#[tokio::test(start_paused = true)]
async fn what_a_body_said_of_its_values_life_does_not_hold_for_its_error() {
    let (cache, compute) = (memory_cache(), Counted::default());
    for expected in [1, 2] {
        let error = that_fails_after_all(&cache, &compute, "h1").await.unwrap_err();
        assert_eq!(error, AppError::Missing(expected));
    }
}

#[cached(shadower::query_result(hash))]
async fn shared(
    cache: &CacheService,
    compute: &Counted,
    hash: String,
) -> Result<Arc<Value>, CacheError> {
    let call = compute.clone().call().await;
    call.map(Arc::new).map_err(|_| unreachable!("it always counts"))
}

#[tokio::test(start_paused = true)]
async fn a_shared_value_is_handed_out_without_a_copy() {
    let (cache, compute) = (memory_cache(), Counted::default());
    let computed = shared(&cache, &compute, "h1".into()).await.unwrap();
    let hit = shared(&cache, &compute, "h1".into()).await.unwrap();
    assert_eq!(*computed, nth(1));
    assert!(Arc::ptr_eq(&computed, &hit));
}

#[cached(shadower::report_data(report, Some(format.as_str())))]
pub(crate) async fn report(
    cache: &CacheService,
    compute: &Counted,
    report: u64,
    format: String,
    note: &[String],
    skip_cache: bool,
) -> Result<Value, CacheError> {
    assert_eq!(note.len(), 1);
    compute.clone().call().await.map_err(|_| unreachable!("it always counts"))
}

#[tokio::test(start_paused = true)]
async fn a_companion_invalidates_by_the_parameters_of_the_key_and_another_warms() {
    let (cache, compute) = (memory_cache(), Counted::default());
    let note = ["a note".to_owned()];
    let ask = async || report(&cache, &compute, 7, "csv".into(), &note, false).await.unwrap();
    assert_eq!(ask().await, nth(1));
    assert!(report_invalidate(&cache, 7, "csv".into()).await.unwrap());
    assert!(!report_invalidate(&cache, 7, "csv".into()).await.unwrap());
    report_warm(&cache, &compute, 7, "csv".into(), &note).await.unwrap();
    assert_eq!((ask().await, compute.calls()), (nth(2), 2));
    // It computes, whatever there is.
    report_warm(&cache, &compute, 7, "csv".into(), &note).await.unwrap();
    assert_eq!((ask().await, compute.calls()), (nth(3), 3));
    let error = report_invalidate(&cache, 7, String::new()).await.unwrap_err();
    assert_eq!(error.code(), "E_KEY_EMPTY_IDENTIFIER");
}

#[derive(Clone)]
struct Reports {
    caches: Vec<CacheService>,
    compute: Counted,
}

impl Reports {
    #[cached(shadower::query_result(hash), cache = self.caches[shard])]
    async fn of_a_shard(&self, shard: usize, hash: &str) -> Result<Value, CacheError> {
        self.compute.clone().call().await.map_err(|_| unreachable!("it always counts"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_companion_of_a_method_takes_what_the_cache_is_found_by() {
    let reports =
        Reports { caches: vec![memory_cache(), memory_cache()], compute: Counted::default() };
    reports.of_a_shard_warm(1, "h1").await.unwrap();
    assert_eq!(reports.of_a_shard(1, "h1").await.unwrap(), nth(1));
    assert!(!reports.of_a_shard_invalidate(0, "h1").await.unwrap());
    assert!(reports.of_a_shard_invalidate(1, "h1").await.unwrap());
    assert_eq!(reports.of_a_shard(1, "h1").await.unwrap(), nth(2));
}

#[cached(shadower::query_result(hash), cache = of_my_own)]
async fn with_an_owned_cache(of_my_own: CacheService, hash: &str) -> Result<Value, CacheError> {
    of_my_own.exists("query:result:other").await.map(Into::into)
}

#[tokio::test(start_paused = true)]
async fn an_owned_cache_is_there_for_the_question_and_for_the_body() {
    let cache = memory_cache();
    assert_eq!(with_an_owned_cache(cache.clone(), "h1").await.unwrap(), json!(false));
    assert!(with_an_owned_cache_invalidate(cache, "h1").await.unwrap());
}

#[test]
fn a_key_can_be_told_another_lifetime_and_to_hold_nothing() {
    let key = shadower::query_result("h1").unwrap().living_for(KEEP);
    let optional: TypedKey<Option<Value>> = key.clone().optional();
    assert_eq!((key.ttl(), optional.ttl()), (KEEP, KEEP));
    assert_eq!((optional.as_str(), optional.family()), ("query:result:h1", "query_result"));
}
