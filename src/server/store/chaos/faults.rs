//! What goes wrong, and where: the handle of a [`ChaosStore`](super::ChaosStore).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::server::store::{Entry, Operation, StoreError, StoreErrorKind};

/// Decides what goes wrong in a [`ChaosStore`](super::ChaosStore). Cheap to clone; the clones are one.
#[derive(Clone, Debug)]
pub struct Chaos {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    calls: [AtomicU64; Operation::ALL.len()],
    /// Bumped at every change, for those who are frozen.
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct State {
    faults: [Fault; Operation::ALL.len()],
    random: fastrand::Rng,
}

#[derive(Clone, Debug, Default)]
struct Fault {
    frozen: bool,
    answers_held: bool,
    delay: Option<(Duration, Duration)>,
    fail: Option<(f64, StoreErrorKind)>,
    lose_answers: Option<StoreErrorKind>,
    drop_writes: bool,
    corrupt: bool,
}

/// What is to happen to one call.
pub(super) struct Fate {
    /// The call succeeds and nothing was done.
    pub(super) dropped: bool,
    /// It is done, and its caller does not hear of it.
    pub(super) lost: Option<StoreErrorKind>,
}

impl Chaos {
    pub(super) fn new(seed: u64) -> Self {
        let state = State {
            faults: std::array::from_fn(|_| Fault::default()),
            random: fastrand::Rng::with_seed(seed),
        };
        let shared = Shared {
            state: Mutex::new(state),
            calls: std::array::from_fn(|_| AtomicU64::new(0)),
            changed: watch::Sender::new(()),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The faults of `operations`: `chaos.on(Operation::READS).fail(StoreErrorKind::Timeout)`.
    pub fn on(&self, operations: impl IntoIterator<Item = Operation>) -> Faults<'_> {
        Faults { chaos: self, operations: operations.into_iter().collect() }
    }

    /// Nothing goes wrong any more, and what is frozen goes on.
    pub fn calm(&self) {
        self.on(Operation::ALL).calm();
    }

    /// How often `operation` was called, whatever became of it.
    #[must_use]
    pub fn calls(&self, operation: Operation) -> u64 {
        self.shared.calls[operation as usize].load(Ordering::SeqCst)
    }

    /// How often anything was called.
    #[must_use]
    pub fn all_calls(&self) -> u64 {
        Operation::ALL.iter().map(|operation| self.calls(*operation)).sum()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What every call goes through before it is done.
    pub(super) async fn meet(&self, operation: Operation) -> Result<Fate, StoreError> {
        self.shared.calls[operation as usize].fetch_add(1, Ordering::SeqCst);
        self.wait_while(operation, |fault| fault.frozen).await;
        let (delay, failure, fate) = self.state().draw(operation);
        if let Some(delay) = delay {
            sleep(delay).await;
        }
        match failure {
            Some(kind) => Err(StoreError::new(kind, "chaos: not done")),
            None => Ok(fate),
        }
    }

    /// What every call goes through when it is done.
    pub(super) async fn part(&self, operation: Operation) {
        self.wait_while(operation, |fault| fault.answers_held).await;
    }

    async fn wait_while(&self, operation: Operation, held: impl Fn(&Fault) -> bool + Send) {
        let mut changed = self.shared.changed.subscribe();
        while held(&self.state().faults[operation as usize]) {
            // The sender lives as long as `self`.
            let _ = changed.changed().await;
        }
    }

    /// What a value is when it comes back.
    pub(super) fn deliver(&self, operation: Operation, entry: &mut Entry) {
        let mut state = self.state();
        if state.faults[operation as usize].corrupt && !entry.value.is_empty() {
            let mut value = entry.value.to_vec();
            let at = state.random.usize(..value.len());
            value[at] ^= 1 << state.random.u8(..8);
            entry.value = Bytes::from(value);
        }
    }
}

impl State {
    fn draw(&mut self, operation: Operation) -> (Option<Duration>, Option<StoreErrorKind>, Fate) {
        let fault = self.faults[operation as usize].clone();
        let delay = fault
            .delay
            .map(|(least, most)| least + (most.saturating_sub(least)).mul_f64(self.random.f64()));
        // Drawn only where it matters, so that one operation's calls do not change another's luck.
        let failure = fault.fail.filter(|(probability, _)| {
            *probability >= 1.0 || (*probability > 0.0 && self.random.f64() < *probability)
        });
        let fate = Fate { dropped: fault.drop_writes, lost: fault.lose_answers };
        (delay, failure.map(|(_, kind)| kind), fate)
    }
}

/// Sets what goes wrong in some operations. Each method adds to what was set before and holds until
/// [`Faults::calm`].
#[derive(Debug)]
pub struct Faults<'a> {
    chaos: &'a Chaos,
    operations: Vec<Operation>,
}

impl Faults<'_> {
    /// Every call fails and does nothing.
    pub fn fail(self, kind: StoreErrorKind) -> Self {
        self.fail_sometimes(1.0, kind)
    }

    /// Calls fail with this probability, from 0 to 1, and then do nothing.
    pub fn fail_sometimes(self, probability: f64, kind: StoreErrorKind) -> Self {
        self.set(|fault| fault.fail = Some((probability, kind)))
    }

    /// Every call is done, and its caller gets an error instead of the answer.
    pub fn lose_answers(self, kind: StoreErrorKind) -> Self {
        self.set(|fault| fault.lose_answers = Some(kind))
    }

    /// Every call takes so much longer.
    pub fn delay(self, time: Duration) -> Self {
        self.delay_between(time, time)
    }

    /// Every call takes longer, by a time between these.
    pub fn delay_between(self, least: Duration, most: Duration) -> Self {
        self.set(|fault| fault.delay = Some((least, most)))
    }

    /// Calls wait until [`Faults::thaw`] or a calm.
    pub fn freeze(self) -> Self {
        self.set(|fault| fault.frozen = true)
    }

    /// Calls are done, and their answers wait until [`Faults::thaw`] or a calm: what was true when the store was
    /// asked need not be when the answer arrives.
    pub fn hold_answers(self) -> Self {
        self.set(|fault| fault.answers_held = true)
    }

    /// Ends [`Faults::freeze`] and [`Faults::hold_answers`]: what waited goes on, to whatever else is set.
    pub fn thaw(self) -> Self {
        self.set(|fault| (fault.frozen, fault.answers_held) = (false, false))
    }

    /// Writes and deletions succeed and do nothing. Reads are not touched.
    pub fn drop_writes(self) -> Self {
        self.set(|fault| fault.drop_writes = true)
    }

    /// One bit of every value that comes back is another. Writes are not touched.
    pub fn corrupt(self) -> Self {
        self.set(|fault| fault.corrupt = true)
    }

    /// Nothing goes wrong here any more.
    pub fn calm(self) {
        self.set(|fault| *fault = Fault::default());
    }

    fn set(self, change: impl Fn(&mut Fault)) -> Self {
        let mut state = self.chaos.state();
        for operation in &self.operations {
            change(&mut state.faults[*operation as usize]);
        }
        drop(state);
        self.chaos.shared.changed.send_replace(());
        self
    }
}
