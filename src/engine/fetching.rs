//! Fetches: joining, starting, failing, retrying, pausing.

use super::deadlines::Deadline;
use super::retryer::{Phase, Retryer};
use super::{
    Action, CancelMode, Effect, Engine, FetchId, FetchStatus, Moment, QueryId, QueryState,
};

/// A fetch in progress.
#[derive(Debug)]
pub(super) struct Fetch<T, E> {
    pub(super) id: FetchId,
    pub(super) retryer: Retryer,
    /// What a cancelled fetch returns to.
    pub(super) revert_state: QueryState<T, E>,
    /// The last failure, for a fetch that gives up between attempts.
    pub(super) last_error: Option<E>,
    /// The data changed elsewhere while the attempt ran: its answer may be older than that.
    pub(super) outdated: bool,
}

/// What is said of one failure: by the user's `retry` and `retryDelay` functions, or by the error itself. Where the
/// options give numbers, they decide alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Whether to try again: what the function answered ([`Retry::Ask`](super::Retry::Ask)), or `false` for an error
    /// that no other attempt mends ([`Retry::Default`](super::Retry::Default)).
    pub retry: bool,
    /// Milliseconds to wait before that, as the function answered.
    pub delay: f64,
}

/// What a failed attempt led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// There will be another attempt.
    Retrying,
    /// That was the last one: the waiters get the error.
    Final,
    /// The fetch is over (cancelled, or replaced) or the attempt has answered already: it means nothing.
    Ignored,
}

impl<T: Clone, E: Clone> Engine<T, E> {
    /// Before a fetch: joins the one in progress, if there is one (its retries, had they been cancelled, go on).
    /// With `cancel_refetch`, a fetch that has data to show meanwhile is cancelled instead.
    ///
    /// `true` means joined; after `false` the host calls [`Engine::start_fetch`].
    pub fn join_fetch(&mut self, id: QueryId, cancel_refetch: bool, at: Moment) -> bool {
        let Some(query) = self.query_mut(id) else { return false };
        let has_data = query.state.data.is_some();
        let Some(fetch) = &mut query.fetch else { return false };
        if fetch.retryer.phase == Phase::Rejected {
            return false;
        }
        if has_data && cancel_refetch {
            // Not `cancel`: a removed query that only its fetch keeps must be there for the next one.
            self.cancel_fetch(id, CancelMode::Silent, at);
            return false;
        }
        fetch.retryer.retry_cancelled = false;
        true
    }

    /// Somebody wants the fetch in progress: its retries, had they been cancelled, go on.
    pub(super) fn revive_retries(&mut self, id: QueryId) {
        if let Some(fetch) = self.query_mut(id).and_then(|query| query.fetch.as_mut()) {
            fetch.retryer.retry_cancelled = false;
        }
    }

    /// Starts a fetch. It runs ([`Effect::Run`]) or pauses, as the network mode and the network say.
    /// `announce` says that the host's fetch details changed, which is told even if a fetch was in progress.
    pub fn start_fetch(&mut self, id: QueryId, announce: bool, at: Moment) -> FetchId {
        let fetch = self.next_fetch;
        self.next_fetch = self.next_fetch.wrapping_add(1);
        let Some(query) = self.query(id) else { return fetch };
        let plan = query.options.retry_plan();
        let can_fetch = plan.network_mode.can_fetch(at);
        let revert_state = query.state.clone();
        if announce || query.state.fetch_status == FetchStatus::Idle {
            self.dispatch(id, Action::Fetch { can_fetch }, at);
        }
        self.stats.fetches += 1;
        let phase = if can_fetch { Phase::Running } else { Phase::Paused };
        self.deadlines.cancel(Deadline::QueryRetry(id));
        self.queries[id as usize].fetch = Some(Box::new(Fetch {
            id: fetch,
            retryer: Retryer::new(phase, plan),
            revert_state,
            last_error: None,
            outdated: false,
        }));
        if can_fetch {
            self.run_attempt(id);
        } else {
            self.dispatch(id, Action::Pause, at);
        }
        fetch
    }

    /// The query function gave data. `false` if no attempt of this fetch runs (it was cancelled or replaced, or
    /// the attempt has answered already): the data means nothing.
    pub fn fetch_succeeded(&mut self, id: QueryId, fetch: FetchId, data: T, at: Moment) -> bool {
        let Some(attempt) = self.attempt_mut(id, fetch) else { return false };
        let outdated = attempt.outdated;
        self.end_fetch(id);
        self.dispatch(id, Action::Success { data, updated_at: at.now, manual: false }, at);
        if outdated {
            self.invalidate(id, at);
            self.refetch_when_seen(id, at);
        }
        self.schedule_gc(id, at);
        self.release_if_unused(id);
        true
    }

    /// The query function failed: perhaps there will be another attempt.
    pub fn fetch_failed(
        &mut self,
        id: QueryId,
        fetch: FetchId,
        error: E,
        verdict: Verdict,
        at: Moment,
    ) -> Failure {
        let Some(attempt) = self.attempt_mut(id, fetch) else { return Failure::Ignored };
        attempt.last_error = Some(error.clone());
        let delay = attempt.retryer.attempt_failed(verdict, at);
        let failure_count = attempt.retryer.failure_count;
        match delay {
            Some(delay) => {
                self.dispatch(id, Action::Failed { failure_count, error }, at);
                self.deadlines.set(Deadline::QueryRetry(id), at.now + delay);
                Failure::Retrying
            }
            None => {
                self.fail(id, error, at);
                Failure::Final
            }
        }
    }

    /// The fetch failed in a way that no retry mends: no data came, or it was cancelled with
    /// [`CancelMode::Error`]. `false` if the fetch is over already.
    pub fn fetch_rejected(&mut self, id: QueryId, fetch: FetchId, error: E, at: Moment) -> bool {
        let current = self.query(id).and_then(|query| query.fetch.as_ref());
        let known = current.is_some_and(|current| current.id == fetch);
        if known {
            self.fail(id, error, at);
        }
        known
    }

    /// The query function read its abort signal: leaving the query may now abort it. Each attempt begins
    /// with a signal that was not read.
    pub fn signal_consumed(&mut self, id: QueryId, fetch: FetchId, consumed: bool) {
        let Some(query) = self.query_mut(id) else { return };
        if query.fetch.as_ref().is_some_and(|current| current.id == fetch) {
            query.signal_consumed = consumed;
        }
    }

    /// The delay before a retry is over: run it, pause it, or give up.
    pub(super) fn retry_due(&mut self, id: QueryId, at: Moment) {
        let Some(query) = self.query_mut(id) else { return };
        let Some(fetch) = &mut query.fetch else { return };
        if !fetch.retryer.plan.network_mode.can_continue(at) {
            fetch.retryer.phase = Phase::Paused;
            self.dispatch(id, Action::Pause, at);
        } else {
            self.run_next_attempt(id, at);
        }
    }

    /// The network or the focus is back: a paused fetch goes on.
    pub(super) fn continue_fetch(&mut self, id: QueryId, at: Moment) {
        let Some(query) = self.query_mut(id) else { return };
        let Some(fetch) = &mut query.fetch else { return };
        let may = fetch.retryer.plan.network_mode.can_continue(at);
        if fetch.retryer.phase == Phase::Paused && may {
            fetch.retryer.phase = Phase::Running;
            self.dispatch(id, Action::Continue, at);
            self.run_next_attempt(id, at);
        }
    }

    fn run_next_attempt(&mut self, id: QueryId, at: Moment) {
        let Some(fetch) = self.query_mut(id).and_then(|query| query.fetch.as_mut()) else { return };
        let fetch_id = fetch.id;
        match fetch.last_error.clone() {
            Some(error) if fetch.retryer.retry_cancelled => {
                self.effects.push(Effect::GaveUp { query: id, fetch: fetch_id });
                self.fail(id, error, at);
            }
            _ => {
                fetch.retryer.phase = Phase::Running;
                self.run_attempt(id);
            }
        }
    }

    fn run_attempt(&mut self, id: QueryId) {
        let Some(query) = self.query_mut(id) else { return };
        query.signal_consumed = false;
        let Some(fetch) = &mut query.fetch else { return };
        fetch.outdated = false;
        let fetch = fetch.id;
        self.effects.push(Effect::Run { query: id, fetch });
    }

    fn fail(&mut self, id: QueryId, error: E, at: Moment) {
        self.end_fetch(id);
        self.dispatch(id, Action::Error { error, at: at.now }, at);
        self.schedule_gc(id, at);
        self.release_if_unused(id);
    }

    fn end_fetch(&mut self, id: QueryId) {
        self.deadlines.cancel(Deadline::QueryRetry(id));
        if let Some(query) = self.query_mut(id) {
            query.fetch = None;
        }
    }

    /// The fetch in progress, if it is still this one and an attempt of it runs.
    fn attempt_mut(&mut self, id: QueryId, fetch: FetchId) -> Option<&mut Fetch<T, E>> {
        let current = self.query_mut(id)?.fetch.as_deref_mut()?;
        (current.id == fetch && current.retryer.phase == Phase::Running).then_some(current)
    }
}
