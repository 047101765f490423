//! What is computed when the demo starts, and every six hours: all that the API answers of every workspace and of
//! every agent, then of one user after the other.

use std::time::Duration;

use samekey::schema::KeyError;
use samekey::server::jobs::{Priority, Warmup};
use samekey::shadower;

use super::batches::Batches;
use crate::analytics::{Period, RealtimeMetric};
use crate::clock::date;
use crate::demo::Demo;
use crate::history::{COMPANIES, agent_public_id, segments, user_public_id};
use crate::timeframe::{DAY, Timeframe};

/// As many keys as the specification sizes the cache for.
pub const WARM_KEYS: usize = 10_000;

/// Users whose keys are computed together: some fifty keys, few enough for Redis to answer at once on a busy machine.
const USERS_AT_ONCE: usize = 12;

/// The timeframes that are chosen most. A miss of another one computes all of a user's, so more users are worth more.
const OF_USERS: [Timeframe; 3] = [Timeframe::Day, Timeframe::Week, Timeframe::Month];

/// On a machine that is busy with its visitors.
const AT_MOST: Duration = Duration::from_secs(120);

/// So much is read from SQLite at a time: its readers share the machine with whoever asks meanwhile.
const COMPUTES: usize = 4;

/// At most `keys` of the most important answers: the most important first.
///
/// # Errors
/// When a key cannot be made, which would be a mistake here.
pub fn warmup(demo: &Demo, keys: usize) -> Result<Warmup, KeyError> {
    let mut batches = Batches::new(demo, keys);
    for workspace in COMPANIES.iter().map(|company| company.id) {
        first_pages(&mut batches, workspace)?;
    }
    for workspace in COMPANIES.iter().map(|company| company.id) {
        other_pages(&mut batches, demo, workspace)?;
    }
    agents(&mut batches, demo)?;
    users(&mut batches, demo)?;
    Ok(batches.warmup.concurrency(COMPUTES).budget(AT_MOST).at_start())
}

/// What a visitor sees first.
fn first_pages(batches: &mut Batches, ws: &'static str) -> Result<(), KeyError> {
    let first = Priority::Critical;
    let frames = Timeframe::ALL;
    batches.each(
        first,
        frames,
        |frame| shadower::executive(ws, frame.name()),
        |it, frame| it.executive_dashboard(ws, *frame),
    )?;
    batches.each(
        first,
        frames,
        |frame| shadower::revenue(ws, frame.name()),
        |it, frame| it.revenue(ws, *frame),
    )?;
    batches.each(
        first,
        [ws],
        |ws| shadower::workspace_overview(ws),
        |it, ws| it.workspace_overview(ws),
    )?;
    batches.each(first, [ws], |ws| shadower::kpis(ws), |it, ws| it.kpis(ws))?;
    batches.each(
        first,
        [RealtimeMetric::Runs],
        |metric| shadower::realtime_metrics(ws, metric.name()),
        |it, metric| it.realtime_metrics(ws, *metric),
    )
}

/// What is one click away.
fn other_pages(batches: &mut Batches, demo: &Demo, ws: &'static str) -> Result<(), KeyError> {
    let next = Priority::High;
    let frames = Timeframe::ALL;
    batches.each(
        next,
        frames,
        |frame| shadower::top_agents(ws, frame.name(), Some(50)),
        |it, frame| it.top_agents(ws, *frame, 50),
    )?;
    let everybody = || std::iter::once(None).chain(segments().map(Some));
    let of_segments = frames.into_iter().flat_map(|frame| everybody().map(move |of| (frame, of)));
    batches.each(
        next,
        of_segments,
        |(frame, segment)| shadower::user_analytics(ws, frame.name(), *segment),
        |it, (frame, segment)| it.user_analytics(ws, *frame, *segment),
    )?;
    batches.each(
        next,
        frames,
        |frame| shadower::churn(ws, frame.name()),
        |it, frame| it.churn(ws, *frame),
    )?;
    batches.each(
        next,
        [date(demo.clock.now() - 30 * DAY)],
        |cohort| shadower::retention_curve(ws, cohort, 30_u32),
        |it, cohort| it.retention_curve(ws, cohort, 30),
    )?;
    batches.each(
        next,
        frames,
        |frame| shadower::workspace_analytics(ws, frame.name()),
        |it, frame| it.workspace_analytics(ws, *frame),
    )?;
    batches.each(
        next,
        [Period::Daily, Period::Hourly],
        |period| shadower::run_metrics(ws, period.name()),
        |it, period| it.run_metrics(ws, *period),
    )?;
    batches.each(
        next,
        [Period::Daily, Period::Hourly],
        |period| shadower::credit_metrics(ws, period.name()),
        |it, period| it.credit_metrics(ws, *period),
    )?;
    batches.each(
        next,
        [Timeframe::Day, Timeframe::Week, Timeframe::Month],
        |frame| shadower::active_users(ws, frame.name()),
        |it, frame| it.active_users(ws, *frame),
    )
}

/// All agents, a workspace's together.
fn agents(batches: &mut Batches, demo: &Demo) -> Result<(), KeyError> {
    let now = demo.clock.now();
    for cast in &demo.world.casts {
        let agents = cast.agents.iter().filter(|agent| agent.created_at <= now);
        batches.together(
            Priority::Normal,
            agents.flat_map(|agent| in_each(agent_public_id(agent.id), &Timeframe::ALL)),
            |(agent, frame)| shadower::agent_analytics(agent, frame.name()),
            |it, wanted| of_each(wanted, |agent| it.agent_analytics_in(agent, Timeframe::ALL)),
        )?;
    }
    Ok(())
}

/// The users, those who joined first before the others, of all workspaces in turn.
fn users(batches: &mut Batches, demo: &Demo) -> Result<(), KeyError> {
    let (now, last) = (demo.clock.now(), Priority::Low);
    let today = date(now);
    let longest = demo.world.casts.iter().map(|cast| cast.users.len()).max().unwrap_or(0);
    let in_turn = (0..longest)
        .flat_map(|turn| demo.world.casts.iter().filter_map(move |cast| cast.users.get(turn)));
    let users = in_turn.filter(|user| user.created_at <= now).map(|user| user_public_id(user.id));
    let mut users = users.peekable();
    while users.peek().is_some() && !batches.are_full() {
        let some: Vec<_> = users.by_ref().take(USERS_AT_ONCE).collect();
        batches.together(
            last,
            some.iter().cloned().flat_map(|user| in_each(user, &OF_USERS)),
            |(user, frame)| shadower::user_metrics(user, frame.name()),
            |it, wanted| of_each(wanted, |user| it.user_metrics_in(user, Timeframe::ALL)),
        )?;
        let day = today.clone();
        batches.each(
            last,
            some,
            |user| shadower::user_activity(user, &today),
            move |it, user| it.user_activity(user, &day),
        )?;
    }
    Ok(())
}

/// Somebody, and a timeframe that is asked for of them.
type Wanted = (String, Timeframe);

fn in_each(who: String, frames: &'static [Timeframe]) -> impl Iterator<Item = Wanted> {
    frames.iter().map(move |frame| (who.clone(), *frame))
}

/// The answers of `wanted` out of those of all timeframes, which cost little more than the longest one's.
fn of_each<T, E>(
    wanted: &[Wanted],
    all: impl Fn(&str) -> Result<[T; Timeframe::ALL.len()], E>,
) -> Result<Vec<T>, E> {
    let mut answers = Vec::with_capacity(wanted.len());
    for of_one in wanted.chunk_by(|one, next| one.0 == next.0) {
        let mut of_all = all(&of_one[0].0)?.map(Some);
        for (_, wanted) in of_one {
            let place = Timeframe::ALL.iter().position(|frame| frame == wanted);
            answers.extend(place.and_then(|place| of_all[place].take()));
        }
    }
    Ok(answers)
}
