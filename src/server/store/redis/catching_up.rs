//! Completing the lists: a walk over all keys that puts on them what other programs wrote, and a look at whatever
//! they write from then on.
//!
//! Begun by the first invalidation by entity that had to walk itself, again whenever the watch was lost or the server
//! may have dropped a list. Keys that are written during the walk are heard of; the others the walk finds.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use redis::cmd;
use tokio::time::sleep;

use super::answer::Replies;
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
    pub(super) server: Arc<Server>,
    pub(super) names: Names,
    pub(super) standing: Arc<Standing>,
    pub(super) tags_of: TagsOf,
}

impl CatchingUp {
    /// Begins, unless it has begun or nobody tells us what others write. `kept`: how the server keeps lists now.
    pub(super) fn begin(self, kept: Kept) {
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

    /// How the server has kept the lists meanwhile; nothing if it may have dropped some.
    async fn walk(&self) -> Result<Option<Kept>, StoreError> {
        // The only one: in a cluster nobody is told.
        let Some(node) = self.server.nodes().await?.pop() else { return Ok(None) };
        let before = look(&node).await?;
        if before.is_none() {
            return Ok(None);
        }
        let mut walk = Walk::new(node.clone(), format!("{}*", self.names.glob()));
        while let Some(names) = walk.next().await? {
            let keys = names.iter().filter_map(|name| self.names.key(name));
            let keys: Vec<_> = keys.map(str::to_owned).collect();
            for batch in keys.chunks(BATCH) {
                self.enlist(batch).await?;
            }
            sleep(STEP_PAUSE).await;
        }
        let after = look(&node).await?;
        Ok(before.filter(|_| before == after))
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
    async fn enlist(&self, keys: &[String]) -> Result<u64, StoreError> {
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
            Some(name) => self.server.run(&name, &CATCH_UP, &call).await,
            None => Ok(0),
        }
    }
}

async fn look(node: &Link) -> Result<Option<Kept>, StoreError> {
    let info = |section: &str| cmd("INFO").arg(section).take();
    let tracking = cmd("CLIENT").arg("TRACKINGINFO").take();
    let ask = pipeline([tracking, info("memory"), info("commandstats")]);
    let mut replies = Replies::new(node.send(&ask).await?);
    // Asked for the sake of how it is counted.
    let _: redis::Value = replies.next()?;
    let (memory, commands): (String, String) = (replies.next()?, replies.next()?);
    Ok(kept(&memory, &commands))
}
