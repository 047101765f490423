//! Rows 5, 22, 23: Redis is there and says something else than hoped for.

use std::time::Duration;

use samekey::server::{CircuitState, RedisStore, Store, StoreErrorKind};
use serde_json::json;

use super::{ask, impatient, of, over, patient, unhurried};
use crate::answering_proxy::AnsweringProxy;
use crate::fault_proxy::{Action, FaultProxy};
use crate::fixture::kpis;
use crate::redis_server::RedisServer;
use crate::waiting::PATIENCE;

/// 5: each of Redis's refusals is an error of a kind that says what to do about it, and none an answer withheld.
#[tokio::test]
async fn row_05_a_refusal_of_everything_is_typed_and_costs_no_answer() {
    use StoreErrorKind::{Busy, Denied, Refused};
    let server = RedisServer::start();
    for (reply, kind, passes_by_itself) in [
        ("-LOADING Redis is loading the dataset in memory\r\n", Busy, true),
        ("-BUSY Redis is busy running a script\r\n", Busy, true),
        ("-MASTERDOWN Link with MASTER is down\r\n", Busy, true),
        ("-CLUSTERDOWN The cluster is down\r\n", Busy, true),
        ("-NOAUTH Authentication required.\r\n", Denied, false),
        ("-NOPERM this user has no permissions\r\n", Denied, false),
        ("-MOVED 3999 127.0.0.1:1\r\n", Refused, false),
        ("-ERR unknown command\r\n", Refused, false),
    ] {
        let proxy = AnsweringProxy::start(server.port()).await;
        let store = RedisStore::new(&unhurried(proxy.url())).unwrap();
        proxy.answer("*", reply);
        let error = store.get("exec:kpis:ws1").await.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (kind, passes_by_itself), "{reply}");
        assert_eq!(ask(&over(store), "ws1").await.0, of("ws1"), "{reply}");
    }
}

/// 5: a Redis that is loading is waited for like one that is away, and used when it has loaded.
#[tokio::test]
async fn row_05_a_loading_redis_is_used_as_soon_as_it_has_loaded() {
    let server = RedisServer::start();
    let proxy = AnsweringProxy::start(server.port()).await;
    let cache = over(RedisStore::new(&unhurried(proxy.url())).unwrap());
    proxy.answer("*", "-LOADING Redis is loading the dataset in memory\r\n");
    for _ in 0..10 {
        ask(&cache, "ws1").await;
    }
    assert_ne!(cache.circuit().state(), CircuitState::Closed);
    proxy.step_aside();
    super::closed(&cache).await;
    ask(&cache, "ws1").await;
    assert!(cache.get(&kpis("ws1")).await.unwrap().is_some());
}

/// 5: a wrong password is a mistake of the configuration: no storm of logins.
#[tokio::test]
async fn row_05_a_wrong_password_is_not_tried_again_and_again() {
    let server = RedisServer::start_with(&["--requirepass", "right"]);
    let proxy = FaultProxy::start(server.port()).await;
    let url = proxy.url().replace("redis://", "redis://:wrong@");
    let cache = over(RedisStore::new(&unhurried(url)).unwrap());
    for _ in 0..200 {
        assert_eq!(ask(&cache, "ws1").await.0, of("ws1"));
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(proxy.connections() <= 15, "{} logins", proxy.connections());
    assert_eq!(cache.circuit().status().last_error, Some("E_STORE_DENIED"));
}

/// 5: a Redis without memory: writes are dropped, reads go on, and the circuit stays closed.
#[tokio::test]
async fn row_05_out_of_memory_drops_writes_and_leaves_reads_alone() {
    let server = RedisServer::start();
    let proxy = AnsweringProxy::start(server.port()).await;
    let store = RedisStore::new(&unhurried(proxy.url())).unwrap();
    let cache = over(store);
    ask(&cache, "ws1").await;
    for command in ["SET", "SADD", "EVAL", "EVALSHA"] {
        proxy.answer(command, "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
    }
    for _ in 0..20 {
        assert_eq!(ask(&cache, "ws2").await.0, of("ws2"), "computed");
        assert!(cache.get(&kpis("ws1")).await.unwrap().is_some(), "read");
    }
    assert_eq!(cache.set(&kpis("ws3"), &json!(3)).await.unwrap_err().code(), "E_STORE_FULL");
    assert_eq!(cache.circuit().status().opened, 0);
}

/// 5: a replica that is not the primary any more: reads go on, and what could not be removed is not believed.
#[tokio::test]
async fn row_05_a_read_only_redis_is_read_and_what_it_could_not_remove_is_not_believed() {
    let server = RedisServer::start();
    let proxy = AnsweringProxy::start(server.port()).await;
    let cache = over(RedisStore::new(&unhurried(proxy.url())).unwrap());
    cache.set(&kpis("ws1"), &json!("old")).await.unwrap();
    cache.set(&kpis("ws2"), &json!("other")).await.unwrap();
    for command in ["SET", "UNLINK", "DEL", "EVAL", "EVALSHA", "SADD", "MULTI"] {
        proxy.answer(command, "-READONLY You can't write against a read only replica.\r\n");
    }
    let error = cache.invalidate_workspace("ws1").await.unwrap_err();
    assert_eq!(error.code(), "E_STORE_QUEUED", "{error}");
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), None, "not believed");
    assert!(cache.get(&kpis("ws2")).await.unwrap().is_some(), "read");
    assert_eq!(ask(&cache, "ws1").await.0, of("ws1"));
    assert_eq!(cache.recovery().pending(), 2);
    proxy.step_aside();
    tokio::time::timeout(PATIENCE, cache.recovery().settled()).await.unwrap();
    let mut other = server.client().await;
    let there: bool =
        redis::cmd("EXISTS").arg("exec:kpis:ws1").query_async(&mut other).await.unwrap();
    assert!(!there);
}

/// 5: bytes that are no answer at all: never a wrong value, never a hang, and a new connection is clean.
#[tokio::test]
async fn row_05_what_is_no_protocol_is_an_error_and_the_next_connection_is_used() {
    use Action::{Corrupt, Delay, Drop, Inject, PassThrough, Truncate};
    let server = RedisServer::start();
    patient(&server).set(&kpis("ws1"), &of("ws1")).await.unwrap();
    // How much of a good connection passes before it goes wrong: nothing, a part of the greeting, all of it.
    for passed in [0, 10, 300, 700] {
        for bad in [
            vec![Corrupt(1)],
            vec![Corrupt(64)],
            vec![Inject(b"$99999999999\r\n")],
            vec![Inject(b"\0\0\0\0")],
            vec![Inject(b"*-7\r\n:x\r\n")],
            vec![Truncate],
            vec![Drop],
            vec![Delay(Duration::from_millis(500))],
        ] {
            let proxy = FaultProxy::start(server.port()).await;
            let script: Vec<_> = [PassThrough(passed)].into_iter().chain(bad.clone()).collect();
            proxy.script(script);
            let cache = impatient(proxy.url());
            for _ in 0..8 {
                let asked = std::time::Instant::now();
                assert_eq!(ask(&cache, "ws1").await.0, of("ws1"), "{passed} {bad:?}");
                let took = asked.elapsed();
                assert!(
                    took < 2 * super::STORE_TIMEOUT + super::SLACK,
                    "{passed} {bad:?}: {took:?}"
                );
            }
            super::eventually("it is read again", async || {
                cache.get(&kpis("ws1")).await.is_ok_and(|found| found.is_some())
            })
            .await;
        }
    }
}

/// 22: one key of many holds a list: each key has its own answer.
#[tokio::test]
async fn row_22_a_wrong_type_among_many_keys_is_that_keys_affair() {
    let server = RedisServer::start();
    let store = RedisStore::new(&server.patient_config()).unwrap();
    let cache = over(RedisStore::new(&server.patient_config()).unwrap());
    for workspace in ["ws1", "ws3"] {
        cache.set(&kpis(workspace), &of(workspace)).await.unwrap();
    }
    let mut other = server.client().await;
    let _: () =
        redis::cmd("LPUSH").arg("exec:kpis:ws2").arg("x").query_async(&mut other).await.unwrap();
    let found = store.get_many(&["exec:kpis:ws1", "exec:kpis:ws2", "exec:kpis:ws3"]).await.unwrap();
    let found: Vec<_> = found.iter().map(Option::is_some).collect();
    assert_eq!(found, [true, false, true]);
}

/// 23: a list where a value should be is a miss, and the next value replaces it.
#[tokio::test]
async fn row_23_a_list_under_a_key_is_a_miss_and_is_overwritten() {
    let server = RedisServer::start();
    let cache = patient(&server);
    let mut other = server.client().await;
    let _: () =
        redis::cmd("LPUSH").arg("exec:kpis:ws1").arg("x").query_async(&mut other).await.unwrap();
    assert_eq!(ask(&cache, "ws1").await.0, of("ws1"));
    let stored: String =
        redis::cmd("GET").arg("exec:kpis:ws1").query_async(&mut other).await.unwrap();
    assert_eq!(stored, r#"{"workspace":"ws1"}"#);
    let stats = cache.get_cache_stats().await;
    assert!(stats.store_errors > 0, "it is counted");
    assert_eq!(stats.circuit_opened, 0);
}
