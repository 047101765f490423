//! Queries at the border: their options, what they hold, how they stand. What is done to one is mostly `Core.act`.

use wasm_bindgen::prelude::wasm_bindgen;

use super::core::Core;
use super::wire::{self, FailureCode, QueryBits};
use crate::engine::{Key, Moment, QueryId, QueryState, StaleTime, Verdict};

#[wasm_bindgen]
impl Core {
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

    /// Replaces the options of a query, or of a mutation where `bits` say so.
    #[wasm_bindgen(js_name = setOptions)]
    #[allow(clippy::too_many_arguments, reason = "as `add`")]
    pub fn set_options(
        &mut self,
        id: u32,
        bits: u32,
        retries: f64,
        delay: f64,
        gc_time: f64,
        now: f64,
        environment: u32,
    ) {
        let at = wire::moment(now, environment);
        if bits & QueryBits::Mutation as u32 != 0 {
            let options = wire::mutation_options(bits, retries, delay, gc_time);
            self.engine.set_mutation_options(id, options, at);
        } else {
            let options = wire::query_options(bits, retries, delay, gc_time);
            self.engine.set_query_options(id, options, at);
        }
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

    /// The query function failed; `retry` and `delay` are what the user's functions answered, if there are any. Without
    /// a `retry`, `false` says that the error is one that no other attempt mends.
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
}
