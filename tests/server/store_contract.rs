//! What every store does, told once and run on each.

use std::time::Duration;

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{MemoryStore, RedisStore, Store, Ttl};

use crate::redis_server::RedisServer;

/// A store to test, and a way to let time pass for it.
pub(crate) trait Fixture {
    fn start() -> Self;
    fn store(&self) -> &dyn Store;
    /// Returns when a key that was given `ttl` a moment ago must be gone.
    fn outlive(&self, key: &str, ttl: Duration) -> impl Future<Output = ()>;
}

pub(crate) struct Memory(MemoryStore);

impl Fixture for Memory {
    fn start() -> Self {
        Self(MemoryStore::default())
    }
    fn store(&self) -> &dyn Store {
        &self.0
    }
    async fn outlive(&self, _key: &str, ttl: Duration) {
        tokio::time::advance(ttl).await;
    }
}

pub(crate) struct Redis {
    server: RedisServer,
    store: RedisStore,
}

impl Fixture for Redis {
    fn start() -> Self {
        let server = RedisServer::start();
        let config = server.patient_config().namespace("app[1]:test:");
        let store = RedisStore::new(&config).unwrap();
        Self { server, store }
    }
    fn store(&self) -> &dyn Store {
        &self.store
    }
    /// Redis's clock cannot be turned: asks the server itself until it says that the key is gone.
    async fn outlive(&self, key: &str, ttl: Duration) {
        let mut client = self.server.client().await;
        let full = format!("app[1]:test:{key}");
        let deadline = std::time::Instant::now() + ttl + Duration::from_secs(5);
        while redis::cmd("EXISTS").arg(&full).query_async::<bool>(&mut client).await.unwrap() {
            assert!(std::time::Instant::now() < deadline, "{key} outlives its time");
            tokio::task::yield_now().await;
        }
    }
}

fn ttl(millis: u64) -> Ttl {
    Ttl::new(Duration::from_millis(millis)).unwrap()
}

const MINUTE: u64 = 60_000;

async fn put(store: &dyn Store, key: &str) {
    store.set(key, Bytes::from_static(b"1"), ttl(MINUTE)).await.unwrap();
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
        on.store().set("exec:kpis:ws1", every_byte.clone(), ttl(MINUTE)).await.unwrap();
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
        store.set("k", Bytes::from_static(b"first"), ttl(MINUTE)).await.unwrap();
        store.set("k", Bytes::from_static(b"second"), ttl(10 * MINUTE)).await.unwrap();
        let entry = store.get("k").await.unwrap().unwrap();
        assert_eq!(&entry.value[..], b"second");
        assert!(entry.ttl_left > Duration::from_secs(9 * 60));
    }

    pub(crate) async fn a_value_is_gone_when_its_life_has_ended(on: impl Fixture) {
        let store = on.store();
        store.set("k", Bytes::from_static(b"1"), ttl(30)).await.unwrap();
        store.set("stays", Bytes::from_static(b"1"), ttl(MINUTE)).await.unwrap();
        on.outlive("k", Duration::from_millis(30)).await;
        assert_eq!(store.get("k").await.unwrap(), None);
        assert!(!store.exists("k").await.unwrap());
        assert_eq!(store.ttl("k").await.unwrap(), None);
        assert_eq!(store.delete(&["k"]).await.unwrap(), 0);
        assert!(store.exists("stays").await.unwrap());
    }

    pub(crate) async fn no_key_is_without_an_expiry_whatever_its_ttl(on: impl Fixture) {
        let store = on.store();
        for asked in [Duration::from_secs(1), Ttl::MAX.duration(), Duration::MAX] {
            store.set("k", Bytes::from_static(b"1"), Ttl::new(asked).unwrap()).await.unwrap();
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
        assert_eq!(store.delete_matching(&patterns(&["exec:*:ws1:*"])).await.unwrap(), 2);
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
        assert_eq!(store.delete_matching(&meant).await.unwrap(), 3);
        assert_eq!(gone(store, &keys).await, keys[..3]);
        assert_eq!(store.delete_matching(&[]).await.unwrap(), 0);
    }

    pub(crate) async fn patterns_that_share_no_beginning_are_one_call_too(on: impl Fixture) {
        let store = on.store();
        for key in ["exec:kpis:ws1", "metrics:runs:ws1:daily", "report:data:r1:json"] {
            put(store, key).await;
        }
        let removed =
            store.delete_matching(&patterns(&["exec:kpis:*", "metrics:*:ws1:*"])).await.unwrap();
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
            store.set(key, Bytes::copy_from_slice(key.as_bytes()), ttl(MINUTE)).await.unwrap();
        }
        for key in keys {
            assert_eq!(&store.get(key).await.unwrap().unwrap().value[..], key.as_bytes());
        }
        assert_eq!(store.delete_matching(&patterns(&["exec:kpis:%2A"])).await.unwrap(), 1);
        assert_eq!(gone(store, &keys).await, ["exec:kpis:%2A"]);
        assert_eq!(store.delete_matching(&patterns(&["exec:kpis:*"])).await.unwrap(), 5);
    }

    pub(crate) async fn a_pattern_finds_its_keys_among_thousands(on: impl Fixture) {
        let store = on.store();
        for id in 0..3_000 {
            put(store, &format!("exec:kpis:ws{id}")).await;
            put(store, &format!("ws:overview:ws{id}")).await;
        }
        assert_eq!(store.delete_matching(&patterns(&["exec:kpis:*"])).await.unwrap(), 3_000);
        assert_eq!(store.stats().await.unwrap().keys, 3_000);
    }

    pub(crate) async fn stats_count_keys_and_bytes(on: impl Fixture) {
        let store = on.store();
        let empty = store.stats().await.unwrap();
        assert_eq!(empty.keys, 0);
        store.set("a", vec![b'x'; 500_000].into(), ttl(MINUTE)).await.unwrap();
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
}

macro_rules! every_store {
    ($($behaviour:ident)*) => {
        mod in_memory {
            $(
                #[tokio::test(start_paused = true)]
                async fn $behaviour() {
                    super::behaviour::$behaviour(<super::Memory as super::Fixture>::start()).await;
                }
            )*
        }
        mod on_redis {
            $(
                #[tokio::test]
                async fn $behaviour() {
                    super::behaviour::$behaviour(<super::Redis as super::Fixture>::start()).await;
                }
            )*
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
}
