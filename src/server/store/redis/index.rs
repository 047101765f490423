//! The lists of keys by tag: how the keys of an entity are found without walking over everybody's.
//!
//! A key is put on the lists of its tags before its value is stored, so no value of ours is unlisted. But other programs
//! write keys that are on none, and a list can be lost where the server drops whatever it holds to make room. Where it is
//! known that neither has happened ([`standing`](super::standing), [`keeping`](super::keeping)), the lists are the truth,
//! and an invalidation costs what it removes. Else they only make it take effect early, and a walk over all keys
//! makes sure.

#[cfg(feature = "cluster")]
use futures_util::future::join_all;
use redis::{Cmd, cmd};

use super::RedisStore;
use super::answer::Replies;
use super::keeping::{keeps_lists, kept};
#[cfg(feature = "cluster")]
use super::script::ENLIST;
use super::script::{Call, STRIKE};
use super::tracking::is_on;
use crate::schema::Pattern;
use crate::server::store::{StoreError, Tag};

/// What [`RedisStore::list_reads`] found, each key once; and whether all the lists are without an end.
fn keys_in(replies: &mut Replies, lists: usize) -> Result<(Vec<String>, bool), StoreError> {
    let (mut keys, mut is_endless) = (Vec::new(), true);
    for _ in 0..lists {
        // One that ends is not as we make them: it may have ended before, and begun anew.
        is_endless &= replies.next::<i64>()? < 0;
        keys.extend(replies.next::<Vec<String>>()?);
    }
    keys.sort_unstable();
    keys.dedup();
    Ok((keys, is_endless))
}

/// Members that are looked at in one step.
const STRIKE_BATCH: usize = 500;

/// What the lists say.
pub(super) struct Listed {
    /// Keys, which may be gone by now.
    pub(super) keys: Vec<String>,
    /// Whether there are no others.
    pub(super) is_whole: bool,
}

impl RedisStore {
    /// The keys that `wild` may mean by the lists of `tags` and by what others were heard to write; and whether
    /// those are all. On one server.
    pub(super) async fn listed_or_heard(
        &self,
        tags: &[Tag],
        wild: &[&Pattern],
    ) -> Result<Listed, StoreError> {
        if tags.is_empty() {
            return Ok(Listed { keys: Vec::new(), is_whole: false });
        }
        let reading = self.standing.read();
        let mut reads = self.list_reads(tags);
        let lists = reads.len() / 2;
        // Asked after the lists were read: what was dropped before, was dropped under this policy.
        let info = |section: &str| (String::new(), cmd("INFO").arg(section).take());
        reads.push((String::new(), cmd("CLIENT").arg("TRACKINGINFO").take()));
        reads.extend([info("memory"), info("commandstats")]);
        let mut replies = self.server.each(reads).await?;
        let (mut keys, is_endless) = keys_in(&mut replies, lists)?;
        // An older server's error is a no.
        let tracks = replies.next().is_ok_and(|answer| is_on(&answer));
        let (memory, commands): (String, String) = (replies.next()?, replies.next()?);
        let kept = kept(&memory, &commands);
        let (heard, is_whole) = reading.end(kept, wild);
        keys.extend(heard);
        if is_endless && tracks && is_whole {
            return Ok(Listed { keys, is_whole: true });
        }
        // A server that does not count changes of its settings is believed what it says of them now.
        let is_kept =
            kept.map_or(keeps_lists(&memory), |kept| self.standing.keeps_as_promised(kept));
        let is_whole = self.sole_writer && is_endless && is_kept;
        if let (Some(kept), false) = (kept, is_whole) {
            self.catch_up(kept);
        }
        Ok(Listed { keys, is_whole })
    }

    fn list_reads(&self, tags: &[Tag]) -> Vec<(String, Cmd)> {
        let lists = tags.iter().flat_map(|tag| self.server.lists(&self.names, tag));
        let reads = lists.flat_map(|list| {
            let ttl = cmd("PTTL").arg(&list).take();
            let range = cmd("ZRANGE").arg(&list).arg(0).arg(-1).take();
            [(list.clone(), ttl), (list, range)]
        });
        reads.collect()
    }

    /// Puts `key` on lists that are in other slots than itself, for `life` ms. All at once, and before its value.
    #[cfg(feature = "cluster")]
    pub(super) async fn enlist(
        &self,
        lists: &[String],
        key: &str,
        life: u64,
    ) -> Result<(), StoreError> {
        let enlisted = lists.iter().map(async |list| {
            let call = Call::default().key(list.clone()).bytes(key.as_bytes()).number(life);
            self.server.run::<u64>(list, &ENLIST, &call).await.map(drop)
        });
        join_all(enlisted).await.into_iter().collect()
    }

    /// Strikes `keys` off the lists of `tags` where their values are gone.
    pub(super) async fn strike(&self, tags: &[Tag], keys: &[String]) -> Result<(), StoreError> {
        if keys.is_empty() {
            return Ok(());
        }
        for list in tags.iter().flat_map(|tag| self.server.lists(&self.names, tag)) {
            self.strike_off(&list, keys).await?;
        }
        Ok(())
    }

    /// In a cluster only those whose time has come: a value is stored after its place on the lists there, and one
    /// that is not there yet must keep its place.
    pub(super) async fn strike_off(&self, list: &str, keys: &[String]) -> Result<u64, StoreError> {
        let keys = if self.server.is_one() { keys } else { &[] };
        let mut struck = 0;
        // Once also where there is nothing to name.
        for batch in keys.chunks(STRIKE_BATCH).chain(keys.is_empty().then_some(&[][..])) {
            let values = batch.iter().map(|key| self.names.data(key));
            let call = Call::default().key(list.to_owned()).keys(values);
            let call = batch.iter().fold(call, |call, key| call.bytes(key.as_bytes()));
            struck += self.server.run::<u64>(list, &STRIKE, &call).await?;
        }
        Ok(struck)
    }
}
