//! Agents: the busiest of a workspace, and one agent in depth.

use rusqlite::named_params;
use samekey::shadower::{AgentAnalytics, ErrorCount, TopAgent, TopAgents};

use super::runs::{RunSums, run_source};
use super::{Analyst, AnalyticsError};
use crate::timeframe::{Timeframe, Window};

const AGENT_RUNS: &str =
    "FROM runs WHERE agent = :agent AND started_at >= :start AND started_at < :end";

impl Analyst<'_> {
    /// The `limit` busiest agents of a workspace: most runs first, ties by identifier.
    pub fn top_agents(
        self,
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
        self,
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

    /// One agent in depth. The active users of its trend are those who started its runs; 19 of 20 finished
    /// runs took at most `p95_duration_ms` (nearest rank).
    pub fn agent_analytics(
        self,
        agent: &str,
        timeframe: Timeframe,
    ) -> Result<AgentAnalytics, AnalyticsError> {
        let found = self.agent(agent)?;
        let window = timeframe.window(self.now);
        let sums = self.agent_sums(found.id, window)?;
        let runs = format!(
            "SELECT (started_at - :start) / :bucket, COUNT(*), SUM(status = 'failed'), SUM(credits) {AGENT_RUNS} GROUP BY 1"
        );
        let active = format!(
            "SELECT (started_at - :start) / :bucket, COUNT(DISTINCT user) {AGENT_RUNS} GROUP BY 1"
        );
        Ok(AgentAnalytics {
            agent_id: agent.to_owned(),
            name: found.name,
            workspace_id: found.workspace,
            timeframe: timeframe.name().to_owned(),
            runs: sums.runs,
            success_rate: sums.success_rate(),
            avg_duration_ms: sums.avg_duration_ms(),
            p95_duration_ms: self.p95_duration(found.id, window, sums.succeeded + sums.failed)?,
            credits: sums.credits as f64,
            trend: self.trend_of(window, &runs, &active, (":agent", &found.id))?,
            errors: self.agent_errors(found.id, window)?,
            computed_at: self.computed_at(),
        })
    }

    fn agent_sums(self, agent: i64, window: Window) -> Result<RunSums, AnalyticsError> {
        let sql = format!(
            "SELECT COUNT(*), COALESCE(SUM(status = 'succeeded'), 0), COALESCE(SUM(status = 'failed'), 0), COALESCE(SUM(credits), 0),
                    COALESCE(SUM(duration_ms), 0) {AGENT_RUNS}"
        );
        let parameters =
            named_params! { ":agent": agent, ":start": window.start, ":end": window.end };
        Ok(self.connection.prepare_cached(&sql)?.query_row(parameters, |row| {
            Ok(RunSums {
                runs: row.get(0)?,
                succeeded: row.get(1)?,
                failed: row.get(2)?,
                credits: row.get(3)?,
                duration_ms: row.get(4)?,
                agents: 1,
            })
        })?)
    }

    fn p95_duration(
        self,
        agent: i64,
        window: Window,
        finished: i64,
    ) -> Result<f64, AnalyticsError> {
        if finished == 0 {
            return Ok(0.0);
        }
        // Nearest rank, in whole numbers: ceil(0.95 n), counted from 0.
        let rank = (finished * 95 + 99) / 100 - 1;
        let sql = format!(
            "SELECT duration_ms {AGENT_RUNS} AND status <> 'running' ORDER BY duration_ms LIMIT 1 OFFSET :rank"
        );
        let parameters = named_params! { ":agent": agent, ":start": window.start, ":end": window.end, ":rank": rank };
        let duration: i64 =
            self.connection.prepare_cached(&sql)?.query_row(parameters, |row| row.get(0))?;
        Ok(duration as f64)
    }

    fn agent_errors(self, agent: i64, window: Window) -> Result<Vec<ErrorCount>, AnalyticsError> {
        let sql = format!(
            "SELECT error, COUNT(*) {AGENT_RUNS} AND error IS NOT NULL GROUP BY error ORDER BY 2 DESC, 1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let parameters =
            named_params! { ":agent": agent, ":start": window.start, ":end": window.end };
        let rows = statement.query_map(parameters, |row| {
            Ok(ErrorCount { kind: row.get(0)?, count: row.get(1)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
