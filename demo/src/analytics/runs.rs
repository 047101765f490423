//! Runs and active users over a window: the sums and the trend that several
//! reports share.
//!
//! Windows of whole days read the day tables; shorter ones read the rows. Both
//! sources have the same columns, so every report is one query with a source
//! put in, and a test compares the two.

use rusqlite::named_params;
use samekey::shadower::{PeriodSummary, TrendPoint};

use super::{Analyst, AnalyticsError, ratio};
use crate::clock::instant;
use crate::timeframe::Window;

/// Sums over runs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct RunSums {
    pub(super) runs: i64,
    pub(super) succeeded: i64,
    pub(super) failed: i64,
    pub(super) credits: i64,
    pub(super) duration_ms: i64,
    pub(super) agents: i64,
}

impl RunSums {
    pub(super) fn success_rate(self) -> f64 {
        ratio(self.succeeded, self.succeeded + self.failed)
    }

    pub(super) fn avg_duration_ms(self) -> f64 {
        ratio(self.duration_ms, self.succeeded + self.failed)
    }
}

/// The workspace's runs in `:start..:end`, one row per run or per agent and day.
pub(super) fn run_source(window: Window) -> &'static str {
    if window.is_whole_days() {
        "(SELECT day AS at, agent, runs, succeeded, failed, credits, duration_ms FROM agent_days
          WHERE workspace = :workspace AND day >= :start AND day < :end)"
    } else {
        "(SELECT started_at AS at, agent, 1 AS runs, status = 'succeeded' AS succeeded, status = 'failed' AS failed, credits, duration_ms
          FROM runs WHERE workspace = :workspace AND started_at >= :start AND started_at < :end)"
    }
}

/// When which of the workspace's users was active in `:start..:end`; a user may
/// come up many times in a bucket.
pub(super) fn active_source(window: Window) -> &'static str {
    if window.is_whole_days() {
        "(SELECT day AS at, user FROM user_days WHERE workspace = :workspace AND day >= :start AND day < :end)"
    } else {
        "(SELECT started_at AS at, user FROM runs WHERE workspace = :workspace AND started_at >= :start AND started_at < :end
          UNION ALL
          SELECT at, user FROM activity WHERE workspace = :workspace AND at >= :start AND at < :end)"
    }
}

impl Analyst<'_> {
    pub(super) fn run_sums(
        &self,
        workspace: i64,
        window: Window,
    ) -> Result<RunSums, AnalyticsError> {
        let sql = format!(
            "SELECT COALESCE(SUM(runs), 0), COALESCE(SUM(succeeded), 0), COALESCE(SUM(failed), 0), COALESCE(SUM(credits), 0),
                    COALESCE(SUM(duration_ms), 0), COUNT(DISTINCT agent)
             FROM {}",
            run_source(window)
        );
        let parameters =
            named_params! { ":workspace": workspace, ":start": window.start, ":end": window.end };
        Ok(self.connection.prepare_cached(&sql)?.query_row(parameters, |row| {
            Ok(RunSums {
                runs: row.get(0)?,
                succeeded: row.get(1)?,
                failed: row.get(2)?,
                credits: row.get(3)?,
                duration_ms: row.get(4)?,
                agents: row.get(5)?,
            })
        })?)
    }

    pub(super) fn period_summary(
        &self,
        workspace: i64,
        window: Window,
    ) -> Result<PeriodSummary, AnalyticsError> {
        let sums = self.run_sums(workspace, window)?;
        Ok(PeriodSummary {
            runs: sums.runs,
            success_rate: sums.success_rate(),
            credits: sums.credits as f64,
            active_users: self.active_users_in(workspace, window, None)?,
        })
    }

    /// The workspace's trend: one point per bucket, empty buckets too.
    pub(super) fn trend(
        &self,
        workspace: i64,
        window: Window,
    ) -> Result<Vec<TrendPoint>, AnalyticsError> {
        let mut points = empty_trend(window);
        let sql = format!(
            "SELECT (at - :start) / :bucket, SUM(runs), SUM(failed), SUM(credits) FROM {} GROUP BY 1",
            run_source(window)
        );
        let parameters = named_params! {
            ":workspace": workspace, ":start": window.start, ":end": window.end, ":bucket": window.bucket,
        };
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()? {
            let point = &mut points[row.get::<_, i64>(0)? as usize];
            (point.runs, point.failed, point.credits) = (row.get(1)?, row.get(2)?, row.get(3)?);
        }
        let active = self.active(workspace, window)?.per_bucket(|_| true);
        for (point, active_users) in points.iter_mut().zip(active) {
            point.active_users = active_users;
        }
        Ok(points)
    }
}

/// One point per bucket, in which nothing has happened.
pub(super) fn empty_trend(window: Window) -> Vec<TrendPoint> {
    let nothing =
        |at| TrendPoint { at: instant(at), runs: 0, failed: 0, credits: 0.0, active_users: 0 };
    window.starts().map(nothing).collect()
}
