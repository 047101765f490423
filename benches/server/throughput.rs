//! How many reads 64 tasks get through, beside the bare client on a connection of the same kind.

use std::hint::black_box;
use std::time::{Duration, Instant};

use redis::AsyncCommands;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use samekey::server::{CacheService, L1Config, RedisConfig, RedisStore};
use samekey::shadower;
use samekey::shadower::ExecutiveDashboard;

use crate::redis_child::{RedisChild, on_all_cores};
use crate::report::{Report, median};
use crate::subject::{dashboard_json, key};

const TASKS: usize = 64;
const READS: usize = 300;
const ROUNDS: usize = 15;
/// 90 % of the bare client's throughput, as a ratio of times.
const BAR: f64 = 1.0 / 0.9;

/// A service that asks Redis each time: nothing is kept in the process.
pub(crate) async fn redis_only(redis: &RedisChild) -> CacheService {
    let mut config = RedisConfig::new(redis.url());
    config.response_timeout = Duration::from_secs(5);
    let store = RedisStore::new(&config).expect("the URL is ours");
    CacheService::builder(shadower::schema())
        .store(store)
        .l1(L1Config::off())
        .build()
        .expect("the parts fit")
}

pub(crate) fn measure(report: &mut Report) {
    let redis = RedisChild::start();
    on_all_cores(async {
        let service = redis_only(&redis).await;
        let patience = ConnectionManagerConfig::new().set_pipeline_buffer_size(1_024);
        let mut raw = ConnectionManager::new_with_config(redis.client(), patience)
            .await
            .expect("Redis answers");
        for index in 0..TASKS {
            let _: () = raw
                .set_ex(key(index).as_str(), dashboard_json(), 3600)
                .await
                .expect("it is stored");
        }
        let (mut ours, mut raws, mut raws_with_ttl) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let tasks = (0..TASKS).map(|index| {
                let service = service.clone();
                tokio::spawn(async move {
                    let key = key(index);
                    for _ in 0..READS {
                        black_box(
                            service.get(&key).await.expect("Redis answers").expect("it is there"),
                        );
                    }
                })
            });
            all(tasks).await;
            ours.push(started.elapsed() / (TASKS * READS) as u32);
            raws.push(time_bare(&raw, false).await);
            raws_with_ttl.push(time_bare(&raw, true).await);
        }
        let (ours, raw) = (median(ours), median(raws));
        let raw_with_ttl = median(raws_with_ttl);
        report.against(
            "a read of 64 tasks' reads from Redis",
            ours,
            ("GET + decode", raw),
            Some(BAR),
        );
        report.against("the same", ours, ("GET, PTTL + decode", raw_with_ttl), None);
    });
}

/// A read of the bare client's, which may ask what is left of the value's life too, as we have to.
async fn time_bare(raw: &ConnectionManager, with_ttl: bool) -> Duration {
    let started = Instant::now();
    let tasks = (0..TASKS).map(|index| {
        let mut raw = raw.clone();
        tokio::spawn(async move {
            let key = key(index);
            for _ in 0..READS {
                let text: Vec<u8> = if with_ttl {
                    let mut both = redis::pipe();
                    both.get(key.as_str()).pttl(key.as_str());
                    let (text, left): (_, i64) =
                        both.query_async(&mut raw).await.expect("it is there");
                    black_box(left);
                    text
                } else {
                    raw.get(key.as_str()).await.expect("it is there")
                };
                black_box(
                    serde_json::from_slice::<ExecutiveDashboard>(&text).expect("a dashboard"),
                );
            }
        })
    });
    all(tasks).await;
    started.elapsed() / (TASKS * READS) as u32
}

async fn all(tasks: impl Iterator<Item = tokio::task::JoinHandle<()>>) {
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no task panics");
    }
}
