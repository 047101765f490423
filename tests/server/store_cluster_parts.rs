//! A cluster of which only a part is asked, or a part does not do what it is asked: what is known of the one part is not taken
//! for what is known of all.

use std::time::Duration;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use samekey::schema::Pattern;
use samekey::server::{LeaseFor, LeaseToken, Record, RedisStore, Shard, Store};

use crate::cluster_node::{ALL, key_on, thirty};
use crate::listing_node::{Node, tags, ttl};
use crate::redis_cluster::RedisCluster;

const KEY: &str = "exec:f1:ws1";

fn sole_writer(cluster: &RedisCluster) -> RedisStore {
    RedisStore::new(&cluster.patient_config().sole_writer(true)).unwrap()
}

fn of_workspace() -> [Pattern; 1] {
    [Pattern::parse("exec:*:ws1").unwrap()]
}

async fn put(store: &RedisStore, key: &str) {
    let tags = tags("ws1");
    store.set(Record::new(key, Bytes::from_static(b"1"), ttl()).tagged(&tags)).await.unwrap();
}

/// Stores under a lease; whether it was still one.
async fn store_leased(store: &RedisStore, key: &str, token: &LeaseToken) -> bool {
    let tags = tags("ws1");
    let record = Record::new(key, Bytes::from_static(b"old"), ttl()).tagged(&tags);
    store.set_leased(record, token).await.unwrap()
}

async fn lease(store: &RedisStore, key: &str) -> LeaseToken {
    let token = LeaseToken::random();
    store.lease(key, &token, ttl(), LeaseFor::Refresh).await.unwrap();
    token
}

/// Moves the slot of the key; to whom.
async fn moved(cluster: &RedisCluster) -> (usize, Shard) {
    let to = (cluster.owner(KEY).await + 1) % 3;
    let moved = cluster.begin_move(KEY).await;
    cluster.finish_move(moved).await;
    (to, Shard::new(format!("127.0.0.1:{}", cluster.nodes[to].port())))
}

#[tokio::test]
async fn a_lease_that_came_to_the_server_that_is_asked_alone_is_void_though_another_has_written_it_down()
 {
    let cluster = RedisCluster::start().await;
    let store = sole_writer(&cluster);
    let token = lease(&store, KEY).await;
    let (_, shard) = moved(&cluster).await;
    // It is known who has it, and nothing moves any more.
    assert!(!store.exists(KEY).await.unwrap());
    let servers = store.sharded().unwrap();
    let removed = servers.delete_matching_on(&[shard], &of_workspace(), &tags("ws1")).await;
    assert!(removed[0].is_ok(), "{removed:?}");
    assert!(!store_leased(&store, KEY, &token).await);
}

#[tokio::test]
async fn a_lease_in_a_slot_that_came_unnoticed_is_void_where_the_server_is_asked_alone() {
    let cluster = RedisCluster::start().await;
    let (node, other) = (Node::on(&cluster).await, Node::on(&cluster).await);
    node.trusting(&cluster, &ALL).await;
    let (_, shard) = moved(&cluster).await;
    assert!(!other.store.exists(KEY).await.unwrap(), "it finds out who has it");
    let token = lease(&other.store, KEY).await;
    let servers = node.store.sharded().unwrap();
    let removed = servers.delete_matching_on(&[shard], &of_workspace(), &tags("ws1")).await;
    assert!(removed[0].is_ok(), "{removed:?}");
    assert!(!store_leased(&other.store, KEY, &token).await);
}

#[tokio::test]
async fn a_key_that_came_to_the_server_that_is_asked_alone_is_removed_though_another_lists_it() {
    let cluster = RedisCluster::start().await;
    let store = sole_writer(&cluster);
    put(&store, KEY).await;
    let (to, shard) = moved(&cluster).await;
    assert!(store.exists(KEY).await.unwrap());
    let servers = store.sharded().unwrap();
    let removed = servers.delete_matching_on(&[shard], &of_workspace(), &tags("ws1")).await;
    assert!(matches!(removed[..], [Ok(1)]), "{removed:?}");
    assert!(cluster.names(&[to], "exec:").await.is_empty());
}

#[tokio::test]
async fn who_may_have_dropped_lists_is_not_believed_whatever_was_promised() {
    const FULL: usize = 1;
    let cluster = RedisCluster::start().await;
    let store = sole_writer(&cluster);
    for key in thirty("ws1") {
        put(&store, &key).await;
    }
    let () = cluster.at(FULL, "CONFIG SET maxmemory 100mb").await;
    let () = cluster.at(FULL, "CONFIG SET maxmemory-policy allkeys-lru").await;
    for list in cluster.names(&[FULL], "~of:").await {
        let _: u64 = cluster.at(FULL, &format!("DEL {list}")).await;
    }
    assert_eq!(store.delete_matching(&of_workspace(), &tags("ws1")).await.unwrap(), 30);
    assert!(cluster.names(&ALL, "exec:").await.is_empty());
}

/// Of a server whose list cannot be relied on, though it promises to keep lists and nobody else writes.
async fn with_a_list_that(spoil: impl AsyncFnOnce(MultiplexedConnection, &str)) {
    let cluster = RedisCluster::start().await;
    let store = sole_writer(&cluster);
    store.ping().await.unwrap();
    put(&store, KEY).await;
    let at = cluster.owner(KEY).await;
    let lists = cluster.names(&[at], "~of:").await;
    assert_eq!(lists.len(), 1);
    spoil(cluster.nodes[at].client().await, &lists[0]).await;
    assert_eq!(store.delete_matching(&of_workspace(), &tags("ws1")).await.unwrap(), 1);
    assert!(cluster.names(&ALL, "exec:").await.is_empty());
}

#[tokio::test]
async fn a_list_that_ends_by_itself_is_not_believed() {
    with_a_list_that(async |mut client, list| {
        let mut anew = redis::pipe();
        anew.cmd("DEL").arg(list).ignore();
        anew.cmd("ZADD").arg(list).arg("+inf").arg("exec:other:ws1").ignore();
        let () = anew
            .cmd("PEXPIRE")
            .arg(list)
            .arg(60_000)
            .ignore()
            .query_async(&mut client)
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_list_that_a_server_does_not_show_is_not_believed() {
    with_a_list_that(async |mut client, _| {
        let hide = redis::cmd("ACL").arg(&["SETUSER", "default", "-zrange"]).take();
        let () = hide.query_async(&mut client).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_is_on_a_list_that_is_too_long_to_be_told_is_walked_for() {
    with_a_list_that(async |mut client, list| {
        let mut limit = redis::cmd("CONFIG");
        limit.arg(&["SET", "client-output-buffer-limit", "normal 65536 0 0"]);
        let () = limit.query_async(&mut client).await.unwrap();
        let others = (0..5_000).map(|n| ("inf", format!("exec:gone{n}:ws1")));
        let mut add = redis::cmd("ZADD");
        let _: u64 =
            add.arg(list).arg(others.collect::<Vec<_>>()).query_async(&mut client).await.unwrap();
        let mut read = redis::cmd("ZRANGE");
        read.arg(list).arg(0).arg(-1).query_async::<Vec<String>>(&mut client).await.unwrap_err();
    })
    .await;
}

#[tokio::test]
async fn a_server_that_does_not_let_its_lease_or_its_value_be_removed_fails_the_invalidation() {
    const STRICT: usize = 1;
    let cluster = RedisCluster::start().await;
    let store = sole_writer(&cluster);
    let key = key_on(&cluster, STRICT, "ws1").await;
    let all = async || store.delete_matching(&of_workspace(), &tags("ws1")).await;
    let token = lease(&store, &key).await;
    let () = cluster.at(STRICT, "ACL SETUSER default -unlink").await;
    all().await.unwrap_err();
    let () = cluster.at(STRICT, "ACL SETUSER default +unlink").await;
    all().await.unwrap();
    assert!(!store_leased(&store, &key, &token).await);
    put(&store, &key).await;
    let () = cluster.at(STRICT, "ACL SETUSER default -unlink").await;
    all().await.unwrap_err();
    let () = cluster.at(STRICT, "ACL SETUSER default +unlink").await;
    assert_eq!(all().await.unwrap(), 1);
}

#[tokio::test]
async fn what_a_server_lists_and_another_has_that_is_away_is_no_failure_of_its_own() {
    let mut cluster = RedisCluster::start().await;
    let mut config = cluster.patient_config().sole_writer(true);
    config.connect_timeout = Duration::from_millis(500);
    let store = RedisStore::new(&config).unwrap();
    // Who has which slots is known, so the key is listed where it is.
    store.ping().await.unwrap();
    put(&store, KEY).await;
    let from = cluster.owner(KEY).await;
    let (to, _) = moved(&cluster).await;
    // It is known who has it.
    assert!(store.get(KEY).await.unwrap().is_some());
    cluster.nodes[to].kill();
    let shards =
        [from, to].map(|node| Shard::new(format!("127.0.0.1:{}", cluster.nodes[node].port())));
    let servers = store.sharded().unwrap();
    let asked = async |shards: &[Shard]| {
        let removed = servers.delete_matching_on(shards, &of_workspace(), &tags("ws1")).await;
        removed.iter().map(Result::is_ok).collect::<Vec<_>>()
    };
    assert_eq!(asked(&shards[..1]).await, [true]);
    assert_eq!(asked(&shards).await, [true, false]);
}
