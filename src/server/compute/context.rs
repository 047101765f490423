//! What a compute can say about its own answer while it runs.

use std::cell::Cell;
use std::time::Duration;

tokio::task_local! {
    static COMPUTING: Cell<Option<Duration>>;
}

/// Says, from within a compute, how long its answer lives, instead of what its family says. Zero: do not keep it.
/// The last word counts. Returns whether a compute was there to hear it: called elsewhere, or in a task that the
/// compute spawned, it does nothing.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # use samekey::schema::{Key, Schema, TypedKey};
/// # use samekey::server::{CacheError, CacheService, MemoryStore};
/// # use std::time::Duration;
/// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
/// # let cache = CacheService::new(&schema, MemoryStore::default());
/// # let key: TypedKey<u64> = TypedKey::new(Key::new(["exec", "runs", "ws123"])?, "runs", Duration::from_secs(60));
/// cache.get_or_compute(&key, || async {
///     let (runs, complete) = (42, false); // the day is not over
///     if !complete {
///         samekey::server::live_for(Duration::from_secs(5));
///     }
///     Ok::<_, CacheError>(runs)
/// }).await?;
/// assert!(cache.ttl(&key).await?.unwrap() <= Duration::from_secs(5));
/// # Ok::<(), CacheError>(())
/// # }).unwrap();
/// ```
pub fn live_for(ttl: Duration) -> bool {
    COMPUTING.try_with(|said| said.set(Some(ttl))).is_ok()
}

/// Runs a compute; what it said with [`live_for`] comes beside its answer.
pub(crate) async fn computing<T>(compute: impl Future<Output = T>) -> (T, Option<Duration>) {
    let run = async {
        let answer = compute.await;
        (answer, COMPUTING.with(Cell::get))
    };
    COMPUTING.scope(Cell::new(None), run).await
}

/// Whether the caller is itself a compute.
pub(crate) fn is_computing() -> bool {
    COMPUTING.try_with(|_| ()).is_ok()
}
