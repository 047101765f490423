//! The history of an agent platform, made from a seed: 20 workspaces, their
//! agents and users, and what they did hour by hour.
//!
//! Pure: no clock, no database. [`World::cell`] is the whole of it; the
//! `database` module writes cells to a file.

mod cell;
mod companies;
mod dice;
mod names;
mod people;
mod rhythm;

pub use cell::{Activity, Cell, Recipe, Run, World};
pub use companies::{COMPANIES, Company, Plan};
pub use dice::{Dice, Wheel};
pub use people::{Agent, Cast, User, agent_public_id, segments, user_public_id};
pub use rhythm::{HISTORY_DAYS, OUTAGES, Outage, intensity, outage_at};
