//! Who may use the cache's routes, how often, and what is written down of it: over the wire.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use jsonwebtoken::{EncodingKey, Header, encode};
use samekey::server::access::{AuditLog, Jwt, JwtKey, RateLimit};
use samekey::server::codec::{CodecSettings, KeyRing};
use samekey::server::http::{CacheRequest, Cors, Problem, Routes};
use samekey::server::{CacheService, L1Config, MemoryStore, Record, RedisStore, Store, Ttl};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

use crate::fixture::{executive, kpis, memory_cache, schema};
use crate::http_client::{Http, Reply};
use crate::redis_server::RedisServer;

const INVALIDATE: &str = "/api/v1/cache/invalidate";
const EVENTS: &str = "/api/v1/events";
const STATS: &str = "/api/v1/cache/stats";
const SECRET: [u8; 32] = [42; 32];

fn jwt() -> Jwt {
    Jwt::new(JwtKey::hs256(SECRET).unwrap(), "https://issuer.test", "samekey")
}

fn token(name: &str, scopes: &str, entities: Value) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({
        "iss": "https://issuer.test", "aud": "samekey", "sub": name, "exp": now + 300,
        "scope": scopes, "entities": entities,
    });
    encode(&Header::default(), &claims, &EncodingKey::from_secret(&SECRET)).unwrap()
}

async fn post(http: &Http, path: &str, token: &str, body: &str) -> Reply {
    let bearer = format!("Bearer {token}");
    let headers = [("Content-Type", "application/json"), ("Authorization", bearer.as_str())];
    http.send("POST", path, &headers, body.as_bytes()).await
}

async fn filled() -> CacheService {
    let cache = memory_cache();
    for key in [kpis("ws1"), kpis("ws2"), executive("ws1", "7d"), executive("ws2", "7d")] {
        cache.set(&key, &json!(1)).await.unwrap();
    }
    cache
}

/// A log that the test reads.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_told_and_nothing_done() {
    let cache = filled().await;
    let http = Http::serve(Routes::new(cache.clone()).authorize(jwt()).build()).await;
    for (method, path) in [("GET", STATS), ("POST", INVALIDATE), ("POST", EVENTS)] {
        let headers = [("Content-Type", "application/json")];
        let reply = http.send(method, path, &headers, br#"{"workspace":"ws1"}"#).await;
        assert_eq!(reply.problem(), (401, "E_ACCESS_TOKEN_MISSING".into(), None), "{path}");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
        // Queries end in logs: a token there counts only where a browser can send no header.
        let everything = token("alice", "cache:read cache:invalidate events:write", json!("*"));
        let query = format!("{path}?token={everything}");
        let reply = http.send(method, &query, &headers, br#"{"workspace":"ws1"}"#).await;
        assert_eq!(reply.problem().1, "E_ACCESS_TOKEN_MISSING", "{path}");
    }
    for (authorization, code) in [
        ("Bearer nonsense", "E_ACCESS_TOKEN_INVALID"),
        ("Basic YWxpY2U6c2VjcmV0", "E_ACCESS_TOKEN_INVALID"),
        ("Bearer", "E_ACCESS_TOKEN_INVALID"),
    ] {
        let reply = http.get_with(STATS, &[("Authorization", authorization)]).await;
        assert_eq!(reply.problem(), (401, code.into(), None), "{authorization}");
    }
    assert_eq!(http.get("/health").await.status, 200, "load balancers have no token");
    assert_eq!(cache.get_cache_stats().await.keys, 4);
}

#[tokio::test]
async fn each_route_needs_its_scope_and_no_other() {
    let cache = filled().await;
    let http = Http::serve(Routes::new(cache).authorize(jwt()).build()).await;
    let scopes = ["cache:read", "cache:invalidate", "events:write", "cache:stream"];
    for (method, path, body, needed) in [
        ("GET", STATS, "", "cache:read"),
        ("POST", INVALIDATE, r#"{"workspace":"ws9"}"#, "cache:invalidate"),
        (
            "POST",
            EVENTS,
            r#"{"event":"agent_run_completed","workspace_id":"ws9","agent_id":"a1"}"#,
            "events:write",
        ),
    ] {
        for scope in scopes {
            let bearer = format!("Bearer {}", token("alice", scope, json!("*")));
            let headers = [("Content-Type", "application/json"), ("Authorization", &*bearer)];
            let reply = http.send(method, path, &headers, body.as_bytes()).await;
            if scope == needed {
                assert_eq!(reply.status, 200, "{path} with {scope}: {reply:?}");
            } else {
                let problem = reply.problem();
                assert_eq!(problem, (403, "E_ACCESS_SCOPE".into(), None), "{path} with {scope}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_of_one_workspace_reaches_no_other() {
    let cache = filled().await;
    let http = Http::serve(Routes::new(cache.clone()).authorize(jwt()).build()).await;
    let scopes = "cache:invalidate events:write";
    let ws1 = token("tenant", scopes, json!({ "workspace": ["ws1"] }));
    for (path, body, field) in [
        (INVALIDATE, r#"{"workspace":"ws2"}"#, "workspace"),
        (INVALIDATE, r#"{"workspace":"*"}"#, "workspace"),
        (INVALIDATE, r#"{"agent":"a1"}"#, "agent"),
        (INVALIDATE, r#"{"pattern":"exec:*"}"#, "pattern"),
        (INVALIDATE, r#"{"pattern":"exec:*:*"}"#, "pattern"),
        (INVALIDATE, r#"{"pattern":"exec:dashboard:ws2:*"}"#, "pattern"),
        (INVALIDATE, r#"{"pattern":"report:data:*"}"#, "pattern"),
        (INVALIDATE, r#"{"pattern":"*"}"#, "pattern"),
        (
            EVENTS,
            r#"{"event":"agent_run_completed","workspace_id":"ws2","agent_id":"a1"}"#,
            "workspace_id",
        ),
        // Its own workspace, and an agent of whom nobody says whose he is.
        (
            EVENTS,
            r#"{"event":"agent_run_completed","workspace_id":"ws1","agent_id":"a1"}"#,
            "agent_id",
        ),
        (EVENTS, r#"{"event":"report_generated","report_id":"r1","data":{}}"#, "event"),
    ] {
        let problem = post(&http, path, &ws1, body).await.problem();
        assert_eq!(problem, (403, "E_ACCESS_REACH".into(), Some(field.into())), "{body}");
    }
    assert_eq!(cache.get_cache_stats().await.keys, 4);

    let reply = post(&http, INVALIDATE, &ws1, r#"{"workspace":"ws1"}"#).await;
    assert_eq!((reply.status, &reply.json()["deleted"]), (200, &json!(2)));
    let pattern = r#"{"pattern":"exec:dashboard:ws1:*"}"#;
    assert_eq!(post(&http, INVALIDATE, &ws1, pattern).await.status, 200);
    let with_agents = token("tenant", scopes, json!({ "workspace": ["ws1"], "agent": "*" }));
    let event = r#"{"event":"agent_run_completed","workspace_id":"ws1","agent_id":"a1"}"#;
    assert_eq!(post(&http, EVENTS, &with_agents, event).await.status, 200);
    assert_eq!(cache.get_cache_stats().await.keys, 2);
}

/// A thousand requests at once: so many are answered as the allowance has, the others are told when to come back.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_a_thousand_is_let_through_twenty_times() {
    let paper = Paper::default();
    let audit = AuditLog::to(paper.clone()).unwrap();
    // One more in three minutes: none comes back while this test runs.
    let limit = RateLimit::per_hour(20);
    let routes = Routes::new(filled().await).authorize(jwt()).rate_limit(limit);
    let http = Arc::new(Http::serve(routes.audit(audit.clone()).build()).await);
    let mallory = Arc::new(token("mallory", "cache:invalidate events:write", json!("*")));

    let mut flood = JoinSet::new();
    for worker in 0..20 {
        let (http, mallory) = (http.clone(), mallory.clone());
        flood.spawn(async move {
            let mut replies = Vec::new();
            for n in 0..50 {
                let bearer = format!("Bearer {mallory}");
                // Another sender each time, if one believed him.
                let claimed = format!("10.{worker}.{n}.1");
                let headers = [
                    ("Content-Type", "application/json"),
                    ("Authorization", &*bearer),
                    ("X-Forwarded-For", &*claimed),
                    ("Forwarded", &*claimed),
                    ("X-Real-IP", &*claimed),
                ];
                let body = br#"{"workspace":"ws9"}"#;
                replies.push(http.send("POST", INVALIDATE, &headers, body).await);
            }
            replies
        });
    }
    let replies = flood.join_all().await.concat();
    let (through, refused): (Vec<_>, Vec<_>) =
        replies.into_iter().partition(|reply| reply.status == 200);
    assert_eq!((through.len(), refused.len()), (20, 980));
    for reply in &refused {
        assert_eq!(reply.problem(), (429, "E_RATE_LIMITED".into(), None));
        let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=180).contains(&wait), "{wait}");
    }

    // One allowance for all that changes something, and one for each principal.
    let event = r#"{"event":"agent_run_completed","workspace_id":"ws9","agent_id":"a1"}"#;
    assert_eq!(post(&http, EVENTS, &mallory, event).await.status, 429);
    let alice = token("alice", "cache:invalidate cache:read", json!("*"));
    assert_eq!(post(&http, INVALIDATE, &alice, r#"{"workspace":"ws9"}"#).await.status, 200);
    let bearer = format!("Bearer {}", token("mallory", "cache:read", json!("*")));
    assert_eq!(http.get_with(STATS, &[("Authorization", &*bearer)]).await.status, 200);

    audit.flush().await;
    let lines = paper.lines();
    assert!(lines.len() < 200, "a flood fills no disk: {}", lines.len());
    let refusals = lines.iter().filter(|line| line["code"] == "E_RATE_LIMITED");
    let counted: u64 = refusals.map(|line| line["times"].as_u64().unwrap_or(1)).sum();
    assert_eq!(counted, 981);
}

#[tokio::test]
async fn a_list_of_events_costs_as_many_and_at_most_a_whole_allowance() {
    let routes = Routes::new(filled().await).authorize(jwt()).rate_limit(RateLimit::per_hour(20));
    let http = Http::serve(routes.build()).await;
    let event = r#"{"event":"agent_run_completed","workspace_id":"ws9","agent_id":"a1"}"#;
    let post = async |who: &str, events: usize| {
        let list = format!("[{}]", vec![event; events].join(","));
        let token = token(who, "events:write", json!("*"));
        post(&http, EVENTS, &token, &list).await.status
    };
    let mut statuses = Vec::new();
    for events in [12, 9, 8, 1] {
        statuses.push(post("alice", events).await);
    }
    // Eight are left. Nine are not there, and the try costs one, as each request does: then eight are not there either.
    assert_eq!(statuses, [200, 429, 429, 200]);
    assert_eq!((post("bob", 1_000).await, post("bob", 1).await), (200, 429));
}

#[tokio::test]
async fn whoever_guesses_tokens_is_counted_by_his_address_and_hurts_nobody_else() {
    let limit = RateLimit::per_hour(10);
    let routes = Routes::new(filled().await).authorize(jwt()).rate_limit(limit);
    let http = Http::serve(routes.build()).await;
    let mut statuses = Vec::new();
    for n in 0..30 {
        let (guess, claimed) = (format!("Bearer guess{n}"), format!("203.0.113.{n}"));
        let headers = [("Authorization", &*guess), ("X-Forwarded-For", &*claimed)];
        statuses.push(http.get_with(STATS, &headers).await.status);
    }
    assert_eq!((&statuses[..10], &statuses[10..]), (&[401; 10][..], &[429; 20][..]));
    // From the same address, with a name.
    let alice = token("alice", "cache:invalidate", json!("*"));
    assert_eq!(post(&http, INVALIDATE, &alice, r#"{"workspace":"ws1"}"#).await.status, 200);
}

#[tokio::test]
async fn open_routes_are_limited_by_address() {
    let routes = Routes::new(filled().await).rate_limit(RateLimit::per_hour(3));
    let http = Http::serve(routes.build()).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(http.post(INVALIDATE, r#"{"workspace":"ws1"}"#).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    assert_eq!(http.get(STATS).await.status, 200, "reading costs nothing");
}

#[tokio::test]
async fn no_pattern_reaches_what_others_keep_in_the_same_redis() {
    let redis = RedisServer::start();
    let mut other = redis.client().await;
    let foreign = ["celery-task-meta-1", "celery:queue", "session:ws1", "execs:kpis:ws1", "exec"];
    for key in foreign {
        let () = redis::cmd("SET").arg(key).arg("theirs").query_async(&mut other).await.unwrap();
    }
    let store = RedisStore::new(&redis.patient_config()).unwrap();
    let cache = CacheService::new(schema(), store);
    cache.set(&kpis("ws1"), &json!(1)).await.unwrap();
    let http = Http::serve(Routes::new(cache.clone()).authorize(jwt()).build()).await;
    let admin = token("admin", "cache:invalidate", json!("*"));
    for (pattern, code) in [
        ("*", "E_PATTERN_OUTSIDE_SCHEMA"),
        ("*:*", "E_PATTERN_OUTSIDE_SCHEMA"),
        ("*:kpis:ws1", "E_PATTERN_OUTSIDE_SCHEMA"),
        ("celery*", "E_PATTERN_PARTIAL_WILDCARD"),
        ("celery:*", "E_PATTERN_OUTSIDE_SCHEMA"),
        ("celery", "E_PATTERN_OUTSIDE_SCHEMA"),
        ("session:ws1", "E_PATTERN_OUTSIDE_SCHEMA"),
        ("exec*", "E_PATTERN_PARTIAL_WILDCARD"),
        ("execs:*", "E_PATTERN_OUTSIDE_SCHEMA"),
    ] {
        let body = json!({ "pattern": pattern }).to_string();
        let problem = post(&http, INVALIDATE, &admin, &body).await.problem();
        assert_eq!(problem, (400, code.into(), Some("pattern".into())), "{pattern}");
    }
    let reply = post(&http, INVALIDATE, &admin, r#"{"pattern":"exec:*"}"#).await;
    assert_eq!((reply.status, &reply.json()["deleted"]), (200, &json!(1)));
    for key in foreign {
        let left: String = redis::cmd("GET").arg(key).query_async(&mut other).await.unwrap();
        assert_eq!(left, "theirs", "{key}");
    }
}

#[tokio::test]
async fn the_log_says_who_did_what_and_no_secret() {
    let paper = Paper::default();
    let audit = AuditLog::to(paper.clone()).unwrap();
    let cache = CacheService::builder(schema()).audit(audit.clone()).build().unwrap();
    for key in [kpis("ws1"), executive("ws1", "7d")] {
        cache.set(&key, &json!(1)).await.unwrap();
    }
    let http = Http::serve(Routes::new(cache).authorize(jwt()).build()).await;
    let scopes = "cache:invalidate events:write";
    let alice = token("alice", scopes, json!("*"));
    let bob = token("bob", "cache:read", json!("*"));
    post(&http, INVALIDATE, &alice, r#"{"workspace":"ws1"}"#).await;
    post(&http, INVALIDATE, &alice, r#"{"pattern":"celery:*"}"#).await;
    post(
        &http,
        EVENTS,
        &alice,
        r#"{"event":"report_generated","report_id":"r1","data":{"secret":"of the report"}}"#,
    )
    .await;
    post(&http, INVALIDATE, &bob, r#"{"workspace":"ws2"}"#).await;
    post(&http, &format!("{INVALIDATE}?password=hunter2"), "no-token", "{}").await;
    audit.flush().await;

    let mut lines = paper.lines();
    for line in &mut lines {
        line.as_object_mut().unwrap().remove("at").unwrap();
    }
    assert_eq!(
        lines,
        [
            json!({
                "principal": "alice", "action": "invalidate", "target": "workspace", "value": "ws1",
                "outcome": "done", "patterns": ["exec:kpis:ws1", "exec:dashboard:ws1:*"], "deleted": 2,
            }),
            json!({
                "principal": "alice", "action": "invalidate", "target": "pattern",
                "value": "celery:*", "outcome": "failed", "code": "E_PATTERN_OUTSIDE_SCHEMA",
            }),
            json!({
                "principal": "alice", "action": "event", "event": "report_generated",
                "outcome": "done", "patterns": ["report:data:r1:*"], "deleted": 0,
            }),
            json!({
                "principal": "bob", "action": "refused", "method": "POST", "path": INVALIDATE,
                "code": "E_ACCESS_SCOPE",
            }),
            json!({
                "principal": "ip:127.0.0.1", "action": "refused", "method": "POST",
                "path": INVALIDATE, "code": "E_ACCESS_TOKEN_INVALID",
            }),
        ]
    );
    let text = paper.text();
    for secret in [&alice, &bob, "no-token", "hunter2", "of the report", "Bearer"] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn a_read_of_a_sensitive_family_is_written_down_and_no_other() {
    async fn kpis_of_ws1(
        State(cache): State<CacheService>,
        request: CacheRequest,
    ) -> Result<Response, Problem> {
        request.respond(&cache, &kpis("ws1"), || async { Ok::<_, Problem>(json!(7)) }).await
    }
    async fn dashboard_of_ws1(
        State(cache): State<CacheService>,
        request: CacheRequest,
    ) -> Result<Response, Problem> {
        let key = executive("ws1", "7d");
        request.respond(&cache, &key, || async { Ok::<_, Problem>(json!(8)) }).await
    }
    let mut schema = schema();
    let family = schema.families.iter_mut().find(|family| family.name == "kpis");
    family.unwrap().sensitive = true;
    let paper = Paper::default();
    let audit = AuditLog::to(paper.clone()).unwrap();
    let cache = CacheService::builder(&schema).audit(audit.clone()).build().unwrap();
    let app = Router::new()
        .route("/kpis", get(kpis_of_ws1))
        .route("/dashboard", get(dashboard_of_ws1))
        .with_state(cache);
    let http = Http::serve(app).await;
    for path in ["/kpis", "/dashboard", "/kpis", "/kpis?skip_cache=true"] {
        assert_eq!(http.get(path).await.status, 200);
    }
    audit.flush().await;
    let read = paper.lines().into_iter().map(|line| {
        assert_eq!((&line["action"], &line["family"]), (&json!("read"), &json!("kpis")));
        assert_eq!(
            (&line["principal"], &line["key"]),
            (&json!("ip:127.0.0.1"), &json!("exec:kpis:ws1"))
        );
        line["cache"].as_str().unwrap().to_owned()
    });
    assert_eq!(read.collect::<Vec<_>>(), ["MISS", "HIT", "BYPASS"]);
}

/// Row 26 of the fault list: a miss, and somebody is told.
#[tokio::test]
async fn what_somebody_else_wrote_under_a_sensitive_key_is_not_served_and_written_down() {
    let mut schema = schema();
    let family = schema.families.iter_mut().find(|family| family.name == "kpis");
    family.unwrap().sensitive = true;
    let keys = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let keys = KeyRing::parse(keys).unwrap();
    let codec = CodecSettings::default().keys(keys).for_schema(&schema).unwrap();
    let paper = Paper::default();
    let audit = AuditLog::to(paper.clone()).unwrap();
    let store = Arc::new(MemoryStore::default());
    let builder = CacheService::builder(&schema).store(store.clone()).l1(L1Config::off());
    let cache = builder.codec(codec).audit(audit.clone()).build().unwrap();

    let ttl = Ttl::new(Duration::from_secs(60)).unwrap();
    store.set(Record::new("exec:kpis:planted", "{\"mrr\":1}".into(), ttl)).await.unwrap();
    cache.set(&kpis("ws1"), &json!({ "mrr": 7 })).await.unwrap();
    let sealed = store.get("exec:kpis:ws1").await.unwrap().unwrap().value;
    store.set(Record::new("exec:kpis:swapped", sealed, ttl)).await.unwrap();

    for workspace in ["planted", "swapped", "swapped", "ws1"] {
        let value = cache.get(&kpis(workspace)).await.unwrap();
        assert_eq!(value.is_some(), workspace == "ws1", "{workspace}");
    }
    audit.flush().await;
    let mut told: Vec<_> = paper
        .lines()
        .iter()
        .map(|line| {
            assert_eq!((&line["action"], &line["family"]), (&json!("not_ours"), &json!("kpis")));
            format!("{} {} {}", line["key"], line["code"], line["times"])
        })
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            r#""exec:kpis:planted" "E_CODEC_NOT_ENCRYPTED" null"#,
            r#""exec:kpis:swapped" "E_CODEC_NOT_AUTHENTIC" 1"#,
            r#""exec:kpis:swapped" "E_CODEC_NOT_AUTHENTIC" null"#,
        ]
    );
    assert!(!paper.text().contains("mrr"), "no value is in the log");
}

#[tokio::test]
async fn a_body_that_never_ends_is_cut_off() {
    let routes = Routes::new(filled().await).time_limit(Duration::from_millis(50));
    let http = Http::serve(routes.build()).await;
    let mut socket = tokio::net::TcpStream::connect(http.address()).await.unwrap();
    let head = format!(
        "POST {INVALIDATE} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    socket.read_to_end(&mut reply).await.unwrap();
    let reply = String::from_utf8(reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 503") && reply.contains("E_REQUEST_TIMEOUT"), "{reply}");
}

#[tokio::test]
async fn no_page_of_another_origin_may_call_unless_it_is_named() {
    let preflight = [
        ("Origin", "https://app.example.com"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization,content-type"),
    ];
    let closed = Http::serve(Routes::new(filled().await).build()).await;
    let reply = closed.send("OPTIONS", INVALIDATE, &preflight, b"").await;
    assert_eq!(reply.header("access-control-allow-origin"), None);
    let reply = closed.get_with(STATS, &[("Origin", "https://app.example.com")]).await;
    assert_eq!(reply.header("access-control-allow-origin"), None);

    let cors = Cors::allow(["https://app.example.com"]).unwrap();
    let routes = Routes::new(filled().await).authorize(jwt()).cors(cors);
    let open = Http::serve(routes.build()).await;
    let reply = open.send("OPTIONS", INVALIDATE, &preflight, b"").await;
    assert_eq!(reply.status, 200, "a browser asks before it has a token to send");
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert_eq!(reply.header("access-control-allow-credentials"), None);
    let allowed = reply.header("access-control-allow-headers").unwrap();
    assert!(allowed.contains("authorization") && allowed.contains("last-event-id"), "{allowed}");
    for other in ["https://evil.example.com", "https://app.example.com.evil.com", "null"] {
        let reply = open.get_with(STATS, &[("Origin", other)]).await;
        assert_eq!(reply.header("access-control-allow-origin"), None, "{other}");
    }
    // Refusals carry it too, or the page could not read why.
    let reply = open.get_with(STATS, &[("Origin", "https://app.example.com")]).await;
    assert_eq!(reply.status, 401);
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://app.example.com"));
}
