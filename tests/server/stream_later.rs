//! While a deployment is rolled out, newer nodes tell the log what older ones cannot read.

use samekey::server::BoxError;
use serde_json::json;
use tokio::time::{Duration, Instant, sleep};

use crate::fixture::kpis;
use crate::redis_server::RedisServer;
use crate::stream_node::{Node, told};

/// What a later version might say.
const LATER: &str = r#"{"families":["kpis"],"where":{"workspace":"ws1"}}"#;

/// Has a node of a later version tell the log something.
pub(crate) async fn append_later(server: &RedisServer) {
    let mut add = redis::cmd("XADD");
    add.arg("samekey:invalidations").arg("*").arg("v").arg(2).arg("n").arg(LATER);
    add.exec_async(&mut server.client().await).await.unwrap();
}

/// Asks until the node holds the value in its own memory: while it begins to listen it keeps nothing.
async fn hold(node: &Node) {
    let key = kpis("ws1");
    let deadline = Instant::now() + Duration::from_secs(60);
    while node.cache.get_cache_stats().await.l1_entries == 0 {
        assert!(Instant::now() < deadline, "it is never held");
        node.cache.get_or_compute(&key, || async { Ok::<_, BoxError>(json!({})) }).await.unwrap();
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn what_a_later_version_invalidates_is_taken_for_everything() {
    let server = RedisServer::start();
    let node = Node::redis(&server).await;
    let mut sse = node.stream().await;
    hold(&node).await;
    append_later(&server).await;
    let reset = sse.expect("reset").await;
    assert_eq!(reset.data["why"], "a notice of a later version");
    // Dropped before the browsers were told: they ask again at once.
    assert_eq!(node.cache.get_cache_stats().await.l1_entries, 0);
    // What this node can read it reads as ever.
    hold(&node).await;
    node.invalidate("1").await;
    assert_eq!(sse.invalidated().await, told("1"));
    assert_eq!(node.cache.get_cache_stats().await.l1_entries, 1);
    assert_eq!(node.cache.stream_stats().notices_ignored, 1);
}

#[tokio::test]
async fn who_was_away_when_a_later_version_spoke_starts_over() {
    let server = RedisServer::start();
    let node = Node::redis(&server).await;
    let mut sse = node.stream().await;
    node.invalidate("1").await;
    assert_eq!(sse.invalidated().await, told("1"));
    let before = sse.last_id.clone();
    append_later(&server).await;
    sse.expect("reset").await;
    node.invalidate("2").await;
    assert_eq!(sse.invalidated().await, told("2"));
    // At the node that was there, and at one that has to look back into the log.
    for place in [&node, &Node::redis(&server).await] {
        let mut late = place.resume(&before).await;
        late.expect("hello").await;
        late.expect("reset").await;
        place.resume(&sse.last_id).await.expect("hello").await;
    }
}
