//! A service, part by part.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::assembly::Guarded;
use super::{CacheService, Policy};
use crate::schema::{Schema, SchemaError};
use crate::server::access::AuditLog;
use crate::server::backplane::{Backplane, StreamConfig};
use crate::server::codec::Codec;
use crate::server::error::CacheError;
use crate::server::l1::L1Config;
use crate::server::recovery::RecoveryConfig;
use crate::server::store::{BreakerConfig, MemoryStore, Store};

/// Builds a [`CacheService`]; made by [`CacheService::builder`].
pub struct CacheServiceBuilder {
    pub(super) schema: Schema,
    pub(super) store: Box<dyn Store>,
    /// The default depends on the store.
    pub(super) codec: Option<Codec>,
    pub(super) l1: L1Config,
    pub(super) policy: Policy,
    pub(super) families: HashMap<String, Policy>,
    pub(super) breaker: BreakerConfig,
    pub(super) recovery: RecoveryConfig,
    pub(super) recovery_file: Option<PathBuf>,
    /// The store's own where there is one.
    pub(super) log: Option<Arc<dyn Backplane>>,
    pub(super) stream: StreamConfig,
    pub(super) audit: Option<AuditLog>,
}

impl CacheServiceBuilder {
    pub(super) fn new(schema: &Schema) -> Self {
        Self {
            schema: schema.clone(),
            store: Box::new(MemoryStore::default()),
            codec: None,
            l1: L1Config::default(),
            policy: Policy::default(),
            families: HashMap::new(),
            breaker: BreakerConfig::default(),
            recovery: RecoveryConfig::default(),
            recovery_file: None,
            log: None,
            stream: StreamConfig::default(),
            audit: None,
        }
    }

    /// Where the values live. This process, unless said otherwise.
    #[must_use]
    pub fn store(self, store: impl Store) -> Self {
        Self { store: Box::new(store), ..self }
    }

    /// When a store that fails is not asked any more, and when it is asked again.
    #[must_use]
    pub fn breaker(self, breaker: BreakerConfig) -> Self {
        Self { breaker, ..self }
    }

    /// How many removals are remembered that a failing store did not carry out.
    #[must_use]
    pub fn recovery(self, recovery: RecoveryConfig) -> Self {
        Self { recovery, ..self }
    }

    /// Where they are remembered beyond this process too: what an earlier one left is carried out first, and not believed
    /// before. One service has a file; it is made if there is none, and nobody but its owner reads it. Without one, what is
    /// owed ends with the process.
    ///
    /// ```no_run
    /// # let schema = samekey::schema::Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
    /// use samekey::server::{CacheService, store_for};
    ///
    /// let redis = std::env::var("REDIS_URL").ok();
    /// let cache = CacheService::builder(&schema)
    ///     .store(store_for(redis.as_deref())?)
    ///     .recovery_file("/var/lib/app/recovery") // on a volume that the next process has too
    ///     .build()?; // `E_RECOVERY_LOCKED`: another process has it
    /// # Ok::<(), samekey::server::CacheError>(())
    /// ```
    #[must_use]
    pub fn recovery_file(self, path: impl Into<PathBuf>) -> Self {
        Self { recovery_file: Some(path.into()), ..self }
    }

    /// What stands in the store for a value: plain JSON, unless said otherwise. Sensitive families are encrypted in any
    /// case: without a codec that has a key, they are kept by an in-process store only.
    #[must_use]
    pub fn codec(self, codec: Codec) -> Self {
        Self { codec: Some(codec), ..self }
    }

    /// How much this process keeps for itself. 64 MiB by default.
    #[must_use]
    pub fn l1(self, l1: L1Config) -> Self {
        Self { l1, ..self }
    }

    /// What holds for every family that has no policy of its own.
    #[must_use]
    pub fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// What holds for one family, instead of the service's policy.
    #[must_use]
    pub fn family(mut self, name: impl Into<String>, policy: Policy) -> Self {
        self.families.insert(name.into(), policy);
        self
    }

    /// The log of invalidations that all nodes read. The store's own, unless said otherwise: a stream in Redis, or a ring
    /// in this process.
    #[must_use]
    pub fn backplane(self, log: Arc<dyn Backplane>) -> Self {
        Self { log: Some(log), ..self }
    }

    /// How the log is streamed to browsers.
    #[must_use]
    pub fn stream(self, stream: StreamConfig) -> Self {
        Self { stream, ..self }
    }

    /// Where it is written down who invalidated what over HTTP, who read a sensitive family, and what stands in the store
    /// that this service did not write. Nowhere, unless said.
    #[must_use]
    pub fn audit(self, log: AuditLog) -> Self {
        Self { audit: Some(log), ..self }
    }

    /// The service.
    ///
    /// # Errors
    /// [`CacheError::Schema`] for a policy of a family that the schema does not have; [`CacheError::RecoveryFile`].
    ///
    /// # Panics
    /// Outside a Tokio runtime, for a store that others write to: it is followed by a task.
    pub fn build(mut self) -> Result<CacheService, CacheError> {
        if let Some(name) = self.families.keys().find(|name| self.schema.family(name).is_none()) {
            return Err(SchemaError::UnknownFamily(name.clone()).into());
        }
        let mut guarded = self.guarded();
        if let Some(file) = &self.recovery_file {
            guarded = guarded.kept_in(file, &self.schema)?;
        }
        Ok(CacheService::assemble(self, guarded))
    }

    /// Takes the store.
    pub(super) fn guarded(&mut self) -> Guarded {
        let store = std::mem::replace(&mut self.store, Box::new(MemoryStore::default()));
        Guarded::new(store, self.breaker.clone(), self.recovery.clone())
    }
}

impl std::fmt::Debug for CacheServiceBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CacheServiceBuilder")
            .field("schema", &self.schema.name)
            .field("store", &self.store.kind())
            .field("codec", &self.codec)
            .field("l1", &self.l1)
            .field("policy", &self.policy)
            .field("families", &self.families)
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}
