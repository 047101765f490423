//! The leases of a cluster, and how an invalidation finds them.
//!
//! On one server a script puts a key onto the register and takes its lease in one step. In a cluster a register can name
//! keys of other slots, but no script may touch both. So whoever wants a lease writes itself down first, and takes the
//! lease then; it computes only after both have been answered.
//!
//! **Why no lease is overlooked.** An invalidation comes after its change was committed, and reads all registers. Whoever
//! wrote itself down before that is found, and its lease is voided. Whoever wrote itself down later begins to compute
//! later still: from data that has the change.
//!
//! **Why the register and the lease are on one server.** A replica that takes over has what was written up to some
//! moment, in its order: with the lease also what came before it. (A slot that moves while a lease in it is out, from a
//! server that then dies without having told its replica, is the exception: the value may then be stale until its time is
//! up.)
//!
//! A lease is on the register under a name of its own, key and token, so that nobody strikes off another's. Where the
//! registers cannot be read or could have been dropped to make room, a walk over all keys finds the leases; but for
//! those servers whose own registers are known to name all that is there ([`parts`](super::parts)).

use std::sync::Arc;

use redis::cmd;

use super::RedisStore;
use super::entries::LIST_MARGIN_MS;
use super::link::Link;
use super::script::{Call, ENLIST};
use super::walk::Walk;
use crate::schema::Pattern;
use crate::server::store::{LeaseToken, StoreError};
use crate::server::ttl::Ttl;

impl RedisStore {
    /// Before a lease is asked for.
    pub(super) async fn write_down(
        &self,
        key: &str,
        token: &LeaseToken,
        time: Ttl,
    ) -> Result<(), StoreError> {
        let register = self.server.register_beside(&self.names, key);
        let line = line(key, token);
        // Longer than the lease, which begins a little later.
        let life = time.as_millis() + LIST_MARGIN_MS;
        let call = Call::default().key(register.clone()).bytes(line.as_bytes()).number(life);
        self.server.run::<u64>(&register, &ENLIST, &call).await.map(drop)
    }

    /// The lease of `token`, if it ever was one, is over. Behind the caller's back, for nothing depends on it: what is
    /// not struck off leaves with its time.
    pub(super) fn strike_line(&self, key: &str, token: &LeaseToken) {
        let register = self.server.register_beside(&self.names, key);
        let strike = cmd("ZREM").arg(&register).arg(line(key, token)).take();
        let server = Arc::clone(&self.server);
        tokio::spawn(async move {
            let _ = server.query::<u64>(&register, &strike).await;
        });
    }

    /// Voids the leases on a server that `patterns` mean and a walk finds.
    pub(super) async fn void_leases_along(
        &self,
        node: Link,
        patterns: &[&Pattern],
    ) -> Result<(), StoreError> {
        let meant = |key: &str| patterns.iter().any(|pattern| pattern.matches(key));
        let mut walk = Walk::new(node, self.names.lease_glob_of(patterns));
        while let Some(names) = walk.next().await? {
            let key = |name: &String| self.names.leased_key(name).is_some_and(meant);
            self.unlink(names.into_iter().filter(key).collect()).await?;
        }
        Ok(())
    }
}

/// The key of a line in a register.
pub(super) fn key_of(line: &str) -> Option<String> {
    line.get(LeaseToken::HEX..).map(str::to_owned)
}

/// The line of a lease whose token is not known.
pub(super) fn line_of_another(key: &str) -> String {
    "0".repeat(LeaseToken::HEX) + key
}

fn line(key: &str, token: &LeaseToken) -> String {
    token.to_hex() + key
}
