//! A removal on its way through the store, and what becomes of it when it fails there.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::file::{Owed, OwedOf, UNWRITTEN};
use super::kept::Noted;
use super::queue::DoneOn;
use super::{RecoveryStore, worker};
use crate::schema::Pattern;
use crate::server::store::{Shard, Store, StoreError, StoreErrorKind};

/// A removal on its way, or an overwriting. Whatever ends it but success puts it into the queue: also a
/// caller who waits no more.
pub(super) struct Removal<'a, S: Store> {
    pub(super) store: &'a RecoveryStore<S>,
    pub(super) what: What<'a>,
    pub(super) number: u64,
    pub(super) ended: bool,
}

#[derive(Clone, Copy)]
pub(super) enum What<'a> {
    Key(&'a str),
    Keys(&'a [&'a str]),
    Patterns(&'a [Pattern]),
}

impl What<'_> {
    fn owed(&self) -> Vec<Owed> {
        let owed = |of| Owed::new(of, Duration::ZERO);
        let key = |key: &&str| owed(OwedOf::Key((*key).to_owned()));
        match self {
            Self::Key(one) => vec![key(one)],
            Self::Keys(keys) => keys.iter().map(key).collect(),
            Self::Patterns(patterns) => {
                patterns.iter().map(|pattern| owed(OwedOf::Pattern(pattern.clone()))).collect()
            }
        }
    }
}

impl<S: Store> Removal<'_, S> {
    /// What is queued is on the disk before the caller is told so, where there is a file.
    pub(super) async fn end<T>(mut self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        self.ended = true;
        match answer {
            Ok(answer) => {
                match self.what {
                    What::Key(key) => self.store.recovery.forget(&[key], self.number),
                    What::Keys(keys) => self.store.recovery.forget(keys, self.number),
                    // Of a pattern that is queued as well, the older asks for no more than the newer did.
                    What::Patterns(_) => {}
                }
                Ok(answer)
            }
            Err(error) => Err(self.told(error, self.queue(&DoneOn::default())).await),
        }
    }

    /// How it ended on each of `shards`, when keys had moved so often at its beginning.
    pub(super) async fn end_on(
        mut self,
        shards: &[Shard],
        moves: u64,
        removals: Vec<Result<u64, StoreError>>,
    ) -> Result<u64, StoreError> {
        self.ended = true;
        let done = shards.iter().zip(&removals).filter(|(_, removal)| removal.is_ok());
        let done: Vec<_> = done.map(|(shard, _)| shard.clone()).collect();
        let sum: Result<u64, StoreError> = removals.into_iter().sum();
        match sum {
            Ok(sum) => Ok(sum),
            Err(error) => {
                let error = if done.is_empty() { error } else { error.in_part() };
                Err(self.told(error, self.queue(&DoneOn::new(done, moves))).await)
            }
        }
    }

    /// To be carried out everywhere but on `done_on`.
    fn queue(&self, done_on: &DoneOn) -> Noted {
        let now = Instant::now();
        let noted = self.store.recovery.owe(
            |queue| match self.what {
                What::Key(key) => queue.add_key(key, now),
                What::Keys(keys) => keys.iter().for_each(|key| queue.add_key(key, now)),
                What::Patterns(patterns) => {
                    patterns.iter().for_each(|pattern| queue.add_pattern(pattern, done_on, now));
                }
            },
            || self.what.owed(),
        );
        worker::start(&self.store.store, &self.store.recovery, self.store.breaker.clone());
        noted
    }

    /// What the caller is told. Of an overwriting what went wrong, as it is: nobody carries that out later.
    async fn told(&self, cause: StoreError, noted: Noted) -> StoreError {
        let saved = self.store.recovery.saved(noted).await;
        match self.what {
            What::Key(_) => cause,
            What::Keys(_) | What::Patterns(_) => queued(cause, saved.err()),
        }
    }
}

impl<S: Store> Drop for Removal<'_, S> {
    fn drop(&mut self) {
        if !self.ended {
            self.queue(&DoneOn::default());
        }
    }
}

/// What a caller is told of a removal that was put into the queue, and why it is not on the disk if it should be.
fn queued(cause: StoreError, unsaved: Option<Arc<str>>) -> StoreError {
    let unless = unsaved.map_or_else(String::new, |why| {
        format!(", unless this process ends first ({UNWRITTEN}: {why})")
    });
    let detail = format!("carried out when the store is back{unless}; now: {cause}");
    let queued = StoreError::new(StoreErrorKind::Queued, detail);
    if cause.is_in_part() { queued.in_part() } else { queued }
}
