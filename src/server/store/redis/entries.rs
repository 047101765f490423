//! Single values: read, stored, leased, looked at.

use std::time::Duration;

use redis::{FromRedisValue, Value, cmd};

use super::RedisStore;
use super::answer::{Replies, entry, millis_left, unexpected};
use super::script::{Call, DELETE_IF, LEASE, RELEASE, STAGE};
use super::server::is_unknown_script;
use crate::server::store::{Entry, LeaseFor, LeaseToken, Leased, Record, StoreError};
use crate::server::ttl::Ttl;

/// How much longer than a value its place on a list lasts: more than a write can be late.
pub(super) const LIST_MARGIN_MS: u64 = 60_000;

impl RedisStore {
    pub(super) async fn read(&self, key: &str) -> Result<Option<Entry>, StoreError> {
        let name = self.names.data(key);
        if let Some(reads) = &self.reads {
            return reads.read(name).await;
        }
        let commands = [cmd("GET").arg(&name).take(), cmd("PTTL").arg(&name).take()];
        // Boxed, so that the way of one server is not as large as that of many.
        let mut replies = Box::pin(self.server.all(&name, commands)).await?;
        // Each reply carries its own error: a list under this key fails the GET.
        let value: Option<Vec<u8>> = replies.next()?;
        let left = replies.next()?;
        Ok(value.and_then(|value| entry(value, left)))
    }

    /// `MGET` says nothing of a key that holds no plain value, which is what is wanted here.
    pub(super) async fn read_many(&self, keys: &[&str]) -> Result<Vec<Option<Entry>>, StoreError> {
        let names: Vec<_> = keys.iter().map(|key| self.names.data(key)).collect();
        match &self.reads {
            _ if names.is_empty() => Ok(Vec::new()),
            Some(reads) => reads.read_many(&names).await,
            None => self.read_each(names).await,
        }
    }

    /// The same where the keys are on several servers, which know no `MGET` across slots.
    async fn read_each(&self, names: Vec<String>) -> Result<Vec<Option<Entry>>, StoreError> {
        let mut commands = Vec::with_capacity(2 * names.len());
        for name in &names {
            commands.push((name.clone(), cmd("GET").arg(name).take()));
            commands.push((name.clone(), cmd("PTTL").arg(name).take()));
        }
        let mut replies = self.server.each(commands).await?;
        let mut entries = Vec::with_capacity(names.len());
        let (mut answered, mut failure) = (false, None);
        for _ in names {
            let value: Result<Option<Vec<u8>>, StoreError> = replies.next();
            let left: Result<i64, StoreError> = replies.next();
            answered |= left.is_ok();
            entries.push(match (value, left) {
                (Ok(value), Ok(left)) => value.and_then(|value| entry(value, left)),
                // A list, or one of several servers that is down: a miss of this key.
                (Err(error), _) | (_, Err(error)) => {
                    failure = Some(error);
                    None
                }
            });
        }
        match failure {
            Some(error) if !answered => Err(error),
            _ => Ok(entries),
        }
    }

    pub(super) async fn is_there(&self, key: &str) -> Result<bool, StoreError> {
        let name = self.names.data(key);
        self.server.query(&name, cmd("EXISTS").arg(&name)).await
    }

    pub(super) async fn time_left(&self, key: &str) -> Result<Option<Duration>, StoreError> {
        let name = self.names.data(key);
        let left: i64 = self.server.query(&name, cmd("PTTL").arg(&name)).await?;
        Ok((left != -2).then(|| millis_left(left)))
    }

    pub(super) async fn write(&self, record: Record<'_>) -> Result<(), StoreError> {
        if !record.tags.is_empty() {
            return self.store(record, None).await.map(drop);
        }
        let name = self.names.data(record.key);
        let mut set = cmd("SET");
        set.arg(&name).arg(&record.value[..]).arg("PX").arg(record.ttl.as_millis());
        // The lease first: a compute that stores between the two is overwritten, one that comes later
        // has no lease.
        let void = cmd("UNLINK").arg(self.names.lease(record.key)).take();
        let mut replies = self.server.all(&name, [void, set]).await?;
        replies.next::<u64>()?;
        replies.next::<()>()?;
        self.announcing.announce(&[record.key]);
        Ok(())
    }

    /// With a token, only under its lease.
    pub(super) async fn store(
        &self,
        record: Record<'_>,
        token: Option<&LeaseToken>,
    ) -> Result<bool, StoreError> {
        let Record { key, value, ttl, tags } = record;
        let listed_for = ttl.as_millis() + LIST_MARGIN_MS;
        let (name, staged) = (self.names.data(key), self.names.staged(key));
        let mut call = Call::default().key(staged.clone()).key(self.names.lease(key));
        let lists = || tags.iter().map(|tag| self.server.list_for(&self.names, tag, key));
        let mut listed: Vec<_> = lists().collect();
        if self.server.is_one() {
            call = call.key(self.names.register()).keys(std::mem::take(&mut listed));
        } else {
            #[cfg(feature = "cluster")]
            self.enlist(&listed, key, listed_for).await?;
        }
        let call = call
            .bytes(token.map_or(&[], |token| &token.as_bytes()[..]))
            .bytes(&value)
            .number(ttl.as_millis())
            .bytes(key.as_bytes())
            .number(listed_for)
            .bytes(self.names.namespace().as_bytes());
        let transaction = |stage| {
            [cmd("MULTI"), stage, cmd("RENAME").arg(&staged).arg(&name).take(), cmd("EXEC")]
        };
        let mut replies = self.server.send(&name, transaction(STAGE.by_hash(&call))).await?;
        if replies.iter().any(is_unknown_script) {
            replies = self.server.send(&name, transaction(STAGE.by_source(&call))).await?;
        }
        let mut outcome = Replies::new(replies).transaction(2)?;
        let stored = outcome.next()?;
        self.strike_line_of(key, token);
        #[cfg(feature = "cluster")]
        if let (true, Some(cluster)) = (stored, self.server.cluster())
            && !lists().eq(listed)
        {
            // Its slot has moved meanwhile: its place on a list is on the server that had it.
            cluster.note(&name, key);
        }
        if stored {
            outcome.next::<()>()?;
            self.announcing.announce(&[key]);
        }
        Ok(stored)
    }

    pub(super) async fn take_lease(
        &self,
        key: &str,
        token: &LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> Result<Leased, StoreError> {
        let name = self.names.data(key);
        let mut call = Call::default().key(name.clone()).key(self.names.lease(key));
        #[cfg(feature = "cluster")]
        let register = self.server.cluster().map(|_| self.server.register_beside(&self.names, key));
        if self.server.is_one() {
            call = call.key(self.names.register());
        } else {
            #[cfg(feature = "cluster")]
            self.write_down(key, token, time).await?;
        }
        let call = call
            .bytes(token.as_bytes())
            .number(time.as_millis())
            .bytes(key.as_bytes())
            .number(u64::from(what == LeaseFor::Missing))
            .number(u64::from(what == LeaseFor::Overtake));
        let answer: Result<Value, StoreError> = self.server.run(&name, &LEASE, &call).await;
        // After an error it may be ours all the same.
        if answer.as_ref().is_ok_and(|answer| *answer != Value::Int(1)) {
            self.strike_line_of(key, Some(token));
        }
        match answer? {
            Value::Int(0) => Ok(Leased::Held),
            Value::Int(_) => {
                #[cfg(feature = "cluster")]
                if let Some(register) = register
                    && self.server.register_beside(&self.names, key) != register
                {
                    // Its slot has moved meanwhile: once more, beside the lease.
                    self.write_down(key, token, time).await?;
                }
                Ok(Leased::Granted)
            }
            found => {
                let (value, left) =
                    <(Vec<u8>, i64)>::from_redis_value(found).map_err(unexpected)?;
                // The script gave it, so it was there.
                Ok(Leased::Found(Entry { value: value.into(), ttl_left: millis_left(left) }))
            }
        }
    }

    /// In a cluster a lease that is over is struck off beside the calls; on one server within them.
    fn strike_line_of(&self, key: &str, token: Option<&LeaseToken>) {
        #[cfg(feature = "cluster")]
        if let (false, Some(token)) = (self.server.is_one(), token) {
            self.strike_line(key, token);
        }
        #[cfg(not(feature = "cluster"))]
        let _ = (key, token);
    }

    pub(super) async fn give_back(&self, key: &str, token: &LeaseToken) -> Result<(), StoreError> {
        let mut call = Call::default().key(self.names.lease(key));
        if self.server.is_one() {
            call = call.key(self.names.register());
        }
        let call = call.bytes(token.as_bytes()).bytes(key.as_bytes());
        let released = self.server.run(&self.names.data(key), &RELEASE, &call).await;
        if released.is_ok() {
            self.strike_line_of(key, Some(token));
        }
        released
    }

    pub(super) async fn remove_if(&self, key: &str, value: &[u8]) -> Result<bool, StoreError> {
        let name = self.names.data(key);
        let call = Call::default().key(name.clone()).bytes(value);
        let removed = self.server.run(&name, &DELETE_IF, &call).await?;
        if removed {
            self.announcing.announce(&[key]);
        }
        Ok(removed)
    }
}
