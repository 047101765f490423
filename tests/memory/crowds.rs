//! Row 13 of the fault list: many callers of one key. What each of them costs does not grow with their number.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use allocation_counter::measure;
use samekey::server::{CacheService, MemoryStore};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::fixture::{Counted, kpis, nth, schema};
use crate::still;

const COMPUTE: Duration = Duration::from_millis(50);

/// What each of a crowd costs, on average.
#[derive(Debug)]
struct Cost {
    allocations: f64,
    bytes: f64,
    polls: f64,
}

/// Has so many ask for one key, half of them while it is being computed. The clock stands still while anybody has
/// anything to do: what passes is what they wait for each other.
fn cost_of_each(callers: usize) -> Cost {
    let runtime = still();
    let polls = Arc::new(AtomicU64::new(0));
    let cache = CacheService::new(schema(), MemoryStore::default());
    let compute = Counted::default();
    let crowd = async {
        let mut crowd = JoinSet::new();
        for half in [COMPUTE, COMPUTE / 2] {
            for _ in 0..callers / 2 {
                crowd.spawn(caller(cache.clone(), compute.clone(), polls.clone(), half));
            }
            sleep(COMPUTE / 2).await;
        }
        crowd.join_all().await;
    };
    let counted = measure(|| runtime.block_on(crowd));
    assert_eq!(compute.calls(), 1);
    let of = |total: u64| total as f64 / callers as f64;
    Cost {
        allocations: of(counted.count_total),
        bytes: of(counted.bytes_total),
        polls: of(polls.load(Relaxed)),
    }
}

/// Asks, and waits for exactly `left` of the compute.
async fn caller(cache: CacheService, compute: Counted, polls: Arc<AtomicU64>, left: Duration) {
    let (key, asked) = (kpis("ws1"), Instant::now());
    let mut answer = pin!(cache.get_or_compute(&key, || compute.call_after(COMPUTE)));
    let answer = poll_fn(|context| {
        polls.fetch_add(1, Relaxed);
        answer.as_mut().poll(context)
    });
    assert_eq!(answer.await.unwrap(), nth(1));
    assert_eq!(asked.elapsed(), left);
}

#[test]
fn row_13_ten_thousand_callers_wait_for_the_compute_and_for_nothing_else() {
    let few = cost_of_each(100);
    let many = cost_of_each(10_000);
    // Asked, and woken once.
    assert!(many.polls < 3.0, "{few:?} {many:?}");
    assert!(many.allocations <= few.allocations, "{few:?} {many:?}");
    assert!(many.bytes <= few.bytes, "{few:?} {many:?}");
}
