//! The lists of keys by tag: trusted where they can be, never where they cannot.

use std::time::{Duration, Instant};

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use samekey::schema::Pattern;
use samekey::server::{LeaseFor, LeaseToken, Record, RedisStore, Store, Tag, Ttl};

use crate::redis_server::RedisServer;

const LIST: &str = "~i:workspace:ws1";

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
    ["exec:*:ws1", "exec:*:ws1:*"].map(|text| Pattern::parse(text).unwrap())
}

async fn put(store: &RedisStore, key: &str, ttl: Ttl, tags: &[Tag]) {
    store.set(Record::new(key, Bytes::from_static(b"1"), ttl).tagged(tags)).await.unwrap();
}

async fn members(client: &mut MultiplexedConnection) -> Vec<String> {
    redis::cmd("ZRANGE").arg(LIST).arg(0).arg(-1).query_async(client).await.unwrap()
}

async fn set_foreign(client: &mut MultiplexedConnection, key: &str) {
    let _: () = redis::cmd("SET").arg(key).arg("1").query_async(client).await.unwrap();
}

#[tokio::test]
async fn a_list_lives_as_long_as_its_longest_member_and_drops_the_dead() {
    let server = RedisServer::start();
    let store = sole_writer(&server);
    let mut other = server.client().await;
    put(&store, "exec:long:ws1", ttl(600_000), &workspace("ws1")).await;
    put(&store, "exec:short:ws1", ttl(1_000), &workspace("ws1")).await;
    assert_eq!(members(&mut other).await.len(), 2);
    let left: u64 = redis::cmd("PTTL").arg(LIST).query_async(&mut other).await.unwrap();
    assert!((600_000..=660_000).contains(&left), "{left}");
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

#[tokio::test]
async fn a_server_that_drops_keys_to_make_room_is_not_trusted_with_lists() {
    for policy in ["allkeys-lru", "volatile-lru"] {
        let server =
            RedisServer::start_with(&["--maxmemory", "100mb", "--maxmemory-policy", policy]);
        let store = sole_writer(&server);
        put(&store, "exec:kpis:ws1", ttl(60_000), &workspace("ws1")).await;
        put(&store, "exec:revenue:ws1", ttl(60_000), &workspace("ws1")).await;
        let mut other = server.client().await;
        let _: () = redis::cmd("DEL").arg(LIST).query_async(&mut other).await.unwrap();
        let removed = store.delete_matching(&patterns(), &workspace("ws1")).await.unwrap();
        assert_eq!(removed, 2, "{policy}");
    }
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
    // Lists, leases and keys: a walk over 200,000 keys would be 200 steps. The audit walks a second later.
    assert!(commands.iter().any(|commands| *commands <= 10), "{commands:?}");
}

async fn processed(client: &mut MultiplexedConnection) -> u64 {
    let info: String = redis::cmd("INFO").arg("stats").query_async(client).await.unwrap();
    let line = info.lines().find_map(|line| line.strip_prefix("total_commands_processed:"));
    line.unwrap().trim().parse().unwrap()
}
