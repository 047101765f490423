//! Agents: the busiest of a workspace.

use rusqlite::named_params;
use samekey::shadower::{TopAgent, TopAgents};

use super::runs::{RunSums, run_source};
use super::{Analyst, AnalyticsError};
use crate::timeframe::{Timeframe, Window};

impl Analyst<'_> {
    /// The `limit` busiest agents of a workspace: most runs first, ties by identifier.
    pub fn top_agents(
        &self,
        workspace: &str,
        timeframe: Timeframe,
        limit: u32,
    ) -> Result<TopAgents, AnalyticsError> {
        let found = self.workspace(workspace)?;
        Ok(TopAgents {
            workspace_id: found.workspace,
            timeframe: timeframe.name().to_owned(),
            limit: limit.into(),
            agents: self.busiest_agents(found.id, timeframe.window(self.now), limit)?,
            computed_at: self.computed_at(),
        })
    }

    pub(super) fn busiest_agents(
        &self,
        workspace: i64,
        window: Window,
        limit: u32,
    ) -> Result<Vec<TopAgent>, AnalyticsError> {
        let sql = format!(
            "SELECT a.public_id, a.name, s.runs, s.succeeded, s.failed, s.credits, s.duration_ms FROM (
               SELECT agent, SUM(runs) AS runs, SUM(succeeded) AS succeeded, SUM(failed) AS failed, SUM(credits) AS credits,
                      SUM(duration_ms) AS duration_ms
               FROM {} GROUP BY agent ORDER BY runs DESC, agent LIMIT :limit
             ) AS s JOIN agents a ON a.id = s.agent ORDER BY s.runs DESC, a.id",
            run_source(window)
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let parameters = named_params! { ":workspace": workspace, ":start": window.start, ":end": window.end, ":limit": limit };
        let rows = statement.query_map(parameters, |row| {
            let sums = RunSums {
                runs: row.get(2)?,
                succeeded: row.get(3)?,
                failed: row.get(4)?,
                credits: row.get(5)?,
                duration_ms: row.get(6)?,
                agents: 1,
            };
            Ok(TopAgent {
                agent_id: row.get(0)?,
                name: row.get(1)?,
                runs: sums.runs,
                success_rate: sums.success_rate(),
                credits: sums.credits as f64,
                avg_duration_ms: sums.avg_duration_ms(),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
