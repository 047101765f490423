//! The connection to a stream of invalidations, as a state machine of its own: when to connect, what to believe,
//! when to give up. Sans-IO like the rest of the engine, and apart from it: it knows no queries, so that it is downloaded
//! by those alone who use it. What touches queries is [`Engine::outdate`](super::Engine::outdate) and
//! [`Engine::set_covered`](super::Engine::set_covered).
//!
//! - [`Link`]: the states, and what leads from one to the next. `server` is what the server of an own connection says,
//!   `surroundings` what becomes of network, focus and page, `tabs` what other tabs of the browser do: one of them has the
//!   connection, and tells the others.
//! - [`Steps`]: what the host has to do after a call.
//! - `standing`: how a link stands, as people see it.
//! - `backoff`: how long to wait before the next attempt.
//! - `gathering`: which changes are applied together.

mod backoff;
mod gathering;
mod link;
mod server;
mod standing;
mod steps;
mod surroundings;
mod tabs;

pub use link::Link;
pub use standing::{LinkFault, LinkStatus, Since};
pub use steps::Steps;
