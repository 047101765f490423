//! Keeps a watch on every server for as long as the store lives and somebody has asked.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

use super::announcing::Announcing;
use super::changes::Changes;
#[cfg(feature = "cluster")]
use super::link::Link;
use super::names::Names;
use super::server::Server;
use super::standing::Standing;
use super::tracking::watch;
use crate::server::store::Change;

pub(super) struct Watching {
    server: Arc<Server>,
    changes: Arc<Changes>,
    announcing: Arc<Announcing>,
    standing: Arc<Standing>,
    /// Ended when dropped.
    watches: Mutex<Option<JoinSet<()>>>,
}

impl Watching {
    pub(super) fn new(
        server: Arc<Server>,
        names: Names,
        announcing: Arc<Announcing>,
        standing: Arc<Standing>,
    ) -> Self {
        let changes = Changes::new(names);
        Self { server, changes, announcing, standing, watches: Mutex::new(None) }
    }

    pub(super) fn follow(&self, prefixes: &[&str]) -> UnboundedReceiver<Change> {
        let follower = self.changes.follow(prefixes);
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        watches.get_or_insert_with(|| {
            let mut watches = JoinSet::new();
            let (server, changes) = (self.server.clone(), self.changes.clone());
            watches.spawn(keep(server, changes, self.announcing.clone(), self.standing.clone()));
            watches
        });
        follower
    }
}

async fn keep(
    server: Arc<Server>,
    changes: Arc<Changes>,
    announcing: Arc<Announcing>,
    standing: Arc<Standing>,
) {
    match &*server {
        Server::One(link) => {
            let address = "the one".to_owned();
            changes.servers(std::slice::from_ref(&address));
            watch(link.clone(), address, changes, Some(announcing), Some(standing)).await;
        }
        #[cfg(feature = "cluster")]
        Server::Cluster(cluster) => keep_each(cluster, &changes).await,
    }
}

/// A watch on each primary, whichever they are at the time.
#[cfg(feature = "cluster")]
async fn keep_each(cluster: &super::cluster::Cluster, changes: &Arc<Changes>) {
    let mut primaries = cluster.primaries();
    let mut watches = std::collections::HashMap::new();
    let mut running = JoinSet::new();
    let _ = cluster.look_again().await;
    loop {
        let now = primaries.borrow_and_update().clone();
        let names: Vec<_> = now.iter().map(ToString::to_string).collect();
        changes.servers(&names);
        watches.retain(|address, watched: &mut (Link, tokio::task::AbortHandle)| {
            // Of one that went and came back between two looks, the connection is another.
            let stays = now.contains(address)
                && cluster.link(address).is_ok_and(|link| link.is(&watched.0));
            if !stays {
                watched.1.abort();
            }
            stays
        });
        for (address, name) in now.into_iter().zip(names) {
            let Ok(link) = cluster.link(&address) else { continue };
            watches.entry(address).or_insert_with(|| {
                let (changes, standing) = (changes.clone(), link.standing().cloned());
                let watched = link.clone();
                let watch = watch(link, name, changes, None, standing);
                (watched, running.spawn(watch))
            });
        }
        // A failover may be noticed by nobody's command.
        if tokio::time::timeout(BETWEEN_MAPS, primaries.changed()).await.is_err() {
            let _ = cluster.look_again().await;
        }
    }
}

/// How often the primaries are asked for, beside whenever a command finds them changed.
#[cfg(feature = "cluster")]
const BETWEEN_MAPS: std::time::Duration = std::time::Duration::from_secs(1);
