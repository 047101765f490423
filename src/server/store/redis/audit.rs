//! The walk behind invalidations that trusted the lists: whether they were right to.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::cmd;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::names::Names;
use super::server::Server;
use super::walk::Walk;
use crate::schema::Pattern;
use crate::server::store::{StoreError, Tag};

/// Invalidations that wait for a walk; of more, the oldest go unaudited. It is a sample, not a guarantee: the
/// guarantee is that of the lists.
const MOST_WAITING: usize = 64;

/// Between the first that waits and the walk, for others to come along.
const GATHERING: Duration = Duration::from_secs(1);

/// Between the steps of a walk: nobody waits for it.
const STEP_PAUSE: Duration = Duration::from_millis(2);

/// What was invalidated by lists alone.
struct Claim {
    patterns: Vec<Pattern>,
    tags: Vec<Tag>,
}

#[derive(Clone)]
pub(super) struct Audit {
    server: Arc<Server>,
    names: Names,
    state: Arc<Mutex<State>>,
    unindexed: Arc<AtomicU64>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Claim>,
    walking: Option<JoinHandle<()>>,
}

impl Audit {
    pub(super) fn new(server: Arc<Server>, names: Names) -> Self {
        Self { server, names, state: Arc::default(), unindexed: Arc::default() }
    }

    /// Keys that were on none of the lists they should have been on.
    pub(super) fn unindexed(&self) -> u64 {
        self.unindexed.load(Relaxed)
    }

    /// Has what was invalidated looked at in a while.
    pub(super) fn ask(&self, patterns: &[&Pattern], tags: &[Tag]) {
        let patterns = patterns.iter().map(|pattern| (*pattern).clone()).collect();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.waiting.len() == MOST_WAITING {
            state.waiting.pop_front();
        }
        state.waiting.push_back(Claim { patterns, tags: tags.to_vec() });
        if state.walking.as_ref().is_none_or(JoinHandle::is_finished) {
            state.walking = Some(tokio::spawn(self.clone().walk()));
        }
    }

    /// Ends it, with its store.
    pub(super) fn stop(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting.clear();
        if let Some(walking) = state.walking.take() {
            walking.abort();
        }
    }

    async fn walk(self) {
        loop {
            sleep(GATHERING).await;
            let claims: Vec<_> = {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                if state.waiting.is_empty() {
                    // Under the lock: who asks now begins another walk.
                    state.walking = None;
                    return;
                }
                state.waiting.drain(..).collect()
            };
            if let Err(error) = self.check(&claims).await {
                tracing::debug!(%error, "the index could not be audited");
            }
        }
    }

    async fn check(&self, claims: &[Claim]) -> Result<(), StoreError> {
        let patterns: Vec<_> = claims.iter().flat_map(|claim| &claim.patterns).collect();
        for node in self.server.nodes().await? {
            let mut walk = Walk::new(node, self.names.glob_of(&patterns));
            while let Some(names) = walk.next().await? {
                for key in names.iter().filter_map(|name| self.names.key(name)) {
                    self.check_key(claims, key).await?;
                }
                sleep(STEP_PAUSE).await;
            }
        }
        Ok(())
    }

    /// A key that was meant and is there again is right if it is listed: it was stored since.
    async fn check_key(&self, claims: &[Claim], key: &str) -> Result<(), StoreError> {
        let meaning = |claim: &&Claim| claim.patterns.iter().any(|pattern| pattern.matches(key));
        for claim in claims.iter().filter(meaning) {
            let tags = claim.tags.iter();
            let lists = tags.flat_map(|tag| self.server.lists(&self.names, tag));
            let scores: Vec<_> = lists
                .map(|list| {
                    let score = cmd("ZSCORE").arg(&list).arg(key).take();
                    (list, score)
                })
                .collect();
            let asked = scores.len();
            let mut replies = self.server.each(scores).await?;
            let mut listed = false;
            for _ in 0..asked {
                listed |= replies.next::<Option<f64>>()?.is_some();
            }
            if !listed {
                let name = self.names.data(key);
                let removed: u64 = self.server.query(&name, cmd("UNLINK").arg(&name)).await?;
                self.unindexed.fetch_add(removed, Relaxed);
                // Not the whole key: it may be a sensitive family's, and a store knows no families.
                let begins = key.split(':').next();
                tracing::warn!(
                    begins,
                    "E_STORE_UNINDEXED: somebody else writes here; `sole_writer` is wrong"
                );
                return Ok(());
            }
        }
        Ok(())
    }
}
