//! Metrics: runs and credits by period, what happens right now, who is active.

use rusqlite::named_params;
use samekey::shadower::{ActiveUsers, CreditMetrics, CreditPoint, RealtimeMetrics, RunMetrics};

use super::{Analyst, AnalyticsError};
use crate::timeframe::{MINUTE, Timeframe, Window};

/// How finely a metric is cut, and so how far back it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    /// The word that keys and URLs write.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Hourly => "hourly",
        }
    }

    fn window(&self, now: i64) -> Window {
        match self {
            Self::Daily => Timeframe::Month.window(now),
            Self::Hourly => Timeframe::Day.window(now),
        }
    }
}

/// What is counted minute by minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    /// The word that keys and URLs write.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Credits => "credits",
            Self::Users => "users",
        }
    }
}

impl Analyst<'_> {
    /// Runs by day or by hour.
    pub fn run_metrics(
        &self,
        workspace: &str,
        period: Period,
    ) -> Result<RunMetrics, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let buckets = self.trend(found.id, period.window(self.now))?;
        Ok(RunMetrics {
            workspace_id: found.workspace,
            period: period.name().to_owned(),
            buckets,
            computed_at: self.computed_at(),
        })
    }

    /// The last sixty minutes, the last of which is running. `value` is the whole hour's: a sum, or distinct
    /// users, of whom one who came in two minutes is one.
    pub fn realtime_metrics(
        &self,
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
        let mut per_minute = vec![0.0; window.buckets()];
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(
            named_params! { ":workspace": found.id, ":start": window.start, ":end": window.end },
        )?;
        while let Some(row) = rows.next()? {
            per_minute[row.get::<_, i64>(0)? as usize] = row.get(1)?;
        }
        let value = match metric {
            RealtimeMetric::Users => self.active_users_in(found.id, window, None)? as f64,
            _ => per_minute.iter().sum(),
        };
        Ok(RealtimeMetrics {
            workspace_id: found.workspace,
            metric: metric.name().to_owned(),
            value,
            per_minute,
            computed_at: self.computed_at(),
        })
    }

    /// Distinct users in the last 24 hours, 7 or 30 days.
    pub fn active_users(
        &self,
        workspace: &str,
        window: Timeframe,
    ) -> Result<ActiveUsers, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let active = self.active_users_in(found.id, window.window(self.now), None)?;
        Ok(ActiveUsers {
            workspace_id: found.workspace,
            window: window.name().to_owned(),
            active,
            computed_at: self.computed_at(),
        })
    }

    /// Credits used and bought, by day or by hour.
    pub fn credit_metrics(
        &self,
        workspace: &str,
        period: Period,
    ) -> Result<CreditMetrics, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let window = period.window(self.now);
        let mut buckets: Vec<CreditPoint> = self
            .trend(found.id, window)?
            .into_iter()
            .map(|point| CreditPoint { at: point.at, used: point.credits, purchased: 0.0 })
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
            period: period.name().to_owned(),
            used: buckets.iter().map(|bucket| bucket.used).sum(),
            purchased: buckets.iter().map(|bucket| bucket.purchased).sum(),
            balance: self.credit_balance(found.id)? as f64,
            buckets,
            computed_at: self.computed_at(),
        })
    }

    /// What came in less what runs used, over all time.
    pub(super) fn credit_balance(&self, workspace: i64) -> Result<i64, AnalyticsError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT COALESCE((SELECT SUM(credits) FROM credit_transactions WHERE workspace = :workspace), 0)
                  - COALESCE((SELECT SUM(credits) FROM agent_days WHERE workspace = :workspace), 0)",
        )?;
        Ok(statement.query_row(named_params! { ":workspace": workspace }, |row| row.get(0))?)
    }
}
