//! What others change is told, and when it cannot be told, that is told too.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use samekey::server::{
    Change, LeaseFor, LeaseToken, MemoryStore, Record, RedisStore, Store, Tag, Ttl,
};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use crate::redis_server::RedisServer;

fn patient(server: &RedisServer) -> RedisStore {
    RedisStore::new(&server.patient_config()).unwrap()
}

fn minute() -> Ttl {
    Ttl::new(Duration::from_secs(60)).unwrap()
}

fn record<'a>(key: &'a str) -> Record<'a> {
    Record::new(key, Bytes::from_static(b"1"), minute())
}

/// The next change; a test that waits longer than this has failed.
async fn next(changes: &mut UnboundedReceiver<Change>) -> Change {
    let change = timeout(crate::waiting::PATIENCE, changes.recv()).await;
    change.expect("a change in time").expect("the store is still there")
}

async fn armed(store: &RedisStore, prefixes: &[&str]) -> UnboundedReceiver<Change> {
    let mut changes = store.changes(prefixes).unwrap();
    assert_eq!(next(&mut changes).await, Change::Disarmed);
    assert_eq!(next(&mut changes).await, Change::Everything);
    assert_eq!(next(&mut changes).await, Change::Armed);
    changes
}

async fn run(client: &mut MultiplexedConnection, command: &[&str]) {
    let (verb, arguments) = command.split_first().unwrap();
    let _: redis::Value = redis::cmd(verb).arg(arguments).query_async(client).await.unwrap();
}

fn keys(keys: &[&str]) -> Change {
    Change::Keys(keys.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn nobody_else_can_write_into_this_process() {
    assert!(MemoryStore::default().changes(&[]).is_none());
}

#[tokio::test]
async fn what_another_program_writes_and_deletes_is_told() {
    let server = RedisServer::start();
    let store = patient(&server);
    let mut changes = armed(&store, &["exec:", "ws:"]).await;
    let mut other = server.client().await;
    run(&mut other, &["SET", "exec:kpis:ws1", "1"]).await;
    assert_eq!(next(&mut changes).await, keys(&["exec:kpis:ws1"]));
    run(&mut other, &["SET", "celery:task", "1"]).await;
    run(&mut other, &["DEL", "exec:kpis:ws1"]).await;
    assert_eq!(next(&mut changes).await, keys(&["exec:kpis:ws1"]));
    // Another node's lease changes no value; what it stores does.
    let node = patient(&server);
    let tags = [Tag::new("workspace", "ws1").unwrap()];
    let token = LeaseToken::random();
    node.lease("ws:overview:ws1", &token, minute(), LeaseFor::Missing).await.unwrap();
    assert!(node.set_leased(record("ws:overview:ws1").tagged(&tags), &token).await.unwrap());
    assert_eq!(next(&mut changes).await, keys(&["ws:overview:ws1"]));
}

#[tokio::test]
async fn what_the_store_itself_does_comes_back_to_nobody() {
    let server = RedisServer::start();
    let store = patient(&server);
    let mut changes = armed(&store, &[]).await;
    let token = LeaseToken::random();
    let tags = [Tag::new("workspace", "ws1").unwrap()];
    store.set(record("a")).await.unwrap();
    store.set(record("b").tagged(&tags)).await.unwrap();
    store.lease("c", &token, minute(), LeaseFor::Missing).await.unwrap();
    assert!(store.set_leased(record("c").tagged(&tags), &token).await.unwrap());
    store.lease("d", &token, minute(), LeaseFor::Missing).await.unwrap();
    store.release("d", &token).await.unwrap();
    store.delete(&["a"]).await.unwrap();
    store.delete_matching(&[samekey::schema::Pattern::parse("*").unwrap()], &tags).await.unwrap();
    // A marker from outside: nothing was told before it.
    run(&mut server.client().await, &["SET", "marker", "1"]).await;
    assert_eq!(next(&mut changes).await, keys(&["marker"]));
}

#[tokio::test]
async fn a_namespace_is_left_out_of_what_is_told_and_keeps_others_out() {
    let server = RedisServer::start();
    let ours = RedisStore::new(&server.patient_config().namespace("shadower:prod:")).unwrap();
    let mut changes = armed(&ours, &[]).await;
    let mut other = server.client().await;
    run(&mut other, &["SET", "shadower:test:exec:kpis:ws1", "1"]).await;
    run(&mut other, &["SET", "shadower:prod:exec:kpis:ws1", "1"]).await;
    assert_eq!(next(&mut changes).await, keys(&["exec:kpis:ws1"]));
}

#[tokio::test]
async fn a_flushed_database_is_everything() {
    let server = RedisServer::start();
    let store = patient(&server);
    let mut changes = armed(&store, &["exec:"]).await;
    run(&mut server.client().await, &["FLUSHALL"]).await;
    assert_eq!(next(&mut changes).await, Change::Everything);
    run(&mut server.client().await, &["SET", "exec:kpis:ws1", "1"]).await;
    assert_eq!(next(&mut changes).await, keys(&["exec:kpis:ws1"]));
}

#[tokio::test]
async fn a_killed_connection_disarms_and_is_armed_again_behind_a_flush() {
    let server = RedisServer::start();
    let store = patient(&server);
    let mut changes = armed(&store, &["exec:"]).await;
    let mut other = server.client().await;
    for _ in 0..3 {
        run(&mut other, &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
        assert_eq!(next(&mut changes).await, Change::Disarmed);
        assert_eq!(next(&mut changes).await, Change::Everything);
        assert_eq!(next(&mut changes).await, Change::Armed);
        run(&mut other, &["SET", "exec:kpis:ws1", "1"]).await;
        assert_eq!(next(&mut changes).await, keys(&["exec:kpis:ws1"]));
    }
}

#[tokio::test]
async fn a_redis_that_crashed_is_watched_again_when_it_is_back() {
    let mut server = RedisServer::start();
    let store = patient(&server);
    let mut changes = armed(&store, &["exec:"]).await;
    server.kill();
    assert_eq!(next(&mut changes).await, Change::Disarmed);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(changes.try_recv().is_err(), "nothing is known while it is down");
    server.restart();
    assert_eq!(next(&mut changes).await, Change::Everything);
    assert_eq!(next(&mut changes).await, Change::Armed);
    run(&mut server.client().await, &["SET", "exec:kpis:ws1", "1"]).await;
    assert_eq!(next(&mut changes).await, keys(&["exec:kpis:ws1"]));
}

#[tokio::test]
async fn a_frozen_redis_disarms_although_it_closes_nothing() {
    let server = RedisServer::start();
    // It is asked every second, and twice; not so impatiently that a busy machine is taken for a frozen server.
    let mut config = server.patient_config();
    (config.response_timeout, config.connect_timeout) =
        (Duration::from_secs(1), Duration::from_secs(1));
    let store = RedisStore::new(&config).unwrap();
    let mut changes = armed(&store, &["exec:"]).await;
    server.freeze();
    assert_eq!(next(&mut changes).await, Change::Disarmed);
    server.thaw();
    assert_eq!(next(&mut changes).await, Change::Everything);
    assert_eq!(next(&mut changes).await, Change::Armed);
}

#[tokio::test]
async fn a_store_made_while_redis_is_down_is_armed_when_it_comes() {
    let mut server = RedisServer::start();
    server.kill();
    let store = patient(&server);
    let mut changes = store.changes(&["exec:"]).unwrap();
    assert_eq!(next(&mut changes).await, Change::Disarmed);
    server.restart();
    assert_eq!(next(&mut changes).await, Change::Everything);
    assert_eq!(next(&mut changes).await, Change::Armed);
}

#[tokio::test]
async fn of_a_burst_of_twenty_thousand_keys_none_is_lost_on_a_slow_follower() {
    let server = RedisServer::start();
    let store = patient(&server);
    let mut changes = armed(&store, &["exec:"]).await;
    let mut other = server.client().await;
    for batch in 0..20 {
        let mut pipeline = redis::pipe();
        for id in 0..1_000 {
            let key = format!("exec:kpis:ws{}", 1_000 * batch + id);
            pipeline.cmd("SET").arg(key).arg("1").ignore();
        }
        let _: () = pipeline.query_async(&mut other).await.unwrap();
    }
    // Read only now: whoever is slow has it waiting.
    let mut seen = HashSet::new();
    while seen.len() < 20_000 {
        match next(&mut changes).await {
            Change::Keys(keys) => seen.extend(keys),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_second_follower_with_more_prefixes_makes_the_first_flush() {
    let server = RedisServer::start();
    let store = patient(&server);
    let mut first = armed(&store, &["exec:"]).await;
    let mut same = store.changes(&["exec:kpis:"]).unwrap();
    assert_eq!(next(&mut same).await, Change::Armed);
    let mut second = armed(&store, &["ws:"]).await;
    for change in [Change::Disarmed, Change::Everything, Change::Armed] {
        assert_eq!(next(&mut first).await, change);
    }
    drop(same);
    run(&mut server.client().await, &["SET", "ws:overview:ws1", "1"]).await;
    assert_eq!(next(&mut second).await, keys(&["ws:overview:ws1"]));
}

/// Servers on which nobody may track: one that does not know how, one that does not allow it, and one whose
/// nodes were told not to ask.
async fn trackless(how: &str) -> (RedisServer, samekey::server::RedisConfig) {
    let server = match how {
        "unknown" => RedisServer::start_with(&["--rename-command", "CLIENT", "CLIENT-ADMIN"]),
        _ => RedisServer::start(),
    };
    let mut config = server.patient_config();
    match how {
        "denied" => {
            let mut other = server.client().await;
            let user = "ACL SETUSER node on >secret ~* &* +@all -client|tracking";
            run(&mut other, &user.split(' ').collect::<Vec<_>>()).await;
            config.url = format!("redis://node:secret@127.0.0.1:{}", server.port());
        }
        "told" => config.announce = true,
        _ => {}
    }
    (server, config)
}

#[tokio::test]
async fn where_nobody_may_track_nodes_announce_what_they_do() {
    for how in ["unknown", "denied", "told"] {
        let (server, config) = trackless(how).await;
        let (ours, theirs) = (RedisStore::new(&config).unwrap(), RedisStore::new(&config).unwrap());
        let mut changes = armed(&ours, &["exec:"]).await;
        let _also_follows = armed(&theirs, &["exec:"]).await;
        let tags = [Tag::new("workspace", "ws1").unwrap()];
        let token = LeaseToken::random();
        ours.set(record("exec:own:ws1")).await.unwrap();
        theirs.set(record("exec:kpis:ws1")).await.unwrap();
        assert_eq!(next(&mut changes).await, keys(&["exec:kpis:ws1"]), "{how}");
        theirs.lease("exec:kpis:ws1", &token, minute(), LeaseFor::Refresh).await.unwrap();
        let leased = record("exec:kpis:ws1").tagged(&tags);
        assert!(theirs.set_leased(leased, &token).await.unwrap());
        assert_eq!(next(&mut changes).await, keys(&["exec:kpis:ws1"]));
        assert!(theirs.delete_if("exec:kpis:ws1", b"1").await.unwrap());
        assert_eq!(next(&mut changes).await, keys(&["exec:kpis:ws1"]));
        theirs.delete(&["exec:kpis:ws1", "exec:own:ws1"]).await.unwrap();
        assert_eq!(next(&mut changes).await, keys(&["exec:kpis:ws1", "exec:own:ws1"]));
        if how == "unknown" {
            continue; // Nor can its connections be killed.
        }
        let mut other = server.client().await;
        run(&mut other, &["CLIENT", "KILL", "TYPE", "pubsub"]).await;
        for change in [Change::Disarmed, Change::Everything, Change::Armed] {
            assert_eq!(next(&mut changes).await, change, "{how}");
        }
        theirs
            .delete_matching(&[samekey::schema::Pattern::parse("exec:*").unwrap()], &[])
            .await
            .unwrap();
        run(&mut other, &["PUBLISH", "~changes", "hello"]).await;
        run(&mut other, &["PUBLISH", "~changes", r#"{"version":9,"node":"later"}"#]).await;
        while next(&mut changes).await != Change::Everything {}
    }
}
