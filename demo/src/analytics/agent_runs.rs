//! One agent in depth: its runs are read once, and give the figures of every timeframe that is asked for.

use std::collections::BTreeMap;

use rusqlite::{Row, named_params};
use samekey::shadower::{AgentAnalytics, ErrorCount, TrendPoint};

use super::runs::{RunSums, empty_trend};
use super::{Analyst, AnalyticsError};
use crate::timeframe::{Millis, Timeframe, Window};

/// In the order of the index, which it never leaves.
const AGENT_RUNS: &str = "SELECT started_at, status, duration_ms, credits, user, error FROM runs
     WHERE agent = :agent AND started_at >= :start AND started_at < :end";

impl Analyst<'_> {
    /// One agent in depth. The active users of its trend are those who started its runs; 19 of 20 finished
    /// runs took at most `p95_duration_ms` (nearest rank).
    pub fn agent_analytics(
        &self,
        agent: &str,
        timeframe: Timeframe,
    ) -> Result<AgentAnalytics, AnalyticsError> {
        let [analytics] = self.agent_analytics_in(agent, [timeframe])?;
        Ok(analytics)
    }

    /// [`Analyst::agent_analytics`] of several timeframes, in their order, by one statement.
    pub fn agent_analytics_in<const N: usize>(
        &self,
        agent: &str,
        timeframes: [Timeframe; N],
    ) -> Result<[AgentAnalytics; N], AnalyticsError> {
        let found = self.agent(agent)?;
        let mut figures = timeframes.map(|frame| Figures::of(frame.window(self.now)));
        let start = figures.iter().map(|figures| figures.window.start).min();
        let end = figures.iter().map(|figures| figures.window.end).max();
        let mut statement = self.connection.prepare_cached(AGENT_RUNS)?;
        let mut rows =
            statement.query(named_params! { ":agent": found.id, ":start": start, ":end": end })?;
        while let Some(row) = rows.next()? {
            let started_at = row.get(0)?;
            for figures in figures.iter_mut().filter(|of| of.window.holds(started_at)) {
                figures.add(started_at, row)?;
            }
        }
        let mut timeframes = timeframes.into_iter();
        Ok(figures.map(|figures| {
            let timeframe = timeframes.next().map_or("", Timeframe::name).to_owned();
            let p95_duration_ms = p95(figures.durations);
            AgentAnalytics {
                agent_id: agent.to_owned(),
                name: found.name.clone(),
                workspace_id: found.workspace.clone(),
                timeframe,
                runs: figures.sums.runs,
                success_rate: figures.sums.success_rate(),
                avg_duration_ms: figures.sums.avg_duration_ms(),
                p95_duration_ms,
                credits: figures.sums.credits as f64,
                trend: with_active_users(figures.trend, figures.seen),
                errors: most_common(figures.errors),
                computed_at: self.computed_at(),
            }
        }))
    }
}

/// What the runs of one window add up to.
struct Figures {
    window: Window,
    sums: RunSums,
    trend: Vec<TrendPoint>,
    /// Buckets, and the users who started a run in them, as often as they did.
    seen: Vec<(usize, i64)>,
    /// Of the finished runs.
    durations: Vec<i64>,
    errors: BTreeMap<String, i64>,
}

impl Figures {
    fn of(window: Window) -> Self {
        Self {
            window,
            sums: RunSums { agents: 1, ..RunSums::default() },
            trend: empty_trend(window),
            seen: Vec::new(),
            durations: Vec::new(),
            errors: BTreeMap::new(),
        }
    }

    /// Counts a row of [`AGENT_RUNS`].
    fn add(&mut self, started_at: Millis, row: &Row<'_>) -> Result<(), AnalyticsError> {
        let (duration_ms, credits): (i64, i64) = (row.get(2)?, row.get(3)?);
        let bucket = self.window.bucket_of(started_at);
        let (sums, point) = (&mut self.sums, &mut self.trend[bucket]);
        match row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)? {
            "succeeded" => sums.succeeded += 1,
            "failed" => (sums.failed, point.failed) = (sums.failed + 1, point.failed + 1),
            _ => {}
        }
        if sums.succeeded + sums.failed > self.durations.len() as i64 {
            self.durations.push(duration_ms);
        }
        sums.runs += 1;
        sums.credits += credits;
        sums.duration_ms += duration_ms;
        point.runs += 1;
        point.credits += credits as f64;
        self.seen.push((bucket, row.get(4)?));
        if let Some(error) = row.get_ref(5)?.as_str_or_null().map_err(rusqlite::Error::from)? {
            match self.errors.get_mut(error) {
                Some(count) => *count += 1,
                None => drop(self.errors.insert(error.to_owned(), 1)),
            }
        }
        Ok(())
    }
}

/// The nearest rank: ceil(0.95 n), in whole numbers; 0 of nothing.
fn p95(mut durations: Vec<i64>) -> f64 {
    if durations.is_empty() {
        return 0.0;
    }
    let rank = (durations.len() * 95).div_ceil(100) - 1;
    *durations.select_nth_unstable(rank).1 as f64
}

fn with_active_users(mut trend: Vec<TrendPoint>, mut seen: Vec<(usize, i64)>) -> Vec<TrendPoint> {
    seen.sort_unstable();
    seen.dedup();
    for (bucket, _) in seen {
        trend[bucket].active_users += 1;
    }
    trend
}

/// The most common first, ties by name.
fn most_common(errors: BTreeMap<String, i64>) -> Vec<ErrorCount> {
    let mut errors: Vec<_> =
        errors.into_iter().map(|(kind, count)| ErrorCount { kind, count }).collect();
    errors.sort_by_key(|error| std::cmp::Reverse(error.count));
    errors
}
