//! Filling keys however often the store goes away meanwhile.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::millis;
use super::task::Task;
use crate::server::{CacheError, CacheService, Lookup};

/// While the store is down it is asked this often whether it is back.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// What became of one key.
#[derive(Clone)]
pub(super) enum Filled {
    Present,
    Warmed,
    NotStored,
    Failed(CacheError),
}

/// The store's absences. All who meet one wait for its end together.
#[derive(Default)]
pub(super) struct Outage {
    /// Held by the one that asks whether the store is back.
    asking: Mutex<()>,
    pub(super) pauses: AtomicUsize,
    pub(super) paused_ms: AtomicU64,
}

/// The keys of a task on their way.
struct Pending {
    /// By place.
    filled: Vec<Option<Filled>>,
    /// Those of which nothing is known yet.
    open: Vec<usize>,
    /// Whether some were found gone once after they had been computed.
    lost: bool,
}

impl Pending {
    fn is(&mut self, place: usize, filled: Filled) {
        self.filled[place] = Some(filled);
        self.open.retain(|open| *open != place);
    }
}

impl Outage {
    /// Fills the keys of one task; what became of each.
    pub(super) async fn outlast(
        &self,
        cache: &CacheService,
        lookup: Lookup,
        task: &Task,
    ) -> Vec<Filled> {
        let open = (0..task.len()).collect();
        let mut pending = Pending { filled: vec![None; task.len()], open, lost: false };
        loop {
            match Self::attempt(cache, lookup, task, &mut pending).await {
                Ok(()) if pending.open.is_empty() => break,
                Ok(()) => {}
                Err(CacheError::Store(_)) => self.wait(cache).await,
                Err(error) => {
                    for place in std::mem::take(&mut pending.open) {
                        pending.filled[place] = Some(Filled::Failed(error.clone()));
                    }
                    break;
                }
            }
        }
        // None is open any more.
        pending.filled.into_iter().map(|filled| filled.unwrap_or(Filled::NotStored)).collect()
    }

    /// One try with all that are open.
    async fn attempt(
        cache: &CacheService,
        lookup: Lookup,
        task: &Task,
        pending: &mut Pending,
    ) -> Result<(), CacheError> {
        // Before the compute, which the cache would run although its answer cannot be stored; and after it, since the
        // store may have gone in between.
        let asked = pending.open.clone();
        let present = task.present(cache, &asked).await?;
        if lookup == Lookup::Use {
            for (place, _) in asked.into_iter().zip(present).filter(|(_, present)| *present) {
                pending.is(place, Filled::Present);
            }
        }
        if pending.open.is_empty() {
            return Ok(());
        }
        let asked = pending.open.clone();
        let has_value = task.fill(cache.clone(), lookup, asked.clone()).await?;
        let stored = task.present(cache, &asked).await?;
        // One may have gone with a store that was away and came back empty, all between two questions.
        let once_more = !std::mem::replace(&mut pending.lost, true);
        for ((place, has_value), stored) in asked.into_iter().zip(has_value).zip(stored) {
            match (stored, has_value && once_more) {
                (true, _) => pending.is(place, Filled::Warmed),
                (false, true) => {}
                (false, false) => pending.is(place, Filled::NotStored),
            }
        }
        Ok(())
    }

    async fn wait(&self, cache: &CacheService) {
        let _asking = self.asking.lock().await;
        let since = Instant::now();
        let mut away = false;
        while cache.ping().await.is_err() {
            if !std::mem::replace(&mut away, true) {
                self.pauses.fetch_add(1, Relaxed);
                tracing::warn!("filling the cache pauses: the store does not answer");
            }
            sleep(ASK_AGAIN).await;
        }
        if away {
            self.paused_ms.fetch_add(millis(since.elapsed()), Relaxed);
        } else {
            // It answers a ping and not what it was asked for: a moment, or this would spin.
            sleep(ASK_AGAIN).await;
        }
    }
}
