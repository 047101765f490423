//! Which server removes which of the keys that were found in a cluster.

use std::collections::{BTreeSet, HashMap};

use super::RedisStore;
use super::cluster::Cluster;
use super::parts::Told;
use super::removal_by_server::Meant;
use crate::server::store::{Shard, StoreError};

/// What one server has to remove.
#[derive(Default)]
pub(super) struct Share {
    /// Its own keys, by the map. One that moves meanwhile is sent after by whoever has it here.
    own: BTreeSet<String>,
    /// Keys that it told of, and that by the map are on a server that is not asked.
    strays: BTreeSet<String>,
}

impl RedisStore {
    /// What was told of, for those of `shards` that have it; all by one map.
    pub(super) fn shares(
        &self,
        cluster: &Cluster,
        shards: &[Shard],
        told: &[Result<Told, StoreError>],
        meant: Meant<'_>,
    ) -> Vec<Share> {
        let mut shares: Vec<Share> = shards.iter().map(|_| Share::default()).collect();
        for (by, told) in told.iter().enumerate() {
            let members = told.iter().flat_map(|told| &told.members);
            for key in members.filter(|key| meant.means(key)) {
                let owner = cluster.shard_of(&self.names.data(key));
                match owner.and_then(|owner| shards.iter().position(|shard| *shard == owner)) {
                    Some(owner) => shares[owner].own.insert(key.clone()),
                    None => shares[by].strays.insert(key.clone()),
                };
            }
        }
        shares
    }

    pub(super) async fn remove_shared(
        &self,
        cluster: &Cluster,
        shard: &Shard,
        Share { own, strays }: Share,
    ) -> Result<u64, StoreError> {
        let removed = self.remove(&Vec::from_iter(own)).await?;
        let strays = Vec::from_iter(strays);
        let more = self.remove(&strays).await;
        Ok(removed + self.if_its_own(cluster, shard, &strays, more).await?)
    }

    /// The same of leases.
    pub(super) async fn void_shared(
        &self,
        cluster: &Cluster,
        shard: &Shard,
        Share { own, strays }: Share,
    ) -> Result<u64, StoreError> {
        let leases = |keys: &mut dyn Iterator<Item = &String>| {
            keys.map(|key| self.names.lease(key)).collect::<Vec<_>>()
        };
        let removed = self.unlink(leases(&mut own.iter())).await?;
        let more = self.unlink(leases(&mut strays.iter())).await;
        Ok(removed + self.if_its_own(cluster, shard, &Vec::from_iter(strays), more).await?)
    }

    /// What became of keys that by the map were another's. Their failure is this server's if it has them after all, and
    /// else that other's, who is not asked here.
    async fn if_its_own(
        &self,
        cluster: &Cluster,
        shard: &Shard,
        strays: &[String],
        removed: Result<u64, StoreError>,
    ) -> Result<u64, StoreError> {
        let Err(error) = removed else { return removed };
        // Who cannot be asked has said nothing else.
        let _ = cluster.look_again().await;
        let owner = |key: &String| cluster.shard_of(&self.names.data(key));
        let has_any = strays.iter().any(|key| owner(key).as_ref() == Some(shard));
        if has_any { Err(error) } else { Ok(0) }
    }

    pub(super) fn by_shard(
        &self,
        cluster: &Cluster,
        keys: impl Iterator<Item = String>,
    ) -> HashMap<Shard, Vec<String>> {
        let mut parts: HashMap<Shard, Vec<String>> = HashMap::new();
        for key in keys {
            if let Some(shard) = cluster.shard_of(&self.names.data(&key)) {
                parts.entry(shard).or_default().push(key);
            }
        }
        parts
    }
}
