//! Who waits for whom among the computes of this process, so that none waits for itself by way of others.
//!
//! A compute that asks for its own key is known by its line (`context`). But two callers can make a circle that no line
//! shows: the one computes A and asks for B, the other computes B and asks for A, and each finds the other's flight and
//! boards it. So a compute that is about to board a flight looks where that one's compute waits, and so on; if the way
//! leads back to itself, it does not board.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::context::{Line, line};

/// One look at a time, with what it decides: of two that are about to close a circle the second sees the first.
static LOOKING: Mutex<()> = Mutex::new(());

/// A flight, as those see it who wait for it.
#[derive(Default)]
pub(super) struct Course {
    /// Its compute, once that has begun. Before, it waits for no flight.
    line: OnceLock<Arc<Line>>,
}

/// The flights that a compute waits for now.
#[derive(Default)]
pub(super) struct Awaited(Mutex<Vec<Arc<Course>>>);

/// To wait would be to wait for itself.
#[derive(Debug)]
pub(super) struct Circle;

/// A compute's wait for a flight, for as long as this lives. Who is no compute is waited for by nobody.
pub(super) struct Waiting(Option<(Arc<Line>, Arc<Course>)>);

impl Course {
    /// Its compute begins.
    pub(super) fn begin(&self, line: &Arc<Line>) {
        // Set once: a flight computes once.
        let _ = self.line.set(line.clone());
    }

    /// The caller is about to wait for it.
    pub(super) fn wait(self: &Arc<Self>) -> Result<Waiting, Circle> {
        let Some(line) = line() else { return Ok(Waiting(None)) };
        // What runs within another compute holds that one up.
        let waits = line.trunk();
        let _looking = LOOKING.lock().unwrap_or_else(PoisonError::into_inner);
        if self.leads_to(&waits) {
            return Err(Circle);
        }
        waits.awaited.with(|flights| flights.push(self.clone()));
        Ok(Waiting(Some((waits, self.clone()))))
    }

    fn leads_to(self: &Arc<Self>, end: &Arc<Line>) -> bool {
        let mut seen: Vec<Arc<Line>> = Vec::new();
        let mut ways = vec![self.clone()];
        while let Some(course) = ways.pop() {
            let Some(line) = course.line.get() else { continue };
            if Arc::ptr_eq(line, end) {
                return true;
            }
            if !seen.iter().any(|known| Arc::ptr_eq(known, line)) {
                line.awaited.with(|flights| ways.extend(flights.iter().cloned()));
                seen.push(line.clone());
            }
        }
        false
    }
}

impl Awaited {
    fn with<T>(&self, act: impl FnOnce(&mut Vec<Arc<Course>>) -> T) -> T {
        // Nothing that can panic runs under the lock.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Some((line, course)) = &self.0 else { return };
        line.awaited.with(|flights| {
            // It may wait for the same flight in two ways at once.
            if let Some(place) = flights.iter().position(|flight| Arc::ptr_eq(flight, course)) {
                flights.swap_remove(place);
            }
        });
    }
}
