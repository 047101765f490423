//! A hit in the process, beside the caches that one would use for it alone.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use samekey::server::{CacheError, CacheService, MemoryStore};
use samekey::shadower::{self, ExecutiveDashboard};

use crate::redis_child::across_cores;
use crate::report::{Report, median, time};
use crate::subject::{dashboard, identifiers, key, key_of};

/// A dashboard's hot keys, which the processor's own caches hold; and so many that they do not.
const SIZES: [usize; 2] = [100, 10_000];
const ROUNDS: usize = 401;
/// Calls between two looks at the clock, which itself costs 25 ns.
const CALLS: usize = 64;
const BAR: Duration = Duration::from_nanos(500);

pub(crate) fn measure(report: &mut Report) {
    for keys in SIZES {
        measure_among(keys, report);
    }
}

fn measure_among(size: usize, report: &mut Report) {
    across_cores(async {
        let service = CacheService::new(shadower::schema(), MemoryStore::default());
        let moka = moka::future::Cache::<String, Arc<ExecutiveDashboard>>::new(2 * size as u64);
        let quick = quick_cache::sync::Cache::<String, Arc<ExecutiveDashboard>>::new(2 * size);
        let keys: Vec<_> = (0..size).map(key).collect();
        for key in &keys {
            service.set(key, &dashboard()).await.expect("it is stored");
            hit(&service, key).await;
            moka.insert(key.as_str().to_owned(), Arc::new(dashboard())).await;
            quick.insert(key.as_str().to_owned(), Arc::new(dashboard()));
        }
        let (mut ours, mut mokas, mut quicks) = (Vec::new(), Vec::new(), Vec::new());
        let mut building = Vec::new();
        for round in 0..ROUNDS {
            // The same keys for each side, others in each round: spread over all, as traffic is.
            let turn = (0..CALLS).map(|call| (round * CALLS + call) * 7_919 % size);
            // What a caller has: the identifiers, as text. Out of them it builds the key each time.
            let turn: Vec<_> = turn.map(identifiers).collect();
            let started = Instant::now();
            for ids in &turn {
                black_box(hit(&service, &key_of(ids)).await);
            }
            ours.push(started.elapsed() / CALLS as u32);
            let started = Instant::now();
            for ids in &turn {
                black_box(moka.get(key_of(ids).as_str()).await);
            }
            mokas.push(started.elapsed() / CALLS as u32);
            let started = Instant::now();
            for ids in &turn {
                black_box(quick.get(key_of(ids).as_str()));
            }
            quicks.push(started.elapsed() / CALLS as u32);
            let started = Instant::now();
            for ids in &turn {
                black_box(key_of(ids));
            }
            building.push(started.elapsed() / CALLS as u32);
        }
        let (ours, mokas, quicks) = (median(ours), median(mokas), median(quicks));
        let beside = format!(
            "moka {}, quick_cache {}; the key alone {}",
            time(mokas),
            time(quicks),
            time(median(building))
        );
        report.beside(
            &format!("hit in the process among {size} keys, key built, counted (p50)"),
            time(ours),
            beside,
            time(BAR),
            ours <= BAR,
        );
    });
}

/// A lookup of what is there, in the process or in the store.
pub(crate) async fn hit(
    service: &CacheService,
    key: &samekey::schema::TypedKey<ExecutiveDashboard>,
) -> Arc<ExecutiveDashboard> {
    let never = || async {
        Err::<ExecutiveDashboard, _>(CacheError::ComputePanicked { key: String::new() })
    };
    service.get_or_compute(key, never).await.expect("it is there")
}
