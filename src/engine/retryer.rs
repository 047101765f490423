//! The attempts of one fetch or one mutation: how often, how long between, when to wait.

use super::options::{NetworkMode, Retry, RetryDelay};
use super::{Moment, Verdict};

/// Where the attempts stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The host runs an attempt.
    Running,
    /// An attempt failed; the next waits for its delay.
    Waiting,
    /// The next attempt waits for the network, the focus or its turn.
    Paused,
    /// Cancelled with an error that the host has still to report.
    Rejected,
}

/// The attempts of one fetch or mutation. Whoever owns it keeps the deadline and tells the host.
#[derive(Debug)]
pub(super) struct Retryer {
    pub(super) phase: Phase,
    pub(super) failure_count: u32,
    /// The last observer left: the attempt in progress may finish, no other will begin.
    pub(super) retry_cancelled: bool,
    pub(super) plan: RetryPlan,
}

/// How often and when to try again: what the options said when the attempts began. An observer that comes with
/// other options meanwhile means the next fetch.
#[derive(Debug, Clone, Copy)]
pub(super) struct RetryPlan {
    pub(super) retry: Retry,
    pub(super) retry_delay: RetryDelay,
    pub(super) network_mode: NetworkMode,
}

/// The first delay of the backoff, and its limit, in milliseconds.
const BACKOFF_BASE: f64 = 1000.0;
const BACKOFF_LIMIT: f64 = 30_000.0;

impl Retryer {
    pub(super) fn new(phase: Phase, plan: RetryPlan) -> Self {
        Self { phase, failure_count: 0, retry_cancelled: false, plan }
    }

    /// Takes note of a failed attempt. Gives the delay before the next one in milliseconds, or `None`
    /// if there will be none.
    pub(super) fn attempt_failed(&mut self, verdict: Verdict, at: Moment) -> Option<f64> {
        let again = match self.plan.retry {
            Retry::Default => verdict.retry && !at.server && self.failure_count < 3,
            Retry::Count(limit) => self.failure_count < limit,
            Retry::Always => true,
            Retry::Ask => verdict.retry,
        };
        if self.retry_cancelled || !again {
            return None;
        }
        let delay = match self.plan.retry_delay {
            RetryDelay::Backoff => backoff(self.failure_count),
            RetryDelay::Millis(millis) => millis,
            RetryDelay::Ask => verdict.delay,
        };
        self.failure_count += 1;
        self.phase = Phase::Waiting;
        // NaN and negative delays mean "at once", as they do to `setTimeout`.
        Some(delay.max(0.0))
    }
}

fn backoff(failure_count: u32) -> f64 {
    let doublings = failure_count.min(16);
    (BACKOFF_BASE * f64::from(1u32 << doublings)).min(BACKOFF_LIMIT)
}
