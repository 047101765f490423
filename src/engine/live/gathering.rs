//! Which changes are applied together: the first at once, those that follow it shortly as one.

use super::Steps;

/// Changes that come within so many milliseconds are applied together, but for the first.
const GATHER: f64 = 100.0;

/// When patterns were applied last, and when those gathered since will be.
#[derive(Debug)]
pub(super) struct Gathering {
    applied_at: f64,
    /// Infinite if there are none.
    due: f64,
}

impl Gathering {
    pub(super) fn new() -> Self {
        Self { applied_at: f64::NEG_INFINITY, due: f64::INFINITY }
    }

    pub(super) fn due(&self) -> f64 {
        self.due
    }

    /// One more came.
    pub(super) fn add(&mut self, now: f64) -> Steps {
        self.due = self.due.min(self.applied_at + GATHER);
        self.apply_due(now)
    }

    /// The clock was set back by so many milliseconds.
    pub(super) fn bring_forward(&mut self, millis: f64) {
        self.applied_at -= millis;
        self.due -= millis;
    }

    /// Applies what was gathered, if it is time.
    pub(super) fn apply_due(&mut self, now: f64) -> Steps {
        if self.due > now {
            return Steps::NONE;
        }
        self.applied_at = now;
        self.apply()
    }

    /// Applies what was gathered, if there is something.
    pub(super) fn apply(&mut self) -> Steps {
        if self.void() { Steps::APPLY } else { Steps::NONE }
    }

    /// Forgets what was gathered. Says whether there was something.
    pub(super) fn void(&mut self) -> bool {
        std::mem::replace(&mut self.due, f64::INFINITY) < f64::INFINITY
    }
}
