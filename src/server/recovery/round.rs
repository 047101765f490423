//! One try at all that is queued.

use std::collections::HashMap;

use tokio::time::Instant;
use tracing::Instrument;

use super::Recovery;
use super::queue::{Batch, DoneOn, Due};
use crate::server::store::{Shard, Sharded, Store, StoreError, StoreErrorKind, concerned};
use crate::server::telemetry::spans;

/// Keys per call.
const KEYS_AT_ONCE: usize = 500;

pub(super) struct Round<'a, S> {
    store: &'a S,
    recovery: &'a Recovery,
    /// Whether a server is asked at present; `None` is the store as a whole.
    passes: &'a (dyn Fn(Option<&Shard>) -> bool + Sync),
    tried: Tried,
}

/// What a try came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tried {
    /// Something failed.
    pub(super) failure: Option<StoreErrorKind>,
    /// Something was not tried, since its server is away.
    pub(super) blocked: bool,
}

impl<'a, S: Store> Round<'a, S> {
    pub(super) fn new(
        store: &'a S,
        recovery: &'a Recovery,
        passes: &'a (dyn Fn(Option<&Shard>) -> bool + Sync),
    ) -> Self {
        Self { store, recovery, passes, tried: Tried::default() }
    }

    pub(super) async fn carry_out(mut self) -> Tried {
        let batch = self.recovery.change(|queue| queue.batch(Instant::now()));
        let span = spans::recovery(batch.keys.len(), batch.patterns.len());
        self.carry_out_batch(batch).instrument(span.clone()).await;
        match self.tried {
            Tried { failure: Some(kind), .. } => spans::failed(&span, kind.code()),
            Tried { blocked: true, .. } => spans::ended(&span, "blocked"),
            Tried { .. } => spans::ended(&span, "carried_out"),
        }
        self.tried
    }

    async fn carry_out_batch(&mut self, batch: Batch) {
        let servers = self.store.sharded().filter(|servers| !servers.shards().is_empty());
        let mut keys: HashMap<Option<Shard>, Vec<(String, u64)>> = HashMap::new();
        for key in batch.keys {
            let shard = servers.and_then(|servers| servers.shard_of(&key.0));
            keys.entry(shard).or_default().push(key);
        }
        for (shard, keys) in keys {
            self.keys(shard.as_ref(), &keys).await;
        }
        match servers {
            _ if batch.patterns.is_empty() => {}
            Some(servers) => self.patterns_by_server(servers, batch.patterns).await,
            None => self.patterns(&batch.patterns).await,
        }
    }

    async fn keys(&mut self, shard: Option<&Shard>, keys: &[(String, u64)]) {
        for numbered in keys.chunks(KEYS_AT_ONCE) {
            if !self.may_ask(shard) {
                return;
            }
            let keys: Vec<_> = numbered.iter().map(|(key, _)| key.as_str()).collect();
            if let Err(error) = self.store.delete(&keys).await {
                return self.failed(&error);
            }
            self.recovery.change(|queue| queue.done_keys(numbered));
            self.recovery.tell(keys.into_iter().map(str::to_owned).collect());
        }
    }

    /// By walking over the keys, not by the index: what was written during the outage, and by whom, is not known.
    async fn patterns(&mut self, due: &[Due]) {
        if !self.may_ask(None) {
            return;
        }
        let patterns: Vec<_> = due.iter().map(|due| due.pattern.clone()).collect();
        match self.store.delete_matching(&patterns, &[]).await {
            Ok(_) => self.done(due),
            Err(error) => self.failed(&error),
        }
    }

    /// Those of which the same servers are missing in one go.
    async fn patterns_by_server(&mut self, servers: &dyn Sharded, due: Vec<Due>) {
        let moves = servers.moves();
        let mut groups: HashMap<(Vec<Shard>, bool), Vec<Due>> = HashMap::new();
        for due in due {
            let mut missing = concerned(servers, std::slice::from_ref(&due.pattern));
            let all = missing.len();
            missing.retain(|shard| !due.done_on.has(shard, moves));
            let are_all = missing.len() == all;
            groups.entry((missing, are_all)).or_default().push(due);
        }
        for ((missing, are_all), due) in groups {
            let mut asked = missing.clone();
            asked.retain(|shard| self.may_ask(Some(shard)));
            let mut done = Vec::new();
            if !asked.is_empty() {
                let patterns: Vec<_> = due.iter().map(|due| due.pattern.clone()).collect();
                let removals = servers.delete_matching_on(&asked, &patterns, &[]).await;
                for (shard, removal) in asked.into_iter().zip(removals) {
                    match removal {
                        Ok(_) => done.push(shard),
                        Err(error) => self.failed(&error),
                    }
                }
            }
            // Keys that move meanwhile are the store's to see to where all servers are asked at once, and only there.
            let nothing_moved = are_all || servers.moves() == moves;
            if done.len() == missing.len() && nothing_moved {
                self.done(&due);
            } else {
                let done = DoneOn::new(done, moves);
                self.recovery.change(|queue| due.iter().for_each(|it| queue.done_on(it, &done)));
            }
        }
    }

    fn done(&self, due: &[Due]) {
        self.recovery.change(|queue| due.iter().for_each(|due| queue.done_pattern(due)));
        self.recovery.tell(due.iter().map(|due| due.pattern.to_string()).collect());
    }

    fn may_ask(&mut self, shard: Option<&Shard>) -> bool {
        let passes = (self.passes)(shard);
        self.tried.blocked |= !passes;
        passes
    }

    /// A wrong password is the failure that is waited longest for.
    fn failed(&mut self, error: &StoreError) {
        if self.tried.failure != Some(StoreErrorKind::Denied) {
            self.tried.failure = Some(error.kind());
        }
    }
}
