//! Keys that live for ever, on a real Redis.

use samekey::server::jobs::{Cleanup, CleanupReport, JobContext, Jobs};
use samekey::server::{RedisConfig, RedisStore};

use super::*;
use crate::fixture::{executive, kpis};
use crate::redis_server::RedisServer;

async fn set(redis: &mut redis::aio::MultiplexedConnection, key: &str) {
    let () = redis::cmd("SET").arg(key).arg("1").query_async(redis).await.unwrap();
}

async fn keys(redis: &mut redis::aio::MultiplexedConnection) -> Vec<String> {
    let mut keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(redis).await.unwrap();
    keys.retain(|key| !key.contains("samekey:") && !key.starts_with('~'));
    keys.sort();
    keys
}

fn cache(config: &RedisConfig) -> CacheService {
    CacheService::new(schema(), RedisStore::new(config).unwrap())
}

#[tokio::test]
async fn keys_of_ours_that_live_for_ever_are_removed_and_no_others() {
    let redis = RedisServer::start();
    let mut other = redis.client().await;
    let cache = cache(&redis.patient_config());
    cache.set(&kpis("mortal"), &json!(1)).await.unwrap();
    cache.set(&executive("immortal", "7d"), &json!(1)).await.unwrap();
    let () = redis::cmd("PERSIST")
        .arg("exec:dashboard:immortal:7d")
        .query_async(&mut other)
        .await
        .unwrap();
    set(&mut other, "exec:kpis:written-by-a-script").await;
    let () =
        redis::cmd("LPUSH").arg("exec:kpis:a-list").arg(1).query_async(&mut other).await.unwrap();
    let theirs =
        ["celery-task-meta-1", "exec:unknown:ws1", "session:1", "exec:kpis", "exec:kpis:a:b"];
    for key in theirs {
        set(&mut other, key).await;
    }
    let before = keys(&mut other).await;

    let report = Cleanup.clean(&by_hand(&cache)).await.unwrap();
    assert_eq!((report.removed, report.ours, report.complete), (3, 4, true), "{report:?}");
    let after = keys(&mut other).await;
    let removed: Vec<_> = before.iter().filter(|key| !after.contains(key)).cloned().collect();
    assert_eq!(
        removed,
        ["exec:dashboard:immortal:7d", "exec:kpis:a-list", "exec:kpis:written-by-a-script"]
    );
    assert!(theirs.iter().all(|key| after.contains(&(*key).to_owned())), "{after:?}");

    let again = Cleanup.clean(&by_hand(&cache)).await.unwrap();
    assert_eq!((again.removed, again.ours), (0, 1));
}

#[tokio::test]
async fn what_the_jobs_and_the_store_keep_for_themselves_is_spared() {
    let redis = RedisServer::start();
    let mut other = redis.client().await;
    let cache = cache(&redis.patient_config());
    cache.set(&kpis("ws1"), &json!(1)).await.unwrap();
    let jobs = Jobs::new(&cache).job(Cleanup).unwrap().start();
    let all = async |redis: &mut redis::aio::MultiplexedConnection| {
        let mut keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(redis).await.unwrap();
        keys.sort();
        keys
    };
    jobs.run("cleanup").await.unwrap();
    let before = all(&mut other).await;
    assert!(before.iter().any(|key| key == "samekey:job:fixture:cleanup"), "{before:?}");
    jobs.run("cleanup").await.unwrap();
    assert_eq!(all(&mut other).await, before);
    assert_eq!(jobs.history("cleanup").await.unwrap().len(), 2);
    for key in before {
        let left: i64 = redis::cmd("PTTL").arg(&key).query_async(&mut other).await.unwrap();
        // A list must not be dropped to make room: it ends with its last member.
        assert!(left > 0 || key == "~of:workspace:ws1", "{key} lives for ever");
    }
}

#[tokio::test]
async fn lists_that_name_nothing_any_more_go_at_last() {
    let redis = RedisServer::start();
    let mut other = redis.client().await;
    let cache = cache(&redis.patient_config());
    cache.set(&kpis("ws1"), &json!(1)).await.unwrap();
    let left = async |redis: &mut redis::aio::MultiplexedConnection| {
        let left: i64 =
            redis::cmd("PTTL").arg("~of:workspace:ws1").query_async(redis).await.unwrap();
        left
    };
    let report = Cleanup.clean(&by_hand(&cache)).await.unwrap();
    assert_eq!((report.struck, left(&mut other).await), (0, -1));
    let () = redis::cmd("DEL").arg("exec:kpis:ws1").query_async(&mut other).await.unwrap();
    let report = Cleanup.clean(&by_hand(&cache)).await.unwrap();
    assert_eq!((report.struck, left(&mut other).await), (1, -2));
}

#[tokio::test]
async fn another_environments_keys_are_not_seen() {
    let redis = RedisServer::start();
    let mut other = redis.client().await;
    let mut config = redis.patient_config();
    config.namespace = "prod:".into();
    let prod = cache(&config);
    for key in ["prod:exec:kpis:ws1", "test:exec:kpis:ws1", "exec:kpis:ws1"] {
        set(&mut other, key).await;
    }
    let report = Cleanup.clean(&by_hand(&prod)).await.unwrap();
    assert_eq!(report.removed, 1);
    assert_eq!(keys(&mut other).await, ["exec:kpis:ws1", "test:exec:kpis:ws1"]);
}

#[tokio::test]
async fn thousands_are_removed_and_a_stop_is_heeded() {
    let redis = RedisServer::start();
    let mut other = redis.client().await;
    let cache = cache(&redis.patient_config());
    let mut pipe = redis::pipe();
    for n in 0..5_000 {
        pipe.cmd("SET").arg(format!("exec:kpis:ws{n}")).arg(1).ignore();
    }
    let () = pipe.query_async(&mut other).await.unwrap();
    let stopped = CancellationToken::new();
    stopped.cancel();
    let report = Cleanup.clean(&JobContext::new(cache.clone(), stopped)).await.unwrap();
    assert_eq!(report, CleanupReport::default());
    let report = Cleanup.clean(&by_hand(&cache)).await.unwrap();
    assert_eq!(report.removed, 5_000);
    assert!(keys(&mut other).await.is_empty());
}
