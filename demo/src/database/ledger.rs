//! The workspaces' credit balances while history is written: grants on the
//! first of a month, a purchase whenever a balance runs low, as the platform's
//! automatic top-up does it.

use jiff::{Timestamp, tz::TimeZone};
use rusqlite::Connection;

use super::DatabaseError;
use super::append::append_credits;
use crate::history::COMPANIES;
use crate::timeframe::{DAY, Millis};

/// A balance per workspace.
pub(super) struct Ledger<'c> {
    connection: &'c Connection,
    balances: Vec<i64>,
}

impl<'c> Ledger<'c> {
    /// The balances as the tables have them.
    pub(super) fn read(connection: &'c Connection) -> Result<Self, DatabaseError> {
        let mut balance = connection.prepare(
            "SELECT COALESCE((SELECT SUM(credits) FROM credit_transactions WHERE workspace = ?1), 0)
                  - COALESCE((SELECT SUM(credits) FROM agent_days WHERE workspace = ?1), 0)",
        )?;
        let balances = (1..=COMPANIES.len() as i64)
            .map(|id| balance.query_row([id], |row| row.get(0)))
            .collect::<Result<_, _>>()?;
        Ok(Self { connection, balances })
    }

    /// Takes off what the company numbered `index` spent in `first..=last`, and
    /// writes what came in.
    pub(super) fn settle(
        &mut self,
        index: usize,
        spent: i64,
        first: Millis,
        last: Millis,
    ) -> Result<(), DatabaseError> {
        let (plan, workspace) = (COMPANIES[index].plan, index as i64 + 1);
        let balance = &mut self.balances[index];
        *balance -= spent;
        if starts_month(first) {
            *balance += plan.monthly_grant();
            let grant = (plan.monthly_grant(), 0);
            append_credits(self.connection, workspace, first, "grant", grant)?;
        }
        let (credits, cents) = plan.pack();
        if *balance < credits / 5 {
            let packs = 1 + (credits / 5 - *balance) / credits;
            *balance += packs * credits;
            let bought = (packs * credits, packs * cents);
            append_credits(self.connection, workspace, last, "purchase", bought)?;
        }
        Ok(())
    }
}

fn starts_month(at: Millis) -> bool {
    at % DAY == 0
        && Timestamp::from_millisecond(at)
            .is_ok_and(|stamp| stamp.to_zoned(TimeZone::UTC).day() == 1)
}
