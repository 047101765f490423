//! The present: things happen, are written to the database, and their events are
//! posted to the cache service, as a platform's own services would.

mod deed;
mod happened;
mod live;

pub use deed::{Deed, happen};
pub use happened::Happened;
pub use live::live;
