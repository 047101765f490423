//! One compute per key at a time, whatever happens to it and to those who wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use samekey::schema::Pattern;
use samekey::server::{
    BoxError, CacheService, Change, Entry, Inspection, LeaseFor, LeaseToken, Leased, Lookup,
    MemoryStore, Record, ScanPage, Sharers, Source, Store, StoreFuture, StoreStats, Tag, Ttl,
};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{Notify, oneshot};
use tokio::task::{JoinHandle, JoinSet, yield_now};

use crate::fixture::{Counted, kpis, memory_cache, nth, schema};

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_cost_one_compute() {
    let cache = memory_cache();
    let compute = Counted::default();
    let mut callers = JoinSet::new();
    for _ in 0..1_000 {
        let (cache, compute) = (cache.clone(), compute.clone());
        callers.spawn(async move {
            let compute = || compute.call_after(Duration::from_millis(50));
            cache.get_or_compute(&kpis("ws1"), compute).await.unwrap()
        });
    }
    let answers = callers.join_all().await;
    assert_eq!(answers.len(), 1_000);
    assert!(answers.iter().all(|answer| *answer == nth(1)));
    let stats = cache.get_cache_stats().await;
    assert_eq!((stats.computes, stats.misses, stats.computes_in_flight), (1, 1_000, 0));
}

/// On more than one thread a caller can miss, lose its turn, and come back when the flight has landed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_callers_on_four_threads_cost_one_compute() {
    for round in 0..5 {
        let cache = memory_cache();
        let compute = Counted::default();
        let mut callers = JoinSet::new();
        for _ in 0..10_000 {
            let (cache, compute) = (cache.clone(), compute.clone());
            callers.spawn(async move {
                cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap()
            });
        }
        assert!(callers.join_all().await.iter().all(|answer| *answer == nth(1)));
        assert_eq!(compute.calls(), 1, "round {round}");
    }
}

#[tokio::test(start_paused = true)]
async fn different_keys_do_not_wait_for_each_other() {
    let cache = memory_cache();
    let slow = Counted::default();
    let waiting = tokio::spawn({
        let (cache, slow) = (cache.clone(), slow.clone());
        async move {
            cache.get_or_compute(&kpis("slow"), || slow.call_after(Duration::from_secs(60))).await
        }
    });
    settle().await;
    let started = tokio::time::Instant::now();
    cache.get_or_compute(&kpis("quick"), || Counted::default().call()).await.unwrap();
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(cache.get_cache_stats().await.computes_in_flight, 1);
    assert_eq!(waiting.await.unwrap().unwrap(), nth(1));
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_goes_away_cancels_nothing() {
    let cache = memory_cache();
    let compute = Counted::default();
    let ask = || {
        let (cache, compute) = (cache.clone(), compute.clone());
        tokio::spawn(async move {
            cache
                .get_or_compute(&kpis("ws1"), || compute.call_after(Duration::from_millis(100)))
                .await
        })
    };
    let leader = ask();
    settle().await;
    let follower = ask();
    settle().await;
    leader.abort();
    assert_eq!(follower.await.unwrap().unwrap(), nth(1));
    assert_eq!(compute.calls(), 1);
    assert!(cache.exists(kpis("ws1")).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn the_value_is_stored_even_when_everybody_has_gone() {
    let cache = memory_cache();
    let compute = Counted::default();
    let key = kpis("ws1");
    let asking = cache.get_or_compute(&key, || compute.call_after(Duration::from_millis(100)));
    assert!(tokio::time::timeout(Duration::from_millis(10), asking).await.is_err());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), Some(nth(1)));
}

#[tokio::test(start_paused = true)]
async fn everyone_who_waits_gets_the_same_error_and_the_next_call_computes() {
    let cache = memory_cache();
    let mut callers = JoinSet::new();
    for _ in 0..10 {
        let cache = cache.clone();
        callers.spawn(async move {
            let failing = || async {
                tokio::time::sleep(Duration::from_millis(10)).await;
                Err::<Value, BoxError>("the database is down".into())
            };
            cache.get_or_compute(&kpis("ws1"), failing).await.unwrap_err()
        });
    }
    for error in callers.join_all().await {
        assert_eq!(error.code(), "E_COMPUTE_FAILED");
        assert!(error.to_string().ends_with("the database is down"), "{error}");
    }
    assert_eq!(cache.get_cache_stats().await.compute_errors, 1);
    let compute = Counted::default();
    assert_eq!(cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap(), nth(1));
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_an_error_for_all_who_wait_and_the_key_is_free_again() {
    let cache = memory_cache();
    let mut callers = JoinSet::new();
    for _ in 0..3 {
        let cache = cache.clone();
        callers.spawn(async move {
            let panicking = || async {
                tokio::time::sleep(Duration::from_millis(10)).await;
                if cfg!(test) {
                    panic!("as a compute may");
                }
                Ok::<Value, BoxError>(json!(null))
            };
            cache.get_or_compute(&kpis("ws1"), panicking).await.unwrap_err()
        });
    }
    for error in callers.join_all().await {
        assert_eq!(error.code(), "E_COMPUTE_PANICKED");
        assert!(error.is_retryable());
    }
    let stats = cache.get_cache_stats().await;
    assert_eq!((stats.compute_errors, stats.computes_in_flight), (1, 0));
    let compute = Counted::default();
    assert_eq!(cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap(), nth(1));
}

/// A compute of `ws1` that has begun and answers `old` when told to.
async fn begun(cache: &CacheService) -> (oneshot::Sender<()>, JoinHandle<Arc<Value>>) {
    let (finish, finished) = oneshot::channel();
    let cache = cache.clone();
    let waiting = tokio::spawn(async move {
        let compute = || async move {
            finished.await?;
            Ok::<_, oneshot::error::RecvError>(json!("old"))
        };
        cache.get_or_compute(&kpis("ws1"), compute).await.unwrap()
    });
    settle().await;
    (finish, waiting)
}

/// Lets every task that can run do so. Nothing here waits for a clock or a network.
async fn settle() {
    for _ in 0..20 {
        yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_invalidation_overtakes_is_not_stored() {
    let cache = memory_cache();
    let (finish, waiting) = begun(&cache).await;
    cache.invalidate_workspace("ws1").await.unwrap();
    finish.send(()).unwrap();
    // It asked before the invalidation, so it may have the old value; nobody after it may.
    assert_eq!(*waiting.await.unwrap(), json!("old"));
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), None);
    assert_eq!(cache.get_cache_stats().await.voided, 1);
}

#[tokio::test(start_paused = true)]
async fn who_asks_after_an_invalidation_does_not_wait_for_the_compute_before_it() {
    let cache = memory_cache();
    let (finish, waiting) = begun(&cache).await;
    cache.delete(kpis("ws1")).await.unwrap();
    let compute = Counted::default();
    let key = kpis("ws1");
    let asking = cache.get_or_compute(&key, || compute.call());
    let answer =
        tokio::time::timeout(Duration::from_secs(1), asking).await.expect("it waits for nobody");
    assert_eq!(answer.unwrap(), nth(1));
    finish.send(()).unwrap();
    assert_eq!(*waiting.await.unwrap(), json!("old"));
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), Some(nth(1)));
}

#[tokio::test(start_paused = true)]
async fn an_invalidation_of_other_keys_voids_nothing() {
    let cache = memory_cache();
    let (finish, waiting) = begun(&cache).await;
    cache.invalidate_workspace("ws2").await.unwrap();
    finish.send(()).unwrap();
    waiting.await.unwrap();
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap().as_deref(), Some(&json!("old")));
}

#[tokio::test(start_paused = true)]
async fn a_value_set_by_hand_is_not_overwritten_by_a_compute_that_began_before() {
    let cache = memory_cache();
    let (finish, waiting) = begun(&cache).await;
    cache.set(&kpis("ws1"), &json!("by hand")).await.unwrap();
    finish.send(()).unwrap();
    waiting.await.unwrap();
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap().as_deref(), Some(&json!("by hand")));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_is_newer_than_the_compute_it_overtakes() {
    let cache = memory_cache();
    let (finish, waiting) = begun(&cache).await;
    let compute = Counted::default();
    let refreshed =
        cache.get_or_compute_with(&kpis("ws1"), Lookup::Refresh, || compute.call()).await;
    assert_eq!(refreshed.unwrap(), nth(1));
    finish.send(()).unwrap();
    waiting.await.unwrap();
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), Some(nth(1)));
}

/// The in-process store with a door in one of its methods, so that a test can do something meanwhile.
struct Doored {
    store: MemoryStore,
    door: Arc<Door>,
}

struct Door {
    /// Whether it is in `get`, behind the look, or in `set`, before the value is in.
    in_get: bool,
    /// Only the first who comes stands at it.
    passed: AtomicBool,
    arrived: Notify,
    open: Notify,
}

impl Door {
    async fn pass(&self, in_get: bool) {
        if self.in_get == in_get && !self.passed.swap(true, Ordering::SeqCst) {
            self.arrived.notify_one();
            self.open.notified().await;
        }
    }
}

fn cache_with_door(in_get: bool) -> (CacheService, Arc<Door>) {
    let (arrived, open) = (Notify::new(), Notify::new());
    let door = Arc::new(Door { in_get, passed: AtomicBool::new(false), arrived, open });
    let store = Doored { store: MemoryStore::default(), door: door.clone() };
    (CacheService::new(schema(), store), door)
}

impl Store for Doored {
    fn kind(&self) -> &'static str {
        "doored"
    }
    fn sharers(&self) -> &Sharers {
        self.store.sharers()
    }
    fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.door.pass(false).await;
            self.store.set(record).await
        })
    }
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(async move {
            let found = self.store.get(key).await;
            self.door.pass(true).await;
            found
        })
    }
    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        self.store.delete(keys)
    }
    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        self.store.exists(key)
    }
    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>> {
        self.store.ttl(key)
    }
    fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>> {
        self.store.get_many(keys)
    }
    fn lease<'a>(
        &'a self,
        key: &'a str,
        token: &'a LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> StoreFuture<'a, Leased> {
        self.store.lease(key, token, time, what)
    }
    fn set_leased<'a>(
        &'a self,
        record: Record<'a>,
        token: &'a LeaseToken,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            self.door.pass(false).await;
            self.store.set_leased(record, token).await
        })
    }
    fn release<'a>(&'a self, key: &'a str, token: &'a LeaseToken) -> StoreFuture<'a, ()> {
        self.store.release(key, token)
    }
    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
        self.store.delete_if(key, value)
    }
    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        self.store.delete_matching(patterns, tags)
    }
    fn changes(&self, prefixes: &[&str]) -> Option<UnboundedReceiver<Change>> {
        self.store.changes(prefixes)
    }
    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, cursor: u64) -> StoreFuture<'a, ScanPage> {
        self.store.scan(pattern, cursor)
    }
    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Inspection> {
        self.store.inspect(keys)
    }
    fn stats(&self) -> StoreFuture<'_, StoreStats> {
        self.store.stats()
    }
    fn ping(&self) -> StoreFuture<'_, ()> {
        self.store.ping()
    }
}

#[tokio::test(start_paused = true)]
async fn an_invalidation_waits_for_nobody_and_nothing_is_stored_behind_it() {
    let (cache, door) = cache_with_door(false);
    let asking = tokio::spawn({
        let cache = cache.clone();
        async move { cache.get_or_compute(&kpis("ws1"), || Counted::default().call()).await }
    });
    door.arrived.notified().await;
    cache.invalidate_workspace("ws1").await.unwrap();
    door.open.notify_one();
    assert_eq!(asking.await.unwrap().unwrap(), nth(1));
    assert!(!cache.exists(kpis("ws1")).await.unwrap());
    let compute = Counted::default();
    let again = compute.clone();
    cache.get_or_compute(&kpis("ws1"), || again.call()).await.unwrap();
    assert_eq!(compute.calls(), 1, "it is held nowhere");
}

#[tokio::test(start_paused = true)]
async fn a_caller_whose_miss_is_out_of_date_finds_what_another_stored_meanwhile() {
    let (cache, door) = cache_with_door(true);
    let compute = Counted::default();
    let slow = tokio::spawn({
        let (cache, compute) = (cache.clone(), compute.clone());
        async move {
            cache.get_or_compute_json(&kpis("ws1"), Lookup::Use, || compute.call()).await.unwrap()
        }
    });
    door.arrived.notified().await;
    let quick = compute.clone();
    cache.get_or_compute(&kpis("ws1"), || quick.call()).await.unwrap();
    door.open.notify_one();
    assert_eq!(slow.await.unwrap().source, Source::Hit);
    assert_eq!(compute.calls(), 1);
    let stats = cache.get_cache_stats().await;
    assert_eq!((stats.hits, stats.misses, stats.computes), (1, 1, 1));
}
