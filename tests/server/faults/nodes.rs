//! Rows 38, 39, 42, 43: several nodes, a Redis between them, and the line between them cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use samekey::server::{
    Backplane, CacheService, ChaosStore, LogId, MemoryLog, MemoryStore, Notice, Operation, Read,
    RedisStore, Store, StoreError, StoreErrorKind, StoreFuture,
};
use serde_json::json;

use super::{eventually, of, unhurried};
use crate::fault_proxy::FaultProxy;
use crate::fixture::{executive, kpis, schema};
use crate::redis_server::RedisServer;
use crate::waiting::PATIENCE;

/// A node with copies in process.
fn node(url: impl Into<String>) -> CacheService {
    CacheService::new(schema(), RedisStore::new(&unhurried(url)).unwrap())
}

async fn armed(cache: &CacheService) {
    eventually("it hears of changes", async || cache.get_cache_stats().await.l1_armed).await;
}

/// Reads until this process holds the value itself.
async fn hold(cache: &CacheService, workspace: &str) {
    eventually("it holds the value", async || {
        cache.get(&kpis(workspace)).await.unwrap().is_some()
            && cache.get_cache_stats().await.l1_entries > 0
    })
    .await;
}

/// 38: the connection that tells of changes dies, and the value changes meanwhile: the old copy is not served
/// any more when the connection is back.
#[tokio::test]
async fn row_38_a_copy_does_not_survive_the_connection_that_would_tell_of_its_change() {
    let server = RedisServer::start();
    let cache = node(server.url());
    armed(&cache).await;
    let mut other = server.client().await;
    for round in 0..10 {
        let before = format!(r#"{{"round":{round},"before":true}}"#);
        let after = format!(r#"{{"round":{round},"before":false}}"#);
        let set = |value: String| {
            redis::cmd("SET").arg("exec:kpis:ws1").arg(value).arg("PX").arg(60_000).clone()
        };
        let _: () = set(before).query_async(&mut other).await.unwrap();
        eventually("the value is there", async || {
            cache.get(&kpis("ws1")).await.is_ok_and(|value| {
                value.is_some_and(|value| value["before"] == true && value["round"] == round)
            })
        })
        .await;
        armed(&cache).await;
        hold(&cache, "ws1").await;
        let mut pipeline = redis::pipe();
        pipeline.cmd("CLIENT").arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes");
        pipeline.add_command(set(after));
        let _: () = pipeline.ignore().query_async(&mut other).await.unwrap();
        let killed = Instant::now();
        eventually("the new one is", async || {
            cache
                .get(&kpis("ws1"))
                .await
                .is_ok_and(|value| value.is_some_and(|value| value["before"] == false))
        })
        .await;
        // Once new, never old again.
        while killed.elapsed() < Duration::from_millis(300) {
            if let Ok(Some(value)) = cache.get(&kpis("ws1")).await {
                assert_eq!(value["before"], false);
            }
        }
    }
}

/// 39: FLUSHALL by somebody else: no copy of any node is served when it has heard of that.
#[tokio::test]
async fn row_39_a_flushed_redis_leaves_no_copies() {
    let server = RedisServer::start();
    let nodes = [node(server.url()), node(server.url())];
    for cache in &nodes {
        armed(cache).await;
    }
    let mut other = server.client().await;
    for command in ["FLUSHALL", "FLUSHDB"] {
        nodes[0].set(&kpis("ws1"), &of("ws1")).await.unwrap();
        for cache in &nodes {
            hold(cache, "ws1").await;
        }
        let _: () = redis::cmd(command).query_async(&mut other).await.unwrap();
        for cache in &nodes {
            let is_gone = async || cache.get(&kpis("ws1")).await.unwrap().is_none();
            eventually(command, is_gone).await;
        }
    }
}

/// 42: two nodes write and invalidate while their lines to Redis are cut, and Redis keeps its old values: when
/// the lines are back, no node serves anything from before.
#[tokio::test]
async fn row_42_what_nodes_did_during_an_outage_holds_after_it() {
    let server = RedisServer::start();
    let lines = [FaultProxy::start(server.port()).await, FaultProxy::start(server.port()).await];
    let nodes = [node(lines[0].url()), node(lines[1].url())];
    let bystander = node(server.url());
    for workspace in ["ws1", "ws2", "ws3"] {
        bystander.set(&kpis(workspace), &json!("old")).await.unwrap();
        bystander.set(&executive(workspace, "7d"), &json!("old")).await.unwrap();
    }
    for cache in nodes.iter().chain([&bystander]) {
        armed(cache).await;
        for workspace in ["ws1", "ws2", "ws3"] {
            cache.get(&kpis(workspace)).await.unwrap();
            cache.get(&executive(workspace, "7d")).await.unwrap();
        }
    }
    lines.iter().for_each(FaultProxy::outage);
    for round in 0..3 {
        for (cache, name) in nodes.iter().zip(["one", "two"]) {
            cache.set(&kpis("ws1"), &json!(format!("{name} {round}"))).await.unwrap_err();
            assert_eq!(cache.delete(kpis("ws3")).await.unwrap_err().code(), "E_STORE_QUEUED");
        }
        let queued = nodes[1].invalidate_workspace("ws2").await.unwrap_err();
        assert_eq!(queued.code(), "E_STORE_QUEUED");
    }
    assert_eq!(nodes[0].recovery().status().pending_keys, 2, "one per key");
    assert_eq!(nodes[1].recovery().pending(), 4, "two keys, two patterns");

    lines.iter().for_each(FaultProxy::clear_up);
    let back = Instant::now();
    let gone = [kpis("ws1"), kpis("ws2"), kpis("ws3"), executive("ws2", "7d")];
    // The nodes that did it believe nothing of it from the first moment.
    while nodes.iter().any(|cache| cache.recovery().pending() > 0) {
        for key in &gone {
            if let Ok(found) = nodes[1].get(key).await {
                assert_eq!(found, None, "{}", key.as_str());
            }
        }
        assert!(back.elapsed() < PATIENCE, "it is never carried out");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    for cache in nodes.iter().chain([&bystander]) {
        for key in &gone {
            eventually(key.as_str(), async || cache.get(key).await.unwrap().is_none()).await;
        }
        assert!(cache.get(&executive("ws1", "7d")).await.unwrap().is_some(), "not concerned");
    }
    // From here on all agree on what is written.
    nodes[0].set(&kpis("ws1"), &json!("newest")).await.unwrap();
    for cache in nodes.iter().chain([&bystander]) {
        eventually("all have the newest", async || {
            cache.get(&kpis("ws1")).await.unwrap().as_deref() == Some(&json!("newest"))
        })
        .await;
    }
}

/// 42: a burst of invalidations during an outage takes a bounded room, and nothing of them is forgotten.
#[tokio::test]
async fn row_42_the_queue_is_bounded_and_forgets_nothing() {
    let server = RedisServer::start();
    let line = FaultProxy::start(server.port()).await;
    let mut recovery = samekey::server::RecoveryConfig::default();
    (recovery.most_keys, recovery.most_patterns) = (100, 100);
    let store = RedisStore::new(&unhurried(line.url())).unwrap();
    let cache = CacheService::builder(schema()).store(store).recovery(recovery).build().unwrap();
    let bystander = node(server.url());
    for workspace in 0..1_000 {
        bystander.set(&kpis(&format!("ws{workspace}")), &json!("old")).await.unwrap();
    }
    line.outage();
    for workspace in 0..500 {
        cache.delete(kpis(&format!("ws{workspace}"))).await.unwrap_err();
        cache.invalidate_workspace(&format!("ws{workspace}")).await.unwrap_err();
    }
    assert!(cache.recovery().pending() <= 200, "{:?}", cache.recovery().status());
    line.clear_up();
    tokio::time::timeout(PATIENCE, cache.recovery().settled()).await.unwrap();
    for workspace in 0..500 {
        let key = kpis(&format!("ws{workspace}"));
        // It hears of it in its turn.
        eventually(key.as_str(), async || bystander.get(&key).await.unwrap().is_none()).await;
    }
}

/// A log that is out of reach when told to be.
struct Unreachable {
    log: MemoryLog,
    away: AtomicBool,
}

impl Unreachable {
    fn reach<'a, T: Send + 'a>(&'a self, call: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        Box::pin(async move {
            if self.away.load(SeqCst) {
                // Any error of the store's will do; there is no way to make one from outside but to have one.
                return Err(refusal().await);
            }
            call.await
        })
    }

    async fn told(&self, from: LogId) -> Vec<Notice> {
        match self.log.read(from, 1_000).await.unwrap() {
            Read::Entries(entries) => {
                entries.into_iter().filter_map(|entry| entry.notice.unwrap()).collect()
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn refusal() -> StoreError {
    let (store, chaos) = ChaosStore::new(MemoryStore::default());
    chaos.on([Operation::Ping]).fail(StoreErrorKind::Unavailable);
    store.ping().await.unwrap_err()
}

impl Backplane for Unreachable {
    fn kind(&self) -> &'static str {
        "memory"
    }
    fn append<'a>(&'a self, notice: &'a Notice) -> StoreFuture<'a, LogId> {
        self.reach(self.log.append(notice))
    }
    fn latest(&self) -> StoreFuture<'_, LogId> {
        self.reach(self.log.latest())
    }
    fn read(&self, after: LogId, limit: usize) -> StoreFuture<'_, Read> {
        self.reach(self.log.read(after, limit))
    }
    fn follow(&self, after: LogId) -> StoreFuture<'_, Read> {
        self.reach(self.log.follow(after))
    }
}

/// 43: the log is there and the store is not, and the other way round: nobody is told before the store has done
/// it, and everybody is told after it, once.
#[tokio::test]
async fn row_43_nobody_is_told_of_an_invalidation_before_the_store_has_done_it() {
    let (store, chaos) = ChaosStore::new(MemoryStore::default());
    let log = Arc::new(Unreachable { log: MemoryLog::default(), away: AtomicBool::new(false) });
    let cache =
        CacheService::builder(schema()).store(store).backplane(log.clone()).build().unwrap();
    cache.set(&kpis("ws1"), &json!("old")).await.unwrap();
    let start = log.log.latest().await.unwrap();
    chaos.on(Operation::ALL).fail(StoreErrorKind::Unavailable);
    for _ in 0..3 {
        cache.invalidate_workspace("ws1").await.unwrap_err();
    }
    cache.delete(kpis("ws2")).await.unwrap_err();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(log.told(start).await, [], "the store still has it");
    chaos.calm();
    eventually("both are told", async || log.told(start).await.len() == 2).await;
    let told = log.told(start).await;
    let patterns: Vec<Vec<_>> = told
        .iter()
        .map(|notice| notice.patterns.iter().map(ToString::to_string).collect())
        .collect();
    assert_eq!(patterns[0], ["exec:kpis:ws1", "exec:dashboard:ws1:*"]);
    assert_eq!(told[0].scope, [("workspace".to_owned(), "ws1".to_owned())], "as if in time");
    assert_eq!(patterns[1], ["exec:kpis:ws2"]);
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), None);

    let start = log.log.latest().await.unwrap();
    log.away.store(true, SeqCst);
    cache.invalidate_workspace("ws3").await.unwrap();
    assert_eq!(log.told(start).await, []);
    log.away.store(false, SeqCst);
    eventually("it is told", async || log.told(start).await.len() == 1).await;
}
