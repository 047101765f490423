//! Whether the log may have lost its end: told in the log itself, to all who read it.
//!
//! A server that was restarted, or a replica that took a dead primary's place, has the log as far as it had been
//! written to disk or sent to it. Entries that were acknowledged just before may be gone, and those that come
//! after hide it: whoever had not read them yet would never know. So the log is *stamped* with the run of the
//! server that it is on. Who begins to follow compares; where another run answers now, an entry says so, a *break*,
//! and every reader who comes to it, be it days later, starts over.
//!
//! Not where the slot was moved in good order: the server that had it lives, is still a primary, and has handed over
//! all there was.

use redis::aio::MultiplexedConnection;
use redis::{Pipeline, cmd};

use super::entry::BREAK;
use super::{LIFETIME, RedisLog};
use crate::server::backplane::notice::VERSION;
use crate::server::store::{StoreError, Waiting, in_time};

/// Stamps the log, if the stamp is still the one that was judged, and appends a break where one is due.
const STAMP: &str = "
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[4])
if ARGV[3] == '' then return 0 end
redis.call('XADD', KEYS[1], '*', 'v', ARGV[5], 'n', '', ARGV[3], ARGV[2])
return 1";

/// Where a log begins: its first entry, a mark, and the stamp of whoever comes first. Without entries nothing can be
/// lost yet.
pub(super) const UNSTAMPED: &str = "-";

impl RedisLog {
    /// The stamp's name: in the log's slot.
    pub(super) fn stamp(&self) -> String {
        ["{", self.way.name(), "}:~run"].concat()
    }

    /// Looks whether the server that `waiting` leads to still has all that the log had, and says so there if not.
    pub(super) async fn check(&self, waiting: &mut Waiting) -> Result<(), StoreError> {
        let mut look = Pipeline::new();
        look.cmd("GET").arg(self.stamp());
        look.cmd("EXISTS").arg(self.way.name());
        look.add_command(cmd("INFO").arg("server").take());
        let looked = self
            .ask_waiting::<(Option<String>, bool, String)>(&look, &mut waiting.connection)
            .await;
        let (known, exists, info) = match looked {
            Ok(found) => found,
            // It may answer the next question, and would then be followed although entries may be missing.
            Err(error) if error.is_retryable() => return Err(error),
            // A server that tells nothing of itself cannot be told apart from another.
            Err(_) => return Ok(()),
        };
        let Some(run) = field(&info, "run_id") else { return Ok(()) };
        let address = waiting.server.as_ref().map_or("", |server| server.as_str());
        let now = format!("{run} {address}");
        let known = known.unwrap_or_default();
        if known == now {
            return Ok(());
        }
        let whole = known == UNSTAMPED || !exists || self.was_moved(&known, address).await;
        let mut stamp = cmd("EVAL");
        stamp.arg(STAMP).arg(2).arg(self.way.name()).arg(self.stamp());
        stamp.arg(&known).arg(&now).arg(if whole { "" } else { BREAK });
        stamp.arg(LIFETIME.as_millis() as u64).arg(VERSION);
        let mut stamping = Pipeline::new();
        stamping.add_command(stamp);
        let (broken,): (bool,) = self.ask_waiting(&stamping, &mut waiting.connection).await?;
        if broken {
            tracing::warn!(server = address, "another run has the log: its end may be lost");
        }
        Ok(())
    }

    /// Whether the run that had the log before lives elsewhere, as a primary: then it has given all of it away.
    async fn was_moved(&self, known: &str, now_at: &str) -> bool {
        let Some((run, address)) = known.split_once(' ') else { return false };
        if address.is_empty() || address == now_at {
            return false;
        }
        let server = self.way.info(address, "server").await;
        let role = self.way.info(address, "replication").await;
        let says = |info: &Result<String, StoreError>, name, text| {
            info.as_ref().is_ok_and(|info| field(info, name) == Some(text))
        };
        says(&server, "run_id", run) && says(&role, "role", "master")
    }

    pub(super) async fn ask_waiting<T: redis::FromRedisValue>(
        &self,
        pipeline: &Pipeline,
        connection: &mut MultiplexedConnection,
    ) -> Result<T, StoreError> {
        in_time(self.way.patience(), pipeline.query_async(connection)).await
    }
}

fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    let value = |line: &'a str| line.strip_prefix(name)?.strip_prefix(':').map(str::trim);
    info.lines().find_map(value)
}
