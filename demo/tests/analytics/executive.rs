//! The executive view and the money.

use std::collections::BTreeSet;

use samekey_demo::analytics::Analyst;
use samekey_demo::clock::date;
use samekey_demo::database::Database;
use samekey_demo::timeframe::{DAY, Timeframe, Window};

use crate::lived_in::{ask_each, lived_in};
use crate::plain::{avg_duration, credits, success_rate};
use crate::small_history::NOW;

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
    let reader = Database::reader(&lived_in().path).expect("a reader");
    let upgraded =
        Analyst::new(&reader, NOW).revenue("ws-fjord", Timeframe::Quarter).expect("a report");
    assert_eq!(upgraded.by_plan.len(), 2, "an upgrade within the window shows both plans");
}
