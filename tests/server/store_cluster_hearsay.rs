//! A slot that has moved, and a server that has not heard of it yet.

use samekey::server::{RedisStore, Store};

use crate::answering_proxy::AnsweringProxy;
use crate::cluster_node::{key_on, write};
use crate::redis_cluster::{RedisCluster, SLOTS};

/// What it answers who believes that the slots are where they were in the beginning.
async fn as_in_the_beginning(cluster: &RedisCluster, ports: &[u16]) -> &'static str {
    let mut answer = String::from("*3\r\n");
    for (node, (first, last)) in SLOTS.iter().enumerate() {
        let (port, id) = (ports[node], cluster.id(node).await);
        answer += &format!("*3\r\n:{first}\r\n:{last}\r\n");
        answer += &format!("*3\r\n$9\r\n127.0.0.1\r\n:{port}\r\n$40\r\n{id}\r\n");
    }
    answer.leak()
}

#[tokio::test]
async fn who_says_that_a_slot_has_moved_is_asked_where_to_and_not_who_has_not_heard_of_it() {
    let cluster = RedisCluster::start().await;
    let mut proxies = Vec::new();
    for node in &cluster.nodes {
        proxies.push(AnsweringProxy::start(node.port()).await);
    }
    let ports: Vec<_> = proxies.iter().map(AnsweringProxy::port).collect();
    cluster.announce(&ports).await;
    let store = RedisStore::new(&cluster.patient_config()).unwrap();
    store.ping().await.unwrap();
    // The one that else would be asked.
    let late = (0..3).min_by_key(|node| ports[*node]).unwrap();
    let (from, to) = ((late + 1) % 3, (late + 2) % 3);
    let key = key_on(&cluster, from, "ws1").await;
    write(&cluster, from, &key).await;
    proxies[late].answer("CLUSTER", as_in_the_beginning(&cluster, &ports).await);
    let moved = cluster.begin_move_to(&key, to).await;
    cluster.finish_move(moved).await;
    assert!(store.exists(&key).await.unwrap());
    assert!(store.get(&key).await.unwrap().is_some());
}
