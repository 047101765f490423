//! The queue, kept in a file as well.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use tokio::time::Instant;

use super::Recovery;
use super::file::{Opened, Owed, Owing, RecoveryFile, RecoveryFileError};
use super::pending::{State, lock};
use super::queue::Queue;
use crate::schema::Pattern;

/// What the recovery file knows a removal by; none where there is no file.
pub(super) type Noted = Option<u64>;

impl Recovery {
    /// Puts something into the queue, and into the file: `owed` says what.
    pub(super) fn owe(
        &self,
        add: impl FnOnce(&mut Queue),
        owed: impl FnOnce() -> Vec<Owed>,
    ) -> Noted {
        self.change(|queue| {
            add(queue);
            self.shared.file.get().map(|file| file.note(owed()))
        })
    }

    /// Waits until it is on the disk, not for long. Else says why it is not.
    pub(super) async fn saved(&self, noted: Noted) -> Result<(), Arc<str>> {
        match (self.shared.file.get(), noted) {
            (Some(file), Some(number)) => file.saved(number).await,
            _ => Ok(()),
        }
    }

    /// Waits until all of it is on the disk, as far as it can be, not for long.
    pub(in crate::server) async fn all_saved(&self) {
        if let Some(file) = self.shared.file.get() {
            // Logged where it fails; whoever asked for a removal was told.
            let _ = file.saved(file.noted()).await;
        }
    }

    /// From here on what is queued is kept in the file too, beginning with what is queued now.
    pub(super) fn keep_in(&self, file: Opened) -> Result<(), RecoveryFileError> {
        let file = file.begin(QueueOf(Arc::downgrade(&self.shared)))?;
        // There is one already: the other ends.
        let _ = self.shared.file.set(file);
        Ok(())
    }

    pub(super) fn set_restored(&self, patterns: Vec<Pattern>) {
        *lock(&self.shared.restored) = patterns;
    }

    /// What an earlier process left to be done, once.
    pub(in crate::server) fn take_restored(&self) -> Vec<Pattern> {
        std::mem::take(&mut lock(&self.shared.restored))
    }
}

/// The queue for the thread that writes it down. Does not keep it alive.
struct QueueOf(Weak<State>);

impl Owing for QueueOf {
    fn count(&self) -> usize {
        self.0.upgrade().map_or(0, |state| state.pending.load(Ordering::Acquire))
    }

    fn all(&self) -> Option<(Vec<Owed>, u64)> {
        let state = self.0.upgrade()?;
        // Nothing is noted while the queue is locked.
        let queue = lock(&state.queue);
        let owed = queue.owed(Instant::now()).map(|(of, age)| Owed::new(of, age)).collect();
        Some((owed, state.file.get().map_or(0, RecoveryFile::noted)))
    }
}
