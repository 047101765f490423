//! A removal on its way through the store, and what becomes of it when it fails there.

use tokio::time::Instant;

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

impl<S: Store> Removal<'_, S> {
    pub(super) fn end<T>(mut self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        self.ended = true;
        match &answer {
            Ok(_) => match self.what {
                What::Key(key) => self.store.recovery.forget(&[key], self.number),
                What::Keys(keys) => self.store.recovery.forget(keys, self.number),
                // Of a pattern that is queued as well, the older asks for no more than the newer did.
                What::Patterns(_) => {}
            },
            Err(_) => self.queue(&[]),
        }
        answer
    }

    /// How it ended on each of `shards`.
    pub(super) fn end_on(
        mut self,
        shards: &[Shard],
        removals: Vec<Result<u64, StoreError>>,
    ) -> Result<u64, StoreError> {
        self.ended = true;
        let done = shards.iter().zip(&removals).filter(|(_, removal)| removal.is_ok());
        let done: Vec<_> = done.map(|(shard, _)| shard.clone()).collect();
        let sum: Result<u64, StoreError> = removals.into_iter().sum();
        sum.map_err(|error| {
            self.queue(&done);
            if done.is_empty() { error } else { error.in_part() }
        })
    }

    /// To be carried out everywhere but on `done_on`.
    fn queue(&self, done_on: &[Shard]) {
        let now = Instant::now();
        self.store.recovery.change(|queue| match self.what {
            What::Key(key) => queue.add_key(key, now),
            What::Keys(keys) => keys.iter().for_each(|key| queue.add_key(key, now)),
            What::Patterns(patterns) => {
                patterns.iter().for_each(|pattern| queue.add_pattern(pattern, done_on, now));
            }
        });
        worker::start(&self.store.store, &self.store.recovery, self.store.breaker.clone());
    }
}

impl<S: Store> Drop for Removal<'_, S> {
    fn drop(&mut self) {
        if !self.ended {
            self.queue(&[]);
        }
    }
}

/// What a caller is told of a removal that was put into the queue.
pub(super) fn queued(cause: StoreError) -> StoreError {
    let detail = format!("carried out when the store is back; now: {cause}");
    let queued = StoreError::new(StoreErrorKind::Queued, detail);
    if cause.is_in_part() { queued.in_part() } else { queued }
}
