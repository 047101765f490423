//! What `samekey serve` says while it runs.

use std::io::{BufRead, BufReader, Read};
use std::process::{ChildStderr, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::command::{eventually, samekey};
use crate::redis_server::RedisServer;
use crate::serve::Node;

/// A node, and what it has said so far.
fn node(redis: &RedisServer, levels: Option<&str>) -> (Node, Arc<Mutex<String>>) {
    let mut serve = samekey();
    serve.args(["serve", "--port", "0", "--redis", &redis.url()]);
    serve.envs(levels.map(|levels| ("RUST_LOG", levels)));
    let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said = heard(child.stderr.take().unwrap());
    let url = line.split_whitespace().next().expect("its address").to_owned();
    (Node { child, url }, said)
}

fn heard(mut errors: ChildStderr) -> Arc<Mutex<String>> {
    let said = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&said);
    std::thread::spawn(move || {
        let mut some = [0; 4096];
        while let Ok(read @ 1..) = errors.read(&mut some) {
            kept.lock().unwrap().push_str(&String::from_utf8_lossy(&some[..read]));
        }
    });
    said
}

/// Something happens to workspaces until `said` has `words`.
fn until(node: &Node, said: &Mutex<String>, words: &str) {
    let started = Instant::now();
    while !said.lock().unwrap().contains(words) {
        assert!(started.elapsed() < Duration::from_secs(120), "{words}: {}", said.lock().unwrap());
        let event = json!({ "event": "workspace_updated", "workspace_id": "ws1" });
        let _ = ureq::post(format!("{}/api/v1/events", node.url)).send_json(event);
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_node_says_that_redis_is_gone_and_that_it_is_back() {
    let mut redis = RedisServer::start();
    let (node, said) = node(&redis, None);
    redis.kill();
    until(&node, &said, "the store fails; it is not asked again before it answers a probe");
    redis.restart();
    until(&node, &said, "the store answers again");
    let said = said.lock().unwrap();
    let line = said.lines().find(|line| line.contains("the store fails")).unwrap();
    assert!(line.contains("WARN") && line.contains("E_STORE_UNAVAILABLE"), "{line}");
    assert!(!said.contains('\x1b'), "no colours in a file: {said}");
}

#[test]
fn how_much_it_says_is_rust_logs_to_say() {
    let mut redis = RedisServer::start();
    let (node, said) = node(&redis, Some("samekey=error"));
    redis.kill();
    let event = json!({ "event": "workspace_updated", "workspace_id": "ws1" });
    for _ in 0..8 {
        let _ = ureq::post(format!("{}/api/v1/events", node.url)).send_json(&event);
    }
    assert!(!said.lock().unwrap().contains("the store fails"));

    let wrong = samekey().args(["serve", "--log", "a=b=c"]).output().unwrap();
    let complaint = String::from_utf8(wrong.stderr).unwrap();
    assert_eq!(wrong.status.code(), Some(2), "{complaint}");
    assert!(complaint.contains("such as warn, or samekey=debug,warn"), "{complaint}");
}

#[test]
fn a_node_whose_words_nobody_reads_any_more_goes_on() {
    let mut redis = RedisServer::start();
    let mut serve = samekey();
    serve.args(["serve", "--port", "0", "--redis", &redis.url()]);
    let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    drop(child.stderr.take());
    let url = line.split_whitespace().next().unwrap().to_owned();
    let node = Node { child, url };
    redis.kill();
    let event = json!({ "event": "workspace_updated", "workspace_id": "ws1" });
    for _ in 0..8 {
        let _ = ureq::post(format!("{}/api/v1/events", node.url)).send_json(&event);
    }
    redis.restart();
    let posted = || ureq::post(format!("{}/api/v1/events", node.url)).send_json(&event);
    eventually("it works again", || posted().is_ok_and(|answer| answer.status() == 200));
}
