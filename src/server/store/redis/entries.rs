//! Single values: read, stored, leased, looked at.

use std::time::Duration;

use redis::{FromRedisValue, Pipeline, Value};

use super::RedisStore;
use super::answer::{entry, millis_left, unexpected};
use super::script::{Call, DELETE_IF, LEASE, RELEASE, STORE};
use crate::server::store::{
    Entry, KeyInfo, KeyTtl, LeaseFor, LeaseToken, Leased, Record, StoreError,
};
use crate::server::ttl::Ttl;

/// How much longer than a value its place on a list lasts: more than a `SET` can be late.
const LIST_MARGIN_MS: u64 = 60_000;

impl RedisStore {
    pub(super) async fn read(&self, key: &str) -> Result<Option<Entry>, StoreError> {
        let name = self.names.data(key);
        let mut pipeline = Pipeline::new();
        pipeline.cmd("GET").arg(&name).cmd("PTTL").arg(&name);
        let mut replies = self.link.pipeline(pipeline).await?;
        let value: Option<Vec<u8>> = replies.next()?;
        let left = replies.next()?;
        Ok(value.and_then(|value| entry(value, left)))
    }

    /// `MGET` says nothing of a key that holds no plain value, which is what is wanted here.
    pub(super) async fn read_many(&self, keys: &[&str]) -> Result<Vec<Option<Entry>>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<_> = keys.iter().map(|key| self.names.data(key)).collect();
        let mut pipeline = Pipeline::with_capacity(1 + names.len());
        pipeline.cmd("MGET").arg(&names);
        for name in &names {
            pipeline.cmd("PTTL").arg(name);
        }
        let mut replies = self.link.pipeline(pipeline).await?;
        let values: Vec<Option<Vec<u8>>> = replies.next()?;
        let mut entries = Vec::with_capacity(keys.len());
        for value in values {
            let left = replies.next()?;
            entries.push(value.and_then(|value| entry(value, left)));
        }
        Ok(entries)
    }

    pub(super) async fn time_left(&self, key: &str) -> Result<Option<Duration>, StoreError> {
        let left: i64 = self.link.query(redis::cmd("PTTL").arg(self.names.data(key))).await?;
        Ok((left != -2).then(|| millis_left(left)))
    }

    pub(super) async fn write(&self, record: Record<'_>) -> Result<(), StoreError> {
        if !record.tags.is_empty() {
            return self.store(record, None).await.map(drop);
        }
        let mut pipeline = Pipeline::new();
        // The lease first: a compute that stores between the two is overwritten, one that comes later
        // has no lease.
        pipeline.cmd("UNLINK").arg(self.names.lease(record.key));
        pipeline.cmd("SET").arg(self.names.data(record.key)).arg(&record.value[..]);
        pipeline.arg("PX").arg(record.ttl.as_millis());
        let mut replies = self.link.pipeline(pipeline).await?;
        replies.next::<()>()?;
        replies.next()
    }

    /// With a token, only under its lease.
    pub(super) async fn store(
        &self,
        record: Record<'_>,
        token: Option<&LeaseToken>,
    ) -> Result<bool, StoreError> {
        let Record { key, value, ttl, tags } = record;
        let call = Call::default()
            .key(self.names.data(key))
            .key(self.names.lease(key))
            .key(self.names.register())
            .keys(tags.iter().map(|tag| self.names.index(tag)))
            .bytes(token.map_or(&[], |token| &token.as_bytes()[..]))
            .bytes(&value)
            .number(ttl.as_millis())
            .bytes(key.as_bytes())
            .number(ttl.as_millis() + LIST_MARGIN_MS);
        self.link.run(&STORE, call).await
    }

    pub(super) async fn take_lease(
        &self,
        key: &str,
        token: &LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> Result<Leased, StoreError> {
        let call = Call::default()
            .key(self.names.data(key))
            .key(self.names.lease(key))
            .key(self.names.register())
            .bytes(token.as_bytes())
            .number(time.as_millis())
            .bytes(key.as_bytes())
            .number(u64::from(what == LeaseFor::Missing));
        match self.link.run(&LEASE, call).await? {
            Value::Int(0) => Ok(Leased::Held),
            Value::Int(_) => Ok(Leased::Granted),
            found => {
                let (value, left) =
                    <(Vec<u8>, i64)>::from_redis_value(found).map_err(unexpected)?;
                // The script gave it, so it was there.
                let ttl_left = millis_left(left);
                Ok(Leased::Found(Entry { value: value.into(), ttl_left }))
            }
        }
    }

    pub(super) async fn give_back(&self, key: &str, token: &LeaseToken) -> Result<(), StoreError> {
        let call = Call::default()
            .key(self.names.lease(key))
            .key(self.names.register())
            .bytes(token.as_bytes())
            .bytes(key.as_bytes());
        self.link.run(&RELEASE, call).await
    }

    pub(super) async fn remove_if(&self, key: &str, value: &[u8]) -> Result<bool, StoreError> {
        let call = Call::default().key(self.names.data(key)).bytes(value);
        self.link.run(&DELETE_IF, call).await
    }

    pub(super) async fn look_at(&self, keys: &[&str]) -> Result<Vec<KeyInfo>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = Pipeline::with_capacity(2 * keys.len());
        for key in keys {
            let name = self.names.data(key);
            pipeline.cmd("PTTL").arg(&name).cmd("MEMORY").arg("USAGE").arg(&name);
        }
        let mut replies = self.link.pipeline(pipeline).await?;
        let mut look = || {
            let ttl = match replies.next()? {
                -2 => KeyTtl::Missing,
                -1 => KeyTtl::Never,
                left => KeyTtl::Left(millis_left(left)),
            };
            let bytes: Option<u64> = replies.next()?;
            Ok(KeyInfo { ttl, bytes: bytes.unwrap_or(0) })
        };
        keys.iter().map(|_| look()).collect()
    }
}
