//! `POST /api/v1/events`: one or many, once or twice, and events of a schema of one's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use samekey::server::{BoxError, CacheService, MemoryStore, PostedEvent, RedisStore, http};
use samekey::shadower;
use serde_json::{Value, json};

use crate::http_client::Http;
use crate::redis_server::RedisServer;
use crate::sse_client::Sse;
use crate::stream_node::Node;

const EVENTS: &str = "/api/v1/events";

pub(crate) async fn post(http: &Http, body: &Value) -> (u16, Value) {
    let reply = http.post(EVENTS, &body.to_string()).await;
    (reply.status, reply.json())
}

pub(crate) fn run(workspace: &str) -> Value {
    json!({ "event": "agent_run_started", "workspace_id": workspace, "agent_id": "a1" })
}

pub(crate) fn with_id(mut event: Value, id: Value) -> Value {
    event["id"] = id;
    event
}

#[tokio::test]
async fn many_are_done_together_and_each_says_what_became_of_it() {
    let node = Node::memory().await;
    let mut sse = node.stream().await;
    for workspace in ["ws1", "ws2"] {
        let key = shadower::run_metrics(workspace, "hourly").unwrap();
        let value = shadower::RunMetrics {
            workspace_id: workspace.into(),
            period: "hourly".into(),
            buckets: vec![],
            computed_at: String::new(),
        };
        node.cache.without_set_notices().set(&key, &value).await.unwrap();
    }
    let body = json!([
        run("ws1"),
        { "event": "nothing_happened" },
        { "event": "agent_run_completed", "workspace_id": "ws3" },
        "not an event",
        run("ws2"),
        { "event": "report_generated", "report_id": 7, "data": { "rows": 1 } },
    ]);
    let (status, answer) = post(&node.http, &body).await;
    assert_eq!(status, 207);
    assert_eq!(
        (&answer["succeeded"], &answer["failed"], &answer["deleted"]),
        (&json!(3), &json!(3), &json!(2))
    );
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results[0]["patterns"], json!(["metrics:realtime:ws1:*", "metrics:runs:ws1:*"]));
    let problem =
        |place: usize| (&results[place]["problem"]["code"], &results[place]["problem"]["field"]);
    assert_eq!(problem(1), (&json!("E_EVENT_UNKNOWN"), &json!("event")));
    assert_eq!(problem(2), (&json!("E_FIELD_MISSING"), &json!("agent_id")));
    assert_eq!(problem(3), (&json!("E_BODY_INVALID"), &Value::Null));
    assert_eq!(results[4]["event"], "agent_run_started");
    assert_eq!(results[5]["cached"], "report:data:7:json");
    // Each is told, in their order.
    for reason in ["agent_run_started", "agent_run_started", "report_generated"] {
        assert_eq!(sse.invalidated().await.1, reason);
    }
    let (status, answer) = post(&node.http, &json!([])).await;
    assert_eq!(
        (status, answer),
        (200, json!({ "succeeded": 0, "failed": 0, "deleted": 0, "results": [] }))
    );
    let too_many = Value::Array(vec![run("ws1"); 1_001]);
    assert_eq!(
        node.http.post(EVENTS, &too_many.to_string()).await.problem().1,
        "E_EVENTS_TOO_MANY"
    );
    assert_eq!(node.http.post(EVENTS, "7").await.problem().1, "E_BODY_INVALID");
}

/// Each is kept for a day under a name that the store has in memory.
#[tokio::test]
async fn an_event_with_long_fields_has_a_short_name_and_is_done_once_all_the_same() {
    let server = RedisServer::start();
    let node = Node::redis(&server).await;
    let long = "w".repeat(4_095);
    let events = [
        with_id(run(&format!("{long}1")), json!("e-1")),
        with_id(run(&format!("{long}2")), json!("e-1")),
        with_id(run(&"w".repeat(400)), json!("e-1")),
    ];
    for is_known in [Value::Null, json!(true)] {
        for event in &events {
            let (status, answer) = post(&node.http, event).await;
            assert_eq!((status, &answer["duplicate"]), (200, &is_known));
        }
    }
    let mut client = server.client().await;
    let names: Vec<String> =
        redis::cmd("KEYS").arg("samekey:event:*").query_async(&mut client).await.unwrap();
    assert_eq!(names.len(), 3);
    for name in names {
        assert!(name.len() <= 512, "{}", name.len());
        assert!(name.starts_with("samekey:event:e-1:agent_run_started:"), "{name}");
    }
}

#[tokio::test]
async fn an_event_that_comes_twice_is_done_once() {
    let server = RedisServer::start();
    let (a, b) = (Node::redis(&server).await, Node::redis(&server).await);
    let mut sse = a.stream().await;
    let event = with_id(run("ws1"), json!("e-1"));
    let (_, first) = post(&a.http, &event).await;
    assert_eq!(first["duplicate"], Value::Null);
    // At another node, and within a list, and in another order of its members.
    let again = json!({ "agent_id": "a1", "id": "e-1", "workspace_id": "ws1", "event": "agent_run_started" });
    assert_eq!(post(&b.http, &again).await.1["duplicate"], true);
    let (_, many) = post(
        &b.http,
        &json!([again, with_id(run("ws1"), json!(2)), with_id(run("ws1"), json!(2))]),
    )
    .await;
    let duplicates: Vec<_> =
        many["results"].as_array().unwrap().iter().map(|one| one["duplicate"] == true).collect();
    assert_eq!(duplicates, [true, false, true]);
    // The same id of another event is another event: nobody keeps it from being done by coming first.
    assert_eq!(post(&b.http, &with_id(run("ws2"), json!("e-1"))).await.1["duplicate"], Value::Null);
    for workspace in ["ws1", "ws1", "ws2"] {
        assert_eq!(sse.invalidated().await.0[1], format!("metrics:runs:{workspace}:*"));
    }
    // Remembered for a day.
    let mut client = server.client().await;
    let left: i64 = redis::cmd("TTL")
        .arg("samekey:event:e-1:agent_run_started:agent_id:a1:workspace_id:ws1")
        .query_async(&mut client)
        .await
        .unwrap();
    assert!((86_000..=86_400).contains(&left), "{left}");
}

#[tokio::test]
async fn an_event_that_failed_is_done_when_it_comes_again() {
    let node = Node::memory().await;
    let large = "x".repeat(CacheService::MAX_VALUE_BYTES);
    let report = |data: &str| json!({ "event": "report_generated", "report_id": "r1", "data": data, "id": "e1" });
    assert_eq!(post(&node.http, &report(&large)).await.0, 413);
    let (status, answer) = post(&node.http, &report("small")).await;
    assert_eq!((status, &answer["duplicate"]), (200, &Value::Null));
    assert_eq!(post(&node.http, &report("small")).await.1["duplicate"], true);
}

#[tokio::test]
async fn a_bad_id_is_a_problem() {
    let node = Node::memory().await;
    for (id, code) in [
        (json!(""), "E_KEY_EMPTY_IDENTIFIER"),
        (json!(1.5), "E_FIELD_TYPE"),
        (json!(["e"]), "E_FIELD_TYPE"),
        (json!("e".repeat(201)), "E_EVENT_ID_TOO_LONG"),
    ] {
        let problem = node.http.post(EVENTS, &with_id(run("ws1"), id).to_string()).await.problem();
        assert_eq!((problem.0, problem.1.as_str()), (400, code));
    }
    let (status, _) = post(&node.http, &with_id(run("ws1"), Value::Null)).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn of_two_at_once_one_is_done() {
    let server = RedisServer::start();
    let (a, b) = (Node::redis(&server).await, Node::redis(&server).await);
    let mut sse = a.stream().await;
    let event = || PostedEvent {
        event: "agent_run_started".into(),
        fields: vec![("workspace_id".into(), "ws1".into()), ("agent_id".into(), "a1".into())],
        value: None,
        id: Some("e1".into()),
    };
    let posted: Vec<_> = (0..20)
        .map(|place| {
            let cache = if place % 2 == 0 { a.cache.clone() } else { b.cache.clone() };
            let event = event();
            tokio::spawn(async move { cache.handle_posted(event).await })
        })
        .collect();
    let mut done = 0;
    for posted in posted {
        match posted.await.unwrap() {
            Ok(outcome) => done += usize::from(!outcome.duplicate),
            Err(error) => {
                assert_eq!((error.code(), error.is_retryable()), ("E_EVENT_IN_PROGRESS", true))
            }
        }
    }
    assert_eq!(done, 1);
    sse.invalidated().await;
    sse.expect_silence(Duration::from_millis(300)).await;
}

#[cfg(feature = "cli")]
const OWN: &str = r#"
name = "shop"
[ttl]
short = 60
[entities]
customer = { doc = "A customer.", example = "c1" }
[segments]
page = { doc = "A page.", type = "integer", example = "1" }
[families.orders]
doc = "A customer's orders."
key = "shop:orders:{customer}:{page}"
ttl = "short"
value = "json"
[events.order_placed]
doc = "An order came in."
fields = { customer_id = "customer" }
invalidates = ["shop:orders:{customer_id}:*"]
"#;

#[cfg(feature = "cli")]
#[tokio::test]
async fn a_schema_of_ones_own_brings_its_own_events() {
    let schema = samekey::schema::parse_schema(OWN).expect("the schema is right").schema;
    let cache = CacheService::new(&schema, MemoryStore::default());
    let http = Http::serve(http::router(cache.clone())).await;
    let mut sse = Sse::open(http.address()).await;
    sse.expect("hello").await;
    let called = Arc::new(AtomicUsize::new(0));
    let count = called.clone();
    cache
        .on_event("order_placed", move |event: PostedEvent| {
            assert_eq!(event.fields, [("customer_id".to_owned(), "c1".to_owned())]);
            count.fetch_add(1, Ordering::SeqCst);
            async { Ok::<(), BoxError>(()) }
        })
        .unwrap();
    let placed = json!({ "event": "order_placed", "customer_id": "c1", "id": 1 });
    let (status, answer) = post(&http, &placed).await;
    assert_eq!((status, &answer["patterns"]), (200, &json!(["shop:orders:c1:*"])));
    assert_eq!(sse.invalidated().await, (vec!["shop:orders:c1:*".into()], "order_placed".into()));
    assert_eq!(post(&http, &placed).await.1["duplicate"], true);
    assert_eq!(called.load(Ordering::SeqCst), 1);
    assert_eq!(
        cache.on_event("unknown", |_| async { Ok(()) }).unwrap_err().code(),
        "E_EVENT_UNKNOWN"
    );
    let (status, _) = post(&http, &run("ws1")).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn an_event_is_invalidated_on_redis_as_in_process() {
    let server = RedisServer::start();
    let store = RedisStore::new(&server.patient_config()).unwrap();
    let cache = CacheService::new(shadower::schema(), store);
    let fields = [("workspace_id", "ws1"), ("agent_id", "a1")];
    for key in ["agent:analytics:a1:7d", "exec:kpis:ws1", "ws:overview:ws1", "exec:kpis:ws2"] {
        let mut client = server.client().await;
        let _: () = redis::cmd("SET")
            .arg(key)
            .arg("1")
            .arg("EX")
            .arg(60)
            .query_async(&mut client)
            .await
            .unwrap();
    }
    // Written by another program, under no tag.
    let done = cache.handle_event("agent_run_completed", &fields, None).await.unwrap();
    assert_eq!(done.invalidation.deleted, 3);
    assert!(cache.exists("exec:kpis:ws2").await.unwrap());
}
