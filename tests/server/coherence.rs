//! Nobody is given for fresh what this process has reason to know is not.

use std::time::Duration;

use samekey::server::{CacheService, ChaosStore, Lookup, MemoryStore, Operation, StoreErrorKind};
use tokio::sync::oneshot;

use crate::fixture::{Counted, kpis, memory_cache, nth, schema};

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
