//! Who may do what: scopes, and the entities whose data a caller may touch.
//!
//! - [`Authorize`] turns a request into an [`Access`]: [`Principal`], [`Scopes`], [`Reach`]. A closure is one;
//!   [`jwt`] (feature `jwt`) has one ready-made.
//! - [`RateLimit`]: how often a principal may change something.
//! - [`AuditLog`]: who invalidated what, who read what is sensitive, who was refused.
//!
//! [`http::Routes`](super::http::Routes) asks them on every request, in this order: who is it, may he, not too
//! often, and then it is written down.

mod authorize;
mod principal;
mod reach;
mod scope;

pub use authorize::{Access, AccessFuture, Authorize, QueryToken};
pub use principal::Principal;
pub use reach::{Ids, Reach};
pub use scope::{Scope, Scopes};
