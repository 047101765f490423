//! Observers at the border. They leave by `Core.act`.

use wasm_bindgen::prelude::wasm_bindgen;

use super::core::Core;
use super::wire;
use crate::engine::QueryId;

#[wasm_bindgen]
impl Core {
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
}
