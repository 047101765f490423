//! All circuits of a store: one, or one for each of its servers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use tokio::sync::watch;

use super::circuit::CircuitState;
use super::config::BreakerConfig;
use super::states::States;
use super::status::CircuitStatus;
use super::switch::Switch;
use crate::server::store::{Shard, Store};

/// A view of a [`BreakerStore`](super::BreakerStore)'s circuits, for those who report or wait. Cheap to clone.
///
/// A store of several servers has a circuit for each. What is asked of all of them is answered by the worst.
#[derive(Clone)]
pub struct Breaker {
    board: Arc<Board>,
}

struct Board {
    config: BreakerConfig,
    states: Arc<States>,
    /// For what is no single server's: all there is where there is one server, and while it is not known who
    /// the servers are.
    whole: Switch,
    /// Made when a server is first asked.
    each: RwLock<HashMap<Shard, Switch>>,
    /// Who the servers are. Not to keep it alive.
    store: Weak<dyn Store>,
}

impl Breaker {
    pub(super) fn new(config: BreakerConfig, store: Weak<dyn Store>) -> Self {
        let states = Arc::new(States::new());
        let whole = Switch::new(config.clone(), None, states.clone());
        let board = Board { config, states, whole, each: RwLock::default(), store };
        Self { board: Arc::new(board) }
    }

    /// Whether calls pass now: `Closed` when all do.
    #[must_use]
    pub fn state(&self) -> CircuitState {
        *self.board.states.worst().borrow()
    }

    /// How the circuits stand together: the worst one, and the counts of all.
    #[must_use]
    pub fn status(&self) -> CircuitStatus {
        let whole = self.board.whole.status();
        let all = || self.known().into_iter().map(|switch| switch.status());
        let (opened, skipped) = all()
            .fold((whole.opened, whole.skipped), |(opened, skipped), of| {
                (opened + of.opened, skipped + of.skipped)
            });
        // Of several that are as bad the one that is longest so; of closed ones that which failed last.
        let weight = |of: &CircuitStatus| {
            let closed = of.state == CircuitState::Closed;
            let since = if closed { u64::MAX - of.since_ms } else { of.since_ms };
            (of.state.badness(), of.last_error.is_some(), since)
        };
        let worst = all().fold(whole, |a, b| if weight(&b) > weight(&a) { b } else { a });
        CircuitStatus { opened, skipped, ..worst }
    }

    /// How each circuit stands: one for each server, by address; one without a server's name where there is one
    /// for the whole store.
    #[must_use]
    pub fn circuits(&self) -> Vec<CircuitStatus> {
        let mut shards = self.shards();
        shards.sort_unstable();
        let each = shards.iter().map(|shard| self.switch(Some(shard)).status());
        let mut circuits: Vec<_> = each.collect();
        if circuits.is_empty() || !self.board.whole.is_closed() {
            circuits.insert(0, self.board.whole.status());
        }
        circuits
    }

    /// Tells each change of [`Breaker::state`].
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<CircuitState> {
        self.board.states.worst().subscribe()
    }

    /// Counts how often any of the circuits has closed, and tells each time.
    #[must_use]
    pub fn closings(&self) -> watch::Receiver<u64> {
        self.board.states.closings()
    }

    /// Whether calls about this server pass; `None` is the store as a whole.
    pub(in crate::server) fn passes(&self, shard: Option<&Shard>) -> bool {
        self.switch(shard).is_closed()
    }

    /// Borrowed where there is one only: each call goes by here, and two threads that count its owners wait for each other.
    pub(super) fn switch(&self, shard: Option<&Shard>) -> Cow<'_, Switch> {
        let Some(shard) = shard else { return Cow::Borrowed(&self.board.whole) };
        let each = &self.board.each;
        if let Some(switch) = each.read().unwrap_or_else(PoisonError::into_inner).get(shard) {
            return Cow::Owned(switch.clone());
        }
        let mut each = each.write().unwrap_or_else(PoisonError::into_inner);
        let made = || {
            let (config, states) = (self.board.config.clone(), self.board.states.clone());
            Switch::new(config, Some(shard.clone()), states)
        };
        Cow::Owned(each.entry(shard.clone()).or_insert_with(made).clone())
    }

    /// Forgets the circuits of servers that are the store's no more.
    pub(super) fn forget_others(&self, shards: &[Shard]) {
        let mut each = self.board.each.write().unwrap_or_else(PoisonError::into_inner);
        each.retain(|shard, switch| {
            let stays = shards.contains(shard);
            if !stays {
                switch.retire();
            }
            stays
        });
    }

    fn shards(&self) -> Vec<Shard> {
        let Some(store) = self.board.store.upgrade() else { return Vec::new() };
        store.sharded().map(|sharded| sharded.shards()).unwrap_or_default()
    }

    fn known(&self) -> Vec<Switch> {
        let each = self.board.each.read().unwrap_or_else(PoisonError::into_inner);
        each.values().cloned().collect()
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker").field("circuits", &self.circuits()).finish()
    }
}
