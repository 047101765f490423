//! A workspace: today, and over a timeframe.

use rusqlite::named_params;
use samekey::shadower::{WorkspaceAnalytics, WorkspaceOverview};

use super::{Analyst, AnalyticsError};
use crate::timeframe::{Timeframe, Window};

impl Analyst<'_> {
    /// A workspace today: since midnight UTC.
    pub fn workspace_overview(&self, workspace: &str) -> Result<WorkspaceOverview, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let today = self.run_sums(found.id, Window::day_of(self.now))?;
        let (plan, agents, users) = self
            .connection
            .prepare_cached(
                "SELECT plan, (SELECT COUNT(*) FROM agents WHERE workspace = w.id), (SELECT COUNT(*) FROM users WHERE workspace = w.id)
                 FROM workspaces w WHERE id = :workspace",
            )?
            .query_row(named_params! { ":workspace": found.id }, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(WorkspaceOverview {
            workspace_id: found.workspace,
            name: found.name,
            plan,
            agents,
            users,
            runs_today: today.runs,
            success_rate_today: today.success_rate(),
            credits_today: today.credits as f64,
            computed_at: self.computed_at(),
        })
    }

    /// A workspace over a timeframe, and each agent that ran, busiest first.
    pub fn workspace_analytics(
        &self,
        workspace: &str,
        timeframe: Timeframe,
    ) -> Result<WorkspaceAnalytics, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let window = timeframe.window(self.now);
        let summary = self.period_summary(found.id, window)?;
        Ok(WorkspaceAnalytics {
            workspace_id: found.workspace,
            timeframe: timeframe.name().to_owned(),
            runs: summary.runs,
            success_rate: summary.success_rate,
            credits: summary.credits,
            active_users: summary.active_users,
            by_agent: self.busiest_agents(found.id, window, u32::MAX)?,
            computed_at: self.computed_at(),
        })
    }
}
