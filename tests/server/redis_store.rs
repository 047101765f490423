//! What only the Redis store meets: neighbours in the same Redis, and a Redis that is not there.

use std::time::{Duration, Instant};

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{
    KeyTtl, LeaseFor, LeaseToken, Leased, Record, RedisConfig, RedisStore, Store, StoreErrorKind,
    Ttl,
};

use crate::redis_server::{PATIENCE, RedisServer, free_port};
use crate::waiting::eventually;

fn store_at(url: String) -> RedisStore {
    RedisStore::new(&RedisConfig::new(url)).unwrap()
}

fn patient(server: &RedisServer) -> RedisStore {
    RedisStore::new(&server.patient_config()).unwrap()
}

fn minute() -> Ttl {
    Ttl::new(Duration::from_secs(60)).unwrap()
}

#[tokio::test]
async fn keys_and_values_are_what_another_language_would_write() {
    let server = RedisServer::start();
    let store = patient(&server);
    store
        .set(Record::new("exec:kpis:ws1", Bytes::from_static(br#"{"mrr":1}"#), minute()))
        .await
        .unwrap();
    let mut other = server.client().await;
    let value: String =
        redis::cmd("GET").arg("exec:kpis:ws1").query_async(&mut other).await.unwrap();
    assert_eq!(value, r#"{"mrr":1}"#);
    let ttl: u64 = redis::cmd("TTL").arg("exec:kpis:ws1").query_async(&mut other).await.unwrap();
    assert!((30..=60).contains(&ttl));

    let _: () = redis::cmd("SETEX")
        .arg("exec:kpis:ws2")
        .arg(300)
        .arg("[2]")
        .query_async(&mut other)
        .await
        .unwrap();
    let entry = store.get("exec:kpis:ws2").await.unwrap().unwrap();
    assert_eq!(&entry.value[..], b"[2]");
    let left = entry.ttl_left;
    assert!(left > Duration::from_secs(200) && left <= Duration::from_secs(300), "{left:?}");
}

#[tokio::test]
async fn a_namespace_stands_before_every_key_and_keeps_the_neighbours_safe() {
    let server = RedisServer::start();
    let ours = RedisStore::new(&server.patient_config().namespace("shadower:prod:")).unwrap();
    // As a glob, `*:prod:` would also mean ours.
    let theirs = RedisStore::new(&server.patient_config().namespace("*:prod:")).unwrap();
    for store in [&ours, &theirs] {
        store.set(Record::new("exec:kpis:ws1", Bytes::from_static(b"1"), minute())).await.unwrap();
    }
    let mut other = server.client().await;
    let _: () = redis::cmd("SET")
        .arg("celery-task:exec:kpis:ws1")
        .arg("x")
        .query_async(&mut other)
        .await
        .unwrap();
    let mut names: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut other).await.unwrap();
    names.sort();
    assert_eq!(
        names,
        ["*:prod:exec:kpis:ws1", "celery-task:exec:kpis:ws1", "shadower:prod:exec:kpis:ws1"]
    );

    let pattern = [Pattern::parse("exec:*").unwrap()];
    assert_eq!(theirs.delete_matching(&pattern, &[]).await.unwrap(), 1);
    assert!(ours.exists("exec:kpis:ws1").await.unwrap());
    assert_eq!(ours.delete_matching(&pattern, &[]).await.unwrap(), 1);
    let left: u64 = redis::cmd("DBSIZE").query_async(&mut other).await.unwrap();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn a_key_that_is_not_utf8_does_not_stop_the_walk() {
    let server = RedisServer::start();
    let store = patient(&server);
    let mut other = server.client().await;
    let _: () = redis::cmd("SET")
        .arg(&b"exec:kpis:\xff\xfe"[..])
        .arg("x")
        .query_async(&mut other)
        .await
        .unwrap();
    store.set(Record::new("exec:kpis:ws1", Bytes::from_static(b"1"), minute())).await.unwrap();
    assert_eq!(
        store.delete_matching(&[Pattern::parse("exec:kpis:*").unwrap()], &[]).await.unwrap(),
        1
    );
}

#[tokio::test]
async fn a_foreign_value_without_an_expiry_is_served_with_nothing_left() {
    let server = RedisServer::start();
    let store = patient(&server);
    let mut other = server.client().await;
    let _: () =
        redis::cmd("SET").arg("exec:kpis:ws1").arg("7").query_async(&mut other).await.unwrap();
    let entry = store.get("exec:kpis:ws1").await.unwrap().unwrap();
    assert_eq!((&entry.value[..], entry.ttl_left), (&b"7"[..], Duration::ZERO));
    assert_eq!(store.ttl("exec:kpis:ws1").await.unwrap(), Some(Duration::ZERO));
}

#[tokio::test]
async fn a_list_under_a_key_is_a_wrong_type_and_a_set_mends_it() {
    let server = RedisServer::start();
    let store = patient(&server);
    let mut other = server.client().await;
    let _: () =
        redis::cmd("LPUSH").arg("exec:kpis:ws1").arg("x").query_async(&mut other).await.unwrap();
    let error = store.get("exec:kpis:ws1").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (StoreErrorKind::WrongType, "E_STORE_WRONG_TYPE"));
    assert!(!error.is_retryable());
    store.set(Record::new("exec:kpis:ws1", Bytes::from_static(b"1"), minute())).await.unwrap();
    assert!(store.get("exec:kpis:ws1").await.unwrap().is_some());
}

#[tokio::test]
async fn of_many_keys_a_list_under_one_is_a_miss_of_that_one() {
    let server = RedisServer::start();
    let store = patient(&server);
    let mut other = server.client().await;
    let _: () = redis::cmd("LPUSH").arg("b").arg("x").query_async(&mut other).await.unwrap();
    let _: () = redis::cmd("SET").arg("c").arg("foreign").query_async(&mut other).await.unwrap();
    store.set(Record::new("a", Bytes::from_static(b"1"), minute())).await.unwrap();
    let found = store.get_many(&["a", "b", "c"]).await.unwrap();
    assert_eq!(&found[0].as_ref().unwrap().value[..], b"1");
    assert_eq!(found[1], None);
    assert_eq!(found[2].as_ref().unwrap().ttl_left, Duration::ZERO);

    let info = store.inspect(&["a", "b", "c", "d"]).await.unwrap().keys;
    assert!(matches!(info[0].ttl, KeyTtl::Left(_)));
    assert_eq!(info[2].ttl, KeyTtl::Never);
    assert_eq!(info[3].ttl, KeyTtl::Missing);
    assert!(info[1].bytes > 0);

    // A compute may replace the list.
    let token = LeaseToken::random();
    let leased = store.lease("b", &token, minute(), LeaseFor::Missing).await.unwrap();
    assert_eq!(leased, Leased::Granted);
    assert!(!store.delete_if("b", b"x").await.unwrap());
    let record = Record::new("b", Bytes::from_static(b"2"), minute());
    assert!(store.set_leased(record, &token).await.unwrap());
    assert_eq!(&store.get("b").await.unwrap().unwrap().value[..], b"2");
}

#[tokio::test]
async fn scripts_are_sent_again_to_a_server_that_has_forgotten_them() {
    let server = RedisServer::start();
    let store = patient(&server);
    let mut other = server.client().await;
    for key in ["a", "b"] {
        let token = LeaseToken::random();
        store.lease(key, &token, minute(), LeaseFor::Missing).await.unwrap();
        let _: () = redis::cmd("SCRIPT").arg("FLUSH").query_async(&mut other).await.unwrap();
        let record = Record::new(key, Bytes::from_static(b"1"), minute());
        assert!(store.set_leased(record, &token).await.unwrap());
    }
}

#[tokio::test]
async fn an_evicted_lease_or_register_costs_a_compute_and_stores_nothing() {
    let server = RedisServer::start();
    let store = patient(&server);
    let mut other = server.client().await;
    for evicted in ["{k}:~l", "~leases"] {
        let (token, next) = (LeaseToken::random(), LeaseToken::random());
        store.lease("k", &token, minute(), LeaseFor::Missing).await.unwrap();
        let was: u64 = redis::cmd("DEL").arg(evicted).query_async(&mut other).await.unwrap();
        assert_eq!(was, 1);
        let stale = Record::new("k", Bytes::from_static(b"stale"), minute());
        assert!(!store.set_leased(stale, &token).await.unwrap(), "{evicted}");
        store.release("k", &token).await.unwrap();
        let leased = store.lease("k", &next, minute(), LeaseFor::Missing).await.unwrap();
        assert_eq!(leased, Leased::Granted, "{evicted}");
        store.release("k", &next).await.unwrap();
    }
}

#[tokio::test]
async fn no_redis_is_an_error_soon_and_not_a_wait() {
    let mut config = RedisConfig::new(format!("redis://127.0.0.1:{}", free_port()));
    (config.response_timeout, config.connect_timeout) = (PATIENCE, PATIENCE);
    let store = RedisStore::new(&config).unwrap();
    for _ in 0..5 {
        let asked = Instant::now();
        let error = store.get("exec:kpis:ws1").await.unwrap_err();
        assert_eq!(error.code(), "E_STORE_UNAVAILABLE");
        assert!(error.is_retryable());
        // Nobody waits for a time limit.
        assert!(asked.elapsed() < PATIENCE / 2, "{:?}", asked.elapsed());
    }
}

#[tokio::test]
async fn a_frozen_redis_is_a_timeout_and_answers_again_when_it_thaws() {
    let server = RedisServer::start();
    let store = store_at(server.url());
    patient(&server).set(Record::new("k", Bytes::from_static(b"1"), minute())).await.unwrap();
    server.freeze();
    let asked = Instant::now();
    let error = store.get("k").await.unwrap_err();
    let waited = asked.elapsed();
    server.thaw();
    assert_eq!((error.kind(), error.code()), (StoreErrorKind::Timeout, "E_STORE_TIMEOUT"));
    assert!(waited >= Duration::from_millis(90) && waited < Duration::from_secs(20), "{waited:?}");
    eventually("it answers", async || store.get("k").await.is_ok_and(|it| it.is_some())).await;
}

#[tokio::test]
async fn a_killed_redis_is_found_again_when_it_is_back() {
    let mut server = RedisServer::start();
    let store = patient(&server);
    store.set(Record::new("k", Bytes::from_static(b"1"), minute())).await.unwrap();
    server.kill();
    let error = store.get("k").await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    server.restart();
    eventually("it answers", async || store.ping().await.is_ok()).await;
    assert_eq!(store.get("k").await.unwrap(), None);
}

#[tokio::test]
async fn a_wrong_password_is_denied_and_never_shown() {
    let server = RedisServer::start_with(&["--requirepass", "right"]);
    let mut config = server.patient_config();
    config.url = format!("redis://:hunter2@127.0.0.1:{}/0", server.port());
    let store = RedisStore::new(&config).unwrap();
    let error = store.get("k").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Denied, "{error}");
    assert!(!error.is_retryable());
    let shown = format!("{config:?} {store:?} {error} {error:?}");
    assert!(!shown.contains("hunter2"), "{shown}");

    config.url = format!("redis://:right@127.0.0.1:{}", server.port());
    RedisStore::new(&config).unwrap().ping().await.unwrap();
}

#[tokio::test]
async fn an_unreadable_url_is_refused_without_being_repeated() {
    for url in ["", "hunter2", "http://user:hunter2@host", "redis://:hunter2@host:notaport"] {
        let error = RedisStore::new(&RedisConfig::new(url)).unwrap_err();
        assert_eq!(error.code(), "E_STORE_DENIED");
        assert!(!error.to_string().contains("hunter2"));
    }
}

#[tokio::test]
async fn a_redis_that_is_out_of_memory_refuses_to_write_and_still_reads() {
    let server =
        RedisServer::start_with(&["--maxmemory", "1500kb", "--maxmemory-policy", "noeviction"]);
    let store = patient(&server);
    store.set(Record::new("small", Bytes::from_static(b"1"), minute())).await.unwrap();
    let big = Bytes::from(vec![b'x'; 1_000_000]);
    let mut outcome = Ok(());
    for id in 0..4 {
        outcome = store.set(Record::new(&format!("big{id}"), big.clone(), minute())).await;
    }
    assert_eq!(outcome.unwrap_err().code(), "E_STORE_FULL");
    assert!(store.get("small").await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_removes_all_that_stays_while_other_keys_come_and_go_and_holds_nobody_up() {
    let server = RedisServer::start();
    let store = patient(&server);
    let mut other = server.client().await;
    let mut pipeline = redis::pipe();
    for id in 0..50_000 {
        let key = if id % 10 == 0 { "exec:kpis:ws" } else { "ws:overview:ws" };
        pipeline.cmd("SET").arg(format!("{key}{id}")).arg("1").ignore();
    }
    let _: () = pipeline.query_async(&mut other).await.unwrap();
    // The table that is walked over grows and shrinks meanwhile.
    let noise = tokio::spawn({
        let mut other = server.client().await;
        async move {
            for round in 0_u64.. {
                let mut pipeline = redis::pipe();
                for id in 0..1_000 {
                    pipeline.cmd("SETEX").arg(format!("exec:noise:{round}:{id}")).arg(1).arg("1");
                }
                let _: redis::Value = pipeline.query_async(&mut other).await.unwrap();
            }
        }
    });
    let reading = tokio::spawn({
        let mut other = server.client().await;
        async move {
            let mut times = Vec::new();
            for _ in 0..500 {
                let asked = Instant::now();
                let _: redis::Value =
                    redis::cmd("GET").arg("celery").query_async(&mut other).await.unwrap();
                times.push(asked.elapsed());
            }
            times.sort_unstable();
            times[times.len() / 2]
        }
    });
    let pattern = [Pattern::parse("exec:kpis:*").unwrap()];
    assert_eq!(store.delete_matching(&pattern, &[]).await.unwrap(), 5_000);
    noise.abort();
    let median = reading.await.unwrap();
    // A step of a walk is below a millisecond; the rest is what the machine is busy with.
    assert!(median < Duration::from_millis(200), "{median:?}");
    let mut left = store.scan(Some(&pattern[0]), 0).await.unwrap();
    assert!(left.keys.is_empty());
    while let Some(cursor) = left.next {
        left = store.scan(Some(&pattern[0]), cursor).await.unwrap();
        assert!(left.keys.is_empty());
    }
}
