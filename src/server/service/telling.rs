//! What browsers hear of a value that is stored over another.
//!
//! What a caller sets is a statement: what was under the key is not true any more. Whoever shows it is told, as of a deletion.
//! What a compute stores is none: the same source was read again, and what was read before is as good as its time says.

use std::sync::Arc;

use super::{CacheService, Inner};

/// Whether it is told that a value was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    Told,
    /// By its caller's wish, or because something else tells of it.
    Untold,
}

impl CacheService {
    /// This service, whose `set`, `set_for` and `set_many` are not told to browsers: they keep what they show for what is left
    /// of its time. For a loader that stores what a compute would have found, as before a deployment. Other nodes drop their
    /// copies all the same, and so does this one.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # use samekey::schema::{Key, Schema, TypedKey};
    /// # use samekey::server::{CacheError, CacheService, MemoryStore};
    /// # use std::time::Duration;
    /// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
    /// # let cache = CacheService::new(&schema, MemoryStore::default());
    /// # let key: TypedKey<u64> = TypedKey::new(Key::new(["exec", "runs", "ws123"])?, "runs", Duration::from_secs(60));
    /// let loader = cache.without_set_notices();
    /// loader.set_many(&[(key, 42)]).await?;
    /// # Ok::<(), CacheError>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn without_set_notices(&self) -> Self {
        Self { telling: Telling::Untold, ..self.clone() }
    }
}

/// A key on its way to another value, or to none. However that ends, those who show the old one hear of it: when it is
/// stored; else, since what could not be stored over is removed when the store is back, after that.
pub(super) struct Overwriting<'a> {
    inner: &'a Arc<Inner>,
    family: &'a str,
    key: &'a str,
    is_told: bool,
}

impl<'a> Overwriting<'a> {
    pub(super) fn new(
        inner: &'a Arc<Inner>,
        family: &'a str,
        key: &'a str,
        telling: Telling,
    ) -> Self {
        Self { inner, family, key, is_told: telling == Telling::Untold }
    }

    /// The store has it.
    pub(super) async fn done(mut self) {
        if !std::mem::replace(&mut self.is_told, true) {
            self.inner.notices.was_set(self.family, self.key).await;
        }
    }
}

impl Drop for Overwriting<'_> {
    /// It failed, or its caller waits no more, and nobody knows whether the store has it.
    fn drop(&mut self) {
        if !self.is_told {
            self.inner.announce_key_late(self.key);
        }
    }
}
