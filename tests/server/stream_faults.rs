//! The stream when something breaks: Redis, the log in it, a reader, what stands in the log.

use std::time::Duration;

use samekey::server::{Backplane, LogId, Notice, Read, RedisLog};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use crate::alone::is_alone;
use crate::redis_server::RedisServer;
use crate::sse_client::Sse;
use crate::stream_node::{Node, kpis, told};
use crate::waiting::{PATIENCE, eventually};

const LOG: &str = "samekey:invalidations";

/// What another node tells the log.
fn notice(number: u32, pattern: &str) -> String {
    format!(
        r#"{{"patterns":["{pattern}"],"reason":"pattern","scope":[],"node":"other","number":{number}}}"#
    )
}

/// The next invalidation. One fault may be noticed in two ways, by the log's follower and by the store's, and be told
/// twice: resets are passed over, and counted.
async fn told_after_resets(sse: &mut Sse) -> ((Vec<String>, String), usize) {
    let mut resets = 0;
    loop {
        let event = sse.event().await.expect("the stream goes on");
        if event.name == "reset" {
            resets += 1;
            assert!(resets < 10, "{event:?}");
            continue;
        }
        assert_eq!(event.name, "invalidate");
        let patterns = event.data["patterns"].as_array().unwrap().iter();
        let patterns = patterns.map(|pattern| pattern.as_str().unwrap().to_owned()).collect();
        return ((patterns, event.data["reason"].as_str().unwrap().to_owned()), resets);
    }
}

/// Invalidates; the place in the log up to which a stream has heard of it.
async fn invalidated_at(node: &Node, server: &RedisServer, workspace: &str) -> LogId {
    // The first calls after a fault may fail.
    eventually("it is done", async || {
        node.cache.invalidate_pattern(&kpis(workspace)).await.is_ok()
    })
    .await;
    let last = redis::cmd("XREVRANGE").arg(LOG).arg(&["+", "-", "COUNT", "1"]).take();
    let mut client = server.client().await;
    let last: Vec<(String, redis::Value)> = last.query_async(&mut client).await.unwrap();
    last[0].0.parse().unwrap()
}

/// Reads until the stream has come to that place. Whether it was told of it; else by a reset, which stands for all before.
async fn told_or_reset(sse: &mut Sse, workspace: &str, place: LogId) -> bool {
    loop {
        let event = sse.event().await.expect("the stream goes on");
        if event.name == "invalidate" && event.data["patterns"] == json!([kpis(workspace)]) {
            return true;
        }
        if sse.last_id.parse::<LogId>().unwrap() >= place {
            assert_eq!(event.name, "reset", "it was passed over: {event:?}");
            return false;
        }
    }
}

/// Sooner or later all that there is to notice of a fault has been, and what is invalidated then is told.
async fn until_it_goes_on(node: &Node, server: &RedisServer, sse: &mut Sse) {
    for n in 0..50 {
        let workspace = format!("again{n}");
        let place = invalidated_at(node, server, &workspace).await;
        if told_or_reset(sse, &workspace, place).await {
            return;
        }
    }
    panic!("nothing but resets");
}

#[tokio::test]
async fn a_redis_that_came_back_empty_is_a_reset_and_then_the_stream_goes_on() {
    let mut server = RedisServer::start();
    let (a, b) = (Node::redis(&server).await, Node::redis(&server).await);
    let (mut on_a, mut on_b) = (a.stream().await, b.stream().await);
    a.invalidate("1").await;
    assert_eq!(on_b.invalidated().await, told("1"));
    assert_eq!(on_a.invalidated().await, told("1"));
    let before = on_a.last_id.clone();

    server.restart();
    on_a.expect("reset").await;
    on_b.expect("reset").await;
    until_it_goes_on(&b, &server, &mut on_a).await;
    until_it_goes_on(&b, &server, &mut on_b).await;

    // Who was away meanwhile starts over too: this is not the log it knew.
    let mut sse = a.resume(&before).await;
    sse.expect("hello").await;
    sse.expect("reset").await;
}

#[tokio::test]
async fn what_is_told_before_anybody_follows_is_the_beginning_of_the_log_and_no_gap() {
    let server = RedisServer::start();
    let log = RedisLog::new(&server.patient_config()).unwrap();
    let first = notice(1, &kpis("1"));
    let place = log.append(&Notice::from_json(first.as_bytes()).unwrap()).await.unwrap();
    let node = Node::redis(&server).await;
    let mut sse = node.stream().await;
    node.invalidate("2").await;
    assert_eq!(sse.invalidated().await, told("2"));
    match log.read(place, 10).await.unwrap() {
        Read::Entries(entries) => assert_eq!(entries.len(), 1, "{entries:?}"),
        Read::Gap => panic!("the node took the log for one that has lost its end"),
    }
}

#[tokio::test]
async fn a_flush_is_a_reset() {
    let server = RedisServer::start();
    let node = Node::redis(&server).await;
    let mut sse = node.stream().await;
    let _: () = redis::cmd("FLUSHALL").query_async(&mut server.client().await).await.unwrap();
    sse.expect("reset").await;
    // The flush may be noticed in two ways, and told twice: then the second reset stands for what came between.
    until_it_goes_on(&node, &server, &mut sse).await;
}

#[tokio::test]
async fn a_redis_that_froze_for_a_while_loses_nothing() {
    let server = RedisServer::start();
    let (a, b) = (Node::redis(&server).await, Node::redis(&server).await);
    let mut on_a = a.stream().await;
    server.freeze();
    let waiting = tokio::spawn({
        let cache = b.cache.clone();
        async move { cache.invalidate_pattern(&kpis("1")).await }
    });
    sleep(Duration::from_millis(700)).await;
    on_a.expect_silence(Duration::from_millis(300)).await;
    server.thaw();
    let _ = waiting.await.unwrap();
    // Told when it was done, be it late.
    assert_eq!(told_after_resets(&mut on_a).await.0, told("1"));
    b.invalidate("2").await;
    assert_eq!(told_after_resets(&mut on_a).await.0, told("2"));
}

#[tokio::test]
async fn what_is_invalidated_is_told_although_connections_are_killed() {
    let server = RedisServer::start();
    let (a, b) = (Node::redis(&server).await, Node::redis(&server).await);
    let mut on_a = a.stream().await;
    for round in 0..5 {
        let mut client = server.client().await;
        let kill = redis::cmd("CLIENT")
            .arg("KILL")
            .arg("TYPE")
            .arg("normal")
            .arg("SKIPME")
            .arg("yes")
            .take();
        let _: i64 = kill.query_async(&mut client).await.unwrap();
        let id = round.to_string();
        // That the connection was lost may be told as well, by a reset, and stands for it then.
        let place = invalidated_at(&b, &server, &id).await;
        told_or_reset(&mut on_a, &id, place).await;
    }
    until_it_goes_on(&b, &server, &mut on_a).await;
}

#[tokio::test]
async fn who_comes_back_from_behind_the_trimmed_end_starts_over() {
    let server = RedisServer::start();
    let (a, b) = (Node::redis(&server).await, Node::redis(&server).await);
    let mut sse = a.stream().await;
    a.invalidate("1").await;
    assert_eq!(sse.invalidated().await, told("1"));
    for id in 2..5 {
        a.invalidate(&id.to_string()).await;
    }
    let trim = redis::cmd("XTRIM").arg(LOG).arg("MAXLEN").arg(1).take();
    let _: i64 = trim.query_async(&mut server.client().await).await.unwrap();
    // This node was not there when it happened, and the log does not say any more.
    drop(b);
    let c = Node::redis(&server).await;
    let mut late = c.resume(&sse.last_id).await;
    late.expect("hello").await;
    late.expect("reset").await;
    // The node that was there remembers.
    let mut there = a.resume(&sse.last_id).await;
    there.expect("hello").await;
    assert_eq!(there.invalidated().await, told("2"));
}

#[tokio::test]
async fn what_is_no_notice_is_passed_over_and_counted() {
    let server = RedisServer::start();
    let node = Node::redis(&server).await;
    let mut sse = node.stream().await;
    let mut client = server.client().await;
    let mut add = async |fields: &[(&str, &str)]| {
        let mut add = redis::cmd("XADD");
        add.arg(LOG).arg("*");
        for (name, value) in fields {
            add.arg(name).arg(value);
        }
        let _: String = add.query_async(&mut client).await.unwrap();
    };
    let first = notice(1, &kpis("1"));
    add(&[("v", "1"), ("n", &first)]).await;
    for fields in [
        &[("v", "0"), ("n", first.as_str())][..],
        &[("v", "1"), ("n", "{")],
        &[("v", "1"), ("n", r#"{"patterns":[]}"#)],
        &[("v", "1"), ("n", &notice(2, "exec:k*"))],
        &[("v", "1"), ("m", "x")],
        &[("n", &first)],
        &[("somebody", "else's")],
        // The first once more: appended twice by one who was not sure.
        &[("v", "1"), ("n", &first)],
    ] {
        add(fields).await;
    }
    // Out of its sender's order, which is no order of ours.
    add(&[("v", "1"), ("n", &notice(9, &kpis("9")))]).await;
    add(&[("v", "1"), ("n", &notice(8, &kpis("8")))]).await;
    for id in ["1", "9", "8"] {
        assert_eq!(sse.invalidated().await, told(id));
    }
    let stats = node.cache.stream_stats();
    assert_eq!((stats.notices_read, stats.notices_ignored), (3, 8));
}

#[tokio::test]
async fn somebody_elses_type_under_the_logs_name_is_no_panic() {
    let server = RedisServer::start();
    let mut client = server.client().await;
    let _: () = redis::cmd("SET").arg(LOG).arg("x").query_async(&mut client).await.unwrap();
    let node = Node::redis(&server).await;
    node.invalidate("1").await;
    assert_eq!(Sse::open(node.http.address()).await.status(), 503);
    assert_eq!(node.cache.stream_stats().notices_waiting, 1);
    let _: () = redis::cmd("DEL").arg(LOG).query_async(&mut client).await.unwrap();
    // What waited is in the log now, and the node follows it.
    eventually("it is told", async || node.cache.stream_stats().notices_waiting == 0).await;
    let mut sse = node.stream().await;
    node.invalidate("2").await;
    loop {
        if sse.invalidated().await == told("2") {
            break;
        }
    }
}

#[tokio::test]
async fn a_reader_that_is_too_slow_is_cut_off_with_a_reset_and_costs_nobody_else_anything() {
    let node = Node::memory().await;
    let (mut slow, mut quick) = (node.stream().await, node.stream().await);
    // More than the ring, and more than the sockets' buffers.
    let wide = "w".repeat(8 * 1024);
    for number in 0..3_000 {
        node.invalidate(&format!("{number}-{wide}")).await;
        assert_eq!(
            quick.invalidated().await.0[0].len(),
            kpis("").len() + wide.len() + 1 + number.to_string().len()
        );
    }
    let mut last = None;
    let mut told = 0;
    let end = async {
        while let Some(event) = slow.event().await {
            told += 1;
            last = Some(event);
        }
    };
    timeout(PATIENCE, end).await.expect("the stream ends");
    let last = last.unwrap();
    assert_eq!(last.name, "reset", "{told} events");
    assert!(told < 3_000, "{told}");
    assert_eq!(node.cache.stream_stats().streams_cut, 1);
    // Where it goes on, nothing is missing.
    assert_eq!(last.id, Some(quick.last_id.clone()));
    let mut again = node.resume(&last.id.unwrap()).await;
    again.expect("hello").await;
    node.invalidate("after").await;
    assert_eq!(again.invalidated().await, crate::stream_node::told("after"));
}

#[tokio::test]
async fn a_thousand_streams_are_told_at_once() {
    if !is_alone("stream_faults::a_thousand_streams_are_told_at_once") {
        return;
    }
    let node = Node::memory().await;
    let mut streams = Vec::new();
    for _ in 0..400 {
        streams.push(node.stream().await);
    }
    let before = resident_kib();
    while streams.len() < 1_000 {
        streams.push(node.stream().await);
    }
    let each = resident_kib().saturating_sub(before) as f64 / 600.0;
    let begun = Instant::now();
    for round in 0..10 {
        node.invalidate(&round.to_string()).await;
    }
    for sse in &mut streams {
        for round in 0..10 {
            assert_eq!(sse.invalidated().await, told(&round.to_string()));
        }
    }
    let took = begun.elapsed();
    println!("1,000 streams: {each:.0} KiB each with its client, 10,000 events in {took:?}");
    assert_eq!(node.cache.stream_stats().streams_open, 1_000);
    assert!(each < 128.0, "{each} KiB");
    drop(streams);
    eventually("all have ended", async || {
        // A stream notices that nobody listens when it has something to say.
        node.invalidate("gone").await;
        node.cache.stream_stats().streams_open == 0
    })
    .await;
}

/// What this process has in memory.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn the_logs_name_has_the_namespace_and_it_does_not_live_for_ever() {
    let server = RedisServer::start();
    let store = |namespace: &str| {
        samekey::server::RedisStore::new(&server.patient_config().namespace(namespace)).unwrap()
    };
    let schema = samekey::shadower::schema();
    let node =
        |namespace: &str| Node::of(samekey::server::CacheService::new(schema, store(namespace)));
    let (ours, others) = (node("app:prod:").await, node("app:test:").await);
    let (mut on_ours, mut on_others) = (ours.stream().await, others.stream().await);
    ours.invalidate("1").await;
    assert_eq!(on_ours.invalidated().await, told("1"));
    on_others.expect_silence(Duration::from_millis(300)).await;
    let mut client = server.client().await;
    let mut names: Vec<String> =
        redis::cmd("KEYS").arg("*").query_async(&mut client).await.unwrap();
    names.sort_unstable();
    let logs = ["app:prod:samekey:invalidations", "app:test:samekey:invalidations"];
    let stamps = logs.map(|log| format!("{{{log}}}:~run"));
    assert_eq!(names, [&logs.map(String::from)[..], &stamps].concat());
    for name in names {
        let left: i64 = redis::cmd("TTL").arg(name).query_async(&mut client).await.unwrap();
        assert!((86_000..=86_400).contains(&left), "{left}");
    }
    assert!(on_ours.last_id.parse::<LogId>().is_ok());
}
