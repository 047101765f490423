//! One thing that happens, the same each time: for tests and for buttons.

use rusqlite::Connection;
use samekey::shadower::events;

use super::Happened;
use crate::database::{DatabaseError, append_activity, append_purchase, append_run};
use crate::history::{Activity, COMPANIES, Run, World, agent_public_id, user_public_id};
use crate::timeframe::Millis;

/// What can be made to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A run of the workspace's first agent, for its owner, has just succeeded: 1.2 s, 10 credits.
    Run,
    /// The workspace's owner opens the dashboard.
    Activity,
    /// The workspace buys one of its credit packs.
    Credits,
}

impl Deed {
    /// Reads what the API writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Run, Self::Activity, Self::Credits].into_iter().find(|deed| deed.name() == text)
    }

    /// The word that the API writes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Activity => "activity",
            Self::Credits => "credits",
        }
    }
}

/// Makes `deed` happen `count` times at `now` in the workspace with this public
/// id; `None` if there is no such workspace.
pub fn happen(
    connection: &mut Connection,
    world: &World,
    workspace: &str,
    deed: Deed,
    count: u32,
    now: Millis,
) -> Result<Option<Happened>, DatabaseError> {
    let Some(index) = COMPANIES.iter().position(|company| company.id == workspace) else {
        return Ok(None);
    };
    let (row, agent) = (index as i64 + 1, &world.casts[index].agents[0]);
    let (owner, workspace_id) = (&world.casts[index].users[0], workspace.to_owned());
    let append = connection.transaction()?;
    for _ in 0..count {
        match deed {
            Deed::Run => {
                let (agent, user, error) = (agent.id, owner.id, None);
                let started_at = now - 1_200;
                let run = Run { agent, user, started_at, duration_ms: 1_200, error, credits: 10 };
                append_run(&append, row, &run, now)?;
            }
            Deed::Activity => {
                let detail = "Opened the executive dashboard".to_owned();
                let entry = Activity { user: owner.id, at: now, kind: "viewed_dashboard", detail };
                append_activity(&append, row, &entry)?;
            }
            Deed::Credits => append_purchase(&append, row, now)?,
        }
    }
    append.commit()?;
    Ok(Some(match deed {
        Deed::Run => {
            let agent_id = agent_public_id(agent.id);
            Happened::RunCompleted(events::AgentRunCompleted { workspace_id, agent_id })
        }
        Deed::Activity => {
            let user_id = user_public_id(owner.id);
            Happened::UserActive(events::UserActivity { workspace_id, user_id })
        }
        Deed::Credits => Happened::CreditsBought(events::CreditTransaction { workspace_id }),
    }))
}
