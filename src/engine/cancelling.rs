//! Cancelling a fetch, and leaving one.

use super::deadlines::Deadline;
use super::retryer::Phase;
use super::{Action, Effect, Engine, FetchStatus, Moment, QueryId, QueryState, Status};

/// What becomes of those who wait for a cancelled fetch, and of the query's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelMode {
    /// The state goes back to what it was before the fetch; waiters get the old data if there was any.
    Revert,
    /// The state stays; waiters follow the fetch that comes next.
    Silent,
    /// The cancellation is an error like any other: the host reports it with [`Engine::fetch_rejected`].
    Error,
}

impl<T: Clone, E: Clone> Engine<T, E> {
    /// Cancels a query's fetch, if there is one. Gives whether there was.
    pub fn cancel(&mut self, id: QueryId, mode: CancelMode, at: Moment) -> bool {
        let cancelled = self.cancel_fetch(id, mode, at);
        if cancelled && mode != CancelMode::Error {
            self.schedule_gc(id, at);
            self.release_if_unused(id);
        }
        cancelled
    }

    /// As [`Engine::cancel`], but the query stays even if nobody needs it any more.
    pub(super) fn cancel_fetch(&mut self, id: QueryId, mode: CancelMode, at: Moment) -> bool {
        let Some(query) = self.queries.get_mut(id as usize) else { return false };
        let Some(fetch) = &mut query.fetch else { return false };
        if fetch.retryer.phase == Phase::Rejected {
            return false;
        }
        self.effects.push(Effect::Cancelled { query: id, fetch: fetch.id, mode });
        self.deadlines.cancel(Deadline::QueryRetry(id));
        if mode == CancelMode::Error {
            fetch.retryer.phase = Phase::Rejected;
            return true;
        }
        let reverted = query.fetch.take().map(|fetch| fetch.revert_state);
        if let (CancelMode::Revert, Some(state)) = (mode, reverted) {
            let state = QueryState { fetch_status: FetchStatus::Idle, ..state };
            self.dispatch(id, Action::SetState(state), at);
        }
        true
    }

    /// The last observer left: what can be aborted is, the rest may finish its attempt.
    pub(super) fn abandon_fetch(&mut self, id: QueryId, at: Moment) {
        let Some(query) = self.query_mut(id) else { return };
        let never_ran = query.state.fetch_status == FetchStatus::Paused
            && query.state.status == Status::Pending;
        let aborts = query.signal_consumed || never_ran;
        let Some(fetch) = &mut query.fetch else { return };
        if aborts {
            self.cancel_fetch(id, CancelMode::Revert, at);
        } else {
            fetch.retryer.retry_cancelled = true;
        }
    }
}
