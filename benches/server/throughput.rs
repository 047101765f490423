//! How many reads 64 tasks get through, beside the bare client on a connection of the same kind.

use std::hint::black_box;
use std::time::{Duration, Instant};

use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;
use samekey::schema::TypedKey;
use samekey::server::CacheService;
use samekey::shadower::ExecutiveDashboard;

use crate::redis_child::{RedisChild, on_all_cores};
use crate::report::{Report, median};
use crate::sides;
use crate::subject::key;

const TASKS: usize = 64;
const READS: usize = 300;
const ROUNDS: usize = 15;
/// 90 % of the bare client's throughput, as a ratio of times.
const BAR: f64 = 1.0 / 0.9;

pub(crate) fn measure(report: &mut Report) {
    let redis = RedisChild::start();
    on_all_cores(async {
        let (service, raw) = sides::over(&redis, TASKS).await;
        let (mut gets, mut lookups, mut raws, mut raws_with_ttl) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            gets.push(time(|key| get(service.clone(), key)).await);
            lookups.push(time(|key| get_or_compute(service.clone(), key)).await);
            raws.push(time(|key| bare(raw.clone(), key)).await);
            raws_with_ttl.push(time(|key| bare_with_ttl(raw.clone(), key)).await);
        }
        let (raw, raw_with_ttl) = (median(raws), median(raws_with_ttl));
        for (what, ours) in [
            ("a read of 64 tasks' from Redis, get", median(gets)),
            ("a read of 64 tasks' from Redis, get_or_compute", median(lookups)),
        ] {
            report.against(what, ours, ("GET + decode", raw), Some(BAR));
            report.against(what, ours, ("GET, PTTL + decode", raw_with_ttl), None);
        }
    });
}

/// What one read takes when all tasks make theirs with `read`, each of a key of its own.
async fn time<F: Future<Output = ()> + Send + 'static>(
    reads: impl Fn(TypedKey<ExecutiveDashboard>) -> F,
) -> Duration {
    let started = Instant::now();
    let tasks: Vec<_> = (0..TASKS).map(|index| tokio::spawn(reads(key(index)))).collect();
    for task in tasks {
        task.await.expect("no task panics");
    }
    started.elapsed() / (TASKS * READS) as u32
}

async fn get(service: CacheService, key: TypedKey<ExecutiveDashboard>) {
    for _ in 0..READS {
        black_box(service.get(&key).await.expect("Redis answers").expect("it is there"));
    }
}

async fn get_or_compute(service: CacheService, key: TypedKey<ExecutiveDashboard>) {
    for _ in 0..READS {
        let read = service.get_or_compute(&key, || async { Err("no read is to compute") });
        black_box(read.await.expect("it is there"));
    }
}

async fn bare(mut raw: MultiplexedConnection, key: TypedKey<ExecutiveDashboard>) {
    for _ in 0..READS {
        let text: Vec<u8> = raw.get(key.as_str()).await.expect("it is there");
        decode(&text);
    }
}

/// It asks what is left of the value's life too, as we have to.
async fn bare_with_ttl(mut raw: MultiplexedConnection, key: TypedKey<ExecutiveDashboard>) {
    for _ in 0..READS {
        let mut both = redis::pipe();
        both.get(key.as_str()).pttl(key.as_str());
        let (text, left): (Vec<u8>, i64) = both.query_async(&mut raw).await.expect("it is there");
        black_box(left);
        decode(&text);
    }
}

fn decode(text: &[u8]) {
    black_box(serde_json::from_slice::<ExecutiveDashboard>(text).expect("a dashboard"));
}
