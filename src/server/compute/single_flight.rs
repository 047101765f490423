//! One compute per key at a time in this process, and no answer from before a question's own time.
//!
//! A *flight* is one compute on its way. Callers that miss while it is in the air board it instead of computing
//! too. It runs in a task of its own, so a caller who goes away cancels nothing.
//!
//! # Who may have a flight's answer
//!
//! A caller who asks after an invalidation has returned must not get a value from before it. Whether a flight
//! was overtaken, the store knows: it refuses the lease's write. But some who wait asked before the invalidation and
//! some after it, perhaps in another process than the invalidation's. So every ticket has a *seat*, counted up, and
//! a flight lands with the last seat that its answer is good for:
//!
//! - a value that was stored under the lease: all who had boarded when that was asked of the store. It was still
//!   true then, so it is not older than their questions;
//! - a value that was refused, or of which it is not known whether it was stored: those who had boarded when the compute began;
//! - a value that the store had no part in, since it did not answer: those, and whoever gets no answer from it either;
//! - a value that was found in the store: those who had boarded when the store was asked.
//!
//! Who sits further back asks again. A flight that an invalidation of this process voids is also boarded by nobody
//! any more, so that those who come after it need not wait for its end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tracing::Span;

use super::flight::{Flight, Landed, Seats, Ticket};

/// The flights in the air. `T` is what they bring back.
pub(crate) struct Flights<T> {
    /// The newest flight of each key, unless it is voided. A standard mutex: never held across an await.
    by_key: Mutex<HashMap<String, Arc<Flight<T>>>>,
    in_flight: AtomicU64,
}

/// The one who computes. Dropped without [`Pilot::land`], as by a panic, the flight is over all the same:
/// its passengers are told, and the key is free.
pub(crate) struct Pilot<T> {
    flights: Arc<Flights<T>>,
    key: String,
    flight: Arc<Flight<T>>,
    landing: watch::Sender<Option<Landed<T>>>,
}

impl<T> Flights<T> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { by_key: Mutex::default(), in_flight: AtomicU64::new(0) })
    }

    /// Joins the flight of `key`, or begins one: then there is a pilot, for the task that computes.
    pub(crate) fn board(self: &Arc<Self>, key: &str) -> (Option<Pilot<T>>, Ticket<T>) {
        let mut by_key = self.lock();
        match by_key.get(key) {
            Some(flight) => (None, flight.board()),
            None => self.take_off(key, false, |flight| by_key.insert(key.to_owned(), flight)),
        }
    }

    /// Begins a flight that computes whatever is in the air or in the store; joins one that is about to.
    pub(crate) fn overtake(self: &Arc<Self>, key: &str) -> (Option<Pilot<T>>, Ticket<T>) {
        let mut by_key = self.lock();
        match by_key.get(key) {
            Some(flight) if flight.computes_anew && !flight.begun.load(SeqCst) => {
                (None, flight.board())
            }
            _ => self.take_off(key, true, |flight| by_key.insert(key.to_owned(), flight)),
        }
    }

    /// Begins a flight if none is in the air.
    pub(crate) fn claim(self: &Arc<Self>, key: &str) -> Option<Pilot<T>> {
        let mut by_key = self.lock();
        if by_key.contains_key(key) {
            return None;
        }
        self.take_off(key, false, |flight| by_key.insert(key.to_owned(), flight)).0
    }

    /// Begins a flight that nobody else boards and that is in nobody's way.
    pub(crate) fn apart(self: &Arc<Self>, key: &str) -> (Option<Pilot<T>>, Ticket<T>) {
        self.take_off(key, true, |_| None)
    }

    fn take_off(
        self: &Arc<Self>,
        key: &str,
        computes_anew: bool,
        list: impl FnOnce(Arc<Flight<T>>) -> Option<Arc<Flight<T>>>,
    ) -> (Option<Pilot<T>>, Ticket<T>) {
        let (flight, landing) = Flight::new(computes_anew);
        list(flight.clone());
        self.in_flight.fetch_add(1, SeqCst);
        let ticket = flight.board().own();
        (Some(Pilot { flights: self.clone(), key: key.to_owned(), flight, landing }), ticket)
    }

    /// Voids the flights of every key that `meant` means: nobody boards them any more.
    pub(crate) fn void(&self, meant: impl Fn(&str) -> bool) {
        self.lock().retain(|key, flight| {
            let stays = !meant(key);
            if !stays {
                flight.voided.store(true, SeqCst);
            }
            stays
        });
    }

    /// The same for one key.
    pub(crate) fn void_key(&self, key: &str) {
        if let Some(flight) = self.lock().remove(key) {
            flight.voided.store(true, SeqCst);
        }
    }

    /// Tells the flight of `key` that the key has changed in the store.
    pub(crate) fn changed(&self, key: &str) {
        if let Some(flight) = self.lock().get(key) {
            flight.changed.notify_one();
        }
    }

    /// How many are in the air.
    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight.load(SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Flight<T>>>> {
        // No code that can panic runs under the lock, but `meant` is a caller's; the map is whole anyway.
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Pilot<T> {
    pub(crate) fn flight(&self) -> &Arc<Flight<T>> {
        &self.flight
    }

    /// A seat for somebody who asks for the same, of a flight that others do not find.
    pub(super) fn board(&self) -> Ticket<T> {
        self.flight.board()
    }

    /// What the flight is traced as.
    pub(crate) fn travel_in(&self, span: &Span) {
        self.flight.travel_in(span);
    }

    pub(crate) fn span(&self) -> Option<&Span> {
        self.flight.span()
    }

    /// The seats that are taken.
    pub(crate) fn seats(&self) -> Seats {
        self.flight.seats()
    }

    /// The same at the moment when the compute begins.
    pub(crate) fn begin(&self) -> Seats {
        // Under the lock: nobody boards between the two who wants an answer from now on.
        let _boarding = self.flights.lock();
        self.flight.begun.store(true, SeqCst);
        self.seats()
    }

    /// Whether an invalidation of this process has overtaken it.
    pub(crate) fn is_voided(&self) -> bool {
        self.flight.voided.load(SeqCst)
    }

    /// Ends the flight with its answer; with none, its passengers ask again.
    pub(crate) fn land(self, answer: Option<T>, good_for: Seats) {
        // First out of the table: nobody boards a flight that is over.
        self.leave();
        // Fails when every passenger has gone, which is theirs to do.
        let _ = self.landing.send(Some(Landed { answer, good_for }));
    }

    fn leave(&self) {
        let mut by_key = self.flights.lock();
        if by_key.get(&self.key).is_some_and(|newest| Arc::ptr_eq(newest, &self.flight)) {
            by_key.remove(&self.key);
        }
    }
}

impl<T> Drop for Pilot<T> {
    fn drop(&mut self) {
        self.leave();
        self.flights.in_flight.fetch_sub(1, SeqCst);
    }
}
