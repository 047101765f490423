//! A service's parts, put together.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Weak};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{CacheService, CacheServiceBuilder, Inner, Telling};
use crate::schema::{Schema, TemplateSegment};
use crate::server::backplane::{Copies, MemoryLog, Notices};
use crate::server::codec::{Codec, CodecSettings, KeyRing};
use crate::server::compute::{Failures, Flights};
use crate::server::families::Families;
use crate::server::invalidation::foreign::{self, Expiries};
use crate::server::invalidation::{Hooks, LateNotices};
use crate::server::jobs::JobsCounts;
use crate::server::l1::{self, L1};
use crate::server::recovery::{RecoveryConfig, RecoveryFileError, RecoveryStore};
use crate::server::stats::Counters;
use crate::server::store::{
    Breaker, BreakerConfig, BreakerStore, Number, Sharer, SharingStore, Store,
};
use crate::server::telemetry::ObservedStore;
use crate::server::telemetry::times::StoreTimes;

/// The store with what stands before it.
pub(super) struct Guarded {
    store: RecoveryStore<BreakerStore<ObservedStore<SharingStore>>>,
    /// Which of those who share the store it is.
    number: Number,
    breaker: Breaker,
    store_times: Arc<StoreTimes>,
}

impl Guarded {
    pub(super) fn new(
        store: Box<dyn Store>,
        breaker: BreakerConfig,
        recovery: RecoveryConfig,
    ) -> Self {
        let store_times = Arc::new(StoreTimes::new());
        let times = store_times.clone();
        let store = SharingStore::new(store);
        let number = store.number();
        let store = BreakerStore::new(ObservedStore::new(store), breaker)
            .timed(move |operation, time| times.of(operation).record(time));
        let breaker = store.breaker();
        let store = RecoveryStore::new(store, recovery).after(&breaker);
        Self { store, number, breaker, store_times }
    }

    pub(super) fn kept_in(self, file: &Path, schema: &Schema) -> Result<Self, RecoveryFileError> {
        Ok(Self { store: self.store.kept_in(file, schema)?, ..self })
    }
}

impl CacheService {
    pub(super) fn assemble(parts: CacheServiceBuilder, guarded: Guarded) -> Self {
        let CacheServiceBuilder { schema, codec, l1, policy, families, audit, .. } = parts;
        let Guarded { store, number, breaker, store_times } = guarded;
        let codec = codec.unwrap_or_else(|| default_codec(&schema, &store));
        let following = CancellationToken::new();
        let prefixes = key_prefixes(&schema);
        let prefixes: Vec<_> = prefixes.iter().map(String::as_str).collect();
        let changes = (l1 != l1::L1Config::off()).then(|| store.changes(&prefixes)).flatten();
        let log = parts.log.or_else(|| store.backplane());
        let log = log.unwrap_or_else(|| Arc::new(MemoryLog::default()));
        let inner = Arc::new(Inner {
            families: Arc::new(Families::new(&schema, &policy, &families)),
            l1: L1::new(l1, changes.is_none()),
            notices: Notices::new(schema.clone(), log, parts.stream),
            late: LateNotices::default(),
            hooks: Hooks::default(),
            expiries: Expiries::default(),
            jobs: JobsCounts::default(),
            schema,
            breaker,
            recovery: store.recovery(),
            place: store.sharers().place().clone(),
            store: Box::new(store),
            codec,
            audit,
            flights: Flights::new(),
            failures: Failures::default(),
            counters: Counters::default(),
            store_times,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            _following: following.clone().drop_guard(),
        });
        let sharer: Weak<dyn Sharer> = Arc::downgrade(&(inner.clone() as Arc<dyn Sharer>));
        inner.store.sharers().join(number, sharer);
        // Not by way of the service: the store may outlive it, and serve another.
        if inner.store.sharers().has_new(&inner.schema) {
            let (families, schema) = (inner.families.clone(), inner.schema.clone());
            inner.store.know_tags(Arc::new(move |key| families.of_key(&schema, key).tags(key)));
        }
        let copies: Weak<dyn Copies> = Arc::downgrade(&(inner.clone() as Arc<dyn Copies>));
        inner.notices.attach(copies);
        inner.announce_restored();
        foreign::begin(&inner, &prefixes);
        if let Some(changes) = changes {
            let follow = l1::follow(Arc::downgrade(&inner), changes);
            tokio::spawn(async move { following.run_until_cancelled(follow).await });
        }
        Self { inner, telling: Telling::Told }
    }
}

/// Plain JSON. Sensitive families need an encryption key: in this process's memory any will do, anywhere else it is the
/// deployment's to give.
fn default_codec(schema: &Schema, store: &dyn Store) -> Codec {
    if store.kind() == "memory" {
        let keys = CodecSettings::default().keys(KeyRing::ephemeral());
        return keys.for_schema(schema).unwrap_or_else(|_| Codec::plain(schema));
    }
    let sensitive = schema.families.iter().filter(|family| family.sensitive);
    let sensitive: Vec<_> = sensitive.map(|family| family.name.as_str()).collect();
    if !sensitive.is_empty() {
        tracing::warn!(
            families = ?sensitive,
            "E_CODEC_NO_KEY: sensitive, and there is no encryption key; nothing of them is stored"
        );
    }
    Codec::plain(schema)
}

/// What the keys of the schema begin with: `exec:`, `agent:`.
fn key_prefixes(schema: &Schema) -> Vec<String> {
    let first =
        schema.families.iter().filter_map(|family| match family.template.segments().first() {
            Some(TemplateSegment::Literal(literal)) => Some(format!("{literal}:")),
            _ => None,
        });
    first.collect::<BTreeSet<_>>().into_iter().collect()
}
