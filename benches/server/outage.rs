//! What Redis costs when it is not there, and how soon it counts again.

use std::time::{Duration, Instant};

use samekey::server::{CacheError, CacheService, L1Config, RedisConfig, RedisStore};
use samekey::shadower;

use crate::redis_child::{RedisChild, on_all_cores};
use crate::report::{Report, median, time};
use crate::subject::{dashboard, key};

const CALLS: usize = 2_001;
const ADDED: Duration = Duration::from_micros(100);
const RECOVERED: Duration = Duration::from_secs(2);

pub(crate) fn measure(report: &mut Report) {
    let mut redis = RedisChild::start();
    on_all_cores(async {
        let store = RedisStore::new(&RedisConfig::new(redis.url())).expect("the URL is ours");
        let service = CacheService::builder(shadower::schema())
            .store(store)
            .l1(L1Config::off())
            .build()
            .expect("the parts fit");
        compute(&service, 0).await;
        redis.kill();
        // The calls that open the breaker.
        for index in 1..20 {
            compute(&service, index).await;
        }
        let mut times = Vec::new();
        for index in 0..CALLS {
            times.push(compute(&service, 100 + index).await);
        }
        let down = median(times);
        report.figure(
            "a call while Redis is down, breaker open",
            time(down),
            format!("< {}", time(ADDED)),
            down < ADDED,
        );

        redis.restart();
        let restarted = Instant::now();
        while service.set(&key(1), &dashboard()).await.is_err() {
            assert!(restarted.elapsed() < 10 * RECOVERED, "the cache does not come back");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let recovered = restarted.elapsed();
        report.figure(
            "Redis counts again after a restart",
            time(recovered),
            format!("≤ {}", time(RECOVERED)),
            recovered <= RECOVERED,
        );
    });
}

/// How long a call took whose compute takes no time.
async fn compute(service: &CacheService, row: usize) -> Duration {
    let key = key(row);
    let value = dashboard();
    let started = Instant::now();
    let computed = service.get_or_compute(&key, || async { Ok::<_, CacheError>(value) }).await;
    let elapsed = started.elapsed();
    computed.expect("a store that fails costs a compute, never an answer");
    elapsed
}
