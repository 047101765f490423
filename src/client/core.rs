//! The cache of one `QueryClient`, as JavaScript holds it.

use wasm_bindgen::prelude::wasm_bindgen;

use super::outbox::Outbox;
use super::timer::{Timer, Waker};
use super::wire::{self, Act, Ask};
use crate::engine::{Engine, Moment};

/// The engine, its outbox and its timer. `now` is `Date.now()` and `environment` the `EnvironmentBits`, both at
/// the time of the call. After every call, the outbox may hold effects.
#[wasm_bindgen]
pub struct Core {
    pub(super) engine: Engine<(), ()>,
    outbox: Outbox,
    timer: Timer,
    /// What [`Core::find`] found last, behind its number.
    pub(super) found: Vec<u32>,
}

#[wasm_bindgen]
impl Core {
    /// An empty cache. `waker` gives the function that is called when [`Core::wake`] is due; only while a timer waits for
    /// that is the function held.
    #[wasm_bindgen(constructor)]
    pub fn new(waker: Waker) -> Self {
        Self {
            engine: Engine::new(),
            outbox: Outbox::new(),
            timer: Timer::new(waker),
            found: Vec::new(),
        }
    }

    /// Answers something about the query `id` or the cache: see `Ask`. One call for all of them, because what
    /// wasm-bindgen wraps around each is as large as what most of them do.
    pub fn ask(&self, ask: Ask, id: u32, now: f64, environment: u32) -> f64 {
        let stats = self.engine.stats();
        match ask {
            Ask::Hits => stats.hits as f64,
            Ask::Misses => stats.misses as f64,
            Ask::Fetches => stats.fetches as f64,
            Ask::EvictedKeys => stats.evicted_keys as f64,
            Ask::Keys => f64::from(stats.keys),
            Ask::Observers => f64::from(stats.observers),
            Ask::HitRatePercent => stats.hit_rate_percent(),
            Ask::Outbox => self.outbox.address() as usize as f64,
            Ask::GcTime => self.engine.gc_time(id),
            Ask::QueryFlags => {
                let at = wire::moment(now, environment);
                f64::from(wire::query_flags(self.engine.query_flags(id, at)))
            }
        }
    }

    /// Does something to the query, observer or mutation `id`: see `Act`. One call for all, as with `ask`.
    pub fn act(&mut self, act: Act, id: u32, detail: u32, now: f64, environment: u32) -> u32 {
        let at = wire::moment(now, environment);
        let engine = &mut self.engine;
        let mut answer = 0;
        match act {
            Act::Invalidate => engine.invalidate(id, at),
            Act::Reset => engine.reset(id, at),
            Act::Remove => engine.remove(id, at),
            Act::Cancel => answer = u32::from(engine.cancel(id, wire::cancel_mode(detail), at)),
            Act::JoinFetch => answer = u32::from(engine.join_fetch(id, detail != 0, at)),
            Act::StartFetch => answer = engine.start_fetch(id, detail != 0, at),
            Act::FetchSucceeded => answer = u32::from(engine.fetch_succeeded(id, detail, (), at)),
            Act::FetchRejected => answer = u32::from(engine.fetch_rejected(id, detail, (), at)),
            Act::SignalUnread => engine.signal_consumed(id, detail, false),
            Act::SignalRead => engine.signal_consumed(id, detail, true),
            Act::Focus => engine.query_on_focus(id, at),
            Act::FocusAll => engine.on_focus(at),
            Act::Online => engine.query_on_online(id, at),
            Act::OnlineAll => engine.on_online(at),
            Act::Unobserve => engine.unobserve(id, at),
            Act::ObserveMutation => engine.observe_mutation(id),
            Act::UnobserveMutation => engine.unobserve_mutation(id, at),
            Act::BeginMutation => engine.begin_mutation(id, at),
            Act::MutationContextChanged => engine.mutation_context_changed(id, at),
            Act::RunMutation => engine.run_mutation(id, at),
            Act::SettleMutation => engine.settle_mutation(id, detail != 0),
            Act::RunNextMutation => {
                answer = engine.run_next_mutation(id, at).unwrap_or(u32::MAX);
            }
            Act::ContinueMutation => {
                engine.continue_mutation(id, at);
            }
            Act::RemoveMutation => engine.remove_mutation(id),
            Act::Outdate => engine.outdate(id, at),
            Act::Cover => engine.set_covered(id, detail != 0),
            Act::Refill => {}
        }
        self.finish(at);
        answer
    }

    /// Begins a round of waking, and gives the mark that [`Core::wake`] wants.
    #[wasm_bindgen(js_name = beginWake)]
    pub fn begin_wake(&mut self) -> f64 {
        self.timer.fired();
        self.engine.wake_mark() as f64
    }

    /// Handles one deadline that is due; `false` when there is none left, and the timer is armed for the next.
    pub fn wake(&mut self, mark: f64, now: f64, environment: u32) -> bool {
        let at = wire::moment(now, environment);
        let woken = self.engine.wake(mark as u64, at);
        if woken {
            self.outbox.fill(&mut self.engine);
        } else {
            self.finish(at);
        }
        woken
    }

    pub(super) fn finish(&mut self, at: Moment) {
        self.outbox.fill(&mut self.engine);
        let set_back = self.timer.set_back(at.now);
        if set_back > 0.0 {
            self.engine.clock_set_back(set_back);
            // Whether it waits by the old time or the new is the host's secret: it is set anew.
            self.timer.fired();
        }
        self.timer.arm(self.engine.next_deadline(), at.now);
    }
}
