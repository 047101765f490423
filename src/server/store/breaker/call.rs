//! A call that passes a circuit, or does not.

use std::borrow::Cow;
use std::future::ready;
use std::time::Duration;

use tokio::time::Instant;

use super::switch::{Admission, Switch};
use super::{BreakerStore, Operation, Store, StoreError, StoreErrorKind, StoreFuture};

const OPEN: &str = "the store has failed repeatedly and is not asked until it answers a probe";

pub(super) fn refused() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, OPEN)
}

impl<S: Store> BreakerStore<S> {
    /// A call about the store as a whole.
    pub(super) fn pass<'a, T: Send + 'a>(
        &'a self,
        operation: Operation,
        call: impl FnOnce(&'a S) -> StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        self.through(self.breaker.switch(None), operation, call)
    }

    /// A call about one key: its server's circuit is the one that counts.
    pub(super) fn about<'a, T: Send + 'a>(
        &'a self,
        key: &str,
        operation: Operation,
        call: impl FnOnce(&'a S) -> StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        let shard = self.store.sharded().and_then(|servers| servers.shard_of(key));
        self.through(self.breaker.switch(shard.as_ref()), operation, call)
    }

    pub(super) fn through<'a, T: Send + 'a>(
        &'a self,
        switch: Cow<'a, Switch>,
        operation: Operation,
        call: impl FnOnce(&'a S) -> StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        let Some(watched) = self.admit(switch) else { return Box::pin(ready(Err(refused()))) };
        let call = call(&self.store);
        Box::pin(async move {
            let answer = call.await;
            self.took(operation, watched.end(answer.as_ref().err()));
            answer
        })
    }

    /// A call that no circuit counts.
    pub(super) fn beside<'a, T: Send + 'a>(
        &'a self,
        operation: Operation,
        call: StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let began = Instant::now();
            let answer = call.await;
            self.took(operation, began.elapsed());
            answer
        })
    }

    pub(super) fn took(&self, operation: Operation, time: Duration) {
        if let Some(watch) = &self.watch {
            watch(operation, time);
        }
    }

    /// Lets a call pass that its caller makes, and who says how it ended.
    pub(super) fn admit<'a>(&'a self, switch: Cow<'a, Switch>) -> Option<Watched<'a, S>> {
        let admission = switch.admit()?;
        Some(Watched { store: self, switch, admission, ended: false })
    }
}

/// A call on its way.
pub(super) struct Watched<'a, S: Store> {
    store: &'a BreakerStore<S>,
    switch: Cow<'a, Switch>,
    admission: Admission,
    ended: bool,
}

impl<S: Store> Watched<'_, S> {
    /// How long it took.
    pub(super) fn end(mut self, failure: Option<&StoreError>) -> Duration {
        self.ended = true;
        let now = Instant::now();
        if self.switch.end(self.admission, failure.map(StoreError::kind), now) {
            self.store.probe_until_it_answers(Switch::clone(&self.switch));
        }
        self.admission.took(now)
    }
}

impl<S: Store> Drop for Watched<'_, S> {
    fn drop(&mut self) {
        if !self.ended && self.switch.give_up(self.admission) {
            self.store.probe_until_it_answers(Switch::clone(&self.switch));
        }
    }
}
