//! What is asked of a whole cluster while one of its servers is down: those that are there answer, and it is said who is not.

use samekey::server::jobs::{Cleanup, JobContext};
use samekey::server::{CacheService, KeyTtl, RedisStore, Store, StoreErrorKind};
use samekey::shadower;
use tokio_util::sync::CancellationToken;

use crate::cluster_node::{key_on, thirty};
use crate::redis_cluster::RedisCluster;

const DOWN: usize = 1;

/// Thirty keys that never expire, one server that has died with its share of them, and its address.
async fn without_one() -> (RedisCluster, RedisStore, Vec<String>, String) {
    let mut cluster = RedisCluster::start().await;
    let store = RedisStore::new(&cluster.patient_config()).unwrap();
    let mut left = Vec::new();
    for key in thirty("ws1") {
        let owner = cluster.owner(&key).await;
        let () = cluster.at(owner, &format!("SET {key} theirs")).await;
        if owner != DOWN {
            left.push(key);
        }
    }
    left.sort_unstable();
    store.ping().await.unwrap();
    let address = format!("127.0.0.1:{}", cluster.nodes[DOWN].port());
    cluster.nodes[DOWN].kill();
    (cluster, store, left, address)
}

#[tokio::test]
async fn a_walk_over_all_keys_goes_on_without_it_and_says_so() {
    let (mut cluster, store, left, address) = without_one().await;
    let (mut keys, mut missing, mut cursor) = (Vec::new(), Vec::new(), Some(0));
    while let Some(at) = cursor {
        let page = store.scan(None, at).await.unwrap();
        keys.extend(page.keys);
        missing.extend(page.missing);
        cursor = page.next;
    }
    keys.sort_unstable();
    assert_eq!((keys, missing), (left, vec![address.clone()]));
    let said = store.server_reports().await.unwrap();
    assert_eq!((said.reports.len(), said.missing), (2, vec![address]));
    for node in &mut cluster.nodes {
        node.kill();
    }
    // Nobody: that is no answer.
    assert!(store.scan(None, 0).await.unwrap_err().is_retryable());
    assert!(store.tidy().await.unwrap_err().is_retryable());
    assert!(store.server_reports().await.unwrap_err().is_retryable());
}

#[tokio::test]
async fn a_cleanup_cleans_the_others_and_is_not_complete() {
    let (cluster, store, left, address) = without_one().await;
    // A list of keys that are gone.
    let list = cluster.names(&[0, 2], "~of:").await;
    assert_eq!(list, [""; 0]);
    let tidied = store.tidy().await.unwrap();
    assert_eq!((tidied.struck, tidied.missing), (0, vec![address.clone()]));
    let other = key_on(&cluster, 0, "ws2").await;
    let () = cluster.at(0, &format!("SET {other} theirs")).await;
    let cache = CacheService::new(shadower::schema(), store);
    // Of the schema's families.
    let kpis = (0..40).map(|n| format!("exec:kpis:ws{n}"));
    let mut immortal = 0;
    for key in kpis {
        let owner = cluster.owner(&key).await;
        if owner != DOWN {
            let () = cluster.at(owner, &format!("SET {key} theirs")).await;
            immortal += 1;
        }
    }
    let report = Cleanup.clean(&JobContext::new(cache, CancellationToken::new())).await.unwrap();
    assert_eq!(report.scanned, left.len() as u64 + 1 + immortal);
    assert_eq!((report.removed, report.missing, report.complete), (immortal, vec![address], false));
}

#[tokio::test]
async fn keys_are_looked_at_where_they_can_be() {
    let (mut cluster, store, left, address) = without_one().await;
    let all = thirty("ws1");
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let looked = store.inspect(&all).await.unwrap();
    assert_eq!(looked.missing, std::slice::from_ref(&address));
    let lengths = store.value_lengths(&all).await.unwrap();
    assert_eq!(lengths.missing, std::slice::from_ref(&address));
    let mut lost = Vec::new();
    for ((key, info), length) in all.iter().zip(looked.keys).zip(lengths.bytes) {
        if left.iter().any(|it| it == key) {
            assert_eq!((info.ttl, length), (KeyTtl::Never, 6), "{key}");
            assert!(info.bytes > 6);
        } else {
            assert_eq!((info.ttl, info.bytes, length), (KeyTtl::Unknown, 0, 0), "{key}");
            lost.push(*key);
        }
    }
    // Also when those that are there have none of the keys.
    assert_eq!(store.inspect(&lost).await.unwrap().missing, [address]);
    for node in &mut cluster.nodes {
        node.kill();
    }
    assert!(store.inspect(&all).await.unwrap_err().is_retryable());
    assert!(store.value_lengths(&all).await.unwrap_err().is_retryable());
}

#[tokio::test]
async fn statistics_are_those_of_the_others_and_say_who_is_missing() {
    let (mut cluster, store, left, address) = without_one().await;
    let servers = store.sharded().unwrap();
    let stats = servers.stats_of(&servers.shards()).await.unwrap();
    assert_eq!((stats.keys, stats.missing), (left.len() as u64, vec![address]));
    for node in &mut cluster.nodes {
        node.kill();
    }
    assert!(servers.stats_of(&servers.shards()).await.unwrap_err().is_retryable());
}

#[tokio::test]
async fn a_server_that_refuses_to_be_walked_over_is_not_taken_for_one_that_is_away() {
    let cluster = RedisCluster::start().await;
    let store = RedisStore::new(&cluster.patient_config()).unwrap();
    let () = cluster.at(0, "ACL SETUSER default -scan").await;
    assert_eq!(store.scan(None, 0).await.unwrap_err().kind(), StoreErrorKind::Denied);
}
