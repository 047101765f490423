//! Single reads that come while others are under way go to Redis together, and nobody can tell but by the time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use samekey::server::{Record, RedisConfig, RedisStore, Store, StoreErrorKind, Ttl};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::redis_server::RedisServer;
use crate::waiting::eventually;

/// Longer than it takes a task to have begun its read.
const BEGUN: Duration = Duration::from_millis(150);

type Read = JoinHandle<Result<Option<Bytes>, StoreErrorKind>>;

fn record(key: &str, value: impl Into<Bytes>) -> Record<'_> {
    Record::new(key, value.into(), Ttl::new(Duration::from_secs(60)).unwrap())
}

/// A connected store.
async fn store_of(server: &RedisServer) -> Arc<RedisStore> {
    let store = RedisStore::new(&server.patient_config()).unwrap();
    store.ping().await.unwrap();
    Arc::new(store)
}

fn read(store: &Arc<RedisStore>, key: impl Into<String>) -> Read {
    let (store, key) = (store.clone(), key.into());
    tokio::spawn(async move {
        let entry = store.get(&key).await.map_err(|error| error.kind())?;
        Ok(entry.map(|entry| entry.value))
    })
}

/// How often the server has carried out `command`.
async fn calls(server: &RedisServer, command: &str) -> u64 {
    let mut client = server.client().await;
    let info: String =
        redis::cmd("INFO").arg("commandstats").query_async(&mut client).await.unwrap();
    let found = info.lines().find_map(|line| {
        let rest = line.strip_prefix("cmdstat_")?.strip_prefix(command)?;
        rest.strip_prefix(":calls=")?.split(',').next()?.parse().ok()
    });
    found.unwrap_or(0)
}

#[tokio::test]
async fn those_who_come_while_others_are_under_way_are_asked_for_at_once() {
    let server = RedisServer::start();
    let store = store_of(&server).await;
    for key in 0..40 {
        store.set(record(&key.to_string(), key.to_string())).await.unwrap();
    }
    server.freeze();
    let reads: Vec<_> = (0..40).map(|key| read(&store, key.to_string())).collect();
    sleep(BEGUN).await;
    server.thaw();
    for (key, read) in reads.into_iter().enumerate() {
        assert_eq!(read.await.unwrap().unwrap().unwrap(), key.to_string());
    }
    assert_eq!((calls(&server, "get").await, calls(&server, "mget").await), (2, 1));
}

#[tokio::test]
async fn a_key_that_many_ask_for_at_once_is_asked_for_once() {
    let server = RedisServer::start();
    let store = store_of(&server).await;
    store.set(record("hot", "1")).await.unwrap();
    store.set(record("cold", "2")).await.unwrap();
    server.freeze();
    let under_way = [read(&store, "hot"), read(&store, "hot")];
    sleep(BEGUN).await;
    let reads: Vec<_> = (0..60)
        .map(|place| if place % 20 == 7 { ("cold", "2") } else { ("hot", "1") })
        .map(|(key, value)| (read(&store, key), value))
        .chain(under_way.map(|read| (read, "1")))
        .collect();
    sleep(BEGUN).await;
    server.thaw();
    for (read, value) in reads {
        assert_eq!(read.await.unwrap().unwrap().unwrap(), value);
    }
    assert_eq!((calls(&server, "mget").await, calls(&server, "pttl").await), (1, 2 + 2));
}

#[tokio::test]
async fn a_lone_reader_waits_for_nobody() {
    let server = RedisServer::start();
    let store = store_of(&server).await;
    store.set(record("k", "1")).await.unwrap();
    for _ in 0..20 {
        assert_eq!(store.get("k").await.unwrap().unwrap().value, "1");
    }
    assert_eq!((calls(&server, "get").await, calls(&server, "mget").await), (20, 0));
}

#[tokio::test]
async fn each_gets_the_answer_that_it_would_have_got_alone() {
    let server = RedisServer::start();
    let store = store_of(&server).await;
    let mut other = server.client().await;
    let _: () = redis::cmd("LPUSH").arg("list").arg("x").query_async(&mut other).await.unwrap();
    let _: () = redis::cmd("SET").arg("for ever").arg("7").query_async(&mut other).await.unwrap();
    store.set(record("short", "[1]")).await.unwrap();
    store.set(record("long", vec![b'1'; 600_000])).await.unwrap();
    store.set(record("empty", "")).await.unwrap();
    server.freeze();
    let under_way = [read(&store, "short"), read(&store, "list")];
    sleep(BEGUN).await;
    let keys = ["short", "list", "none", "long", "for ever", "empty", "list", "short"];
    let together = keys.map(|key| read(&store, key));
    sleep(BEGUN).await;
    server.thaw();
    let [value, error] = under_way;
    assert_eq!(value.await.unwrap().unwrap().unwrap(), "[1]");
    assert_eq!(error.await.unwrap().unwrap_err(), StoreErrorKind::WrongType);
    for (key, read) in keys.into_iter().zip(together) {
        let alone = store.get(key).await.map_err(|error| error.kind());
        assert_eq!(read.await.unwrap(), alone.map(|entry| entry.map(|entry| entry.value)), "{key}");
    }
    assert_eq!(calls(&server, "mget").await, 1);
    assert_eq!(store.get("for ever").await.unwrap().unwrap().ttl_left, Duration::ZERO);
}

#[tokio::test]
async fn who_goes_away_takes_nobody_along() {
    let server = RedisServer::start();
    let store = store_of(&server).await;
    store.set(record("k", "1")).await.unwrap();
    server.freeze();
    // The first two are under way, the third waits with those behind it.
    let leaving: Vec<_> = (0..3).map(|_| read(&store, "k")).collect();
    sleep(BEGUN).await;
    let staying: Vec<_> = (0..10).map(|_| read(&store, "k")).collect();
    sleep(BEGUN).await;
    leaving.iter().for_each(JoinHandle::abort);
    sleep(BEGUN).await;
    server.thaw();
    for read in staying {
        assert_eq!(read.await.unwrap().unwrap().unwrap(), "1");
    }
    assert_eq!(store.get("k").await.unwrap().unwrap().value, "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_read_that_begins_after_a_write_was_answered_sees_it() {
    let server = RedisServer::start();
    let store = store_of(&server).await;
    let tasks = (0..32).map(|task| {
        let store = store.clone();
        tokio::spawn(async move {
            let own = task.to_string();
            for round in 0..100 {
                let value = format!("{round}");
                store.set(record(&own, value.clone())).await.unwrap();
                assert_eq!(store.get(&own).await.unwrap().unwrap().value, value);
                store.delete(&[&own]).await.unwrap();
                assert_eq!(store.get(&own).await.unwrap(), None);
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert!(calls(&server, "mget").await > 0, "they went together");
}

#[tokio::test]
async fn when_nobody_answers_each_waits_for_as_long_as_one_call_may_take() {
    let server = RedisServer::start();
    let store = RedisStore::new(&RedisConfig::new(server.url())).unwrap();
    store.ping().await.unwrap();
    let store = Arc::new(store);
    server.freeze();
    let began = Instant::now();
    let mut reads = Vec::new();
    for key in 0..400 {
        reads.push(read(&store, key.to_string()));
        if key % 100 == 0 {
            sleep(Duration::from_millis(20)).await;
        }
    }
    for read in reads {
        assert_eq!(read.await.unwrap(), Err(StoreErrorKind::Timeout));
    }
    // 350 ms a call; the rest is for a busy machine. One behind the other they would take minutes.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    server.thaw();
    eventually("it answers", async || read(&store, "1").await.unwrap() == Ok(None)).await;
}
