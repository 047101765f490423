//! Who there is: the lists behind the dashboard's pickers, and the way from a
//! public identifier to a row.

use rusqlite::{OptionalExtension, named_params};
use serde::Serialize;

use super::{Analyst, AnalyticsError};

/// All workspaces, largest customer first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkspaceList {
    /// The workspaces.
    pub workspaces: Vec<WorkspaceEntry>,
}

/// A workspace in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkspaceEntry {
    /// Its identifier in keys and URLs.
    pub id: String,
    /// Its display name.
    pub name: String,
    /// `free`, `team`, `business` or `enterprise`.
    pub plan: String,
}

/// The agents of a workspace, by name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentList {
    /// The agents.
    pub agents: Vec<AgentEntry>,
}

/// An agent in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentEntry {
    /// Its identifier in keys and URLs.
    pub id: String,
    /// Its display name.
    pub name: String,
}

/// Users of a workspace, those last active first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UserList {
    /// The users.
    pub users: Vec<UserEntry>,
}

/// A user in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UserEntry {
    /// Their identifier in keys and URLs.
    pub id: String,
    /// Their display name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// `power`, `regular`, `casual` or `trial`.
    pub segment: String,
}

/// A row that a public identifier stands for.
pub(super) struct Named {
    pub(super) id: i64,
    pub(super) name: String,
    /// The public id of its workspace; its own, for a workspace.
    pub(super) workspace: String,
}

impl Analyst<'_> {
    /// Every workspace.
    pub fn workspaces(&self) -> Result<WorkspaceList, AnalyticsError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT public_id, name, plan FROM workspaces ORDER BY id")?;
        let rows = statement.query_map([], |row| {
            Ok(WorkspaceEntry { id: row.get(0)?, name: row.get(1)?, plan: row.get(2)? })
        })?;
        Ok(WorkspaceList { workspaces: rows.collect::<Result<_, _>>()? })
    }

    /// The agents of one workspace.
    pub fn agents(&self, workspace: &str) -> Result<AgentList, AnalyticsError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT public_id, name FROM agents WHERE workspace = :workspace ORDER BY name",
        )?;
        let workspace = self.workspace(workspace)?.id;
        let rows = statement.query_map(named_params! { ":workspace": workspace }, |row| {
            Ok(AgentEntry { id: row.get(0)?, name: row.get(1)? })
        })?;
        Ok(AgentList { agents: rows.collect::<Result<_, _>>()? })
    }

    /// At most `limit` users of one workspace.
    pub fn users(&self, workspace: &str, limit: u32) -> Result<UserList, AnalyticsError> {
        let workspace = self.workspace(workspace)?.id;
        let mut statement = self.connection.prepare_cached(
            "SELECT u.public_id, u.name, u.email, u.segment FROM users u
             LEFT JOIN (SELECT user, MAX(day) AS last_day, SUM(runs) AS runs FROM user_days
                        WHERE workspace = :workspace AND day >= :since GROUP BY user) AS recent ON recent.user = u.id
             WHERE u.workspace = :workspace
             ORDER BY recent.last_day DESC, recent.runs DESC, u.id LIMIT :limit",
        )?;
        let since = crate::timeframe::Timeframe::Month.window(self.now).start;
        let parameters =
            named_params! { ":workspace": workspace, ":since": since, ":limit": limit };
        let rows = statement.query_map(parameters, |row| {
            Ok(UserEntry {
                id: row.get(0)?,
                name: row.get(1)?,
                email: row.get(2)?,
                segment: row.get(3)?,
            })
        })?;
        Ok(UserList { users: rows.collect::<Result<_, _>>()? })
    }

    pub(super) fn workspace(&self, id: &str) -> Result<Named, AnalyticsError> {
        self.named(
            "workspace",
            "SELECT id, name, public_id FROM workspaces WHERE public_id = :id",
            id,
        )
    }

    pub(super) fn agent(&self, id: &str) -> Result<Named, AnalyticsError> {
        const FIND: &str = "SELECT a.id, a.name, w.public_id FROM agents a JOIN workspaces w ON w.id = a.workspace WHERE a.public_id = :id";
        self.named("agent", FIND, id)
    }

    pub(super) fn user(&self, id: &str) -> Result<Named, AnalyticsError> {
        const FIND: &str = "SELECT u.id, u.name, w.public_id FROM users u JOIN workspaces w ON w.id = u.workspace WHERE u.public_id = :id";
        self.named("user", FIND, id)
    }

    fn named(&self, entity: &'static str, find: &str, id: &str) -> Result<Named, AnalyticsError> {
        self.connection
            .prepare_cached(find)?
            .query_row(named_params! { ":id": id }, |row| {
                Ok(Named { id: row.get(0)?, name: row.get(1)?, workspace: row.get(2)? })
            })
            .optional()?
            .ok_or_else(|| AnalyticsError::NotFound { entity, id: id.to_owned() })
    }
}
