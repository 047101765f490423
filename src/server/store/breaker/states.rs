//! The states of all circuits of a store, for those who watch them together.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use super::circuit::CircuitState;
use crate::server::store::Shard;

/// Kept up by the circuits; `None` is that of the store as a whole.
#[derive(Debug)]
pub(super) struct States {
    /// Those that are not closed.
    troubled: Mutex<HashMap<Option<Shard>, CircuitState>>,
    worst: watch::Sender<CircuitState>,
    /// How often any has closed.
    closings: watch::Sender<u64>,
}

impl States {
    pub(super) fn new() -> Self {
        Self {
            troubled: Mutex::default(),
            worst: watch::Sender::new(CircuitState::Closed),
            closings: watch::Sender::new(0),
        }
    }

    pub(super) fn worst(&self) -> &watch::Sender<CircuitState> {
        &self.worst
    }

    pub(super) fn closings(&self) -> watch::Receiver<u64> {
        self.closings.subscribe()
    }

    /// A circuit has become this, or has gone, which is as good as closed.
    pub(super) fn show(&self, of: &Option<Shard>, state: CircuitState) {
        let mut troubled = self.troubled.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match state {
            CircuitState::Closed => troubled.remove(of),
            _ => troubled.insert(of.clone(), state),
        };
        let worst = troubled.values().copied().max_by_key(|state| state.badness());
        // Under the lock, so that the last to be told is the last that it was.
        self.worst.send_if_modified(|told| {
            let worst = worst.unwrap_or(CircuitState::Closed);
            std::mem::replace(told, worst) != worst
        });
        if known.is_some() && state == CircuitState::Closed {
            self.closings.send_modify(|closings| *closings += 1);
        }
    }
}
