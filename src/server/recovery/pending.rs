//! The queue in use: shared by the calls, the worker and those who watch.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use super::config::RecoveryConfig;
use super::file::RecoveryFile;
use super::queue::Queue;
use crate::schema::Pattern;
use crate::server::store::Store;

/// A view of a [`RecoveryStore`](super::RecoveryStore)'s queue, for those who report or wait. Cheap to clone.
#[derive(Clone)]
pub struct Recovery {
    pub(super) shared: Arc<State>,
}

pub(super) struct State {
    /// For where a key is. Not to keep it alive.
    store: Weak<dyn Store>,
    pub(super) queue: Mutex<Queue>,
    /// Mirrors the queue's length, so that reads normally take no lock.
    pub(super) pending: AtomicUsize,
    counts: Mutex<Counts>,
    listeners: Mutex<Vec<UnboundedSender<Vec<String>>>>,
    /// Where the queue is kept beside this.
    pub(super) file: OnceLock<RecoveryFile>,
    /// What an earlier process left to be done, for who tells of it.
    pub(super) restored: Mutex<Vec<Pattern>>,
    /// Whether a worker runs. Changed under the queue's lock, so that none goes to rest while something is
    /// being queued.
    working: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Counts {
    carried_out: u64,
}

/// How a queue of removals stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecoveryStatus {
    /// Keys whose removal is still to be carried out.
    pub pending_keys: usize,
    /// The same of patterns.
    pub pending_patterns: usize,
    /// Removals that were carried out late.
    pub carried_out: u64,
    /// Removals that were given up because nothing that they mean can still be there.
    pub expired: u64,
    /// Removals that were too many and were taken together with others of their family.
    pub widened: u64,
    /// Removals that are lost if this process dies now: those that are not on the disk yet, or cannot be written there. All
    /// that are pending where there is no recovery file.
    pub unsaved: usize,
}

impl Recovery {
    pub(super) fn new(config: &RecoveryConfig, store: Weak<dyn Store>) -> Self {
        let queue = Queue::new(config.most_keys, config.most_patterns, config.horizon);
        let shared = State {
            store,
            queue: Mutex::new(queue),
            pending: AtomicUsize::new(0),
            counts: Mutex::default(),
            listeners: Mutex::default(),
            file: OnceLock::new(),
            restored: Mutex::default(),
            working: watch::Sender::new(false),
        };
        Self { shared: Arc::new(shared) }
    }

    /// How many removals are still to be carried out.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.shared.pending.load(Ordering::Acquire)
    }

    /// How the queue stands.
    #[must_use]
    pub fn status(&self) -> RecoveryStatus {
        let queue = self.queue();
        RecoveryStatus {
            pending_keys: queue.keys(),
            pending_patterns: queue.patterns(),
            carried_out: lock(&self.shared.counts).carried_out,
            expired: queue.expired(),
            widened: queue.widened(),
            unsaved: match self.shared.file.get() {
                // More than one note may be about one removal.
                Some(file) => {
                    queue.len().min(usize::try_from(file.unsaved()).unwrap_or(usize::MAX))
                }
                None => queue.len(),
            },
        }
    }

    /// Tells the keys and patterns of removals that are carried out late, each when it is done.
    #[must_use]
    pub fn recovered(&self) -> UnboundedReceiver<Vec<String>> {
        let (sender, receiver) = unbounded_channel();
        lock(&self.shared.listeners).push(sender);
        receiver
    }

    /// Waits until nothing is left to be carried out.
    pub async fn settled(&self) {
        let mut working = self.shared.working.subscribe();
        while self.pending() > 0 {
            // The sender lives as long as `self`.
            let _ = working.changed().await;
        }
    }

    /// Whether what the store holds under `key` may be believed.
    #[must_use]
    pub fn trusts(&self, key: &str) -> bool {
        if self.pending() == 0 {
            return true;
        }
        let store = self.shared.store.upgrade();
        let servers = store.as_ref().and_then(|store| store.sharded());
        // In this order: a move that is known between the two counts.
        !self.queue().distrusts(key, |key| Some((servers?.shard_of(key)?, servers?.moves())))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        lock(&self.shared.queue)
    }

    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Queue) -> R) -> R {
        let mut queue = self.queue();
        let result = change(&mut queue);
        self.shared.pending.store(queue.len(), Ordering::Release);
        if queue.len() == 0
            && let Some(file) = self.shared.file.get()
        {
            file.look();
        }
        result
    }

    /// The number of the newest item; 0, which is nobody's, while there is none.
    pub(super) fn number(&self) -> u64 {
        if self.pending() == 0 { 0 } else { self.queue().number() }
    }

    /// `keys` were overwritten or removed by a call that began at `number`.
    pub(super) fn forget(&self, keys: &[&str], number: u64) {
        if self.pending() > 0 {
            self.change(|queue| keys.iter().for_each(|key| queue.forget(key, number)));
        }
    }

    /// Whether whoever asks is to be the worker.
    pub(super) fn begin_work(&self) -> bool {
        let _queue = self.queue();
        !self.shared.working.send_replace(true)
    }

    /// Whether the worker is done.
    pub(super) fn rest_if_empty(&self) -> bool {
        let queue = self.queue();
        let empty = queue.len() == 0;
        if empty {
            self.shared.working.send_replace(false);
        }
        empty
    }

    pub(super) fn end_work(&self) {
        let _queue = self.queue();
        self.shared.working.send_replace(false);
    }

    pub(super) fn tell(&self, recovered: Vec<String>) {
        lock(&self.shared.counts).carried_out += recovered.len() as u64;
        lock(&self.shared.listeners).retain(|listener| listener.send(recovered.clone()).is_ok());
    }
}

/// Nothing panics under these locks.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recovery").field("status", &self.status()).finish()
    }
}
