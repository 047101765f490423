//! Lists of a cluster that name what other programs write, too: trusted server by server, and never too early.

use std::time::Duration;

use bytes::Bytes;
use samekey::server::{LeaseFor, LeaseToken, Record, Store};
use tokio::time::sleep;

use crate::cluster_node::{ALL, key_on, thirty, write};
use crate::listing_node::{Node, tags, ttl};
use crate::redis_cluster::RedisCluster;
use crate::waiting::eventually;

#[tokio::test]
async fn what_others_wrote_before_and_after_the_start_is_found_without_a_walk() {
    let cluster = RedisCluster::start().await;
    for key in thirty("ws1") {
        write(&cluster, cluster.owner(&key).await, &key).await;
    }
    let endless = key_on(&cluster, 1, "ws1").await;
    let _: u64 = cluster.at(1, &format!("PERSIST {endless}")).await;
    let node = Node::on(&cluster).await;
    assert_eq!(node.walks_over(&cluster, &ALL).await, ALL, "nobody has looked yet");
    node.trusting(&cluster, &ALL).await;
    for n in 0..30 {
        let key = format!("exec:later{n}:ws1");
        write(&cluster, cluster.owner(&key).await, &key).await;
        node.put(&format!("exec:ours{n}:ws1")).await;
    }
    let before = [cluster.walked(0).await, cluster.walked(1).await, cluster.walked(2).await];
    assert_eq!(node.invalidate("ws1").await, 90);
    let after = [cluster.walked(0).await, cluster.walked(1).await, cluster.walked(2).await];
    assert_eq!(after, before);
    assert_eq!(cluster.names(&ALL, "exec:").await, [""; 0]);
}

#[tokio::test]
async fn a_write_that_has_returned_is_invalidated_by_either_of_two_nodes_at_once() {
    let cluster = RedisCluster::start().await;
    let nodes = [Node::on(&cluster).await, Node::on(&cluster).await];
    for node in &nodes {
        node.trusting(&cluster, &ALL).await;
    }
    let before = cluster.walked(0).await + cluster.walked(1).await + cluster.walked(2).await;
    for turn in 0..150 {
        let workspace = format!("ws{}", turn % 3);
        let key = format!("exec:f{}:{workspace}", turn % 7);
        if turn % 5 == 0 {
            nodes[(turn + 1) % 2].put(&key).await;
        }
        write(&cluster, cluster.owner(&key).await, &key).await;
        if turn % 11 == 0 {
            // Time enough for it to come onto the lists.
            sleep(Duration::from_millis(600)).await;
        }
        nodes[turn % 2].invalidate(&workspace).await;
        assert_eq!(cluster.names(&ALL, &key).await, [""; 0], "turn {turn}");
    }
    let after = cluster.walked(0).await + cluster.walked(1).await + cluster.walked(2).await;
    assert_eq!(after, before, "somebody walked");
}

#[tokio::test]
async fn where_one_server_is_in_doubt_it_alone_is_walked_over() {
    const LOST: usize = 1;
    let cluster = RedisCluster::start().await;
    let mut node = Node::on(&cluster).await;
    node.trusting(&cluster, &ALL).await;
    let mut client = cluster.nodes[LOST].client().await;
    let kill = redis::cmd("CLIENT").arg(&["KILL", "TYPE", "normal", "SKIPME", "yes"]).take();
    let _: u64 = kill.query_async(&mut client).await.unwrap();
    // Told to nobody.
    let key = key_on(&cluster, LOST, "ws1").await;
    write(&cluster, LOST, &key).await;
    node.armed().await;
    assert_eq!(node.walks_over(&cluster, &[0, 2]).await, [0; 0]);
    assert_eq!(node.invalidate("ws1").await, 1);
    node.trusting(&cluster, &ALL).await;
    // Lists that may have been dropped are doubted on their server, too.
    node.put(&key).await;
    let () = cluster.at(LOST, "CONFIG SET maxmemory-policy allkeys-lru").await;
    for list in cluster.names(&[LOST], "~of:").await {
        let _: u64 = cluster.at(LOST, &format!("DEL {list}")).await;
    }
    let () = cluster.at(LOST, "CONFIG SET maxmemory-policy noeviction").await;
    let before = [cluster.walked(0).await, cluster.walked(2).await];
    assert_eq!(node.invalidate("ws1").await, 1);
    assert_eq!([cluster.walked(0).await, cluster.walked(2).await], before);
}

#[tokio::test]
async fn while_a_primary_is_down_the_others_are_invalidated_by_their_lists() {
    const DOWN: usize = 1;
    let mut cluster = RedisCluster::start().await;
    let node = Node::on(&cluster).await;
    node.trusting(&cluster, &ALL).await;
    let ours = key_on(&cluster, 0, "ws1").await;
    let theirs = key_on(&cluster, 2, "ws1").await;
    cluster.nodes[DOWN].kill();
    node.put(&ours).await;
    write(&cluster, 2, &theirs).await;
    let token = LeaseToken::random();
    let computing = format!("{ours}x");
    let computing = thirty("ws1").into_iter().chain([computing]);
    let mut leased = None;
    for key in computing {
        if cluster.owner(&key).await == 0 && key != ours {
            node.store.lease(&key, &token, ttl(), LeaseFor::Refresh).await.unwrap();
            leased = Some(key);
            break;
        }
    }
    let leased = leased.unwrap();
    let before = [cluster.walked(0).await, cluster.walked(2).await];
    // It says that it did not reach everybody.
    assert!(node.try_to_invalidate("ws1").await.unwrap_err().is_retryable());
    assert_eq!([cluster.walked(0).await, cluster.walked(2).await], before);
    assert_eq!(cluster.names(&[0, 2], "exec:").await, [""; 0]);
    let tags = tags("ws1");
    let record = Record::new(&leased, Bytes::from_static(b"old"), ttl()).tagged(&tags);
    assert!(!node.store.set_leased(record, &token).await.unwrap(), "its lease is void");
}

#[tokio::test]
async fn what_could_not_be_put_on_a_list_is_not_forgotten() {
    const STRICT: usize = 1;
    let cluster = RedisCluster::start().await;
    let node = Node::on(&cluster).await;
    node.trusting(&cluster, &ALL).await;
    let () = cluster.at(STRICT, "ACL SETUSER default -zadd").await;
    write(&cluster, STRICT, &key_on(&cluster, STRICT, "ws1").await).await;
    let was_refused = |commands: String| {
        let adds = commands.lines().find(|line| line.starts_with("cmdstat_zadd:"));
        adds.is_some_and(|line| !line.contains("rejected_calls=0"))
    };
    let has_tried = async || was_refused(cluster.info(STRICT, "commandstats").await);
    eventually("somebody has tried", has_tried).await;
    let () = cluster.at(STRICT, "ACL SETUSER default +zadd").await;
    let before = cluster.walked(STRICT).await;
    assert_eq!(node.invalidate("ws1").await, 1);
    assert_eq!(cluster.walked(STRICT).await, before);
}
