//! When, and in what surroundings, a call happens, as it crosses the border.

#[cfg(feature = "client")]
use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::Moment;

/// What a `Moment` holds besides the time.
// TypeScript has it from the core's module alone.
#[cfg_attr(feature = "client", wasm_bindgen)]
#[derive(Clone, Copy)]
pub enum EnvironmentBits {
    /// The network is there.
    Online = 1,
    /// The page is visible.
    Focused = 2,
    /// A server render.
    Server = 4,
}

pub(super) fn moment(now: f64, environment: u32) -> Moment {
    let has = |bit: EnvironmentBits| environment & bit as u32 != 0;
    Moment {
        now,
        online: has(EnvironmentBits::Online),
        focused: has(EnvironmentBits::Focused),
        server: has(EnvironmentBits::Server),
    }
}
