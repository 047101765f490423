//! What a compute can say about its own answer while it runs.

use std::cell::Cell;
use std::time::Duration;

tokio::task_local! {
    static COMPUTING: Cell<Said>;
}

/// What a compute has said of its answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Said {
    /// How long its value lives.
    pub(crate) lives: Option<Duration>,
    /// How long its error answers.
    pub(crate) fails: Option<Duration>,
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
    say(|said| said.lives = Some(ttl))
}

/// Says, from within a compute, for how long its error answers if it fails: so long, all who ask this process get the same
/// error, and nobody computes again. Otherwise as [`live_for`]; what `cache_err` of `#[cached]` does.
pub fn fail_for(time: Duration) -> bool {
    say(|said| said.fails = Some(time))
}

fn say(word: impl FnOnce(&mut Said)) -> bool {
    let heard = COMPUTING.try_with(|cell| {
        let mut said = cell.get();
        word(&mut said);
        cell.set(said);
    });
    heard.is_ok()
}

/// Runs a compute; what it said with [`live_for`] and [`fail_for`] comes beside its answer.
pub(crate) async fn computing<T>(compute: impl Future<Output = T>) -> (T, Said) {
    let run = async {
        let answer = compute.await;
        (answer, COMPUTING.with(Cell::get))
    };
    COMPUTING.scope(Cell::default(), run).await
}

/// Whether the caller is itself a compute.
pub(crate) fn is_computing() -> bool {
    COMPUTING.try_with(|_| ()).is_ok()
}
