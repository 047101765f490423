//! Writes stretches of the history into the tables.

use jiff::{Timestamp, tz::TimeZone};
use rusqlite::{Connection, Statement, params};

use super::DatabaseError;
use crate::history::{
    Activity, COMPANIES, HISTORY_DAYS, Run, World, agent_public_id, user_public_id,
};
use crate::timeframe::{DAY, HOUR, Millis};

/// Told how many hours of history are written, and of how many.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

const INSERT_RUN: &str =
    "INSERT INTO runs (workspace, agent, user, started_at, status, duration_ms, credits, error)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const INSERT_ACTIVITY: &str =
    "INSERT INTO activity (workspace, user, at, kind, detail) VALUES (?1, ?2, ?3, ?4, ?5)";
const INSERT_CREDITS: &str = "INSERT INTO credit_transactions (workspace, at, kind, credits, amount_cents) VALUES (?1, ?2, ?3, ?4, ?5)";

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
    let mut credits = load.prepare(INSERT_CREDITS)?;
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
        credits.execute(params![id, first_day, "opening", opening, 0])?;
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

fn admit_users(
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

fn write_stretch(
    connection: &Connection,
    world: &World,
    from: Millis,
    to: Millis,
    progress: Progress<'_>,
) -> Result<(), DatabaseError> {
    let (mut runs, mut activity) =
        (connection.prepare(INSERT_RUN)?, connection.prepare(INSERT_ACTIVITY)?);
    let mut ledger = Ledger::read(connection)?;
    let (first, last) = (from.div_euclid(HOUR), (to - 1).div_euclid(HOUR));
    for hour in (first..=last).map(|hour| hour * HOUR) {
        for index in 0..COMPANIES.len() {
            let workspace = index as i64 + 1;
            let cell = world.cell(index, hour);
            let mut spent = 0;
            for run in cell.runs.iter().filter(|run| (from..to).contains(&run.started_at)) {
                spent += write_run(&mut runs, workspace, run, to)?;
            }
            for entry in cell.activity.iter().filter(|entry| (from..to).contains(&entry.at)) {
                write_activity(&mut activity, workspace, entry)?;
            }
            ledger.settle(index, spent, hour.max(from), (hour + HOUR).min(to) - 1)?;
        }
        progress((hour / HOUR - first + 1) as u64, (last - first + 1) as u64);
    }
    Ok(())
}

/// Writes a run as it stands at `until`: still running if it ends later.
/// Returns the credits it has cost.
fn write_run(
    insert: &mut Statement<'_>,
    workspace: i64,
    run: &Run,
    until: Millis,
) -> Result<i64, DatabaseError> {
    let (status, duration_ms, credits, error) = if run.started_at + run.duration_ms > until {
        ("running", 0, 0, None)
    } else {
        (
            if run.error.is_some() { "failed" } else { "succeeded" },
            run.duration_ms,
            run.credits,
            run.error,
        )
    };
    insert.execute(params![
        workspace,
        run.agent,
        run.user,
        run.started_at,
        status,
        duration_ms,
        credits,
        error
    ])?;
    Ok(credits)
}

fn write_activity(
    insert: &mut Statement<'_>,
    workspace: i64,
    entry: &Activity,
) -> Result<(), DatabaseError> {
    insert.execute(params![workspace, entry.user, entry.at, entry.kind, entry.detail])?;
    Ok(())
}

/// Appends one run as it stands at `until` and returns its row id.
pub fn append_run(
    connection: &Connection,
    workspace: i64,
    run: &Run,
    until: Millis,
) -> Result<i64, DatabaseError> {
    write_run(&mut *connection.prepare_cached(INSERT_RUN)?, workspace, run, until)?;
    Ok(connection.last_insert_rowid())
}

/// Appends one thing a user did.
pub fn append_activity(
    connection: &Connection,
    workspace: i64,
    entry: &Activity,
) -> Result<(), DatabaseError> {
    write_activity(&mut *connection.prepare_cached(INSERT_ACTIVITY)?, workspace, entry)
}

/// Appends the purchase of one of the workspace's credit packs and returns its credits.
pub fn append_purchase(
    connection: &Connection,
    workspace: i64,
    at: Millis,
) -> Result<i64, DatabaseError> {
    let company = &COMPANIES[(workspace - 1) as usize];
    let (credits, cents) = company.plan.pack();
    connection
        .prepare_cached(INSERT_CREDITS)?
        .execute(params![workspace, at, "purchase", credits, cents])?;
    Ok(credits)
}

/// The workspaces' credit balances while history is written: grants on the
/// first of a month, a purchase whenever a balance runs low, as the platform's
/// automatic top-up does it.
struct Ledger<'c> {
    insert: Statement<'c>,
    balances: Vec<i64>,
}

impl<'c> Ledger<'c> {
    fn read(connection: &'c Connection) -> Result<Self, DatabaseError> {
        let mut balance = connection.prepare(
            "SELECT COALESCE((SELECT SUM(credits) FROM credit_transactions WHERE workspace = ?1), 0)
                  - COALESCE((SELECT SUM(credits) FROM agent_days WHERE workspace = ?1), 0)",
        )?;
        let balances = (1..=COMPANIES.len() as i64)
            .map(|id| balance.query_row([id], |row| row.get(0)))
            .collect::<Result<_, _>>()?;
        Ok(Self { insert: connection.prepare(INSERT_CREDITS)?, balances })
    }

    fn settle(
        &mut self,
        index: usize,
        spent: i64,
        first: Millis,
        last: Millis,
    ) -> Result<(), DatabaseError> {
        let (plan, workspace) = (COMPANIES[index].plan, index as i64 + 1);
        self.balances[index] -= spent;
        if starts_month(first) {
            self.balances[index] += plan.monthly_grant();
            self.insert.execute(params![workspace, first, "grant", plan.monthly_grant(), 0])?;
        }
        let (credits, cents) = plan.pack();
        if self.balances[index] < credits / 5 {
            let packs = 1 + (credits / 5 - self.balances[index]) / credits;
            self.balances[index] += packs * credits;
            self.insert.execute(params![
                workspace,
                last,
                "purchase",
                packs * credits,
                packs * cents
            ])?;
        }
        Ok(())
    }
}

fn starts_month(at: Millis) -> bool {
    at % DAY == 0
        && Timestamp::from_millisecond(at)
            .is_ok_and(|stamp| stamp.to_zoned(TimeZone::UTC).day() == 1)
}
