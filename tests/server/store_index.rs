//! The lists of keys by tag: trusted where they can be, never where they cannot.

use std::time::{Duration, Instant};

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use samekey::schema::Pattern;
use samekey::server::{LeaseFor, LeaseToken, Record, RedisStore, Store, Tag, Ttl};

use crate::redis_server::RedisServer;

const LIST: &str = "~of:workspace:ws1";

fn ttl(millis: u64) -> Ttl {
    Ttl::new(Duration::from_millis(millis)).unwrap()
}

fn sole_writer(server: &RedisServer) -> RedisStore {
    RedisStore::new(&server.patient_config().sole_writer(true)).unwrap()
}

fn workspace(id: &str) -> [Tag; 1] {
    [Tag::new("workspace", id).unwrap()]
}

fn patterns() -> [Pattern; 2] {
    patterns_of("ws1")
}

fn patterns_of(id: &str) -> [Pattern; 2] {
    [format!("exec:*:{id}"), format!("exec:*:{id}:*")].map(|text| Pattern::parse(&text).unwrap())
}

async fn put(store: &RedisStore, key: &str, ttl: Ttl, tags: &[Tag]) {
    store.set(Record::new(key, Bytes::from_static(b"1"), ttl).tagged(tags)).await.unwrap();
}

async fn members(client: &mut MultiplexedConnection) -> Vec<String> {
    members_of(client, LIST).await
}

async fn members_of(client: &mut MultiplexedConnection, list: &str) -> Vec<String> {
    redis::cmd("ZRANGE").arg(list).arg(0).arg(-1).query_async(client).await.unwrap()
}

/// What is left in ms; -1 for ever, -2 when it is not there.
async fn pttl(client: &mut MultiplexedConnection, name: &str) -> i64 {
    redis::cmd("PTTL").arg(name).query_async(client).await.unwrap()
}

async fn set_policy(client: &mut MultiplexedConnection, policy: &str) {
    let mut set = redis::cmd("CONFIG");
    set.arg("SET").arg("maxmemory-policy").arg(policy);
    let _: () = set.query_async(client).await.unwrap();
}

async fn set_foreign(client: &mut MultiplexedConnection, key: &str) {
    let _: () = redis::cmd("SET").arg(key).arg("1").query_async(client).await.unwrap();
}

#[tokio::test]
async fn a_list_does_not_expire_drops_the_dead_and_ends_with_its_last_member() {
    let server = RedisServer::start();
    let store = sole_writer(&server);
    let mut other = server.client().await;
    put(&store, "exec:long:ws1", ttl(600_000), &workspace("ws1")).await;
    put(&store, "exec:short:ws1", ttl(1_000), &workspace("ws1")).await;
    assert_eq!(members(&mut other).await.len(), 2);
    assert_eq!(pttl(&mut other, LIST).await, -1);
    // A member whose time is over goes with the next write.
    let _: () = redis::cmd("ZADD")
        .arg(LIST)
        .arg(1)
        .arg("exec:dead:ws1")
        .query_async(&mut other)
        .await
        .unwrap();
    put(&store, "exec:short:ws1", ttl(1_000), &workspace("ws1")).await;
    assert_eq!(members(&mut other).await, ["exec:short:ws1", "exec:long:ws1"]);
    assert_eq!(store.delete_matching(&patterns(), &workspace("ws1")).await.unwrap(), 2);
    assert_eq!(pttl(&mut other, LIST).await, -2, "the list names nothing and is there");
}

#[tokio::test]
async fn a_list_does_not_outgrow_the_values_that_it_names() {
    let server = RedisServer::start();
    let store = sole_writer(&server);
    let mut other = server.client().await;
    // Each value is dropped as soon as it is stored, long before its time: as under memory pressure.
    for id in 0..500 {
        let key = format!("exec:f{id}:ws1");
        put(&store, &key, ttl(600_000), &workspace("ws1")).await;
        let _: () = redis::cmd("DEL").arg(&key).query_async(&mut other).await.unwrap();
    }
    let left = members(&mut other).await.len();
    assert!(left <= 50, "{left} members, and no values");
    // Those that are there stay, however many are stored beside them.
    for id in 0..100 {
        put(&store, &format!("exec:g{id}:ws1"), ttl(600_000), &workspace("ws1")).await;
    }
    let named = members(&mut other).await;
    let missing: Vec<_> =
        (0..100).filter(|id| !named.contains(&format!("exec:g{id}:ws1"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn lists_that_nobody_writes_to_are_tidied_up() {
    let server = RedisServer::start();
    let store = sole_writer(&server);
    let mut other = server.client().await;
    put(&store, "exec:gone:ws1", ttl(600_000), &workspace("ws1")).await;
    put(&store, "exec:gone:ws2", ttl(600_000), &workspace("ws2")).await;
    put(&store, "exec:there:ws2", ttl(600_000), &workspace("ws2")).await;
    for key in ["exec:gone:ws1", "exec:gone:ws2"] {
        let _: () = redis::cmd("DEL").arg(key).query_async(&mut other).await.unwrap();
    }
    assert_eq!(store.tidy().await.unwrap().struck, 2);
    assert_eq!(pttl(&mut other, LIST).await, -2);
    assert_eq!(members_of(&mut other, "~of:workspace:ws2").await, ["exec:there:ws2"]);
    assert_eq!(store.tidy().await.unwrap().struck, 0);
    assert_eq!(store.delete_matching(&patterns_of("ws2"), &workspace("ws2")).await.unwrap(), 1);
}

#[tokio::test]
async fn a_foreign_key_is_found_although_it_is_on_no_list() {
    let server = RedisServer::start();
    let store = RedisStore::new(&server.patient_config()).unwrap();
    put(&store, "exec:kpis:ws1", ttl(60_000), &workspace("ws1")).await;
    set_foreign(&mut server.client().await, "exec:revenue:ws1").await;
    assert_eq!(store.delete_matching(&patterns(), &workspace("ws1")).await.unwrap(), 2);
}

#[tokio::test]
async fn the_sole_writer_is_trusted_and_audited() {
    let server = RedisServer::start();
    let store = sole_writer(&server);
    let mut other = server.client().await;
    for workspace in ["ws1", "ws2"] {
        let tags = [Tag::new("workspace", workspace).unwrap()];
        for id in 0..10 {
            put(&store, &format!("exec:f{id}:{workspace}"), ttl(60_000), &tags).await;
        }
    }
    set_foreign(&mut other, "exec:foreign:ws1").await;
    assert_eq!(store.delete_matching(&patterns(), &workspace("ws1")).await.unwrap(), 10);
    // Stored again at once, so on a list: not the audit's business.
    put(&store, "exec:f1:ws1", ttl(60_000), &workspace("ws1")).await;
    let deadline = Instant::now() + Duration::from_secs(10);
    while store.stats().await.unwrap().unindexed_keys == 0 {
        assert!(Instant::now() < deadline, "the audit never came");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!store.exists("exec:foreign:ws1").await.unwrap());
    assert!(store.exists("exec:f1:ws1").await.unwrap());
    assert_eq!(store.stats().await.unwrap().unindexed_keys, 1);
    assert!(store.exists("exec:f1:ws2").await.unwrap());
}

/// Whether the lists decide: a foreign key, which is on none, then stays for the audit to find.
async fn trusts_lists(store: &RedisStore, other: &mut MultiplexedConnection) -> bool {
    put(store, "exec:kpis:ws1", ttl(60_000), &workspace("ws1")).await;
    set_foreign(other, "exec:foreign:ws1").await;
    match store.delete_matching(&patterns(), &workspace("ws1")).await.unwrap() {
        1 => true,
        2 => false,
        other => panic!("{other} removed of two"),
    }
}

#[tokio::test]
async fn a_server_is_trusted_with_lists_if_it_keeps_what_does_not_expire() {
    for (policy, trusted) in [
        ("noeviction", true),
        ("volatile-lfu", true),
        ("volatile-lru", true),
        ("volatile-random", true),
        ("volatile-ttl", true),
        ("allkeys-lru", false),
        ("allkeys-lfu", false),
        ("allkeys-random", false),
    ] {
        let server =
            RedisServer::start_with(&["--maxmemory", "100mb", "--maxmemory-policy", policy]);
        let store = sole_writer(&server);
        assert_eq!(trusts_lists(&store, &mut server.client().await).await, trusted, "{policy}");
    }
}

#[tokio::test]
async fn a_policy_that_is_changed_is_noticed_by_the_next_invalidation() {
    let limits = ["--maxmemory", "100mb", "--maxmemory-policy", "volatile-lfu"];
    let server = RedisServer::start_with(&limits);
    let store = sole_writer(&server);
    let mut other = server.client().await;
    assert!(trusts_lists(&store, &mut other).await);
    set_policy(&mut other, "allkeys-lru").await;
    assert!(!trusts_lists(&store, &mut other).await);
}

#[tokio::test]
async fn a_list_that_expires_is_not_trusted() {
    let server = RedisServer::start();
    let store = sole_writer(&server);
    let mut other = server.client().await;
    assert!(trusts_lists(&store, &mut other).await);
    put(&store, "exec:other:ws1", ttl(60_000), &workspace("ws1")).await;
    let _: () = redis::cmd("PEXPIRE").arg(LIST).arg(60_000).query_async(&mut other).await.unwrap();
    set_foreign(&mut other, "exec:foreign:ws1").await;
    assert_eq!(store.delete_matching(&patterns(), &workspace("ws1")).await.unwrap(), 2);
}

#[tokio::test]
async fn under_memory_pressure_values_are_dropped_and_lists_are_not() {
    const WORKSPACES: usize = 20;
    let limits = ["--maxmemory", "8mb", "--maxmemory-policy", "volatile-lfu"];
    let server = RedisServer::start_with(&limits);
    let store = sole_writer(&server);
    let mut other = server.client().await;
    let value = Bytes::from(vec![b'1'; 10_000]);
    for id in 0..2_000 {
        let workspace = format!("ws{}", id % WORKSPACES);
        let tags = [Tag::new("workspace", &workspace).unwrap()];
        let key = format!("exec:f{id}:{workspace}");
        store.set(Record::new(&key, value.clone(), ttl(600_000)).tagged(&tags)).await.unwrap();
    }
    let evicted = store.stats().await.unwrap().evicted_keys;
    assert!(evicted > 500, "{evicted}: no pressure");
    let mut there_were = 0;
    for id in 0..WORKSPACES {
        let id = format!("ws{id}");
        let there = keys(&mut other, &format!("exec:*:{id}")).await;
        let named = members_of(&mut other, &format!("~of:workspace:{id}")).await;
        let unnamed: Vec<_> = there.iter().filter(|key| !named.contains(key)).collect();
        assert!(unnamed.is_empty(), "{unnamed:?}");
        let removed = store.delete_matching(&patterns_of(&id), &workspace(&id)).await.unwrap();
        // To look takes memory, too, for which a value or two may have been dropped.
        assert!(removed <= there.len() as u64, "{removed} of {}", there.len());
        assert_eq!(keys(&mut other, &format!("exec:*:{id}")).await, Vec::<String>::new());
        there_were += removed;
    }
    assert!(there_were > 100, "{there_were}: nothing was left to invalidate");
    // No walk was needed for it, and the audit behind it has nothing to add.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(store.stats().await.unwrap().unindexed_keys, 0);
}

async fn keys(client: &mut MultiplexedConnection, glob: &str) -> Vec<String> {
    redis::cmd("KEYS").arg(glob).query_async(client).await.unwrap()
}

#[tokio::test]
async fn a_lease_is_voided_by_an_invalidation_that_trusts_the_lists() {
    let server = RedisServer::start();
    let store = sole_writer(&server);
    let tags = workspace("ws1");
    let token = LeaseToken::random();
    store.lease("exec:kpis:ws1", &token, ttl(60_000), LeaseFor::Missing).await.unwrap();
    store.delete_matching(&patterns(), &tags).await.unwrap();
    let stale = Record::new("exec:kpis:ws1", Bytes::from_static(b"1"), ttl(60_000)).tagged(&tags);
    assert!(!store.set_leased(stale, &token).await.unwrap());
}

#[tokio::test]
async fn an_invalidation_by_lists_costs_what_it_removes_and_not_what_there_is() {
    let server = RedisServer::start();
    let store = sole_writer(&server);
    let mut other = server.client().await;
    for batch in 0..20 {
        let mut pipeline = redis::pipe();
        for id in 0..10_000 {
            let key = format!("exec:kpis:other{}", 10_000 * batch + id);
            pipeline.cmd("SET").arg(key).arg("1").ignore();
        }
        let _: () = pipeline.query_async(&mut other).await.unwrap();
    }
    let mut commands = Vec::new();
    for _ in 0..3 {
        for id in 0..10 {
            put(&store, &format!("exec:f{id}:ws1"), ttl(60_000), &workspace("ws1")).await;
        }
        let before = processed(&mut other).await;
        assert_eq!(store.delete_matching(&patterns(), &workspace("ws1")).await.unwrap(), 10);
        commands.push(processed(&mut other).await - before);
    }
    // Lists, leases and keys, and the commands within scripts. A walk over 200,000 keys would be 200 steps of 1,000
    // keys; the audit walks a second later.
    assert!(commands.iter().any(|commands| *commands <= 40), "{commands:?}");
}

async fn processed(client: &mut MultiplexedConnection) -> u64 {
    let info: String = redis::cmd("INFO").arg("stats").query_async(client).await.unwrap();
    let line = info.lines().find_map(|line| line.strip_prefix("total_commands_processed:"));
    line.unwrap().trim().parse().unwrap()
}
