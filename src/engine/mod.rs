//! The query cache as a state machine: `(input, moment) -> effects`.
//!
//! Pure and sans-IO: nothing here fetches, sleeps, reads a clock or names JavaScript. Each call takes
//! the [`Moment`] it happens at and queues [`Effect`]s; the host takes them with
//! [`Engine::poll_effect`] and performs them (runs the query function, tells the observers, arms the one
//! timer) *after* the call has returned, so user code can never meet a borrowed engine.
//!
//! # Layout
//!
//! - [`Engine`]: the public calls, one file per concern: `queries`, `observers`, `fetching`,
//!   `triggers` (focus, reconnect, time), `outdating` (what was changed elsewhere), `filters`, `mutations`.
//! - [`state`](QueryState): what a query can be, and the one reducer through which it changes.
//! - `key`, `index`: keys as JSON values; exact lookup in O(1), prefix and pattern in O(matches).
//! - `deadlines`: every gc, stale, poll and retry deadline in one heap.
//! - `retryer`: attempts, backoff, pausing; shared by queries and mutations.
//!
//! The behaviour is that of TanStack Query v5; where it differs on purpose, `docs/differences.md` says so.

mod cancelling;
mod deadlines;
mod effect;
#[allow(clippy::module_inception, reason = "the engine is what this module is about")]
mod engine;
mod fetching;
mod filters;
mod id_set;
mod id_table;
mod index;
mod key;
pub mod live;
mod moment;
mod mutations;
mod observers;
mod options;
mod order;
mod outdating;
mod queries;
mod retryer;
mod state;
mod stats;
mod triggers;

pub use cancelling::CancelMode;
pub use effect::Effect;
pub use engine::{Engine, FetchId, MutationId, ObserverId, QueryId};
pub use fetching::{Failure, Verdict};
pub use filters::{Filter, KeyFilter, QueryType};
pub use key::{Key, KeyError, Value};
pub use moment::Moment;
pub use mutations::{MutationAction, MutationOptions, MutationState, MutationStatus};
pub use observers::ObserverFlags;
pub use options::{
    NetworkMode, ObserverOptions, QueryOptions, RefetchOn, Retry, RetryDelay, StaleTime,
};
pub use queries::QueryFlags;
pub use state::{Action, ActionKind, FetchStatus, QueryState, Status};
pub use stats::Stats;
