//! Row 50 of the fault list: what was asked for once, and is not asked for again, leaves nothing behind.
//!
//! The same is done again and again with keys that are new each time. What is held then, less what was held when the bounded
//! parts had filled, is what the later ones have left: an entry in any map would be tens of bytes for each.

use std::num::NonZeroU64;
use std::ops::Range;
use std::time::Duration;

use allocation_counter::measure;
use samekey::schema::TypedKey;
use samekey::server::{BoxError, CacheService, L1Config, MemoryStore, Policy, RedisStore};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{advance, sleep, timeout};

use crate::fixture::{kpis, schema};
use crate::redis_server::RedisServer;
use crate::still;

/// Asked for before it is measured.
const FIRST: usize = 4_000;

/// And while it is: four times as many in all.
const THEN: usize = 12_000;

/// What each may leave, on average. Less than a pointer; an entry of a map with its key is ten times as much.
const LEFT: i64 = 6;

/// Computes that fail rest for 30 s each; then they are forgotten.
const REST: Duration = Duration::from_secs(31);

/// A service of which everything that is meant to be kept fills up soon.
fn small(policy: Policy) -> CacheService {
    let budget = NonZeroU64::new(64 << 10).unwrap();
    CacheService::builder(schema())
        .store(MemoryStore::with_budget(budget))
        .l1(L1Config::bytes(64 << 10))
        .policy(policy)
        .build()
        .unwrap()
}

fn name(n: usize) -> String {
    format!("a-workspace-that-is-asked-for-once-{n}")
}

fn key(n: usize) -> TypedKey<Value> {
    kpis(&name(n))
}

/// Does it to the first, and counts what doing it to the others leaves.
fn left_by(runtime: &Runtime, does: impl AsyncFn(Range<usize>)) -> i64 {
    runtime.block_on(does(0..FIRST));
    measure(|| runtime.block_on(does(FIRST..FIRST + THEN))).bytes_current
}

fn leaves_nothing(runtime: &Runtime, does: impl AsyncFn(Range<usize>)) {
    let left = left_by(runtime, does);
    assert!(
        left < LEFT * THEN as i64,
        "{left} bytes of {THEN}, which is {} each",
        left / THEN as i64
    );
}

/// The others would see it.
#[test]
fn what_does_leave_an_entry_for_each_is_seen() {
    let kept = std::cell::RefCell::new(std::collections::HashMap::new());
    let left = left_by(&still(), async |keys| {
        kept.borrow_mut().extend(keys.map(|n| (n, ())));
    });
    assert!(left > LEFT * THEN as i64, "{left}");
}

#[test]
fn row_50_what_was_computed_once_leaves_nothing_behind() {
    let (runtime, cache) = (still(), small(Policy::default()));
    leaves_nothing(&runtime, async |keys| {
        for n in keys {
            let compute = move || async move { Ok::<_, BoxError>(json!(n)) };
            assert_eq!(*cache.get_or_compute(&key(n), compute).await.unwrap(), json!(n));
        }
    });
    assert_eq!(runtime.block_on(cache.get_cache_stats()).computes_in_flight, 0);
}

#[test]
fn row_50_what_was_not_there_leaves_nothing_behind() {
    let (runtime, cache) = (still(), small(Policy::default()));
    leaves_nothing(&runtime, async |keys| {
        for n in keys {
            assert_eq!(cache.get(&key(n)).await.unwrap(), None);
        }
    });
}

#[test]
fn row_50_what_failed_leaves_nothing_behind_when_it_has_rested() {
    let policy = Policy::default().cache_errors(Duration::from_secs(10));
    let (runtime, cache) = (still(), small(policy));
    leaves_nothing(&runtime, async |keys| {
        for n in keys {
            let compute = || async { Err::<Value, BoxError>("the database is away".into()) };
            cache.get_or_compute(&key(n), compute).await.unwrap_err();
            if n % 500 == 0 {
                advance(REST).await;
            }
        }
    });
}

#[test]
fn row_50_a_flood_of_failures_is_bounded_while_they_rest() {
    let policy = Policy::default().cache_errors(Duration::from_secs(10));
    let (runtime, cache) = (still(), small(policy));
    let long = "x".repeat(4_000);
    // Each name is in it twice, which would be 96 MB.
    let left = left_by(&runtime, async |keys| {
        for n in keys {
            let compute = || async { Err::<Value, BoxError>("the database is away".into()) };
            cache.get_or_compute(&kpis(&format!("{n}-{long}")), compute).await.unwrap_err();
        }
    });
    assert!(left < 10 << 20, "{left} bytes");
}

#[test]
fn row_50_what_was_set_and_invalidated_leaves_nothing_behind() {
    let (runtime, cache) = (still(), small(Policy::default()));
    leaves_nothing(&runtime, async |keys| {
        for n in keys {
            cache.set(&key(n), &json!(n)).await.unwrap();
            assert!(cache.get(&key(n)).await.unwrap().is_some(), "and put into the memory");
            match n % 3 {
                0 => drop(cache.delete(&key(n)).await.unwrap()),
                1 => drop(cache.invalidate_pattern(&format!("exec:*:{}", name(n))).await.unwrap()),
                _ => drop(cache.invalidate_workspace(&name(n)).await.unwrap()),
            }
        }
    });
}

#[test]
fn row_50_callers_who_went_away_leave_nothing_behind() {
    let (runtime, cache) = (still(), small(Policy::default()));
    leaves_nothing(&runtime, async |keys| {
        for n in keys {
            let compute = move || async move {
                sleep(Duration::from_millis(20)).await;
                Ok::<_, BoxError>(json!(n))
            };
            let asked = key(n);
            let answer = cache.get_or_compute(&asked, compute);
            timeout(Duration::from_millis(5), answer).await.expect_err("he is gone by then");
        }
        // The computes end without them.
        sleep(Duration::from_secs(1)).await;
    });
    assert_eq!(runtime.block_on(cache.get_cache_stats()).computes_in_flight, 0);
}

/// Over a real Redis, which makes the process remember questions, leases and what it is told of. What was stored is not among
/// these: when a key is due is remembered of half a million keys, a number each (`src/server/invalidation/foreign.rs`).
#[test]
fn row_50_what_redis_was_asked_for_in_vain_leaves_nothing_in_the_process() {
    const ROUND: usize = 2_000;
    let server = RedisServer::start();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    // Those that failed are to rest for no longer than the test lasts.
    let policy = Policy::default().throttle(Duration::from_millis(1));
    let cache = runtime.block_on(async {
        let store = RedisStore::new(&server.patient_config()).unwrap();
        CacheService::builder(schema()).store(store).policy(policy).build().unwrap()
    });
    let ask = async |keys: Range<usize>| {
        for n in keys {
            assert_eq!(cache.get(&key(n)).await.unwrap(), None);
            let compute = || async { Err::<Value, BoxError>("the database is away".into()) };
            cache.get_or_compute(&key(n), compute).await.unwrap_err();
        }
    };
    runtime.block_on(ask(0..ROUND));
    let left = measure(|| runtime.block_on(ask(ROUND..3 * ROUND))).bytes_current;
    let each = left / (2 * ROUND as i64);
    assert!(each < 16, "{left} bytes, which is {each} each");
}
