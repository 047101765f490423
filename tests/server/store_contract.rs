//! What every store does, told once and run on each.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use samekey::schema::Pattern;
use samekey::server::{
    KeyTtl, LeaseFor, LeaseToken, Leased, MemoryStore, Record, RedisStore, Store, Tag, Ttl,
};

#[cfg(feature = "cluster")]
use crate::redis_cluster::RedisCluster;
use crate::redis_server::RedisServer;

/// A store to test, and a way to let time pass for it.
pub(crate) trait Fixture {
    fn store(&self) -> &dyn Store;
    /// Returns when a key that was given `ttl` a moment ago must be gone.
    fn outlive(&self, key: &str, ttl: Duration) -> impl Future<Output = ()>;
    /// The same for the lease of `key`.
    fn outlive_lease(&self, key: &str, time: Duration) -> impl Future<Output = ()>;
}

pub(crate) struct Memory(MemoryStore);

impl Memory {
    fn start() -> Self {
        Self(MemoryStore::default())
    }
}

impl Fixture for Memory {
    fn store(&self) -> &dyn Store {
        &self.0
    }
    async fn outlive(&self, _key: &str, ttl: Duration) {
        tokio::time::advance(ttl).await;
    }
    async fn outlive_lease(&self, _key: &str, time: Duration) {
        tokio::time::advance(time).await;
    }
}

pub(crate) struct Redis {
    server: RedisServer,
    store: RedisStore,
}

impl Redis {
    fn start() -> Self {
        let server = RedisServer::start();
        let config = server.patient_config().namespace("app[1]:test:");
        let store = RedisStore::new(&config).unwrap();
        Self { server, store }
    }
}

impl Fixture for Redis {
    fn store(&self) -> &dyn Store {
        &self.store
    }
    async fn outlive(&self, key: &str, ttl: Duration) {
        self.gone(&format!("app[1]:test:{key}"), ttl).await;
    }
    async fn outlive_lease(&self, key: &str, time: Duration) {
        self.gone(&format!("{{app[1]:test:{key}}}:~l"), time).await;
    }
}

impl Redis {
    /// Redis's clock cannot be turned: asks the server itself until it says that the name is gone.
    async fn gone(&self, name: &str, time: Duration) {
        let mut client = self.server.client().await;
        let deadline = std::time::Instant::now() + time + crate::waiting::PATIENCE;
        while redis::cmd("EXISTS").arg(name).query_async::<bool>(&mut client).await.unwrap() {
            assert!(std::time::Instant::now() < deadline, "{name} outlives its time");
            tokio::task::yield_now().await;
        }
    }
}

/// One cluster for all: three servers take seconds to agree.
#[cfg(feature = "cluster")]
pub(crate) struct Cluster<'a> {
    cluster: &'a RedisCluster,
    store: RedisStore,
}

#[cfg(feature = "cluster")]
impl<'a> Cluster<'a> {
    async fn emptied(cluster: &'a RedisCluster) -> Self {
        cluster.flush().await;
        let config = cluster.patient_config().namespace("app[1]:test:");
        Self { cluster, store: RedisStore::new(&config).unwrap() }
    }

    async fn gone(&self, name: &str, time: Duration) {
        let deadline = std::time::Instant::now() + time + crate::waiting::PATIENCE;
        while self.cluster.has(name).await {
            assert!(std::time::Instant::now() < deadline, "{name} outlives its time");
        }
    }
}

#[cfg(feature = "cluster")]
impl Fixture for Cluster<'_> {
    fn store(&self) -> &dyn Store {
        &self.store
    }
    async fn outlive(&self, key: &str, ttl: Duration) {
        self.gone(&format!("app[1]:test:{key}"), ttl).await;
    }
    async fn outlive_lease(&self, key: &str, time: Duration) {
        self.gone(&format!("{{app[1]:test:{key}}}:~l"), time).await;
    }
}

fn ttl(millis: u64) -> Ttl {
    Ttl::new(Duration::from_millis(millis)).unwrap()
}

const MINUTE: u64 = 60_000;

async fn put(store: &dyn Store, key: &str) {
    put_text(store, key, "1").await;
}

async fn put_text(store: &dyn Store, key: &str, text: &str) {
    store.set(record(key, text)).await.unwrap();
}

fn record<'a>(key: &'a str, text: &str) -> Record<'a> {
    Record::new(key, Bytes::copy_from_slice(text.as_bytes()), ttl(MINUTE))
}

async fn text(store: &dyn Store, key: &str) -> Option<String> {
    let entry = store.get(key).await.unwrap()?;
    Some(String::from_utf8(entry.value.into()).unwrap())
}

async fn missing(store: &dyn Store, key: &str, token: &LeaseToken) -> Leased {
    store.lease(key, token, ttl(MINUTE), LeaseFor::Missing).await.unwrap()
}

async fn refresh(store: &dyn Store, key: &str, token: &LeaseToken) -> Leased {
    store.lease(key, token, ttl(MINUTE), LeaseFor::Refresh).await.unwrap()
}

/// Every key of a walk from beginning to end.
async fn walk(store: &dyn Store, pattern: Option<&str>) -> HashSet<String> {
    let pattern = pattern.map(|text| Pattern::parse(text).unwrap());
    let mut keys = HashSet::new();
    let mut cursor = Some(0);
    while let Some(at) = cursor {
        let page = store.scan(pattern.as_ref(), at).await.unwrap();
        keys.extend(page.keys);
        cursor = page.next;
    }
    keys
}

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|text| Pattern::parse(text).unwrap()).collect()
}

async fn gone(store: &dyn Store, keys: &[&str]) -> Vec<String> {
    let mut gone = Vec::new();
    for key in keys {
        if !store.exists(key).await.unwrap() {
            gone.push((*key).to_owned());
        }
    }
    gone
}

mod behaviour {
    use super::*;

    pub(crate) async fn a_value_comes_back_byte_for_byte_with_what_is_left_of_its_life(
        on: impl Fixture,
    ) {
        let every_byte: Bytes = (0..=255_u8).collect();
        on.store()
            .set(Record::new("exec:kpis:ws1", every_byte.clone(), ttl(MINUTE)))
            .await
            .unwrap();
        let entry = on.store().get("exec:kpis:ws1").await.unwrap().unwrap();
        assert_eq!(entry.value, every_byte);
        assert!(entry.ttl_left <= Duration::from_secs(60));
        assert!(entry.ttl_left > Duration::from_secs(55));
    }

    pub(crate) async fn an_absent_key_is_nothing_and_no_error(on: impl Fixture) {
        let store = on.store();
        assert_eq!(store.get("exec:kpis:ws1").await.unwrap(), None);
        assert_eq!(store.ttl("exec:kpis:ws1").await.unwrap(), None);
        assert!(!store.exists("exec:kpis:ws1").await.unwrap());
        assert_eq!(store.delete(&["exec:kpis:ws1"]).await.unwrap(), 0);
    }

    pub(crate) async fn a_second_value_replaces_the_first_and_its_life(on: impl Fixture) {
        let store = on.store();
        store.set(Record::new("k", Bytes::from_static(b"first"), ttl(MINUTE))).await.unwrap();
        store.set(Record::new("k", Bytes::from_static(b"second"), ttl(10 * MINUTE))).await.unwrap();
        let entry = store.get("k").await.unwrap().unwrap();
        assert_eq!(&entry.value[..], b"second");
        assert!(entry.ttl_left > Duration::from_secs(9 * 60));
    }

    pub(crate) async fn a_value_is_gone_when_its_life_has_ended(on: impl Fixture) {
        let store = on.store();
        store.set(Record::new("k", Bytes::from_static(b"1"), ttl(30))).await.unwrap();
        store.set(Record::new("stays", Bytes::from_static(b"1"), ttl(MINUTE))).await.unwrap();
        on.outlive("k", Duration::from_millis(30)).await;
        assert_eq!(store.get("k").await.unwrap(), None);
        assert!(!store.exists("k").await.unwrap());
        assert_eq!(store.ttl("k").await.unwrap(), None);
        assert_eq!(store.delete(&["k"]).await.unwrap(), 0);
        assert!(store.exists("stays").await.unwrap());
    }

    pub(crate) async fn no_key_is_without_an_expiry_whatever_its_ttl(on: impl Fixture) {
        let store = on.store();
        for asked in [Duration::from_secs(100), Ttl::MAX.duration(), Duration::MAX] {
            store
                .set(Record::new("k", Bytes::from_static(b"1"), Ttl::new(asked).unwrap()))
                .await
                .unwrap();
            let left = store.ttl("k").await.unwrap().unwrap();
            assert!(
                left > Duration::ZERO && left <= asked.min(Ttl::MAX.duration()),
                "{asked:?}: {left:?}"
            );
        }
    }

    pub(crate) async fn delete_removes_the_named_keys_and_counts_those_that_were_there(
        on: impl Fixture,
    ) {
        let store = on.store();
        for key in ["a", "b", "c"] {
            put(store, key).await;
        }
        assert_eq!(store.delete(&["a", "c", "never"]).await.unwrap(), 2);
        assert_eq!(gone(store, &["a", "b", "c"]).await, ["a", "c"]);
        assert_eq!(store.delete(&[]).await.unwrap(), 0);
    }

    pub(crate) async fn a_pattern_removes_what_it_means_and_not_what_a_glob_would(
        on: impl Fixture,
    ) {
        let store = on.store();
        let keys = [
            "exec:dashboard:ws1:7d",
            "exec:revenue:ws1:30d",
            "exec:dashboard:ws1",     // nothing behind ws1
            "exec:dashboard:ws10:7d", // another workspace
            "exec:a:b:ws1:7d",        // a `*` does not cross `:`
            "other:dashboard:ws1:7d",
        ];
        for key in keys {
            put(store, key).await;
        }
        assert_eq!(store.delete_matching(&patterns(&["exec:*:ws1:*"]), &[]).await.unwrap(), 2);
        assert_eq!(gone(store, &keys).await, keys[..2]);
    }

    pub(crate) async fn several_patterns_count_a_key_once(on: impl Fixture) {
        let store = on.store();
        let keys = [
            "ws:overview:ws1",
            "ws:metrics:ws1:runs:today",
            "user:churn:ws1:7d",
            "ws:overview:ws2",
        ];
        for key in keys {
            put(store, key).await;
        }
        let meant =
            patterns(&["ws:overview:ws1", "ws:*:ws1", "ws:metrics:ws1:*", "user:churn:ws1:*"]);
        assert_eq!(store.delete_matching(&meant, &[]).await.unwrap(), 3);
        assert_eq!(gone(store, &keys).await, keys[..3]);
        assert_eq!(store.delete_matching(&[], &[]).await.unwrap(), 0);
    }

    pub(crate) async fn patterns_that_share_no_beginning_are_one_call_too(on: impl Fixture) {
        let store = on.store();
        for key in ["exec:kpis:ws1", "metrics:runs:ws1:daily", "report:data:r1:json"] {
            put(store, key).await;
        }
        let removed = store
            .delete_matching(&patterns(&["exec:kpis:*", "metrics:*:ws1:*"]), &[])
            .await
            .unwrap();
        assert_eq!(removed, 2);
        assert!(store.exists("report:data:r1:json").await.unwrap());
    }

    pub(crate) async fn odd_keys_are_kept_apart(on: impl Fixture) {
        let store = on.store();
        let long = format!("exec:kpis:{}", "x".repeat(10_000));
        let keys = [
            "exec:kpis:%2A",
            "exec:kpis:ws%3A7d",
            "exec:kpis:été",
            "exec:kpis:🦀",
            "exec:kpis:-1",
            &long,
        ];
        for key in keys {
            store
                .set(Record::new(key, Bytes::copy_from_slice(key.as_bytes()), ttl(MINUTE)))
                .await
                .unwrap();
        }
        for key in keys {
            assert_eq!(&store.get(key).await.unwrap().unwrap().value[..], key.as_bytes());
        }
        assert_eq!(store.delete_matching(&patterns(&["exec:kpis:%2A"]), &[]).await.unwrap(), 1);
        assert_eq!(gone(store, &keys).await, ["exec:kpis:%2A"]);
        assert_eq!(store.delete_matching(&patterns(&["exec:kpis:*"]), &[]).await.unwrap(), 5);
    }

    pub(crate) async fn a_pattern_finds_its_keys_among_thousands(on: impl Fixture) {
        let store = on.store();
        for id in 0..3_000 {
            put(store, &format!("exec:kpis:ws{id}")).await;
            put(store, &format!("ws:overview:ws{id}")).await;
        }
        assert_eq!(store.delete_matching(&patterns(&["exec:kpis:*"]), &[]).await.unwrap(), 3_000);
        assert_eq!(store.stats().await.unwrap().keys, 3_000);
    }

    pub(crate) async fn stats_count_keys_and_bytes(on: impl Fixture) {
        let store = on.store();
        let empty = store.stats().await.unwrap();
        assert_eq!(empty.keys, 0);
        store.set(Record::new("a", vec![b'x'; 500_000].into(), ttl(MINUTE))).await.unwrap();
        put(store, "b").await;
        let full = store.stats().await.unwrap();
        assert_eq!(full.keys, 2);
        assert!(full.used_memory >= empty.used_memory + 500_000);
        store.get("a").await.unwrap();
        store.get("never").await.unwrap();
        let read = store.stats().await.unwrap();
        assert!(read.keyspace_hits > full.keyspace_hits);
        assert!(read.keyspace_misses > full.keyspace_misses);
        assert_eq!(read.evicted_keys, 0);
    }

    pub(crate) async fn a_store_that_works_answers_a_ping(on: impl Fixture) {
        on.store().ping().await.unwrap();
    }

    pub(crate) async fn many_are_read_at_once_and_in_order(on: impl Fixture) {
        let store = on.store();
        for key in ["a", "c"] {
            put_text(store, key, key).await;
        }
        let found = store.get_many(&["a", "b", "c", "a"]).await.unwrap();
        let values = found.iter().map(|entry| entry.as_ref().map(|entry| &entry.value[..]));
        assert_eq!(
            values.collect::<Vec<_>>(),
            [Some(&b"a"[..]), None, Some(&b"c"[..]), Some(&b"a"[..])]
        );
        assert!(found[0].as_ref().unwrap().ttl_left > Duration::from_secs(55));
        assert_eq!(store.get_many(&[]).await.unwrap(), []);
    }

    pub(crate) async fn keys_are_walked_over_by_pattern_and_as_a_whole(on: impl Fixture) {
        let store = on.store();
        for id in 0..2_500 {
            put(store, &format!("exec:kpis:ws{id}")).await;
        }
        put(store, "ws:overview:ws1").await;
        let token = LeaseToken::random();
        store.lease("exec:kpis:leased", &token, ttl(MINUTE), LeaseFor::Missing).await.unwrap();
        let all = walk(store, None).await;
        assert_eq!(all.len(), 2_501);
        let kpis = walk(store, Some("exec:kpis:*")).await;
        assert_eq!(kpis.len(), 2_500);
        assert!(kpis.iter().all(|key| key.starts_with("exec:kpis:ws")));
        assert_eq!(walk(store, Some("exec:*:ws7")).await, HashSet::from(["exec:kpis:ws7".into()]));
    }

    pub(crate) async fn keys_are_inspected_without_their_values(on: impl Fixture) {
        let store = on.store();
        store.set(Record::new("big", vec![0; 100_000].into(), ttl(MINUTE))).await.unwrap();
        let [big, missing] = store.inspect(&["big", "missing"]).await.unwrap().keys[..] else {
            panic!("one each");
        };
        let KeyTtl::Left(left) = big.ttl else { panic!("{big:?}") };
        assert!(left > Duration::from_secs(20) && left <= Duration::from_secs(60));
        assert!((100_000..150_000).contains(&big.bytes), "{big:?}");
        assert_eq!((missing.ttl, missing.bytes), (KeyTtl::Missing, 0));
        assert!(store.inspect(&[]).await.unwrap().keys.is_empty());
    }

    pub(crate) async fn a_value_is_removed_only_if_it_is_still_that_value(on: impl Fixture) {
        let store = on.store();
        put_text(store, "k", "corrupt").await;
        assert!(!store.delete_if("k", b"corrup").await.unwrap());
        assert!(!store.delete_if("never", b"corrupt").await.unwrap());
        assert!(store.exists("k").await.unwrap());
        assert!(store.delete_if("k", b"corrupt").await.unwrap());
        assert!(!store.exists("k").await.unwrap());
    }

    pub(crate) async fn of_two_who_miss_one_gets_the_lease_and_its_value_is_found(
        on: impl Fixture,
    ) {
        let store = on.store();
        let (first, second) = (LeaseToken::random(), LeaseToken::random());
        assert_eq!(missing(store, "k", &first).await, Leased::Granted);
        assert_eq!(missing(store, "k", &second).await, Leased::Held);
        assert!(store.set_leased(record("k", "1"), &first).await.unwrap());
        let Leased::Found(entry) = missing(store, "k", &second).await else {
            panic!("there is a value")
        };
        assert_eq!(&entry.value[..], b"1");
        assert!(entry.ttl_left > Duration::from_secs(55));
        // Stored, so over: it cannot be used twice.
        assert!(!store.set_leased(record("k", "again"), &first).await.unwrap());
    }

    pub(crate) async fn a_refresh_is_leased_although_there_is_a_value(on: impl Fixture) {
        let store = on.store();
        put_text(store, "k", "old").await;
        let (first, second) = (LeaseToken::random(), LeaseToken::random());
        assert_eq!(refresh(store, "k", &first).await, Leased::Granted);
        assert_eq!(refresh(store, "k", &second).await, Leased::Held);
        assert_eq!(text(store, "k").await.as_deref(), Some("old"));
        assert!(store.set_leased(record("k", "new"), &first).await.unwrap());
        assert_eq!(text(store, "k").await.as_deref(), Some("new"));
        assert_eq!(refresh(store, "k", &second).await, Leased::Granted);
    }

    pub(crate) async fn who_does_not_own_the_lease_neither_stores_nor_releases(on: impl Fixture) {
        let store = on.store();
        let (owner, other) = (LeaseToken::random(), LeaseToken::random());
        assert!(!store.set_leased(record("k", "x"), &other).await.unwrap());
        assert_eq!(missing(store, "k", &owner).await, Leased::Granted);
        assert!(!store.set_leased(record("k", "x"), &other).await.unwrap());
        assert_eq!(text(store, "k").await, None);
        store.release("k", &other).await.unwrap();
        assert_eq!(missing(store, "k", &other).await, Leased::Held);
        store.release("k", &owner).await.unwrap();
        assert_eq!(missing(store, "k", &other).await, Leased::Granted);
        assert!(!store.set_leased(record("k", "x"), &owner).await.unwrap());
        assert!(store.set_leased(record("k", "1"), &other).await.unwrap());
    }

    pub(crate) async fn an_invalidation_by_key_voids_the_lease(on: impl Fixture) {
        let store = on.store();
        let token = LeaseToken::random();
        missing(store, "exec:kpis:ws1", &token).await;
        assert_eq!(store.delete(&["exec:kpis:ws1"]).await.unwrap(), 0);
        assert!(!store.set_leased(record("exec:kpis:ws1", "stale"), &token).await.unwrap());
        assert!(!store.exists("exec:kpis:ws1").await.unwrap());
    }

    pub(crate) async fn an_invalidation_by_pattern_voids_the_leases_it_means_and_no_other(
        on: impl Fixture,
    ) {
        let store = on.store();
        for meant in ["exec:kpis:ws1", "exec:kpis:*", "exec:*:ws1"] {
            let (token, other) = (LeaseToken::random(), LeaseToken::random());
            missing(store, "exec:kpis:ws1", &token).await;
            missing(store, "ws:overview:ws1", &other).await;
            assert_eq!(store.delete_matching(&patterns(&[meant]), &[]).await.unwrap(), 0);
            let stale = record("exec:kpis:ws1", "stale");
            assert!(!store.set_leased(stale, &token).await.unwrap(), "{meant}");
            assert!(!store.exists("exec:kpis:ws1").await.unwrap(), "{meant}");
            let kept = record("ws:overview:ws1", "1");
            assert!(store.set_leased(kept, &other).await.unwrap(), "{meant}");
            store.delete(&["ws:overview:ws1"]).await.unwrap();
        }
    }

    pub(crate) async fn an_invalidation_by_tag_voids_leases_and_removes_data(on: impl Fixture) {
        let store = on.store();
        let tags = [Tag::new("workspace", "ws1").unwrap()];
        store.set(record("exec:kpis:ws1", "1").tagged(&tags)).await.unwrap();
        let token = LeaseToken::random();
        missing(store, "exec:revenue:ws1:7d", &token).await;
        let meant = patterns(&["exec:*:ws1", "exec:*:ws1:*"]);
        assert_eq!(store.delete_matching(&meant, &tags).await.unwrap(), 1);
        let stale = record("exec:revenue:ws1:7d", "stale").tagged(&tags);
        assert!(!store.set_leased(stale, &token).await.unwrap());
        assert_eq!(walk(store, None).await, HashSet::new());
    }

    pub(crate) async fn a_set_voids_the_lease_since_it_is_newer(on: impl Fixture) {
        let store = on.store();
        let tags = [Tag::new("workspace", "ws1").unwrap()];
        for tags in [&tags[..], &[]] {
            let token = LeaseToken::random();
            assert_eq!(refresh(store, "k", &token).await, Leased::Granted);
            store.set(record("k", "set").tagged(tags)).await.unwrap();
            assert!(!store.set_leased(record("k", "older"), &token).await.unwrap());
            assert_eq!(text(store, "k").await.as_deref(), Some("set"));
        }
    }

    pub(crate) async fn a_lease_that_has_run_out_is_the_next_ones(on: impl Fixture) {
        let store = on.store();
        let (slow, next) = (LeaseToken::random(), LeaseToken::random());
        store.lease("k", &slow, ttl(30), LeaseFor::Missing).await.unwrap();
        on.outlive_lease("k", Duration::from_millis(30)).await;
        assert!(!store.set_leased(record("k", "late"), &slow).await.unwrap());
        assert_eq!(missing(store, "k", &next).await, Leased::Granted);
        assert!(!store.set_leased(record("k", "late"), &slow).await.unwrap());
        assert!(store.set_leased(record("k", "1"), &next).await.unwrap());
        assert_eq!(text(store, "k").await.as_deref(), Some("1"));
    }

    /// A database of one number, computes that read it and are slow to store, and invalidations that follow
    /// its changes, all at once.
    pub(crate) async fn nothing_computed_before_an_invalidation_is_read_after_it(on: impl Fixture) {
        const KEY: &str = "exec:kpis:ws1";
        let store = on.store();
        let tags = [Tag::new("workspace", "ws1").unwrap()];
        let wild = patterns(&["exec:*:ws1"]);
        // What a compute reads; and what the latest invalidation that is over knew of.
        let (database, invalidated) = (AtomicU64::new(0), AtomicU64::new(0));
        let stored = AtomicU64::new(0);
        let readers = (0..4).map(async |slowness| {
            for _ in 0..150 {
                let least = invalidated.load(SeqCst);
                let token = LeaseToken::random();
                match missing(store, KEY, &token).await {
                    Leased::Found(entry) => {
                        let version: u64 =
                            std::str::from_utf8(&entry.value).unwrap().parse().unwrap();
                        assert!(version >= least, "{version} after {least}");
                    }
                    Leased::Granted => {
                        let version = database.load(SeqCst).to_string();
                        for _ in 0..3 * slowness {
                            tokio::task::yield_now().await;
                        }
                        let record = record(KEY, &version).tagged(&tags);
                        let was_stored = store.set_leased(record, &token).await.unwrap();
                        stored.fetch_add(u64::from(was_stored), SeqCst);
                    }
                    Leased::Held => {}
                }
                tokio::task::yield_now().await;
                let least = invalidated.load(SeqCst);
                if let Some(version) = text(store, KEY).await {
                    assert!(version.parse::<u64>().unwrap() >= least, "{version} after {least}");
                }
            }
        });
        let invalidators = (0..3).map(async |how| {
            for round in 0..50 {
                let version = database.fetch_add(1, SeqCst) + 1;
                match how {
                    0 => store.delete(&[KEY]).await,
                    1 => store.delete_matching(&wild, &[]).await,
                    _ => store.delete_matching(&wild, &tags).await,
                }
                .unwrap();
                invalidated.fetch_max(version, SeqCst);
                for _ in 0..(round * 7 + how) % 11 {
                    tokio::task::yield_now().await;
                }
            }
        });
        tokio::join!(join_all(readers), join_all(invalidators));
        assert!(stored.load(SeqCst) > 0, "none was ever stored: nothing was tried");
    }
}

macro_rules! every_store {
    ($($behaviour:ident)*) => {
        mod in_memory {
            $(
                #[tokio::test(start_paused = true)]
                async fn $behaviour() {
                    super::behaviour::$behaviour(super::Memory::start()).await;
                }
            )*
        }
        mod on_redis {
            $(
                #[tokio::test]
                async fn $behaviour() {
                    super::behaviour::$behaviour(super::Redis::start()).await;
                }
            )*
        }
        #[cfg(feature = "cluster")]
        mod on_a_cluster {
            /// One test for all, on one cluster: the last name printed is the one that failed.
            #[tokio::test]
            async fn every_behaviour_is_the_same() {
                let cluster = crate::redis_cluster::RedisCluster::start().await;
                $(
                    println!(stringify!($behaviour));
                    super::behaviour::$behaviour(super::Cluster::emptied(&cluster).await).await;
                )*
            }
        }
    };
}

every_store! {
    a_value_comes_back_byte_for_byte_with_what_is_left_of_its_life
    an_absent_key_is_nothing_and_no_error
    a_second_value_replaces_the_first_and_its_life
    a_value_is_gone_when_its_life_has_ended
    no_key_is_without_an_expiry_whatever_its_ttl
    delete_removes_the_named_keys_and_counts_those_that_were_there
    a_pattern_removes_what_it_means_and_not_what_a_glob_would
    several_patterns_count_a_key_once
    patterns_that_share_no_beginning_are_one_call_too
    odd_keys_are_kept_apart
    a_pattern_finds_its_keys_among_thousands
    stats_count_keys_and_bytes
    a_store_that_works_answers_a_ping
    many_are_read_at_once_and_in_order
    keys_are_walked_over_by_pattern_and_as_a_whole
    keys_are_inspected_without_their_values
    a_value_is_removed_only_if_it_is_still_that_value
    of_two_who_miss_one_gets_the_lease_and_its_value_is_found
    a_refresh_is_leased_although_there_is_a_value
    who_does_not_own_the_lease_neither_stores_nor_releases
    an_invalidation_by_key_voids_the_lease
    an_invalidation_by_pattern_voids_the_leases_it_means_and_no_other
    an_invalidation_by_tag_voids_leases_and_removes_data
    a_set_voids_the_lease_since_it_is_newer
    a_lease_that_has_run_out_is_the_next_ones
    nothing_computed_before_an_invalidation_is_read_after_it
}

/// Where the lists are trusted, the walk does not make up for a mistake.
#[tokio::test]
async fn nothing_computed_before_an_invalidation_is_read_after_it_by_lists_alone() {
    let mut redis = Redis::start();
    let config = redis.server.patient_config().namespace("app[1]:test:").sole_writer(true);
    redis.store = RedisStore::new(&config).unwrap();
    behaviour::nothing_computed_before_an_invalidation_is_read_after_it(redis).await;
}

/// Several connections, so that the server itself does the steps of several nodes by turns.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_is_it_on_another_node() {
    let redis = Redis::start();
    let node = || {
        let config = redis.server.patient_config().sole_writer(true);
        std::sync::Arc::new(RedisStore::new(&config).unwrap())
    };
    let database = std::sync::Arc::new((AtomicU64::new(0), AtomicU64::new(0)));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let (store, database) = (node(), database.clone());
        tasks.spawn(async move {
            let tags = [Tag::new("workspace", "ws1").unwrap()];
            for _ in 0..300 {
                let (least, token) = (database.1.load(SeqCst), LeaseToken::random());
                match missing(&*store, "exec:kpis:ws1", &token).await {
                    Leased::Found(entry) => {
                        let version = String::from_utf8(entry.value.into()).unwrap();
                        assert!(version.parse::<u64>().unwrap() >= least);
                    }
                    Leased::Granted => {
                        let version = database.0.load(SeqCst).to_string();
                        let record = record("exec:kpis:ws1", &version).tagged(&tags);
                        store.set_leased(record, &token).await.unwrap();
                    }
                    Leased::Held => {}
                }
            }
        });
    }
    for _ in 0..2 {
        let (store, database) = (node(), database.clone());
        tasks.spawn(async move {
            let tags = [Tag::new("workspace", "ws1").unwrap()];
            for _ in 0..150 {
                let version = database.0.fetch_add(1, SeqCst) + 1;
                store.delete_matching(&patterns(&["exec:*:ws1"]), &tags).await.unwrap();
                database.1.fetch_max(version, SeqCst);
            }
        });
    }
    tasks.join_all().await;
}
