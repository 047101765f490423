//! One test per answer, for every timeframe and for workspaces large and small.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use rusqlite::Connection;
use samekey_demo::analytics::{Analyst, AnalyticsError, Period, RealtimeMetric};
use samekey_demo::clock::{date, instant};
use samekey_demo::database::{Database, append_activity, append_purchase, append_run};
use samekey_demo::history::{Activity, Run};
use samekey_demo::timeframe::{DAY, MINUTE, Millis, Timeframe, Window};

use crate::plain::{Plain, avg_duration, buckets, credits, point, success_rate};
use crate::small_history::{NOW, fresh_path, open_quietly, small};

/// Large, upgraded lately, small, and tiny.
const ASKED: [&str; 4] = ["ws-meridian", "ws-fjord", "ws-orchard", "ws-hobbyhorse"];

struct Fixture {
    path: std::path::PathBuf,
    plain: Plain,
}

/// A history that has also been lived in: runs in flight, runs that finished
/// after the load, activity and purchases in the last minutes.
fn fixture() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| {
        let file = small(fresh_path("analytics"), 12_000);
        open_quietly(&file);
        let writer = Connection::open(&file.path).expect("the file opens");
        for workspace in 1..=20 {
            let agent = writer.query_row("SELECT MIN(id) FROM agents WHERE workspace = ?1", [workspace], |row| row.get(0)).expect("an agent");
            let user = writer.query_row("SELECT MIN(id) FROM users WHERE workspace = ?1", [workspace], |row| row.get(0)).expect("a user");
            for (age, duration_ms) in [(1, 9 * MINUTE), (3, 1_234), (4, 9 * MINUTE), (20, 777), (50, 60_000)] {
                let run = Run { agent, user, started_at: NOW - age * MINUTE, duration_ms, error: (age == 20).then_some("timeout"), credits: 5 + age };
                append_run(&writer, workspace, &run, NOW).expect("a run");
            }
            let deed = Activity { user, at: NOW - 2 * MINUTE, kind: "signed_in", detail: "Signed in".into() };
            append_activity(&writer, workspace, &deed).expect("activity");
            append_purchase(&writer, workspace, NOW - 5 * MINUTE).expect("a purchase");
        }
        let finish = "UPDATE runs SET status = 'failed', error = 'tool_error', duration_ms = 240000, credits = 9 WHERE status = 'running' AND started_at = ?1";
        assert_eq!(writer.execute(finish, [NOW - 4 * MINUTE]).expect("runs finish"), 20);
        let plain = Plain::read(&writer);
        assert!(plain.runs.iter().any(|run| run.status == "running"));
        Fixture { path: file.path, plain }
    })
}

/// Asks each of the workspaces, with its row id.
fn ask_each(check: impl Fn(Analyst<'_>, &str, i64, &'static Plain)) {
    let fixture = fixture();
    let reader = Database::reader(&fixture.path).expect("a reader");
    for id in ASKED {
        let row = fixture
            .plain
            .workspaces
            .iter()
            .find(|workspace| workspace.1 == id)
            .expect("a workspace")
            .0;
        check(Analyst::new(&reader, NOW), id, row, &fixture.plain);
    }
}

#[test]
fn the_key_figures_are_the_rows_of_thirty_days() {
    ask_each(|analyst, id, row, plain| {
        let kpis = analyst.kpis(id).expect("figures");
        let month = plain.runs_in(row, Timeframe::Month.window(NOW));
        let active = |frame: Timeframe| plain.active(row, frame.window(NOW)).len() as i64;
        let subscription = plain
            .subscriptions
            .iter()
            .find(|entry| entry.0 == row && entry.4.is_none())
            .expect("a subscription");
        assert_eq!(kpis.mrr, subscription.2 as f64 / 100.0);
        assert_eq!(
            (kpis.credits_used, kpis.credits_remaining),
            (credits(&month), plain.balance(row))
        );
        assert_eq!(
            (kpis.dau, kpis.wau, kpis.mau),
            (active(Timeframe::Day), active(Timeframe::Week), active(Timeframe::Month))
        );
        assert_eq!(
            (kpis.total_runs, kpis.success_rate),
            (month.len() as i64, success_rate(&month))
        );
        assert_eq!(kpis.avg_duration_ms, avg_duration(&month));
        assert_eq!(
            kpis.active_agents as usize,
            month.iter().map(|run| run.agent).collect::<BTreeSet<_>>().len()
        );
        assert_eq!(kpis.computed_at, "2026-11-22T09:34:56.789Z");
        assert!(kpis.credits_remaining > 0.0, "{kpis:?}");
    });
}

#[test]
fn the_dashboard_has_the_window_the_one_before_and_the_trend_between() {
    ask_each(|analyst, id, row, plain| {
        for frame in Timeframe::ALL {
            let (dashboard, window) =
                (analyst.executive_dashboard(id, frame).expect("a dashboard"), frame.window(NOW));
            assert_eq!(dashboard.current, plain.summary(row, window), "{id} {frame:?}");
            assert_eq!(dashboard.previous, plain.summary(row, window.previous()), "{id} {frame:?}");
            assert_eq!(dashboard.trend, plain.trend(row, window), "{id} {frame:?}");
            assert_eq!(dashboard.top_agents, plain.top(row, window, 10), "{id} {frame:?}");
            assert_eq!(dashboard.kpis, analyst.kpis(id).expect("figures"));
            assert_eq!(
                dashboard.trend.iter().map(|point| point.runs).sum::<i64>(),
                dashboard.current.runs
            );
        }
    });
}

#[test]
fn revenue_is_each_days_share_of_its_plan_and_the_credits_bought() {
    ask_each(|analyst, id, row, plain| {
        for (frame, days) in [
            (Timeframe::Hour, 1),
            (Timeframe::Day, 2),
            (Timeframe::Week, 7),
            (Timeframe::Month, 30),
            (Timeframe::Quarter, 90),
        ] {
            let report = analyst.revenue(id, frame).expect("a report");
            assert_eq!(report.by_day.len(), days);
            let mut by_plan = std::collections::BTreeMap::<String, f64>::new();
            for (point, day) in
                report.by_day.iter().zip(Window::ending(NOW, DAY, days as i64).starts())
            {
                let plan = plain
                    .subscriptions
                    .iter()
                    .find(|entry| {
                        entry.0 == row && entry.3 <= day && entry.4.is_none_or(|end| day < end)
                    })
                    .expect("a plan");
                let bought: i64 = plain
                    .credits
                    .iter()
                    .filter(|entry| entry.0 == row && (day..day + DAY).contains(&entry.1))
                    .map(|entry| entry.4)
                    .sum();
                let revenue = plan.2 as f64 / 3000.0 + bought as f64 / 100.0;
                *by_plan.entry(plan.1.clone()).or_default() += revenue;
                assert_eq!((&point.date, point.credits), (&date(day), bought as f64 / 100.0));
                assert!((point.revenue - revenue).abs() < 0.006, "{point:?} {revenue}");
            }
            assert_eq!(report.by_plan.len(), by_plan.len());
            for part in &report.by_plan {
                assert!((part.revenue - by_plan[&part.plan]).abs() < 0.006, "{part:?} {by_plan:?}");
            }
            let credits: f64 = report.by_day.iter().map(|point| point.credits).sum();
            assert!((report.credits_revenue - credits).abs() < 0.001);
        }
    });
    let reader = Database::reader(&fixture().path).expect("a reader");
    let upgraded =
        Analyst::new(&reader, NOW).revenue("ws-fjord", Timeframe::Quarter).expect("a report");
    assert_eq!(upgraded.by_plan.len(), 2, "an upgrade within the window shows both plans");
}

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
    let fixture = fixture();
    let reader = Database::reader(&fixture.path).expect("a reader");
    for (row, id, workspace, name) in fixture.plain.agents.iter().step_by(67) {
        for frame in Timeframe::ALL {
            let (found, window) = (
                Analyst::new(&reader, NOW).agent_analytics(id, frame).expect("analytics"),
                frame.window(NOW),
            );
            let of = |window: Window| -> Vec<_> {
                fixture
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

#[test]
fn a_users_day_and_habits_are_their_own_rows() {
    let fixture = fixture();
    let reader = Database::reader(&fixture.path).expect("a reader");
    let analyst = Analyst::new(&reader, NOW);
    for person in
        fixture.plain.people.iter().step_by(397).chain(fixture.plain.people.iter().take(3))
    {
        for frame in Timeframe::ALL {
            let (found, window) = (
                analyst.user_metrics(&person.public_id, frame).expect("metrics"),
                frame.window(NOW),
            );
            let runs: Vec<_> = fixture
                .plain
                .runs_in(person.workspace, window)
                .into_iter()
                .filter(|run| run.user == person.id)
                .collect();
            let deeds = fixture.plain.deeds.iter().filter(|deed| {
                deed.user == person.id && (window.start..window.end).contains(&deed.at)
            });
            let days: BTreeSet<Millis> = runs
                .iter()
                .map(|run| run.at / DAY)
                .chain(deeds.map(|deed| deed.at / DAY))
                .collect();
            assert_eq!(
                (found.runs, found.credits, found.success_rate),
                (runs.len() as i64, credits(&runs), success_rate(&runs))
            );
            assert_eq!(found.active_days as usize, days.len());
        }
        for day in [NOW, NOW - DAY, NOW - 9 * DAY] {
            let (found, window) = (
                analyst.user_activity(&person.public_id, &date(day)).expect("activity"),
                Window::day_of(day),
            );
            let mut deeds: Vec<_> = fixture
                .plain
                .deeds
                .iter()
                .filter(|deed| {
                    deed.user == person.id && (window.start..window.end).contains(&deed.at)
                })
                .collect();
            deeds.sort_by_key(|deed| std::cmp::Reverse(deed.at));
            let events: Vec<_> = found
                .events
                .iter()
                .map(|event| (event.at.clone(), event.kind.as_str(), event.detail.as_str()))
                .collect();
            assert_eq!(
                events,
                deeds
                    .iter()
                    .map(|deed| (instant(deed.at), deed.kind.as_str(), deed.detail.as_str()))
                    .collect::<Vec<_>>()
            );
            let runs: Vec<_> = fixture
                .plain
                .runs_in(person.workspace, window)
                .into_iter()
                .filter(|run| run.user == person.id)
                .collect();
            assert_eq!((found.runs, found.credits), (runs.len() as i64, credits(&runs)));
        }
    }
}

#[test]
fn user_analytics_count_everyone_or_one_segment() {
    ask_each(|analyst, id, row, plain| {
        for (frame, segment) in
            Timeframe::ALL.into_iter().flat_map(|frame| [(frame, None), (frame, Some("casual"))])
        {
            let (found, window) =
                (analyst.user_analytics(id, frame, segment).expect("analytics"), frame.window(NOW));
            let active = |window| plain.active_of_segment(row, window, segment);
            assert_eq!(found.dau, active(Timeframe::Day.window(NOW)));
            assert_eq!(
                (found.wau, found.mau),
                (active(Timeframe::Week.window(NOW)), active(Timeframe::Month.window(NOW)))
            );
            let people = || plain.people.iter().filter(|person| person.workspace == row);
            let joined = |window: Window| {
                let new = |person: &&_| {
                    let person: &crate::plain::Person = person;
                    (window.start..window.end).contains(&person.created_at)
                };
                people()
                    .filter(new)
                    .filter(|person| segment.is_none_or(|segment| person.segment == segment))
                    .count() as i64
            };
            assert_eq!(found.new_users, joined(window));
            let trend: Vec<_> = found
                .trend
                .iter()
                .map(|point| (point.at.clone(), point.active, point.new))
                .collect();
            assert_eq!(
                trend,
                buckets(window)
                    .map(|bucket| (instant(bucket.start), active(bucket), joined(bucket)))
                    .collect::<Vec<_>>()
            );
            let runs = plain.runs_in(row, window);
            for entry in &found.segments {
                let members: BTreeSet<i64> = people()
                    .filter(|person| person.segment == entry.segment)
                    .map(|person| person.id)
                    .collect();
                assert_eq!(entry.users as usize, members.len());
                assert_eq!(
                    entry.runs as usize,
                    runs.iter().filter(|run| members.contains(&run.user)).count()
                );
            }
            assert_eq!(
                found.segments.iter().map(|entry| entry.users).sum::<i64>() as usize,
                people().count()
            );
        }
    });
}

#[test]
fn retention_follows_one_days_newcomers_and_stops_at_today() {
    ask_each(|analyst, id, row, plain| {
        for (age, days) in [(40, 30), (5, 30), (0, 7), (90, 60)] {
            let start = Window::day_of(NOW - age * DAY).start;
            let found = analyst.retention_curve(id, &date(start), days).expect("a curve");
            let cohort: BTreeSet<i64> = plain
                .people
                .iter()
                .filter(|person| {
                    person.workspace == row && (start..start + DAY).contains(&person.created_at)
                })
                .map(|person| person.id)
                .collect();
            assert_eq!(found.cohort_size as usize, cohort.len());
            assert_eq!(found.points.len() as i64, age.min(i64::from(days)) + 1);
            for (point, day) in found.points.iter().zip(0..) {
                let active = plain.active(
                    row,
                    Window { start: start + day * DAY, end: start + (day + 1) * DAY, bucket: DAY },
                );
                let retained = active.intersection(&cohort).count() as i64;
                assert_eq!((point.day, point.retained), (day, retained));
                assert_eq!(
                    point.rate,
                    if cohort.is_empty() { 0.0 } else { retained as f64 / cohort.len() as f64 }
                );
            }
        }
    });
}

#[test]
fn churn_is_who_was_here_before_and_is_not_now() {
    ask_each(|analyst, id, row, plain| {
        for frame in Timeframe::ALL {
            let (found, window) = (analyst.churn(id, frame).expect("a report"), frame.window(NOW));
            let half = window.start + (window.end - window.start) / 2;
            let active =
                |start, end| plain.active(row, Window { start, end, bucket: window.bucket });
            let (before, since) =
                (active(window.previous().start, window.start), active(window.start, window.end));
            let churned = before.difference(&since).count() as i64;
            assert_eq!(found.churned, churned, "{id} {frame:?}");
            assert_eq!(
                found.at_risk as usize,
                active(window.start, half).difference(&active(half, window.end)).count()
            );
            assert_eq!(
                found.rate,
                if before.is_empty() { 0.0 } else { churned as f64 / before.len() as f64 }
            );
        }
    });
}

#[test]
fn the_overview_is_today_since_midnight() {
    ask_each(|analyst, id, row, plain| {
        let (found, today) = (
            analyst.workspace_overview(id).expect("an overview"),
            plain.runs_in(row, Window::day_of(NOW)),
        );
        let workspace =
            plain.workspaces.iter().find(|workspace| workspace.0 == row).expect("a workspace");
        assert_eq!((&found.name, &found.plan), (&workspace.2, &workspace.3));
        assert_eq!(
            found.agents as usize,
            plain.agents.iter().filter(|agent| agent.2 == row).count()
        );
        assert_eq!(
            found.users as usize,
            plain.people.iter().filter(|person| person.workspace == row).count()
        );
        assert_eq!((found.runs_today, found.credits_today), (today.len() as i64, credits(&today)));
        assert_eq!(found.success_rate_today, success_rate(&today));
    });
}

#[test]
fn metrics_by_period_and_by_minute_are_the_rows_of_their_buckets() {
    ask_each(|analyst, id, row, plain| {
        for (period, frame) in [(Period::Daily, Timeframe::Month), (Period::Hourly, Timeframe::Day)]
        {
            let window = frame.window(NOW);
            assert_eq!(
                analyst.run_metrics(id, period).expect("runs").buckets,
                plain.trend(row, window)
            );
            let found = analyst.credit_metrics(id, period).expect("credits");
            let bought = |window: Window| -> f64 {
                let inside = plain.credits.iter().filter(|entry| {
                    entry.0 == row
                        && entry.2 == "purchase"
                        && (window.start..window.end).contains(&entry.1)
                });
                inside.map(|entry| entry.3).sum::<i64>() as f64
            };
            assert_eq!(
                (found.used, found.purchased, found.balance),
                (credits(&plain.runs_in(row, window)), bought(window), plain.balance(row))
            );
            assert!(found.purchased > 0.0);
            for (point, bucket) in found.buckets.iter().zip(buckets(window)) {
                assert_eq!(
                    (point.used, point.purchased),
                    (credits(&plain.runs_in(row, bucket)), bought(bucket))
                );
            }
        }
        let hour = Window::ending(NOW, MINUTE, 60);
        let by_minute =
            |value: &dyn Fn(Window) -> f64| buckets(hour).map(value).collect::<Vec<_>>();
        let realtime = |metric| {
            let found = analyst.realtime_metrics(id, metric).expect("a metric");
            (found.value, found.per_minute)
        };
        let runs = |window| plain.runs_in(row, window).len() as f64;
        assert_eq!(realtime(RealtimeMetric::Runs), (runs(hour), by_minute(&runs)));
        let used = |window| credits(&plain.runs_in(row, window));
        assert_eq!(realtime(RealtimeMetric::Credits), (used(hour), by_minute(&used)));
        let users = |window| plain.active(row, window).len() as f64;
        assert_eq!(realtime(RealtimeMetric::Users), (users(hour), by_minute(&users)));
        for frame in [Timeframe::Day, Timeframe::Week, Timeframe::Month] {
            assert_eq!(
                analyst.active_users(id, frame).expect("active users").active as f64,
                users(frame.window(NOW))
            );
        }
    });
}

#[test]
fn the_lists_name_everyone_and_the_unknown_are_not_found() {
    ask_each(|analyst, id, row, plain| {
        assert_eq!(analyst.workspaces().expect("workspaces").workspaces.len(), 20);
        assert_eq!(
            analyst.agents(id).expect("agents").agents.len(),
            plain.agents.iter().filter(|agent| agent.2 == row).count()
        );
        let people = plain.people.iter().filter(|person| person.workspace == row).count();
        assert_eq!(analyst.users(id, 10_000).expect("users").users.len(), people);
        assert_eq!(analyst.users(id, 3).expect("users").users.len(), people.min(3));
        let code = |result: Result<(), AnalyticsError>| result.expect_err("an error").code();
        assert_eq!(code(analyst.kpis("ws-nobody").map(drop)), "E_NOT_FOUND");
        assert_eq!(
            code(analyst.agent_analytics("ag-9999", Timeframe::Day).map(drop)),
            "E_NOT_FOUND"
        );
        assert_eq!(
            code(analyst.user_metrics("u-99999'; DROP TABLE users; --", Timeframe::Day).map(drop)),
            "E_NOT_FOUND"
        );
        assert_eq!(code(analyst.user_activity("u-00001", "today").map(drop)), "E_BAD_PARAMETER");
        assert_eq!(
            code(analyst.user_analytics(id, Timeframe::Day, Some("vip")).map(drop)),
            "E_BAD_PARAMETER"
        );
        assert_eq!(
            code(analyst.retention_curve(id, "2026-11-22", 366).map(drop)),
            "E_BAD_PARAMETER"
        );
    });
}
