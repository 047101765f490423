//! Somebody at the dashboard: which pages they open, and what those ask the API for.

use std::collections::HashSet;

use samekey_demo::clock::date;
use samekey_demo::history::{COMPANIES, Dice, Wheel, World, agent_public_id, user_public_id};
use samekey_demo::timeframe::{DAY, Millis};

/// How often each timeframe is chosen; the dashboard opens with a week.
const FRAMES: [(&str, f64); 5] =
    [("1h", 0.10), ("24h", 0.20), ("7d", 0.45), ("30d", 0.20), ("90d", 0.05)];

/// How often each page is opened: overview, agents, an agent, users, a user.
const PAGES: [f64; 5] = [0.35, 0.20, 0.15, 0.15, 0.15];

/// After each page, the chance that they look at another timeframe.
const OTHER_FRAME: f64 = 0.15;

/// What chance needs to know of the world.
pub(crate) struct Habits<'w> {
    world: &'w World,
    now: Millis,
    workspaces: Wheel,
    frames: Wheel,
    pages: Wheel,
    /// Of each workspace, its agents and its users.
    people: Vec<(Wheel, Wheel)>,
}

impl<'w> Habits<'w> {
    pub(crate) fn new(world: &'w World, now: Millis) -> Self {
        let origin = world.recipe.origin;
        let people = world.casts.iter().map(|cast| {
            let agents = zipf(cast.agents.iter().map(|agent| agent.created_at <= origin));
            let users = zipf(cast.users.iter().map(|user| user.created_at <= origin));
            (agents, users)
        });
        Self {
            world,
            now,
            workspaces: zipf(COMPANIES.iter().map(|_| true)),
            frames: Wheel::new(FRAMES.map(|(_, weight)| weight)),
            pages: Wheel::new(PAGES),
            people: people.collect(),
        }
    }
}

/// The n-th of those who are there is met an n-th as often as the first.
fn zipf(there: impl Iterator<Item = bool>) -> Wheel {
    let mut rank = 0.0;
    Wheel::new(there.map(|is_there| {
        if !is_there {
            return 0.0;
        }
        rank += 1.0;
        1.0 / rank
    }))
}

/// A question of the dashboard.
pub(crate) struct Question {
    pub(crate) family: &'static str,
    pub(crate) path: String,
}

/// One visit, of one workspace.
pub(crate) struct Visitor {
    workspace: usize,
    frame: usize,
    /// What their browser holds.
    asked: HashSet<String>,
}

impl Visitor {
    pub(crate) fn arrive(habits: &Habits<'_>, dice: &mut Dice) -> Self {
        let workspace = habits.workspaces.spin(dice);
        Self { workspace, frame: habits.frames.spin(dice), asked: HashSet::new() }
    }

    /// Opens the overview at first, then any page: what it asks for that the browser does not hold.
    pub(crate) fn open(&mut self, habits: &Habits<'_>, dice: &mut Dice) -> Vec<Question> {
        let is_first = self.asked.is_empty();
        if !is_first && dice.chance(OTHER_FRAME) {
            self.frame = habits.frames.spin(dice);
        }
        let (company, frame) = (COMPANIES[self.workspace].id, FRAMES[self.frame].0);
        let scope = format!("workspace_id={company}&timeframe={frame}");
        let cast = &habits.world.casts[self.workspace];
        let (agents, users) = &habits.people[self.workspace];
        // Beside every page stands what happened today.
        let mut shown = vec![("workspace_overview", format!("workspaces/{company}/overview"))];
        let page = if is_first { 0 } else { habits.pages.spin(dice) };
        match page {
            0 => {
                shown.push(("executive", format!("executive/dashboard?{scope}")));
                shown.push(("revenue", format!("executive/revenue?{scope}")));
            }
            1 => shown.push(("top_agents", format!("agents/top?{scope}&limit=50"))),
            2 => {
                let agent = agent_public_id(cast.agents[agents.spin(dice)].id);
                let path = format!("agents/{agent}/analytics?timeframe={frame}");
                shown.push(("agent_analytics", path));
            }
            3 => {
                let cohort = date(habits.now - 30 * DAY);
                let curve = format!("workspace_id={company}&cohort_date={cohort}&days=30");
                shown.push(("user_analytics", format!("users/analytics?{scope}")));
                shown.push(("churn", format!("users/churn?{scope}")));
                shown.push(("retention_curve", format!("users/retention?{curve}")));
            }
            _ => {
                let user = user_public_id(cast.users[users.spin(dice)].id);
                let today = date(habits.now);
                shown.push(("user_activity", format!("users/{user}/activity?date={today}")));
                shown.push(("user_metrics", format!("users/{user}/metrics?timeframe={frame}")));
            }
        }
        shown.retain(|(_, path)| self.asked.insert(path.clone()));
        // The last hour's bars on the overview are asked for anew every 15 s: once when it opens, and twice for those
        // who stay half a minute.
        if page == 0 {
            let live = format!("metrics/realtime?workspace_id={company}&metric=runs");
            shown.extend(std::iter::repeat_n(("realtime_metrics", live), 1 + dice.below(3)));
        }
        shown.into_iter().map(|(family, path)| Question { family, path }).collect()
    }
}
