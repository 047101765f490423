//! What a stream shows to whom: tried by getting in.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::request::Parts;
use samekey::server::access::{Access, Principal, Reach, Scope};
use samekey::server::http::{Problem, Routes};
use samekey::server::{CacheService, MemoryStore};
use samekey::shadower;

use crate::http_client::Http;
use crate::sse_client::Sse;

const EVENTS: &str = "/api/v1/events";
const INVALIDATE: &str = "/api/v1/cache/invalidate";

/// `Authorization: ws1,ws2`, or `admin`. What a token says, without the token.
fn authority(parts: &Parts) -> Result<Access, Problem> {
    let header = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    let who =
        header.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "E_WHO", "who is it?"))?;
    let access = Access::unlimited(Principal::named(who));
    Ok(match who {
        "admin" => access,
        "short" => access.until(std::time::SystemTime::now() + Duration::from_secs(5)),
        "reader" => access.with_scopes([Scope::Read]),
        "" => access.with_reach(Reach::nothing()),
        workspaces => access.with_reach(Reach::only("workspace", workspaces.split(','))),
    })
}

async fn served() -> (CacheService, Http) {
    let cache = CacheService::new(shadower::schema(), MemoryStore::default());
    let http = Http::serve(Routes::new(cache.clone()).authorize(authority).build()).await;
    (cache, http)
}

async fn open(http: &Http, who: &str) -> Sse {
    let mut sse = Sse::open_with(http.address(), "", &[("Authorization", who)]).await;
    sse.expect("hello").await;
    sse
}

/// What came before an invalidation of the stream's own workspace `ws1`.
async fn shown(cache: &CacheService, sse: &mut Sse) -> Vec<String> {
    cache.invalidate_pattern("exec:kpis:ws1").await.unwrap();
    let mut shown = Vec::new();
    loop {
        let (patterns, _) = sse.invalidated().await;
        if patterns == ["exec:kpis:ws1"] {
            return shown;
        }
        shown.extend(patterns);
    }
}

#[tokio::test]
async fn a_stream_shows_its_own_workspaces_only() {
    let (cache, http) = served().await;
    let (mut one, mut admin) = (open(&http, "ws1").await, open(&http, "admin").await);
    for pattern in ["exec:kpis:ws2", "exec:*:ws2:*", "exec:kpis:ws1%2A", "metrics:agg:ws1:ws2:*"] {
        cache.invalidate_pattern(pattern).await.unwrap();
        assert_eq!(admin.invalidated().await.0, [pattern]);
    }
    cache.invalidate_workspace("ws2").await.unwrap();
    cache.delete("exec:kpis:ws2").await.unwrap();
    assert_eq!(shown(&cache, &mut one).await, [""; 0]);
}

#[tokio::test]
async fn of_what_may_be_his_a_stream_is_told_that_it_changed_and_not_what() {
    let (cache, http) = served().await;
    let (mut one, mut admin) = (open(&http, "ws1").await, open(&http, "admin").await);
    let mut nobody = open(&http, "").await;
    let unspecified = |patterns: &[&str]| {
        (patterns.iter().map(ToString::to_string).collect::<Vec<_>>(), "unspecified".to_owned())
    };
    // Nobody's: whoever ran the same query holds it.
    let hash = "0123456789abcdef0123456789abcdef";
    let result = format!("query:result:{hash}");
    cache.invalidate_pattern(&result).await.unwrap();
    assert_eq!(admin.invalidated().await, (vec![result.clone()], "pattern".to_owned()));
    assert_eq!(one.invalidated().await, unspecified(&["query:result:*"]));
    cache.delete(&result).await.unwrap();
    assert_eq!(one.invalidated().await, unspecified(&["query:result:*"]));
    // An agent, and nobody says whose.
    cache.invalidate_agent("a7").await.unwrap();
    assert_eq!(one.invalidated().await, unspecified(&["agent:analytics:*:*"]));
    cache.invalidate_pattern("agent:analytics:a7:24h").await.unwrap();
    assert_eq!(one.invalidated().await, unspecified(&["agent:analytics:*:*"]));
    let report = [("report_id", "r1")];
    cache.handle_event("report_generated", &report, Some(&serde_json::json!(1))).await.unwrap();
    assert_eq!(one.invalidated().await, unspecified(&["report:data:*:*"]));
    // An agent of another's, by the event.
    let run = [("workspace_id", "ws2"), ("agent_id", "a7")];
    cache.handle_event("agent_run_completed", &run, None).await.unwrap();
    assert_eq!(shown(&cache, &mut one).await, [""; 0]);
    // Who may see nothing is told nothing.
    nobody.expect_silence(Duration::from_millis(200)).await;
}

#[tokio::test]
async fn a_wider_pattern_is_narrowed_to_what_the_token_allows() {
    let (cache, http) = served().await;
    let (mut one, mut two) = (open(&http, "ws1").await, open(&http, "ws2,ws1").await);
    cache.invalidate_pattern("exec:*:*:*").await.unwrap();
    let narrowed = ["exec:dashboard:ws1:*", "exec:revenue:ws1:*"];
    assert_eq!(one.invalidated().await.0, narrowed);
    let both = [
        "exec:dashboard:ws1:*",
        "exec:dashboard:ws2:*",
        "exec:revenue:ws1:*",
        "exec:revenue:ws2:*",
    ];
    assert_eq!(two.invalidated().await.0, both);
    cache.invalidate_pattern("query:*").await.unwrap();
    assert_eq!(one.invalidated().await.0, ["query:result:*"]);
    cache.invalidate_pattern("user:activity:*").await.unwrap();
    assert_eq!(one.invalidated().await.0, ["user:activity:*:*"]);
    assert_eq!(shown(&cache, &mut one).await, [""; 0]);
}

#[tokio::test]
async fn an_event_of_his_own_workspace_comes_whole_and_of_another_not_at_all() {
    let (cache, http) = served().await;
    let mut sse = open(&http, "ws1").await;
    let run = |workspace| [("workspace_id", workspace), ("agent_id", "a7")];
    cache.handle_event("agent_run_completed", &run("ws2"), None).await.unwrap();
    let done = cache.handle_event("agent_run_completed", &run("ws1"), None).await.unwrap();
    let (patterns, reason) = sse.invalidated().await;
    assert_eq!((patterns, reason.as_str()), (done.invalidation.patterns, "agent_run_completed"));
}

#[tokio::test]
async fn nobody_talks_his_way_into_anothers_stream() {
    let (cache, http) = served().await;
    let (mut one, mut two) = (open(&http, "ws1").await, open(&http, "ws2").await);
    let post = async |path: &str, body: &str| {
        let headers = [("Content-Type", "application/json"), ("Authorization", "ws1")];
        http.send("POST", path, &headers, body.as_bytes()).await.status
    };
    for (path, body) in [
        (INVALIDATE, r#"{"pattern":"exec:kpis:ws2"}"#),
        (INVALIDATE, r#"{"pattern":"exec:*"}"#),
        (INVALIDATE, r#"{"pattern":"exec:*:*:*"}"#),
        (INVALIDATE, r#"{"workspace":"ws2"}"#),
        (INVALIDATE, r#"{"agent":"a1"}"#),
        (EVENTS, r#"{"event":"workspace_updated","workspace_id":"ws2"}"#),
        (EVENTS, r#"{"event":"credit_transaction","workspace_id":"*"}"#),
        (EVENTS, r#"{"event":"report_generated","report_id":"r1","data":1}"#),
    ] {
        assert_eq!(post(path, body).await, 403, "{body}");
    }
    // Of many, those that are his are done.
    let many = r#"[{"event":"workspace_updated","workspace_id":"ws2"},{"event":"credit_transaction","workspace_id":"ws1"}]"#;
    assert_eq!(post(EVENTS, many).await, 207);
    assert_eq!(one.invalidated().await.1, "credit_transaction");
    assert_eq!(shown(&cache, &mut one).await, [""; 0]);
    two.expect_silence(Duration::from_millis(200)).await;
}

#[tokio::test]
async fn what_was_missed_is_shown_in_the_same_way() {
    let (cache, http) = served().await;
    let sse = open(&http, "ws1").await;
    for pattern in ["exec:kpis:ws2", "exec:kpis:ws1", "exec:kpis:*"] {
        cache.invalidate_pattern(pattern).await.unwrap();
    }
    let headers = [("Authorization", "ws1"), ("Last-Event-ID", sse.last_id.as_str())];
    let mut again = Sse::open_with(http.address(), "", &headers).await;
    again.expect("hello").await;
    for _ in 0..2 {
        assert_eq!(again.invalidated().await.0, ["exec:kpis:ws1"]);
    }
    again.expect_silence(Duration::from_millis(200)).await;
}

#[tokio::test]
async fn without_a_token_or_the_scope_there_is_no_stream() {
    let (_cache, http) = served().await;
    assert_eq!(Sse::open(http.address()).await.status(), 401);
    let reader = Sse::open_with(http.address(), "", &[("Authorization", "reader")]).await;
    assert_eq!(reader.status(), 403);
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let (cache, http) = served().await;
    let mut sse = open(&http, "short").await;
    cache.invalidate_pattern("exec:kpis:ws1").await.unwrap();
    assert_eq!(sse.invalidated().await.0, ["exec:kpis:ws1"]);
    assert_eq!(sse.event().await, None);
}
