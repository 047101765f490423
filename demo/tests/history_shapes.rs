//! The generated history is the same each time, and looks like a platform's.

use std::collections::{HashMap, HashSet};

use samekey_demo::history::{COMPANIES, Cell, HISTORY_DAYS, OUTAGES, Recipe, Run, World};
use samekey_demo::timeframe::{DAY, HOUR, Millis};

const ORIGIN: Millis = 1_795_340_096_789;

fn world(seed: u64, runs: u64) -> World {
    World::new(Recipe { seed, origin: ORIGIN, runs })
}

/// The full hours of the last `days` days, with everything in them.
fn cells(world: &World, days: i64) -> Vec<(usize, Millis, Cell)> {
    let last = ORIGIN.div_euclid(HOUR);
    (last - days * 24..last)
        .flat_map(|hour| (0..COMPANIES.len()).map(move |index| (index, hour * HOUR)))
        .map(|(index, hour)| (index, hour, world.cell(index, hour)))
        .collect()
}

fn runs(cells: &[(usize, Millis, Cell)]) -> impl Iterator<Item = &Run> {
    cells.iter().flat_map(|cell| &cell.2.runs)
}

#[test]
fn one_seed_always_gives_the_same_history_and_another_seed_another() {
    let hour = ORIGIN.div_euclid(HOUR) * HOUR - 44 * HOUR;
    let (first, again, other) = (world(7, 50_000), world(7, 50_000), world(8, 50_000));
    assert!(!first.cell(0, hour).runs.is_empty());
    for index in 0..COMPANIES.len() {
        assert_eq!(first.cell(index, hour), again.cell(index, hour));
        let casts = [&first, &again].map(|world| format!("{:?}", world.casts[index]));
        // Not `assert_eq!`: a cast is a long text.
        assert!(casts[0] == casts[1], "company {index}");
    }
    assert_ne!(first.cell(0, hour), other.cell(0, hour));
}

#[test]
fn the_last_ninety_days_hold_at_least_the_runs_that_were_asked_for() {
    for (seed, wanted) in [(1, 500), (2, 5_000), (3, 60_000)] {
        let cells = cells(&world(seed, wanted), 90);
        let count = runs(&cells).count() as f64;
        assert!(count >= wanted as f64, "{count} of {wanted}");
        assert!(count <= wanted as f64 + 10.0 * (wanted as f64).sqrt(), "{count} for {wanted}");
    }
}

#[test]
fn the_week_has_its_rhythm_and_the_day_has_its_own() {
    let cells = cells(&world(7, 100_000), 84);
    let (mut by_weekday, mut by_hour) = ([0u32; 7], [0u32; 24]);
    for (index, hour, cell) in &cells {
        by_weekday[((hour.div_euclid(DAY) + 3).rem_euclid(7)) as usize] += cell.runs.len() as u32;
        let local = hour + COMPANIES[*index].utc_offset * HOUR;
        by_hour[(local.rem_euclid(DAY) / HOUR) as usize] += cell.runs.len() as u32;
    }
    let workday = by_weekday[..5].iter().min().expect("five days");
    let weekend = by_weekday[5..].iter().max().expect("two days");
    assert!(f64::from(*weekend) < 0.7 * f64::from(*workday), "{by_weekday:?}");
    assert!(f64::from(by_hour[10]) > 4.0 * f64::from(by_hour[3]), "{by_hour:?}");
}

#[test]
fn most_runs_succeed_except_in_an_outage() {
    let cells = cells(&world(7, 200_000), HISTORY_DAYS);
    let rate = |wanted: &dyn Fn(Millis) -> bool| {
        let picked: Vec<&Run> =
            cells.iter().filter(|cell| wanted(cell.1)).flat_map(|cell| &cell.2.runs).collect();
        picked.iter().filter(|run| run.error.is_some()).count() as f64 / picked.len() as f64
    };
    let overall = rate(&|_| true);
    assert!((0.02..0.08).contains(&overall), "{overall}");
    let last = ORIGIN.div_euclid(HOUR) * HOUR;
    for outage in OUTAGES {
        let start = last - outage.hours_before_end * HOUR;
        let during = rate(&|hour| (start..start + outage.hours * HOUR).contains(&hour));
        assert!((during - outage.failing).abs() < 0.17, "{outage:?}: {during}");
    }
}

#[test]
fn the_platform_grows_and_its_customers_differ_by_two_orders() {
    let cells = cells(&world(7, 100_000), HISTORY_DAYS);
    let middle = ORIGIN - 90 * DAY;
    let early =
        cells.iter().filter(|cell| cell.1 < middle).map(|cell| cell.2.runs.len()).sum::<usize>()
            as f64;
    let late =
        cells.iter().filter(|cell| cell.1 >= middle).map(|cell| cell.2.runs.len()).sum::<usize>()
            as f64;
    assert!((1.3..2.2).contains(&(late / early)), "{}", late / early);
    let mut by_company = vec![0u32; COMPANIES.len()];
    cells.iter().for_each(|cell| by_company[cell.0] += cell.2.runs.len() as u32);
    assert!(by_company.iter().all(|runs| *runs > 0));
    assert!(
        by_company.iter().max() > by_company.iter().min().map(|least| least * 70).as_ref(),
        "{by_company:?}"
    );
}

#[test]
fn agents_have_a_long_tail_and_durations_a_heavy_one() {
    let cells = cells(&world(7, 200_000), 90);
    let mut by_agent = HashMap::<i64, u32>::new();
    cells
        .iter()
        .filter(|cell| cell.0 == 0)
        .flat_map(|cell| &cell.2.runs)
        .for_each(|run| *by_agent.entry(run.agent).or_default() += 1);
    let mut counts: Vec<u32> = by_agent.into_values().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    assert!(counts.len() + 2 >= COMPANIES[0].agents, "nearly every agent has run");
    let top: u32 = counts[..6].iter().sum();
    assert!(f64::from(top) > 0.45 * f64::from(counts.iter().sum::<u32>()), "{counts:?}");
    let mut durations: Vec<i64> = runs(&cells).map(|run| run.duration_ms).collect();
    durations.sort_unstable();
    let (median, mean) =
        (durations[durations.len() / 2], durations.iter().sum::<i64>() / durations.len() as i64);
    assert!(
        mean > 2 * median && durations[durations.len() * 99 / 100] > 10 * median,
        "median {median}, mean {mean}"
    );
    assert!(durations[0] > 0 && durations[durations.len() - 1] <= 300_000);
}

#[test]
fn nobody_acts_before_they_join_and_the_churned_stay_away() {
    let world = world(7, 60_000);
    let cells = cells(&world, HISTORY_DAYS);
    let users: HashMap<i64, _> =
        world.casts.iter().flat_map(|cast| &cast.users).map(|user| (user.id, user)).collect();
    let agents: HashMap<i64, _> =
        world.casts.iter().flat_map(|cast| &cast.agents).map(|agent| (agent.id, agent)).collect();
    let mut seen = HashSet::new();
    for run in runs(&cells) {
        let user = users[&run.user];
        assert!(
            user.created_at <= run.started_at
                && user.churned_at.is_none_or(|left| run.started_at < left)
        );
        assert!(agents[&run.agent].created_at <= run.started_at);
        seen.insert(run.user);
    }
    let churned =
        users.values().filter(|user| user.churned_at.is_some_and(|left| left < ORIGIN)).count();
    assert!(churned * 10 > users.len(), "{churned} of {}", users.len());
    assert!(seen.len() * 2 > users.len());
}

#[test]
fn names_are_unique_where_people_must_tell_them_apart() {
    for cast in world(7, 1_000).casts {
        let names: HashSet<_> = cast.agents.iter().map(|agent| &agent.name).collect();
        assert_eq!(names.len(), cast.agents.len());
        let addresses: HashSet<_> = cast.users.iter().map(|user| &user.email).collect();
        assert_eq!(addresses.len(), cast.users.len());
    }
}
