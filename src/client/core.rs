//! The cache of one `QueryClient`, as JavaScript holds it.

use js_sys::Function;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::outbox::Outbox;
use super::timer::Timer;
use super::wire::{self, CancelCode, FailureCode, FilterBits, FilterKind};
use crate::engine::{
    Engine, Filter, Key, KeyFilter, Moment, QueryId, QueryState, QueryType, StaleTime, Verdict,
};
use crate::schema::Pattern;

/// The engine, its outbox and its timer. `now` is `Date.now()` and `environment` the `EnvironmentBits`, both at
/// the time of the call. After every call, the outbox may hold effects.
#[wasm_bindgen]
pub struct Core {
    pub(super) engine: Engine<(), ()>,
    outbox: Outbox,
    timer: Timer,
}

#[wasm_bindgen]
impl Core {
    /// An empty cache. `on_wake` is called when [`Core::wake`] is due.
    #[wasm_bindgen(constructor)]
    pub fn new(on_wake: Function) -> Self {
        Self { engine: Engine::new(), outbox: Outbox::new(), timer: Timer::new(on_wake) }
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

    /// Adds a query. `key` is its text if that differs from `hash`, else empty; it throws the code of a
    /// [`KeyError`](crate::engine::KeyError) if it is no key.
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
    ) -> Result<QueryId, JsValue> {
        let key = read_key(if key.is_empty() { hash } else { key })?;
        let options = wire::query_options(bits, retries, delay, gc_time);
        let state = QueryState::initial(has_data.then_some(()), data_updated_at);
        let at = wire::moment(now, environment);
        let query = self.engine.add(hash, &key, options, state, at);
        self.finish(at);
        Ok(query)
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

    /// Gives initial data to a query without data.
    #[wasm_bindgen(js_name = setInitialData)]
    pub fn set_initial_data(
        &mut self,
        query: QueryId,
        updated_at: f64,
        now: f64,
        environment: u32,
    ) {
        let at = wire::moment(now, environment);
        self.engine.set_initial_data(query, (), updated_at, at);
        self.finish(at);
    }

    /// Data was written by hand.
    #[wasm_bindgen(js_name = setData)]
    pub fn set_data(&mut self, query: QueryId, updated_at: f64, now: f64, environment: u32) {
        let at = wire::moment(now, environment);
        self.engine.set_data(query, (), updated_at, at);
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

    /// Marks a query stale.
    pub fn invalidate(&mut self, query: QueryId, now: f64, environment: u32) {
        let at = wire::moment(now, environment);
        self.engine.invalidate(query, at);
        self.finish(at);
    }

    /// Returns a query to its initial state.
    pub fn reset(&mut self, query: QueryId, now: f64, environment: u32) {
        let at = wire::moment(now, environment);
        self.engine.reset(query, at);
        self.finish(at);
    }

    /// Takes a query out of the cache.
    pub fn remove(&mut self, query: QueryId, now: f64, environment: u32) {
        let at = wire::moment(now, environment);
        self.engine.remove(query, at);
        self.finish(at);
    }

    /// The queries that a filter wants, oldest first; `bits` are `FilterBits`. Throws a code if the text of a
    /// prefix or pattern cannot be read.
    pub fn find(
        &self,
        kind: FilterKind,
        text: &str,
        bits: u32,
        now: f64,
        environment: u32,
    ) -> Result<Vec<QueryId>, JsValue> {
        let at = wire::moment(now, environment);
        let find = |key| self.engine.find(filter(key, bits), at);
        Ok(match kind {
            FilterKind::Any => find(KeyFilter::Any),
            FilterKind::Exact => find(KeyFilter::Exact(text)),
            FilterKind::Prefix => find(KeyFilter::Prefix(&read_key(text)?)),
            FilterKind::Pattern => {
                let pattern =
                    Pattern::parse(text).map_err(|error| JsValue::from_str(error.code()))?;
                find(KeyFilter::Pattern(&pattern))
            }
        })
    }

    /// `QueryFlag`s of a query.
    #[wasm_bindgen(js_name = queryFlags)]
    pub fn query_flags(&self, query: QueryId, now: f64, environment: u32) -> u32 {
        wire::query_flags(self.engine.query_flags(query, wire::moment(now, environment)))
    }

    /// Whether data is stale for one who accepts `stale_time` (`is_static`: however old).
    #[wasm_bindgen(js_name = isStaleByTime)]
    pub fn is_stale_by_time(
        &self,
        query: QueryId,
        stale_time: f64,
        is_static: bool,
        now: f64,
    ) -> bool {
        self.engine.is_stale_by_time(query, stale(stale_time, is_static), Moment::at(now))
    }

    /// As [`Core::is_stale_by_time`], for an imperative fetch: counts a hit or a miss.
    #[wasm_bindgen(js_name = needsFetch)]
    pub fn needs_fetch(
        &mut self,
        query: QueryId,
        stale_time: f64,
        is_static: bool,
        now: f64,
    ) -> bool {
        self.engine.needs_fetch(query, stale(stale_time, is_static), Moment::at(now))
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

    /// Adds an observer; `undefined` if there is no such query.
    pub fn observe(
        &mut self,
        query: QueryId,
        bits: u32,
        stale_time: f64,
        interval: f64,
        now: f64,
        environment: u32,
    ) -> Option<u32> {
        let options = wire::observer_options(bits, stale_time, interval);
        let at = wire::moment(now, environment);
        let observer = self.engine.observe(query, options, at);
        self.finish(at);
        observer
    }

    /// Takes an observer away.
    pub fn unobserve(&mut self, observer: u32, now: f64, environment: u32) {
        let at = wire::moment(now, environment);
        self.engine.unobserve(observer, at);
        self.finish(at);
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

    /// Joins the fetch in progress, if there is one.
    #[wasm_bindgen(js_name = joinFetch)]
    pub fn join_fetch(
        &mut self,
        query: QueryId,
        cancel_refetch: bool,
        now: f64,
        environment: u32,
    ) -> bool {
        let at = wire::moment(now, environment);
        let joined = self.engine.join_fetch(query, cancel_refetch, at);
        self.finish(at);
        joined
    }

    /// Starts a fetch and gives its id.
    #[wasm_bindgen(js_name = startFetch)]
    pub fn start_fetch(
        &mut self,
        query: QueryId,
        announce: bool,
        now: f64,
        environment: u32,
    ) -> u32 {
        let at = wire::moment(now, environment);
        let fetch = self.engine.start_fetch(query, announce, at);
        self.finish(at);
        fetch
    }

    /// The query function gave data; `false` if nobody wants it any more.
    #[wasm_bindgen(js_name = fetchSucceeded)]
    pub fn fetch_succeeded(
        &mut self,
        query: QueryId,
        fetch: u32,
        now: f64,
        environment: u32,
    ) -> bool {
        let at = wire::moment(now, environment);
        let accepted = self.engine.fetch_succeeded(query, fetch, (), at);
        self.finish(at);
        accepted
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

    /// The fetch failed in a way that no retry mends.
    #[wasm_bindgen(js_name = fetchRejected)]
    pub fn fetch_rejected(
        &mut self,
        query: QueryId,
        fetch: u32,
        now: f64,
        environment: u32,
    ) -> bool {
        let at = wire::moment(now, environment);
        let accepted = self.engine.fetch_rejected(query, fetch, (), at);
        self.finish(at);
        accepted
    }

    /// The query function read its abort signal, or is about to run again.
    #[wasm_bindgen(js_name = signalConsumed)]
    pub fn signal_consumed(&mut self, query: QueryId, fetch: u32, consumed: bool) {
        self.engine.signal_consumed(query, fetch, consumed);
    }

    /// Cancels a query's fetch.
    pub fn cancel(&mut self, query: QueryId, mode: CancelCode, now: f64, environment: u32) -> bool {
        let at = wire::moment(now, environment);
        let cancelled = self.engine.cancel(query, wire::cancel_mode(mode), at);
        self.finish(at);
        cancelled
    }

    /// The page got the focus. `query` for one query only.
    #[wasm_bindgen(js_name = onFocus)]
    pub fn on_focus(&mut self, query: Option<QueryId>, now: f64, environment: u32) {
        let at = wire::moment(now, environment);
        match query {
            Some(query) => self.engine.query_on_focus(query, at),
            None => self.engine.on_focus(at),
        }
        self.finish(at);
    }

    /// The network is back. `query` for one query only.
    #[wasm_bindgen(js_name = onOnline)]
    pub fn on_online(&mut self, query: Option<QueryId>, now: f64, environment: u32) {
        let at = wire::moment(now, environment);
        match query {
            Some(query) => self.engine.query_on_online(query, at),
            None => self.engine.on_online(at),
        }
        self.finish(at);
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

    /// The counters: hits, misses, fetches, evicted keys, keys, observers, hit rate in percent.
    pub fn stats(&self) -> Vec<f64> {
        let stats = self.engine.stats();
        vec![
            stats.hits as f64,
            stats.misses as f64,
            stats.fetches as f64,
            stats.evicted_keys as f64,
            f64::from(stats.keys),
            f64::from(stats.observers),
            stats.hit_rate_percent(),
        ]
    }

    /// Whether the key with text `key` is matched by the one with text `filter`. Throws a code if one is no key.
    #[wasm_bindgen(js_name = keyMatches)]
    pub fn key_matches(key: &str, filter: &str) -> Result<bool, JsValue> {
        Ok(read_key(key)?.matches(&read_key(filter)?))
    }

    pub(super) fn finish(&mut self, at: Moment) {
        self.outbox.fill(&mut self.engine);
        self.timer.arm(self.engine.next_deadline(), at.now);
    }
}

fn read_key(text: &str) -> Result<Key, JsValue> {
    Key::from_json(text).map_err(|error| JsValue::from_str(error.code()))
}

fn stale(stale_time: f64, is_static: bool) -> StaleTime {
    if is_static { StaleTime::Static } else { StaleTime::Millis(stale_time) }
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
