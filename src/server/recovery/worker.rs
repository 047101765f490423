//! Carries out what is queued: tries, waits, tries again, until the queue is empty. Waits for those servers only
//! that are away.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::sleep;

use super::Recovery;
use super::round::{Round, Tried};
use crate::server::store::{Breaker, Shard, Store, StoreErrorKind};

/// Between a failure and the next try. Doubles, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// When trying again helps only after somebody has changed something.
const PAUSE_WHEN_DENIED: Duration = Duration::from_secs(5);

/// Sees to it that a worker runs.
pub(super) fn start<S: Store>(store: &Arc<S>, recovery: &Recovery, breaker: Option<Breaker>) {
    // Outside of a runtime, as when one shuts down, the next removal that fails starts it.
    let Ok(runtime) = Handle::try_current() else { return };
    if recovery.begin_work() {
        let at_work = AtWork { recovery: recovery.clone(), rests: false };
        runtime.spawn(work(Arc::downgrade(store), at_work, breaker));
    }
}

/// Ends the work also when the runtime ends it.
struct AtWork {
    recovery: Recovery,
    /// It has said so already, and another may be at work by now.
    rests: bool,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        if !self.rests {
            self.recovery.end_work();
        }
    }
}

async fn work<S: Store>(store: Weak<S>, mut at_work: AtWork, breaker: Option<Breaker>) {
    let recovery = at_work.recovery.clone();
    let mut closings = breaker.as_ref().map(Breaker::closings);
    let mut pause = FIRST_PAUSE;
    loop {
        // A server that answers again is not kept waiting.
        tokio::select! {
            () = sleep(pause) => {}
            () = closing(&mut closings) => pause = FIRST_PAUSE,
        }
        let Some(store) = store.upgrade() else {
            tracing::warn!(
                pending = recovery.pending(),
                "the cache ends with removals not carried out"
            );
            return;
        };
        let passes = |shard: Option<&Shard>| breaker.as_ref().is_none_or(|it| it.passes(shard));
        let tried = Round::new(&*store, &recovery, &passes).carry_out().await;
        if recovery.rest_if_empty() {
            at_work.rests = true;
            return;
        }
        pause = match tried {
            Tried { failure: Some(StoreErrorKind::Denied), .. } => PAUSE_WHEN_DENIED,
            Tried { failure: Some(_), .. } => (pause * 2).min(LONGEST_PAUSE),
            // For those that are away it is the breaker that finds out.
            Tried { failure: None, blocked: true } => LONGEST_PAUSE,
            Tried { failure: None, blocked: false } => FIRST_PAUSE,
        };
    }
}

async fn closing(closings: &mut Option<watch::Receiver<u64>>) {
    // The sender lives in the breaker, which is held beside this.
    match closings {
        Some(closings) => drop(closings.changed().await),
        None => std::future::pending().await,
    }
}
