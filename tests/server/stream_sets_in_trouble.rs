//! What is told of a value that could not be stored over another, or whose caller went away.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use samekey::server::{CacheService, Chaos, ChaosStore, MemoryStore, Operation, StoreErrorKind};
use samekey::shadower;
use serde_json::json;
use tokio::time::sleep;

use crate::stream_node::Node;
use crate::stream_sets::{query, set_of};

const KEY: &str = "query:result:h1";

/// A node with the value 1, of whose store `Chaos` decides.
async fn node() -> (Node, Chaos) {
    let (store, chaos) = ChaosStore::new(MemoryStore::default());
    let node = Node::of(CacheService::new(shadower::schema(), store)).await;
    node.cache.set(&query("h1"), &json!(1)).await.unwrap();
    sleep(Duration::from_millis(150)).await;
    (node, chaos)
}

#[tokio::test]
async fn what_could_not_be_stored_over_is_told_when_it_has_been_removed() {
    let (node, chaos) = node().await;
    let mut sse = node.stream().await;
    chaos.on([Operation::Set, Operation::Delete]).fail(StoreErrorKind::Unavailable);
    node.cache.set(&query("h1"), &json!(2)).await.unwrap_err();
    sse.expect_silence(Duration::from_millis(300)).await;
    chaos.calm();
    assert_eq!(sse.invalidated().await, set_of(KEY));
    assert_eq!(node.cache.get(&query("h1")).await.unwrap(), None);
}

#[tokio::test]
async fn what_was_stored_although_nobody_waited_for_it_is_told() {
    let (node, chaos) = node().await;
    let mut sse = node.stream().await;
    chaos.on([Operation::Set]).hold_answers();
    {
        let (key, value) = (query("h1"), json!(2));
        let mut setting = pin!(node.cache.set(&key, &value));
        assert!(setting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    chaos.calm();
    assert_eq!(sse.invalidated().await, set_of(KEY));
    // Nobody knew whether it was stored, so nothing is there.
    assert_eq!(node.cache.get(&query("h1")).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_too_large_leaves_nothing_and_that_is_told() {
    let (node, _chaos) = node().await;
    let mut sse = node.stream().await;
    let large = json!("x".repeat(CacheService::MAX_VALUE_BYTES));
    let error = node.cache.set(&query("h1"), &large).await.unwrap_err();
    assert_eq!(error.code(), "E_VALUE_TOO_LARGE");
    assert_eq!(sse.invalidated().await, set_of(KEY));
    // What was not even tried is no news.
    sleep(Duration::from_millis(150)).await;
    let never = node.cache.set_for(&query("h1"), &json!(1), Duration::ZERO).await;
    assert_eq!(never.unwrap_err().code(), "E_TTL_TOO_SHORT");
    sse.expect_silence(Duration::from_millis(300)).await;
}

#[tokio::test]
async fn what_was_set_before_the_end_is_told_before_the_end() {
    let (node, _chaos) = node().await;
    let mut sse = node.stream().await;
    let many: Vec<_> = (0..1_000).map(|id| (query(&format!("a{id}")), json!(id))).collect();
    // Until some are untold at the end: a busy machine may take longer than they wait.
    loop {
        node.cache.set_many(&many).await.unwrap();
        node.cache.set_many(&many).await.unwrap();
        node.cache.set(&query("h1"), &json!(2)).await.unwrap();
        if node.cache.stream_stats().sets_untold > 0 {
            break;
        }
    }
    let told = node.cache.stream_stats().notices_appended;
    assert!(node.cache.shutdown(Duration::from_secs(60)).await);
    // More would have come by itself within a second.
    let by_the_end = node.cache.stream_stats().notices_appended;
    assert!(by_the_end > told, "{by_the_end}");
    sleep(Duration::from_millis(1_200)).await;
    assert_eq!(node.cache.stream_stats().notices_appended, by_the_end);
    for _ in 1..by_the_end {
        assert_eq!(sse.invalidated().await.1, "set");
    }
}
