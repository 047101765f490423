//! A cached route, over the wire.

use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use samekey::schema::{Key, TypedKey};
use samekey::server::CacheService;
use samekey::server::http::{CacheRequest, Problem};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::fixture::{Counted, kpis, memory_cache};
use crate::http_client::Http;

#[derive(Clone)]
struct App {
    cache: CacheService,
    database: Counted,
}

/// As an application's own route is written.
async fn route(
    State(app): State<App>,
    Path(workspace): Path<String>,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let key = Key::new(["exec", "kpis", &workspace])?;
    let key: TypedKey<Value> = TypedKey::new(key, "kpis", Duration::from_secs(300));
    let compute = move || async move {
        match workspace.as_str() {
            "gone" => {
                Err(Problem::new(StatusCode::NOT_FOUND, "E_WORKSPACE_UNKNOWN", "no such workspace"))
            }
            "broken" => panic!("as a compute may"),
            "slow" => {
                let slow = app.database.call_after(Duration::from_millis(300)).await;
                slow.map_err(|_| Problem::new(StatusCode::BAD_GATEWAY, "E_DB", "down"))
            }
            _ => app
                .database
                .call()
                .await
                .map_err(|_| Problem::new(StatusCode::BAD_GATEWAY, "E_DB", "down")),
        }
    };
    request.respond(&app.cache, &key, compute).await
}

async fn served() -> (App, Http) {
    let app = App { cache: memory_cache(), database: Counted::default() };
    let router = Router::new().route("/kpis/{workspace}", get(route)).with_state(app.clone());
    let http = Http::serve(router).await;
    (app, http)
}

#[tokio::test(start_paused = true)]
async fn a_miss_and_the_hit_after_it_send_the_same_body_and_tag() {
    let (app, http) = served().await;
    let miss = http.get("/kpis/ws1").await;
    assert_eq!((miss.status, miss.header("x-cache")), (200, Some("MISS")));
    assert_eq!(miss.header("content-type"), Some("application/json"));
    assert_eq!(miss.header("x-cache-key"), Some("exec:kpis:ws1"));
    assert_eq!(miss.header("cache-control"), Some("private, no-cache, max-age=300"));
    let hit = http.get("/kpis/ws1").await;
    assert_eq!((hit.status, hit.header("x-cache")), (200, Some("HIT")));
    assert_eq!((&hit.body, hit.header("etag")), (&miss.body, miss.header("etag")));
    assert_eq!(app.database.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn max_age_is_what_is_left_rounded_down() {
    let (_app, http) = served().await;
    http.get("/kpis/ws1").await;
    for (passed, left) in [
        (100_000, "private, no-cache, max-age=200"),
        (1, "private, no-cache, max-age=199"),
        (199_500, "private, no-cache, max-age=0"),
    ] {
        tokio::time::advance(Duration::from_millis(passed)).await;
        let hit = http.get("/kpis/ws1").await;
        assert_eq!((hit.header("x-cache"), hit.header("cache-control")), (Some("HIT"), Some(left)));
    }
    tokio::time::advance(Duration::from_millis(499)).await;
    assert_eq!(http.get("/kpis/ws1").await.header("x-cache"), Some("MISS"));
}

#[tokio::test(start_paused = true)]
async fn who_holds_the_body_gets_a_304_without_one() {
    let (_app, http) = served().await;
    let first = http.get("/kpis/ws1").await;
    let etag = first.header("etag").unwrap().to_owned();
    tokio::time::advance(Duration::from_secs(60)).await;
    let again = http.get_with("/kpis/ws1", &[("If-None-Match", &etag)]).await;
    assert_eq!(
        (again.status, again.body.len(), again.header("etag")),
        (304, 0, Some(etag.as_str()))
    );
    assert_eq!(again.header("cache-control"), Some("private, no-cache, max-age=240"));
    assert_eq!(
        (again.header("x-cache"), again.header("x-cache-key")),
        (Some("HIT"), Some("exec:kpis:ws1"))
    );
    let other = http.get_with("/kpis/ws1", &[("If-None-Match", "\"another\"")]).await;
    assert_eq!((other.status, other.body), (200, first.body));
}

#[tokio::test(start_paused = true)]
async fn skip_cache_computes_and_the_next_one_hits_what_it_computed() {
    let (app, http) = served().await;
    http.get("/kpis/ws1").await;
    let bypass = http.get("/kpis/ws1?timeframe=7d&skip_cache=true").await;
    assert_eq!((bypass.header("x-cache"), bypass.json()), (Some("BYPASS"), json!({ "call": 2 })));
    assert_eq!(bypass.header("cache-control"), Some("private, no-cache, max-age=300"));
    let hit = http.get("/kpis/ws1?skip_cache=false").await;
    assert_eq!((hit.header("x-cache"), hit.json()), (Some("HIT"), json!({ "call": 2 })));
    let problem = http.get("/kpis/ws1?skip_cache=yes").await.problem();
    assert_eq!(problem, (400, "E_FIELD_TYPE".into(), Some("skip_cache".into())));
    assert_eq!(app.database.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_hit_sends_the_stored_text_as_another_language_wrote_it() {
    let (app, http) = served().await;
    // A number that a decode and an encode would change.
    let written: Box<serde_json::value::RawValue> =
        serde_json::from_str(r#"{ "mrr": 1.50, "a": 1e3 }"#).unwrap();
    let key: TypedKey<Box<serde_json::value::RawValue>> =
        TypedKey::new(kpis("ws1").into_key(), "kpis", Duration::from_secs(300));
    app.cache.set(&key, &written).await.unwrap();
    assert_eq!(http.get("/kpis/ws1").await.body, br#"{ "mrr": 1.50, "a": 1e3 }"#);
}

#[tokio::test(start_paused = true)]
async fn a_computes_own_problem_is_the_answer_and_is_not_cached() {
    let (app, http) = served().await;
    let problem = http.get("/kpis/gone").await.problem();
    assert_eq!(problem, (404, "E_WORKSPACE_UNKNOWN".into(), None));
    assert!(!app.cache.exists(kpis("gone")).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_compute_is_a_500_that_tells_nothing() {
    let (_app, http) = served().await;
    let reply = http.get("/kpis/broken").await;
    assert_eq!(reply.problem(), (500, "E_COMPUTE_PANICKED".into(), None));
    assert!(!String::from_utf8_lossy(&reply.body).contains("as a compute may"));
}

#[tokio::test(start_paused = true)]
async fn any_id_at_all_gets_an_answer() {
    let (_app, http) = served().await;
    for (path, key) in [
        ("/kpis/%2A", "exec:kpis:%2A"),
        ("/kpis/ws%3A7d", "exec:kpis:ws%3A7d"),
        ("/kpis/%C3%A9t%C3%A9", "exec:kpis:%C3%A9t%C3%A9"),
        ("/kpis/%00%0D%0A", "exec:kpis:%00%0D%0A"),
        ("/kpis/%25", "exec:kpis:%25"),
    ] {
        let reply = http.get(path).await;
        assert_eq!((reply.status, reply.header("x-cache-key")), (200, Some(key)), "{path}");
    }
}

#[tokio::test]
async fn a_browser_that_hangs_up_cancels_nothing() {
    let (app, http) = served().await;
    let mut browser = TcpStream::connect(http.address()).await.unwrap();
    browser.write_all(b"GET /kpis/slow HTTP/1.1\r\nHost: test\r\n\r\n").await.unwrap();
    while app.database.calls() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(browser);
    // Who comes while it is computed, and who comes later.
    assert_eq!(http.get("/kpis/slow").await.json(), json!({ "call": 1 }));
    assert_eq!(http.get("/kpis/slow").await.header("x-cache"), Some("HIT"));
    let mut browser = TcpStream::connect(http.address()).await.unwrap();
    app.cache.delete(kpis("slow")).await.unwrap();
    browser.write_all(b"GET /kpis/slow HTTP/1.1\r\nHost: test\r\n\r\n").await.unwrap();
    while app.database.calls() == 1 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(browser);
    let is_stored = async || app.cache.exists(kpis("slow")).await.unwrap();
    crate::waiting::eventually("it is stored although nobody waited", is_stored).await;
    assert_eq!(app.database.calls(), 2);
}
