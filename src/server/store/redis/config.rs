//! How to reach Redis, and how long to wait for it.

use std::fmt;
use std::time::Duration;

/// How to reach Redis, and how long to wait for it.
#[derive(Clone)]
pub struct RedisConfig {
    /// `redis://[[user]:password@]host[:port][/database]`.
    pub url: String,
    /// Stands before every key, such as `shadower:prod:`. Empty by default: keys are then byte for byte
    /// those of the schema, which other languages read. A database number is no substitute: Redis's
    /// invalidation pushes and channels cross databases.
    pub namespace: String,
    /// The longest to wait for an answer. A cache that is slower than this is worse than none.
    pub response_timeout: Duration,
    /// The longest to wait for a connection.
    pub connect_timeout: Duration,
}

impl RedisConfig {
    /// No namespace, 100 ms for an answer, 100 ms for a connection.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            namespace: String::new(),
            response_timeout: Duration::from_millis(100),
            connect_timeout: Duration::from_millis(100),
        }
    }

    /// With `namespace` before every key. Whatever separates it from the key, such as a final `:`, is
    /// part of it.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }
}

impl fmt::Debug for RedisConfig {
    /// Leaves the URL out: it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisConfig")
            .field("namespace", &self.namespace)
            .field("response_timeout", &self.response_timeout)
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}
