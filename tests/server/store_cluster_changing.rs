//! A cluster that changes while other programs write: whoever has a key, and whoever just got it, is reached.

use std::time::{Duration, Instant};

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{LeaseFor, LeaseToken, Record, Shard, Store};
use tokio::time::sleep;

use crate::cluster_node::{ALL, key_on, write};
use crate::listing_node::{Node, tags, ttl};
use crate::redis_cluster::RedisCluster;
use crate::waiting::eventually;

#[tokio::test]
async fn a_replica_that_takes_over_is_walked_over_and_no_other() {
    const DOWN: usize = 1;
    let mut cluster = RedisCluster::start().await;
    let replica = cluster.add_replica_of(DOWN).await;
    let node = Node::on(&cluster).await;
    node.trusting(&cluster, &ALL).await;
    let key = key_on(&cluster, DOWN, "ws1").await;
    cluster.nodes[DOWN].kill();
    // Nor is it waited for that they vote.
    cluster.tell(replica, &["FAILOVER", "TAKEOVER"]).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !cluster.info(replica, "replication").await.contains("role:master") {
        assert!(Instant::now() < deadline, "nobody takes over");
        sleep(Duration::from_millis(5)).await;
    }
    // At once: nobody has been told yet who it is.
    write(&cluster, replica, &key).await;
    let before = [cluster.walked(0).await, cluster.walked(2).await];
    while node.try_to_invalidate("ws1").await.is_err() {
        assert!(Instant::now() < deadline, "it is never found");
    }
    assert_eq!(cluster.names(&[replica], "exec:").await, [""; 0]);
    let after = [cluster.walked(0).await, cluster.walked(2).await];
    assert_eq!(after, before);
    node.trusting(&cluster, &[0, 2, replica]).await;
    write(&cluster, replica, &key).await;
    assert_eq!(node.invalidate("ws1").await, 1);
}

/// At once, when some have not heard of it and the invalidation may say so; or when all but us know.
async fn with_a_primary_that_was_told_to_step_back(all_know: bool) {
    const OLD: usize = 1;
    let mut cluster = RedisCluster::start().await;
    let replica = cluster.add_replica_of(OLD).await;
    let node = Node::on(&cluster).await;
    node.trusting(&cluster, &ALL).await;
    let key = key_on(&cluster, OLD, "ws1").await;
    cluster.tell(replica, &["FAILOVER", "TAKEOVER"]).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !cluster.info(replica, "replication").await.contains("role:master") {
        assert!(Instant::now() < deadline, "it does not take over");
    }
    write(&cluster, replica, &key).await;
    if all_know {
        cluster.know_as_primary(&[0, OLD, 2], replica).await;
        assert_eq!(node.invalidate("ws1").await, 1);
    }
    while let Err(error) = node.try_to_invalidate("ws1").await {
        assert!(Instant::now() < deadline, "{error}");
    }
    assert_eq!(cluster.names(&[replica], "exec:").await, [""; 0]);
    node.trusting(&cluster, &[0, 2, replica]).await;
}

#[tokio::test]
async fn a_primary_that_was_told_to_step_back_is_not_believed() {
    with_a_primary_that_was_told_to_step_back(false).await;
}

#[tokio::test]
async fn who_has_taken_over_is_reached_by_the_first_invalidation_after() {
    with_a_primary_that_was_told_to_step_back(true).await;
}

#[tokio::test]
async fn what_others_write_into_a_slot_that_moves_is_found_at_every_moment() {
    let cluster = RedisCluster::start().await;
    let node = Node::on(&cluster).await;
    node.trusting(&cluster, &ALL).await;
    let key = "exec:f1:ws1";
    let from = cluster.owner(key).await;
    let to = (from + 1) % 3;
    write(&cluster, from, key).await;
    let moved = cluster.begin_move(key).await;
    assert_eq!(cluster.names(&[to], key).await, [key]);
    // It went with its slot, and nobody of us was there.
    assert_eq!(node.invalidate("ws1").await, 1);
    // Written there, since it is not here any more.
    write(&cluster, to, key).await;
    assert_eq!(node.invalidate("ws1").await, 1);
    cluster.finish_move(moved).await;
    write(&cluster, to, key).await;
    // No command has found out yet that it has moved.
    assert_eq!(node.invalidate("ws1").await, 1);
    assert_eq!(cluster.names(&ALL, "exec:").await, [""; 0]);
    node.trusting(&cluster, &ALL).await;
}

#[tokio::test]
async fn a_server_that_gets_its_first_slot_is_reached_before_and_after() {
    let mut cluster = RedisCluster::start().await;
    let node = Node::on(&cluster).await;
    node.trusting(&cluster, &ALL).await;
    let key = "exec:f1:ws1";
    let new = cluster.add_primary().await;
    // One that has no slot is nobody's trouble.
    assert_eq!(node.walks_over(&cluster, &ALL).await, [0; 0]);
    let moved = cluster.begin_move_to(key, new).await;
    // It has no slot and is no server of the map's, but it has a key.
    write(&cluster, new, key).await;
    assert_eq!(node.invalidate("ws1").await, 1);
    assert_eq!(cluster.names(&[new], key).await, [""; 0]);
    write(&cluster, new, key).await;
    cluster.finish_move(moved).await;
    assert_eq!(node.invalidate("ws1").await, 1);
    assert_eq!(cluster.names(&[new], key).await, [""; 0]);
    node.trusting(&cluster, &[0, 1, 2]).await;
    write(&cluster, new, key).await;
    assert_eq!(node.invalidate("ws1").await, 1);
}

#[tokio::test]
async fn what_is_ours_is_listed_beside_its_key_although_the_slot_had_moved_unnoticed() {
    let cluster = RedisCluster::start().await;
    let node = Node::on(&cluster).await;
    node.trusting(&cluster, &ALL).await;
    let (key, other) = ("exec:f1:ws1", "exec:f2:ws1");
    let to = (cluster.owner(key).await + 1) % 3;
    let moved = cluster.begin_move(key).await;
    cluster.finish_move(moved).await;
    node.put(key).await;
    assert_eq!(cluster.names(&[to], key).await, [key]);
    let is_listed = async || !cluster.names(&[to], "~of:workspace:ws1").await.is_empty();
    eventually("it is listed where it is now", is_listed).await;
    // The same of a lease: the computing may begin when it is written down beside it.
    let moved_too = cluster.begin_move(other).await;
    let to = (cluster.owner(other).await + 1) % 3;
    cluster.finish_move(moved_too).await;
    assert_eq!(cluster.names(&[to], "~leases").await, [""; 0]);
    let token = LeaseToken::random();
    node.store.lease(other, &token, ttl(), LeaseFor::Refresh).await.unwrap();
    assert_eq!(cluster.names(&[to], "~leases").await.len(), 1);
}

#[tokio::test]
async fn a_lease_that_went_with_its_slot_is_void_although_the_server_that_wrote_it_down_is_away() {
    let mut cluster = RedisCluster::start().await;
    let (node, other) = (Node::on(&cluster).await, Node::on(&cluster).await);
    let key = "exec:f1:ws1";
    let from = cluster.owner(key).await;
    let to = (from + 1) % 3;
    let token = LeaseToken::random();
    other.store.lease(key, &token, ttl(), LeaseFor::Refresh).await.unwrap();
    let moved = cluster.begin_move(key).await;
    cluster.finish_move(moved).await;
    node.knows_owner(&cluster, key, to).await;
    node.trusting(&cluster, &ALL).await;
    cluster.nodes[from].kill();
    let before = cluster.walked(to).await;
    node.try_to_invalidate("ws1").await.unwrap_err();
    assert_eq!(cluster.walked(to).await, before, "its own register names it");
    let tags = tags("ws1");
    let record = Record::new(key, Bytes::from_static(b"old"), ttl()).tagged(&tags);
    assert!(!other.store.set_leased(record, &token).await.unwrap());
}

/// A list that goes to another server, which dies at once, or when it is known who has it.
async fn with_a_list_that_went_away(until_known: bool) {
    let mut cluster = RedisCluster::start().await;
    let node = Node::on(&cluster).await;
    node.trusting(&cluster, &ALL).await;
    let key = key_on(&cluster, 0, "ws1").await;
    node.put(&key).await;
    let lists = cluster.names(&[0], "~of:workspace:ws1").await;
    assert_eq!(lists.len(), 1);
    let moved = cluster.begin_move_to(&lists[0], 2).await;
    cluster.finish_move(moved).await;
    assert_eq!(cluster.names(&[2], "~of:workspace:ws1").await, lists);
    if until_known {
        node.knows_owner(&cluster, &lists[0], 2).await;
    }
    cluster.nodes[2].kill();
    node.try_to_invalidate("ws1").await.unwrap_err();
    assert_eq!(cluster.names(&[0], "exec:").await, [""; 0]);
}

#[tokio::test]
async fn where_a_list_went_to_a_server_that_is_away_its_keys_are_walked_for() {
    with_a_list_that_went_away(true).await;
}

#[tokio::test]
async fn they_are_also_when_nobody_knows_yet_that_it_went() {
    with_a_list_that_went_away(false).await;
}

#[tokio::test]
async fn a_server_that_is_asked_alone_removes_what_it_got_from_one_that_is_not() {
    let cluster = RedisCluster::start().await;
    let node = Node::on(&cluster).await;
    node.trusting(&cluster, &ALL).await;
    let key = "exec:f1:ws1";
    write(&cluster, cluster.owner(key).await, key).await;
    let to = (cluster.owner(key).await + 1) % 3;
    let moved = cluster.begin_move(key).await;
    cluster.finish_move(moved).await;
    let pattern = [Pattern::parse("exec:*:ws1").unwrap()];
    let shard = [Shard::new(format!("127.0.0.1:{}", cluster.nodes[to].port()))];
    let servers = node.store.sharded().unwrap();
    // By the map it is still the other's.
    let removed = servers.delete_matching_on(&shard, &pattern, &tags("ws1")).await;
    assert!(matches!(removed[..], [Ok(1)]), "{removed:?}");
    assert_eq!(cluster.names(&ALL, "exec:").await, [""; 0]);
}
