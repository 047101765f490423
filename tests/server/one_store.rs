//! Several services of one process over one store: each hears what the others change there.

use std::sync::Arc;
use std::time::Duration;

use samekey::schema::Template;
use samekey::server::{BoxError, CacheService, Lookup, MemoryStore, RedisStore, Store};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::fixture::{Counted, executive, kpis, nth, schema};
use crate::redis_server::RedisServer;
use crate::stream_node::{Node, told};
use crate::waiting::{PATIENCE, eventually};

type Shared = Arc<dyn Store>;

fn in_process() -> Shared {
    Arc::new(MemoryStore::default())
}

fn in_redis(server: &RedisServer) -> Shared {
    Arc::new(RedisStore::new(&server.patient_config()).unwrap())
}

/// Two services, both of which hold values of their own. Of what is set they tell each other in the process only: the notice in
/// the log may come when it has been read again, and what was read would be dropped once more.
async fn two_over(store: Shared) -> (CacheService, CacheService) {
    let service = |store| CacheService::new(schema(), store).without_set_notices();
    let two = (service(store.clone()), service(store));
    for cache in [&two.0, &two.1] {
        while !cache.get_cache_stats().await.l1_armed {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    two
}

async fn read(cache: &CacheService) -> Option<Value> {
    cache.get(&kpis("ws1")).await.unwrap().map(Arc::unwrap_or_clone)
}

/// Stores a value that both hold from then on, and says that they do.
async fn held_by_both(one: &CacheService, two: &CacheService, value: Value) {
    one.set(&kpis("ws1"), &value).await.unwrap();
    // What was removed before may be heard of only now, and then what was read is dropped once more.
    let held = async || {
        for cache in [one, two] {
            assert_eq!(read(cache).await.as_ref(), Some(&value));
            if cache.get_cache_stats().await.l1_entries != 1 {
                return false;
            }
        }
        true
    };
    eventually("both hold it in their process", held).await;
}

async fn each_reads_what_the_other_has_set(store: Shared) {
    let (one, two) = two_over(store).await;
    for round in 0..20 {
        let (writes, reads) = if round % 2 == 0 { (&one, &two) } else { (&two, &one) };
        held_by_both(writes, reads, json!({ "round": round })).await;
        writes.set(&kpis("ws1"), &json!("newer")).await.unwrap();
        assert_eq!(read(reads).await, Some(json!("newer")));
    }
}

async fn each_reads_what_the_other_has_computed_anew(store: Shared) {
    let (one, two) = two_over(store).await;
    held_by_both(&one, &two, json!("old")).await;
    let compute = Counted::default();
    let key = kpis("ws1");
    let anew = two.get_or_compute_with(&key, Lookup::Refresh, || compute.call());
    assert_eq!(anew.await.unwrap(), nth(1));
    assert_eq!(read(&one).await.as_ref(), Some(&*nth(1)));
}

async fn neither_holds_what_the_other_has_removed(store: Shared) {
    let (one, two) = two_over(store).await;
    for way in ["delete", "pattern", "entity"] {
        held_by_both(&one, &two, json!(way)).await;
        match way {
            "delete" => drop(two.delete(&kpis("ws1")).await.unwrap()),
            "pattern" => drop(two.invalidate_pattern("exec:kpis:*").await.unwrap()),
            _ => drop(two.invalidate_workspace("ws1").await.unwrap()),
        }
        for cache in [&one, &two] {
            assert_eq!(read(cache).await, None, "{way}");
        }
    }
    let board = executive("ws1", "7d");
    one.set(&board, &json!(1)).await.unwrap();
    assert!(one.get(&board).await.unwrap().is_some());
    let run = [("workspace_id", "ws1"), ("agent_id", "a1")];
    two.handle_event("agent_run_completed", &run, None).await.unwrap();
    assert_eq!(one.get(&board).await.unwrap(), None);
}

/// A compute of one service that the other's invalidation overtakes answers nobody who asks after it.
async fn nobody_joins_a_compute_that_the_other_has_overtaken(store: Shared) {
    let (one, two) = two_over(store).await;
    let (begun, goes_on) =
        (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    let (began, may_end, cache) = (begun.clone(), goes_on.clone(), one.clone());
    let before = tokio::spawn(async move {
        let compute = || async move {
            began.notify_one();
            may_end.notified().await;
            Ok::<_, BoxError>(json!("before"))
        };
        cache.get_or_compute(&kpis("ws1"), compute).await
    });
    begun.notified().await;
    two.invalidate_workspace("ws1").await.unwrap();
    let after = || async { Ok::<_, BoxError>(json!("after")) };
    let (asked, key) = (one.clone(), kpis("ws1"));
    let answer = timeout(PATIENCE, asked.get_or_compute(&key, after)).await;
    assert_eq!(*answer.expect("it waits for the one before").unwrap(), json!("after"));
    goes_on.notify_one();
    before.await.unwrap().unwrap();
    for cache in [&one, &two] {
        assert_eq!(read(cache).await, Some(json!("after")));
    }
}

async fn they_compute_a_key_once_between_them(store: Shared) {
    let (one, two) = two_over(store).await;
    let (compute, key) = (Counted::default(), kpis("ws1"));
    let asked = [&one, &two, &one, &two].map(|cache| {
        let compute = compute.clone();
        cache.get_or_compute(&key, || compute.call_after(Duration::from_millis(100)))
    });
    for answer in futures_util::future::join_all(asked).await {
        assert_eq!(answer.unwrap(), nth(1));
    }
}

/// Nobody knows whether it was carried out, so nobody goes on with what he held.
#[cfg(feature = "testing")]
#[tokio::test]
async fn a_change_that_is_given_up_or_whose_answer_is_lost_is_told_as_well() {
    use samekey::server::{ChaosStore, Operation, StoreErrorKind};

    for way in ["lost", "given up"] {
        let store = Arc::new(MemoryStore::default());
        let one = CacheService::new(schema(), store.clone()).without_set_notices();
        let (troubled, chaos) = ChaosStore::new(store.clone());
        let two = CacheService::new(schema(), troubled).without_set_notices();
        held_by_both(&one, &two, json!("old")).await;
        match way {
            "lost" => chaos.on([Operation::Set]).lose_answers(StoreErrorKind::Timeout),
            _ => chaos.on([Operation::Set]).hold_answers(),
        };
        let setting = tokio::spawn(async move { two.set(&kpis("ws1"), &json!("newer")).await });
        while store.get("exec:kpis:ws1").await.unwrap().unwrap().value == "\"old\"" {
            tokio::task::yield_now().await;
        }
        if way == "given up" {
            setting.abort();
        }
        assert!(!matches!(setting.await, Ok(Ok(()))), "{way}");
        assert_eq!(read(&one).await, Some(json!("newer")), "{way}");
    }
}

/// Each of the stories above, on each store.
macro_rules! on_each_store {
    ($($story:ident)*) => {
        mod in_this_process {
            $(#[tokio::test]
            async fn $story() {
                super::$story(super::in_process()).await;
            })*
        }
        mod in_redis {
            $(#[tokio::test]
            async fn $story() {
                let server = crate::redis_server::RedisServer::start();
                super::$story(super::in_redis(&server)).await;
            })*
        }
    };
}

on_each_store! {
    each_reads_what_the_other_has_set
    each_reads_what_the_other_has_computed_anew
    neither_holds_what_the_other_has_removed
    nobody_joins_a_compute_that_the_other_has_overtaken
    they_compute_a_key_once_between_them
}

#[tokio::test]
async fn the_browsers_of_each_are_told_what_the_other_invalidates() {
    let server = RedisServer::start();
    for store in [in_process(), in_redis(&server)] {
        let service = || CacheService::new(samekey::shadower::schema(), store.clone());
        let (one, two) = (Node::of(service()).await, Node::of(service()).await);
        let (mut on_one, mut on_two) = (one.stream().await, two.stream().await);
        for (node, workspace) in [(&one, "1"), (&two, "2")] {
            node.invalidate(workspace).await;
            for sse in [&mut on_one, &mut on_two] {
                assert_eq!(sse.invalidated().await, told(workspace), "{}", store.kind());
            }
        }
    }
}

/// The lists of keys by entity are completed by what both know; else each would trust lists that lack the other's keys.
#[tokio::test]
async fn each_finds_by_its_own_schema_what_another_program_wrote() {
    let server = RedisServer::start();
    let store = in_redis(&server);
    let (ours, mut theirs) = (schema(), schema());
    theirs.name = "orders".into();
    theirs.families = vec![theirs.families.remove(1)];
    theirs.families[0].name = "orders".into();
    theirs.families[0].template = Template::parse("exec:orders:{workspace}:{timeframe}").unwrap();
    let one = CacheService::new(&ours, store.clone());
    let mut other = server.client().await;
    let mut two = None;
    for round in 0..6 {
        // The second comes when the lists are complete by what the first knows.
        if round == 2 {
            two = Some(CacheService::new(&theirs, store.clone()));
        }
        let found = [
            Some((&one, "exec:dashboard:ws1:7d")),
            two.as_ref().map(|two| (two, "exec:orders:ws1:7d")),
        ];
        for key in ["exec:dashboard:ws1:7d", "exec:orders:ws1:7d"] {
            let () = redis::cmd("SET")
                .arg(key)
                .arg("1")
                .arg("EX")
                .arg(600)
                .query_async(&mut other)
                .await
                .unwrap();
        }
        // By now they have been looked at, and are on the lists where they belong.
        tokio::time::sleep(Duration::from_millis(900)).await;
        for (cache, key) in found.into_iter().flatten() {
            cache.invalidate_workspace("ws1").await.unwrap();
            let is_there: bool =
                redis::cmd("EXISTS").arg(key).query_async(&mut other).await.unwrap();
            assert!(!is_there, "{key} survived, round {round}");
        }
    }
}
