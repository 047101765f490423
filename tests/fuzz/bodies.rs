//! Requests: whatever a client sends to the cache's own routes.

use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use proptest::prelude::*;
use samekey::server::{CacheService, MemoryStore, http};
use samekey::shadower;
use tower::ServiceExt;

use crate::mutation::mutated;
use crate::percent;

static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());

static APP: LazyLock<Router> = LazyLock::new(|| {
    let _in_the_runtime = RUNTIME.enter();
    http::router(CacheService::new(shadower::schema(), MemoryStore::default()))
});

fn events() -> Vec<Vec<u8>> {
    [
        r#"{"event":"agent_run_started","workspace_id":"ws123","agent_id":"a7"}"#,
        r#"{"event":"agent_run_completed","workspace_id":"ws:1","agent_id":7,"user_id":null}"#,
        r#"{"event":"report_generated","report_id":"r1","format":"csv","data":{"rows":[1,2,{"deep":[[[]]]}]}}"#,
        r#"[{"event":"workspace_updated","workspace_id":"ws123"},{"event":"user_activity","workspace_id":"w","user_id":"u"}]"#,
    ]
    .map(|body| body.as_bytes().to_vec())
    .into()
}

fn invalidations() -> Vec<Vec<u8>> {
    [
        r#"{"pattern":"exec:*:ws123:*"}"#,
        r#"{"workspace":"ws123"}"#,
        r#"{"agent":7}"#,
        r#"{"user":"*"}"#,
        r#"{"pattern":"*"}"#,
    ]
    .map(|body| body.as_bytes().to_vec())
    .into()
}

/// Answered, with a code when it is refused, and never as a fault of ours.
async fn answered(path: &str, body: Vec<u8>) {
    let request = Request::post(path).header("content-type", "application/json");
    let response = APP.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1 << 22).await.unwrap();
    assert!(!status.is_server_error(), "{status}: {}", body.escape_ascii());
    let body: serde_json::Value = serde_json::from_slice(&body).expect("an answer in JSON");
    if status.is_client_error() {
        assert!(body["code"].as_str().is_some_and(|code| code.starts_with("E_")), "{body}");
    }
}

proptest! {
    #![proptest_config(percent(15))]

    #[test]
    fn events_of_any_shape(body in mutated(events())) {
        RUNTIME.block_on(answered("/api/v1/events", body));
    }
}

proptest! {
    #![proptest_config(percent(10))]

    #[test]
    fn invalidations_of_any_shape(body in mutated(invalidations())) {
        RUNTIME.block_on(answered("/api/v1/cache/invalidate", body));
    }
}
