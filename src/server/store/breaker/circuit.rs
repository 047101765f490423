//! When to stop asking a server that does not answer, and when to ask again. Pure: the time is an argument.
//!
//! *Closed* is the good state, as of a fuse: calls pass. After enough failures in a row the circuit *opens*:
//! no call passes, each is told so at once. Half-way to that it is in *doubt*: calls still pass, and a probe
//! asks whether the server is there. If it is, what failed was a part of it, and the rest must go on. After a
//! pause it is *half open*: one probe is on its way, and calls still do not pass. The probe's answer closes it
//! or opens it again, for a longer pause.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::config::BreakerConfig;
use super::verdict::{Verdict, verdict};
use crate::server::store::StoreErrorKind;

/// What was answered so lately speaks for the store when it is in doubt.
const LATELY: Duration = Duration::from_secs(1);

/// Whether calls pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CircuitState {
    /// Calls pass.
    Closed,
    /// No call passes; the next probe waits for its time.
    Open,
    /// No call passes; one probe is on its way.
    HalfOpen,
}

impl CircuitState {
    /// `closed`, `open` or `half_open`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }

    /// For the worst of several.
    pub(super) const fn badness(self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::HalfOpen => 1,
            Self::Open => 2,
        }
    }
}

/// The state machine. Its owner reports what calls and probes met, and asks when to probe.
#[derive(Debug)]
pub(super) struct Circuit {
    config: BreakerConfig,
    state: CircuitState,
    since: Instant,
    /// Failures in a row while closed.
    failures: u32,
    /// Whether somebody sees to the probes.
    probing: bool,
    /// How long the next opening lasts.
    pause: Duration,
    opened: u64,
    last_error: Option<StoreErrorKind>,
}

impl Circuit {
    pub(super) fn new(config: BreakerConfig, now: Instant) -> Self {
        let pause = config.first_pause;
        Self {
            config,
            state: CircuitState::Closed,
            since: now,
            failures: 0,
            probing: false,
            pause,
            opened: 0,
            last_error: None,
        }
    }

    pub(super) const fn state(&self) -> CircuitState {
        self.state
    }

    pub(super) const fn since(&self) -> Instant {
        self.since
    }

    pub(super) const fn opened(&self) -> u64 {
        self.opened
    }

    pub(super) const fn last_error(&self) -> Option<StoreErrorKind> {
        self.last_error
    }

    /// A call was answered.
    pub(super) fn answered(&mut self) {
        if self.state == CircuitState::Closed {
            self.failures = 0;
            // Only a call proves that the store works: a probe that succeeds before calls that fail again
            // must not bring the short pauses back, or the circuit flaps at their pace.
            self.pause = self.config.first_pause;
        }
    }

    /// A call failed by the store's fault. Whether the caller has to see to the probes from here on, until
    /// [`Circuit::end_probe`] says that no more are needed.
    ///
    /// `answered` is when a call was last answered. While that speaks for the store, the probe decides and not
    /// the number of failures: many may come at once from a part that is down.
    pub(super) fn failed(
        &mut self,
        kind: StoreErrorKind,
        answered: Option<Instant>,
        now: Instant,
    ) -> bool {
        if self.state != CircuitState::Closed {
            return false;
        }
        self.last_error = Some(kind);
        self.failures += 1;
        let waits = self.probing && spoken_for(answered, now);
        if self.failures >= self.config.failures && !waits {
            self.opened += 1;
            self.enter(CircuitState::Open, now);
        }
        let doubt = self.failures >= self.config.failures.div_ceil(2);
        doubt && !std::mem::replace(&mut self.probing, true)
    }

    /// Whether any failure is held against the store, so that a success has something to clear.
    pub(super) fn is_blemished(&self) -> bool {
        self.failures > 0 || self.pause > self.config.first_pause
    }

    /// For how long the circuit stays open before the probe; doubles from one to the next. A doubt does not
    /// wait.
    pub(super) fn next_pause(&mut self) -> Duration {
        if self.state == CircuitState::Closed {
            return Duration::ZERO;
        }
        let pause = self.pause;
        self.pause = pause.saturating_mul(2).min(self.config.longest_pause);
        if self.last_error == Some(StoreErrorKind::Denied) {
            return self.config.denied_pause.max(pause);
        }
        pause
    }

    /// The probe is on its way.
    pub(super) fn begin_probe(&mut self, now: Instant) {
        if self.state == CircuitState::Open {
            self.enter(CircuitState::HalfOpen, now);
        }
    }

    /// What the probe met: nothing bad, or an error. Whether it was the last.
    pub(super) fn end_probe(
        &mut self,
        failure: Option<StoreErrorKind>,
        answered: Option<Instant>,
        now: Instant,
    ) -> bool {
        // An answer that is no fault of the store's shows that it is there.
        let failure = failure.filter(|kind| verdict(*kind) == Verdict::Fault);
        self.probing = failure.is_some();
        match failure {
            Some(kind) => {
                self.last_error = Some(kind);
                self.opened += u64::from(self.state == CircuitState::Closed);
                self.enter(CircuitState::Open, now);
            }
            // A store that answers probes and no calls is still left alone after so many.
            None if self.state == CircuitState::Closed && !spoken_for(answered, now) => {}
            None => {
                self.failures = 0;
                self.enter(CircuitState::Closed, now);
            }
        }
        !self.probing
    }

    fn enter(&mut self, state: CircuitState, now: Instant) {
        // From half open back to open is the same outage.
        if (self.state == CircuitState::Closed) != (state == CircuitState::Closed) {
            self.since = now;
        }
        self.state = state;
    }
}

fn spoken_for(answered: Option<Instant>, now: Instant) -> bool {
    answered.is_some_and(|answered| now.saturating_duration_since(answered) < LATELY)
}

#[cfg(test)]
mod tests;
