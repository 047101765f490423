//! The one timer.

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// What is called when something is due.
    pub type OnWake;

    /// What gives that.
    #[wasm_bindgen(typescript_type = "() => () => void")]
    pub type Waker;

    #[wasm_bindgen(method, js_name = call)]
    fn on_wake(this: &Waker) -> OnWake;

    /// Not `Function::call0`, which catches: what it throws is the host's to report, as of any timer.
    #[wasm_bindgen(method)]
    fn call(this: &OnWake);
}

/// Wakes the cache at its earliest deadline.
///
/// A deadline that moves later leaves the timer as it is: it fires early, finds nothing due and is armed
/// again. That costs one empty wake, where clearing and arming at every change would cost a microsecond each.
///
/// The timer that is armed holds what it wakes; an idle one does not, so that a cache which nobody holds any more can be
/// collected: `waker` gives the function to call, and has no hold on it.
pub(super) struct Timer {
    waker: Waker,
    armed: Option<Armed>,
    /// The latest time seen.
    now: f64,
}

struct Armed {
    at: f64,
    _timeout: Timeout,
}

/// What `setTimeout` can wait for; a longer wait would fire at once. One that is cut off here is armed again.
const LONGEST_WAIT: f64 = 2_147_483_647.0;

/// A timer that is so late (ms) is taken for lost: fake timers of a test that were put away, for instance. One that is late
/// because the page is busy or throttled loses nothing by being set again.
const LOST: f64 = 1000.0;

impl Timer {
    pub(super) fn new(waker: Waker) -> Self {
        Self { waker, armed: None, now: 0.0 }
    }

    /// By how much (ms) the clock was set back since it was looked at last, less the time that passed; not above 0 if it
    /// was not.
    pub(super) fn set_back(&mut self, now: f64) -> f64 {
        std::mem::replace(&mut self.now, now) - now
    }

    /// The timer has fired.
    pub(super) fn fired(&mut self) {
        self.armed = None;
    }

    /// Makes sure that the cache is woken at `deadline` at the latest, and not at all without one.
    pub(super) fn arm(&mut self, deadline: Option<f64>, now: f64) {
        let Some(at) = deadline else {
            self.armed = None;
            return;
        };
        // What is overdue is due now: from now on it is late.
        let at = at.max(now);
        if self.armed.as_ref().is_some_and(|armed| armed.at <= at && now < armed.at + LOST) {
            return;
        }
        // Rounded up: woken a fraction early, the cache would find nothing due and wait again.
        let wait = (at - now).ceil().min(LONGEST_WAIT);
        // The old timeout is cleared before the new one is set.
        self.armed = None;
        let on_wake = self.waker.on_wake();
        let timeout = Timeout::new(wait as u32, move || on_wake.call());
        self.armed = Some(Armed { at, _timeout: timeout });
    }
}
