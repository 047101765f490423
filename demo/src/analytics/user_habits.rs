//! One user's habits: what they did is read once, and gives the figures of every timeframe that is asked for.

use rusqlite::named_params;
use samekey::shadower::UserMetrics;

use super::runs::RunSums;
use super::{Analyst, AnalyticsError};
use crate::timeframe::{DAY, Millis, Timeframe, Window};

/// In the order of their indices, which they never leave.
const USER_RUNS: &str = "SELECT started_at, status, credits FROM runs
     WHERE user = :user AND started_at >= :start AND started_at < :end";
const USER_ACTIVITY: &str =
    "SELECT at FROM activity WHERE user = :user AND at >= :start AND at < :end";

impl Analyst<'_> {
    /// [`Analyst::user_metrics`] of several timeframes, in their order, by two statements.
    pub fn user_metrics_in<const N: usize>(
        &self,
        user: &str,
        timeframes: [Timeframe; N],
    ) -> Result<[UserMetrics; N], AnalyticsError> {
        let found = self.user(user)?;
        let mut habits = timeframes.map(|frame| Habits::of(frame.window(self.now)));
        let start = habits.iter().map(|habits| habits.window.start).min();
        let end = habits.iter().map(|habits| habits.window.end).max();
        let stretch = named_params! { ":user": found.id, ":start": start, ":end": end };
        let mut runs = self.connection.prepare_cached(USER_RUNS)?;
        let mut runs = runs.query(stretch)?;
        while let Some(row) = runs.next()? {
            let (started_at, credits): (_, i64) = (row.get(0)?, row.get(2)?);
            let status = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            for habits in habits.iter_mut().filter(|of| of.window.holds(started_at)) {
                habits.sums.runs += 1;
                habits.sums.succeeded += i64::from(status == "succeeded");
                habits.sums.failed += i64::from(status == "failed");
                habits.sums.credits += credits;
                habits.days.push(started_at.div_euclid(DAY));
            }
        }
        let mut activity = self.connection.prepare_cached(USER_ACTIVITY)?;
        let mut activity = activity.query(stretch)?;
        while let Some(row) = activity.next()? {
            let at: Millis = row.get(0)?;
            for habits in habits.iter_mut().filter(|of| of.window.holds(at)) {
                habits.days.push(at.div_euclid(DAY));
            }
        }
        let mut timeframes = timeframes.into_iter();
        Ok(habits.map(|habits| UserMetrics {
            user_id: user.to_owned(),
            timeframe: timeframes.next().map_or("", Timeframe::name).to_owned(),
            runs: habits.sums.runs,
            success_rate: habits.sums.success_rate(),
            credits: habits.sums.credits as f64,
            active_days: habits.active_days(),
            computed_at: self.computed_at(),
        }))
    }
}

/// What a user did in one window.
struct Habits {
    window: Window,
    sums: RunSums,
    /// The day of everything they did.
    days: Vec<i64>,
}

impl Habits {
    fn of(window: Window) -> Self {
        Self { window, sums: RunSums::default(), days: Vec::new() }
    }

    fn active_days(mut self) -> i64 {
        self.days.sort_unstable();
        self.days.dedup();
        self.days.len() as i64
    }
}
