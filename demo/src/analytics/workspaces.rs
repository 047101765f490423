//! A workspace: today, and over a timeframe.

use rusqlite::named_params;
use serde::Serialize;

use super::{Analyst, AnalyticsError, TopAgent};
use crate::timeframe::{Timeframe, Window};

/// A workspace today.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkspaceOverview {
    /// Its identifier.
    pub workspace_id: String,
    /// Its display name.
    pub name: String,
    /// Its plan.
    pub plan: String,
    /// How many agents it has.
    pub agents: i64,
    /// How many users have joined it.
    pub users: i64,
    /// Runs started since midnight UTC.
    pub runs_today: i64,
    /// Succeeded of those that finished, 0..1.
    pub success_rate_today: f64,
    /// Credits they used.
    pub credits_today: i64,
    /// When this was computed.
    pub computed_at: String,
}

/// A workspace over a timeframe.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkspaceAnalytics {
    /// Its identifier.
    pub workspace_id: String,
    /// Over which time.
    pub timeframe: Timeframe,
    /// Runs that started.
    pub runs: i64,
    /// Succeeded of finished runs, 0..1.
    pub success_rate: f64,
    /// Credits used.
    pub credits: i64,
    /// Distinct users who did anything.
    pub active_users: i64,
    /// Every agent that ran, busiest first.
    pub by_agent: Vec<TopAgent>,
    /// When this was computed.
    pub computed_at: String,
}

impl Analyst<'_> {
    /// A workspace today.
    pub fn workspace_overview(self, workspace: &str) -> Result<WorkspaceOverview, AnalyticsError> {
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
            credits_today: today.credits,
            computed_at: self.computed_at(),
        })
    }

    /// A workspace over a timeframe, agent by agent.
    pub fn workspace_analytics(
        self,
        workspace: &str,
        timeframe: Timeframe,
    ) -> Result<WorkspaceAnalytics, AnalyticsError> {
        let found = self.workspace(workspace)?;
        let window = timeframe.window(self.now);
        let summary = self.period_summary(found.id, window)?;
        Ok(WorkspaceAnalytics {
            workspace_id: found.workspace,
            timeframe,
            runs: summary.runs,
            success_rate: summary.success_rate,
            credits: summary.credits,
            active_users: summary.active_users,
            by_agent: self.busiest_agents(found.id, window, u32::MAX)?,
            computed_at: self.computed_at(),
        })
    }
}
