//! Carries out what is queued: tries, waits, tries again, until the queue is empty.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::Recovery;
use crate::server::store::{CircuitState, Store, StoreError, StoreErrorKind};

/// Keys per call.
const KEYS_AT_ONCE: usize = 500;

/// Between a failure and the next try. Doubles, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// When trying again helps only after somebody has changed something.
const PAUSE_WHEN_DENIED: Duration = Duration::from_secs(5);

/// Sees to it that a worker runs.
pub(super) fn start<S: Store>(
    store: &Arc<S>,
    recovery: &Recovery,
    circuit: Option<watch::Receiver<CircuitState>>,
) {
    // Outside of a runtime, as when one shuts down, the next removal that fails starts it.
    let Ok(runtime) = Handle::try_current() else { return };
    if recovery.begin_work() {
        let at_work = AtWork { recovery: recovery.clone(), rests: false };
        runtime.spawn(work(Arc::downgrade(store), at_work, circuit));
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

async fn work<S: Store>(
    store: Weak<S>,
    mut at_work: AtWork,
    mut circuit: Option<watch::Receiver<CircuitState>>,
) {
    let recovery = at_work.recovery.clone();
    let mut pause = FIRST_PAUSE;
    let mut longest = LONGEST_PAUSE;
    loop {
        match &mut circuit {
            // Nothing passes now; the breaker finds out when.
            Some(circuit) if *circuit.borrow() != CircuitState::Closed => {
                let closed = circuit.wait_for(|state| *state == CircuitState::Closed);
                if closed.await.is_err() {
                    return;
                }
                pause = FIRST_PAUSE;
            }
            _ => {
                sleep(pause).await;
                pause = (pause * 2).min(longest);
            }
        }
        let Some(store) = store.upgrade() else {
            tracing::warn!(
                pending = recovery.pending(),
                "the cache ends with removals not carried out"
            );
            return;
        };
        match carry_out(&*store, &recovery).await {
            Ok(()) if recovery.rest_if_empty() => {
                at_work.rests = true;
                return;
            }
            Ok(()) => pause = FIRST_PAUSE,
            Err(error) => {
                let denied = error.kind() == StoreErrorKind::Denied;
                longest = if denied { PAUSE_WHEN_DENIED } else { LONGEST_PAUSE };
                pause = if denied { longest } else { pause.min(longest) };
            }
        }
    }
}

async fn carry_out<S: Store>(store: &S, recovery: &Recovery) -> Result<(), StoreError> {
    let batch = recovery.change(|queue| queue.batch(Instant::now()));
    for numbered in batch.keys.chunks(KEYS_AT_ONCE) {
        let keys: Vec<_> = numbered.iter().map(|(key, _)| key.as_str()).collect();
        store.delete(&keys).await?;
        recovery.change(|queue| queue.done(numbered, []));
        recovery.tell(keys.into_iter().map(str::to_owned).collect());
    }
    if !batch.patterns.is_empty() {
        let patterns: Vec<_> = batch.patterns.iter().map(|(pattern, _)| pattern.clone()).collect();
        // By walking over the keys, not by the index: what was written during the outage, and by whom, is
        // not known.
        store.delete_matching(&patterns, &[]).await?;
        recovery.change(|queue| queue.done(&[], &batch.patterns));
        recovery.tell(patterns.iter().map(ToString::to_string).collect());
    }
    Ok(())
}
