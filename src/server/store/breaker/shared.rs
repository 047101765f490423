//! The circuit in use: shared by the calls, the probe and those who watch.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;
use tokio::time::Instant;

use super::circuit::{BreakerConfig, Circuit, CircuitState, Verdict, verdict};
use crate::server::store::StoreErrorKind;

/// A view of a [`BreakerStore`](super::BreakerStore)'s circuit, for those who report or wait. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Breaker {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: BreakerConfig,
    /// Counts the openings and closings: even while closed. One look tells whether a call passes, and a
    /// second one after it whether what it met still counts.
    era: AtomicU64,
    /// Mirrors [`Circuit::is_blemished`], so that a success normally takes no lock.
    blemished: AtomicBool,
    skipped: AtomicU64,
    /// When the last call was answered, in microseconds since `made`; 0 before the first.
    answered: AtomicU64,
    made: Instant,
    circuit: Mutex<Circuit>,
    state: watch::Sender<CircuitState>,
}

/// How a circuit stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CircuitStatus {
    /// Whether calls pass.
    pub state: CircuitState,
    /// For how long, in milliseconds: since the last closing, or since the outage began. A failed probe
    /// begins no new outage.
    pub since_ms: u64,
    /// How often it has opened.
    pub opened: u64,
    /// Calls that did not pass.
    pub skipped: u64,
    /// The code of the failure that was last held against the store.
    pub last_error: Option<&'static str>,
}

impl Breaker {
    pub(super) fn new(config: BreakerConfig) -> Self {
        let shared = Shared {
            era: AtomicU64::new(0),
            blemished: AtomicBool::new(false),
            skipped: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            made: Instant::now(),
            circuit: Mutex::new(Circuit::new(config.clone(), Instant::now())),
            state: watch::Sender::new(CircuitState::Closed),
            config,
        };
        Self { shared: Arc::new(shared) }
    }

    /// Whether calls pass now.
    #[must_use]
    pub fn state(&self) -> CircuitState {
        *self.shared.state.borrow()
    }

    /// How the circuit stands.
    #[must_use]
    pub fn status(&self) -> CircuitStatus {
        let circuit = self.circuit();
        CircuitStatus {
            state: circuit.state(),
            since_ms: u64::try_from(circuit.since().elapsed().as_millis()).unwrap_or(u64::MAX),
            opened: circuit.opened(),
            skipped: self.shared.skipped.load(Ordering::Relaxed),
            last_error: circuit.last_error().map(StoreErrorKind::code),
        }
    }

    /// Tells each change of the state.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<CircuitState> {
        self.shared.state.subscribe()
    }

    pub(super) fn probe_timeout(&self) -> Duration {
        self.shared.config.probe_timeout
    }

    /// Lets a call pass, or not.
    pub(super) fn admit(&self) -> Option<Admission> {
        let era = self.shared.era.load(Ordering::Acquire);
        if era % 2 == 1 {
            self.shared.skipped.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(Admission { era, began: Instant::now() })
    }

    /// How a call ended. Whether whoever asked has to see to the probes from here on.
    pub(super) fn end(&self, call: Admission, failure: Option<StoreErrorKind>) -> bool {
        match failure.map(|kind| (kind, verdict(kind))) {
            Some((kind, Verdict::Fault)) => self.failed(call, kind),
            Some((_, Verdict::Neither)) => false,
            Some((_, Verdict::Alive)) | None => {
                let now = self.micros(Instant::now()).max(1);
                self.shared.answered.store(now, Ordering::Relaxed);
                self.answered(call);
                false
            }
        }
    }

    /// Its caller waits no more. After long enough, that is a timeout of the caller's own.
    pub(super) fn give_up(&self, call: Admission) -> bool {
        let long_enough = call.began.elapsed() >= self.shared.config.given_up_after;
        long_enough && self.failed(call, StoreErrorKind::Timeout)
    }

    pub(super) fn next_pause(&self) -> Duration {
        self.circuit().next_pause()
    }

    pub(super) fn begin_probe(&self) {
        let mut circuit = self.circuit();
        let before = circuit.state();
        circuit.begin_probe(Instant::now());
        self.show(&circuit, before);
    }

    /// Whether it was the last.
    pub(super) fn end_probe(&self, failure: Option<StoreErrorKind>) -> bool {
        let mut circuit = self.circuit();
        let (before, since) = (circuit.state(), circuit.since());
        let last = circuit.end_probe(failure, self.last_answer(), Instant::now());
        self.shared.blemished.store(circuit.is_blemished(), Ordering::Release);
        self.show(&circuit, before);
        if last && before != CircuitState::Closed {
            tracing::info!(outage = ?since.elapsed(), "the store answers again");
        }
        last
    }

    /// Tells the callers and those who watch what the circuit has become.
    fn show(&self, circuit: &Circuit, before: CircuitState) {
        let state = circuit.state();
        if state == before {
            return;
        }
        if (state == CircuitState::Closed) != (before == CircuitState::Closed) {
            self.shared.era.fetch_add(1, Ordering::Release);
        }
        if before == CircuitState::Closed {
            let error = circuit.last_error().map(StoreErrorKind::code);
            tracing::warn!(
                error,
                "the store fails; it is not asked again before it answers a probe"
            );
        }
        self.shared.state.send_replace(state);
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        // Nothing panics under the lock.
        self.shared.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, call: Admission, kind: StoreErrorKind) -> bool {
        // Something was answered since it began: a part of the store works, such as the other servers of a
        // cluster, and must go on.
        if self.shared.answered.load(Ordering::Relaxed) > self.micros(call.began) {
            return false;
        }
        let mut circuit = self.circuit();
        if !self.is_of_now(call) {
            return false;
        }
        let before = circuit.state();
        let probe = circuit.failed(kind, self.last_answer(), Instant::now());
        self.shared.blemished.store(true, Ordering::Release);
        self.show(&circuit, before);
        probe
    }

    fn answered(&self, call: Admission) {
        if self.shared.blemished.load(Ordering::Acquire) {
            let mut circuit = self.circuit();
            if self.is_of_now(call) {
                circuit.answered();
                self.shared.blemished.store(circuit.is_blemished(), Ordering::Release);
            }
        }
    }

    fn last_answer(&self) -> Option<Instant> {
        match self.shared.answered.load(Ordering::Relaxed) {
            0 => None,
            micros => Some(self.shared.made + Duration::from_micros(micros)),
        }
    }

    fn micros(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.shared.made);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }

    /// What began before an opening or a closing says nothing of what the store is like after it.
    fn is_of_now(&self, call: Admission) -> bool {
        self.shared.era.load(Ordering::Acquire) == call.era
    }
}

/// A call that passed.
#[derive(Clone, Copy)]
pub(super) struct Admission {
    era: u64,
    began: Instant,
}
