//! One who uses a node: what he does next, his dice decide.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use fastrand::Rng;
use futures_util::future::BoxFuture;
use samekey::schema::TypedKey;
use samekey::server::{Answer, BoxError, CacheError, CacheService, Lookup, Source};
use tokio::time::sleep;

use super::database::{COUNT, Snapshot, row_of};
use super::history::{Kind, Mark, Moment, Read};
use super::node::IMPATIENCE;
use super::stage::{Computing, Stage};

pub(super) struct Worker {
    pub(super) stage: Arc<Stage>,
    pub(super) node: usize,
    pub(super) random: Rng,
}

/// A question on its way.
#[derive(Clone, Copy)]
struct Asked {
    at: Moment,
    troubles: Option<u64>,
}

impl Worker {
    pub(super) fn new(stage: Arc<Stage>, node: usize, number: usize) -> Self {
        let seed = stage.story.seed << 16 | (node as u64) << 8 | number as u64;
        Self { stage, node, random: Rng::with_seed(seed) }
    }

    pub(super) async fn run(mut self) {
        for _ in 0..self.stage.story.steps {
            if self.stage.curtain.load(SeqCst) {
                return;
            }
            if let Err(error) = self.step().await {
                self.stage.history.note(|record| record.errors.push(error.code()));
            }
            sleep(self.stage.story.pause.mul_f64(self.random.f64())).await;
        }
    }

    async fn step(&mut self) -> Result<(), CacheError> {
        let is_quiet = self.stage.story.quiet == Some(self.node);
        if !is_quiet && self.random.u8(..100) < self.stage.story.changes {
            self.change().await;
            return Ok(());
        }
        match self.random.u8(..78) {
            0..24 => self.get().await,
            24..46 => self.get_or_compute(Lookup::Use).await,
            46..56 => self.get_typed().await,
            56..62 => self.get_many().await,
            62..70 => self.get_many_or_compute().await,
            70..75 => self.get_or_compute(Lookup::Refresh).await,
            _ => self.get_or_compute(Lookup::Skip).await,
        }
    }

    pub(super) fn cache(&self) -> CacheService {
        self.stage.caches[self.node].clone()
    }

    /// The first ones more often: what many want is where they meet.
    pub(super) fn row(&mut self) -> usize {
        self.random.usize(0..COUNT).min(self.random.usize(0..COUNT))
    }

    async fn get(&mut self) -> Result<(), CacheError> {
        let (row, cache) = (self.row(), self.cache());
        let asked = self.ask();
        let found = cache.get(&self.stage.key(row)).await?;
        self.read("get", row, asked, found.as_deref(), Mark::Hit);
        Ok(())
    }

    async fn get_many(&mut self) -> Result<(), CacheError> {
        let (rows, cache) = (self.rows(), self.cache());
        let keys: Vec<_> = rows.iter().map(|row| self.stage.key(*row)).collect();
        let asked = self.ask();
        let found = cache.get_many(&keys).await?;
        for (row, found) in rows.into_iter().zip(found) {
            self.read("get_many", row, asked, found.as_deref(), Mark::Hit);
        }
        Ok(())
    }

    async fn get_typed(&mut self) -> Result<(), CacheError> {
        let (row, cache) = (self.row(), self.cache());
        let asked = self.ask();
        let compute = self.compute(row, Kind::Needed, asked.at);
        let found = cache.get_or_compute(&self.stage.key(row), compute).await?;
        self.read("get_or_compute", row, asked, Some(&found), Mark::None);
        Ok(())
    }

    async fn get_or_compute(&mut self, lookup: Lookup) -> Result<(), CacheError> {
        let (row, cache) = (self.row(), self.cache());
        let asked = self.ask();
        let kind = if lookup == Lookup::Use { Kind::Needed } else { Kind::Other };
        let compute = self.compute(row, kind, asked.at);
        let answer = cache.get_or_compute_json(&self.stage.key(row), lookup, compute).await?;
        let Answer { body, fresh_for, source, .. } = answer;
        let mark = match source {
            Source::Hit => Mark::Hit,
            Source::Stale => Mark::Stale,
            Source::Bypass if lookup == Lookup::Refresh && !fresh_for.is_zero() => Mark::Refreshed,
            Source::Miss | Source::Bypass => Mark::Computed,
        };
        let found: Snapshot = serde_json::from_slice(&body).expect("what was stored is a snapshot");
        self.read(lookup.as_str(), row, asked, Some(&found), mark);
        Ok(())
    }

    async fn get_many_or_compute(&mut self) -> Result<(), CacheError> {
        let (rows, cache) = (self.rows(), self.cache());
        let keys: Vec<_> = rows.iter().map(|row| self.stage.key(*row)).collect();
        let asked = self.ask();
        let (stage, computing) = (self.stage.clone(), self.computing(Kind::Other, asked.at));
        let compute = move |missing: Vec<TypedKey<Snapshot>>| {
            let (stage, rows) =
                (stage.clone(), missing.iter().map(|key| row_of(key.as_str())).collect());
            async move {
                let computed = stage.compute(rows, computing).await?;
                Ok::<_, BoxError>(missing.into_iter().zip(computed).collect())
            }
        };
        let found = cache.get_many_or_compute(&keys, compute).await?;
        for (row, found) in rows.into_iter().zip(found) {
            self.read("get_many_or_compute", row, asked, found.as_deref(), Mark::None);
        }
        Ok(())
    }

    fn rows(&mut self) -> Vec<usize> {
        let (first, count) = (self.random.usize(..COUNT), self.random.usize(2..4));
        (first..first + count).map(|row| row % COUNT).collect()
    }

    fn compute(
        &mut self,
        row: usize,
        kind: Kind,
        asked: Moment,
    ) -> impl FnOnce() -> BoxFuture<'static, Result<Snapshot, BoxError>> + Send + use<> {
        let (stage, computing) = (self.stage.clone(), self.computing(kind, asked));
        move || Box::pin(async move { Ok(stage.compute(vec![row], computing).await?.remove(0)) })
    }

    fn computing(&mut self, kind: Kind, asked: Moment) -> Computing {
        let longest = self.stage.story.compute.as_micros() as u64;
        // Some outlast an outage.
        let longest = if self.random.u8(..8) == 0 { 10 * longest } else { longest };
        let mut some = || Duration::from_micros(self.random.u64(..=longest));
        let takes = (some() / 2, some());
        let fails = self.random.u8(..40) == 0;
        Computing { node: self.node, kind, asked, takes, fails }
    }

    fn ask(&self) -> Asked {
        let troubles = self.stage.troubles_of(self.node);
        Asked { at: self.stage.history.now(), troubles }
    }

    fn read(
        &self,
        way: &'static str,
        row: usize,
        asked: Asked,
        found: Option<&Snapshot>,
        mark: Mark,
    ) {
        let Some(found) = found.cloned() else { return };
        let (node, during) = (self.node, self.stage.history.since(asked.at));
        let is_well = asked.troubles.is_some() && asked.troubles == self.stage.troubles_of(node);
        let alone = !is_well || during.took() >= IMPATIENCE;
        let read = Read { node, way, row, during, found, mark, alone };
        self.stage.history.note(|record| record.reads.push(read));
    }
}
