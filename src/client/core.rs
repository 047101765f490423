//! The cache of one `QueryClient`, as JavaScript holds it.

use js_sys::Function;
use wasm_bindgen::prelude::wasm_bindgen;

use super::outbox::Outbox;
use super::timer::Timer;
use super::wire::{self, Act, FailureCode, FilterBits, FilterKind, Stat};
use crate::engine::{
    Engine, Filter, Key, KeyFilter, Moment, QueryId, QueryState, QueryType, StaleTime, Verdict,
};

/// The engine, its outbox and its timer. `now` is `Date.now()` and `environment` the `EnvironmentBits`, both at
/// the time of the call. After every call, the outbox may hold effects.
#[wasm_bindgen]
pub struct Core {
    pub(super) engine: Engine<(), ()>,
    outbox: Outbox,
    timer: Timer,
    /// What [`Core::find`] found last, behind its number.
    found: Vec<u32>,
}

#[wasm_bindgen]
impl Core {
    /// An empty cache. `on_wake` is called when [`Core::wake`] is due.
    #[wasm_bindgen(constructor)]
    pub fn new(on_wake: Function) -> Self {
        Self {
            engine: Engine::new(),
            outbox: Outbox::new(),
            timer: Timer::new(on_wake),
            found: Vec::new(),
        }
    }

    /// Where the outbox is in the memory.
    #[wasm_bindgen(js_name = outboxAddress)]
    pub fn outbox_address(&self) -> *const f64 {
        self.outbox.address()
    }

    /// Fills the outbox with the effects that did not fit before.
    pub fn refill(&mut self) {
        self.outbox.fill(&mut self.engine);
    }

    /// Does something to the query, observer or mutation `id`: see `Act`. One call for all of them, because what
    /// wasm-bindgen wraps around each is as large as what most of them do.
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
        }
        self.finish(at);
        answer
    }

    /// Adds a query. `key` is its text if that differs from `hash`, else empty. Less than 0 is the
    /// `ErrorCode` of a key that is none.
    #[allow(
        clippy::too_many_arguments,
        reason = "numbers cross the border cheaply, objects do not"
    )]
    pub fn add(
        &mut self,
        hash: &str,
        key: &str,
        bits: u32,
        retries: f64,
        delay: f64,
        gc_time: f64,
        has_data: bool,
        data_updated_at: f64,
        now: f64,
        environment: u32,
    ) -> i32 {
        let key = match Key::from_json(if key.is_empty() { hash } else { key }) {
            Ok(key) => key,
            Err(error) => return wire::key_error(error),
        };
        let options = wire::query_options(bits, retries, delay, gc_time);
        let state = QueryState::initial(has_data.then_some(()), data_updated_at);
        let at = wire::moment(now, environment);
        let query = self.engine.add(hash, key, options, state, at);
        self.finish(at);
        query as i32
    }

    /// Replaces a query's options.
    #[wasm_bindgen(js_name = setQueryOptions)]
    #[allow(clippy::too_many_arguments, reason = "as `add`")]
    pub fn set_query_options(
        &mut self,
        query: QueryId,
        bits: u32,
        retries: f64,
        delay: f64,
        gc_time: f64,
        now: f64,
        environment: u32,
    ) {
        let options = wire::query_options(bits, retries, delay, gc_time);
        self.engine.set_query_options(query, options, wire::moment(now, environment));
    }

    /// How long a query is kept unobserved, in milliseconds: the longest ever asked for.
    #[wasm_bindgen(js_name = gcTime)]
    pub fn gc_time(&self, query: QueryId) -> f64 {
        self.engine.gc_time(query)
    }

    /// Data was written by hand; or, if it is `initial`, given to a query that had none.
    #[wasm_bindgen(js_name = setData)]
    pub fn set_data(
        &mut self,
        query: QueryId,
        initial: bool,
        updated_at: f64,
        now: f64,
        environment: u32,
    ) {
        let at = wire::moment(now, environment);
        if initial {
            self.engine.set_initial_data(query, (), updated_at, at);
        } else {
            self.engine.set_data(query, (), updated_at, at);
        }
        self.finish(at);
    }

    /// The user replaced a query's state.
    #[wasm_bindgen(js_name = setState)]
    #[allow(clippy::too_many_arguments, reason = "as `add`")]
    pub fn set_state(
        &mut self,
        query: QueryId,
        status: u32,
        fetch_status: u32,
        is_invalidated: bool,
        has_data: bool,
        data_update_count: u32,
        data_updated_at: f64,
        error_update_count: u32,
        error_updated_at: f64,
        fetch_failure_count: u32,
        now: f64,
        environment: u32,
    ) {
        let at = wire::moment(now, environment);
        let status = wire::status(status);
        let state = QueryState {
            data: has_data.then_some(()),
            data_update_count,
            data_updated_at,
            error: None,
            error_update_count,
            error_updated_at,
            fetch_failure_count,
            fetch_failure_reason: None,
            is_invalidated,
            status,
            fetch_status: wire::fetch_status(fetch_status),
        };
        self.engine.set_state(query, state, at);
        self.finish(at);
    }

    /// Finds the queries that a filter wants, oldest first; `bits` are `FilterBits`. Gives the address of a list:
    /// how many they are, then their ids, to be read before the next call. Less than 0 is the `ErrorCode` of a
    /// text that is no key.
    pub fn find(
        &mut self,
        kind: FilterKind,
        text: &str,
        bits: u32,
        now: f64,
        environment: u32,
    ) -> i32 {
        let by_key = matches!(kind, FilterKind::Prefix | FilterKind::Pattern);
        let key = match Key::from_json(if by_key { text } else { "[]" }) {
            Ok(key) => key,
            Err(error) => return wire::key_error(error),
        };
        let key = match kind {
            FilterKind::Any => KeyFilter::Any,
            FilterKind::Exact => KeyFilter::Exact(text),
            FilterKind::Prefix => KeyFilter::Prefix(&key),
            FilterKind::Pattern => KeyFilter::Pattern(&key),
        };
        let found = self.engine.find(filter(key, bits), wire::moment(now, environment));
        self.found.clear();
        self.found.push(found.len() as u32);
        self.found.extend_from_slice(&found);
        self.found.as_ptr() as i32
    }

    /// `QueryFlag`s of a query.
    #[wasm_bindgen(js_name = queryFlags)]
    pub fn query_flags(&self, query: QueryId, now: f64, environment: u32) -> u32 {
        wire::query_flags(self.engine.query_flags(query, wire::moment(now, environment)))
    }

    /// Whether data is stale for one who accepts `stale_time` (`is_static`: however old). With `counts`, as an
    /// imperative fetch asks: a hit or a miss.
    #[wasm_bindgen(js_name = isStaleByTime)]
    pub fn is_stale_by_time(
        &mut self,
        query: QueryId,
        stale_time: f64,
        is_static: bool,
        counts: bool,
        now: f64,
    ) -> bool {
        let stale_time = if is_static { StaleTime::Static } else { StaleTime::Millis(stale_time) };
        let at = Moment::at(now);
        if counts {
            self.engine.needs_fetch(query, stale_time, at)
        } else {
            self.engine.is_stale_by_time(query, stale_time, at)
        }
    }

    /// `ObserverFlag`s of a query, for an observer with these options.
    #[wasm_bindgen(js_name = observerFlags)]
    pub fn observer_flags(
        &self,
        query: QueryId,
        bits: u32,
        stale_time: f64,
        now: f64,
        environment: u32,
    ) -> u32 {
        let options = wire::observer_options(bits, stale_time, f64::NAN);
        let at = wire::moment(now, environment);
        wire::observer_flags(self.engine.observer_flags(query, &options, at))
    }

    /// Adds an observer; -1 if there is no such query.
    pub fn observe(
        &mut self,
        query: QueryId,
        bits: u32,
        stale_time: f64,
        interval: f64,
        now: f64,
        environment: u32,
    ) -> i32 {
        let options = wire::observer_options(bits, stale_time, interval);
        let at = wire::moment(now, environment);
        let observer = self.engine.observe(query, options, at);
        self.finish(at);
        observer.map_or(-1, |observer| observer as i32)
    }

    /// Replaces an observer's options.
    #[wasm_bindgen(js_name = setObserverOptions)]
    pub fn set_observer_options(
        &mut self,
        observer: u32,
        bits: u32,
        stale_time: f64,
        interval: f64,
        now: f64,
        environment: u32,
    ) {
        let options = wire::observer_options(bits, stale_time, interval);
        let at = wire::moment(now, environment);
        self.engine.set_observer_options(observer, options, at);
        self.finish(at);
    }

    /// The query function failed; `retry` and `delay` are what the user's functions answered, if there are any.
    #[wasm_bindgen(js_name = fetchFailed)]
    pub fn fetch_failed(
        &mut self,
        query: QueryId,
        fetch: u32,
        retry: bool,
        delay: f64,
        now: f64,
        environment: u32,
    ) -> FailureCode {
        let at = wire::moment(now, environment);
        let failure = self.engine.fetch_failed(query, fetch, (), Verdict { retry, delay }, at);
        self.finish(at);
        wire::failure_code(failure)
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
        self.outbox.fill(&mut self.engine);
        if !woken {
            self.timer.arm(self.engine.next_deadline(), now);
        }
        woken
    }

    /// What the cache has counted about itself.
    pub fn stat(&self, stat: Stat) -> f64 {
        wire::stat(&self.engine.stats(), stat)
    }

    /// 1 if the key with text `key` is matched by the one with text `filter`, else 0; less than 0 is an
    /// `ErrorCode`.
    #[wasm_bindgen(js_name = keyMatches)]
    pub fn key_matches(key: &str, filter: &str) -> i32 {
        match (Key::from_json(key), Key::from_json(filter)) {
            (Ok(key), Ok(filter)) => i32::from(key.matches(&filter)),
            (Err(error), _) | (_, Err(error)) => wire::key_error(error),
        }
    }

    pub(super) fn finish(&mut self, at: Moment) {
        self.outbox.fill(&mut self.engine);
        self.timer.arm(self.engine.next_deadline(), at.now);
    }
}

fn filter(key: KeyFilter<'_>, bits: u32) -> Filter<'_> {
    let has = |bit: FilterBits| bits & bit as u32 != 0;
    let fetch_status = bits / FilterBits::FetchStatus as u32 % 4;
    Filter {
        key,
        query_type: if has(FilterBits::Active) {
            QueryType::Active
        } else if has(FilterBits::Inactive) {
            QueryType::Inactive
        } else {
            QueryType::All
        },
        stale: (has(FilterBits::Stale) || has(FilterBits::Fresh)).then(|| has(FilterBits::Stale)),
        fetch_status: (fetch_status > 0).then(|| wire::fetch_status(fetch_status - 1)),
        refetchable: has(FilterBits::Refetchable),
    }
}
