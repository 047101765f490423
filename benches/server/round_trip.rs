//! A hit in Redis, beside the bare client and `cached`'s Redis store.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cached::AsyncRedisCache;
use redis::AsyncCommands;
use samekey::shadower::ExecutiveDashboard;

use crate::redis_child::{RedisChild, across_cores};
use crate::report::{Report, median};
use crate::sides;
use crate::subject::{dashboard, key};

const KEYS: usize = 500;
const ROUNDS: usize = 3_001;
const BAR: f64 = 1.15;

pub(crate) fn measure(report: &mut Report) {
    let redis = RedisChild::start();
    across_cores(async {
        let (service, mut raw) = sides::over(&redis, KEYS).await;
        let cached = AsyncRedisCache::<String, ExecutiveDashboard>::builder("bench")
            .ttl(Duration::from_secs(3600))
            .connection_string(&redis.url())
            .build();
        let cached = cached.await.expect("Redis answers");
        for index in 0..KEYS {
            peer_set(&cached, key(index).as_str().to_owned()).await;
        }
        let (mut ours, mut raws, mut peers) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let key = key(round % KEYS);
            let started = Instant::now();
            black_box(service.get(&key).await.expect("Redis answers").expect("it is there"));
            ours.push(started.elapsed());
            let started = Instant::now();
            let text: Vec<u8> = raw.get(key.as_str()).await.expect("it is there");
            black_box(
                serde_json::from_slice::<ExecutiveDashboard>(&text).expect("it is a dashboard"),
            );
            raws.push(started.elapsed());
            let name = key.as_str().to_owned();
            let started = Instant::now();
            black_box(peer_get(&cached, &name).await);
            peers.push(started.elapsed());
        }
        let (ours, raw, peer) = (median(ours), median(raws), median(peers));
        report.against("hit in Redis, decoded", ours, ("GET + decode", raw), Some(BAR));
        report.against("the same", ours, ("cached's Redis store", peer), None);
    });
}

async fn peer_set(cached: &AsyncRedisCache<String, ExecutiveDashboard>, key: String) {
    use cached::ConcurrentCachedAsync;
    cached.async_cache_set(key, dashboard()).await.expect("it is stored");
}

async fn peer_get(
    cached: &AsyncRedisCache<String, ExecutiveDashboard>,
    key: &String,
) -> ExecutiveDashboard {
    use cached::ConcurrentCachedAsync;
    cached.async_cache_get(key).await.expect("Redis answers").expect("it is there")
}
