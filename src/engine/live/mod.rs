//! The connection to a stream of invalidations, as a state machine of its own: when to connect, what to believe,
//! when to give up. Sans-IO like the rest of the engine, and apart from it: it knows no queries, so that it is downloaded
//! by those alone who use it. What touches queries is [`Engine::outdate`](super::Engine::outdate) and
//! [`Engine::set_covered`](super::Engine::set_covered).
//!
//! - [`Link`]: the states, and what leads from one to the next.
//! - [`Steps`]: what the host has to do after a call.
//! - `backoff`: how long to wait before the next attempt.

mod backoff;
mod link;
mod steps;

pub use link::{Link, LinkFault, LinkStatus, Since};
pub use steps::Steps;
