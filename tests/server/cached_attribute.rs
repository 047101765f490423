//! `#[cached]`: what it does with a function. What it says of one that it cannot cache is in `tests/compile`.

use samekey::server::http::Problem;
use samekey::server::{CacheError, CacheService, cached};
use samekey::shadower;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::fixture::{Counted, memory_cache, nth};

#[cached(shadower::query_result(hash))]
async fn with_a_cache_parameter(
    cache: &CacheService,
    compute: &Counted,
    hash: &str,
    skip_cache: bool,
) -> Result<Value, CacheError> {
    assert!(!hash.is_empty());
    compute.clone().call().await.map_err(|_| unreachable!("it always counts"))
}

#[tokio::test(start_paused = true)]
async fn the_body_runs_on_a_miss_and_when_told_to_skip_the_cache() {
    let (cache, compute) = (memory_cache(), Counted::default());
    let mut answers = Vec::new();
    for skip_cache in [false, false, true, false] {
        answers.push(with_a_cache_parameter(&cache, &compute, "h1", skip_cache).await.unwrap());
    }
    assert_eq!(answers, [1, 1, 2, 2].map(|call| (*nth(call)).clone()));
    with_a_cache_parameter(&cache, &compute, "h2", false).await.unwrap();
    assert_eq!(compute.calls(), 3);
    let key = shadower::query_result("h1").unwrap();
    assert_eq!(cache.ttl(&key).await.unwrap(), Some(key.ttl()));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_cannot_be_made_is_the_functions_error() {
    let (cache, compute) = (memory_cache(), Counted::default());
    let error = with_a_cache_parameter(&cache, &compute, "", false).await.unwrap_err();
    assert_eq!(error.code(), "E_KEY_EMPTY_IDENTIFIER");
    assert_eq!(compute.calls(), 0);
}

#[derive(Clone)]
struct Analytics {
    cache: CacheService,
    compute: Counted,
}

impl Analytics {
    /// Borrowed, owned and numeric parameters, and an expression, in one key.
    #[cached(shadower::report_data(report, Some(format.as_str())))]
    pub(crate) async fn report(
        &self,
        report: u64,
        format: String,
        note: &[String],
    ) -> Result<Value, CacheError> {
        assert_eq!(note, ["a note"]);
        let call = self.compute.clone().call().await.expect("it always counts");
        Ok(json!({ "report": report, "format": format, "call": call["call"] }))
    }

    #[cached(shadower::query_result(hash), cache = self.cache)]
    async fn of_a_shared_owner(self: Arc<Self>, hash: String) -> Result<Value, Problem> {
        Err(Problem::new(axum::http::StatusCode::NOT_FOUND, "E_QUERY_UNKNOWN", hash))
    }
}

#[tokio::test(start_paused = true)]
async fn a_methods_cache_is_its_own_and_its_parameters_make_the_key() {
    let analytics = Analytics { cache: memory_cache(), compute: Counted::default() };
    let note = ["a note".to_owned()];
    for _ in 0..2 {
        let report = analytics.report(7, "csv".into(), &note).await.unwrap();
        assert_eq!(report, json!({ "report": 7, "format": "csv", "call": 1 }));
    }
    assert!(analytics.cache.exists("report:data:7:csv").await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_body_comes_back_through_the_functions_own_type() {
    let analytics = Arc::new(Analytics { cache: memory_cache(), compute: Counted::default() });
    let problem = analytics.of_a_shared_owner("h1".into()).await.unwrap_err();
    assert_eq!((problem.code(), problem.status().as_u16()), ("E_QUERY_UNKNOWN", 404));
}
