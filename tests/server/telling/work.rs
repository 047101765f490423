//! The spans of what no reader asked for: events, jobs, streams, removals that are carried out late.

use std::time::Duration;

use samekey::server::jobs::{Cleanup, Jobs};
use samekey::server::{CacheService, ChaosStore, MemoryStore, Operation, StoreErrorKind};
use serde_json::json;
use tokio::time::sleep;
use tracing::level_filters::LevelFilter;

use super::capture::Spans;
use crate::fixture::{kpis, memory_cache, schema};
use crate::stream_node::Node;
use crate::waiting::eventually;

#[tokio::test(start_paused = true)]
async fn events_that_are_posted_together_are_one_span_with_what_they_removed() {
    let cache = memory_cache();
    cache.set(&crate::fixture::executive("ws1", "7d"), &json!(1)).await.unwrap();
    let (spans, _guard) = Spans::capture(LevelFilter::INFO);
    let fields = [("workspace_id", "ws1"), ("agent_id", "a1")];
    cache.handle_event("agent_run_completed", &fields, None).await.unwrap();
    cache.handle_event("no such event", &[], None).await.unwrap_err();

    let events = spans.named("samekey.events");
    assert_eq!(events[0].says("samekey.events"), Some("agent_run_completed"));
    assert_eq!(events[0].says("samekey.deleted"), Some("1"));
    assert_eq!(events[1].says("samekey.events"), Some(""), "nothing that anybody may write");
    assert_eq!(events[1].says("error.type"), Some("E_EVENT_UNKNOWN"));
}

#[tokio::test(start_paused = true)]
async fn a_jobs_run_is_a_span_around_all_that_it_asks_of_the_store() {
    let cache = memory_cache();
    let jobs = Jobs::new(&cache).job(Cleanup).unwrap().start();
    let (spans, _guard) = Spans::capture(LevelFilter::DEBUG);
    jobs.run("cleanup").await.unwrap();
    jobs.stop().await;

    let job = spans.one("samekey.job");
    assert_eq!(
        (job.says("samekey.job"), job.says("samekey.outcome")),
        (Some("cleanup"), Some("done"))
    );
    let scan = spans.named("samekey.store");
    let scan = scan.iter().find(|call| call.says("samekey.operation") == Some("scan")).unwrap();
    assert_eq!(scan.parent, Some(job.id));
}

#[tokio::test]
async fn a_stream_is_a_span_from_its_first_frame_to_its_end() {
    let node = Node::memory().await;
    let (spans, _guard) = Spans::capture(LevelFilter::INFO);
    let mut sse = node.stream().await;
    node.invalidate("ws1").await;
    sse.invalidated().await;
    assert!(!spans.one("samekey.stream").closed);
    node.cache.close_streams();
    assert!(sse.frame().await.is_none());

    eventually("it is over", async || spans.one("samekey.stream").closed).await;
    let stream = spans.one("samekey.stream");
    let said = ["limited", "frames", "ended"];
    let said = said.map(|field| stream.says(&format!("samekey.stream.{field}")).map(str::to_owned));
    assert_eq!(said, [Some("false".into()), Some("2".into()), Some("closed".into())]);
    assert_eq!((stream.closed, stream.parent), (true, None));
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_is_carried_out_late_is_a_span_and_the_circuits_turns_are_said() {
    let (store, chaos) = ChaosStore::new(MemoryStore::default());
    let cache = CacheService::new(schema(), store);
    let (spans, _guard) = Spans::capture(LevelFilter::INFO);
    chaos.on(Operation::ALL).fail(StoreErrorKind::Unavailable);
    for _ in 0..6 {
        cache.delete(kpis("ws1")).await.unwrap_err();
    }
    chaos.on(Operation::ALL).calm();
    sleep(Duration::from_secs(5)).await;

    let deleted = spans.named("samekey.delete");
    assert!(deleted.iter().all(|span| span.says("error.type") == Some("E_STORE_QUEUED")));
    let late = spans.named("samekey.recovery");
    let late = late.last().unwrap();
    assert_eq!(late.says("samekey.keys"), Some("1"));
    assert_eq!(late.says("samekey.outcome"), Some("carried_out"));
    let said = spans.said();
    for state in ["open", "closed"] {
        let turn = format!("\"samekey.circuit\": \"{state}\"");
        assert!(said.iter().any(|event| event.contains(&turn)), "{state}: {said:#?}");
    }
}
