//! `redis://…/2`: a database of one's own in a Redis that others use too.

use std::time::Duration;

use samekey::server::{CacheService, RedisConfig, RedisStore};
use serde_json::json;

use crate::fixture::{kpis, schema};
use crate::redis_server::RedisServer;
use crate::waiting::{PATIENCE, eventually};

const KEY: &str = "exec:kpis:ws1";

/// A node on this database; an answer may take longer than a cache should wait.
fn node(server: &RedisServer, database: u8) -> CacheService {
    let mut config = RedisConfig::new(format!("{}/{database}", server.url().trim_end_matches('/')));
    (config.connect_timeout, config.response_timeout) =
        (Duration::from_secs(30), Duration::from_secs(30));
    CacheService::new(schema(), RedisStore::new(&config).unwrap())
}

async fn in_database(server: &RedisServer, database: u8, command: &[&str]) -> redis::Value {
    let mut pipeline = redis::pipe();
    pipeline.cmd("SELECT").arg(database).ignore().cmd(command[0]).arg(&command[1..]);
    let mut client = server.client().await;
    let (answer,): (redis::Value,) = pipeline.query_async(&mut client).await.unwrap();
    answer
}

async fn exists(server: &RedisServer, database: u8) -> bool {
    in_database(server, database, &["EXISTS", KEY]).await == redis::Value::Int(1)
}

#[tokio::test]
async fn values_stand_in_the_database_of_the_url_and_an_invalidation_stays_in_it() {
    let server = RedisServer::start();
    in_database(&server, 0, &["SET", KEY, "0", "PX", "60000"]).await;
    let cache = node(&server, 2);
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), None, "that of database 0 is not ours");
    cache.set(&kpis("ws1"), &json!(2)).await.unwrap();
    assert!(exists(&server, 2).await);
    cache.invalidate_workspace("ws1").await.unwrap();
    assert!(!exists(&server, 2).await && exists(&server, 0).await);
    cache.set(&kpis("ws1"), &json!(2)).await.unwrap();
    assert_eq!(cache.invalidate_pattern("exec:*").await.unwrap().deleted, 1);
    assert!(!exists(&server, 2).await && exists(&server, 0).await);
}

#[tokio::test]
async fn it_is_the_same_one_on_every_new_connection() {
    let mut server = RedisServer::start();
    let cache = node(&server, 2);
    cache.set(&kpis("ws1"), &json!(1)).await.unwrap();
    for round in 0..3 {
        let mut other = server.client().await;
        let mut kill = redis::cmd("CLIENT");
        kill.arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes");
        let _: u64 = kill.query_async(&mut other).await.unwrap();
        if round == 2 {
            server.kill();
            server.restart();
        }
        let written = async {
            while cache.set(&kpis("ws1"), &json!(round)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, written).await.unwrap();
        assert!(exists(&server, 2).await && !exists(&server, 0).await, "round {round}");
    }
}

#[tokio::test]
async fn what_another_program_changes_in_it_is_heard() {
    let server = RedisServer::start();
    let cache = node(&server, 2);
    eventually("it hears", async || cache.get_cache_stats().await.l1_armed).await;
    cache.set(&kpis("ws1"), &json!("ours")).await.unwrap();
    while cache.get_cache_stats().await.l1_entries == 0 {
        cache.get(&kpis("ws1")).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    in_database(&server, 2, &["SET", KEY, "\"theirs\"", "PX", "60000"]).await;
    let found = async || cache.get(&kpis("ws1")).await.unwrap();
    eventually("theirs is read", async || found().await.as_deref() == Some(&json!("theirs"))).await;
}
