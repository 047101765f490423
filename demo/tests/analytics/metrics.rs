//! Runs, credits and active users by period and by minute.

use samekey_demo::analytics::{Period, RealtimeMetric};
use samekey_demo::timeframe::{MINUTE, Timeframe, Window};

use crate::lived_in::ask_each;
use crate::plain::{buckets, credits};
use crate::small_history::NOW;

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
