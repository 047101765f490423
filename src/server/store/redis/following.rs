//! Keys that change their server while an invalidation walks over the servers are followed.
//!
//! A walk over one server finds what is there from its beginning to its end. A key that moves meanwhile, from a server
//! that the walk has not come to onto one that it has, is on none for so long. So the servers are asked before the first walk
//! and after the last one what has come to them and left them ([`Traffic`]), and whoever got keys is walked over once more.
//!
//! **Why that is enough.** What comes to a server during its second walk was on another when that one's walk was over: it was
//! found there, or it had left before, and then it had come before the second walk began. Unless it came from one that is being
//! walked over again itself: so while such a one sends keys on, there is another round. Of a slot that moves for hours, to one server
//! from another, there are two.

use std::collections::{HashMap, HashSet};

use futures_util::future::join_all;
use redis::cmd;

use super::RedisStore;
use super::answer::Replies;
use super::cluster::{Cluster, Masters, Traffic, masters};
use super::link::pipeline;
use super::parts::Told;
use super::removal_by_server::{Meant, Removed};
use crate::server::store::{Shard, StoreError};

/// Which servers an invalidation has walked over of late, and how they were before.
#[derive(Default)]
pub(super) struct Walks {
    before: HashMap<Shard, Traffic>,
    over: HashSet<Shard>,
    /// Whether others have been walked over already.
    are_more: bool,
}

impl Walks {
    /// Before any. Of a server that has not answered nothing is said: it fails.
    pub(super) fn begin(shards: &[Shard], told: &[Result<Told, StoreError>]) -> Self {
        let traffic = |told: &Result<Told, StoreError>| told.as_ref().ok()?.traffic.clone();
        let before = shards.iter().zip(told);
        let before = before.filter_map(|(shard, told)| Some((shard.clone(), traffic(told)?)));
        Self { before: before.collect(), ..Self::default() }
    }

    pub(super) fn over(&mut self, shard: &Shard) {
        self.over.insert(shard.clone());
    }

    /// With those over servers that have come since.
    pub(super) fn join(&mut self, others: Self) {
        self.before.extend(others.before);
        self.over.extend(others.over);
    }
}

/// Where keys went to while servers were walked over.
#[derive(Default)]
pub(super) struct Moved {
    to: Vec<Shard>,
    /// Servers that have no slot yet: `host:port`.
    ahead: Vec<String>,
    /// Who does not tell.
    silent: Vec<(Shard, StoreError)>,
}

impl Moved {
    pub(super) fn is_nothing(&self) -> bool {
        self.to.is_empty() && self.ahead.is_empty() && self.silent.is_empty()
    }
}

impl RedisStore {
    /// What has moved since `walks` began, and may have been missed by them. The next begin with this.
    pub(super) async fn moved(&self, cluster: &Cluster, walks: &mut Walks) -> Moved {
        let over = std::mem::take(&mut walks.over);
        let mut moved = Moved::default();
        if over.is_empty() {
            return moved;
        }
        let asked: Vec<_> = walks.before.keys().cloned().collect();
        let told = join_all(asked.iter().map(|shard| told_by(cluster, shard))).await;
        // The first time it does not matter from where: not everybody who moves keys is seen to take them away.
        let mut have_left = !std::mem::replace(&mut walks.are_more, true);
        let mut have_gone_elsewhere = false;
        for (shard, told) in asked.into_iter().zip(told) {
            let (now, masters) = match told {
                Ok(Some(told)) => told,
                // Another has its slots, who is new and is seen to.
                Ok(None) => {
                    walks.before.remove(&shard);
                    continue;
                }
                Err(error) => {
                    walks.before.remove(&shard);
                    moved.silent.push((shard, error));
                    continue;
                }
            };
            let before = &walks.before[&shard];
            if over.contains(&shard) {
                have_left |= now.left_since(before);
                have_gone_elsewhere |= now.left_since(before) || now.is_leaving();
                if now.left_since(before) {
                    moved.ahead.extend(masters.ahead);
                }
            }
            if now.came_since(before) {
                moved.to.push(shard.clone());
            }
            if now.has_other_slots(before)
                && let Ok((address, _)) = cluster.link_to(&shard)
            {
                // Who cannot be asked has said nothing else.
                let _ = cluster.look_at(&address).await;
            }
            walks.before.insert(shard, now);
        }
        if !have_left {
            moved.to.clear();
        }
        if have_gone_elsewhere && cluster.shards().iter().any(|it| !walks.before.contains_key(it)) {
            // To one that is not asked this time, perhaps: what was done there before is to be done again.
            cluster.note_arrivals();
        }
        walks.over.extend(moved.to.iter().cloned());
        moved
    }

    /// Walks over those that got keys: what it came to on each. Those without a name are of the cluster, and not of its map.
    pub(super) async fn follow(
        &self,
        cluster: &Cluster,
        moved: Moved,
        meant: Meant<'_>,
    ) -> Vec<(Option<Shard>, Removed)> {
        let known = join_all(moved.to.into_iter().map(async |shard| {
            let removed = async {
                let (_, link) = cluster.link_to(&shard)?;
                self.walk_whole(link, meant).await
            };
            let removed = removed.await;
            (Some(shard), removed)
        }));
        let mut removals = known.await;
        for address in moved.ahead {
            let removed = async { self.walk_whole(cluster.link_ahead(&address)?, meant).await };
            removals.push((None, removed.await));
        }
        let silent = moved.silent.into_iter();
        removals.extend(silent.map(|(shard, error)| (Some(shard), Err(error))));
        removals
    }
}

/// Nothing from one that is none of the cluster's any more.
async fn told_by(
    cluster: &Cluster,
    shard: &Shard,
) -> Result<Option<(Traffic, Masters)>, StoreError> {
    let Ok((address, _)) = cluster.link_to(shard) else { return Ok(None) };
    let commands = cmd("INFO").arg("commandstats").take();
    let ask = pipeline([commands, cmd("CLUSTER").arg("NODES").take()]);
    let mut replies = Replies::new(cluster.send_to(&address, &ask).await?);
    // What it does not say of its commands, its slots may.
    let commands: String = replies.next().unwrap_or_default();
    let nodes: String = replies.next()?;
    let masters = masters(&nodes, &cluster.ids());
    if !masters.others.is_empty() {
        // Who has come is on its map. Who cannot be asked has said nothing else.
        let _ = cluster.look_at(&address).await;
    }
    Ok(Some((Traffic::read(&nodes, &commands), masters)))
}
