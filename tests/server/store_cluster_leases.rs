//! Leases and lists in a cluster: beside their keys, and found without a walk.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{LeaseFor, LeaseToken, Leased, Record, RedisStore, Store, Tag, Ttl};
use tokio::time::sleep;

use crate::redis_cluster::RedisCluster;
use crate::waiting::eventually;

fn ttl() -> Ttl {
    Ttl::new(Duration::from_secs(60)).unwrap()
}

fn sole_writer(cluster: &RedisCluster) -> RedisStore {
    RedisStore::new(&cluster.patient_config().sole_writer(true)).unwrap()
}

fn tags(workspace: &str) -> [Tag; 1] {
    [Tag::new("workspace", workspace).unwrap()]
}

fn of_workspace(workspace: &str) -> [Pattern; 2] {
    [format!("exec:*:{workspace}"), format!("exec:*:{workspace}:*")]
        .map(|text| Pattern::parse(&text).unwrap())
}

/// Thirty keys of one workspace, on all three servers.
fn thirty() -> Vec<String> {
    (0..30).map(|n| format!("exec:f{n}:ws1")).collect()
}

async fn lease(store: &RedisStore, key: &str) -> LeaseToken {
    let token = LeaseToken::random();
    let leased = store.lease(key, &token, ttl(), LeaseFor::Refresh).await.unwrap();
    assert_eq!(leased, Leased::Granted);
    token
}

async fn store_leased(store: &RedisStore, key: &str, token: &LeaseToken) -> bool {
    let record = Record::new(key, Bytes::from_static(b"1"), ttl());
    store.set_leased(record.tagged(&tags("ws1")), token).await.unwrap()
}

/// How many steps of a walk all servers were asked for.
async fn walked(cluster: &RedisCluster) -> u64 {
    let mut walked = 0;
    for node in 0..3 {
        let stats = cluster.info(node, "commandstats").await;
        let scans = stats.lines().find_map(|line| line.strip_prefix("cmdstat_scan:calls="));
        walked += scans.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap());
    }
    walked
}

/// The names that begin so, on all servers.
async fn names(cluster: &RedisCluster, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for node in &cluster.nodes {
        let keys = redis::cmd("KEYS").arg(format!("{prefix}*")).take();
        let found: Vec<String> = keys.query_async(&mut node.client().await).await.unwrap();
        names.extend(found);
    }
    names
}

#[tokio::test]
async fn an_invalidation_finds_leases_and_keys_by_lists_and_walks_over_nothing() {
    let cluster = RedisCluster::start().await;
    let store = sole_writer(&cluster);
    for key in thirty() {
        let token = lease(&store, &key).await;
        assert!(store_leased(&store, &key, &token).await);
    }
    let mut computing = Vec::new();
    for key in thirty() {
        let token = lease(&store, &key).await;
        computing.push((key, token));
    }
    let other = lease(&store, "exec:f1:ws2").await;
    let before = walked(&cluster).await;
    let removed = store.delete_matching(&of_workspace("ws1"), &tags("ws1")).await.unwrap();
    assert_eq!(removed, 30);
    assert_eq!(walked(&cluster).await, before);
    for (key, token) in &computing {
        assert!(!store_leased(&store, key, token).await, "{key}: from before the invalidation");
    }
    assert!(store_leased(&store, "exec:f1:ws2", &other).await, "nobody's business");
}

#[tokio::test]
async fn each_server_has_its_own_list_of_a_tag_and_no_lease_stays_written_down() {
    let cluster = RedisCluster::start().await;
    let store = sole_writer(&cluster);
    for key in &thirty() {
        let token = lease(&store, key).await;
        assert!(store_leased(&store, key, &token).await);
        // One that is refused leaves nothing either.
        let (holder, refused) = (lease(&store, key).await, LeaseToken::random());
        let held = store.lease(key, &refused, ttl(), LeaseFor::Missing).await.unwrap();
        assert_ne!(held, Leased::Granted);
        store.release(key, &holder).await.unwrap();
    }
    assert_eq!(names(&cluster, "~of:workspace:ws1").await.len(), 3);
    let none_is_left = async || names(&cluster, "~leases").await.is_empty();
    eventually("no lease is written down any more", none_is_left).await;
}

#[tokio::test]
async fn where_registers_may_be_dropped_a_walk_finds_the_leases() {
    let cluster = RedisCluster::start().await;
    for node in &cluster.nodes {
        for setting in [["maxmemory", "100mb"], ["maxmemory-policy", "allkeys-lru"]] {
            let set = redis::cmd("CONFIG").arg("SET").arg(&setting).take();
            let _: () = set.query_async(&mut node.client().await).await.unwrap();
        }
    }
    let store = sole_writer(&cluster);
    let mut computing = Vec::new();
    for key in thirty() {
        let token = lease(&store, &key).await;
        computing.push((key, token));
    }
    // As the server would.
    for node in &cluster.nodes {
        let mut client = node.client().await;
        let keys = redis::cmd("KEYS").arg("~leases*").take();
        let registers: Vec<String> = keys.query_async(&mut client).await.unwrap();
        assert!(!registers.is_empty());
        for register in registers {
            let _: u64 = redis::cmd("DEL").arg(register).query_async(&mut client).await.unwrap();
        }
    }
    let before = walked(&cluster).await;
    store.delete_matching(&of_workspace("ws1"), &tags("ws1")).await.unwrap();
    assert!(walked(&cluster).await > before);
    for (key, token) in &computing {
        assert!(!store_leased(&store, key, token).await, "{key}");
    }
}

#[tokio::test]
async fn while_a_primary_is_down_the_others_keys_are_leased_stored_and_invalidated() {
    const DOWN: usize = 1;
    let mut cluster = RedisCluster::start().await;
    let store = sole_writer(&cluster);
    let mut kept = Vec::new();
    for key in thirty() {
        if cluster.owner(&key).await != DOWN {
            kept.push(key.clone());
        }
        let token = lease(&store, &key).await;
        assert!(store_leased(&store, &key, &token).await);
    }
    cluster.nodes[DOWN].kill();
    for key in &kept {
        let token = lease(&store, key).await;
        assert!(store_leased(&store, key, &token).await, "{key}: its list is beside it");
    }
    let computing = lease(&store, &kept[0]).await;
    // It says that it did not reach everybody, and has reached the others.
    store.delete_matching(&of_workspace("ws1"), &tags("ws1")).await.unwrap_err();
    for key in &kept {
        assert!(store.get(key).await.unwrap().is_none(), "{key}");
    }
    assert!(!store_leased(&store, &kept[0], &computing).await);
}

/// What is computed from data that an invalidation has overtaken is nowhere afterwards, on two nodes of a cluster.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_compute_that_an_invalidation_overtook_is_stored() {
    let cluster = RedisCluster::start().await;
    let stores = [Arc::new(sole_writer(&cluster)), Arc::new(sole_writer(&cluster))];
    let database = Arc::new(AtomicU64::new(0));
    let until = Instant::now() + Duration::from_secs(4);
    let mut computing = tokio::task::JoinSet::new();
    for n in 0..6 {
        let (store, database) = (stores[n % 2].clone(), database.clone());
        computing.spawn(async move {
            let mut stored = 0;
            while Instant::now() < until {
                let key = format!("exec:f{}:ws1", fastrand::usize(..4));
                let token = LeaseToken::random();
                if store.lease(&key, &token, ttl(), LeaseFor::Refresh).await.unwrap()
                    != Leased::Granted
                {
                    tokio::task::yield_now().await;
                    continue;
                }
                let read = database.load(SeqCst);
                sleep(Duration::from_micros(fastrand::u64(..3_000))).await;
                let record = Record::new(&key, Bytes::from(read.to_string()), ttl());
                let tags = tags("ws1");
                stored += u64::from(store.set_leased(record.tagged(&tags), &token).await.unwrap());
            }
            stored
        });
    }
    let mut invalidations = 0;
    while Instant::now() < until {
        let now = database.fetch_add(1, SeqCst) + 1;
        let store = &stores[invalidations % 2];
        store.delete_matching(&of_workspace("ws1"), &tags("ws1")).await.unwrap();
        invalidations += 1;
        for n in 0..4 {
            if let Some(entry) = stores[0].get(&format!("exec:f{n}:ws1")).await.unwrap() {
                let stored: u64 = std::str::from_utf8(&entry.value).unwrap().parse().unwrap();
                assert!(stored >= now, "{stored} after the invalidation of {now}");
            }
        }
        sleep(Duration::from_millis(fastrand::u64(..4))).await;
    }
    let stored: u64 = computing.join_all().await.into_iter().sum();
    // Few on a slow machine; hardly any would mean that nothing raced.
    assert!(stored > 5 && invalidations > 5, "{stored} stored, {invalidations} invalidations");
}
