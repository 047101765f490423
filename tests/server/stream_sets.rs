//! What somebody stores over another value, on the stream.

use std::collections::BTreeSet;
use std::time::Duration;

use samekey::schema::{Key, Pattern, TypedKey};
use samekey::server::{CacheError, CacheService, Lookup, MemoryStore};
use samekey::shadower;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::redis_server::RedisServer;
use crate::sse_client::Sse;
use crate::stream_node::Node;
use crate::waiting::eventually;

pub(crate) fn query(hash: &str) -> TypedKey<Value> {
    shadower::query_result(hash).unwrap()
}

pub(crate) fn set_of(key: &str) -> (Vec<String>, String) {
    (vec![key.to_owned()], "set".to_owned())
}

/// Until each of `keys` was told of; how many notices that took, and the widest patterns among them.
async fn until_told(sse: &mut Sse, mut keys: BTreeSet<String>) -> (usize, BTreeSet<String>) {
    let (mut notices, mut wide) = (0, BTreeSet::new());
    while !keys.is_empty() {
        let (patterns, reason) = sse.invalidated().await;
        assert_eq!(reason, "set");
        notices += 1;
        for text in patterns {
            let pattern = Pattern::parse(&text).unwrap();
            keys.retain(|key| !pattern.matches(key));
            if text.contains('*') {
                wide.insert(text);
            }
        }
    }
    (notices, wide)
}

#[tokio::test]
async fn what_is_set_at_one_node_every_nodes_browsers_are_told_to_ask_for() {
    let server = RedisServer::start();
    let (a, b) = (Node::redis(&server).await, Node::redis(&server).await);
    let (mut on_a, mut on_b) = (a.stream().await, b.stream().await);
    for (node, value) in [(&a, 1), (&b, 2), (&a, 3)] {
        node.cache.set(&query("h1"), &json!(value)).await.unwrap();
        assert_eq!(on_a.invalidated().await, set_of("query:result:h1"));
        assert_eq!(on_b.invalidated().await, set_of("query:result:h1"));
        // Who hears it asks at once, at any node.
        for asked in [&a, &b] {
            assert_eq!(
                asked.cache.get(&query("h1")).await.unwrap().as_deref(),
                Some(&json!(value))
            );
        }
        sleep(Duration::from_millis(150)).await;
    }
    assert_eq!(a.cache.stream_stats().notices_appended, 2);
}

#[tokio::test(start_paused = true)]
async fn a_set_that_comes_alone_is_in_the_log_when_it_returns() {
    let node = Node::memory().await;
    for value in 1..4 {
        node.cache.set(&query("h1"), &json!(value)).await.unwrap();
        assert_eq!(node.cache.stream_stats().notices_appended, value);
        sleep(Duration::from_millis(150)).await;
    }
}

/// The same source was read again: what was read before is as good as its time says.
#[tokio::test]
async fn what_a_compute_stores_is_not_told() {
    let node = Node::memory().await;
    let mut sse = node.stream().await;
    for (value, lookup) in [(1, Lookup::Use), (2, Lookup::Refresh)] {
        let compute = async move || Ok::<_, CacheError>(json!(value));
        let computed = node.cache.get_or_compute_with(&query("h1"), lookup, compute).await;
        assert_eq!(*computed.unwrap(), json!(value));
    }
    sse.expect_silence(Duration::from_millis(300)).await;
}

#[tokio::test]
async fn what_is_set_in_one_moment_is_told_together() {
    let node = Node::memory().await;
    let mut sse = node.stream().await;
    let begun = Instant::now();
    let mut keys = BTreeSet::new();
    for id in 0..40 {
        node.cache.set(&query(&format!("h{id}")), &json!(id)).await.unwrap();
        keys.insert(format!("query:result:h{id}"));
    }
    let many: Vec<_> = (40..80).map(|id| (query(&format!("h{id}")), json!(id))).collect();
    node.cache.set_many(&many).await.unwrap();
    keys.extend(many.iter().map(|(key, _)| key.as_str().to_owned()));
    node.cache.set_for(&query("h80"), &json!(80), Duration::from_secs(9)).await.unwrap();
    keys.insert("query:result:h80".to_owned());
    let (notices, wide) = until_told(&mut sse, keys).await;
    let moments = begun.elapsed().as_millis() / 100 + 2;
    assert!(notices as u128 <= moments, "{notices} notices in {moments} moments");
    assert_eq!(wide, BTreeSet::new(), "each by its name");
}

#[tokio::test]
async fn what_a_loader_sets_is_told_as_what_it_has_in_common_and_crowds_nobody_out() {
    let node = Node::memory().await;
    let mut sse = node.stream().await;
    let begun = Instant::now();
    let mut keys = BTreeSet::new();
    for batch in 0..10 {
        // Many within a moment also where each takes long.
        let many = (0..500).map(|id| {
            let id = 500 * batch + id;
            let key = Key::new(["user", "analytics", &format!("ws{id}"), "7d"]).unwrap();
            (TypedKey::new(key, "user_analytics", Duration::from_secs(60)), json!(id))
        });
        let many: Vec<_> = many.collect();
        node.cache.set_many(&many).await.unwrap();
        keys.extend(many.iter().map(|(key, _)| key.as_str().to_owned()));
    }
    // Beside it, and by name.
    sleep(Duration::from_millis(150)).await;
    node.cache.set(&query("h1"), &json!(1)).await.unwrap();
    keys.insert("query:result:h1".to_owned());
    let (notices, wide) = until_told(&mut sse, keys).await;
    assert_eq!(wide, BTreeSet::from(["user:analytics:*:7d".to_owned()]));
    let moments = begun.elapsed().as_millis() / 100 + 2;
    assert!(notices as u128 <= moments, "{notices} notices in {moments} moments");
}

#[tokio::test]
async fn a_loader_may_keep_it_to_itself() {
    let server = RedisServer::start();
    let (a, b) = (Node::redis(&server).await, Node::redis(&server).await);
    let mut sse = b.stream().await;
    b.cache.set(&query("h1"), &json!(1)).await.unwrap();
    assert_eq!(sse.invalidated().await, set_of("query:result:h1"));
    let loader = a.cache.without_set_notices();
    loader.set(&query("h1"), &json!(2)).await.unwrap();
    loader.set_many(&[(query("h2"), json!(2))]).await.unwrap();
    loader.set_for(&query("h3"), &json!(2), Duration::from_secs(9)).await.unwrap();
    sse.expect_silence(Duration::from_millis(500)).await;
    // The other node's copy has gone all the same; and the service itself still tells.
    let read = async || b.cache.get(&query("h1")).await.unwrap();
    eventually("it has gone", async || read().await.as_deref() == Some(&json!(2))).await;
    a.cache.set(&query("h1"), &json!(3)).await.unwrap();
    assert_eq!(sse.invalidated().await, set_of("query:result:h1"));
}

/// What is set explains no deletion.
#[tokio::test]
async fn what_another_program_deletes_soon_after_it_was_set_is_told() {
    let server = RedisServer::start();
    let node = Node::redis(&server).await;
    node.armed().await;
    let mut sse = node.stream().await;
    node.cache.set(&query("h1"), &json!(1)).await.unwrap();
    assert_eq!(sse.invalidated().await, set_of("query:result:h1"));
    let mut del = redis::cmd("DEL");
    let _: u64 = del.arg("query:result:h1").query_async(&mut server.client().await).await.unwrap();
    assert_eq!(sse.invalidated().await, (vec!["query:result:h1".into()], "foreign".into()));
}

#[tokio::test]
async fn a_value_that_an_event_brings_is_told_by_the_event() {
    let node = Node::memory().await;
    let mut sse = node.stream().await;
    let fields = [("report_id", "r1")];
    node.cache.handle_event("report_generated", &fields, Some(&json!([1]))).await.unwrap();
    let told = (vec!["report:data:r1:*".to_owned()], "report_generated".to_owned());
    assert_eq!(sse.invalidated().await, told);
    sse.expect_silence(Duration::from_millis(300)).await;
}

#[tokio::test]
async fn a_value_that_an_event_brings_and_does_not_name_is_told_as_one_that_was_set() {
    let mut schema = shadower::schema().clone();
    let event = schema.events.iter_mut().find(|event| event.name == "report_generated").unwrap();
    event.invalidates.clear();
    let node = Node::of(CacheService::new(schema, MemoryStore::default())).await;
    let mut sse = node.stream().await;
    let fields = [("report_id", "r1")];
    node.cache.handle_event("report_generated", &fields, Some(&json!([1]))).await.unwrap();
    assert_eq!(sse.invalidated().await, set_of("report:data:r1:json"));
}
