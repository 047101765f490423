//! Calls about several servers, taken apart: each part passes the circuit of its server, or does not.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;

use super::call::refused;
use super::{
    BreakerStore, Entry, Inspection, Operation, Sharded, Store, StoreError, StoreFuture,
    StoreStats, Tag,
};
use crate::schema::Pattern;
use crate::server::store::{KeyInfo, KeyTtl, Removals, Shard, StoreErrorKind, concerned, pass_on};

/// Keys of one server, and their places among those that were asked for.
type Part<'a> = (Vec<usize>, Vec<&'a str>);

fn parts<'a>(servers: &dyn Sharded, keys: &[&'a str]) -> HashMap<Option<Shard>, Part<'a>> {
    let mut parts: HashMap<_, Part<'a>> = HashMap::new();
    for (place, key) in keys.iter().enumerate() {
        let part = parts.entry(servers.shard_of(key)).or_default();
        part.0.push(place);
        part.1.push(key);
    }
    parts
}

fn silence() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "a server did not answer")
}

impl<S: Store> BreakerStore<S> {
    /// A server that is down has no values; an error is told when none is there.
    pub(super) fn read_each<'a>(
        &'a self,
        servers: &'a dyn Sharded,
        keys: &'a [&'a str],
    ) -> StoreFuture<'a, Vec<Option<Entry>>> {
        Box::pin(async move {
            let reads = parts(servers, keys).into_iter().map(async |(shard, (places, keys))| {
                let switch = self.breaker.switch(shard.as_ref());
                (
                    places,
                    self.through(switch, Operation::GetMany, |store| store.get_many(&keys)).await,
                )
            });
            let mut entries = vec![None; keys.len()];
            let (mut answered, mut failure) = (keys.is_empty(), None);
            for (places, found) in join_all(reads).await {
                match found {
                    Ok(found) => {
                        answered = true;
                        for (place, entry) in places.into_iter().zip(found) {
                            entries[place] = entry;
                        }
                    }
                    Err(error) => failure = Some(error),
                }
            }
            match failure {
                Some(error) if !answered => Err(error),
                _ => Ok(entries),
            }
        })
    }

    /// Fails when any server does; the others have done their part.
    pub(super) fn delete_each<'a>(
        &'a self,
        servers: &'a dyn Sharded,
        keys: &'a [&'a str],
    ) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let deletions = parts(servers, keys).into_iter().map(async |(shard, (_, keys))| {
                let switch = self.breaker.switch(shard.as_ref());
                self.through(switch, Operation::Delete, |store| store.delete(&keys)).await
            });
            join_all(deletions).await.into_iter().sum()
        })
    }

    /// What those say that are there; the others are missing.
    pub(super) fn inspect_each<'a>(
        &'a self,
        servers: &'a dyn Sharded,
        keys: &'a [&'a str],
    ) -> StoreFuture<'a, Inspection> {
        Box::pin(async move {
            let looks = parts(servers, keys).into_iter().map(async |(shard, (places, keys))| {
                let switch = self.breaker.switch(shard.as_ref());
                // Of one server, what it does not tell is a failure of its.
                let found = self.through(switch, Operation::Inspect, |store| {
                    Box::pin(async move {
                        let looked = store.inspect(&keys).await?;
                        if looked.missing.is_empty() { Ok(looked.keys) } else { Err(silence()) }
                    })
                });
                (shard, places, found.await)
            });
            let unknown = KeyInfo { ttl: KeyTtl::Unknown, bytes: 0 };
            let mut looked = Inspection::from(vec![unknown; keys.len()]);
            let (mut answered, mut failure) = (keys.is_empty(), None);
            for (shard, places, found) in join_all(looks).await {
                match (shard, found) {
                    (_, Ok(found)) => {
                        answered = true;
                        for (place, info) in places.into_iter().zip(found) {
                            looked.keys[place] = info;
                        }
                    }
                    (Some(shard), Err(error)) if error.is_retryable() => {
                        looked.missing.push(shard.as_str().to_owned());
                        failure = Some(error);
                    }
                    (_, Err(error)) => return Err(error),
                }
            }
            looked.missing.sort_unstable();
            match failure {
                // Those that are there may have none of these keys.
                Some(error) if !answered && self.store.ping().await.is_err() => Err(error),
                _ => Ok(looked),
            }
        })
    }

    /// Fails when any server does; the others have done their part.
    pub(super) fn delete_matching_each<'a>(
        &'a self,
        servers: &'a dyn Sharded,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let shards = concerned(servers, patterns);
            if shards.is_empty() {
                return self
                    .pass(Operation::DeleteMatching, |store| store.delete_matching(patterns, tags))
                    .await;
            }
            self.delete_matching_on(&shards, patterns, tags).await.into_iter().sum()
        })
    }

    /// What those say that are there; the others are missing.
    pub(super) fn stats_of_each<'a>(
        &'a self,
        servers: &'a dyn Sharded,
    ) -> StoreFuture<'a, StoreStats> {
        Box::pin(async move {
            let shards = servers.shards();
            if shards.is_empty() {
                return self.pass(Operation::Stats, |store| store.stats()).await;
            }
            self.stats_of(&shards).await
        })
    }
}

impl<S: Store> BreakerStore<S> {
    /// Those of `shards` whose circuit is closed, and their places.
    fn passing(&self, shards: &[Shard]) -> (Vec<usize>, Vec<Shard>) {
        let passing = shards.iter().enumerate().filter(|(_, it)| self.breaker.passes(Some(it)));
        passing.map(|(place, shard)| (place, shard.clone())).unzip()
    }
}

/// For who stands before this and asks which server failed.
impl<S: Store> Sharded for BreakerStore<S> {
    fn ping_shard<'a>(&'a self, shard: &'a Shard) -> StoreFuture<'a, ()> {
        let switch = self.breaker.switch(Some(shard));
        self.through(switch, Operation::Ping, |store| match store.sharded() {
            Some(servers) => servers.ping_shard(shard),
            None => store.ping(),
        })
    }

    /// No circuit counts these: they are asked for rarely, and of all servers at once.
    fn stats_of<'a>(&'a self, shards: &'a [Shard]) -> StoreFuture<'a, StoreStats> {
        let Some(servers) = self.store.sharded() else {
            return self.beside(Operation::Stats, self.store.stats());
        };
        Box::pin(async move {
            let (places, passing) = self.passing(shards);
            if passing.is_empty() {
                return Err(refused());
            }
            let stats = self.beside(Operation::Stats, servers.stats_of(&passing));
            let mut stats = stats.await?;
            let others = (0..shards.len()).filter(|place| !places.contains(place));
            stats.missing.extend(others.map(|place| shards[place].as_str().to_owned()));
            stats.missing.sort_unstable();
            Ok(stats)
        })
    }

    fn delete_matching_on<'a>(
        &'a self,
        shards: &'a [Shard],
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> Removals<'a> {
        Box::pin(async move {
            let mut removals: Vec<_> = shards.iter().map(|_| Err(refused())).collect();
            let Some(servers) = self.store.sharded() else { return removals };
            let switches = shards.iter().map(|shard| self.breaker.switch(Some(shard)));
            let watched: Vec<_> = switches.map(|switch| self.admit(switch)).collect();
            let admitted = shards.iter().zip(&watched).filter(|(_, watched)| watched.is_some());
            let admitted: Vec<_> = admitted.map(|(shard, _)| shard.clone()).collect();
            if admitted.is_empty() {
                return removals;
            }
            let mut done = servers.delete_matching_on(&admitted, patterns, tags).await.into_iter();
            let asked = removals.iter_mut().zip(watched);
            let mut took = Duration::ZERO;
            for (removal, watched) in asked.filter_map(|(it, watched)| Some((it, watched?))) {
                let Some(done) = done.next() else { break };
                took = took.max(watched.end(done.as_ref().err()));
                *removal = done;
            }
            self.took(Operation::DeleteMatching, took);
            removals
        })
    }

    pass_on! { self.store: shards shard_of moves }
}
