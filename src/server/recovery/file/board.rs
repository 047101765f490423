//! What the calls tell the thread that writes, and what it tells them.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::line::Owed;

/// Between two tries at a disk that refuses.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// What a caller waits for a disk. It is told then that its removal is not on it; the thread goes on trying.
const PATIENCE: Duration = Duration::from_secs(3);

/// Between the calls and the thread.
#[derive(Debug)]
pub(super) struct Board {
    notes: Mutex<Notes>,
    stirred: Condvar,
    progress: watch::Sender<Progress>,
}

#[derive(Debug, Default)]
struct Notes {
    /// To be written, in this order.
    owed: Vec<Owed>,
    /// How many were ever put here; those after the last that was written are not on the disk.
    count: u64,
    /// Whether the thread is to look at the queue again.
    look: bool,
    closed: bool,
}

/// How far the thread has come, in notes.
#[derive(Clone, Debug, Default)]
struct Progress {
    tried: u64,
    saved: u64,
    error: Option<Arc<str>>,
}

/// What is to be written in one go.
pub(super) struct Batch {
    pub(super) owed: Vec<Owed>,
    /// The number of the last.
    pub(super) upto: u64,
}

impl Board {
    pub(super) fn new() -> Self {
        Self {
            notes: Mutex::default(),
            stirred: Condvar::new(),
            progress: watch::Sender::new(Progress::default()),
        }
    }

    /// Says what has to be written; the number by which [`Board::saved`] knows it.
    pub(super) fn note(&self, owed: impl IntoIterator<Item = Owed>) -> u64 {
        let mut notes = self.notes();
        let before = notes.owed.len();
        notes.owed.extend(owed);
        notes.count += (notes.owed.len() - before) as u64;
        self.stirred.notify_one();
        notes.count
    }

    pub(super) fn count(&self) -> u64 {
        self.notes().count
    }

    /// Has the thread look at the queue: something was taken off it.
    pub(super) fn look(&self) {
        self.notes().look = true;
        self.stirred.notify_one();
    }

    /// The thread writes what it has, and ends.
    pub(super) fn close(&self) {
        self.notes().closed = true;
        self.stirred.notify_one();
    }

    /// How many notes are not on the disk.
    pub(super) fn unsaved(&self) -> u64 {
        self.count().saturating_sub(self.progress.borrow().saved)
    }

    /// Waits until the note of this number is on the disk. Else says why it is not.
    pub(super) async fn saved(&self, number: u64) -> Result<(), Arc<str>> {
        let mut progress = self.progress.subscribe();
        let done = progress.wait_for(|it| it.saved >= number || it.tried >= number);
        match tokio::time::timeout(PATIENCE, done).await {
            Ok(Ok(progress)) if progress.saved >= number => Ok(()),
            Ok(Ok(progress)) => Err(progress.error.clone().unwrap_or_else(|| "not written".into())),
            Ok(Err(_)) => Err("the service has ended".into()),
            Err(_) => Err(format!("the disk has not answered for {PATIENCE:?}").into()),
        }
    }

    /// The thread's: waits for something to do; `None` when there will be nothing any more. After a failure there is
    /// something to do soon.
    pub(super) fn next(&self, failed: bool) -> Option<Batch> {
        let mut notes = self.notes();
        let idle = |notes: &mut Notes| notes.owed.is_empty() && !notes.look && !notes.closed;
        notes = if failed {
            let waited = self.stirred.wait_timeout_while(notes, TRY_AGAIN, idle);
            waited.unwrap_or_else(PoisonError::into_inner).0
        } else {
            self.stirred.wait_while(notes, idle).unwrap_or_else(PoisonError::into_inner)
        };
        if notes.closed && notes.owed.is_empty() {
            return None;
        }
        notes.look = false;
        Some(Batch { owed: std::mem::take(&mut notes.owed), upto: notes.count })
    }

    /// The thread's: what came of a try.
    pub(super) fn tell(&self, tried: u64, saved: Option<u64>, error: Option<Arc<str>>) {
        self.progress.send_modify(|progress| {
            progress.tried = progress.tried.max(tried);
            progress.saved = progress.saved.max(saved.unwrap_or(0));
            progress.error = error;
        });
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        // Nothing panics under the lock.
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
