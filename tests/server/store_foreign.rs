//! Lists that name what other programs write, too: trusted without a promise, and never too early.

use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use samekey::schema::Pattern;
use samekey::server::{CacheService, RedisStore, Store};

use crate::fixture::schema;
use crate::listing_node::{Node, tags};
use crate::redis_server::RedisServer;

/// Whether an invalidation decides by the lists, without a walk.
async fn trusts(node: &Node, other: &mut MultiplexedConnection) -> bool {
    let before = walked(other).await;
    node.invalidate("nobody").await;
    walked(other).await == before
}

/// Waits until the lists are trusted: the first invalidation has them completed.
async fn trusting(node: &Node, other: &mut MultiplexedConnection) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !trusts(node, other).await {
        assert!(Instant::now() < deadline, "the lists are never trusted");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Steps of walks that the server has seen.
async fn walked(other: &mut MultiplexedConnection) -> u64 {
    let info: String = redis::cmd("INFO").arg("commandstats").query_async(other).await.unwrap();
    let line = info.lines().find_map(|line| line.strip_prefix("cmdstat_scan:calls="));
    line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
}

async fn do_at<T: redis::FromRedisValue>(other: &mut MultiplexedConnection, command: &str) -> T {
    let mut words = command.split(' ');
    let mut command = redis::cmd(words.next().unwrap());
    words.for_each(|word| {
        command.arg(word);
    });
    command.query_async(other).await.unwrap()
}

async fn write(other: &mut MultiplexedConnection, key: &str) {
    let () = do_at(other, &format!("SET {key} theirs EX 600")).await;
}

async fn is_there(other: &mut MultiplexedConnection, key: &str) -> bool {
    do_at(other, &format!("EXISTS {key}")).await
}

#[tokio::test]
async fn what_others_wrote_before_and_after_the_start_is_found_without_a_walk() {
    let server =
        RedisServer::start_with(&["--maxmemory", "100mb", "--maxmemory-policy", "volatile-lfu"]);
    let mut other = server.client().await;
    write(&mut other, "exec:before:ws1").await;
    let node = Node::of(&server.patient_config()).await;
    assert!(!trusts(&node, &mut other).await, "nobody has looked yet");
    trusting(&node, &mut other).await;
    node.put("exec:ours:ws1").await;
    write(&mut other, "exec:after:ws1").await;
    let before = walked(&mut other).await;
    assert_eq!(node.invalidate("ws1").await, 3);
    assert_eq!(walked(&mut other).await, before);
    for key in ["exec:before:ws1", "exec:after:ws1", "exec:ours:ws1"] {
        assert!(!is_there(&mut other, key).await, "{key}");
    }
}

#[tokio::test]
async fn a_write_that_has_returned_is_invalidated_by_either_of_two_nodes_at_once() {
    let server = RedisServer::start();
    let mut other = server.client().await;
    let nodes =
        [Node::of(&server.patient_config()).await, Node::of(&server.patient_config()).await];
    for node in &nodes {
        trusting(node, &mut other).await;
    }
    let before = walked(&mut other).await;
    for turn in 0..400 {
        let workspace = format!("ws{}", turn % 3);
        let key = format!("exec:f{}:{workspace}", turn % 7);
        // Another node's write to the same key, now and then, at about the same time.
        if turn % 5 == 0 {
            nodes[(turn + 1) % 2].put(&key).await;
        }
        write(&mut other, &key).await;
        if turn % 11 == 0 {
            // Time enough for it to come onto the lists.
            tokio::time::sleep(Duration::from_millis(600)).await;
        }
        nodes[turn % 2].invalidate(&workspace).await;
        assert!(!is_there(&mut other, &key).await, "turn {turn}: {key} survived");
    }
    assert_eq!(walked(&mut other).await, before, "somebody walked");
}

#[tokio::test]
async fn a_value_that_outlives_its_place_on_a_list_is_noticed() {
    let server = RedisServer::start();
    let mut other = server.client().await;
    let node = Node::of(&server.patient_config()).await;
    trusting(&node, &mut other).await;
    for (key, longer) in [
        ("exec:set:ws1", "SET exec:set:ws1 theirs EX 6000"),
        ("exec:expire:ws1", "EXPIRE exec:expire:ws1 6000"),
        ("exec:persist:ws1", "PERSIST exec:persist:ws1"),
        ("exec:renamed:ws1", "RENAME exec:set:ws2 exec:renamed:ws1"),
    ] {
        let () = do_at(&mut other, "SET exec:set:ws2 theirs EX 6000").await;
        node.put(key).await;
        let _: redis::Value = do_at(&mut other, longer).await;
        // It is on the list for longer by now.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let place: f64 = do_at(&mut other, &format!("ZSCORE ~of:workspace:ws1 {key}")).await;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        assert!(place > now.as_millis() as f64 + 5_900_000.0, "{key}");
    }
    let before = walked(&mut other).await;
    assert_eq!(node.invalidate("ws1").await, 4);
    assert_eq!(walked(&mut other).await, before);
}

#[tokio::test]
async fn a_write_during_a_reconnect_is_found() {
    let server = RedisServer::start();
    let mut other = server.client().await;
    let me: u64 = do_at(&mut other, "CLIENT ID").await;
    let mut node = Node::of(&server.patient_config()).await;
    for turn in 0..30 {
        trusting(&node, &mut other).await;
        let key = format!("exec:f{turn}:ws1");
        // Everybody but me.
        let clients: String = do_at(&mut other, "CLIENT LIST").await;
        for id in clients.lines().filter_map(|line| line.strip_prefix("id=")?.split(' ').next()) {
            if id != me.to_string() {
                let _: u64 = do_at(&mut other, &format!("CLIENT KILL ID {id}")).await;
            }
        }
        write(&mut other, &key).await;
        tokio::time::sleep(Duration::from_millis(turn % 10 * 3)).await;
        let pattern = Pattern::parse("exec:*:ws1").unwrap();
        // It may fail, and says so then.
        while node
            .store
            .delete_matching(std::slice::from_ref(&pattern), &tags("ws1"))
            .await
            .is_err()
        {}
        assert!(!is_there(&mut other, &key).await, "turn {turn}");
        while node.changes.try_recv().is_ok() {}
    }
}

#[tokio::test]
async fn after_a_flush_the_lists_are_completed_anew() {
    let server = RedisServer::start();
    let mut other = server.client().await;
    let node = Node::of(&server.patient_config()).await;
    trusting(&node, &mut other).await;
    let () = do_at(&mut other, "FLUSHALL").await;
    write(&mut other, "exec:after:ws1").await;
    assert!(!trusts(&node, &mut other).await);
    assert_eq!(node.invalidate("ws1").await, 1);
    trusting(&node, &mut other).await;
}

#[tokio::test]
async fn a_policy_that_was_changed_and_changed_back_is_noticed() {
    let limits = ["--maxmemory", "100mb", "--maxmemory-policy", "volatile-lfu"];
    let server = RedisServer::start_with(&limits);
    let mut other = server.client().await;
    let node = Node::of(&server.patient_config()).await;
    trusting(&node, &mut other).await;
    node.put("exec:kpis:ws1").await;
    let () = do_at(&mut other, "CONFIG SET maxmemory-policy allkeys-lru").await;
    // As if it had been evicted. Nobody looks meanwhile.
    let _: u64 = do_at(&mut other, "DEL ~of:workspace:ws1").await;
    let () = do_at(&mut other, "CONFIG SET maxmemory-policy volatile-lfu").await;
    assert_eq!(node.invalidate("ws1").await, 1);
    node.put("exec:kpis:ws1").await;
    let _: u64 = do_at(&mut other, "DEL ~of:workspace:ws1").await;
    let () = do_at(&mut other, "CONFIG RESETSTAT").await;
    assert_eq!(node.invalidate("ws1").await, 1);
    trusting(&node, &mut other).await;
    node.put("exec:kpis:ws1").await;
    assert_eq!(node.invalidate("ws1").await, 1);
    let () = do_at(&mut other, "CONFIG SET maxmemory-policy allkeys-lru").await;
    for _ in 0..20 {
        assert!(!trusts(&node, &mut other).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn lists_are_kept_complete_under_memory_pressure() {
    let limits = ["--maxmemory", "8mb", "--maxmemory-policy", "volatile-lfu"];
    let server = RedisServer::start_with(&limits);
    let mut other = server.client().await;
    let node = Node::of(&server.patient_config()).await;
    trusting(&node, &mut other).await;
    let value = "x".repeat(10_000);
    for turn in 0..2_000 {
        let key = format!("exec:f{turn}:ws{}", turn % 20);
        if turn % 2 == 0 {
            node.put(&key).await;
        }
        let () = do_at(&mut other, &format!("SET {key} {value} EX 600")).await;
    }
    assert!(node.store.stats().await.unwrap().evicted_keys > 500);
    let before = walked(&mut other).await;
    let mut removed = 0;
    for id in 0..20 {
        removed += node.invalidate(&format!("ws{id}")).await;
    }
    let left: Vec<String> = do_at(&mut other, "KEYS exec:*").await;
    assert_eq!(left, Vec::<String>::new());
    assert!(removed > 100, "{removed}");
    assert_eq!(walked(&mut other).await, before);
}

/// As where an application builds its service anew over the store that it has.
#[tokio::test]
async fn a_store_that_outlives_its_service_still_knows_whose_keys_are_whose() {
    let server = RedisServer::start();
    let mut other = server.client().await;
    let store = Arc::new(RedisStore::new(&server.patient_config()).unwrap());
    drop(CacheService::new(schema(), store.clone()));
    let cache = CacheService::new(schema(), store);
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let before = walked(&mut other).await;
        cache.invalidate_workspace("nobody").await.unwrap();
        if walked(&mut other).await == before {
            break;
        }
        assert!(Instant::now() < deadline, "the lists are never trusted");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    write(&mut other, "exec:kpis:ws1").await;
    // Time enough for it to come onto the lists.
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(cache.invalidate_workspace("ws1").await.unwrap().deleted, 1);
    assert!(!is_there(&mut other, "exec:kpis:ws1").await);
}
