//! Writes stretches of the history into the tables.

use rusqlite::{Connection, params};

use super::DatabaseError;
use super::append::{admit_users, append_activity, append_credits, append_run};
use super::ledger::Ledger;
use crate::history::{COMPANIES, HISTORY_DAYS, World, agent_public_id};
use crate::timeframe::{DAY, HOUR, Millis};

/// Told how many hours of history are written, and of how many.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Makes a new file's whole content, up to the recipe's origin.
pub(super) fn fill(
    connection: &mut Connection,
    world: &World,
    progress: Progress<'_>,
) -> Result<(), DatabaseError> {
    let recipe = world.recipe;
    let start = recipe.origin - HISTORY_DAYS * DAY;
    let load = connection.transaction()?;
    load.execute_batch(include_str!("tables.sql"))?;
    load.execute(
        "INSERT INTO meta (seed, origin, runs, reached) VALUES (?1, ?2, ?3, ?2)",
        params![recipe.seed as i64, recipe.origin, recipe.runs as i64],
    )?;
    write_names(&load, world, start)?;
    admit_users(&load, world, Millis::MIN, recipe.origin)?;
    write_stretch(&load, world, start, recipe.origin, progress)?;
    load.execute_batch(include_str!("after_load.sql"))?;
    load.commit()?;
    Ok(())
}

/// Goes on with the history from where the file ends to `now`, in one
/// transaction; does nothing when `now` is not later.
pub fn bring_up_to(
    connection: &mut Connection,
    world: &World,
    now: Millis,
    progress: Progress<'_>,
) -> Result<(), DatabaseError> {
    let reached: Millis = connection.query_row("SELECT reached FROM meta", [], |row| row.get(0))?;
    if now <= reached {
        return Ok(());
    }
    let append = connection.transaction()?;
    // Whatever ran when the last process stopped has not survived it.
    append.execute(
        "UPDATE runs SET status = 'failed', error = 'interrupted', duration_ms = MIN(?1 - started_at, 300000), credits = 1
         WHERE status = 'running'",
        [now],
    )?;
    admit_users(&append, world, reached, now)?;
    write_stretch(&append, world, reached, now, progress)?;
    append.execute("UPDATE meta SET reached = ?1", [now])?;
    append.commit()?;
    Ok(())
}

fn write_names(load: &Connection, world: &World, start: Millis) -> Result<(), DatabaseError> {
    let mut workspace =
        load.prepare("INSERT INTO workspaces (id, public_id, name, plan) VALUES (?1, ?2, ?3, ?4)")?;
    let mut subscription =
        load.prepare("INSERT INTO subscriptions VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let mut agent = load.prepare("INSERT INTO agents (id, public_id, workspace, name, created_at) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (index, company) in COMPANIES.iter().enumerate() {
        let id = index as i64 + 1;
        let first_day = start - 30 * DAY;
        workspace.execute(params![id, company.id, company.name, company.plan.name()])?;
        let mut since = first_day;
        if let Some((before, days)) = company.upgraded {
            // A plan changes with the billing day, at midnight.
            let changed = (world.recipe.origin - days * DAY).div_euclid(DAY) * DAY;
            let seats = (company.seats * 2 / 3).max(1);
            subscription.execute(params![
                id,
                before.name(),
                seats,
                before.monthly_cents(seats),
                since,
                changed
            ])?;
            since = changed;
        }
        let monthly = company.plan.monthly_cents(company.seats);
        subscription.execute(params![
            id,
            company.plan.name(),
            company.seats,
            monthly,
            since,
            None::<i64>
        ])?;
        let opening = company.plan.monthly_grant() + company.plan.pack().0;
        append_credits(load, id, first_day, "opening", (opening, 0))?;
        for entry in &world.casts[index].agents {
            agent.execute(params![
                entry.id,
                agent_public_id(entry.id),
                id,
                entry.name,
                entry.created_at
            ])?;
        }
    }
    Ok(())
}

fn write_stretch(
    connection: &Connection,
    world: &World,
    from: Millis,
    to: Millis,
    progress: Progress<'_>,
) -> Result<(), DatabaseError> {
    let mut ledger = Ledger::read(connection)?;
    let (first, last) = (from.div_euclid(HOUR), (to - 1).div_euclid(HOUR));
    for hour in (first..=last).map(|hour| hour * HOUR) {
        for index in 0..COMPANIES.len() {
            let workspace = index as i64 + 1;
            let cell = world.cell(index, hour);
            let mut spent = 0;
            for run in cell.runs.iter().filter(|run| (from..to).contains(&run.started_at)) {
                spent += append_run(connection, workspace, run, to)?.1;
            }
            for entry in cell.activity.iter().filter(|entry| (from..to).contains(&entry.at)) {
                append_activity(connection, workspace, entry)?;
            }
            ledger.settle(index, spent, hour.max(from), (hour + HOUR).min(to) - 1)?;
        }
        progress((hour / HOUR - first + 1) as u64, (last - first + 1) as u64);
    }
    Ok(())
}
