//! The spans of `get_or_compute` and of what it starts.

use std::sync::Arc;
use std::time::Duration;

use samekey::server::{BoxError, CacheError, CacheService, L1Config, Lookup, MemoryStore, Policy};
use serde_json::json;
use tokio::sync::Notify;
use tokio::time::{advance, sleep};
use tracing::level_filters::LevelFilter;
use tracing::{Instrument, Level, info_span};

use super::capture::Spans;
use crate::fixture::{Counted, kpis, memory_cache, schema};

const ASKED: &str = "samekey.get_or_compute";

fn without_l1() -> CacheService {
    CacheService::builder(schema()).l1(L1Config::off()).build().unwrap()
}

async fn ask(cache: &CacheService) {
    cache.get_or_compute(&kpis("ws1"), || Counted::default().call()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_hit_in_the_process_is_no_span_at_all() {
    let cache = memory_cache();
    ask(&cache).await;
    let (spans, _guard) = Spans::capture(LevelFilter::TRACE);
    for _ in 0..3 {
        ask(&cache).await;
    }
    assert!(spans.all().is_empty(), "{:#?}", spans.all());
}

#[tokio::test(start_paused = true)]
async fn a_question_says_its_family_and_what_answered_it() {
    let cache = without_l1();
    let (spans, _guard) = Spans::capture(LevelFilter::INFO);
    ask(&cache).await;
    ask(&cache).await;
    cache
        .get_or_compute_with(&kpis("ws1"), Lookup::Refresh, || Counted::default().call())
        .await
        .unwrap();
    let failed = cache
        .get_or_compute(&kpis("ws2"), || async { Err::<serde_json::Value, _>("no database") })
        .await;
    assert!(failed.is_err());

    let asked = spans.named(ASKED);
    let said = |field: &'static str| asked.iter().map(move |span| span.says(field));
    assert_eq!(
        said("samekey.outcome").collect::<Vec<_>>(),
        [Some("computed"), Some("l2"), Some("computed"), None]
    );
    assert_eq!(
        said("samekey.lookup").collect::<Vec<_>>(),
        [Some("use"), Some("use"), Some("refresh"), Some("use")]
    );
    assert!(said("samekey.family").all(|family| family == Some("kpis")));
    assert_eq!(asked[3].says("error.type"), Some("E_COMPUTE_FAILED"));
    assert_eq!(asked[3].says("otel.status_code"), Some("ERROR"));
    assert!(asked.iter().all(|span| span.closed && span.level == Level::INFO));
}

#[tokio::test(start_paused = true)]
async fn the_compute_is_inside_its_callers_span_although_it_runs_in_another_task() {
    let cache = without_l1();
    let (spans, _guard) = Spans::capture(LevelFilter::INFO);
    let compute =
        || async { async { Ok::<_, BoxError>(json!(1)) }.instrument(info_span!("sql")).await };
    cache.get_or_compute(&kpis("ws1"), compute).instrument(info_span!("request")).await.unwrap();

    let line = ["request", ASKED, "samekey.flight", "samekey.compute", "sql"];
    let line = line.map(|name| spans.one(name));
    for (outer, inner) in line.iter().zip(&line[1..]) {
        assert_eq!(inner.parent, Some(outer.id), "{} in {}", inner.name, outer.name);
    }
    assert_eq!(line[2].says("samekey.purpose"), Some("fill"));
    assert_eq!(line[2].says("samekey.outcome"), Some("computed"));
}

/// Also where somebody has switched the cache's own spans off.
#[tokio::test(start_paused = true)]
async fn a_compute_whose_own_spans_nobody_wants_is_inside_its_callers() {
    let cache = without_l1();
    let (spans, _guard) = Spans::capture_but("samekey");
    let compute =
        || async { async { Ok::<_, BoxError>(json!(1)) }.instrument(info_span!("sql")).await };
    cache.get_or_compute(&kpis("ws1"), compute).instrument(info_span!("request")).await.unwrap();
    assert_eq!(spans.all().len(), 2, "{:#?}", spans.all());
    assert_eq!(spans.one("sql").parent, Some(spans.one("request").id));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_anothers_compute_follows_from_it() {
    let cache = without_l1();
    let (spans, _guard) = Spans::capture(LevelFilter::INFO);
    let (gate, key) = (Arc::new(Notify::new()), kpis("ws1"));
    let ask = || {
        let gate = gate.clone();
        cache.get_or_compute(&key, || async move {
            gate.notified().await;
            Ok::<_, CacheError>(json!(1))
        })
    };
    let open = async {
        sleep(Duration::from_millis(10)).await;
        gate.notify_one();
    };
    let (first, second, ()) = tokio::join!(ask(), ask(), open);
    assert_eq!(first.unwrap(), second.unwrap());

    let flight = spans.one("samekey.flight");
    let asked = spans.named(ASKED);
    assert_eq!(asked[0].says("samekey.outcome"), Some("computed"));
    assert_eq!(flight.parent, Some(asked[0].id));
    assert!(asked[0].follows.is_empty());
    assert_eq!(asked[1].says("samekey.outcome"), Some("waited"));
    assert_eq!(asked[1].follows, [flight.id]);
    assert!(flight.closed, "nobody keeps it open");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_nobody_waits_for_is_a_trace_of_its_own() {
    let policy = Policy::default().stale(Duration::from_secs(60)).early_refresh(0.0);
    let cache = CacheService::builder(schema()).policy(policy).build().unwrap();
    ask(&cache).await;
    advance(Duration::from_secs(301)).await;
    let (spans, _guard) = Spans::capture(LevelFilter::INFO);
    let gate = Arc::new(Notify::new());
    let opened = gate.clone();
    let compute = || async move {
        opened.notified().await;
        Ok::<_, CacheError>(json!(2))
    };
    cache.get_or_compute(&kpis("ws1"), compute).instrument(info_span!("request")).await.unwrap();

    let asked = spans.one(ASKED);
    assert_eq!(asked.says("samekey.outcome"), Some("stale"));
    assert!(asked.closed && spans.one("request").closed, "the answer was given long ago");
    gate.notify_one();
    sleep(Duration::from_millis(10)).await;
    let flight = spans.one("samekey.flight");
    assert_eq!((flight.parent, flight.closed), (None, true));
    assert_eq!(flight.says("samekey.purpose"), Some("refresh"));
    assert_eq!(flight.follows, [asked.id]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_one_span_with_one_flight_and_one_compute() {
    let cache = CacheService::new(schema(), MemoryStore::default());
    cache.set(&kpis("ws1"), &json!(0)).await.unwrap();
    let (spans, _guard) = Spans::capture(LevelFilter::INFO);
    let keys = ["ws1", "ws2", "ws3"].map(kpis);
    let compute = |missing: Vec<_>| async move {
        Ok::<_, CacheError>(missing.into_iter().map(|key| (key, json!(1))).collect::<Vec<_>>())
    };
    cache.get_many_or_compute(&keys, compute).await.unwrap();

    let asked = spans.one("samekey.get_many_or_compute");
    let said = ["samekey.keys", "samekey.found", "samekey.computed"].map(|field| asked.says(field));
    assert_eq!(said, [Some("3"), Some("1"), Some("2")]);
    let flight = spans.one("samekey.flight");
    assert_eq!(flight.parent, Some(asked.id));
    assert_eq!(flight.says("samekey.purpose"), Some("batch"));
    assert_eq!(spans.one("samekey.compute").says("samekey.keys"), Some("2"));
}

#[tokio::test(start_paused = true)]
async fn looks_and_writes_without_a_compute_say_what_came_of_them() {
    let cache = without_l1();
    let (spans, _guard) = Spans::capture(LevelFilter::INFO);
    assert!(cache.get(&kpis("ws1")).await.unwrap().is_none());
    cache.set(&kpis("ws1"), &json!(1)).await.unwrap();
    assert!(cache.get(&kpis("ws1")).await.unwrap().is_some());
    cache.get_many(&[kpis("ws1"), kpis("ws2")]).await.unwrap();
    assert!(cache.delete(kpis("ws1")).await.unwrap());

    let outcomes: Vec<_> = spans.named("samekey.get");
    let outcomes: Vec<_> = outcomes.iter().map(|span| span.says("samekey.outcome")).collect();
    assert_eq!(outcomes, [Some("miss"), Some("l2")]);
    assert_eq!(spans.one("samekey.set").says("samekey.family"), Some("kpis"));
    assert_eq!(spans.one("samekey.get_many").says("samekey.found"), Some("1"));
    assert_eq!(spans.one("samekey.delete").says("samekey.deleted"), Some("1"));
}
