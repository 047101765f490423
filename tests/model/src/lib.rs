//! The protocol of leases, fences and tickets, searched to the end: every order in which the steps of three readers and
//! two invalidations on two nodes can come, with values that expire and leases and copies that are evicted.
//!
//! # The model
//!
//! A step is what the program does at once: one command of the store, one look or change under one lock, one
//! atomic counter: to drop a copy is to bump and then to remove, to keep one is to put it in, to look, to confirm. The names of the steps are those of the sources (`src/server/compute`, `src/server/service`,
//! `src/server/l1/fence.rs`). What is abstracted is not in the program's favour: a generation is not a number
//! but whether somebody bumped it since it was sampled; messages between nodes arrive in any order and as late as they
//! like; what the store pushes of changes, which drops copies sooner, never comes; the first look at the fence, which
//! only saves work, is left out. And a step that only makes a later check
//! stricter when something comes between is one with the step behind it: a sample and its question to the store, a count
//! of seats and what it is the count for.
//!
//! What must hold: who asks after an invalidation has returned is served nothing from before it. A copy on another node
//! may be served until the notice is there, as nobody can drop what he has not heard of.
//!
//! And each safeguard is needed: without it, the same search finds an order of steps that serves something stale.
//!
//! # The search
//!
//! Two readers and two invalidations have 14 million worlds, and a third reader makes them too many. `reduce` says which need
//! not be searched and why; a thousand are left of the 14 million. Worlds are kept whole, in 120 bits, so that none is taken for another.
//!
//! By hand and not with `stateright`, which was tried on this model (0.31: it finds the same number of worlds): it keeps
//! fingerprints and gives back no worlds, and with those the reductions are compared here; it has no reduction by order and
//! one by symmetry that its breadth-first search does not use; it is three times slower, and 45 crates.

mod compare;
mod packed;
mod reduce;
mod scenario;
mod search;
mod steps;
mod story;
mod world;

pub use compare::{Compared, compare};
pub use reduce::Reductions;
pub use scenario::{A, Asks, B, Losses, REFRESH, Safeguard, Scenario};
pub use search::{Searched, search};
