//! The same answers, the slow and obvious way: every row in memory, one loop per
//! figure, no SQL beyond `SELECT *`.

use std::collections::{BTreeSet, HashMap};

use rusqlite::Connection;
use samekey::shadower::{PeriodSummary, TopAgent, TrendPoint};
use samekey_demo::clock::instant;
use samekey_demo::timeframe::{Millis, Window};

#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) workspace: i64,
    pub(crate) agent: i64,
    pub(crate) user: i64,
    pub(crate) at: Millis,
    pub(crate) status: String,
    pub(crate) duration_ms: i64,
    pub(crate) credits: i64,
    pub(crate) error: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Deed {
    pub(crate) workspace: i64,
    pub(crate) user: i64,
    pub(crate) at: Millis,
    pub(crate) kind: String,
    pub(crate) detail: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) public_id: String,
    pub(crate) workspace: i64,
    pub(crate) segment: String,
    pub(crate) created_at: Millis,
}

/// Everything in the file.
#[derive(Debug)]
pub(crate) struct Plain {
    pub(crate) workspaces: Vec<(i64, String, String, String)>,
    pub(crate) runs: Vec<Run>,
    pub(crate) deeds: Vec<Deed>,
    pub(crate) people: Vec<Person>,
    /// id, public id, workspace, name
    pub(crate) agents: Vec<(i64, String, i64, String)>,
    /// workspace, at, kind, credits, cents
    pub(crate) credits: Vec<(i64, Millis, String, i64, i64)>,
    /// workspace, plan, monthly cents, from, to
    pub(crate) subscriptions: Vec<(i64, String, i64, Millis, Option<Millis>)>,
}

fn all<T>(
    connection: &Connection,
    sql: &str,
    read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let mut statement = connection.prepare(sql).expect(sql);
    statement.query_map([], |row| read(row)).and_then(Iterator::collect).expect(sql)
}

impl Plain {
    pub(crate) fn read(connection: &Connection) -> Self {
        Self {
            workspaces: all(connection, "SELECT id, public_id, name, plan FROM workspaces", |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
            }),
            runs: all(connection, "SELECT * FROM runs", |r| {
                Ok(Run {
                    workspace: r.get("workspace")?,
                    agent: r.get("agent")?,
                    user: r.get("user")?,
                    at: r.get("started_at")?,
                    status: r.get("status")?,
                    duration_ms: r.get("duration_ms")?,
                    credits: r.get("credits")?,
                    error: r.get("error")?,
                })
            }),
            deeds: all(connection, "SELECT * FROM activity", |r| {
                Ok(Deed {
                    workspace: r.get("workspace")?,
                    user: r.get("user")?,
                    at: r.get("at")?,
                    kind: r.get("kind")?,
                    detail: r.get("detail")?,
                })
            }),
            people: all(connection, "SELECT * FROM users", |r| {
                Ok(Person {
                    id: r.get("id")?,
                    public_id: r.get("public_id")?,
                    workspace: r.get("workspace")?,
                    segment: r.get("segment")?,
                    created_at: r.get("created_at")?,
                })
            }),
            agents: all(connection, "SELECT id, public_id, workspace, name FROM agents", |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
            }),
            credits: all(
                connection,
                "SELECT workspace, at, kind, credits, amount_cents FROM credit_transactions",
                |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)),
            ),
            subscriptions: all(
                connection,
                "SELECT workspace, plan, monthly_cents, started_at, ended_at FROM subscriptions",
                |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)),
            ),
        }
    }

    pub(crate) fn runs_in(&self, workspace: i64, window: Window) -> Vec<&Run> {
        self.runs
            .iter()
            .filter(|run| {
                run.workspace == workspace && (window.start..window.end).contains(&run.at)
            })
            .collect()
    }

    /// Everyone who ran or did something.
    pub(crate) fn active(&self, workspace: i64, window: Window) -> BTreeSet<i64> {
        let inside = |at: Millis| (window.start..window.end).contains(&at);
        let runners = self
            .runs
            .iter()
            .filter(|run| run.workspace == workspace && inside(run.at))
            .map(|run| run.user);
        let doers = self
            .deeds
            .iter()
            .filter(|deed| deed.workspace == workspace && inside(deed.at))
            .map(|deed| deed.user);
        runners.chain(doers).collect()
    }

    pub(crate) fn active_of_segment(
        &self,
        workspace: i64,
        window: Window,
        segment: Option<&str>,
    ) -> i64 {
        let segments: HashMap<i64, &str> =
            self.people.iter().map(|person| (person.id, person.segment.as_str())).collect();
        let active = self.active(workspace, window);
        active.iter().filter(|user| segment.is_none_or(|segment| segments[user] == segment)).count()
            as i64
    }

    pub(crate) fn summary(&self, workspace: i64, window: Window) -> PeriodSummary {
        let runs = self.runs_in(workspace, window);
        PeriodSummary {
            runs: runs.len() as i64,
            success_rate: success_rate(&runs),
            credits: credits(&runs),
            active_users: self.active(workspace, window).len() as i64,
        }
    }

    pub(crate) fn trend(&self, workspace: i64, window: Window) -> Vec<TrendPoint> {
        buckets(window)
            .map(|bucket| {
                let runs = self.runs_in(workspace, bucket);
                point(bucket, &runs, self.active(workspace, bucket).len() as i64)
            })
            .collect()
    }

    pub(crate) fn top(&self, workspace: i64, window: Window, limit: usize) -> Vec<TopAgent> {
        let runs = self.runs_in(workspace, window);
        let mut top: Vec<TopAgent> = self
            .agents
            .iter()
            .map(|(id, public_id, _, name)| {
                (
                    public_id,
                    name,
                    runs.iter().filter(|run| run.agent == *id).copied().collect::<Vec<_>>(),
                )
            })
            .filter(|agent| !agent.2.is_empty())
            .map(|(public_id, name, runs)| TopAgent {
                agent_id: public_id.clone(),
                name: name.clone(),
                runs: runs.len() as i64,
                success_rate: success_rate(&runs),
                credits: credits(&runs),
                avg_duration_ms: avg_duration(&runs),
            })
            .collect();
        top.sort_by(|a, b| b.runs.cmp(&a.runs).then(a.agent_id.cmp(&b.agent_id)));
        top.truncate(limit);
        top
    }

    pub(crate) fn balance(&self, workspace: i64) -> f64 {
        let came: i64 =
            self.credits.iter().filter(|entry| entry.0 == workspace).map(|entry| entry.3).sum();
        let went: i64 =
            self.runs.iter().filter(|run| run.workspace == workspace).map(|run| run.credits).sum();
        (came - went) as f64
    }
}

pub(crate) fn buckets(window: Window) -> impl Iterator<Item = Window> {
    window.starts().map(move |start| Window {
        start,
        end: start + window.bucket,
        bucket: window.bucket,
    })
}

pub(crate) fn point(bucket: Window, runs: &[&Run], active_users: i64) -> TrendPoint {
    TrendPoint {
        at: instant(bucket.start),
        runs: runs.len() as i64,
        failed: runs.iter().filter(|run| run.status == "failed").count() as i64,
        credits: credits(runs),
        active_users,
    }
}

pub(crate) fn success_rate(runs: &[&Run]) -> f64 {
    let finished = runs.iter().filter(|run| run.status != "running").count();
    let succeeded = runs.iter().filter(|run| run.status == "succeeded").count();
    if finished == 0 { 0.0 } else { succeeded as f64 / finished as f64 }
}

pub(crate) fn avg_duration(runs: &[&Run]) -> f64 {
    let finished: Vec<i64> =
        runs.iter().filter(|run| run.status != "running").map(|run| run.duration_ms).collect();
    if finished.is_empty() {
        0.0
    } else {
        finished.iter().sum::<i64>() as f64 / finished.len() as f64
    }
}

pub(crate) fn credits(runs: &[&Run]) -> f64 {
    runs.iter().map(|run| run.credits).sum::<i64>() as f64
}
