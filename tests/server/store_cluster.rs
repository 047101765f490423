//! What only a cluster does: servers that fail alone, and slots that move.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use samekey::schema::Pattern;
use samekey::server::{
    Change, LeaseFor, LeaseToken, Record, RedisStore, Store, StoreErrorKind, Tag, Ttl,
};
use tokio::time::timeout;

use crate::redis_cluster::RedisCluster;
use crate::redis_server::PATIENCE;

fn store(cluster: &RedisCluster) -> RedisStore {
    RedisStore::new(&cluster.patient_config()).unwrap()
}

fn record(key: &str) -> Record<'_> {
    Record::new(key, Bytes::from_static(b"1"), Ttl::new(Duration::from_secs(60)).unwrap())
}

/// Sixty keys, which are on all three servers.
fn sixty() -> Vec<String> {
    (0..60).map(|id| format!("exec:kpis:ws{id}")).collect()
}

#[tokio::test]
async fn changes_are_told_by_every_primary_and_ones_own_by_none() {
    let cluster = RedisCluster::start().await;
    let (ours, theirs) = (store(&cluster), store(&cluster));
    let mut changes = ours.changes(&["exec:"]).unwrap();
    for expected in [Change::Disarmed, Change::Everything, Change::Armed] {
        let change = timeout(Duration::from_secs(60), changes.recv()).await.unwrap().unwrap();
        assert_eq!(change, expected);
    }
    for key in sixty() {
        ours.set(record(&key)).await.unwrap();
    }
    let mut own = Vec::new();
    while let Ok(Some(change)) = timeout(Duration::from_millis(300), changes.recv()).await {
        own.push(change);
    }
    assert_eq!(own, []);
    for key in sixty() {
        theirs.set(record(&key)).await.unwrap();
    }
    let mut seen = HashSet::new();
    while seen.len() < 60 {
        match timeout(Duration::from_secs(60), changes.recv()).await.unwrap().unwrap() {
            Change::Keys(keys) => seen.extend(keys),
            other => panic!("{other:?}"),
        }
    }
    // One connection of one primary: the others may be as they are, nothing is known.
    let mut other = cluster.nodes[1].client().await;
    let mut kill = redis::cmd("CLIENT");
    kill.arg(&["KILL", "TYPE", "normal", "SKIPME", "yes"]);
    let _: u64 = kill.query_async(&mut other).await.unwrap();
    for expected in [Change::Disarmed, Change::Everything, Change::Armed] {
        let change = timeout(Duration::from_secs(60), changes.recv()).await.unwrap().unwrap();
        assert_eq!(change, expected);
    }
}

#[tokio::test]
async fn while_one_primary_is_down_the_others_serve() {
    let mut cluster = RedisCluster::start().await;
    let store = store(&cluster);
    for key in sixty() {
        store.set(record(&key)).await.unwrap();
    }
    // Not the one that was asked first, nor one that happens to have no key.
    let down = 2;
    cluster.nodes[down].kill();
    let (mut served, mut failed) = (Vec::new(), Vec::new());
    for key in sixty() {
        // The survivors only: the dead one cannot be asked where a key is.
        let owner = cluster.owner(&key).await;
        let asked = Instant::now();
        let token = LeaseToken::random();
        let minute = Ttl::new(Duration::from_secs(60)).unwrap();
        let works = store.get(&key).await.is_ok_and(|entry| entry.is_some())
            && store.lease(&key, &token, minute, LeaseFor::Refresh).await.is_ok()
            && store.set_leased(record(&key), &token).await.is_ok();
        assert!(asked.elapsed() < PATIENCE / 2, "nobody waits for it: {:?}", asked.elapsed());
        assert_eq!(works, owner != down, "{key}");
        if works { &mut served } else { &mut failed }.push(key);
    }
    assert!(served.len() >= 20 && failed.len() >= 5, "{} {}", served.len(), failed.len());
    // A batch has what can be had.
    let keys = sixty();
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    let found = store.get_many(&keys).await.unwrap();
    assert_eq!(found.iter().flatten().count(), served.len());
    store.ping().await.unwrap();
    // An invalidation that did not reach everybody says so, and has reached whom it could.
    let pattern = [Pattern::parse("exec:kpis:*").unwrap()];
    assert!(store.delete_matching(&pattern, &[]).await.unwrap_err().is_retryable());
}

#[tokio::test]
async fn a_slot_that_moves_is_followed() {
    let cluster = RedisCluster::start().await;
    let store = store(&cluster);
    let key = "exec:kpis:ws1";
    let tags = [Tag::new("workspace", "ws1").unwrap()];
    store.set(record(key).tagged(&tags)).await.unwrap();
    let moved = cluster.begin_move(key).await;
    // Ahead of its slot: ASK.
    assert!(store.get(key).await.unwrap().is_some());
    assert_eq!(store.get_many(&[key]).await.unwrap().iter().flatten().count(), 1);
    cluster.finish_move(moved).await;
    // Moved for good: MOVED, and a new map.
    assert!(store.get(key).await.unwrap().is_some());
    let token = LeaseToken::random();
    let minute = Ttl::new(Duration::from_secs(60)).unwrap();
    store.lease(key, &token, minute, LeaseFor::Refresh).await.unwrap();
    assert!(store.set_leased(record(key).tagged(&tags), &token).await.unwrap());
    let pattern = [Pattern::parse("exec:*:ws1").unwrap()];
    assert_eq!(store.delete_matching(&pattern, &tags).await.unwrap(), 1);
    assert!(!cluster.has(key).await);
}

#[tokio::test]
async fn of_all_who_find_that_a_slot_has_moved_one_asks_who_has_it() {
    let cluster = RedisCluster::start().await;
    let store = store(&cluster);
    let key = "exec:kpis:ws1";
    store.set(record(key)).await.unwrap();
    let moved = cluster.begin_move(key).await;
    cluster.finish_move(moved).await;
    let asked = async || {
        let [a, b, c] = [0, 1, 2].map(|node| cluster.calls(node, "cluster|slots"));
        a.await + b.await + c.await
    };
    let before = asked().await;
    for found in join_all((0..30).map(|_| store.get(key))).await {
        assert!(found.unwrap().is_some());
    }
    assert_eq!(asked().await, before + 1);
}

#[tokio::test]
async fn a_value_whose_slot_is_on_its_way_is_waited_with_and_not_sent_ahead() {
    let cluster = RedisCluster::start().await;
    let store = store(&cluster);
    let key = "exec:kpis:ws1";
    let tags = [Tag::new("workspace", "ws1").unwrap()];
    let (from, to) = (cluster.owner(key).await, (cluster.owner(key).await + 1) % 3);
    let moved = cluster.begin_move(key).await;
    // What writes it and its lease is a transaction, and would be half of one where the key goes.
    let error = store.set(record(key).tagged(&tags)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Busy, "it may be tried again later: {error}");
    assert!(cluster.calls(from, "multi").await > 1, "tried again");
    assert_eq!(cluster.calls(to, "multi").await, 0);
    cluster.finish_move(moved).await;
    store.set(record(key).tagged(&tags)).await.unwrap();
}
