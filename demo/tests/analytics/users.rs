//! One user, and users together.

use std::collections::BTreeSet;

use samekey_demo::analytics::Analyst;
use samekey_demo::clock::{date, instant};
use samekey_demo::database::Database;
use samekey_demo::timeframe::{DAY, Millis, Timeframe, Window};

use crate::lived_in::{ask_each, lived_in};
use crate::plain::{Person, buckets, credits, success_rate};
use crate::small_history::NOW;

#[test]
fn a_users_day_and_habits_are_their_own_rows() {
    let history = lived_in();
    let reader = Database::reader(&history.path).expect("a reader");
    let analyst = Analyst::new(&reader, NOW);
    for person in
        history.plain.people.iter().step_by(397).chain(history.plain.people.iter().take(3))
    {
        for frame in Timeframe::ALL {
            let (found, window) = (
                analyst.user_metrics(&person.public_id, frame).expect("metrics"),
                frame.window(NOW),
            );
            let runs: Vec<_> = history
                .plain
                .runs_in(person.workspace, window)
                .into_iter()
                .filter(|run| run.user == person.id)
                .collect();
            let deeds = history.plain.deeds.iter().filter(|deed| {
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
            let mut deeds: Vec<_> = history
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
            let runs: Vec<_> = history
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
                    let person: &Person = person;
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
