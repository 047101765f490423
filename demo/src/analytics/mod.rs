//! The answers: SQL over the history, one file per group of routes.
//!
//! The answers are the schema's own types, so server and browser read one
//! definition. Every question is a method of [`Analyst`], which holds a read-only connection
//! and the instant at which the question is asked; equal data and equal instants
//! give equal answers. What one question has read, the next of the same analyst
//! need not read again: many answers at once cost less than one after the other.

mod active;
mod agent_runs;
mod agents;
mod error;
mod executive;
mod lists;
mod metrics;
mod notes;
mod retention;
mod revenue;
mod runs;
mod user_habits;
mod users;
mod workspaces;

use rusqlite::Connection;

pub use error::AnalyticsError;
pub use lists::{AgentEntry, AgentList, UserEntry, UserList, WorkspaceEntry, WorkspaceList};
pub use metrics::{Period, RealtimeMetric};

use self::notes::Notes;
use crate::timeframe::Millis;

/// Asks the database, at one instant.
#[derive(Debug)]
pub struct Analyst<'c> {
    connection: &'c Connection,
    now: Millis,
    notes: Notes,
}

impl<'c> Analyst<'c> {
    /// An analyst who reads through `connection` and takes `now` for the present.
    pub fn new(connection: &'c Connection, now: Millis) -> Self {
        Self { connection, now, notes: Notes::default() }
    }

    fn computed_at(&self) -> String {
        crate::clock::instant(self.now)
    }
}

/// `part` of `whole` as 0..1; 0 when there is nothing to take a part of.
fn ratio(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Cents as units of the currency.
fn money(cents: i64) -> f64 {
    cents as f64 / 100.0
}
