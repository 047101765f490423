//! Events whose hooks, lists or values are odd.

use std::time::Duration;

use samekey::schema::{Key, TypedKey};
use samekey::server::{BoxError, PostedEvent};
use serde_json::{Value, json};

use crate::events_posted::{post, run, with_id};
use crate::stream_node::Node;

#[tokio::test]
async fn a_hook_that_panics_keeps_nothing_from_being_done() {
    let node = Node::memory().await;
    let mut sse = node.stream().await;
    let rude = |event: PostedEvent| {
        assert!(event.fields.is_empty(), "a bug in the application");
        async { Ok::<(), BoxError>(()) }
    };
    node.cache.on_event("agent_run_started", rude).unwrap();
    let (status, answer) = post(&node.http, &json!([run("ws1"), run("ws2")])).await;
    assert_eq!((status, &answer["succeeded"]), (200, &json!(2)), "{answer}");
    for workspace in ["ws1", "ws2"] {
        let (patterns, _) = sse.invalidated().await;
        assert_eq!(patterns[0], format!("metrics:realtime:{workspace}:*"));
    }
}

/// Of two that are the same in one post, neither is done when the store fails.
#[cfg(feature = "testing")]
#[tokio::test]
async fn an_event_that_stands_in_a_list_twice_fails_twice() {
    use samekey::server::{CacheService, ChaosStore, MemoryStore, Operation, StoreErrorKind};

    let (store, chaos) = ChaosStore::new(MemoryStore::default());
    let node = Node::of(CacheService::new(samekey::shadower::schema(), store)).await;
    let twice = with_id(run("ws1"), json!("e1"));
    chaos.on([Operation::DeleteMatching]).fail(StoreErrorKind::Full);
    let (status, answer) = post(&node.http, &json!([twice, twice])).await;
    assert_eq!((status, &answer["failed"]), (207, &json!(2)), "{answer}");
    chaos.calm();
    let (status, answer) = post(&node.http, &json!([twice, twice])).await;
    assert_eq!((status, &answer["results"][1]["duplicate"]), (200, &json!(true)), "{answer}");
}

/// Or whoever guesses an id could have his own value stored, and the true one taken for its repetition.
#[tokio::test]
async fn an_event_that_brings_another_value_is_another_event() {
    let node = Node::memory().await;
    let report = |rows: u64| json!({ "event": "report_generated", "report_id": 7, "data": { "rows": rows }, "id": "e1" });
    let done = async |body: &Value| {
        let (status, answer) = post(&node.http, body).await;
        (status, answer["duplicate"] == true)
    };
    assert_eq!(done(&report(1)).await, (200, false));
    assert_eq!(done(&report(1)).await, (200, true));
    assert_eq!(done(&report(2)).await, (200, false));
    let key = Key::parse("report:data:7:json").unwrap();
    let key = TypedKey::<Value>::new(key, "report_data", Duration::from_secs(60));
    assert_eq!(*node.cache.get(&key).await.unwrap().unwrap(), json!({ "rows": 2 }));
}
