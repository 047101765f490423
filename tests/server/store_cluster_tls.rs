//! A cluster behind TLS, as hosted ones are: each server is found and trusted by what the first ones say.

use std::time::Duration;

use samekey::server::{CacheService, RedisConfig, RedisStore};
use serde_json::json;

use crate::certificates::Certificates;
use crate::fixture::{Counted, executive, kpis, nth, schema};
use crate::redis_cluster::RedisCluster;
use crate::stream_node::{Node, told};

async fn behind_tls(certificates: &Certificates) -> (RedisCluster, RedisConfig) {
    reached_by("127.0.0.1", &[], certificates).await
}

/// The same, its first server reached by this name, and more of `redis-server`'s own arguments.
pub(crate) async fn reached_by(
    host: &str,
    more: &[&str],
    certificates: &Certificates,
) -> (RedisCluster, RedisConfig) {
    let mut arguments = certificates.shown_on("PORT");
    // The servers trust one another the same way; and tell those who come by TLS of the ports for that.
    arguments.extend(["--tls-cluster", "yes"].iter().chain(more).map(ToString::to_string));
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let cluster = RedisCluster::start_with(&arguments).await;
    let mut first = cluster.nodes[0].client().await;
    let (_, port): (String, u16) =
        redis::cmd("CONFIG").arg("GET").arg("tls-port").query_async(&mut first).await.unwrap();
    let mut config = RedisConfig::new(format!("rediss://{host}:{port}")).cluster();
    (config.connect_timeout, config.response_timeout) =
        (Duration::from_secs(10), Duration::from_secs(10));
    (cluster, config)
}

pub(crate) fn trusting(config: &RedisConfig, certificates: &Certificates) -> RedisConfig {
    config.clone().root_certificate(std::fs::read(certificates.path("ca.pem")).unwrap())
}

#[tokio::test]
async fn every_server_of_it_is_read_written_and_invalidated() {
    let certificates = Certificates::make("cluster-tls");
    let (cluster, config) = behind_tls(&certificates).await;
    let config = trusting(&config, &certificates);
    let cache = CacheService::new(schema(), RedisStore::new(&config).unwrap());
    let workspaces: Vec<_> = (0..30).map(|n| format!("ws{n}")).collect();
    for workspace in &workspaces {
        let compute = Counted::default();
        let compute = || compute.call();
        let computed = cache.get_or_compute(&kpis(workspace), compute).await.unwrap();
        assert_eq!(computed, nth(1));
        cache.set(&executive(workspace, "7d"), &json!(workspace)).await.unwrap();
    }
    for node in 0..3 {
        let keys: u64 = cluster.at(node, "DBSIZE").await;
        assert!(keys > 5, "the keys are on all three: {keys} on {node}");
    }
    assert_eq!(cache.invalidate_workspace("ws7").await.unwrap().deleted, 2);
    assert_eq!(cache.invalidate_pattern("exec:kpis:*").await.unwrap().deleted, 29);
    let found = cache.get(&executive("ws8", "7d")).await.unwrap();
    assert_eq!(found.as_deref(), Some(&json!("ws8")));
}

#[tokio::test]
async fn what_happens_on_it_is_heard_and_told() {
    let certificates = Certificates::make("cluster-tls-told");
    let (_cluster, config) = behind_tls(&certificates).await;
    let config = trusting(&config, &certificates);
    let (one, other) = (Node::on_config(&config).await, Node::on_config(&config).await);
    other.armed().await;
    let mut stream = other.stream().await;
    one.invalidate("ws1").await;
    assert_eq!(stream.invalidated().await, told("ws1"));
}

#[tokio::test]
async fn a_cluster_that_nobody_vouches_for_is_not_used() {
    let certificates = Certificates::make("cluster-tls-stranger");
    let (_cluster, config) = behind_tls(&certificates).await;
    let cache = CacheService::new(schema(), RedisStore::new(&config).unwrap());
    let error = cache.get(&kpis("ws1")).await.unwrap_err();
    assert!(error.to_string().contains("E_STORE_UNAVAILABLE"), "{error}");
}
