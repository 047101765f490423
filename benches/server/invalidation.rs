//! Ten keys of a million, by the entity they belong to, beside a walk over all keys, on a Redis as it is shipped for production:
//! one that drops values when its memory is full.

use std::time::{Duration, Instant};

use redis::Pipeline;
use samekey::server::{CacheService, RedisConfig, RedisStore};
use samekey::shadower;

use crate::redis_child::{RedisChild, across_cores};
use crate::report::{Report, median};
use crate::subject::{PER_WORKSPACE, dashboard, key};

const KEYS: usize = 1_000_000;
const ROUNDS: usize = 5;
const BAR: f64 = 0.01;

pub(crate) fn measure(report: &mut Report) {
    let redis = RedisChild::as_shipped();
    across_cores(async {
        let mut raw =
            redis.client().get_multiplexed_async_connection().await.expect("Redis answers");
        for from in (0..KEYS).step_by(10_000) {
            let mut fill = Pipeline::new();
            for index in from..from + 10_000 {
                fill.cmd("SET").arg(key(index).as_str()).arg("{}").arg("EX").arg(3600).ignore();
            }
            let () = fill.query_async(&mut raw).await.expect("they are stored");
        }
        let service = |sole_writer: bool| {
            let mut config = RedisConfig::new(redis.url()).sole_writer(sole_writer);
            config.response_timeout = Duration::from_secs(5);
            CacheService::new(
                shadower::schema(),
                RedisStore::new(&config).expect("the URL is ours"),
            )
        };
        let (indexed, walking) = (service(true), service(false));
        let (mut by_index, mut by_walk) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            for (service, times, turn) in
                [(&indexed, &mut by_index, 0), (&walking, &mut by_walk, 1)]
            {
                let workspace = 2 * round + turn;
                for index in workspace * PER_WORKSPACE..(workspace + 1) * PER_WORKSPACE {
                    service.set(&key(index), &dashboard()).await.expect("it is stored");
                }
                let started = Instant::now();
                let done = service.invalidate_workspace(&format!("ws{workspace}")).await;
                times.push(started.elapsed());
                assert_eq!(done.expect("Redis answers").deleted, PER_WORKSPACE as u64);
                // The audit that follows an indexed invalidation must not run into the next measurement.
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        }
        let (by_index, by_walk) = (median(by_index), median(by_walk));
        report.against(
            "10 keys of 1,000,000 by entity",
            by_index,
            ("SCAN + UNLINK", by_walk),
            Some(BAR),
        );
    });
}
