//! What an operator wants to know of the servers, and no cache call asks.

use redis::{Value, cmd};

use super::RedisStore;
use super::answer::{Replies, info_number, info_text};
use super::link::{Link, pipeline};
use super::permissions::{Refused, Without, refused};
use crate::server::store::{StoreError, StoreErrorKind};

/// What one Redis server says of itself; see [`RedisStore::server_reports`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerReport {
    /// Such as `7.0.15`.
    pub version: String,
    /// The most memory that it takes, in bytes; 0 is no limit.
    pub maxmemory: u64,
    /// What it drops to make room. Empty where the server does not tell.
    pub maxmemory_policy: String,
    /// Keys that it has dropped so far.
    pub evicted_keys: u64,
    /// Whether it writes what it holds to disk. `false` where it does not let itself be asked.
    pub persistent: bool,
    /// Whether it tells its clients what others changed (`CLIENT TRACKING`).
    pub tracking: bool,
    /// What its access lists refuse to this user, of all that the cache sends.
    pub refused: Refusals,
}

/// What access lists refuse: commands, as `ACL SETUSER` calls them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusals {
    /// Those without which the cache does not work.
    pub needed: Vec<String>,
    /// Those without which it does with less: it is not told what others change, or cannot say how the server is.
    pub useful: Vec<String>,
    /// The names that a command which is allowed must not be used on, such as `{app:~doctor}:~l`.
    pub names: Vec<String>,
}

impl Refusals {
    /// Whether nothing is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn of(all: Vec<Refused>) -> Self {
        let mut refusals = Self::default();
        for Refused { command, without, name } in all {
            match (name, without) {
                (Some(name), _) if refusals.names.contains(&name) => {}
                (Some(name), _) => refusals.names.push(name),
                (None, Without::Nothing) => refusals.needed.push(command.to_owned()),
                (None, Without::Less) => refusals.useful.push(command.to_owned()),
            }
        }
        refusals
    }
}

/// What the servers say of themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerReports {
    /// Of those that answered.
    pub reports: Vec<ServerReport>,
    /// The primaries of a cluster that did not, by address.
    pub missing: Vec<String>,
}

impl RedisStore {
    /// What each server says of itself: one, or the primaries of a cluster.
    ///
    /// # Errors
    /// As any call of the store; of a cluster when no server answers.
    pub async fn server_reports(&self) -> Result<ServerReports, StoreError> {
        let mut all = ServerReports::default();
        for (address, node) in self.server.named_nodes().await? {
            match self.report(&node).await {
                Ok(report) => all.reports.push(report),
                Err(error) => all.missing.push(self.missing(&address, error).await?),
            }
        }
        Ok(all)
    }

    async fn report(&self, node: &Link) -> Result<ServerReport, StoreError> {
        let refused = refused(node, &self.names, !self.server.is_one()).await?;
        let mut replies = Replies::new(node.send(&pipeline([cmd("INFO")])).await?);
        // What it says of itself is not known where it may not be asked.
        let info: String = match replies.next() {
            Err(error) if error.kind() != StoreErrorKind::Denied => return Err(error),
            info => info.unwrap_or_default(),
        };
        let text = |name| info_text(&info, name).unwrap_or_default().to_owned();
        // What a hosted Redis forbids to ask is not known.
        let rare =
            [cmd("CONFIG").arg("GET").arg("save").take(), cmd("CLIENT").arg("TRACKINGINFO").take()];
        let mut replies = Replies::new(node.send(&pipeline(rare)).await?);
        let save: Vec<String> = replies.next().unwrap_or_default();
        let saves = save.get(1).is_some_and(|points| !points.is_empty());
        Ok(ServerReport {
            version: text("redis_version"),
            maxmemory: info_number(&info, "maxmemory"),
            maxmemory_policy: text("maxmemory_policy"),
            evicted_keys: info_number(&info, "evicted_keys"),
            persistent: text("aof_enabled") == "1" || saves,
            tracking: replies.next::<Value>().is_ok(),
            refused: Refusals::of(refused),
        })
    }
}
