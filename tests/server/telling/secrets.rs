//! What is never shown, and what is shown to those who ask.

use samekey::server::{CacheService, L1Config, MemoryStore, Record, Store, Ttl};
use samekey::shadower;
use std::sync::Arc;
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;

use super::capture::Spans;
use crate::alone::is_alone;
use crate::fixture::{Counted, kpis, memory_cache};

const TOLD: &str = "samekey.key";

#[tokio::test(start_paused = true)]
async fn keys_and_patterns_are_shown_from_the_level_debug_on() {
    for (level, key, patterns) in [
        (LevelFilter::INFO, None, None),
        (LevelFilter::DEBUG, Some("exec:kpis:ws1"), Some("exec:kpis:ws1 exec:dashboard:ws1:*")),
    ] {
        let cache = memory_cache();
        let (spans, _guard) = Spans::capture(level);
        cache.get_or_compute(&kpis("ws1"), || Counted::default().call()).await.unwrap();
        cache.invalidate_workspace("ws1").await.unwrap();
        assert_eq!(spans.one("samekey.get_or_compute").says(TOLD), key);
        let invalidated = spans.one("samekey.invalidate");
        assert_eq!(invalidated.says("samekey.patterns"), patterns);
        assert_eq!(invalidated.says("samekey.patterns.count"), Some("2"));
        assert_eq!(invalidated.says("samekey.reason"), Some("entity"));
        assert_eq!(invalidated.says("samekey.deleted"), Some("1"));
    }
}

/// As an application has it that writes a log and exports traces.
#[tokio::test(start_paused = true)]
async fn of_two_layers_each_sees_what_its_own_level_wants() {
    // What is kept of a place in the program is the process's: who listens to nothing may be the first to come there.
    if !is_alone("telling::secrets::of_two_layers_each_sees_what_its_own_level_wants") {
        return;
    }
    let (log, traces) = (Spans::default(), Spans::default());
    let subscriber = tracing_subscriber::registry()
        .with(log.clone().with_filter(LevelFilter::INFO))
        .with(traces.clone().with_filter(LevelFilter::DEBUG));
    let _guard = tracing::subscriber::set_default(subscriber);
    let cache = memory_cache();
    for _ in 0..3 {
        cache.get_or_compute(&kpis("ws1"), || Counted::default().call()).await.unwrap();
        cache.invalidate_workspace("ws1").await.unwrap();
    }
    for name in
        ["samekey.get_or_compute", "samekey.flight", "samekey.compute", "samekey.invalidate"]
    {
        assert_eq!((log.named(name).len(), traces.named(name).len()), (3, 3), "{name}");
    }
}

/// Whose activity is looked at is nobody's business but the audit log's.
#[tokio::test(start_paused = true)]
async fn the_identifiers_of_a_sensitive_familys_keys_are_never_shown() {
    let store = Arc::new(MemoryStore::default());
    let cache = CacheService::builder(shadower::schema()).store(store.clone()).l1(L1Config::off());
    let cache = cache.build().unwrap();
    let key = shadower::user_activity("u-anna", "2026-11-23").unwrap();
    let (spans, _guard) = Spans::capture(LevelFilter::TRACE);
    // Not what this service wrote: an error in the log.
    let ttl = Ttl::new(Duration::from_secs(60)).unwrap();
    store.set(Record::new(key.as_str(), "{}".into(), ttl)).await.unwrap();
    assert!(cache.get(&key).await.unwrap().is_none());
    cache.delete(&key).await.unwrap();
    cache.invalidate_pattern("user:activity:u-anna:*").await.unwrap();
    cache.get_or_compute(&key, || async { Err::<_, &str>("no") }).await.unwrap_err();

    assert_eq!(spans.one("samekey.get").says(TOLD), Some("user:activity:*:*"));
    let said = spans.said();
    assert!(said.iter().any(|event| event.contains("E_CODEC_NOT_ENCRYPTED")), "{said:#?}");
    let shown = format!("{:?} {said:?}", spans.all());
    assert!(!shown.contains("u-anna"), "{shown}");
    assert!(shown.contains("user:activity:*"));
}
