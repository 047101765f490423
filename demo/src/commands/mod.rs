//! What the program does: serving, preparing the file, answering SQL, setting a value, and
//! measuring itself.

mod keys;
mod prepare;
mod query;
mod serve;
mod set;
mod timings;

pub use prepare::prepare;
pub use query::query;
pub use serve::{Serving, serve};
pub use set::set;
pub use timings::timings;
