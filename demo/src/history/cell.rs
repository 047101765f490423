//! One workspace's hour. The whole history is these cells, each a pure function
//! of the seed and its place, so any stretch of it can be made again or made
//! later: a file that was left for a week is brought up to date by the same code
//! that made it.

use super::companies::{COMPANIES, Company};
use super::dice::Dice;
use super::people::{Agent, Cast, User, casts};
use super::rhythm::{intensity, outage_at};
use crate::timeframe::{DAY, HOUR, Millis};

/// What a history is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// Everything random follows from it.
    pub seed: u64,
    /// The instant at which the first history ends.
    pub origin: Millis,
    /// At least so many runs in the 90 days before `origin`.
    pub runs: u64,
}

/// A run as the database keeps it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// The agent's row.
    pub agent: i64,
    /// The user's row.
    pub user: i64,
    /// When it started.
    pub started_at: Millis,
    /// How long it took.
    pub duration_ms: i64,
    /// What went wrong, if it failed.
    pub error: Option<&'static str>,
    /// Credits charged.
    pub credits: i64,
}

/// Something a user did beside starting runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// The user's row.
    pub user: i64,
    /// When.
    pub at: Millis,
    /// One of a small set of kinds.
    pub kind: &'static str,
    /// A line for people.
    pub detail: String,
}

/// All that happened in one workspace in one hour, in order of time.
#[derive(Debug, Default, PartialEq)]
pub struct Cell {
    /// The runs that started.
    pub runs: Vec<Run>,
    /// The users' other activity.
    pub activity: Vec<Activity>,
}

/// The world of a recipe: its cast, and the scale from intensity to runs.
#[derive(Debug)]
pub struct World {
    /// The recipe it came from.
    pub recipe: Recipe,
    /// The agents and users, one cast per company.
    pub casts: Vec<Cast>,
    runs_per_intensity: f64,
}

/// No run is allowed to take longer than this.
const RUN_LIMIT_MS: i64 = 300_000;

const ERRORS: [(&str, f64); 5] = [
    ("tool_error", 0.30),
    ("timeout", 0.26),
    ("rate_limited", 0.20),
    ("invalid_input", 0.16),
    ("model_refused", 0.08),
];

const ACTIVITY: [(&str, f64); 7] = [
    ("signed_in", 0.34),
    ("viewed_dashboard", 0.30),
    ("edited_agent", 0.12),
    ("shared_report", 0.08),
    ("exported_data", 0.06),
    ("changed_settings", 0.06),
    ("invited_teammate", 0.04),
];

fn pick(dice: &mut Dice, table: &'static [(&'static str, f64)]) -> &'static str {
    let mut point = dice.unit();
    table
        .iter()
        .find(|entry| {
            point -= entry.1;
            point < 0.0
        })
        .unwrap_or(&table[0])
        .0
}

impl World {
    /// Prepares the cast and finds the scale that gives the recipe's runs.
    pub fn new(recipe: Recipe) -> Self {
        let first = (recipe.origin - 90 * DAY).div_euclid(HOUR) + 1;
        let last = recipe.origin.div_euclid(HOUR);
        let total: f64 = (first..last)
            .flat_map(|hour| {
                COMPANIES.iter().map(move |company| intensity(company, recipe.origin, hour * HOUR))
            })
            .sum();
        // The counts are random; four standard deviations keep "at least" true.
        let wanted = recipe.runs as f64 + 4.0 * (recipe.runs as f64).sqrt() + 8.0;
        Self {
            recipe,
            casts: casts(recipe.seed, recipe.origin),
            runs_per_intensity: wanted / total,
        }
    }

    /// How many runs are expected in one company's hour.
    pub fn expected_runs(&self, company: &Company, hour: Millis) -> f64 {
        self.runs_per_intensity * intensity(company, self.recipe.origin, hour)
    }

    /// The hour that starts at `hour` in the company numbered `index`.
    pub fn cell(&self, index: usize, hour: Millis) -> Cell {
        let (company, cast) = (&COMPANIES[index], &self.casts[index]);
        let mut dice = Dice::at(self.recipe.seed, &[3, index as i64, hour]);
        let expected = self.expected_runs(company, hour);
        let outage = outage_at(self.recipe.origin, hour);
        let mut runs: Vec<Run> = (0..dice.poisson(expected))
            .map(|_| {
                let at = hour + dice.below(HOUR as usize) as Millis;
                let agent = cast.agent_at(&mut dice, at);
                let user = cast.user_at(&mut dice, self.recipe.seed, at).id;
                self.run(&mut dice, agent, user, at, outage)
            })
            .collect();
        runs.sort_by_key(|run| run.started_at);
        let mut activity: Vec<Activity> = (0..dice.poisson(expected * 0.14))
            .map(|_| {
                let at = hour + dice.below(HOUR as usize) as Millis;
                let user = cast.user_at(&mut dice, self.recipe.seed, at);
                self.activity(&mut dice, index, user, at)
            })
            .collect();
        activity.extend(cast.joining_in(hour).map(|user| Activity {
            user: user.id,
            at: user.created_at,
            kind: "joined",
            detail: format!("Joined {}", company.name),
        }));
        activity.sort_by_key(|activity| activity.at);
        Cell { runs, activity }
    }

    /// One run of `agent`; `outage` is the share of runs the platform fails.
    pub fn run(
        &self,
        dice: &mut Dice,
        agent: &Agent,
        user: i64,
        started_at: Millis,
        outage: f64,
    ) -> Run {
        let broken = dice.chance(outage);
        let error = if broken {
            Some(if dice.chance(0.8) { "provider_unavailable" } else { "timeout" })
        } else {
            dice.chance(agent.fail_rate).then(|| pick(dice, &ERRORS))
        };
        let slow = if outage > 0.0 { 2.5 } else { 1.0 };
        let natural = dice
            .log_normal(agent.median_ms * slow, agent.sigma)
            .clamp(40.0, RUN_LIMIT_MS as f64) as i64;
        let duration_ms = match error {
            Some("timeout") => RUN_LIMIT_MS,
            // Refused at the door: fails fast.
            Some("invalid_input" | "rate_limited") => natural / 12 + 40,
            _ => natural,
        };
        let spent =
            agent.credits * dice.log_normal(1.0, 0.35) * if error.is_some() { 0.3 } else { 1.0 };
        Run {
            agent: agent.id,
            user,
            started_at,
            duration_ms,
            error,
            credits: (spent.ceil() as i64).max(1),
        }
    }

    /// One thing `user` of the company numbered `index` did at `at`.
    pub fn activity(&self, dice: &mut Dice, index: usize, user: &User, at: Millis) -> Activity {
        let kind = pick(dice, &ACTIVITY);
        let agents = &self.casts[index].agents;
        let detail = match kind {
            "signed_in" => "Signed in".to_owned(),
            "viewed_dashboard" => "Opened the executive dashboard".to_owned(),
            "edited_agent" => format!("Edited {}", agents[dice.below(agents.len())].name),
            "shared_report" => {
                format!("Shared a report on {}", agents[dice.below(agents.len())].name)
            }
            "exported_data" => format!("Exported {} rows", 10 * (1 + dice.below(900))),
            "changed_settings" => "Changed the notification settings".to_owned(),
            _ => "Invited a teammate".to_owned(),
        };
        Activity { user: user.id, at, kind, detail }
    }
}
