//! The cache's own routes, over the wire.

use samekey::server::{CacheService, RedisConfig, RedisStore, http};
use serde_json::{Value, json};

use crate::fixture::{agent_analytics, executive, kpis, memory_cache, schema};
use crate::http_client::Http;
use crate::redis_server::{PATIENCE, free_port};

const INVALIDATE: &str = "/api/v1/cache/invalidate";
const EVENTS: &str = "/api/v1/events";

async fn served() -> (CacheService, Http) {
    let cache = memory_cache();
    for key in [
        kpis("ws1"),
        kpis("42"),
        executive("ws1", "7d"),
        executive("ws2", "7d"),
        agent_analytics("a1"),
    ] {
        cache.set(&key, &json!(1)).await.unwrap();
    }
    let http = Http::serve(http::router(cache.clone())).await;
    (cache, http)
}

#[tokio::test]
async fn stats_are_the_services() {
    let (cache, http) = served().await;
    cache.get(&kpis("ws1")).await.unwrap();
    let reply = http.get("/api/v1/cache/stats").await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")));
    // But for how long the circuit has been closed.
    let still = |mut stats: Value| {
        stats["circuits"][0]["since_ms"] = json!(0);
        stats
    };
    let stats = serde_json::to_value(cache.get_cache_stats().await).unwrap();
    assert_eq!(still(reply.json()), still(stats));
    assert_eq!(reply.json()["hit_rate_percent"], 100.0);
}

#[tokio::test]
async fn an_invalidation_says_its_patterns_and_how_many_keys_it_removed() {
    let (cache, http) = served().await;
    for (body, expected) in [
        (r#"{"pattern":"exec:*:ws1:*"}"#, json!({ "patterns": ["exec:*:ws1:*"], "deleted": 1 })),
        (
            r#"{"workspace":"ws2"}"#,
            json!({ "patterns": ["exec:kpis:ws2", "exec:dashboard:ws2:*"], "deleted": 1 }),
        ),
        (r#"{"agent":"a1"}"#, json!({ "patterns": ["agent:analytics:a1:*"], "deleted": 1 })),
        (r#"{"user":"u1"}"#, json!({ "patterns": ["user:activity:u1:*"], "deleted": 0 })),
        (
            r#"{"workspace":42}"#,
            json!({ "patterns": ["exec:kpis:42", "exec:dashboard:42:*"], "deleted": 1 }),
        ),
    ] {
        let reply = http.post(INVALIDATE, body).await;
        assert_eq!((reply.status, reply.json()), (200, expected), "{body}");
    }
    assert!(cache.exists(kpis("ws1")).await.unwrap());
}

#[tokio::test]
async fn a_bad_invalidation_is_a_problem_that_names_the_field_and_removes_nothing() {
    let (cache, http) = served().await;
    for (body, status, code, field) in [
        (r#"{"pattern":"*"}"#, 400, "E_PATTERN_OUTSIDE_SCHEMA", Some("pattern")),
        (r#"{"pattern":"celery*"}"#, 400, "E_PATTERN_PARTIAL_WILDCARD", Some("pattern")),
        (r#"{"pattern":"celery:*"}"#, 400, "E_PATTERN_OUTSIDE_SCHEMA", Some("pattern")),
        (r#"{"pattern":""}"#, 400, "E_KEY_EMPTY_IDENTIFIER", Some("pattern")),
        (r#"{"pattern":["exec:*"]}"#, 400, "E_FIELD_TYPE", Some("pattern")),
        (r#"{"workspace":""}"#, 400, "E_KEY_EMPTY_IDENTIFIER", Some("workspace")),
        (r#"{"workspace":null}"#, 400, "E_FIELD_TYPE", Some("workspace")),
        (r#"{"workspace":1.5}"#, 400, "E_FIELD_TYPE", Some("workspace")),
        (r#"{"workspaces":"ws1"}"#, 400, "E_FIELD_UNKNOWN", Some("workspaces")),
        (r#"{"agent":"a1","workspace":"ws1"}"#, 400, "E_FIELD_CONFLICT", Some("workspace")),
        ("{}", 400, "E_FIELD_MISSING", Some("pattern")),
        ("[]", 400, "E_BODY_INVALID", None),
        ("", 400, "E_BODY_INVALID", None),
        (r#"{"pattern":"exec:*""#, 400, "E_BODY_INVALID", None),
    ] {
        let problem = http.post(INVALIDATE, body).await.problem();
        assert_eq!(problem, (status, code.to_owned(), field.map(Into::into)), "{body}");
    }
    assert_eq!(cache.get_cache_stats().await.keys, 5);
}

#[tokio::test]
async fn an_event_does_what_the_schema_says() {
    let (cache, http) = served().await;
    let body = r#"{"event":"agent_run_completed","workspace_id":"ws1","agent_id":"a1"}"#;
    let reply = http.post(EVENTS, body).await;
    let expected = json!({
        "event": "agent_run_completed",
        "patterns": ["agent:analytics:a1:*", "exec:dashboard:ws1:*"],
        "deleted": 2,
    });
    assert_eq!((reply.status, reply.json()), (200, expected));
    assert!(!cache.exists(executive("ws1", "7d")).await.unwrap());

    let body = r#"{"event":"report_generated","report_id":7,"format":null,"data":{"rows":[1,2]}}"#;
    let reply = http.post(EVENTS, body).await;
    assert_eq!((reply.status, &reply.json()["cached"]), (200, &json!("report:data:7:json")));
    assert!(cache.exists("report:data:7:json").await.unwrap());
}

#[tokio::test]
async fn a_bad_event_is_a_problem_that_names_the_field() {
    let (cache, http) = served().await;
    for (body, code, field) in [
        (r#"{"event":"nothing_happened"}"#, "E_EVENT_UNKNOWN", Some("event")),
        (r#"{"event":7}"#, "E_FIELD_TYPE", Some("event")),
        (r#"{"workspace_id":"ws1"}"#, "E_FIELD_MISSING", Some("event")),
        (
            r#"{"event":"agent_run_completed","workspace_id":"ws1"}"#,
            "E_FIELD_MISSING",
            Some("agent_id"),
        ),
        (
            r#"{"event":"agent_run_completed","workspace_id":"ws1","agent_id":""}"#,
            "E_KEY_EMPTY_IDENTIFIER",
            Some("agent_id"),
        ),
        (
            r#"{"event":"agent_run_completed","workspace_id":"ws1","agent_id":"a1","data":{}}"#,
            "E_FIELD_TYPE",
            Some("data"),
        ),
        (r#"{"event":"report_generated","report_id":"r1"}"#, "E_FIELD_MISSING", Some("data")),
    ] {
        let problem = http.post(EVENTS, body).await.problem();
        assert_eq!(problem, (400, code.to_owned(), field.map(Into::into)), "{body}");
    }
    assert_eq!(cache.get_cache_stats().await.keys, 5);
}

/// What is invalidated is kept for others: in what waits for the store, in the log, on the way to every browser.
#[tokio::test]
async fn an_identifier_or_a_pattern_that_is_too_long_is_refused_and_kept_nowhere() {
    let (cache, http) = served().await;
    let body = |name: &str, length: usize| {
        let text = "é".repeat(length / 2);
        match name {
            "pattern" | "workspace" => format!(r#"{{"{name}":"{text}"}}"#),
            _ => format!(
                r#"{{"event":"agent_run_completed","workspace_id":"ws1","{name}":"{text}"}}"#
            ),
        }
    };
    for (path, name) in [(INVALIDATE, "pattern"), (INVALIDATE, "workspace"), (EVENTS, "agent_id")] {
        let problem = http.post(path, &body(name, 4_098)).await.problem();
        assert_eq!(problem, (400, "E_FIELD_TOO_LONG".to_owned(), Some(name.to_owned())));
    }
    assert_eq!(cache.get_cache_stats().await.invalidations, 0);
    for (path, name) in [(INVALIDATE, "workspace"), (EVENTS, "agent_id")] {
        assert_eq!(http.post(path, &body(name, 4_096)).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_or_no_json_is_refused() {
    let (_cache, http) = served().await;
    let large = format!(r#"{{"pattern":"{}"}}"#, "x".repeat(100_000));
    assert_eq!(http.post(INVALIDATE, &large).await.problem().1, "E_BODY_TOO_LARGE");
    let deep = "[".repeat(50_000);
    assert_eq!(http.post(EVENTS, &deep).await.problem().1, "E_BODY_INVALID");
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]
    {
        let headers = [("Content-Type", content_type)];
        let reply = http.send("POST", INVALIDATE, &headers, br#"{"workspace":"ws1"}"#).await;
        assert_eq!(reply.problem().0, 415, "{content_type:?}");
    }
    let headers = [("Content-Type", "Application/JSON; charset=utf-8")];
    assert_eq!(
        http.send("POST", INVALIDATE, &headers, br#"{"workspace":"ws1"}"#).await.status,
        200
    );
    let bytes = http.send("POST", INVALIDATE, &headers, b"{\"workspace\":\"\xff\"}").await;
    assert_eq!(bytes.problem().1, "E_BODY_INVALID");
}

#[tokio::test]
async fn a_report_over_the_limit_is_refused_and_the_old_one_is_gone() {
    let (cache, http) = served().await;
    let report =
        |data: &str| format!(r#"{{"event":"report_generated","report_id":"r1","data":"{data}"}}"#);
    assert_eq!(http.post(EVENTS, &report("small")).await.status, 200);
    let problem =
        http.post(EVENTS, &report(&"x".repeat(CacheService::MAX_VALUE_BYTES))).await.problem();
    assert_eq!((problem.0, problem.1.as_str()), (413, "E_VALUE_TOO_LARGE"));
    assert!(!cache.exists("report:data:r1:json").await.unwrap());
}

#[tokio::test]
async fn a_wrong_method_is_a_problem_too() {
    let (_cache, http) = served().await;
    for (method, path) in [
        ("GET", INVALIDATE),
        ("GET", EVENTS),
        ("DELETE", "/api/v1/cache/stats"),
        ("POST", "/health"),
    ] {
        let problem = http.send(method, path, &[], b"").await.problem();
        assert_eq!(problem.0, 405, "{method} {path}");
    }
}

#[tokio::test]
async fn health_is_ok_and_degraded_while_the_store_is_down() {
    let (_cache, http) = served().await;
    let well = json!({
        "status": "ok", "store": "memory", "store_available": true, "circuits": [{ "state": "closed" }],
        "removals_pending": 0, "log": { "followed": true, "unread": 0, "waiting": 0 },
    });
    assert_eq!(http.get("/health").await.json(), well);

    let url = format!("redis://127.0.0.1:{}", free_port());
    let mut config = RedisConfig::new(url);
    // Nobody is there, which is said at once.
    (config.response_timeout, config.connect_timeout) = (PATIENCE, PATIENCE);
    let store = RedisStore::new(&config).unwrap();
    let http = Http::serve(http::router(CacheService::new(schema(), store))).await;
    let reply = http.get("/health").await;
    let health = reply.json();
    let said = (&health["status"], &health["store"], &health["store_available"]);
    assert_eq!((reply.status, said), (200, (&json!("degraded"), &json!("redis"), &json!(false))));
    assert_eq!(http.get("/api/v1/cache/stats").await.json()["store_available"], false);
    let problem = http.post(INVALIDATE, r#"{"workspace":"ws1"}"#).await.problem();
    assert_eq!(problem, (503, "E_STORE_QUEUED".into(), None));
    for _ in 0..6 {
        http.post(INVALIDATE, r#"{"workspace":"ws2"}"#).await;
    }
    let health = http.get("/health").await.json();
    assert_ne!(health["circuits"][0]["state"], "closed", "{health}");
    assert_eq!(health["circuits"][0]["last_error"], "E_STORE_UNAVAILABLE", "{health}");
    assert!(health["circuits"][0]["since_ms"].is_u64(), "{health}");
    assert!(health["removals_pending"].as_u64() > Some(1), "{health}");
    assert_eq!(health["log"]["followed"], false, "{health}");
}

/// Which of the two was meant, nobody knows; and the other would stay stale.
#[tokio::test]
async fn a_field_that_stands_there_twice_is_refused_and_nothing_is_done() {
    let (cache, http) = served().await;
    let before = cache.get_cache_stats().await;
    for (path, body) in [
        ("/api/v1/cache/invalidate", r#"{"workspace":"ws1","workspace":"ws2"}"#),
        (
            "/api/v1/events",
            r#"{"event":"agent_run_started","workspace_id":"ws1","workspace_id":"ws2","agent_id":"a1"}"#,
        ),
        ("/api/v1/events", r#"[{"event":"agent_run_started","event":"agent_run_completed"}]"#),
    ] {
        let reply = http.post(path, body).await;
        assert_eq!(
            (reply.status, &reply.json()["code"]),
            (400, &serde_json::json!("E_BODY_INVALID"))
        );
        let message = reply.json()["message"].to_string();
        assert!(message.contains("twice"), "{message}");
    }
    assert_eq!(cache.get_cache_stats().await.invalidations, before.invalidations);
}

#[tokio::test]
async fn a_path_that_is_no_text_is_a_problem_too() {
    let (cache, _) = served().await;
    let jobs = samekey::server::jobs::Jobs::new(&cache).start();
    let http = Http::serve(http::Routes::new(cache).jobs(jobs.handle()).build()).await;
    for method in ["GET", "POST"] {
        let reply = http.send(method, "/api/v1/cache/jobs/%ff", &[], b"").await;
        assert_eq!((reply.status, &reply.json()["code"]), (404, &json!("E_JOB_UNKNOWN")));
    }
}
