//! Ten thousand of the demo's keys, warmed by the job that the demo starts with.

use std::time::{Duration, Instant};

use samekey::server::jobs::JobContext;
use samekey_demo::jobs::{WARM_KEYS, warmup};

use crate::cpu::cpu_time;
use crate::history::History;
use crate::redis_child::{RedisChild, on_all_cores};
use crate::report::{Report, time};

const TIME_BAR: Duration = Duration::from_secs(5);
const MEMORY_BAR: u64 = 100_000_000;

pub(crate) fn measure(history: &History, report: &mut Report) {
    let redis = RedisChild::start();
    on_all_cores(async {
        let demo = history.demo(&redis);
        let warmup = warmup(&demo, WARM_KEYS).expect("the demo's identifiers make keys");
        let context = JobContext::new(demo.cache.clone(), Default::default());
        let (ours, redis_s) = (cpu_time(std::process::id()), cpu_time(redis.id()));
        let started = Instant::now();
        let done = warmup.warm(&context).await;
        let took = started.elapsed();
        let (ours, redis_s) = (cpu_time(std::process::id()) - ours, cpu_time(redis.id()) - redis_s);
        let stats = demo.cache.get_cache_stats().await;
        assert_eq!((done.total, done.warmed), (WARM_KEYS, WARM_KEYS), "{done:?}");
        let beside = format!("processor time: {}, and Redis {}", time(ours), time(redis_s));
        report.beside(
            "10,000 keys of the demo warmed",
            time(took),
            beside,
            "< 5 s",
            took < TIME_BAR,
        );
        let (used, values) = (megabytes(stats.used_memory), megabytes(stats.bytes_stored));
        let beside = format!("their values: {values}");
        report.beside(
            "Redis's used_memory with them",
            used,
            beside,
            "< 100 MB",
            stats.used_memory < MEMORY_BAR,
        );
        demo.cache.shutdown(Duration::from_secs(5)).await;
    });
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
