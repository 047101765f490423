//! How the cache stands, against thresholds.

use std::num::NonZeroU64;

use samekey::server::jobs::{HealthCheck, HealthReport, Jobs, Thresholds};
use samekey::server::{RedisConfig, RedisStore};

use super::*;
use crate::fixture::{executive, kpis};
use crate::redis_server::{RedisServer, free_port};

fn codes(report: &HealthReport) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code).collect()
}

#[tokio::test]
async fn a_cache_that_is_used_well_is_healthy() {
    let [cache] = nodes();
    cache.set(&kpis("ws1"), &json!(1)).await.unwrap();
    for _ in 0..200 {
        cache.get(&kpis("ws1")).await.unwrap();
    }
    let report = HealthCheck::default().check(&by_hand(&cache)).await;
    assert!(report.healthy && report.findings.is_empty(), "{report:?}");
    assert_eq!((report.hit_rate_percent, report.lookups), (Some(100.0), 200));
    assert!(report.ping_ms.is_some() && report.used_memory.is_some());
    assert_eq!(report.evicted_keys, Some(0));
}

#[tokio::test]
async fn the_hit_rate_is_that_since_the_last_check_and_needs_enough_lookups() {
    let [cache] = nodes();
    let check = HealthCheck::default();
    cache.set(&kpis("ws1"), &json!(1)).await.unwrap();
    for _ in 0..1_000 {
        cache.get(&kpis("ws1")).await.unwrap();
    }
    assert!(check.check(&by_hand(&cache)).await.healthy);
    let report = check.check(&by_hand(&cache)).await;
    assert_eq!((report.hit_rate_percent, report.lookups), (None, 0), "too few to say anything");
    for n in 0..200 {
        let key = if n < 100 { kpis("ws1") } else { kpis("nothing there") };
        cache.get(&key).await.unwrap();
    }
    let report = check.check(&by_hand(&cache)).await;
    assert_eq!((codes(&report), report.hit_rate_percent), (vec!["low_hit_rate"], Some(50.0)));
}

#[tokio::test]
async fn memory_and_evictions_are_found() {
    let budget = 64 * 1024;
    let store = MemoryStore::with_budget(NonZeroU64::new(budget).unwrap());
    let cache = CacheService::new(schema(), store);
    let mut thresholds = Thresholds::default();
    thresholds.used_memory = 1_000;
    let check = HealthCheck::new(thresholds);
    assert!(check.check(&by_hand(&cache)).await.healthy);
    for n in 0..200 {
        let value = json!("x".repeat(2_000));
        cache.set(&executive(&format!("ws{n}"), "7d"), &value).await.unwrap();
    }
    let report = check.check(&by_hand(&cache)).await;
    assert_eq!(codes(&report), ["high_memory", "evictions"], "{report:?}");
    assert!(report.used_memory.unwrap() <= budget && report.evicted_keys.unwrap() > 0);
    let report = check.check(&by_hand(&cache)).await;
    assert_eq!(codes(&report), ["high_memory"], "what was found once is not found again");
}

fn cache_without_store() -> CacheService {
    let config = RedisConfig::new(format!("redis://127.0.0.1:{}", free_port()));
    CacheService::new(schema(), RedisStore::new(&config).unwrap())
}

#[tokio::test]
async fn a_store_that_is_away_is_the_first_thing_to_say() {
    let report = HealthCheck::default().check(&by_hand(&cache_without_store())).await;
    assert_eq!(codes(&report), ["store_unreachable"]);
    assert_eq!((report.ping_ms, report.used_memory), (None, None));
}

/// Without the store there is no lease to get, and this is just when a check is wanted.
#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_each_node_checks_for_itself_and_tells_when_it_is_back() {
    let mut redis = RedisServer::start();
    let mut config = redis.patient_config();
    // A killed server says so at once; a busy machine may take longer to answer.
    (config.response_timeout, config.connect_timeout) =
        (Duration::from_secs(5), Duration::from_secs(5));
    let cache = CacheService::new(schema(), RedisStore::new(&config).unwrap());
    // Early in a minute: the next one is not to come by itself before all is done.
    let clock = Clock::at("2026-11-22T09:59:01Z");
    let noted = Noted::on("* * * * *", &clock);
    let jobs = Jobs::new(&cache)
        .clock(clock.clone())
        .job_at("* * * * *", HealthCheck::default())
        .unwrap()
        .job(noted.clone())
        .unwrap()
        .start();
    sleep(Duration::from_secs(1)).await;
    redis.kill();
    clock.set_by(SignedDuration::from_mins(1));
    // A set clock is noticed within five seconds.
    sleep(Duration::from_secs(6)).await;
    assert!(noted.runs().is_empty(), "a job that is one node's waits for the store");
    redis.restart();
    clock.set_by(SignedDuration::from_mins(1));
    let begun = Instant::now();
    let mut told = 0;
    while (noted.runs().is_empty() || told < 2) && begun.elapsed() < crate::waiting::PATIENCE {
        sleep(Duration::from_millis(100)).await;
        told = jobs.history("health").await.map_or(0, |history| history.len());
    }

    let history = jobs.history("health").await.unwrap();
    let found: Vec<_> =
        history.iter().map(|run| run.report["findings"][0]["code"].as_str()).collect();
    assert_eq!(found, [Some("store_unreachable"), None], "{history:?}");
    assert_eq!(noted.runs().len(), 1);
    jobs.stop().await;
}
