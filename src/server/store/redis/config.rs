//! How to reach Redis, and how long to wait for it.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::link::Link;

/// How to reach Redis, and how long to wait for it.
#[derive(Clone)]
pub struct RedisConfig {
    /// `redis://[[user]:password@]host[:port][/database]`, or `rediss://…` for TLS (feature `tls`). Several with
    /// commas between them are a cluster.
    pub url: String,
    /// Whether the server is one of a Redis Cluster (feature `cluster`): the others are found by asking it.
    /// A cluster has no databases but 0. So that one primary's failure costs its own keys only, set
    /// `cluster-require-full-coverage no` on the servers.
    pub cluster: bool,
    /// The certificate, as PEM, that a `rediss://` server's own is signed with, where no public authority
    /// has signed it.
    pub root_certificate: Option<Vec<u8>>,
    /// Stands before every key, such as `shadower:prod:`. Empty by default: keys are then byte for byte
    /// those of the schema, which other languages read. A database number is no substitute: Redis's
    /// invalidation pushes and channels cross databases.
    pub namespace: String,
    /// Whether nobody but this cache writes under the namespace, and the server never dropped what does not
    /// expire. Then an invalidation by entity trusts the store's own lists from the start; keys that another program
    /// writes all the same are found late, by the audit behind it. `false` by default, which is as quick on a server
    /// that tracks and keeps the lists, also on each of a cluster: the store finds out by itself what others write.
    /// Saves the looking.
    pub sole_writer: bool,
    /// Whether changes are announced over pub/sub, and heard so, although the server may know `CLIENT
    /// TRACKING`. A server that does not know it is found out, but by those only who follow changes: say so
    /// where some nodes write without following. Not in a cluster.
    pub announce: bool,
    /// The longest to wait for an answer. A cache that is slower than this is worse than none.
    pub response_timeout: Duration,
    /// The longest to wait for a connection. With TLS, three or four trips to the server and some arithmetic.
    pub connect_timeout: Duration,
}

/// One trip on the network of a data centre, a hundred times over.
const CONNECT: Duration = Duration::from_millis(100);

/// The server may be another provider's, and both sides compute before they agree. Connections are made seldom.
const CONNECT_TLS: Duration = Duration::from_secs(1);

impl RedisConfig {
    /// No namespace, 100 ms for an answer, 100 ms for a connection, and 1 s for one with TLS.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        let url = url.into();
        // Of several, all have it or none.
        let is_tls = url.trim_start().starts_with("rediss:");
        Self {
            url,
            cluster: false,
            root_certificate: None,
            namespace: String::new(),
            sole_writer: false,
            announce: false,
            response_timeout: Duration::from_millis(100),
            connect_timeout: if is_tls { CONNECT_TLS } else { CONNECT },
        }
    }

    /// With `namespace` before every key. Whatever separates it from the key, such as a final `:`, is
    /// part of it.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// The server is one of a cluster; see the field.
    #[must_use]
    pub const fn cluster(mut self) -> Self {
        self.cluster = true;
        self
    }

    /// For `rediss://` with a certificate of one's own; see the field.
    #[must_use]
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificate = Some(pem.into());
        self
    }

    /// Changes are announced by those who make them; see the field.
    #[must_use]
    pub const fn announce(mut self, announces: bool) -> Self {
        self.announce = announces;
        self
    }

    /// Where the keys are: whoever is configured for the same, by whatever user, has the same keys.
    pub(super) fn place(&self) -> String {
        let servers = self.url.split(',').filter_map(|url| Link::address(url.trim()).ok());
        let servers =
            servers.map(|server| format!("{}/{}", server.addr(), server.redis_settings().db()));
        let servers: BTreeSet<_> = servers.collect();
        format!("{} {}", Vec::from_iter(servers).join(","), self.namespace)
    }

    /// Says that nobody else writes here; see the field.
    #[must_use]
    pub const fn sole_writer(mut self, is_sole: bool) -> Self {
        self.sole_writer = is_sole;
        self
    }
}

impl fmt::Debug for RedisConfig {
    /// Leaves the URL out: it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisConfig")
            .field("namespace", &self.namespace)
            .field("cluster", &self.cluster)
            .field("sole_writer", &self.sole_writer)
            .field("response_timeout", &self.response_timeout)
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}
