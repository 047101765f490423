//! A replica that takes over while the cache is in use: by plan, when its primary waits for it, and when that has died.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{
    CacheService, L1Config, LeaseFor, LeaseToken, Leased, Record, RedisStore, Store,
};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::cluster_node::{key_on, thirty};
use crate::fixture::{kpis, schema};
use crate::listing_node::{tags, ttl};
use crate::redis_cluster::RedisCluster;

const OLD: usize = 1;

fn store(cluster: &RedisCluster) -> RedisStore {
    RedisStore::new(&cluster.patient_config()).unwrap()
}

fn of_workspace() -> [Pattern; 1] {
    [Pattern::parse("exec:*:ws1").unwrap()]
}

fn record<'a>(key: &'a str, value: &str, tags: &'a [samekey::server::Tag]) -> Record<'a> {
    Record::new(key, Bytes::from(value.to_owned()), ttl()).tagged(tags)
}

/// Waits until a node is a primary.
async fn takes_over(cluster: &RedisCluster, node: usize) {
    let deadline = Instant::now() + Duration::from_secs(90);
    while !cluster.info(node, "replication").await.contains("role:master") {
        assert!(Instant::now() < deadline, "it does not take over");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Has a replica take the place of its primary, which waits for it.
async fn hand_over_to(cluster: &RedisCluster, node: usize) {
    for _ in 0..15 {
        // Refused while it has not followed the other for a moment.
        let _ = cluster.tell(node, &["FAILOVER"]).await;
        let deadline = Instant::now() + Duration::from_secs(6);
        while Instant::now() < deadline {
            if cluster.info(node, "replication").await.contains("role:master") {
                return;
            }
            sleep(Duration::from_millis(5)).await;
        }
    }
    panic!("it does not take over");
}

/// Waits until a node has what its primary has.
async fn follows(cluster: &RedisCluster, node: usize) {
    let deadline = Instant::now() + Duration::from_secs(90);
    while !cluster.info(node, "replication").await.contains("master_link_status:up") {
        assert!(Instant::now() < deadline, "it does not follow");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Tries until it succeeds: whoever has just taken over is not known to everybody at once.
async fn at_last<T, E: std::fmt::Display>(mut call: impl AsyncFnMut() -> Result<T, E>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match call().await {
            Ok(answer) => return answer,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_a_replica_has_got_is_read_stored_leased_and_invalidated_when_it_has_taken_over() {
    let mut cluster = RedisCluster::start().await;
    let replica = cluster.add_replica_of(OLD).await;
    let (store, other) = (store(&cluster), store(&cluster));
    let key = key_on(&cluster, OLD, "ws1").await;
    let tags = tags("ws1");
    let mut of_old = Vec::new();
    for key in thirty("ws1") {
        store.set(record(&key, "1", &tags)).await.unwrap();
        if cluster.owner(&key).await == OLD {
            of_old.push(key);
        }
    }
    let [kept, void] = [LeaseToken::random(), LeaseToken::random()];
    store.lease(&key, &kept, ttl(), LeaseFor::Refresh).await.unwrap();
    store.lease(&of_old[1], &void, ttl(), LeaseFor::Refresh).await.unwrap();
    cluster.has_all_of(replica, OLD).await;
    cluster.notices_deaths().await;
    cluster.nodes[OLD].kill();
    takes_over(&cluster, replica).await;

    let entry = at_last(async || store.get(&key).await).await;
    assert_eq!(&entry.unwrap().value[..], b"1");
    let token = LeaseToken::random();
    let asked = at_last(async || other.lease(&key, &token, ttl(), LeaseFor::Refresh).await).await;
    assert_eq!(asked, Leased::Held, "whoever had it has it");
    assert!(at_last(async || store.set_leased(record(&key, "2", &tags), &kept).await).await);
    at_last(async || store.set(record(&of_old[2], "2", &tags)).await).await;
    // The other has not noticed anything yet, or only that.
    let pattern = of_workspace();
    at_last(async || other.delete_matching(&pattern, &tags).await).await;
    for key in &of_old {
        assert_eq!(store.get(key).await.unwrap(), None, "{key}");
    }
    assert!(!store.set_leased(record(&of_old[1], "old", &tags), &void).await.unwrap());
    assert!(cluster.names(&[0, 2, replica], "exec:").await.is_empty());
}

/// By plan nothing is lost: the primary takes no writes until its replica has all of them. So what holds at other times
/// holds throughout, there and back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_compute_that_an_invalidation_overtook_is_stored_while_a_primary_is_handed_over() {
    let mut cluster = RedisCluster::start().await;
    let replica = cluster.add_replica_of(OLD).await;
    // Time enough for whoever is stopped not to be taken for dead: what is lost then was not handed over.
    cluster.wait_for_the_dead("6000").await;
    let stores = [Arc::new(store(&cluster)), Arc::new(store(&cluster))];
    let mut keys = Vec::new();
    for key in thirty("ws1") {
        if cluster.owner(&key).await == OLD && keys.len() < 4 {
            keys.push(key);
        }
    }
    let database = Arc::new(AtomicU64::new(0));
    let is_over = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mut computing = JoinSet::new();
    for n in 0..6 {
        let (store, database) = (stores[n % 2].clone(), database.clone());
        let (keys, is_over) = (keys.clone(), is_over.clone());
        computing.spawn(async move {
            let (mut stored, tags) = (0_u64, tags("ws1"));
            while !is_over.load(SeqCst) {
                let key = &keys[fastrand::usize(..keys.len())];
                let token = LeaseToken::random();
                let leased = store.lease(key, &token, ttl(), LeaseFor::Refresh).await;
                if !matches!(leased, Ok(Leased::Granted)) {
                    sleep(Duration::from_millis(1)).await;
                    continue;
                }
                let read = database.load(SeqCst).to_string();
                sleep(Duration::from_micros(fastrand::u64(..3_000))).await;
                stored += u64::from(
                    store.set_leased(record(key, &read, &tags), &token).await.unwrap_or(false),
                );
            }
            stored
        });
    }
    let (pattern, tags) = (of_workspace(), tags("ws1"));
    let handed_over = Arc::new(AtomicU64::new(0));
    let invalidate_and_look = async {
        let mut invalidations = 0;
        while !is_over.load(SeqCst) {
            let now = database.fetch_add(1, SeqCst) + 1;
            let store = &stores[invalidations % 2];
            at_last(async || store.delete_matching(&pattern, &tags).await).await;
            invalidations += 1;
            for key in &keys {
                let Ok(Some(entry)) = stores[0].get(key).await else { continue };
                let stored: u64 = std::str::from_utf8(&entry.value).unwrap().parse().unwrap();
                let times = handed_over.load(SeqCst);
                assert!(stored >= now, "{key}: {stored} after the invalidation of {now} ({times})");
            }
            sleep(Duration::from_millis(fastrand::u64(..4))).await;
        }
        invalidations
    };
    let hand_over = async {
        for (to, other) in [(replica, OLD), (OLD, replica)] {
            // The others vote for one after the other, and not at once.
            sleep(Duration::from_millis(2_500)).await;
            hand_over_to(&cluster, to).await;
            handed_over.fetch_add(1, SeqCst);
            follows(&cluster, other).await;
        }
        sleep(Duration::from_millis(500)).await;
        is_over.store(true, SeqCst);
    };
    let (invalidations, ()) = tokio::join!(invalidate_and_look, hand_over);
    let stored: u64 = computing.join_all().await.into_iter().sum();
    assert!(stored > 5 && invalidations > 5, "{stored} stored, {invalidations} invalidations");
}

/// Whoever invalidates while nobody has the slots is told that it is to be done, and until it is, what the successor has
/// from before is not shown.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_successor_has_from_before_an_invalidation_that_missed_it_is_never_shown() {
    let mut cluster = RedisCluster::start().await;
    let replica = cluster.add_replica_of(OLD).await;
    let cache = CacheService::builder(schema()).store(store(&cluster)).l1(L1Config::off());
    let cache = cache.build().unwrap();
    let mut of_old = Vec::new();
    for n in 0..30 {
        let workspace = format!("ws{n}");
        cache.set(&kpis(&workspace), &json!("old")).await.unwrap();
        if cluster.owner(kpis(&workspace).as_str()).await == OLD {
            of_old.push(workspace);
        }
    }
    cluster.has_all_of(replica, OLD).await;
    cluster.nodes[OLD].kill();
    let error = cache.invalidate_pattern("exec:kpis:*").await.unwrap_err();
    assert_eq!(error.code(), "E_STORE_QUEUED");
    // Not before: nobody has taken over until then, however long that was.
    cluster.notices_deaths().await;
    let is_settled = std::sync::atomic::AtomicBool::new(false);
    let settled = async {
        timeout(Duration::from_secs(90), cache.recovery().settled()).await.unwrap();
        is_settled.store(true, SeqCst);
    };
    let looking = async {
        while !is_settled.load(SeqCst) {
            for workspace in &of_old {
                if let Ok(found) = cache.get::<serde_json::Value>(&kpis(workspace)).await {
                    assert_eq!(found, None, "{workspace}");
                }
            }
            sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::join!(settled, looking);
    takes_over(&cluster, replica).await;
    for workspace in &of_old {
        let found = at_last(async || cache.get(&kpis(workspace)).await).await;
        assert_eq!(found, None::<Arc<serde_json::Value>>, "{workspace}");
    }
    assert!(cluster.names(&[replica], "exec:").await.is_empty());
}
