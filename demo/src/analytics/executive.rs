//! The executive view: one workspace's figures at a glance.

use serde::Serialize;

use super::{Analyst, AnalyticsError, PeriodSummary, TopAgent, TrendPoint, money};
use crate::timeframe::Timeframe;

/// How many agents the dashboard ranks.
const DASHBOARD_AGENTS: u32 = 10;

/// The key figures. Those that need a time cover the last 30 days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExecutiveKpis {
    /// Whose figures.
    pub workspace_id: String,
    /// Monthly recurring revenue: the subscription in force. Credits bought are not recurring.
    pub mrr: f64,
    /// Credits used in 30 days.
    pub credits_used: i64,
    /// Credits left now.
    pub credits_remaining: i64,
    /// Users active in the last 24 hours.
    pub dau: i64,
    /// Users active in the last 7 days.
    pub wau: i64,
    /// Users active in the last 30 days.
    pub mau: i64,
    /// Runs started in 30 days.
    pub total_runs: i64,
    /// Succeeded of finished runs in 30 days, 0..1.
    pub success_rate: f64,
    /// Mean duration of finished runs in 30 days.
    pub avg_duration_ms: f64,
    /// Agents with a run in 30 days.
    pub active_agents: i64,
    /// When this was computed.
    pub computed_at: String,
}

/// The executive dashboard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExecutiveDashboard {
    /// Whose dashboard.
    pub workspace_id: String,
    /// Over which time.
    pub timeframe: Timeframe,
    /// The key figures.
    pub kpis: ExecutiveKpis,
    /// The time of the same length before.
    pub previous: PeriodSummary,
    /// The timeframe in four numbers.
    pub current: PeriodSummary,
    /// Bucket by bucket.
    pub trend: Vec<TrendPoint>,
    /// The busiest agents.
    pub top_agents: Vec<TopAgent>,
    /// When this was computed.
    pub computed_at: String,
}

impl Analyst<'_> {
    /// The executive dashboard of a workspace.
    pub fn executive_dashboard(
        self,
        workspace: &str,
        timeframe: Timeframe,
    ) -> Result<ExecutiveDashboard, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let window = timeframe.window(self.now);
        Ok(ExecutiveDashboard {
            kpis: self.kpis(workspace)?,
            workspace_id: found.workspace,
            timeframe,
            previous: self.period_summary(found.id, window.previous())?,
            current: self.period_summary(found.id, window)?,
            trend: self.trend(found.id, window)?,
            top_agents: self.busiest_agents(found.id, window, DASHBOARD_AGENTS)?,
            computed_at: self.computed_at(),
        })
    }

    /// The key figures of a workspace.
    pub fn kpis(self, workspace: &str) -> Result<ExecutiveKpis, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let month = self.run_sums(found.id, Timeframe::Month.window(self.now))?;
        let active =
            |frame: Timeframe| self.active_users_in(found.id, frame.window(self.now), None);
        Ok(ExecutiveKpis {
            workspace_id: found.workspace,
            mrr: money(self.monthly_cents(found.id)?),
            credits_used: month.credits,
            credits_remaining: self.credit_balance(found.id)?,
            dau: active(Timeframe::Day)?,
            wau: active(Timeframe::Week)?,
            mau: active(Timeframe::Month)?,
            total_runs: month.runs,
            success_rate: month.success_rate(),
            avg_duration_ms: month.avg_duration_ms(),
            active_agents: month.agents,
            computed_at: self.computed_at(),
        })
    }
}
