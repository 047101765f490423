//! When a request ends early.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, UnwrapThrowExt};
use web_sys::{AbortController, AbortSignal};

/// Ends the request when the caller or the clock says so. Dropped, it listens and waits no more.
pub(super) struct Abort {
    controller: AbortController,
    timed_out: Rc<Cell<bool>>,
    _timeout: Option<Timeout>,
    outer: Option<(AbortSignal, Closure<dyn FnMut()>)>,
}

impl Abort {
    /// `timeout` are milliseconds; infinite, the clock never ends it.
    pub(super) fn new(signal: Option<AbortSignal>, timeout: f64) -> Self {
        // There is one wherever there is a `fetch`.
        let controller = AbortController::new().unwrap_throw();
        let timed_out = Rc::new(Cell::new(false));
        let timeout = timeout.is_finite().then(|| {
            let (controller, timed_out) = (controller.clone(), timed_out.clone());
            // The cast saturates: what is below 0 is 0. A timer waits no longer than this.
            let millis = (timeout.ceil() as u32).min(i32::MAX as u32);
            Timeout::new(millis, move || {
                timed_out.set(true);
                controller.abort();
            })
        });
        let outer = signal.map(|signal| {
            let inner = controller.clone();
            if signal.aborted() {
                inner.abort();
            }
            let forward = Closure::new(move || inner.abort());
            // Nothing better can be done if the listener cannot be added than to go on without.
            let _ =
                signal.add_event_listener_with_callback("abort", forward.as_ref().unchecked_ref());
            (signal, forward)
        });
        Self { controller, timed_out, _timeout: timeout, outer }
    }

    /// What the request is to listen to.
    pub(super) fn signal(&self) -> AbortSignal {
        self.controller.signal()
    }

    /// The code of why there is no answer.
    pub(super) fn reason(&self) -> &'static str {
        if self.timed_out.get() {
            "E_HTTP_TIMEOUT"
        } else if self.controller.signal().aborted() {
            "E_HTTP_ABORTED"
        } else {
            "E_HTTP_NETWORK"
        }
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some((signal, forward)) = &self.outer {
            let _ = signal
                .remove_event_listener_with_callback("abort", forward.as_ref().unchecked_ref());
        }
    }
}
