//! What another program deletes behind our back, on the stream.

use std::time::Duration;

use samekey::server::{CacheService, RedisStore};
use samekey::shadower;
use serde_json::json;
use tokio::time::sleep;

use crate::redis_server::RedisServer;
use crate::stream_node::Node;

/// A connection of another program, which deletes with `DEL`.
async fn run(server: &RedisServer, command: &[&str]) {
    let mut cmd = redis::cmd(command[0]);
    for argument in &command[1..] {
        cmd.arg(argument);
    }
    let _: redis::Value = cmd.query_async(&mut server.client().await).await.unwrap();
}

async fn exists(server: &RedisServer, key: &str) -> bool {
    redis::cmd("EXISTS").arg(key).query_async(&mut server.client().await).await.unwrap()
}

/// Without a word of it on the stream.
async fn stored(node: &Node, hash: &str) {
    let key = shadower::query_result(hash).unwrap();
    node.cache.without_set_notices().set(&key, &json!(1)).await.unwrap();
}

#[tokio::test]
async fn a_foreign_programs_del_is_told_by_every_node() {
    let server = RedisServer::start();
    let (a, b) = (Node::redis(&server).await, Node::redis(&server).await);
    a.armed().await;
    b.armed().await;
    let (mut on_a, mut on_b) = (a.stream().await, b.stream().await);
    stored(&a, "h1").await;
    run(&server, &["DEL", "query:result:h1"]).await;
    let told = (vec!["query:result:h1".to_owned()], "foreign".to_owned());
    assert_eq!(on_a.invalidated().await, told);
    assert_eq!(on_b.invalidated().await, told);
    // Both saw it, and mostly one says it; never more than both.
    sleep(Duration::from_millis(500)).await;
    let said = a.cache.stream_stats().notices_appended + b.cache.stream_stats().notices_appended;
    assert!((1..=2).contains(&said), "{said}");
}

#[tokio::test]
async fn a_deletion_soon_after_an_invalidation_is_not_taken_for_its_echo() {
    let server = RedisServer::start();
    let node = Node::redis(&server).await;
    node.armed().await;
    let mut sse = node.stream().await;
    node.cache.invalidate_pattern("query:result:*").await.unwrap();
    assert_eq!(sse.invalidated().await.1, "pattern");
    stored(&node, "h1").await;
    sleep(Duration::from_millis(1_200)).await;
    run(&server, &["DEL", "query:result:h1"]).await;
    assert_eq!(sse.invalidated().await, (vec!["query:result:h1".to_owned()], "foreign".to_owned()));
}

#[tokio::test]
async fn many_that_are_deleted_at_once_are_told_together() {
    let server = RedisServer::start();
    let node = Node::redis(&server).await;
    node.armed().await;
    let mut sse = node.stream().await;
    let keys: Vec<_> = (0..50).map(|id| format!("query:result:h{id:02}")).collect();
    for id in 0..50 {
        stored(&node, &format!("h{id:02}")).await;
    }
    let mut del = vec!["UNLINK"];
    del.extend(keys.iter().map(String::as_str));
    run(&server, &del).await;
    let (mut patterns, reason) = sse.invalidated().await;
    patterns.sort_unstable();
    assert_eq!((patterns, reason.as_str()), (keys, "foreign"));
}

#[tokio::test]
async fn what_is_no_foreign_deletion_is_not_told_as_one() {
    let server = RedisServer::start();
    let (a, b) = (Node::redis(&server).await, Node::redis(&server).await);
    a.armed().await;
    b.armed().await;
    let mut on_a = a.stream().await;
    // Another node stores; another program does; somebody deletes what is none of ours.
    stored(&b, "h1").await;
    run(&server, &["SET", "query:result:h2", "1", "EX", "60"]).await;
    run(&server, &["SET", "celery:1", "1"]).await;
    run(&server, &["DEL", "celery:1"]).await;
    // A value's time is up: stored here, stored there, stored by another program. Not so soon that who hears of it, and looks
    // a moment later how long it lives, may come too late.
    let short = Duration::from_secs(4);
    for (node, id) in [(&a, "h3"), (&b, "h4")] {
        let key = shadower::query_result(id).unwrap();
        node.cache.without_set_notices().set_for(&key, &json!(1), short).await.unwrap();
    }
    run(&server, &["SET", "query:result:h5", "1", "PX", "4000"]).await;
    // Redis tells of an expiry when somebody asks, or when it comes by.
    for id in ["h3", "h4", "h5"] {
        while exists(&server, &format!("query:result:{id}")).await {
            sleep(Duration::from_millis(50)).await;
        }
    }
    on_a.expect_silence(Duration::from_millis(800)).await;

    // Another node invalidates: told by that node, once.
    b.cache.invalidate_pattern("query:result:h1").await.unwrap();
    assert_eq!(on_a.invalidated().await, (vec!["query:result:h1".into()], "pattern".into()));
    b.cache.delete("query:result:h2").await.unwrap();
    assert_eq!(on_a.invalidated().await, (vec!["query:result:h2".into()], "key".into()));
    on_a.expect_silence(Duration::from_millis(800)).await;
}

#[tokio::test]
async fn what_redis_drops_to_make_room_is_not_told() {
    let server =
        RedisServer::start_with(&["--maxmemory", "4mb", "--maxmemory-policy", "allkeys-lru"]);
    let store = RedisStore::new(&server.patient_config()).unwrap();
    let node = Node::of(CacheService::new(shadower::schema(), store)).await;
    node.armed().await;
    // It has begun to look at what is changed, and knows how many were dropped before.
    let mut sse = node.stream().await;
    stored(&node, "first").await;
    run(&server, &["DEL", "query:result:first"]).await;
    assert_eq!(sse.invalidated().await.1, "foreign");
    let before = node.cache.stream_stats().notices_appended;
    let value = json!("x".repeat(20_000));
    let quiet = node.cache.without_set_notices();
    for id in 0..400 {
        let key = shadower::query_result(format!("h{id}")).unwrap();
        quiet.set(&key, &value).await.unwrap();
    }
    sleep(Duration::from_millis(500)).await;
    let stats = node.cache.get_cache_stats().await;
    assert!(stats.evicted_keys > 50, "{stats:?}");
    let said = node.cache.stream_stats().notices_appended - before;
    assert!(said < 5, "{said} notices for {} evicted keys", stats.evicted_keys);
}
