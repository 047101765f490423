//! When to stop asking a store that does not answer, and when to ask again. Pure: the time is an argument.
//!
//! *Closed* is the good state, as of a fuse: calls pass. After enough failures in a row the circuit *opens*:
//! no call passes, each is told so at once. Half-way to that it is in *doubt*: calls still pass, and a probe asks
//! whether the store is there. If it is, what failed was a part of it, and the rest must go on. After a pause it is *half open*: one probe is on its way, and
//! calls still do not pass. The probe's answer closes it or opens it again, for a longer pause.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use crate::server::store::StoreErrorKind;

/// When a breaker opens and how often it probes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerConfig {
    /// So many calls in a row fail, with none answered while they waited, before the circuit opens. Each may have cost its caller the store's
    /// whole timeout.
    pub failures: u32,
    /// How long the circuit is open before the first probe. Each probe that fails doubles the pause.
    pub first_pause: Duration,
    /// No pause is longer, so a store that is back is found within this time and one probe.
    pub longest_pause: Duration,
    /// The pause after a failure that only a change of configuration mends, such as a wrong password: to
    /// ask more often would be a storm of failing logins.
    pub denied_pause: Duration,
    /// A probe without an answer for so long has failed.
    pub probe_timeout: Duration,
    /// A call that its caller gave up after at least so long has failed. One given up sooner says
    /// nothing of the store.
    pub given_up_after: Duration,
}

impl Default for BreakerConfig {
    /// 5 failures; pauses from 50 ms to 500 ms, 5 s when access is denied; 1 s for a probe; a call that
    /// was given up counts from 50 ms on.
    fn default() -> Self {
        Self {
            failures: 5,
            first_pause: Duration::from_millis(50),
            longest_pause: Duration::from_millis(500),
            denied_pause: Duration::from_secs(5),
            probe_timeout: Duration::from_secs(1),
            given_up_after: Duration::from_millis(50),
        }
    }
}

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
}

/// What an error says about the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It does not answer, or not usefully to anybody.
    Fault,
    /// It answered; what it refused is this caller's affair.
    Alive,
    /// Nothing.
    Neither,
}

pub(super) fn verdict(kind: StoreErrorKind) -> Verdict {
    match kind {
        StoreErrorKind::Unavailable
        | StoreErrorKind::Timeout
        | StoreErrorKind::Busy
        | StoreErrorKind::Denied => Verdict::Fault,
        // OOM refuses writes and answers reads; a list under a key is that key's affair.
        StoreErrorKind::Full | StoreErrorKind::WrongType => Verdict::Alive,
        _ => Verdict::Neither,
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
        self.pause = (pause * 2).min(self.config.longest_pause);
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
mod tests {
    use super::*;
    use StoreErrorKind::{Denied, Timeout, Unavailable};

    fn circuit() -> (Circuit, Instant) {
        let now = Instant::now();
        (Circuit::new(BreakerConfig::default(), now), now)
    }

    fn opened() -> (Circuit, Instant) {
        let (mut circuit, now) = circuit();
        for _ in 0..5 {
            circuit.failed(Timeout, None, now);
        }
        (circuit, now)
    }

    #[test]
    fn it_opens_at_the_fifth_failure_in_a_row_and_not_before() {
        let (mut circuit, now) = circuit();
        for _ in 0..4 {
            circuit.failed(Timeout, None, now);
        }
        circuit.answered();
        for _ in 0..4 {
            circuit.failed(Unavailable, None, now);
        }
        assert_eq!(circuit.state(), CircuitState::Closed);
        circuit.failed(Unavailable, None, now);
        assert_eq!((circuit.state(), circuit.opened()), (CircuitState::Open, 1));
    }

    #[test]
    fn the_third_failure_is_a_doubt_that_one_probe_settles_at_once() {
        let doubtful = || {
            let (mut circuit, now) = circuit();
            let answered = Some(now);
            let failed = (0..4).map(|_| circuit.failed(Timeout, answered, now));
            let probes: Vec<_> = failed.collect();
            assert_eq!(probes, [false, false, true, false]);
            assert_eq!(
                (circuit.state(), circuit.next_pause()),
                (CircuitState::Closed, Duration::ZERO)
            );
            circuit.begin_probe(now);
            (circuit, now)
        };
        let (mut circuit, now) = doubtful();
        for _ in 0..10 {
            assert!(!circuit.failed(Timeout, Some(now), now), "the probe is to decide");
        }
        assert!(circuit.end_probe(None, Some(now), now));
        assert!(
            !circuit.failed(Timeout, None, now),
            "it was a part of the store, and counts no more"
        );
        assert_eq!((circuit.state(), circuit.opened()), (CircuitState::Closed, 0));

        let (mut circuit, now) = doubtful();
        assert!(!circuit.end_probe(Some(Timeout), None, now));
        assert_eq!((circuit.state(), circuit.opened()), (CircuitState::Open, 1));

        let (mut circuit, now) = doubtful();
        assert!(!circuit.failed(Timeout, None, now), "the probe is on its way already");
        assert_eq!(circuit.state(), CircuitState::Open);
        assert!(circuit.end_probe(None, None, now));
        assert_eq!((circuit.state(), circuit.opened()), (CircuitState::Closed, 1));
    }

    #[test]
    fn what_ends_late_neither_opens_it_again_nor_closes_it() {
        let (mut circuit, now) = opened();
        assert!(!circuit.failed(Timeout, None, now));
        circuit.answered();
        assert_eq!((circuit.state(), circuit.opened()), (CircuitState::Open, 1));
    }

    #[test]
    fn a_probe_that_succeeds_closes_it_and_one_that_fails_opens_it_again() {
        let (mut circuit, now) = opened();
        circuit.begin_probe(now);
        circuit.end_probe(Some(Unavailable), None, now + Duration::from_secs(1));
        assert_eq!(
            (circuit.state(), circuit.since(), circuit.opened()),
            (CircuitState::Open, now, 1)
        );
        circuit.begin_probe(now);
        circuit.end_probe(None, None, now + Duration::from_secs(2));
        assert_eq!(circuit.state(), CircuitState::Closed);
        assert_eq!(circuit.since(), now + Duration::from_secs(2));
    }

    #[test]
    fn a_probe_that_meets_a_refusal_has_met_a_store() {
        let (mut circuit, now) = opened();
        circuit.begin_probe(now);
        circuit.end_probe(Some(StoreErrorKind::Full), None, now);
        assert_eq!(circuit.state(), CircuitState::Closed);
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let (mut circuit, _) = opened();
        let pauses: Vec<_> = (0..6).map(|_| circuit.next_pause().as_millis()).collect();
        assert_eq!(pauses, [50, 100, 200, 400, 500, 500]);
    }

    #[test]
    fn a_store_that_answers_probes_and_fails_calls_does_not_get_the_short_pauses_back() {
        let (mut circuit, now) = opened();
        for _ in 0..4 {
            circuit.next_pause();
        }
        circuit.begin_probe(now);
        circuit.end_probe(None, None, now);
        for _ in 0..5 {
            circuit.failed(Timeout, None, now);
        }
        assert_eq!(circuit.next_pause(), Duration::from_millis(500));

        circuit.begin_probe(now);
        circuit.end_probe(None, None, now);
        circuit.answered();
        for _ in 0..5 {
            circuit.failed(Timeout, None, now);
        }
        assert_eq!(circuit.next_pause(), Duration::from_millis(50));
    }

    #[test]
    fn a_wrong_password_is_tried_rarely() {
        let (mut circuit, now) = circuit();
        for _ in 0..5 {
            circuit.failed(Denied, None, now);
        }
        assert_eq!(circuit.next_pause(), Duration::from_secs(5));
        circuit.begin_probe(now);
        circuit.end_probe(Some(Denied), None, now);
        assert_eq!(circuit.next_pause(), Duration::from_secs(5));
    }

    #[test]
    fn what_the_caller_did_is_no_fault_of_the_store() {
        for kind in [StoreErrorKind::WrongType, StoreErrorKind::Full] {
            assert_eq!(verdict(kind), Verdict::Alive);
        }
        for kind in [Unavailable, Timeout, Denied, StoreErrorKind::Busy] {
            assert_eq!(verdict(kind), Verdict::Fault);
        }
    }
}
