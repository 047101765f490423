//! One compute per key at a time, and none that stores what an invalidation has overtaken.
//!
//! A *flight* is one compute on its way. Callers that miss while it is in the air wait for it instead of
//! computing too. It runs in a task of its own, so a caller who goes away cancels nothing.
//!
//! # Why nothing stale is stored
//!
//! A compute that read the database before an invalidation must not store its answer after it. An
//! invalidation therefore *voids* the flights of its keys before it deletes anything:
//!
//! - a voided flight stores nothing, and nobody boards it any more;
//! - a flight that is storing right now holds its gate; the invalidation waits at the gate, and deletes
//!   what was stored.
//!
//! Those who waited for a voided flight still get its answer: they asked before the invalidation was done.
//! All this is within one process. Between processes it takes a lease in the store.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// The flights in the air. `T` is what they bring back.
pub(super) struct Flights<T> {
    /// A standard mutex: it is never held across an await. Mostly one flight per key; more when a
    /// voided one is still computing while the next has begun.
    by_key: Mutex<HashMap<String, Vec<Arc<Flight<T>>>>>,
    /// How many have landed, ever; see [`Flights::landed`].
    landed: AtomicU64,
}

struct Flight<T> {
    answer: watch::Receiver<Option<T>>,
    voided: AtomicBool,
    /// Held while the flight stores its answer.
    gate: tokio::sync::Mutex<()>,
}

/// A wait for a flight's answer.
pub(super) struct Ticket<T>(watch::Receiver<Option<T>>);

/// The one who computes. Dropped without [`Pilot::land`], as by a panic, the flight is over all the same:
/// its passengers are told, and the key is free.
pub(super) struct Pilot<T> {
    flights: Arc<Flights<T>>,
    key: String,
    flight: Arc<Flight<T>>,
    answer: watch::Sender<Option<T>>,
}

impl<T> Flights<T> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { by_key: Mutex::new(HashMap::new()), landed: AtomicU64::new(0) })
    }

    /// Counts landings. A caller reads it before it looks into the store: if it is still the same when
    /// the caller becomes a pilot, no flight can have stored the key in between, and a second look is
    /// needless.
    pub(super) fn landed(&self) -> u64 {
        self.landed.load(Ordering::Acquire)
    }

    /// Joins the flight of `key`, or begins one: then there is a pilot, for the task that computes.
    pub(super) fn board(self: &Arc<Self>, key: &str) -> (Option<Pilot<T>>, Ticket<T>) {
        let mut by_key = self.lock();
        let newest = by_key.get(key).and_then(|flights| flights.last());
        if let Some(flight) = newest.filter(|flight| !flight.is_voided()) {
            return (None, Ticket(flight.answer.clone()));
        }
        let flights = by_key.entry(key.to_owned()).or_default();
        self.take_off(key, |flight| flights.push(flight))
    }

    /// Begins a flight whoever is in the air, and voids those: what this one brings is newer.
    pub(super) fn overtake(self: &Arc<Self>, key: &str) -> (Option<Pilot<T>>, Ticket<T>) {
        let mut by_key = self.lock();
        let flights = by_key.entry(key.to_owned()).or_default();
        flights.iter().for_each(|flight| flight.void());
        self.take_off(key, |flight| flights.push(flight))
    }

    /// Begins a flight that nobody else boards and that is in nobody's way.
    pub(super) fn apart(self: &Arc<Self>, key: &str) -> (Option<Pilot<T>>, Ticket<T>) {
        self.take_off(key, drop)
    }

    fn take_off(
        self: &Arc<Self>,
        key: &str,
        list: impl FnOnce(Arc<Flight<T>>),
    ) -> (Option<Pilot<T>>, Ticket<T>) {
        let (sender, receiver) = watch::channel(None);
        let flight = Arc::new(Flight {
            answer: receiver.clone(),
            voided: AtomicBool::new(false),
            gate: tokio::sync::Mutex::new(()),
        });
        list(flight.clone());
        let pilot = Pilot { flights: self.clone(), key: key.to_owned(), flight, answer: sender };
        (Some(pilot), Ticket(receiver))
    }

    /// Voids the flights of every key that `meant` means. When this returns, none of them stores any more.
    pub(super) async fn void(&self, meant: impl Fn(&str) -> bool) {
        let voided: Vec<_> = {
            let by_key = self.lock();
            let meant = by_key.iter().filter(|(key, _)| meant(key));
            meant.flat_map(|(_, flights)| flights.iter().cloned()).collect()
        };
        voided.iter().for_each(|flight| flight.void());
        for flight in &voided {
            drop(flight.gate.lock().await);
        }
    }

    /// How many are in the air.
    pub(super) fn in_flight(&self) -> usize {
        self.lock().values().map(Vec::len).sum()
    }

    fn lock(&self) -> ByKey<'_, T> {
        // No code that can panic runs under the lock, but `meant` is a caller's; the map is whole anyway.
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type ByKey<'a, T> = MutexGuard<'a, HashMap<String, Vec<Arc<Flight<T>>>>>;

impl<T> Flight<T> {
    fn void(&self) {
        self.voided.store(true, Ordering::Release);
    }

    fn is_voided(&self) -> bool {
        self.voided.load(Ordering::Acquire)
    }
}

impl<T: Clone> Ticket<T> {
    /// The answer; `None` when the flight ended without one.
    pub(super) async fn answer(mut self) -> Option<T> {
        self.0.wait_for(Option::is_some).await.ok()?.clone()
    }
}

impl<T> Pilot<T> {
    /// Runs `store` unless the flight was voided; `None` if it was.
    pub(super) async fn store<R>(&self, store: impl Future<Output = R>) -> Option<R> {
        let _at_the_gate = self.flight.gate.lock().await;
        if self.flight.is_voided() {
            return None;
        }
        Some(store.await)
    }

    /// Ends the flight with its answer.
    pub(super) fn land(self, answer: T) {
        // Fails when every passenger has gone, which is theirs to do.
        let _ = self.answer.send(Some(answer));
    }
}

impl<T> Drop for Pilot<T> {
    fn drop(&mut self) {
        let mut by_key = self.flights.lock();
        if let Some(flights) = by_key.get_mut(&self.key) {
            flights.retain(|flight| !Arc::ptr_eq(flight, &self.flight));
            if flights.is_empty() {
                by_key.remove(&self.key);
            }
        }
        // Under the lock: who boards after this sees the count, who boarded before is a passenger.
        self.flights.landed.fetch_add(1, Ordering::Release);
    }
}
