//! Ten keys of a million, by the entity they belong to, beside a walk over all keys, on a Redis as it is shipped for production:
//! one that drops values when its memory is full.

use std::time::{Duration, Instant};

use redis::{AsyncConnectionConfig, Pipeline};
use samekey::server::{CacheService, RedisConfig, RedisStore};
use samekey::shadower;

use crate::redis_child::{RedisChild, across_cores};
use crate::report::{Report, median};
use crate::subject::{PER_WORKSPACE, dashboard, key};

const KEYS: usize = 1_000_000;
const ROUNDS: usize = 5;
const BAR: f64 = 0.01;
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn measure(report: &mut Report) {
    let redis = RedisChild::as_shipped();
    across_cores(async {
        // Half a second, the client's own default, is little for ten thousand keys on a busy machine.
        let patient = AsyncConnectionConfig::new().set_response_timeout(Some(PATIENCE));
        let raw = redis.client();
        let raw = raw.get_multiplexed_async_connection_with_config(&patient).await;
        let mut raw = raw.expect("Redis answers");
        for from in (0..KEYS).step_by(10_000) {
            let mut fill = Pipeline::new();
            for index in from..from + 10_000 {
                fill.cmd("SET").arg(key(index).as_str()).arg("{}").arg("EX").arg(3600).ignore();
            }
            let () = fill.query_async(&mut raw).await.expect("they are stored");
        }
        let service = |config: RedisConfig| {
            let config = RedisConfig { response_timeout: PATIENCE, ..config };
            let store = RedisStore::new(&config).expect("the URL is ours");
            CacheService::new(shadower::schema(), store)
        };
        // The keys are another program's: the store has to find out about them.
        let proven = service(RedisConfig::new(redis.url()));
        let promised = service(RedisConfig::new(redis.url()).sole_writer(true));
        // Who is not told what others write cannot but walk.
        let walking = service(RedisConfig::new(redis.url()).announce(true));
        until_complete(&proven).await;
        let mut times: [Vec<Duration>; 3] = Default::default();
        for round in 0..ROUNDS {
            for (turn, service) in [&proven, &promised, &walking].into_iter().enumerate() {
                let workspace = 3 * round + turn;
                for index in workspace * PER_WORKSPACE..(workspace + 1) * PER_WORKSPACE {
                    service.set(&key(index), &dashboard()).await.expect("it is stored");
                }
                let started = Instant::now();
                let done = service.invalidate_workspace(&format!("ws{workspace}")).await;
                times[turn].push(started.elapsed());
                assert_eq!(done.expect("Redis answers").deleted, PER_WORKSPACE as u64);
                // The audit behind a promise must not run into the next measurement.
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        }
        let [by_proof, by_promise, by_walk] = times.map(median);
        let walk = ("SCAN + UNLINK", by_walk);
        report.against("10 keys of 1,000,000 by entity", by_proof, walk, Some(BAR));
        report.against("the same, sole_writer", by_promise, walk, Some(BAR));
    });
}

/// Has the lists completed by an invalidation that has to walk, and waits until one has not.
async fn until_complete(service: &CacheService) {
    let nobody = async || {
        let started = Instant::now();
        service.invalidate_workspace("nobody").await.expect("Redis answers");
        started.elapsed()
    };
    let walk = nobody().await;
    while nobody().await * 10 > walk {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
