//! How many lookups the process answers when it has room for a tenth of the keys, beside caches with as much room.

use std::num::NonZeroU64;
use std::sync::Arc;

use samekey::server::{CacheService, L1Config, MemoryStore};
use samekey::shadower::{self, ExecutiveDashboard};

use crate::in_process::hit;
use crate::redis_child::across_cores;
use crate::report::Report;
use crate::subject::{dashboard, key};

const KEYS: usize = 40_000;
/// Room for about a tenth of them, by what the service counts for an entry.
const ROOM: L1Config = L1Config::bytes(14 * 1024 * 1024);
/// So that nothing leaves the store.
const STORE: NonZeroU64 = NonZeroU64::new(1 << 30).unwrap();
const LOOKUPS: usize = 400_000;
const SEED: u64 = 2_026;

pub(crate) fn measure(report: &mut Report) {
    across_cores(async {
        let trace = trace();
        let service = CacheService::builder(shadower::schema())
            .store(MemoryStore::with_budget(STORE))
            .l1(ROOM)
            .build()
            .expect("the parts fit");
        for index in 0..KEYS {
            service.set(&key(index), &dashboard()).await.expect("it is stored");
        }
        let before = l1_hits(&service).await;
        for index in &trace {
            hit(&service, &key(*index)).await;
        }
        let ours = l1_hits(&service).await - before;
        let room = service.get_cache_stats().await.l1_entries;

        let value = Arc::new(dashboard());
        let moka = moka::future::Cache::<String, Arc<ExecutiveDashboard>>::new(room);
        let quick = quick_cache::sync::Cache::<String, Arc<ExecutiveDashboard>>::new(room as usize);
        let (mut mokas, mut quicks) = (0, 0);
        for index in &trace {
            let key = key(*index).as_str().to_owned();
            match moka.get(&key).await {
                Some(_) => mokas += 1,
                None => moka.insert(key.clone(), value.clone()).await,
            }
            match quick.get(&key) {
                Some(_) => quicks += 1,
                None => quick.insert(key, value.clone()),
            }
        }
        let rate = |hits: u64| format!("{:.1} %", 100.0 * hits as f64 / trace.len() as f64);
        report.beside(
            &format!(
                "hits in the process with room for {room} of {KEYS} keys (Zipf, and a walk over all)"
            ),
            rate(ours),
            format!("moka {}, quick_cache {}", rate(mokas), rate(quicks)),
            "",
            true,
        );
    });
}

/// Lookups by Zipf's law; half-way somebody walks over all keys once, as an export does.
fn trace() -> Vec<usize> {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut sum = 0.0;
    let shares: Vec<f64> = (1..=KEYS)
        .map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        })
        .collect();
    // Neighbours in rank are not neighbours in name.
    let mut named: Vec<usize> = (0..KEYS).collect();
    random.shuffle(&mut named);
    let mut asked = || {
        let at = random.f64() * sum;
        named[shares.partition_point(|share| *share < at).min(KEYS - 1)]
    };
    let mut trace: Vec<usize> = (0..LOOKUPS / 2).map(|_| asked()).collect();
    trace.extend(0..KEYS);
    trace.extend((0..LOOKUPS / 2).map(|_| asked()));
    trace
}

async fn l1_hits(service: &CacheService) -> u64 {
    service.get_cache_stats().await.families.iter().map(|family| family.counts.l1_hits).sum()
}
