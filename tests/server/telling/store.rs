//! Calls of the store: OpenTelemetry's names, and times by operation.

use std::time::Duration;

use samekey::server::{
    CacheService, ChaosStore, L1Config, MemoryStore, Operation, RedisStore, StoreErrorKind,
};
use tracing::Level;
use tracing::level_filters::LevelFilter;

use super::capture::Spans;
use super::metrics::figure;
use crate::fixture::{Counted, kpis, schema};
use crate::redis_server::RedisServer;

#[tokio::test]
async fn calls_to_redis_are_client_spans_with_the_names_of_opentelemetry() {
    let redis = RedisServer::start();
    let store = RedisStore::new(&redis.patient_config()).unwrap();
    let cache = CacheService::builder(schema()).store(store).l1(L1Config::off()).build().unwrap();
    let (spans, _guard) = Spans::capture(LevelFilter::DEBUG);
    cache.get_or_compute(&kpis("ws1"), || Counted::default().call()).await.unwrap();
    cache.get_many(&[kpis("ws1"), kpis("ws2")]).await.unwrap();

    // The service asks some things of its own accord.
    let mut calls = spans.named("samekey.store");
    calls.retain(|call| call.parent.is_some());
    let names: Vec<_> = calls.iter().map(|call| call.says("db.operation.name").unwrap()).collect();
    assert_eq!(names, ["GET", "EVALSHA", "EVALSHA", "MGET"]);
    for (call, name) in calls.iter().zip(names) {
        let said = ["db.system.name", "otel.kind", "otel.name"].map(|field| call.says(field));
        assert_eq!(said, [Some("redis"), Some("client"), Some(name)]);
        assert_eq!((call.level, call.closed), (Level::DEBUG, true));
    }
    let operations: Vec<_> = calls.iter().map(|call| call.says("samekey.operation")).collect();
    assert_eq!(operations, ["get", "lease", "set_leased", "get_many"].map(Some));
    assert_eq!(calls[3].says("db.operation.batch.size"), Some("2"));
    assert_eq!(calls[0].says("db.operation.batch.size"), None);
    assert_eq!(calls[0].parent, Some(spans.one("samekey.get_or_compute").id));
    assert_eq!(calls[1].parent, Some(spans.one("samekey.flight").id));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_fails_says_its_code_and_takes_time_like_any_other() {
    let (store, chaos) = ChaosStore::new(MemoryStore::default());
    let cache = CacheService::builder(schema()).store(store).l1(L1Config::off()).build().unwrap();
    chaos.on([Operation::Get]).fail(StoreErrorKind::Timeout);
    chaos.on([Operation::Get]).delay_between(Duration::from_millis(40), Duration::from_millis(40));
    let (spans, _guard) = Spans::capture(LevelFilter::DEBUG);
    cache.get(&kpis("ws1")).await.unwrap_err();

    let call = spans.one("samekey.store");
    assert_eq!(call.says("error.type"), Some("E_STORE_TIMEOUT"));
    assert_eq!(call.says("db.operation.name"), Some("get"), "no Redis, so no command of it");
    assert_eq!(spans.one("samekey.get").says("error.type"), Some("E_STORE_TIMEOUT"));
    let text = cache.prometheus_text().await;
    for (series, count) in [
        ("samekey_store_seconds_bucket{operation=\"get\",le=\"0.025\"}", 0.0),
        ("samekey_store_seconds_bucket{operation=\"get\",le=\"0.05\"}", 1.0),
        ("samekey_store_seconds_count{operation=\"get\"}", 1.0),
    ] {
        assert_eq!(figure(&text, series), Some(count), "{series}\n{text}");
    }
}
