//! Who stays and who leaves.

use std::collections::BTreeSet;

use samekey_demo::clock::date;
use samekey_demo::timeframe::{DAY, Timeframe, Window};

use crate::lived_in::ask_each;
use crate::small_history::NOW;

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
