//! In a cluster: what is on a server is put on lists that are there too, whoever has its slot by the map.
//!
//! No script may touch a key and a list that are in two slots. So the key's life is asked for first, and the list is
//! written then; whoever changes the key in between is heard of, and it is looked at again.

use std::collections::HashMap;

use redis::cmd;

use super::{BATCH, CatchingUp};
use crate::server::store::redis::RedisStore;
use crate::server::store::redis::answer::Replies;
use crate::server::store::redis::cluster::{Address, place_tag};
use crate::server::store::redis::entries::LIST_MARGIN_MS;
use crate::server::store::redis::keeping::Kept;
use crate::server::store::redis::leases::line_of_another;
use crate::server::store::redis::link::pipeline;
use crate::server::store::redis::parts::Part;
use crate::server::store::redis::standing::ENDLESS_LISTED_FOR;
use crate::server::store::redis::walk::Walk;
use crate::server::store::{StoreError, StoreErrorKind};

impl RedisStore {
    /// The same on one server of a cluster.
    pub(in super::super) fn catch_up_on(&self, part: &Part, kept: Kept) {
        if let Some(catching_up) = self.catching_up(&part.link, &part.standing) {
            CatchingUp { address: Some(part.address.clone()), ..catching_up }.begin(kept);
        }
    }
}

impl CatchingUp {
    /// Puts those of `keys` that are there on lists that are on this server.
    pub(super) async fn enlist_on(
        &self,
        address: &Address,
        keys: &[String],
    ) -> Result<(), StoreError> {
        let tagged = keys.iter().map(|key| (key, (self.tags_of)(key)));
        let tagged: Vec<_> = tagged.filter(|(_, tags)| !tags.is_empty()).collect();
        let names = tagged.iter().map(|(key, _)| self.names.data(key)).collect();
        let mut lists: HashMap<String, Vec<(u64, &str)>> = HashMap::new();
        for ((key, tags), until) in tagged.iter().zip(self.last_until(names).await?) {
            let Some(until) = until else { continue };
            for tag in tags {
                let place = self.place_on(address, &self.names.index(tag))?;
                let list = self.names.index_in(tag, place);
                lists.entry(list).or_default().push((until, key));
            }
        }
        self.add(lists).await
    }

    /// Writes down the leases that are on this server: whoever took one while its slot was elsewhere wrote it down there.
    pub(super) async fn write_down_leases(&self, address: &Address) -> Result<(), StoreError> {
        let mut walk = Walk::new(self.link.clone(), format!("{{{}*}}:~l", self.names.glob()));
        while let Some(leases) = walk.next().await? {
            for leases in leases.chunks(BATCH) {
                let until = self.last_until(leases.to_vec()).await?;
                let mut registers: HashMap<String, Vec<(u64, String)>> = HashMap::new();
                for (lease, until) in leases.iter().zip(until) {
                    let (Some(key), Some(until)) = (self.names.leased_key(lease), until) else {
                        continue;
                    };
                    let place = self.place_on(address, &self.names.data(key))?;
                    let register = registers.entry(self.names.register_in(place)).or_default();
                    register.push((until, line_of_another(key)));
                }
                self.add(registers).await?;
            }
        }
        Ok(())
    }

    /// Until when each of `names` has to be listed, by this server's clock; nothing for those that are gone.
    async fn last_until(&self, names: Vec<String>) -> Result<Vec<Option<u64>>, StoreError> {
        let time = pipeline([cmd("TIME")]);
        let (seconds, micros): (u64, u64) = Replies::new(self.link.send(&time).await?).next()?;
        let now = seconds * 1_000 + micros / 1_000;
        let asked = names.len();
        let ttls = names.into_iter().map(|name| {
            let ttl = cmd("PTTL").arg(&name).take();
            (name, ttl)
        });
        // By the map: one that has left since is on its way to where it is told of again.
        let mut replies = self.server.each(ttls.collect()).await?;
        let until = (0..asked).map(|_| {
            Ok(match replies.next::<i64>()? {
                -2 => None,
                -1 => Some(now + ENDLESS_LISTED_FOR),
                left => Some(now + u64::try_from(left).unwrap_or(0) + LIST_MARGIN_MS),
            })
        });
        until.collect()
    }

    /// Lists their members until then at least.
    async fn add<M: redis::ToRedisArgs>(
        &self,
        lists: HashMap<String, Vec<(u64, M)>>,
    ) -> Result<(), StoreError> {
        let added = lists.into_iter().map(|(list, members)| {
            let add = cmd("ZADD").arg(&list).arg("GT").arg(members).take();
            (list, add)
        });
        let added: Vec<_> = added.collect();
        let asked = added.len();
        let mut replies = self.server.each(added).await?;
        (0..asked).try_for_each(|_| replies.next::<u64>().map(drop))
    }

    fn place_on(&self, address: &Address, first: &str) -> Result<&'static str, StoreError> {
        let place = self.server.cluster().and_then(|cluster| cluster.place_on(address, first));
        let none = || StoreError::new(StoreErrorKind::Busy, "the server has lost its places");
        place.map(place_tag).ok_or_else(none)
    }
}
