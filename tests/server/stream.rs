//! The stream of invalidations, on one node and on several over one Redis.

use std::time::{Duration, Instant};

use samekey::server::{CacheService, StreamConfig};
use samekey::shadower;
use serde_json::json;
use tokio::time::sleep;

use crate::redis_server::RedisServer;
use crate::sse_client::Sse;
use crate::stream_node::{Node, told};

#[tokio::test]
async fn a_stream_begins_with_hello_and_tells_each_invalidation() {
    let node = Node::memory().await;
    let mut sse = Sse::open(node.http.address()).await;
    assert_eq!(sse.status(), 200);
    for header in [
        "content-type: text/event-stream",
        "cache-control: no-cache, no-store, no-transform",
        "x-accel-buffering: no",
    ] {
        assert!(sse.head.contains(header), "{}", sse.head);
    }
    let hello = sse.expect("hello").await;
    assert_eq!(hello.data, json!({ "heartbeat_ms": 15_000 }));
    assert!(hello.id.is_some());

    node.cache.invalidate_pattern("exec:*:ws1:*").await.unwrap();
    assert_eq!(sse.invalidated().await, (vec!["exec:*:ws1:*".into()], "pattern".into()));

    let run = r#"{"event":"agent_run_started","workspace_id":"ws1","agent_id":"a1"}"#;
    assert_eq!(node.http.post("/api/v1/events", run).await.status, 200);
    let patterns = vec!["metrics:realtime:ws1:*".to_owned(), "metrics:runs:ws1:*".to_owned()];
    assert_eq!(sse.invalidated().await, (patterns, "agent_run_started".into()));

    let agent = r#"{"agent":"a7"}"#;
    assert_eq!(node.http.post("/api/v1/cache/invalidate", agent).await.status, 200);
    assert_eq!(sse.invalidated().await, (vec!["agent:analytics:a7:*".into()], "entity".into()));

    let key = shadower::kpis("ws:1 *").unwrap();
    node.cache.delete(&key).await.unwrap();
    assert_eq!(sse.invalidated().await, (vec!["exec:kpis:ws%3A1%20%2A".into()], "key".into()));
}

#[tokio::test]
async fn who_comes_back_is_told_what_was_missed_and_nothing_twice() {
    let node = Node::memory().await;
    let mut sse = node.stream().await;
    node.invalidate("1").await;
    assert_eq!(sse.invalidated().await, told("1"));
    let last = sse.last_id.clone();
    drop(sse);
    node.invalidate("2").await;
    node.invalidate("3").await;

    let mut sse = node.resume(&last).await;
    // The place it was at: a connection that breaks now loses nothing.
    assert_eq!(sse.expect("hello").await.id, Some(last.clone()));
    assert_eq!(sse.invalidated().await, told("2"));
    assert_eq!(sse.invalidated().await, told("3"));
    node.invalidate("4").await;
    assert_eq!(sse.invalidated().await, told("4"));

    let mut by_query =
        Sse::open_with(node.http.address(), &format!("?last_event_id={last}"), &[]).await;
    by_query.expect("hello").await;
    assert_eq!(by_query.invalidated().await, told("2"));
}

#[tokio::test]
async fn who_comes_back_from_where_the_log_does_not_reach_starts_over() {
    let node = Node::memory().await;
    node.invalidate("1").await;
    for id in ["1-0", "99999999999999-0", "no id at all"] {
        let mut sse = node.resume(id).await;
        // Without an id: a connection that broke here would otherwise come back as if nothing were missing.
        assert_eq!(sse.expect("hello").await.id, None, "{id}");
        let reset = sse.expect("reset").await;
        assert!(reset.id.is_some() && reset.data["why"].is_string(), "{reset:?}");
        node.invalidate("2").await;
        assert_eq!(sse.invalidated().await, told("2"));
    }
}

#[tokio::test]
async fn what_one_node_invalidates_every_nodes_streams_tell() {
    let server = RedisServer::start();
    let (a, b) = (Node::redis(&server).await, Node::redis(&server).await);
    let (mut on_a, mut on_b) = (a.stream().await, b.stream().await);
    for (number, node) in [&a, &b, &a].into_iter().enumerate() {
        let id = number.to_string();
        node.invalidate(&id).await;
        assert_eq!(on_a.invalidated().await, told(&id));
        assert_eq!(on_b.invalidated().await, told(&id));
        assert_eq!(on_a.last_id, on_b.last_id);
    }
    let stats = (a.cache.stream_stats(), b.cache.stream_stats());
    assert_eq!((stats.0.notices_appended, stats.1.notices_appended), (2, 1));
    assert_eq!((stats.0.notices_read, stats.1.notices_read), (3, 3));
    assert_eq!((stats.0.streams_open, stats.1.streams_open), (1, 1));
}

#[tokio::test]
async fn who_lost_its_node_goes_on_at_another_where_it_was() {
    let server = RedisServer::start();
    goes_on_at_another(async || Node::redis(&server).await).await;
}

/// The same for every kind of store that nodes share: `new` starts a node on it.
pub(crate) async fn goes_on_at_another(new: impl AsyncFn() -> Node) {
    let (a, b) = (new().await, new().await);
    let mut sse = a.stream().await;
    a.invalidate("1").await;
    assert_eq!(sse.invalidated().await, told("1"));
    let last = sse.last_id.clone();
    drop(a);
    b.invalidate("2").await;
    let mut sse = b.resume(&last).await;
    sse.expect("hello").await;
    assert_eq!(sse.invalidated().await, told("2"));

    // And at one that was not there yet: it reads from the log what it was not told.
    let c = new().await;
    let mut sse = c.resume(&last).await;
    sse.expect("hello").await;
    assert_eq!(sse.invalidated().await, told("2"));
    b.invalidate("3").await;
    assert_eq!(sse.invalidated().await, told("3"));
}

#[tokio::test]
async fn a_graceful_shutdown_ends_the_streams() {
    let node = Node::memory().await;
    let mut sse = node.stream().await;
    node.invalidate("1").await;
    node.cache.close_streams();
    assert_eq!(sse.invalidated().await, told("1"));
    assert_eq!(sse.event().await, None);
    let refused = Sse::open(node.http.address()).await;
    assert_eq!(refused.status(), 503);
    assert!(refused.head.contains("retry-after: 1"));
}

#[tokio::test]
async fn a_quiet_stream_shows_signs_of_life() {
    let heartbeat = Duration::from_millis(200);
    let config = StreamConfig { heartbeat, ..StreamConfig::default() };
    let node = Node::of(CacheService::builder(shadower::schema()).stream(config).build().unwrap());
    let node = node.await;
    let begun = Instant::now();
    let mut sse = Sse::open(node.http.address()).await;
    assert_eq!(sse.expect("hello").await.data["heartbeat_ms"], 200);
    for _ in 0..3 {
        assert_eq!(sse.frame().await.unwrap(), ": beat\n\n");
    }
    assert!(begun.elapsed() >= 3 * heartbeat, "{:?}", begun.elapsed());
}

/// How late a question may come, on a busy machine, and still be about the same moment.
const LATE: Duration = Duration::from_secs(2);

/// Until just after `then`, in milliseconds.
fn since(then: Instant) -> u64 {
    then.elapsed().saturating_sub(Duration::from_millis(10)).as_millis() as u64
}

#[tokio::test]
async fn who_comes_for_the_first_time_is_told_what_happened_since_its_data_was_true() {
    let node = Node::memory().await;
    let mut there = node.stream().await;
    node.invalidate("1").await;
    assert_eq!(there.invalidated().await, told("1"));
    let told_at = Instant::now();
    sleep(LATE).await;
    node.invalidate("2").await;

    // Its data came before the second, and after the first.
    let mut sse = node.look_back(since(told_at)).await;
    assert_eq!(sse.expect("hello").await.data["looked_back"], json!(true));
    assert_eq!(sse.invalidated().await, told("2"));
    node.invalidate("3").await;
    assert_eq!(sse.invalidated().await, told("3"));

    // After both: there is nothing to tell but what comes.
    let mut sse = node.look_back(0).await;
    assert_eq!(sse.expect("hello").await.data["looked_back"], json!(true));
    node.invalidate("4").await;
    assert_eq!(sse.invalidated().await, told("4"));
}

#[tokio::test]
async fn a_node_says_so_when_it_does_not_remember_so_long_ago() {
    let node = Node::memory().await;
    node.invalidate("1").await;
    let mut sse = node.look_back(3_600_000).await;
    let hello = sse.expect("hello").await;
    assert_eq!(hello.data.get("looked_back"), None, "who holds older data fetches it again");
    node.invalidate("2").await;
    assert_eq!(sse.invalidated().await, told("2"));
}

#[tokio::test]
async fn the_first_greetings_place_is_before_what_it_looks_back_to() {
    let node = Node::memory().await;
    let _there = node.stream().await;
    let began = Instant::now();
    sleep(LATE).await;
    node.invalidate("1").await;
    node.invalidate("2").await;
    let mut sse = node.look_back(since(began)).await;
    let place = sse.expect("hello").await.id.unwrap();
    // The connection breaks before anything was told.
    let mut sse = node.resume(&place).await;
    sse.expect("hello").await;
    assert_eq!(sse.invalidated().await, told("1"));
    assert_eq!(sse.invalidated().await, told("2"));
}
