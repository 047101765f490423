//! What the program does: serving, preparing the file, answering SQL, and measuring
//! itself.

mod keys;
mod prepare;
mod query;
mod serve;
mod timings;

pub use prepare::prepare;
pub use query::query;
pub use serve::{Serving, serve};
pub use timings::timings;
