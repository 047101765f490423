//! The history goes on: every second some runs start and end, users come by,
//! credits are bought.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use samekey::shadower::events;
use tokio::time::{MissedTickBehavior, interval};

use super::Happened;
use crate::database::{
    DatabaseError, admit_users, append_activity, append_purchase, append_run, finish_run,
};
use crate::demo::Demo;
use crate::history::{
    COMPANIES, Dice, Run, Wheel, World, agent_public_id, intensity, user_public_id,
};
use crate::timeframe::{HOUR, Millis};

/// What is expected to happen in a second at speed 1: about five times a real
/// second of a million runs in 90 days, so that a page visibly lives.
const RUNS_STARTED: f64 = 0.6;
const USERS_SEEN: f64 = 0.3;
const PACKS_BOUGHT: f64 = 0.02;

/// Lets things happen every second until `stop` comes, `speed` times as many as
/// is usual. Whatever fails is logged and tried no further: the next second has
/// its own.
pub async fn live(demo: Demo, speed: f64, stop: impl Future<Output = ()>) {
    let mut seconds = interval(Duration::from_secs(1));
    // After a pause, as of a laptop that slept, there is nothing to catch up with.
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut present = Present { in_flight: Vec::new(), speed };
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            _ = seconds.tick() => {}
        }
        let (database, world, now) = (demo.database.clone(), demo.world.clone(), demo.clock.now());
        let second = tokio::task::spawn_blocking(move || {
            let happened = database.write(|connection| present.second(connection, &world, now));
            (present, happened)
        });
        let Ok((went_on, happened)) = second.await else { return };
        present = went_on;
        match happened {
            Ok(happened) => {
                for event in happened {
                    // Logged where it fails; what it was about expires by itself.
                    let _ = event.announce(&demo.cache).await;
                }
            }
            Err(error) => tracing::warn!(%error, "a simulated second was lost"),
        }
    }
}

/// Between two seconds.
struct Present {
    in_flight: Vec<InFlight>,
    speed: f64,
}

/// A run that the database has as running, and how it will end.
struct InFlight {
    row: i64,
    index: usize,
    run: Run,
}

impl Present {
    /// Writes one second in one transaction; what happened is to be announced after it.
    fn second(
        &mut self,
        connection: &mut Connection,
        world: &Arc<World>,
        now: Millis,
    ) -> Result<Vec<Happened>, DatabaseError> {
        let mut happened = Vec::new();
        let append = connection.transaction()?;
        let reached: Millis = append.query_row("SELECT reached FROM meta", [], |row| row.get(0))?;
        admit_users(&append, world, reached, now.max(reached))?;
        append.execute("UPDATE meta SET reached = MAX(reached, ?1)", [now])?;
        self.finish_runs(&append, now, &mut happened)?;

        let mut dice = Dice::at(world.recipe.seed, &[4, now]);
        let hour = now.div_euclid(HOUR) * HOUR;
        // The root lets small workspaces be seen alive, too.
        let wheel = Wheel::new(
            COMPANIES.iter().map(|company| intensity(company, world.recipe.origin, hour).sqrt()),
        );
        for _ in 0..dice.poisson(RUNS_STARTED * self.speed) {
            let index = wheel.spin(&mut dice);
            self.start_run(&append, world, index, &mut dice, now, &mut happened)?;
        }
        for _ in 0..dice.poisson(USERS_SEEN * self.speed) {
            let index = wheel.spin(&mut dice);
            let user = world.casts[index].user_at(&mut dice, world.recipe.seed, now);
            let entry = world.activity(&mut dice, index, user, now);
            append_activity(&append, index as i64 + 1, &entry)?;
            happened.push(user_active(index, user.id));
        }
        for _ in 0..dice.poisson(PACKS_BOUGHT * self.speed) {
            let index = wheel.spin(&mut dice);
            append_purchase(&append, index as i64 + 1, now)?;
            let workspace_id = COMPANIES[index].id.to_owned();
            happened.push(Happened::CreditsBought(events::CreditTransaction { workspace_id }));
        }
        append.commit()?;
        Ok(happened)
    }

    fn start_run(
        &mut self,
        append: &Connection,
        world: &World,
        index: usize,
        dice: &mut Dice,
        now: Millis,
        happened: &mut Vec<Happened>,
    ) -> Result<(), DatabaseError> {
        let cast = &world.casts[index];
        let agent = cast.agent_at(dice, now);
        let user = cast.user_at(dice, world.recipe.seed, now).id;
        let run = world.run(dice, agent, user, now, 0.0);
        let (row, _) = append_run(append, index as i64 + 1, &run, now)?;
        let (workspace_id, agent_id) = (COMPANIES[index].id.to_owned(), agent_public_id(agent.id));
        happened.push(Happened::RunStarted(events::AgentRunStarted { workspace_id, agent_id }));
        happened.push(user_active(index, user));
        self.in_flight.push(InFlight { row, index, run });
        Ok(())
    }

    fn finish_runs(
        &mut self,
        append: &Connection,
        now: Millis,
        happened: &mut Vec<Happened>,
    ) -> Result<(), DatabaseError> {
        let is_over = |flying: &InFlight| flying.run.started_at + flying.run.duration_ms <= now;
        for over in self.in_flight.extract_if(.., |flying| is_over(flying)) {
            finish_run(append, over.row, &over.run)?;
            let workspace_id = COMPANIES[over.index].id.to_owned();
            let agent_id = agent_public_id(over.run.agent);
            happened
                .push(Happened::RunCompleted(events::AgentRunCompleted { workspace_id, agent_id }));
        }
        Ok(())
    }
}

fn user_active(index: usize, user: i64) -> Happened {
    let workspace_id = COMPANIES[index].id.to_owned();
    Happened::UserActive(events::UserActivity { workspace_id, user_id: user_public_id(user) })
}
