//! What is owed outlasts the process that owes it. A process that dies is the file as it was when it died: a copy. That
//! a real one dies is `tests/operate/owed.rs`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{
    Backplane, CacheService, Chaos, ChaosStore, MemoryLog, MemoryStore, Operation, Read, Record,
    RecoveryConfig, RecoveryStore, Store, StoreErrorKind, Ttl,
};
use serde_json::json;
use tokio::time::sleep;

use crate::fixture::{kpis, schema};

type Recovering = RecoveryStore<ChaosStore<Arc<MemoryStore>>>;

/// A node's disk: a folder, gone when dropped.
struct Disk(PathBuf);

impl Disk {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Relaxed);
        let folder = format!("samekey-owed-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("owed")
    }

    /// As a process that dies now leaves it.
    fn after_death(&self) -> Self {
        let other = Self::new();
        std::fs::copy(self.file(), other.file()).unwrap();
        other
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A process over what is really there.
fn process(beneath: &Arc<MemoryStore>, disk: &Disk, config: RecoveryConfig) -> (Recovering, Chaos) {
    let (store, chaos) = ChaosStore::new(beneath.clone());
    let store = RecoveryStore::new(store, config).kept_in(disk.file(), &schema()).unwrap();
    (store, chaos)
}

async fn put(store: &impl Store, key: &str) {
    let ttl = Ttl::new(Duration::from_secs(600)).unwrap();
    store.set(Record::new(key, Bytes::from_static(b"old"), ttl)).await.unwrap();
}

/// Three keys; an outage keeps one from being deleted and a pattern from being carried out. The disk, as a death leaves
/// it then.
async fn outage(beneath: &Arc<MemoryStore>, config: &RecoveryConfig) -> Disk {
    let disk = Disk::new();
    let (store, chaos) = process(beneath, &disk, config.clone());
    for key in ["exec:kpis:ws1", "agent:analytics:a7:7d", "exec:kpis:ws2"] {
        put(&store, key).await;
    }
    chaos.on(Operation::ALL).fail(StoreErrorKind::Unavailable);
    let by_key = store.delete(&["exec:kpis:ws1"]).await.unwrap_err();
    let patterns = [Pattern::parse("agent:*:a7:*").unwrap()];
    let by_pattern = store.delete_matching(&patterns, &[]).await.unwrap_err();
    for error in [by_key, by_pattern] {
        assert_eq!(error.kind(), StoreErrorKind::Queued);
        assert!(!error.to_string().contains("unless"), "{error}");
    }
    let status = store.recovery().status();
    assert_eq!((status.pending_keys, status.pending_patterns, status.unsaved), (1, 1, 0));
    disk.after_death()
}

#[tokio::test]
async fn what_a_dead_process_owed_is_not_believed_from_the_first_moment_and_is_carried_out() {
    let beneath = Arc::new(MemoryStore::default());
    let disk = outage(&beneath, &RecoveryConfig::default()).await;
    assert!(beneath.exists("exec:kpis:ws1").await.unwrap(), "the store came back with it");

    // Reads work, removals do not yet.
    let (store, chaos) = ChaosStore::new(beneath.clone());
    chaos.on([Operation::Delete, Operation::DeleteMatching]).fail(StoreErrorKind::Busy);
    let store = RecoveryStore::new(store, RecoveryConfig::default());
    let store = store.kept_in(disk.file(), &schema()).unwrap();
    for key in ["exec:kpis:ws1", "agent:analytics:a7:7d"] {
        assert_eq!(store.get(key).await.unwrap(), None, "{key}");
    }
    assert!(store.get("exec:kpis:ws2").await.unwrap().is_some());

    chaos.calm();
    store.recovery().settled().await;
    for (key, there) in
        [("exec:kpis:ws1", false), ("agent:analytics:a7:7d", false), ("exec:kpis:ws2", true)]
    {
        assert_eq!(beneath.exists(key).await.unwrap(), there, "{key}");
    }
    while disk.text().lines().count() > 1 {
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn without_a_file_it_is_served_again() {
    let beneath = Arc::new(MemoryStore::default());
    outage(&beneath, &RecoveryConfig::default()).await;
    let store = RecoveryStore::new(beneath.clone(), RecoveryConfig::default());
    assert!(store.get("exec:kpis:ws1").await.unwrap().is_some());
}

#[tokio::test]
async fn what_can_no_longer_be_there_is_not_asked_for_again() {
    let mut config = RecoveryConfig::default();
    config.horizon = Duration::from_secs(1);
    let beneath = Arc::new(MemoryStore::default());
    let disk = outage(&beneath, &config).await;
    sleep(Duration::from_millis(2_100)).await;
    let (store, _) = process(&beneath, &disk, config);
    let status = store.recovery().status();
    assert_eq!((status.pending_keys, status.pending_patterns, status.expired), (0, 0, 2));
}

#[tokio::test]
async fn where_a_line_is_spoilt_nothing_of_the_schema_is_believed() {
    let beneath = Arc::new(MemoryStore::default());
    let disk = outage(&beneath, &RecoveryConfig::default()).await;
    put(&*beneath, "celery:task:1").await;
    std::fs::write(disk.file(), disk.text().replace("exec:kpis:ws1", "exec:kpis:ws9")).unwrap();
    let (store, _) = process(&beneath, &disk, RecoveryConfig::default());
    assert_eq!(store.get("exec:kpis:ws2").await.unwrap(), None, "it may be the one");
    store.recovery().settled().await;
    assert!(!beneath.exists("exec:kpis:ws1").await.unwrap());
    assert!(beneath.exists("celery:task:1").await.unwrap(), "others' keys are others'");
}

#[tokio::test]
async fn half_a_line_at_the_end_hides_nothing_of_what_was_promised() {
    let beneath = Arc::new(MemoryStore::default());
    let disk = outage(&beneath, &RecoveryConfig::default()).await;
    std::fs::write(disk.file(), disk.text() + "0123456789abcdef {\"at\":1,\"ke").unwrap();
    let (store, _) = process(&beneath, &disk, RecoveryConfig::default());
    assert_eq!(store.recovery().pending(), 2);
    store.recovery().settled().await;
    assert!(!beneath.exists("exec:kpis:ws1").await.unwrap());
    assert!(beneath.exists("exec:kpis:ws2").await.unwrap());
}

/// Of a browser that heard nothing of the invalidation, since the node died with the notice.
#[tokio::test]
async fn browsers_are_told_of_it_when_it_has_been_carried_out() {
    let beneath = Arc::new(MemoryStore::default());
    let disk = outage(&beneath, &RecoveryConfig::default()).await;
    let log = Arc::new(MemoryLog::default());
    let before = log.latest().await.unwrap();
    let cache = CacheService::builder(schema())
        .store(beneath.clone())
        .backplane(log.clone())
        .recovery_file(disk.file())
        .build()
        .unwrap();
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), None);
    let told = || async {
        let Read::Entries(entries) = log.read(before, 10).await.unwrap() else { panic!("a gap") };
        let notices = entries.into_iter().filter_map(|entry| entry.notice.unwrap());
        let patterns = notices.flat_map(|notice| notice.patterns);
        patterns.map(|pattern| pattern.to_string()).collect::<Vec<_>>()
    };
    while told().await.is_empty() {
        sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(told().await, ["exec:kpis:ws1", "agent:*:a7:*"]);
    assert!(!beneath.exists("exec:kpis:ws1").await.unwrap(), "before that, it is gone");
    let compute = || async { Ok::<_, samekey::server::CacheError>(json!("new")) };
    assert_eq!(*cache.get_or_compute(&kpis("ws1"), compute).await.unwrap(), json!("new"));
}

#[tokio::test]
async fn two_services_with_one_file_are_refused_and_each_in_words() {
    let disk = Disk::new();
    let builder = || CacheService::builder(schema()).recovery_file(disk.file());
    let first = builder().build().unwrap();
    let error = builder().build().unwrap_err();
    assert_eq!(error.code(), "E_RECOVERY_LOCKED", "{error}");
    let error = CacheService::builder(schema()).recovery_file(disk.0.join("no/folder")).build();
    assert_eq!(error.unwrap_err().code(), "E_RECOVERY_FILE");
    drop(first);
}
