//! Money: subscriptions, day by day, and credits bought.

use rusqlite::{OptionalExtension, named_params};
use samekey::shadower::{PlanRevenue, RevenuePoint, RevenueReport};

use super::{Analyst, AnalyticsError, money};
use crate::clock::date;
use crate::timeframe::{DAY, Millis, Timeframe, Window};

/// A subscription's month is thirty days of revenue.
const DAYS_IN_MONTH: i64 = 30;

/// The days of a report: whole days, at least one.
fn days_of(timeframe: Timeframe, now: Millis) -> Window {
    let days = match timeframe {
        Timeframe::Hour => 1,
        Timeframe::Day => 2,
        Timeframe::Week => 7,
        Timeframe::Month => 30,
        Timeframe::Quarter => 90,
    };
    Window::ending(now, DAY, days)
}

impl Analyst<'_> {
    /// What a workspace paid, day by day and by the plan that was in force. A day's `revenue` is its share of
    /// the subscription and the money for credits, of which `credits` is the latter; the day tables of the
    /// two cover whole UTC days, so a timeframe below a day counts as the days it touches.
    pub fn revenue(
        &self,
        workspace: &str,
        timeframe: Timeframe,
    ) -> Result<RevenueReport, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let window = days_of(timeframe, self.now);
        // Plans change at midnight, so every day belongs to exactly one.
        let mut statement = self.connection.prepare_cached(
            "WITH RECURSIVE days (day) AS (SELECT :start UNION ALL SELECT day + 86400000 FROM days WHERE day + 86400000 < :end)
             SELECT day, COALESCE(s.plan, 'free'), COALESCE(s.monthly_cents, 0),
                    COALESCE((SELECT SUM(amount_cents) FROM credit_transactions
                              WHERE workspace = :workspace AND at >= day AND at < day + 86400000), 0)
             FROM days LEFT JOIN subscriptions s
               ON s.workspace = :workspace AND s.started_at <= day AND (s.ended_at IS NULL OR s.ended_at > day)
             ORDER BY day",
        )?;
        let parameters =
            named_params! { ":workspace": found.id, ":start": window.start, ":end": window.end };
        let mut rows = statement.query(parameters)?;
        let (mut by_day, mut by_plan, mut credits_cents) =
            (Vec::new(), Vec::<(String, f64)>::new(), 0);
        while let Some(row) = rows.next()? {
            let (day, plan, monthly, credits): (Millis, String, i64, i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            let revenue = money(monthly) / DAYS_IN_MONTH as f64 + money(credits);
            credits_cents += credits;
            by_day.push(RevenuePoint {
                date: date(day),
                revenue: cents(revenue),
                credits: money(credits),
            });
            match by_plan.iter_mut().find(|entry| entry.0 == plan) {
                Some(entry) => entry.1 += revenue,
                None => by_plan.push((plan, revenue)),
            }
        }
        by_plan.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ok(RevenueReport {
            workspace_id: found.workspace,
            timeframe: timeframe.name().to_owned(),
            mrr: money(self.monthly_cents(found.id)?),
            credits_revenue: money(credits_cents),
            by_day,
            by_plan: by_plan
                .into_iter()
                .map(|(plan, revenue)| PlanRevenue { plan, revenue: cents(revenue) })
                .collect(),
            computed_at: self.computed_at(),
        })
    }

    /// What the subscription in force now costs a month.
    pub(super) fn monthly_cents(&self, workspace: i64) -> Result<i64, AnalyticsError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT monthly_cents FROM subscriptions
             WHERE workspace = :workspace AND started_at <= :now AND (ended_at IS NULL OR ended_at > :now)",
        )?;
        let found = statement
            .query_row(named_params! { ":workspace": workspace, ":now": self.now }, |row| {
                row.get(0)
            });
        Ok(found.optional()?.unwrap_or(0))
    }
}

/// Rounded to whole cents, so that a third of a cent is not shown as one.
fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}
