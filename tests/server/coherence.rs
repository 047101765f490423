//! Nobody is given for fresh what this process has reason to know is not.

use std::sync::Arc;
use std::time::Duration;

use samekey::server::{
    CacheService, Chaos, ChaosStore, L1Config, Lookup, MemoryStore, Operation, Policy, Source,
    Store, StoreErrorKind,
};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::fixture::{Counted, MEDIUM, kpis, memory_cache, nth, schema};
use crate::process::Process;

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_was_lost_leaves_no_older_copy_here() {
    let (store, chaos) = ChaosStore::new(MemoryStore::default());
    let cache = CacheService::new(schema(), store);
    let compute = Counted::default();
    let key = kpis("ws1");
    let ask = |lookup| {
        let compute = compute.clone();
        cache.get_or_compute_with(&key, lookup, || compute.call())
    };
    assert_eq!(ask(Lookup::Use).await.unwrap(), nth(1));
    chaos.on([Operation::SetLeased]).lose_answers(StoreErrorKind::Timeout);
    assert_eq!(ask(Lookup::Refresh).await.unwrap(), nth(2));
    chaos.calm();
    // The store has the second, and so has whoever asks it.
    assert_eq!(cache.get(&key).await.unwrap(), Some(nth(2)));
}

/// What is computed and not stored has no lease that an invalidation could void, and is told of it all the same.
#[tokio::test(start_paused = true)]
async fn what_an_invalidation_overtakes_is_fresh_for_nobody_whether_it_was_to_be_stored_or_not() {
    for lookup in [Lookup::Use, Lookup::Skip, Lookup::Refresh] {
        let cache = memory_cache();
        let (began, begun) = oneshot::channel();
        let asking = tokio::spawn({
            let cache = cache.clone();
            async move {
                let compute = || async move {
                    began.send(()).unwrap();
                    Counted::default().call_after(Duration::from_secs(1)).await
                };
                cache.get_or_compute_json(&kpis("ws1"), lookup, compute).await.unwrap()
            }
        });
        begun.await.unwrap();
        cache.invalidate_pattern("exec:kpis:*").await.unwrap();
        assert_eq!(asking.await.unwrap().fresh_for, Duration::ZERO, "{lookup:?}");
    }
}

/// A node, and another one whose way to the store can be spoilt. Neither holds copies.
fn well_and_troubled() -> (CacheService, CacheService, Chaos) {
    let store = Arc::new(MemoryStore::default());
    let (troubled, chaos) = ChaosStore::new(Process::over(&store));
    (without_copies(store), without_copies(troubled), chaos)
}

fn without_copies(store: impl Store) -> CacheService {
    CacheService::builder(schema()).store(store).l1(L1Config::off()).build().unwrap()
}

const LONG: Duration = Duration::from_secs(10);

/// Asks for what takes ten seconds to compute.
fn ask(cache: &CacheService, compute: &Counted) -> JoinHandle<Arc<Value>> {
    let (cache, compute) = (cache.clone(), compute.clone());
    tokio::spawn(async move {
        cache.get_or_compute(&kpis("ws1"), || compute.call_after(LONG)).await.unwrap()
    })
}

/// A compute without a lease is one that no invalidation elsewhere can void. It may be the answer of those who asked before
/// it began, and of those whom the store has no other answer for.
#[tokio::test(start_paused = true)]
async fn what_is_computed_without_a_lease_is_not_for_who_asks_after_an_invalidation_elsewhere() {
    let (well, troubled, chaos) = well_and_troubled();
    let compute = Counted::default();
    chaos.on([Operation::Lease]).fail(StoreErrorKind::Timeout);
    let before = ask(&troubled, &compute);
    sleep(LONG / 2).await;
    chaos.calm();
    well.invalidate_workspace("ws1").await.unwrap();
    let after = ask(&troubled, &compute);
    assert_eq!(before.await.unwrap(), nth(1));
    assert_eq!(after.await.unwrap(), nth(2));
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_stored_is_not_for_who_asks_after_an_invalidation_elsewhere() {
    let (well, troubled, chaos) = well_and_troubled();
    let compute = Counted::default();
    let before = ask(&troubled, &compute);
    sleep(LONG / 2).await;
    well.invalidate_workspace("ws1").await.unwrap();
    chaos.on([Operation::SetLeased]).fail(StoreErrorKind::Timeout);
    let after = ask(&troubled, &compute);
    assert_eq!(before.await.unwrap(), nth(1));
    chaos.calm();
    assert_eq!(after.await.unwrap(), nth(2));
}

/// While the store is away there is one compute for all who ask, whenever they come.
#[tokio::test(start_paused = true)]
async fn who_gets_no_answer_from_the_store_shares_a_compute_that_has_begun() {
    let (_well, troubled, chaos) = well_and_troubled();
    let compute = Counted::default();
    chaos.on(Operation::ALL).fail(StoreErrorKind::Timeout);
    let before = ask(&troubled, &compute);
    sleep(LONG / 2).await;
    let after = ask(&troubled, &compute);
    assert_eq!((before.await.unwrap(), after.await.unwrap()), (nth(1), nth(1)));
}

/// A lease that could not be voided lets a compute store what the invalidation has overtaken, until the removal is carried
/// out. It is removed then from the store; it must not have got into the process.
#[tokio::test(start_paused = true)]
async fn a_compute_that_a_queued_invalidation_has_overtaken_leaves_nothing_here() {
    let (store, chaos) = ChaosStore::new(MemoryStore::default());
    let policy = Policy::default().stale(MEDIUM).lease(MEDIUM);
    let cache = CacheService::builder(schema()).store(store).policy(policy).build().unwrap();
    let compute = Counted::default();
    let before = ask(&cache, &compute);
    sleep(LONG / 2).await;
    chaos.on([Operation::DeleteMatching]).fail(StoreErrorKind::Full);
    let queued = cache.invalidate_workspace("ws1").await.unwrap_err();
    assert_eq!(queued.code(), "E_STORE_QUEUED");
    assert_eq!(before.await.unwrap(), nth(1));
    chaos.calm();
    cache.recovery().settled().await;
    let after = cache.get_or_compute_json(&kpis("ws1"), Lookup::Use, || compute.call()).await;
    assert_eq!(after.unwrap().source, Source::Miss);
}

/// The same of one whose place among the computes under way a refresh has taken, which found no lease.
#[tokio::test(start_paused = true)]
async fn nor_does_one_that_a_refresh_has_taken_the_place_of() {
    let (store, chaos) = ChaosStore::new(MemoryStore::default());
    let policy = Policy::default().lease(MEDIUM);
    let cache = CacheService::builder(schema()).store(store).policy(policy).build().unwrap();
    let compute = Counted::default();
    let before = ask(&cache, &compute);
    sleep(LONG / 2).await;
    chaos.on([Operation::Lease]).fail(StoreErrorKind::Full);
    let again = compute.clone();
    let refresh = || again.call();
    cache.get_or_compute_with(&kpis("ws1"), Lookup::Refresh, refresh).await.unwrap();
    chaos.calm();
    chaos.on([Operation::DeleteMatching]).fail(StoreErrorKind::Full);
    cache.invalidate_workspace("ws1").await.unwrap_err();
    assert_eq!(before.await.unwrap(), nth(1));
    chaos.calm();
    cache.recovery().settled().await;
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), None);
}
