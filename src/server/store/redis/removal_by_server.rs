//! Removing by pattern in a cluster: on each server by its own lists where they can be trusted, else by a walk over it.

use futures_util::future::join_all;

use super::RedisStore;
use super::cluster::Cluster;
use super::following::Walks;
use super::link::Link;
use super::parts::{Part, Told};
use super::walk::Walk;
use crate::schema::Pattern;
use crate::server::store::{Shard, StoreError, StoreErrorKind, Tag};

pub(super) type Removed = Result<u64, StoreError>;

/// How often servers that have come meanwhile, or got keys, are seen to before a cluster that keeps changing is given up.
const MOST_ROUNDS: usize = 3;

/// What an invalidation is about.
#[derive(Clone, Copy)]
pub(super) struct Meant<'a> {
    pub(super) wild: &'a [&'a Pattern],
    pub(super) tags: &'a [Tag],
}

impl Meant<'_> {
    pub(super) fn means(&self, key: &str) -> bool {
        self.wild.iter().any(|pattern| pattern.matches(key))
    }
}

impl RedisStore {
    /// On all servers of the cluster.
    pub(super) async fn remove_matching_in(
        &self,
        cluster: &Cluster,
        patterns: &[Pattern],
        tags: &[Tag],
    ) -> Removed {
        // Asks who they are, if that is not known.
        cluster.named_nodes().await?;
        self.remove_on(cluster, &cluster.shards(), patterns, tags).await.into_iter().sum()
    }

    /// On `shards`: what it came to on each. And on those that become primaries meanwhile, as one of a replica, or of
    /// nobody, is no longer asked by who asks by the old map; and once more on those that got keys of others' meanwhile.
    pub(super) async fn remove_on(
        &self,
        cluster: &Cluster,
        shards: &[Shard],
        patterns: &[Pattern],
        tags: &[Tag],
    ) -> Vec<Removed> {
        let mut known = cluster.shards();
        let (wild, exact): (Vec<_>, Vec<_>) =
            patterns.iter().partition(|pattern| pattern.as_str().contains('*'));
        let exact = self.by_shard(cluster, exact.iter().map(|pattern| pattern.as_str().to_owned()));
        let exact = shards.iter().map(|shard| exact.get(shard).map(Vec::as_slice));
        let removed = exact.map(async |keys| self.remove(keys.unwrap_or_default()).await);
        let mut removals = join_all(removed).await;
        if wild.is_empty() {
            return removals;
        }
        let meant = Meant { wild: &wild, tags };
        let (more, mut walks) = self.remove_wild_on(cluster, shards, meant).await;
        removals.iter_mut().zip(more).for_each(|(removal, more)| add(removal, more));
        if removals.is_empty() {
            return removals;
        }
        for round in 0..=MOST_ROUNDS {
            let moved = self.moved(cluster, &mut walks).await;
            let mut newcomers = cluster.shards();
            newcomers.retain(|shard| !known.contains(shard));
            if newcomers.is_empty() && moved.is_nothing() {
                return removals;
            }
            if round == MOST_ROUNDS {
                break;
            }
            let (more, theirs) = self.remove_wild_on(cluster, &newcomers, meant).await;
            walks.join(theirs);
            let more = newcomers.iter().cloned().map(Some).zip(more);
            let followed = self.follow(cluster, moved, meant).await;
            for (shard, more) in more.chain(followed) {
                // Of whoever was not asked for, the last one answers.
                let place = shards.iter().position(|of| Some(of) == shard.as_ref());
                add(&mut removals[place.unwrap_or(shards.len() - 1)], more);
            }
            known.extend(newcomers);
        }
        // All of them: whose keys they were that moved on and on is not known.
        let error = StoreError::new(StoreErrorKind::Busy, "the cluster keeps changing");
        removals.iter_mut().for_each(|removal| add(removal, Err(error.clone())));
        removals
    }

    /// In three steps, each on all of `shards` before the next: leases, the lists, what they name and what a walk
    /// finds. For a compute puts its key onto a list before it stores under its lease: where the lease stood until
    /// now, the list is complete by now.
    async fn remove_wild_on(
        &self,
        cluster: &Cluster,
        shards: &[Shard],
        meant: Meant<'_>,
    ) -> (Vec<Removed>, Walks) {
        let parts: Vec<_> = shards.iter().map(|shard| Part::begin(cluster, shard)).collect();
        let are_all = cluster.shards().iter().all(|shard| shards.contains(shard));

        let leases = join_all(parts.iter().map(async |part| {
            let part = part.as_ref().map_err(Clone::clone)?;
            self.leased_on(cluster, part, meant.wild).await
        }))
        .await;
        let are_kept = are_all && are_kept(&leases);
        let shares = self.shares(cluster, shards, &leases, meant);
        let mut walks = Walks::begin(shards, &leases);
        for (shard, told) in shards.iter().zip(&leases) {
            if !are_kept && told.as_ref().is_ok_and(|told| !told.stands) {
                walks.over(shard);
            }
        }
        let asked = parts.iter().zip(shards).zip(leases).zip(shares);
        let voided = asked.map(async |(((part, shard), told), share)| {
            let (part, told) = (part.as_ref().map_err(Clone::clone)?, told?);
            self.void_shared(cluster, shard, share).await?;
            if !are_kept && !told.stands {
                self.void_leases_along(part.link.clone(), meant.wild).await?;
            }
            Ok(told)
        });
        let voided: Vec<Result<Told, StoreError>> = join_all(voided).await;

        let listed = join_all(parts.iter().map(async |part| match part {
            Ok(part) if !meant.tags.is_empty() => {
                self.listed_on(cluster, part, meant.tags, meant.wild).await
            }
            _ => Ok(Told::default()),
        }))
        .await;
        let is_promised = self.sole_writer && are_all && self::are_kept(&listed);
        let shares = self.shares(cluster, shards, &listed, meant);
        for (shard, told) in shards.iter().zip(&listed) {
            if !is_promised && told.as_ref().is_ok_and(|told| !told.stands) {
                walks.over(shard);
            }
        }
        let parts = parts.into_iter().zip(shards).zip(shares).zip(voided).zip(listed);
        let removals = parts.map(async |((((part, shard), share), voided), listed)| {
            let (part, voided, listed) = (part?, voided?, listed?);
            let mut removed = self.remove_shared(cluster, shard, share).await?;
            if !is_promised && !listed.stands {
                removed += self.walk_over(part.link.clone(), meant).await?;
                if let Some(kept) = listed.kept {
                    self.catch_up_on(&part, kept);
                }
            }
            let (sooner, later) = (voided.masters, listed.masters);
            for ahead in sooner.ahead.iter().chain(&later.ahead) {
                removed += self.walk_whole(cluster.link_ahead(ahead)?, meant).await?;
            }
            // By now they are on the map, and are seen to; or those who were asked do not know of them yet.
            let known = cluster.ids();
            if sooner.others.iter().chain(&later.others).any(|id| !known.contains(id)) {
                return Err(StoreError::new(StoreErrorKind::Busy, "another primary has come"));
            }
            Ok(removed)
        });
        let removals = join_all(removals).await;
        if is_promised {
            self.audit.ask(meant.wild, meant.tags);
        }
        (removals, walks)
    }
}

impl RedisStore {
    /// Whatever is there, whoever has its slot: leases, then data.
    pub(super) async fn walk_whole(&self, link: Link, meant: Meant<'_>) -> Removed {
        self.void_leases_along(link.clone(), meant.wild).await?;
        self.walk_over(link, meant).await
    }

    async fn walk_over(&self, link: Link, meant: Meant<'_>) -> Removed {
        let walk = Walk::new(link, self.names.glob_of(meant.wild));
        self.remove_along(walk, &|key: &str| meant.means(key)).await
    }
}

fn add(removal: &mut Removed, more: Removed) {
    match (&mut *removal, more) {
        (Ok(removed), Ok(more)) => *removed += more,
        (Ok(_), failed) => *removal = failed,
        (Err(_), _) => {}
    }
}

/// Whether all were read, and are kept.
fn are_kept(told: &[Result<Told, StoreError>]) -> bool {
    told.iter().all(|told| told.as_ref().is_ok_and(|told| told.are_kept))
}
