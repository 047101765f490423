//! A slot that moves in a cluster behind TLS whose servers go by name: each is trusted by the name that the one before it said.

use bytes::Bytes;
use redis::RedisResult;
use samekey::schema::Pattern;
use samekey::server::{
    BoxError, CacheService, Record, RedisConfig, RedisStore, Store, StoreErrorKind,
};
use serde_json::json;

use crate::certificates::Certificates;
use crate::cluster_node::{ALL, write};
use crate::fixture::{kpis, schema};
use crate::listing_node::{tags, ttl};
use crate::redis_cluster::RedisCluster;
use crate::store_cluster_tls::{reached_by, trusting};
use crate::stream_node::{Node, told};

const KEY: &str = "exec:kpis:ws1";

/// Of servers that have certificates for a name and not for an address, and say that name where they send anybody on.
struct Named {
    _certificates: Certificates,
    cluster: RedisCluster,
    config: RedisConfig,
    /// Who gets the key's slot.
    to: usize,
}

impl Named {
    async fn start(test: &str) -> Self {
        let certificates = Certificates::for_names(test, "DNS:localhost");
        let by_name = ["--cluster-announce-hostname", "localhost"];
        let prefer = ["--cluster-preferred-endpoint-type", "hostname"];
        let more = [by_name, prefer].concat();
        let (cluster, config) = reached_by("localhost", &more, &certificates).await;
        let config = trusting(&config, &certificates);
        let to = (cluster.owner(KEY).await + 1) % 3;
        Self { _certificates: certificates, cluster, config, to }
    }

    async fn store(&self) -> RedisStore {
        let store = RedisStore::new(&self.config).unwrap();
        store.ping().await.unwrap();
        store
    }

    async fn asked_to_be_let_in(&self) -> u64 {
        self.cluster.calls(self.to, "asking").await
    }
}

async fn put(store: &RedisStore) {
    let tags = tags("ws1");
    let value = Bytes::from_static(b"ours");
    store.set(Record::new(KEY, value, ttl()).tagged(&tags)).await.unwrap();
}

async fn invalidate(store: &RedisStore) -> u64 {
    let pattern = [Pattern::parse("exec:*:ws1").unwrap()];
    store.delete_matching(&pattern, &tags("ws1")).await.unwrap()
}

#[tokio::test]
async fn who_is_reached_by_another_name_than_its_certificate_has_is_not_believed() {
    let named = Named::start("tls-names").await;
    let mut client = named.cluster.nodes[named.to].client().await;
    let moved: RedisResult<String> = redis::cmd("GET").arg(KEY).query_async(&mut client).await;
    let moved = moved.unwrap_err();
    let (address, _) = moved.redirect_node().expect("it has not got the slot");
    assert!(address.starts_with("localhost:"), "{address}");
    named.store().await;
    let mut by_address = named.config.clone();
    by_address.url = by_address.url.replace("localhost", "127.0.0.1");
    let error = RedisStore::new(&by_address).unwrap().get(KEY).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
}

#[tokio::test]
async fn a_key_that_has_gone_ahead_of_its_slot_is_read_and_removed_where_it_is() {
    let named = Named::start("tls-ahead").await;
    let store = named.store().await;
    put(&store).await;
    let moved = named.cluster.begin_move(KEY).await;
    let before = named.asked_to_be_let_in().await;
    assert_eq!(store.get(KEY).await.unwrap().unwrap().value, "ours");
    assert_eq!(store.get_many(&[KEY]).await.unwrap().iter().flatten().count(), 1);
    assert!(named.asked_to_be_let_in().await >= before + 2, "it was sent on there: ASK");
    assert_eq!(invalidate(&store).await, 1);
    assert!(named.cluster.names(&ALL, KEY).await.is_empty());
    // Another program writes it where it goes, on no list.
    write(&named.cluster, named.to, KEY).await;
    assert_eq!(invalidate(&store).await, 1);
    assert!(named.cluster.names(&ALL, KEY).await.is_empty());
    named.cluster.finish_move(moved).await;
    assert_eq!(store.get(KEY).await.unwrap(), None);
}

#[tokio::test]
async fn a_key_that_has_gone_with_its_slot_is_read_written_and_removed_where_it_is() {
    let named = Named::start("tls-moved").await;
    let store = named.store().await;
    put(&store).await;
    let moved = named.cluster.begin_move(KEY).await;
    named.cluster.finish_move(moved).await;
    assert_eq!(store.get(KEY).await.unwrap().unwrap().value, "ours");
    put(&store).await;
    assert_eq!(named.cluster.names(&ALL, KEY).await, [KEY]);
    assert_eq!(named.cluster.names(&[named.to], KEY).await, [KEY], "where its slot is: MOVED");
    assert_eq!(invalidate(&store).await, 1);
    assert!(named.cluster.names(&ALL, KEY).await.is_empty());
}

/// An invalidation of a key that is on its way, or has just arrived with its slot.
async fn told_of_a_key_that_moves(test: &str, with_its_slot: bool) {
    let named = Named::start(test).await;
    let node = async || {
        let store = RedisStore::new(&named.config).unwrap();
        Node::of(CacheService::new(schema(), store)).await
    };
    let (one, other) = (node().await, node().await);
    // Of which, unlike of a set, nobody is told.
    let compute = || async { Ok::<_, BoxError>(json!("ours")) };
    one.cache.get_or_compute(&kpis("ws1"), compute).await.unwrap();
    let mut stream = other.stream().await;
    let moved = named.cluster.begin_move(KEY).await;
    if with_its_slot {
        named.cluster.finish_move(moved).await;
    }
    let found = other.cache.get(&kpis("ws1")).await.unwrap();
    assert_eq!(found.as_deref(), Some(&json!("ours")));
    one.invalidate("ws1").await;
    assert_eq!(stream.invalidated().await, told("ws1"));
    assert_eq!(other.cache.get(&kpis("ws1")).await.unwrap(), None);
}

#[tokio::test]
async fn the_invalidation_of_a_key_that_has_gone_ahead_is_told_to_other_nodes_and_their_browsers() {
    told_of_a_key_that_moves("tls-ahead-told", false).await;
}

#[tokio::test]
async fn the_invalidation_of_a_key_that_has_gone_with_its_slot_is_told_too() {
    told_of_a_key_that_moves("tls-moved-told", true).await;
}
