//! Completing the lists: a walk over all keys that puts on them what other programs wrote, and a look at whatever
//! they write from then on.
//!
//! Begun by the first invalidation by entity that had to walk itself, again whenever the watch was lost or the server
//! may have dropped a list. Keys that are written during the walk are heard of; the others the walk finds.
//!
//! In a cluster each server by itself, and its leases too: [`in_cluster`].

#[cfg(feature = "cluster")]
mod in_cluster;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use redis::cmd;
use tokio::time::sleep;

use super::RedisStore;
use super::answer::Replies;
#[cfg(feature = "cluster")]
use super::cluster::Address;
use super::keeping::{Kept, kept};
use super::link::{Link, pipeline};
use super::names::Names;
use super::script::{CATCH_UP, Call};
use super::server::Server;
use super::standing::Standing;
use super::walk::Walk;
use crate::server::store::{StoreError, TagsOf};

/// Between the steps of the walk: nobody waits for it.
const STEP_PAUSE: Duration = Duration::from_millis(1);

/// Between two looks at what was heard. What is written again and again is looked at once.
const GATHERING: Duration = Duration::from_millis(500);

/// Keys that one step puts on their lists: well under a millisecond of the server's time.
const BATCH: usize = 200;

pub(super) struct CatchingUp {
    server: Arc<Server>,
    names: Names,
    tags_of: TagsOf,
    standing: Arc<Standing>,
    /// The server that is walked over.
    link: Link,
    /// Where it is, if it is one of several.
    #[cfg(feature = "cluster")]
    address: Option<Address>,
}

impl RedisStore {
    /// Has the lists completed behind this, so that the next can trust them, unless that has begun or nobody tells us
    /// what others write. `kept`: how the server keeps lists now.
    pub(super) fn catch_up(&self, kept: Kept) {
        let link = match &*self.server {
            Server::One(link) => link,
            #[cfg(feature = "cluster")]
            Server::Cluster(_) => return,
        };
        if let Some(catching_up) = self.catching_up(link, &self.standing) {
            catching_up.begin(kept);
        }
    }

    fn catching_up(&self, link: &Link, standing: &Arc<Standing>) -> Option<CatchingUp> {
        Some(CatchingUp {
            server: self.server.clone(),
            names: self.names.clone(),
            tags_of: self.tags_of.now()?,
            standing: standing.clone(),
            link: link.clone(),
            #[cfg(feature = "cluster")]
            address: None,
        })
    }
}

impl CatchingUp {
    fn begin(self, kept: Kept) {
        let Some(number) = self.standing.begin(kept) else { return };
        let standing = self.standing.clone();
        standing.attend(tokio::spawn(async move {
            join(self.complete(number), self.keep_complete(number)).await;
        }));
    }

    async fn complete(&self, number: u64) {
        match self.walk().await {
            Ok(Some(kept)) => self.standing.found_whole(number, kept),
            Ok(None) => self.standing.give_up(number),
            Err(error) => {
                tracing::debug!(%error, "the lists of keys could not be completed");
                self.standing.give_up(number);
            }
        }
    }

    /// How the server kept the lists at the beginning; nothing if it may drop some. Where it does otherwise since, whoever reads
    /// them finds that.
    async fn walk(&self) -> Result<Option<Kept>, StoreError> {
        let Some(kept) = self.look().await? else { return Ok(None) };
        let mut walk = Walk::new(self.link.clone(), format!("{}*", self.names.glob()));
        while let Some(names) = walk.next().await? {
            let keys = names.iter().filter_map(|name| self.names.key(name));
            let keys: Vec<_> = keys.map(str::to_owned).collect();
            for batch in keys.chunks(BATCH) {
                self.enlist(batch).await?;
            }
            sleep(STEP_PAUSE).await;
        }
        #[cfg(feature = "cluster")]
        if let Some(address) = &self.address {
            self.write_down_leases(address).await?;
        }
        Ok(Some(kept))
    }

    async fn keep_complete(&self, number: u64) {
        loop {
            sleep(GATHERING).await;
            loop {
                let Some(keys) = self.standing.to_look_at(number, BATCH) else { return };
                if keys.is_empty() {
                    break;
                }
                let listed = self.enlist(&keys).await;
                self.standing.looked_at(number, listed.is_ok());
                if listed.is_err() {
                    break;
                }
            }
        }
    }

    /// Puts those of `keys` that are there on the lists of their tags.
    async fn enlist(&self, keys: &[String]) -> Result<(), StoreError> {
        #[cfg(feature = "cluster")]
        if let Some(address) = &self.address {
            return self.enlist_on(address, keys).await;
        }
        let mut call = Call::default();
        let mut first = None;
        for key in keys {
            let tags = (self.tags_of)(key);
            if tags.is_empty() {
                continue;
            }
            let name = self.names.data(key);
            first.get_or_insert_with(|| name.clone());
            let lists = tags.iter().map(|tag| self.names.index(tag));
            call = call.key(name).keys(lists).bytes(key.as_bytes()).number(tags.len() as u64);
        }
        match first {
            Some(name) => self.server.run::<u64>(&name, &CATCH_UP, &call).await.map(drop),
            None => Ok(()),
        }
    }

    /// How the server keeps the lists now.
    async fn look(&self) -> Result<Option<Kept>, StoreError> {
        let info = |section: &str| cmd("INFO").arg(section).take();
        let tracking = cmd("CLIENT").arg("TRACKINGINFO").take();
        let ask = pipeline([tracking, info("memory"), info("commandstats")]);
        let mut replies = Replies::new(self.link.send(&ask).await?);
        // Asked for the sake of how it is counted.
        let _: redis::Value = replies.next()?;
        let (memory, commands): (String, String) = (replies.next()?, replies.next()?);
        let kept = kept(&memory, &commands);
        #[cfg(feature = "cluster")]
        if let (Some(address), Some(cluster)) = (&self.address, self.server.cluster()) {
            return Ok(kept.map(|kept| kept.after(cluster.moves(address))));
        }
        Ok(kept)
    }
}
