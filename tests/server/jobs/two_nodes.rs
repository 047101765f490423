//! Each tick is run by one node.

use std::collections::BTreeMap;

use samekey::server::RedisStore;
use samekey::server::jobs::Jobs;

use super::*;
use crate::redis_server::RedisServer;
use crate::waiting::eventually;

#[tokio::test(start_paused = true)]
async fn of_five_nodes_one_runs_each_tick() {
    let clock = Clock::at("2026-11-22T00:00:01Z");
    let job = Noted::on("0 * * * *", &clock).taking(Duration::from_secs(3));
    let jobs: Vec<_> = nodes::<5>()
        .into_iter()
        .map(|cache| Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start())
        .collect();
    sleep(Duration::from_secs(24 * 3_600)).await;
    let mut ticks = BTreeMap::new();
    for run in job.runs() {
        *ticks.entry(run).or_insert(0) += 1;
    }
    assert_eq!(ticks.len(), 24);
    assert!(ticks.iter().all(|(tick, runs)| tick.ends_with(":00:00Z") && *runs == 1), "{ticks:?}");
    drop(jobs);
}

/// The same by real processes' means: eight connections to one Redis, in real time.
#[tokio::test(flavor = "multi_thread")]
async fn of_eight_nodes_on_redis_one_runs_the_tick() {
    let redis = RedisServer::start();
    // So long before the full hour that all have begun by then.
    let clock = Clock::at("2026-11-22T09:59:56Z");
    let job = Noted::on("0 * * * *", &clock).taking(Duration::from_millis(200));
    let jobs: Vec<_> = (0..8)
        .map(|node| {
            let store = RedisStore::new(&redis.patient_config()).unwrap();
            let cache = CacheService::new(schema(), store);
            let jobs = Jobs::new(&cache).node(format!("node-{node}")).clock(clock.clone());
            jobs.job(job.clone()).unwrap().start()
        })
        .collect();
    for jobs in &jobs {
        let knows = async || jobs.history("noted").await.is_ok_and(|runs| !runs.is_empty());
        eventually("it is run, and all know", knows).await;
        let history = jobs.history("noted").await.unwrap();
        assert_eq!(history.len(), 1);
        assert_eq!(history[0].tick, Some(at("2026-11-22T10:00:00Z")));
    }
    // Those that came too late learn that it was run, and leave it at that.
    sleep(Duration::from_secs(6)).await;
    assert_eq!(job.runs().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn two_applications_in_one_store_have_jobs_of_their_own() {
    let store = Arc::new(MemoryStore::default());
    let clock = Clock::at("2026-11-22T09:59:59Z");
    let job = Noted::on("0 * * * *", &clock);
    let jobs: Vec<_> = ["one", "other"]
        .into_iter()
        .map(|name| {
            let mut schema = schema();
            schema.name = name.into();
            let cache = CacheService::new(schema, store.clone());
            Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start()
        })
        .collect();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(job.runs().len(), 2);
    drop(jobs);
}
