//! Who stays and who leaves.

use rusqlite::named_params;
use samekey::shadower::{ChurnReport, RetentionCurve, RetentionPoint};

use super::runs::active_source;
use super::{Analyst, AnalyticsError, ratio};
use crate::clock::{date, parse_date};
use crate::timeframe::{DAY, Millis, Timeframe};

/// How many days a curve may have.
const MOST_DAYS: u32 = 365;

impl Analyst<'_> {
    /// How many of those who joined on `cohort_date` did anything on it (day 0) and on each of the `days`
    /// after it; days that have not begun are left out.
    pub fn retention_curve(
        &self,
        workspace: &str,
        cohort_date: &str,
        days: u32,
    ) -> Result<RetentionCurve, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let bad = |field, expected: &str, value: String| AnalyticsError::BadParameter {
            field,
            expected: expected.to_owned(),
            value,
        };
        let cohort = parse_date(cohort_date).ok_or_else(|| {
            bad("cohort_date", "a date such as 2026-11-22", cohort_date.to_owned())
        })?;
        if days > MOST_DAYS {
            return Err(bad("days", "at most 365", days.to_string()));
        }
        let begun = self.now.div_euclid(DAY) - cohort / DAY;
        let mut points: Vec<RetentionPoint> = (0..=days)
            .take_while(|day| Millis::from(*day) <= begun)
            .map(|day| RetentionPoint { day: day.into(), retained: 0, rate: 0.0 })
            .collect();
        let parameters = named_params! { ":workspace": found.id, ":cohort": cohort };
        let cohort_size = self
            .connection
            .prepare_cached("SELECT COUNT(*) FROM users WHERE workspace = :workspace AND created_at >= :cohort AND created_at < :cohort + 86400000")?
            .query_row(parameters, |row| row.get(0))?;
        // Through the user's own indices: a cohort is a few users, a workspace's days are many.
        let mut statement = self.connection.prepare_cached(
            "WITH cohort AS (SELECT id FROM users WHERE workspace = :workspace AND created_at >= :cohort AND created_at < :cohort + 86400000)
             SELECT day, COUNT(*) FROM (
               SELECT (started_at - :cohort) / 86400000 AS day, user FROM cohort JOIN runs ON user = cohort.id
               WHERE started_at >= :cohort AND started_at < :end
               UNION
               SELECT (at - :cohort) / 86400000, user FROM cohort JOIN activity ON user = cohort.id WHERE at >= :cohort AND at < :end
             ) GROUP BY day",
        )?;
        let end = cohort + points.len() as Millis * DAY;
        let mut rows = statement
            .query(named_params! { ":workspace": found.id, ":cohort": cohort, ":end": end })?;
        while let Some(row) = rows.next()? {
            let point = &mut points[row.get::<_, i64>(0)? as usize];
            point.retained = row.get(1)?;
            point.rate = ratio(point.retained, cohort_size);
        }
        Ok(RetentionCurve {
            workspace_id: found.workspace,
            cohort_date: date(cohort),
            days: days.into(),
            cohort_size,
            points,
            computed_at: self.computed_at(),
        })
    }

    /// Users who were active in the time before the timeframe and not since, also as a share of the former;
    /// and those at risk: active in its first half, not in its second.
    pub fn churn(
        &self,
        workspace: &str,
        timeframe: Timeframe,
    ) -> Result<ChurnReport, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let window = timeframe.window(self.now);
        let (before, half) =
            (window.previous(), window.start + window.buckets() as i64 / 2 * window.bucket);
        // One pass over both windows: who was seen in which part of them.
        let sql = format!(
            "SELECT COUNT(*) FILTER (WHERE early), COUNT(*) FILTER (WHERE early AND NOT first AND NOT second),
                    COUNT(*) FILTER (WHERE first AND NOT second)
             FROM (SELECT MAX(at < :middle) AS early, MAX(at >= :middle AND at < :half) AS first, MAX(at >= :half) AS second
                   FROM {} GROUP BY user)",
            active_source(window)
        );
        let parameters = named_params! {
            ":workspace": found.id, ":start": before.start, ":middle": window.start, ":half": half, ":end": window.end,
        };
        let (active_before, churned, at_risk): (i64, i64, i64) = self
            .connection
            .prepare_cached(&sql)?
            .query_row(parameters, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let rate = ratio(churned, active_before);
        Ok(ChurnReport {
            workspace_id: found.workspace,
            timeframe: timeframe.name().to_owned(),
            churned,
            at_risk,
            rate,
            computed_at: self.computed_at(),
        })
    }
}
