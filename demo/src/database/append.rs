//! Rows, one at a time: what the load writes a million of, and the simulator one
//! now and then.

use rusqlite::{Connection, params};

use super::DatabaseError;
use crate::history::{Activity, COMPANIES, Run, World, user_public_id};
use crate::timeframe::Millis;

/// Appends a run as it stands at `until`: still running if it ends later.
/// Returns its row id, and the credits it has cost so far.
pub fn append_run(
    connection: &Connection,
    workspace: i64,
    run: &Run,
    until: Millis,
) -> Result<(i64, i64), DatabaseError> {
    let (status, duration_ms, credits, error) = if run.started_at + run.duration_ms > until {
        ("running", 0, 0, None)
    } else {
        (outcome(run), run.duration_ms, run.credits, run.error)
    };
    connection
        .prepare_cached(
            "INSERT INTO runs (workspace, agent, user, started_at, status, duration_ms, credits, error)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            workspace,
            run.agent,
            run.user,
            run.started_at,
            status,
            duration_ms,
            credits,
            error
        ])?;
    Ok((connection.last_insert_rowid(), credits))
}

/// Ends a run that was appended while it was running; whether it still was.
pub fn finish_run(connection: &Connection, id: i64, run: &Run) -> Result<bool, DatabaseError> {
    let finished = connection
        .prepare_cached(
            "UPDATE runs SET status = ?2, duration_ms = ?3, credits = ?4, error = ?5
             WHERE id = ?1 AND status = 'running'",
        )?
        .execute(params![id, outcome(run), run.duration_ms, run.credits, run.error])?;
    Ok(finished > 0)
}

fn outcome(run: &Run) -> &'static str {
    if run.error.is_some() { "failed" } else { "succeeded" }
}

/// Appends one thing a user did.
pub fn append_activity(
    connection: &Connection,
    workspace: i64,
    entry: &Activity,
) -> Result<(), DatabaseError> {
    connection
        .prepare_cached(
            "INSERT INTO activity (workspace, user, at, kind, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![workspace, entry.user, entry.at, entry.kind, entry.detail])?;
    Ok(())
}

/// Appends credits that came in, and the cents paid for them.
pub(super) fn append_credits(
    connection: &Connection,
    workspace: i64,
    at: Millis,
    kind: &str,
    (credits, cents): (i64, i64),
) -> Result<(), DatabaseError> {
    connection
        .prepare_cached(
            "INSERT INTO credit_transactions (workspace, at, kind, credits, amount_cents)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![workspace, at, kind, credits, cents])?;
    Ok(())
}

/// Appends the purchase of one of the workspace's credit packs.
pub fn append_purchase(
    connection: &Connection,
    workspace: i64,
    at: Millis,
) -> Result<(), DatabaseError> {
    let pack = COMPANIES[(workspace - 1) as usize].plan.pack();
    append_credits(connection, workspace, at, "purchase", pack)
}

/// Adds the users who join in `from..to`.
pub fn admit_users(
    connection: &Connection,
    world: &World,
    from: Millis,
    to: Millis,
) -> Result<(), DatabaseError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO users (id, public_id, workspace, name, email, segment, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (index, cast) in world.casts.iter().enumerate() {
        for user in cast.users.iter().filter(|user| (from..to).contains(&user.created_at)) {
            let id = user_public_id(user.id);
            insert.execute(params![
                user.id,
                id,
                index as i64 + 1,
                user.name,
                user.email,
                user.segment,
                user.created_at
            ])?;
        }
    }
    Ok(())
}
