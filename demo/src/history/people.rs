//! The agents and users of a workspace: who exists, since when, and how keen.

use std::collections::BTreeMap;

use super::companies::COMPANIES;
use super::dice::{Dice, Wheel};
use super::names::{DOING, FIRST, JOB, LAST};
use super::rhythm::HISTORY_DAYS;
use crate::timeframe::{DAY, HOUR, Millis};

/// An agent and the habits its runs are drawn from.
#[derive(Debug, Clone)]
pub struct Agent {
    /// Row id; `public_id` shows it as `ag-0042`.
    pub id: i64,
    /// Display name, unique in its workspace.
    pub name: String,
    /// No runs before this.
    pub created_at: Millis,
    /// Median duration of a run.
    pub median_ms: f64,
    /// Spread of the durations (log-normal sigma).
    pub sigma: f64,
    /// The share of its runs that fail in ordinary times.
    pub fail_rate: f64,
    /// Typical credits of a run.
    pub credits: f64,
}

/// A user and how often they come.
#[derive(Debug, Clone)]
pub struct User {
    /// Row id; `public_id` shows it as `u-00042`.
    pub id: i64,
    /// Display name.
    pub name: String,
    /// Address at the company's reserved domain.
    pub email: String,
    /// `power`, `regular`, `casual` or `trial`.
    pub segment: &'static str,
    /// When they joined.
    pub created_at: Millis,
    /// When they stopped coming; most never do.
    pub churned_at: Option<Millis>,
}

/// One workspace's cast, with the wheels that choose from it.
#[derive(Debug)]
pub struct Cast {
    /// Its agents, busiest first.
    pub agents: Vec<Agent>,
    /// Its users; the first is the owner, who never leaves.
    pub users: Vec<User>,
    agent_wheel: Wheel,
    user_wheel: Wheel,
    /// Who joins in which hour; nearly every hour of the history asks.
    joining: BTreeMap<Millis, Vec<usize>>,
}

/// How the segments differ: share of the users, weight when a run looks for its
/// user, chance to come on a working day, and chance to leave for good.
const SEGMENTS: [(&str, f64, f64, f64, f64); 4] = [
    ("power", 0.08, 14.0, 0.86, 0.03),
    ("regular", 0.30, 4.0, 0.46, 0.10),
    ("casual", 0.46, 1.0, 0.13, 0.22),
    ("trial", 0.16, 0.8, 0.16, 0.70),
];

/// Every name of a segment, as the API accepts it.
pub fn segments() -> impl Iterator<Item = &'static str> {
    SEGMENTS.iter().map(|segment| segment.0)
}

/// The cast of every company, in the companies' order. Users who join within
/// thirty days after `origin` are already here, for the days the file lives on.
pub(super) fn casts(seed: u64, origin: Millis) -> Vec<Cast> {
    let (mut next_agent, mut next_user) = (1, 1);
    COMPANIES
        .iter()
        .enumerate()
        .map(|(index, company)| {
            let mut dice = Dice::at(seed, &[1, index as i64]);
            let agents: Vec<Agent> = (0..company.agents)
                .map(|rank| agent(&mut dice, &mut next_agent, rank, index, origin))
                .collect();
            let domain = company.id.trim_start_matches("ws-");
            let count = company.users + company.users / 16;
            let users: Vec<User> = (0..count)
                .map(|rank| user(&mut dice, &mut next_user, rank, domain, origin))
                .collect();
            let agent_wheel =
                Wheel::new((0..agents.len()).map(|rank| 1.0 / (rank as f64 + 1.0).powf(1.05)));
            let user_wheel = Wheel::new(users.iter().map(|user| segment(user.segment).2));
            let mut joining = BTreeMap::<Millis, Vec<usize>>::new();
            for (rank, user) in users.iter().enumerate() {
                joining.entry(user.created_at.div_euclid(HOUR) * HOUR).or_default().push(rank);
            }
            Cast { agents, users, agent_wheel, user_wheel, joining }
        })
        .collect()
}

fn segment(name: &str) -> &'static (&'static str, f64, f64, f64, f64) {
    SEGMENTS.iter().find(|segment| segment.0 == name).unwrap_or(&SEGMENTS[0])
}

fn agent(dice: &mut Dice, next: &mut i64, rank: usize, company: usize, origin: Millis) -> Agent {
    let id = *next;
    *next += 1;
    // Walking both word lists by coprime steps gives no name twice in a company.
    let (doing, job) =
        ((rank * 5 + company * 3) % DOING.len(), (rank / DOING.len() + rank + company) % JOB.len());
    let new = rank > 1 && dice.chance(0.3);
    let age_days = if new {
        dice.unit() * HISTORY_DAYS as f64
    } else {
        HISTORY_DAYS as f64 + dice.unit() * 400.0
    };
    let median_ms = dice.log_uniform(450.0, 40_000.0);
    Agent {
        id,
        name: format!("{} {}", DOING[doing], JOB[job]),
        created_at: origin - (age_days * DAY as f64) as Millis,
        median_ms,
        sigma: 0.45 + 0.7 * dice.unit(),
        fail_rate: 0.012 + 0.09 * dice.unit().powi(3),
        // A slow agent thinks more, and pays for it.
        credits: (median_ms / 1_000.0).sqrt() * dice.log_uniform(1.5, 5.0),
    }
}

fn user(dice: &mut Dice, next: &mut i64, rank: usize, domain: &str, origin: Millis) -> User {
    let id = *next;
    *next += 1;
    let owner = rank == 0;
    let mut point = dice.unit();
    let kind = SEGMENTS
        .iter()
        .find(|kind| {
            point -= kind.1;
            point < 0.0
        })
        .unwrap_or(&SEGMENTS[2]);
    let kind = if owner { &SEGMENTS[0] } else { kind };
    let (first, last) = (FIRST[dice.below(FIRST.len())], LAST[dice.below(LAST.len())]);
    let history = HISTORY_DAYS as f64;
    let joined_day = if owner || dice.chance(0.45) {
        -history - 10.0 - dice.unit() * 500.0
    } else {
        dice.unit().powf(0.75) * (history + 30.0) - history
    };
    let created_at = origin + (joined_day * DAY as f64) as Millis;
    let leaves = !owner && dice.chance(kind.4);
    let stay_days = dice.log_normal(if kind.0 == "trial" { 13.0 } else { 70.0 }, 0.9);
    // Whoever joined long ago and is still in the tables left, if at all, within the history.
    let from = created_at.max(origin - HISTORY_DAYS * DAY);
    User {
        id,
        name: format!("{first} {last}"),
        email: format!("{}.{}.{id}@{domain}.example", first.to_lowercase(), last.to_lowercase()),
        segment: kind.0,
        created_at,
        churned_at: leaves.then(|| from + (stay_days * DAY as f64) as Millis),
    }
}

impl User {
    /// Whether they come at all on the UTC day that holds `at`: certain habits by
    /// segment, eager in their first days, and most stay home at weekends.
    pub fn comes(&self, seed: u64, at: Millis) -> bool {
        if at < self.created_at || self.churned_at.is_some_and(|left| at >= left) {
            return false;
        }
        let day = at.div_euclid(DAY);
        let base = segment(self.segment).3;
        let age_days = (at - self.created_at) as f64 / DAY as f64;
        let eager = base + (0.92 - base) * (-age_days / 3.0).exp();
        let weekday = (day + 3).rem_euclid(7);
        let keen = if weekday >= 5 { eager * 0.4 } else { eager };
        Dice::at(seed, &[2, self.id, day]).chance(keen)
    }
}

impl Cast {
    /// Those who join in the hour that starts at `hour`.
    pub fn joining_in(&self, hour: Millis) -> impl Iterator<Item = &User> {
        self.joining.get(&hour).into_iter().flatten().map(|rank| &self.users[*rank])
    }

    /// The agent of a run that starts at `at`.
    pub fn agent_at(&self, dice: &mut Dice, at: Millis) -> &Agent {
        (0..12)
            .map(|_| &self.agents[self.agent_wheel.spin(dice)])
            .find(|agent| agent.created_at <= at)
            .unwrap_or(&self.agents[0])
    }

    /// The user behind something that happens at `at`; the owner when nobody
    /// else turns up, as in a small team's night.
    pub fn user_at(&self, dice: &mut Dice, seed: u64, at: Millis) -> &User {
        (0..24)
            .map(|_| &self.users[self.user_wheel.spin(dice)])
            .find(|user| user.comes(seed, at))
            .unwrap_or(&self.users[0])
    }
}

/// The identifier under which the API shows an agent.
pub fn agent_public_id(id: i64) -> String {
    format!("ag-{id:04}")
}

/// The identifier under which the API shows a user.
pub fn user_public_id(id: i64) -> String {
    format!("u-{id:05}")
}
