//! Who may do what: scopes, and the entities whose data a caller may touch.
//!
//! - [`Authorize`] turns a request into an [`Access`]: [`Principal`], [`Scopes`], [`Reach`]. A closure is one;
//!   `Jwt` (feature `jwt`) is one ready-made.
//! - [`RateLimit`]: how often a principal may change something.
//! - [`AuditLog`]: who invalidated what, who read what is sensitive, who was refused.
//!
//! [`http::Routes`](super::http::Routes) asks them on every request, in this order: who is it, may he, not too
//! often, and then it is written down.

mod audit;
mod authorize;
mod error;
#[cfg(feature = "jwt")]
mod jwt;
mod principal;
mod rate_limit;
mod reach;
mod scope;

pub use audit::{AuditLog, AuditRecord, Outcome};
pub use authorize::{Access, AccessFuture, Authorize, QueryToken};
pub use error::AccessConfigError;
#[cfg(feature = "jwt")]
pub use jwt::{Jwt, JwtKey};
pub use principal::Principal;
pub(crate) use rate_limit::Limiter;
pub use rate_limit::RateLimit;
pub use reach::{Ids, Reach};
pub use scope::{Scope, Scopes};
