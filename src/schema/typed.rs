//! A key that knows what stands under it.

use core::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crate::Key;

/// A [`Key`] with the type of its value, its family and its lifetime. What the functions that
/// `schema!` generates return.
pub struct TypedKey<T> {
    key: Key,
    family: &'static str,
    ttl: Duration,
    // A function's result, so that the key is `Send` and `Sync` whatever the value is.
    value: PhantomData<fn() -> T>,
}

impl<T> TypedKey<T> {
    /// For generated code: nothing checks here that `key` is of `family`.
    #[must_use]
    pub const fn new(key: Key, family: &'static str, ttl: Duration) -> Self {
        Self { key, family, ttl, value: PhantomData }
    }

    /// The key's text, as it stands in Redis.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.key.as_str()
    }

    /// The key without its type.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// The family's name.
    #[must_use]
    pub const fn family(&self) -> &'static str {
        self.family
    }

    /// How long a value lives under this key.
    #[must_use]
    pub const fn ttl(&self) -> Duration {
        self.ttl
    }

    /// The same key for values that live for `ttl`, instead of what the schema says.
    #[must_use]
    pub fn living_for(self, ttl: Duration) -> Self {
        Self { ttl, ..self }
    }

    /// The same key for values that may be nothing: JSON's `null`.
    #[must_use]
    pub fn optional(self) -> TypedKey<Option<T>> {
        TypedKey::new(self.key, self.family, self.ttl)
    }

    /// The key, without a copy.
    #[must_use]
    pub fn into_key(self) -> Key {
        self.key
    }
}

impl<T> AsRef<str> for TypedKey<T> {
    fn as_ref(&self) -> &str {
        self.key.as_str()
    }
}

impl<T> Clone for TypedKey<T> {
    fn clone(&self) -> Self {
        Self::new(self.key.clone(), self.family, self.ttl)
    }
}

impl<T> PartialEq for TypedKey<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<T> Eq for TypedKey<T> {}

impl<T> fmt::Display for TypedKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.key, f)
    }
}

impl<T> fmt::Debug for TypedKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.key, f)
    }
}
