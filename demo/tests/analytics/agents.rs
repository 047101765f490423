//! Rankings, and one agent in depth.

use std::collections::BTreeSet;

use samekey_demo::analytics::Analyst;
use samekey_demo::database::Database;
use samekey_demo::timeframe::{Timeframe, Window};

use crate::lived_in::{ask_each, lived_in};
use crate::plain::{avg_duration, buckets, credits, point, success_rate};
use crate::small_history::NOW;

#[test]
fn top_agents_and_workspace_analytics_rank_by_runs() {
    ask_each(|analyst, id, row, plain| {
        for frame in Timeframe::ALL {
            let window = frame.window(NOW);
            assert_eq!(
                analyst.top_agents(id, frame, 3).expect("a ranking").agents,
                plain.top(row, window, 3)
            );
            let analytics = analyst.workspace_analytics(id, frame).expect("analytics");
            let summary = plain.summary(row, window);
            assert_eq!(analytics.by_agent, plain.top(row, window, usize::MAX));
            assert_eq!(
                (analytics.runs, analytics.credits, analytics.active_users),
                (summary.runs, summary.credits, summary.active_users)
            );
            assert_eq!(analytics.success_rate, summary.success_rate);
        }
    });
}

#[test]
fn an_agents_analytics_are_its_own_runs() {
    let history = lived_in();
    let reader = Database::reader(&history.path).expect("a reader");
    for (row, id, workspace, name) in history.plain.agents.iter().step_by(67) {
        for frame in Timeframe::ALL {
            let (found, window) = (
                Analyst::new(&reader, NOW).agent_analytics(id, frame).expect("analytics"),
                frame.window(NOW),
            );
            let of = |window: Window| -> Vec<_> {
                history
                    .plain
                    .runs_in(*workspace, window)
                    .into_iter()
                    .filter(|run| run.agent == *row)
                    .collect()
            };
            let runs = of(window);
            assert_eq!(
                (&found.name, found.runs, found.credits),
                (name, runs.len() as i64, credits(&runs))
            );
            assert_eq!(
                (found.success_rate, found.avg_duration_ms),
                (success_rate(&runs), avg_duration(&runs))
            );
            let mut durations: Vec<i64> = runs
                .iter()
                .filter(|run| run.status != "running")
                .map(|run| run.duration_ms)
                .collect();
            durations.sort_unstable();
            let p95 = durations.iter().copied().find(|limit| {
                durations.iter().filter(|d| *d <= limit).count() * 100 >= durations.len() * 95
            });
            assert_eq!(found.p95_duration_ms, p95.unwrap_or(0) as f64);
            let trend: Vec<_> = buckets(window)
                .map(|bucket| {
                    let runs = of(bucket);
                    let users: BTreeSet<i64> = runs.iter().map(|run| run.user).collect();
                    point(bucket, &runs, users.len() as i64)
                })
                .collect();
            assert_eq!(found.trend, trend, "{id} {frame:?}");
            for error in &found.errors {
                assert_eq!(
                    error.count as usize,
                    runs.iter().filter(|run| run.error.as_deref() == Some(&error.kind)).count()
                );
            }
            let failed = runs.iter().filter(|run| run.status == "failed").count() as i64;
            assert_eq!(found.errors.iter().map(|error| error.count).sum::<i64>(), failed);
            assert!(found.errors.is_sorted_by(|a, b| a.count >= b.count));
        }
    }
}
