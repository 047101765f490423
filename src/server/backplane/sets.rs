//! What this node was given to store, on its way to those who show what was there before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::Reason;
use super::gathered::Gathered;
use super::speaker::Speaker;
use crate::schema::Pattern;

/// Gathers the keys that are set, and tells of them.
pub(super) struct Sets {
    speaker: Arc<Speaker>,
    /// Held while something is told: who waits for all of it waits for that, too.
    telling: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    gathered: Gathered,
    /// Patterns that are being told.
    leaving: usize,
    /// Whether a task will tell of what is gathered.
    attended: bool,
}

impl Sets {
    pub(super) fn new(speaker: Arc<Speaker>) -> Arc<Self> {
        Arc::new(Self { speaker, telling: tokio::sync::Mutex::default(), state: Mutex::default() })
    }

    /// One that comes alone is in the log when this returns, as a deletion is. One that comes in the moment after another
    /// waits for nobody, and is told with those that come with it: a loader that stores one after the other would else have
    /// to wait for the log each time.
    pub(super) async fn add(self: &Arc<Self>, family: &str, key: &str) {
        let now = Instant::now();
        let is_alone = {
            let mut state = self.lock();
            state.gathered.add(family, key);
            if std::mem::replace(&mut state.attended, true) {
                return;
            }
            state.gathered.due(now).is_none_or(|due| due <= now)
        };
        let Ok(runtime) = Handle::try_current() else { return self.tell_all(None).await };
        let (tell, told) = oneshot::channel();
        // In a task of its own: a caller who goes away must not take the notice along.
        let sets = self.clone();
        runtime.spawn(async move { sets.tell_all(Some(tell)).await });
        if is_alone {
            // Fails when the runtime ends.
            let _ = told.await;
        }
    }

    /// Tells of what is gathered, and of what is gathered meanwhile, each when it is due.
    async fn tell_all(&self, mut first: Option<oneshot::Sender<()>>) {
        while let Some(due) = self.next_due() {
            sleep_until(due).await;
            self.tell(Gathered::take_due).await;
            if let Some(first) = first.take() {
                // Nobody may wait for it.
                let _ = first.send(());
            }
        }
    }

    fn next_due(&self) -> Option<Instant> {
        let mut state = self.lock();
        let due = state.gathered.due(Instant::now());
        state.attended = due.is_some();
        due
    }

    /// Tells of what is gathered without waiting for its time.
    pub(super) async fn tell_now(&self) {
        self.tell(Gathered::take_all).await;
    }

    async fn tell(&self, take: fn(&mut Gathered, Instant) -> Vec<Pattern>) {
        let _telling = self.telling.lock().await;
        let patterns = {
            let mut state = self.lock();
            let patterns = take(&mut state.gathered, Instant::now());
            state.leaving = patterns.len();
            patterns
        };
        self.speaker.announce(patterns, Reason::Set, Vec::new()).await;
        self.lock().leaving = 0;
    }

    /// How many patterns the log has yet to be told.
    pub(super) fn untold(&self) -> u64 {
        let state = self.lock();
        (state.gathered.len() + state.leaving) as u64
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
