//! Drives the engine in the browser: the one folder that names wasm-bindgen and gloo.
//!
//! Thin on purpose: a method here converts, calls the engine, and converts back. What a value *means* is
//! decided in [`crate::engine`]; what the user sees is shaped in TypeScript.
//!
//! # How the border is cut
//!
//! - Ids, times and flags cross as numbers. Payloads never cross: JavaScript keeps them by query.
//! - Effects are pulled, not pushed: a call leaves them as numbers in a [buffer](outbox) that JavaScript reads
//!   when the call has returned. So no user code ever runs with a wasm frame below it, and an exception of
//!   the user's can leave nothing half done.
//! - `now` and what the managers say are arguments: see [`crate::engine::Moment`].
//! - The one timer is armed here, with gloo-timers, which asks for the global `setTimeout` when it needs it.

#[cfg(feature = "client")]
mod core;
#[cfg(any(feature = "client", feature = "client-live"))]
mod environment;
#[cfg(feature = "client-fetch")]
mod fetch;
#[cfg(feature = "client")]
mod finding;
#[cfg(feature = "client-live")]
mod live;
#[cfg(feature = "client")]
mod mutations;
#[cfg(feature = "client")]
mod observers;
#[cfg(feature = "client")]
mod outbox;
#[cfg(feature = "client")]
mod queries;
#[cfg(any(feature = "client", feature = "client-live"))]
mod timer;
#[cfg(feature = "client")]
mod wire;

#[cfg(feature = "client")]
pub use self::core::Core;
#[cfg(any(feature = "client", feature = "client-live"))]
pub use self::environment::EnvironmentBits;
#[cfg(feature = "client-fetch")]
pub use self::fetch::JsonRequest;
#[cfg(feature = "client-live")]
pub use self::live::{LinkAct, LinkFaultCode, LinkPlace, LinkStatusCode, LinkSteps, LiveLink};
#[cfg(feature = "client")]
pub use wire::{Act, Ask, EffectCode, EffectWord, ErrorCode};

#[cfg(any(feature = "client", feature = "client-live"))]
pub use self::timer::Waker;

use talc::cell::TalcSyncCell;
use talc::wasm::{WasmBinning, WasmGrowAndClaim};

/// talc: 1.9 kB less to download than the standard allocator, and as fast. (lol_alloc is smaller still, and a
/// hundred times slower at 10,000 entries.)
#[global_allocator]
static ALLOCATOR: TalcSyncCell<WasmGrowAndClaim, WasmBinning> =
    TalcSyncCell::new_wasm(WasmGrowAndClaim);
