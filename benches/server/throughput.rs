//! How many reads 64 tasks on all cores get through, beside the bare client on a connection of the same kind.

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
const ROUNDS: usize = 7;
/// Each with a Redis and a runtime of its own: where they come to lie moves the figures of all rounds by some per cent.
const STARTS: usize = 7;
/// 90 % of the bare client's throughput, as a ratio of times.
const BAR: f64 = 1.0 / 0.9;

/// Of each side, in the order in which they take turns.
#[derive(Default)]
struct Times {
    get: Vec<Duration>,
    get_or_compute: Vec<Duration>,
    bare: Vec<Duration>,
    bare_with_ttl: Vec<Duration>,
}

pub(crate) fn measure(report: &mut Report) {
    let mut times = Times::default();
    for _ in 0..STARTS {
        let redis = RedisChild::start();
        on_all_cores(times.add(&redis));
    }
    let (bare, bare_with_ttl) = (median(times.bare), median(times.bare_with_ttl));
    for (what, ours) in [
        ("a read of 64 tasks' from Redis, get", median(times.get)),
        ("a read of 64 tasks' from Redis, get_or_compute", median(times.get_or_compute)),
    ] {
        report.against(what, ours, ("GET + decode", bare), Some(BAR));
        report.against(what, ours, ("GET, PTTL + decode", bare_with_ttl), None);
    }
}

impl Times {
    async fn add(&mut self, redis: &RedisChild) {
        let (service, raw) = sides::over(redis, TASKS).await;
        for _ in 0..ROUNDS {
            self.get.push(time(|key| get(service.clone(), key)).await);
            self.get_or_compute.push(time(|key| get_or_compute(service.clone(), key)).await);
            self.bare.push(time(|key| bare(raw.clone(), key)).await);
            self.bare_with_ttl.push(time(|key| bare_with_ttl(raw.clone(), key)).await);
        }
    }
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
