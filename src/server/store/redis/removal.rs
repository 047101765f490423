//! Removing by name and by pattern, and walking over the keys.

use redis::Pipeline;

use super::RedisStore;
use crate::schema::Pattern;
use crate::server::store::{ScanPage, StoreError, Tag};

/// Keys per `SCAN` step: 2.5 times faster over 100,000 keys than 100, and each step still takes the
/// server well under a millisecond, so other callers are not held up.
const SCAN_COUNT: usize = 1_000;

/// Keys per `UNLINK`.
const UNLINK_BATCH: usize = 500;

impl RedisStore {
    /// Removes `keys` and voids their leases, leases first.
    pub(super) async fn remove<K: AsRef<str>>(&self, keys: &[K]) -> Result<u64, StoreError> {
        let mut removed = 0;
        for batch in keys.chunks(UNLINK_BATCH) {
            let mut pipeline = Pipeline::new();
            pipeline.cmd("UNLINK");
            for key in batch {
                pipeline.arg(self.names.lease(key.as_ref()));
            }
            pipeline.cmd("UNLINK");
            for key in batch {
                pipeline.arg(self.names.data(key.as_ref()));
            }
            let mut replies = self.link.pipeline(pipeline).await?;
            replies.next::<u64>()?;
            removed += replies.next::<u64>()?;
        }
        Ok(removed)
    }

    /// Voids leases, removes the exact ones of `patterns` by name, and the rest in one walk over the keys.
    pub(super) async fn remove_matching(
        &self,
        patterns: &[Pattern],
        _tags: &[Tag],
    ) -> Result<u64, StoreError> {
        let (wild, exact): (Vec<_>, Vec<_>) =
            patterns.iter().partition(|pattern| pattern.as_str().contains('*'));
        if !wild.is_empty() {
            self.void_leases(&wild).await?;
        }
        let exact: Vec<_> = exact.iter().map(|pattern| pattern.as_str()).collect();
        let mut removed = self.remove(&exact).await?;
        if wild.is_empty() {
            return Ok(removed);
        }
        let glob = self.narrowest_glob(&wild);
        let mut cursor = 0_u64;
        loop {
            let (next, found) = self.walk(&glob, cursor).await?;
            let meant: Vec<_> =
                found.iter().filter_map(|name| self.meant_by(&wild, name)).collect();
            removed += self.remove(&meant).await?;
            if next == 0 {
                return Ok(removed);
            }
            cursor = next;
        }
    }

    /// Voids the leases of the keys that `patterns` mean, found by the register. One that has fallen off
    /// it cannot be used either: see the script.
    async fn void_leases(&self, patterns: &[&Pattern]) -> Result<(), StoreError> {
        let mut range = redis::cmd("ZRANGE");
        range.arg(self.names.register()).arg(0).arg(-1);
        let leased: Vec<String> = self.link.query(&range).await?;
        let meant = leased.iter().filter(|key| patterns.iter().any(|pattern| pattern.matches(key)));
        let leases: Vec<_> = meant.map(|key| self.names.lease(key)).collect();
        for batch in leases.chunks(UNLINK_BATCH) {
            let _: u64 = self.link.query(redis::cmd("UNLINK").arg(batch)).await?;
        }
        Ok(())
    }

    pub(super) async fn page(
        &self,
        pattern: Option<&Pattern>,
        cursor: u64,
    ) -> Result<ScanPage, StoreError> {
        let glob = match pattern {
            Some(pattern) => self.narrowest_glob(&[pattern]),
            None => format!("{}*", self.names.glob()),
        };
        let (next, found) = self.walk(&glob, cursor).await?;
        let ours = found.iter().filter_map(|name| self.key_of(name));
        let keys = ours.filter(|key| pattern.is_none_or(|pattern| pattern.matches(key)));
        let keys = keys.map(str::to_owned).collect();
        Ok(ScanPage { keys, next: (next != 0).then_some(next) })
    }

    /// A step of a walk. As bytes: another program's key need not be UTF-8, and must not stop the walk.
    async fn walk(&self, glob: &str, cursor: u64) -> Result<(u64, Vec<Vec<u8>>), StoreError> {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(glob).arg("COUNT").arg(SCAN_COUNT);
        self.link.query(&scan).await
    }

    /// A glob that finds at least every key that `patterns` mean. Of several, what they all begin with.
    fn narrowest_glob(&self, patterns: &[&Pattern]) -> String {
        let namespace = self.names.glob();
        if let [only] = patterns {
            return format!("{namespace}{}", only.scan_glob());
        }
        let literals =
            patterns.iter().map(|pattern| pattern.as_str().split('*').next().unwrap_or_default());
        let shared = literals.reduce(common_prefix).unwrap_or_default();
        format!("{namespace}{shared}*")
    }

    /// The key behind a name, when one of `patterns` means it.
    fn meant_by<'a>(&self, patterns: &[&Pattern], name: &'a [u8]) -> Option<&'a str> {
        let key = self.key_of(name)?;
        patterns.iter().any(|pattern| pattern.matches(key)).then_some(key)
    }

    fn key_of<'a>(&self, name: &'a [u8]) -> Option<&'a str> {
        self.names.key(std::str::from_utf8(name).ok()?)
    }
}

fn common_prefix<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b);
    &a[..same.map(|(c, _)| c.len_utf8()).sum()]
}
