//! What is known of keys without reading their values: how long they live, how large they are.

use redis::cmd;

use super::RedisStore;
use super::answer::millis_left;
use crate::server::store::{KeyInfo, KeyTtl, StoreError};

impl RedisStore {
    pub(super) async fn look_at(&self, keys: &[&str]) -> Result<Vec<KeyInfo>, StoreError> {
        let mut commands = Vec::with_capacity(2 * keys.len());
        for key in keys {
            let name = self.names.data(key);
            commands.push((name.clone(), cmd("PTTL").arg(&name).take()));
            commands.push((name.clone(), cmd("MEMORY").arg("USAGE").arg(&name).take()));
        }
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        let mut replies = self.server.each(commands).await?;
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

    /// How long the values of `keys` are, in bytes and in their order: exactly, where
    /// [`Store::inspect`](super::Store::inspect) tells the memory that they take. 0 for a key that is not there.
    ///
    /// # Errors
    /// As any call of the store.
    pub async fn value_lengths(&self, keys: &[&str]) -> Result<Vec<u64>, StoreError> {
        let ask = |key: &&str| {
            let name = self.names.data(key);
            let length = cmd("STRLEN").arg(&name).take();
            (name, length)
        };
        let asked: Vec<_> = keys.iter().map(ask).collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let mut replies = self.server.each(asked).await?;
        keys.iter().map(|_| replies.next()).collect()
    }
}
