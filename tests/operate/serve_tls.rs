//! A node whose Redis is one that others run: behind TLS, and shared.

use serde_json::json;

use crate::certificates::{Certificates, start};
use crate::command::{exists, fill, run};
use crate::serve::Node;

#[test]
fn a_node_trusts_the_authority_that_it_is_told_to_and_stays_in_its_namespace() {
    let certificates = Certificates::make("serve-tls");
    let (redis, port) = start(&certificates);
    let plain = format!("redis://:hunter2@127.0.0.1:{}", redis.port());
    fill(&plain, &["prod:exec:kpis:ws1", "exec:kpis:ws1"], false);
    let url = format!("rediss://:hunter2@127.0.0.1:{port}");
    let authority = certificates.path("ca.pem");
    let at = ["--redis", &url, "--namespace", "prod:"];
    let node = Node::start(&[&at[..], &["--redis-ca", &authority]].concat());
    let stranger = Node::start(&at);

    let event = json!({ "event": "workspace_updated", "workspace_id": "ws1" });
    ureq::post(format!("{}/api/v1/events", node.url)).send_json(&event).expect("it is carried out");
    assert!(!exists(&plain, "prod:exec:kpis:ws1"));
    assert!(exists(&plain, "exec:kpis:ws1"), "what is outside is nobody's but others'");
    assert_eq!(run(&["health", "--url", &node.url]).out, "ok (redis)\n");

    // Nobody vouches for the server to a node that is not told of the authority.
    let refused = ureq::post(format!("{}/api/v1/events", stranger.url)).send_json(&event);
    assert!(matches!(refused, Err(ureq::Error::StatusCode(503))), "{refused:?}");
    assert_eq!(run(&["health", "--url", &stranger.url]).out, "degraded (redis)\n");

    let keys = run(&["keys", "--redis", &url, "--redis-ca", &authority]);
    assert!(keys.code == 0 && keys.out.contains("exec:kpis:ws1"), "{}{}", keys.out, keys.err);
}

#[test]
fn an_authority_that_cannot_be_read_is_said_before_the_node_starts() {
    let ran = run(&["serve", "--port", "0", "--redis", "rediss://x", "--redis-ca", "/nowhere.pem"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("/nowhere.pem"), "{}", ran.err);
}
