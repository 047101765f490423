//! What the program does beside serving: preparing the file, answering SQL, and
//! measuring itself.

mod prepare;
mod query;
mod timings;

pub use prepare::prepare;
pub use query::query;
pub use timings::timings;
