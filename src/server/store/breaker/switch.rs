//! The circuit of one server in use: shared by the calls, the probe and those who watch.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::circuit::{Circuit, CircuitState};
use super::config::BreakerConfig;
use super::states::States;
use super::status::CircuitStatus;
use super::verdict::{Verdict, verdict};
use crate::server::store::{Shard, StoreErrorKind};

/// Cheap to clone; the clones are one.
#[derive(Clone, Debug)]
pub(super) struct Switch {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Whose circuit it is; the store's as a whole where there is one only.
    shard: Option<Shard>,
    states: Arc<States>,
    /// Changed under the circuit's lock.
    retired: AtomicBool,
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
}

impl Switch {
    pub(super) fn new(config: BreakerConfig, shard: Option<Shard>, states: Arc<States>) -> Self {
        let shared = Shared {
            shard,
            states,
            retired: AtomicBool::new(false),
            era: AtomicU64::new(0),
            blemished: AtomicBool::new(false),
            skipped: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            made: Instant::now(),
            circuit: Mutex::new(Circuit::new(config.clone(), Instant::now())),
            config,
        };
        Self { shared: Arc::new(shared) }
    }

    pub(super) fn shard(&self) -> Option<&Shard> {
        self.shared.shard.as_ref()
    }

    /// Whether calls pass now.
    pub(super) fn is_closed(&self) -> bool {
        self.shared.era.load(Ordering::Acquire).is_multiple_of(2)
    }

    pub(super) fn status(&self) -> CircuitStatus {
        let circuit = self.circuit();
        CircuitStatus {
            server: self.shard().map(|shard| shard.as_str().to_owned()),
            state: circuit.state(),
            since_ms: u64::try_from(circuit.since().elapsed().as_millis()).unwrap_or(u64::MAX),
            opened: circuit.opened(),
            skipped: self.shared.skipped.load(Ordering::Relaxed),
            last_error: circuit.last_error().map(StoreErrorKind::code),
        }
    }

    /// Its server is one of the store's no more.
    pub(super) fn retire(&self) {
        let _circuit = self.circuit();
        self.shared.retired.store(true, Ordering::Relaxed);
        self.shared.states.show(&self.shared.shard, CircuitState::Closed);
    }

    pub(super) fn is_retired(&self) -> bool {
        self.shared.retired.load(Ordering::Relaxed)
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
    pub(super) fn end(
        &self,
        call: Admission,
        failure: Option<StoreErrorKind>,
        now: Instant,
    ) -> bool {
        match failure.map(|kind| (kind, verdict(kind))) {
            Some((kind, Verdict::Fault)) => self.failed(call, kind),
            Some((_, Verdict::Neither)) => false,
            Some((_, Verdict::Alive)) | None => {
                self.shared.answered.store(self.micros(now).max(1), Ordering::Relaxed);
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
            let (server, outage) = (self.shard().map(Shard::as_str), since.elapsed());
            tracing::info!(samekey.circuit = "closed", server, ?outage, "the store answers again");
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
            let server = self.shard().map(Shard::as_str);
            tracing::warn!(
                samekey.circuit = "open",
                server,
                error,
                "the store fails; it is not asked again before it answers a probe"
            );
        }
        if !self.shared.retired.load(Ordering::Relaxed) {
            self.shared.states.show(&self.shared.shard, state);
        }
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

impl Admission {
    pub(super) fn took(self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began)
    }
}
