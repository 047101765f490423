//! What is stored: a value under a key for a time, and whom it is about.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::schema::{KeyError, encode_segment};
use crate::server::ttl::Ttl;

/// A value as a store gives it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The stored bytes, unchanged.
    pub value: Bytes,
    /// What is left of its life. Zero when another program wrote it without an expiry: it is served,
    /// and nobody downstream may keep it.
    pub ttl_left: Duration,
}

/// A value on its way into a store.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// The key.
    pub key: &'a str,
    /// The bytes to store.
    pub value: Bytes,
    /// How long they live.
    pub ttl: Ttl,
    /// The entities that the key names. Empty is allowed: the key is then found by walking over all keys.
    pub tags: &'a [Tag],
}

impl<'a> Record<'a> {
    /// A value with no tags.
    #[must_use]
    pub const fn new(key: &'a str, value: Bytes, ttl: Ttl) -> Self {
        Self { key, value, ttl, tags: &[] }
    }

    /// The same about `tags`.
    #[must_use]
    pub fn tagged(self, tags: &'a [Tag]) -> Self {
        Self { tags, ..self }
    }
}

/// An entity and which one: `workspace:ws123`. A store lists the keys of each tag, so that all of an
/// entity's are found without walking over everybody's. It knows no schema: to it a tag is a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(String);

impl Tag {
    /// The tag of `id`, which may be any text: it is escaped as in a key.
    ///
    /// ```
    /// use samekey::server::Tag;
    /// assert_eq!(Tag::new("workspace", "ws:7d")?.as_str(), "workspace:ws%3A7d");
    /// # Ok::<(), samekey::schema::KeyError>(())
    /// ```
    ///
    /// # Errors
    /// [`KeyError::EmptyIdentifier`] when either is empty.
    pub fn new(entity: &str, id: &str) -> Result<Self, KeyError> {
        Ok(Self(format!("{}:{}", encode_segment(entity)?, encode_segment(id)?)))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
