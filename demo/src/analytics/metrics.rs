//! Metrics: runs and credits by period, what happens right now, who is active.

use rusqlite::named_params;
use serde::Serialize;

use super::{Analyst, AnalyticsError, TrendPoint};
use crate::timeframe::{MINUTE, Timeframe, Window};

/// How finely a metric is cut, and so how far back it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// The last 30 days, by day.
    Daily,
    /// The last 24 hours, by hour.
    Hourly,
}

impl Period {
    /// Reads what keys and URLs write.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "daily" => Some(Self::Daily),
            "hourly" => Some(Self::Hourly),
            _ => None,
        }
    }

    fn window(self, now: i64) -> Window {
        match self {
            Self::Daily => Timeframe::Month.window(now),
            Self::Hourly => Timeframe::Day.window(now),
        }
    }
}

/// What is counted minute by minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RealtimeMetric {
    /// Runs that started.
    Runs,
    /// Credits they used.
    Credits,
    /// Distinct users who did anything.
    Users,
}

impl RealtimeMetric {
    /// Reads what keys and URLs write.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "runs" => Some(Self::Runs),
            "credits" => Some(Self::Credits),
            "users" => Some(Self::Users),
            _ => None,
        }
    }
}

/// Runs by period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunMetrics {
    /// Whose runs.
    pub workspace_id: String,
    /// By day or by hour.
    pub period: Period,
    /// Bucket by bucket.
    pub buckets: Vec<TrendPoint>,
    /// When this was computed.
    pub computed_at: String,
}

/// The last hour, minute by minute.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RealtimeMetrics {
    /// Whose metric.
    pub workspace_id: String,
    /// What is counted.
    pub metric: RealtimeMetric,
    /// The whole hour's value: a sum, or distinct users.
    pub value: i64,
    /// Sixty values, the last for the minute that is running.
    pub per_minute: Vec<i64>,
    /// When this was computed.
    pub computed_at: String,
}

/// Who is active.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActiveUsers {
    /// Whose users.
    pub workspace_id: String,
    /// `24h`, `7d` or `30d`.
    pub window: Timeframe,
    /// Distinct users who did anything.
    pub active: i64,
    /// When this was computed.
    pub computed_at: String,
}

/// Credits by period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CreditMetrics {
    /// Whose credits.
    pub workspace_id: String,
    /// By day or by hour.
    pub period: Period,
    /// Credits used in all buckets together.
    pub used: i64,
    /// Credits bought in all buckets together.
    pub purchased: i64,
    /// Credits left now.
    pub balance: i64,
    /// Bucket by bucket.
    pub buckets: Vec<CreditPoint>,
    /// When this was computed.
    pub computed_at: String,
}

/// One bucket of credits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CreditPoint {
    /// The bucket's first instant.
    pub at: String,
    /// Credits that runs used.
    pub used: i64,
    /// Credits that were bought.
    pub purchased: i64,
}

impl Analyst<'_> {
    /// Runs by day or by hour.
    pub fn run_metrics(
        self,
        workspace: &str,
        period: Period,
    ) -> Result<RunMetrics, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let buckets = self.trend(found.id, period.window(self.now))?;
        Ok(RunMetrics {
            workspace_id: found.workspace,
            period,
            buckets,
            computed_at: self.computed_at(),
        })
    }

    /// The last hour by minute.
    pub fn realtime_metrics(
        self,
        workspace: &str,
        metric: RealtimeMetric,
    ) -> Result<RealtimeMetrics, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let window = Window::ending(self.now, MINUTE, 60);
        let sql = match metric {
            RealtimeMetric::Users => {
                "SELECT (at - :start) / 60000, COUNT(DISTINCT user) FROM (
                   SELECT started_at AS at, user FROM runs WHERE workspace = :workspace AND started_at >= :start AND started_at < :end
                   UNION ALL
                   SELECT at, user FROM activity WHERE workspace = :workspace AND at >= :start AND at < :end) GROUP BY 1"
            }
            RealtimeMetric::Runs => {
                "SELECT (started_at - :start) / 60000, COUNT(*) FROM runs
                 WHERE workspace = :workspace AND started_at >= :start AND started_at < :end GROUP BY 1"
            }
            RealtimeMetric::Credits => {
                "SELECT (started_at - :start) / 60000, SUM(credits) FROM runs
                 WHERE workspace = :workspace AND started_at >= :start AND started_at < :end GROUP BY 1"
            }
        };
        let mut per_minute = vec![0; window.buckets()];
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(
            named_params! { ":workspace": found.id, ":start": window.start, ":end": window.end },
        )?;
        while let Some(row) = rows.next()? {
            per_minute[row.get::<_, i64>(0)? as usize] = row.get(1)?;
        }
        let value = match metric {
            // A user of two minutes is one user of the hour.
            RealtimeMetric::Users => self.active_users_in(found.id, window, None)?,
            _ => per_minute.iter().sum(),
        };
        Ok(RealtimeMetrics {
            workspace_id: found.workspace,
            metric,
            value,
            per_minute,
            computed_at: self.computed_at(),
        })
    }

    /// Distinct users in the last 24 hours, 7 or 30 days.
    pub fn active_users(
        self,
        workspace: &str,
        window: Timeframe,
    ) -> Result<ActiveUsers, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let active = self.active_users_in(found.id, window.window(self.now), None)?;
        Ok(ActiveUsers {
            workspace_id: found.workspace,
            window,
            active,
            computed_at: self.computed_at(),
        })
    }

    /// Credits used and bought, by day or by hour.
    pub fn credit_metrics(
        self,
        workspace: &str,
        period: Period,
    ) -> Result<CreditMetrics, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let window = period.window(self.now);
        let mut buckets: Vec<CreditPoint> = self
            .trend(found.id, window)?
            .into_iter()
            .map(|point| CreditPoint { at: point.at, used: point.credits, purchased: 0 })
            .collect();
        let mut statement = self.connection.prepare_cached(
            "SELECT (at - :start) / :bucket, SUM(credits) FROM credit_transactions
             WHERE workspace = :workspace AND at >= :start AND at < :end AND kind = 'purchase' GROUP BY 1",
        )?;
        let parameters = named_params! { ":workspace": found.id, ":start": window.start, ":end": window.end, ":bucket": window.bucket };
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()? {
            buckets[row.get::<_, i64>(0)? as usize].purchased = row.get(1)?;
        }
        Ok(CreditMetrics {
            workspace_id: found.workspace,
            period,
            used: buckets.iter().map(|bucket| bucket.used).sum(),
            purchased: buckets.iter().map(|bucket| bucket.purchased).sum(),
            balance: self.credit_balance(found.id)?,
            buckets,
            computed_at: self.computed_at(),
        })
    }

    /// What came in less what runs used, over all time.
    pub(super) fn credit_balance(self, workspace: i64) -> Result<i64, AnalyticsError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT COALESCE((SELECT SUM(credits) FROM credit_transactions WHERE workspace = :workspace), 0)
                  - COALESCE((SELECT SUM(credits) FROM agent_days WHERE workspace = :workspace), 0)",
        )?;
        Ok(statement.query_row(named_params! { ":workspace": workspace }, |row| row.get(0))?)
    }
}
