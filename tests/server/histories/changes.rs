//! How rows change: a commit to the database, and what is done about it in the cache.

use std::sync::Arc;

use samekey::server::CacheError;

use super::database::{Snapshot, meant};
use super::history::{Change, Moment, Outcome};
use super::worker::Worker;

/// An invalidation: by which call, and which keys it means.
#[derive(Clone, Copy)]
enum Invalidates {
    Key(usize),
    Pattern(&'static str),
    Workspace(&'static str),
    Event(&'static str),
}

impl Invalidates {
    fn rows(self) -> Vec<usize> {
        match self {
            Self::Key(row) => vec![row],
            Self::Pattern(pattern) => meant(&[pattern]),
            Self::Workspace(id) => {
                meant(&[&format!("exec:kpis:{id}"), &format!("exec:dashboard:{id}:*")])
            }
            Self::Event(id) => meant(&["agent:analytics:a1:*", &format!("exec:dashboard:{id}:*")]),
        }
    }

    const fn way(self) -> &'static str {
        match self {
            Self::Key(_) => "delete",
            Self::Pattern(_) => "invalidate_pattern",
            Self::Workspace(_) => "invalidate_workspace",
            Self::Event(_) => "agent_run_completed",
        }
    }
}

impl Worker {
    pub(super) async fn change(&mut self) {
        let workspace = ["ws1", "ws2"][self.random.usize(..2)];
        let pattern = ["exec:kpis:*", "exec:dashboard:ws1:*", "exec:dashboard:*:7d", "agent:*"];
        let (row, pattern) = (self.row(), pattern[self.random.usize(..4)]);
        match self.random.u8(0..21) {
            0..5 => self.invalidate(Invalidates::Key(row)).await,
            5..8 => self.invalidate(Invalidates::Pattern(pattern)).await,
            8..12 => self.invalidate(Invalidates::Workspace(workspace)).await,
            12..14 => self.invalidate(Invalidates::Event(workspace)).await,
            14..19 => self.set().await,
            19 => self.set_by_another().await,
            _ => self.delete_by_another().await,
        }
    }

    async fn invalidate(&mut self, what: Invalidates) {
        let (stage, cache, rows) = (Arc::clone(&self.stage), self.cache(), what.rows());
        let _changing = stage.database.change_together(&rows).await;
        for row in &rows {
            stage.database.commit(*row);
        }
        let of = rows.iter().map(|row| (*row, stage.database.version(*row))).collect();
        let began = stage.history.now();
        let done = match what {
            Invalidates::Key(row) => cache.delete(stage.key(row)).await.map(drop),
            Invalidates::Pattern(pattern) => cache.invalidate_pattern(pattern).await.map(drop),
            Invalidates::Workspace(id) => cache.invalidate_workspace(id).await.map(drop),
            Invalidates::Event(id) => {
                let fields = [("workspace_id", id), ("agent_id", "a1")];
                cache.handle_event("agent_run_completed", &fields, None).await.map(drop)
            }
        };
        self.note_change(what.way(), of, began, &done, None);
    }

    async fn set(&mut self) {
        let (stage, cache, row) = (Arc::clone(&self.stage), self.cache(), self.row());
        let _changing = stage.database.change_alone(row).await;
        let version = stage.database.commit(row);
        let began = stage.history.now();
        let by = stage.history.number();
        let at = u64::try_from(began.at.as_micros()).unwrap();
        let done = cache.set(&stage.key(row), &Snapshot { row, version, by, at }).await;
        self.note_change("set", vec![(row, version)], began, &done, Some(by));
    }

    fn note_change(
        &self,
        way: &'static str,
        of: Vec<(usize, u64)>,
        began: Moment,
        done: &Result<(), CacheError>,
        write: Option<u64>,
    ) {
        let during = self.stage.history.since(began);
        let outcome = if done.is_ok() { Outcome::Done } else { Outcome::Owed };
        let change = Change { node: self.node, way, of, during, outcome, write };
        self.stage.history.note(|record| {
            record.changes.push(change);
            record.errors.extend(done.as_ref().err().map(CacheError::code));
        });
    }

    /// What a Python service computes and stores, without a lease and on no list: true, since nobody changes the row
    /// meanwhile.
    async fn set_by_another(&mut self) {
        let (stage, row) = (Arc::clone(&self.stage), self.row());
        let _changing = stage.database.change_alone(row).await;
        let began = stage.history.now();
        let at = u64::try_from(began.at.as_micros()).unwrap();
        let found = Snapshot { row, version: stage.database.version(row), by: 0, at };
        let mut set = redis::cmd("SET");
        set.arg(stage.key(row).as_str()).arg(serde_json::to_vec(&found).unwrap());
        set.arg("PX").arg(stage.story.ttl.as_millis() as u64);
        self.by_another(row, began, set).await;
    }

    async fn delete_by_another(&mut self) {
        let (row, began) = (self.row(), self.stage.history.now());
        let delete = redis::cmd("DEL").arg(self.stage.key(row).as_str()).take();
        self.by_another(row, began, delete).await;
    }

    /// It has no proxy before it: what fails, fails because Redis is being restarted, and has not been done.
    async fn by_another(&self, row: usize, began: Moment, command: redis::Cmd) {
        if let Ok(mut client) = self.stage.direct().await {
            let _ = command.query_async::<redis::Value>(&mut client).await;
        }
        let during = self.stage.history.since(began);
        self.stage.history.note(|record| record.foreign.push((row, during)));
    }
}
