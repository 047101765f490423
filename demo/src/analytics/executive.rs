//! The executive view: one workspace's figures at a glance.

use samekey::shadower::{ExecutiveDashboard, ExecutiveKpis};

use super::{Analyst, AnalyticsError, money};
use crate::timeframe::Timeframe;

/// How many agents the dashboard ranks.
const DASHBOARD_AGENTS: u32 = 10;

impl Analyst<'_> {
    /// The executive dashboard of a workspace: the timeframe, the time of the same length before it, the trend,
    /// and the busiest agents.
    pub fn executive_dashboard(
        &self,
        workspace: &str,
        timeframe: Timeframe,
    ) -> Result<ExecutiveDashboard, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let window = timeframe.window(self.now);
        Ok(ExecutiveDashboard {
            kpis: self.kpis(workspace)?,
            workspace_id: found.workspace,
            timeframe: timeframe.name().to_owned(),
            previous: self.period_summary(found.id, window.previous())?,
            current: self.period_summary(found.id, window)?,
            trend: self.trend(found.id, window)?,
            top_agents: self.busiest_agents(found.id, window, DASHBOARD_AGENTS)?,
            computed_at: self.computed_at(),
        })
    }

    /// The key figures of a workspace; those that need a time cover 30 days. The monthly recurring revenue is
    /// the subscription in force: credits bought are not recurring. Daily, weekly and monthly active users
    /// are those of the last 24 hours, 7 and 30 days.
    pub fn kpis(&self, workspace: &str) -> Result<ExecutiveKpis, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let month = self.run_sums(found.id, Timeframe::Month.window(self.now))?;
        let active =
            |frame: Timeframe| self.active_users_in(found.id, frame.window(self.now), None);
        Ok(ExecutiveKpis {
            workspace_id: found.workspace,
            mrr: money(self.monthly_cents(found.id)?),
            credits_used: month.credits as f64,
            credits_remaining: self.credit_balance(found.id)? as f64,
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
