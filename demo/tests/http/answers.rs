//! Every route of the schema, its cache, and what an event does to it.

use std::collections::BTreeSet;
use std::time::Instant;

use samekey::shadower;
use samekey_demo::analytics::Analyst;
use samekey_demo::database::Database;
use samekey_demo::timeframe::Timeframe;
use serde_json::{Value, json};

use crate::running::eventually;
use crate::server::Server;
use crate::small_history::{NOW, fresh_path};

/// A value for each field that an endpoint of the schema may have.
const FIELDS: [(&str, &str); 11] = [
    ("workspace", "ws-meridian"),
    ("timeframe", "30d"),
    ("agent", "ag-0001"),
    ("user", "u-00001"),
    ("limit", "5"),
    ("date", "2026-11-20"),
    ("cohort_date", "2026-10-20"),
    ("days", "14"),
    ("period", "daily"),
    ("metric", "runs"),
    ("window", "7d"),
];

/// The path of an endpoint template with its fields filled in, optional parts left out.
fn path_of(endpoint: &str) -> String {
    let mut path = endpoint.to_owned();
    while let (Some(open), Some(close)) = (path.find('['), path.find(']')) {
        path.replace_range(open..=close, "");
    }
    FIELDS.iter().fold(path, |path, (field, value)| path.replace(&format!("{{{field}}}"), value))
}

#[test]
fn every_endpoint_of_the_schema_is_a_miss_then_a_hit_under_the_schemas_key() {
    let server = Server::still(&fresh_path("endpoints"));
    let mut served = 0;
    for family in &shadower::schema().families {
        let Some(endpoint) = &family.endpoint else { continue };
        let path = path_of(endpoint);
        assert!(!path.contains(['{', '[']), "{path}: a field without a value");
        let begun = Instant::now();
        let (first, second) = (server.get(&path), server.get(&path));
        let took = begun.elapsed().as_secs();
        assert_eq!((first.status, first.cache()), (200, "MISS"), "{path}: {}", first.text);
        assert_eq!((second.status, second.cache()), (200, "HIT"), "{path}");
        assert_eq!(first.text, second.text);
        assert_eq!(first.header("etag"), second.header("etag"));
        let key = first.header("x-cache-key");
        assert_eq!(
            shadower::schema().family_of(key).map(|family| &family.name),
            Some(&family.name),
            "{key}"
        );
        let seconds = |answer: &crate::server::Answer| -> u64 {
            let left = answer.header("cache-control").strip_prefix("private, no-cache, max-age=");
            left.and_then(|left| left.parse().ok()).expect("what is left")
        };
        let ttl = family.ttl_of(key).as_secs();
        // Rounded down: of what was computed a millisecond ago a whole second is gone. And so long it has lived at most.
        let (at_most, at_least) = (seconds(&first), seconds(&second));
        assert!(ttl >= at_most && at_most >= at_least, "{key}: {ttl} {at_most} {at_least}");
        assert!(at_least + took + 2 > ttl, "{key}: {at_least} of {ttl} after {took} s");
        assert_eq!(first.json()["computed_at"], "2026-11-22T09:34:56.789Z");
        served += 1;
    }
    assert_eq!(served, 16, "every family with an endpoint");
}

#[test]
fn what_is_sent_is_what_the_analytics_say() {
    let server = Server::still(&fresh_path("said"));
    let reader = Database::reader(&server.database).expect("a reader");
    let analyst = Analyst::new(&reader, NOW);
    for frame in Timeframe::ALL {
        let path = format!(
            "/api/v1/executive/dashboard?workspace_id=ws-kestrel&timeframe={}",
            frame.name()
        );
        let said = analyst.executive_dashboard("ws-kestrel", frame).expect("a dashboard");
        assert_eq!(server.get(&path).text, serde_json::to_string(&said).expect("JSON"));
    }
    let casual =
        server.get("/api/v1/users/analytics?workspace_id=ws-kestrel&timeframe=7d&segment=casual");
    assert_eq!(casual.header("x-cache-key"), "user:analytics:ws-kestrel:7d:casual");
    let said =
        analyst.user_analytics("ws-kestrel", Timeframe::Week, Some("casual")).expect("analytics");
    assert_eq!(casual.text, serde_json::to_string(&said).expect("JSON"));
}

#[test]
fn a_miss_in_one_timeframe_computes_the_others_ahead_and_counts_them_as_nobodys() {
    let server = Server::still(&fresh_path("ahead"));
    let reader = Database::reader(&server.database).expect("a reader");
    let paths: [fn(&str) -> String; 2] = [
        |frame| format!("/api/v1/agents/ag-0001/analytics?timeframe={frame}"),
        |frame| format!("/api/v1/users/u-00001/metrics?timeframe={frame}"),
    ];
    for path in paths {
        assert_eq!(server.get(&path("7d")).cache(), "MISS");
        let keys = || server.get("/api/v1/cache/stats").json()["keys"].as_u64();
        eventually("the others are there", || keys().is_some_and(|keys| keys % 5 == 0));
        for frame in ["1h", "24h", "30d", "90d"] {
            assert_eq!(server.get(&path(frame)).cache(), "HIT", "{}", path(frame));
        }
    }
    let stats = server.get("/api/v1/cache/stats").json();
    assert_eq!((&stats["misses"], &stats["hits"]), (&json!(2), &json!(8)), "{stats}");
    let agent = Analyst::new(&reader, NOW).agent_analytics("ag-0001", Timeframe::Quarter);
    let said = serde_json::to_string(&agent.expect("an agent")).expect("JSON");
    assert_eq!(server.get(&paths[0]("90d")).text, said);
}

#[test]
fn the_numbers_equal_sql_from_the_outside() {
    let server = Server::still(&fresh_path("sql"));
    let runs = server.sql(
        "SELECT COUNT(*) AS n FROM runs JOIN workspaces w ON w.id = runs.workspace
         WHERE w.public_id = 'ws-fjord' AND started_at >= 1795305600000 AND started_at < 1795305600000 + 86400000",
    );
    let overview = server.get("/api/v1/workspaces/ws-fjord/overview").json();
    assert_eq!(overview["runs_today"], runs[0]["n"]);
}

#[test]
fn the_lists_are_complete_and_nobody_keeps_them() {
    let server = Server::still(&fresh_path("lists"));
    let workspaces = server.get("/api/v1/workspaces");
    assert_eq!(workspaces.header("cache-control"), "no-store");
    let list = workspaces.json()["workspaces"].as_array().expect("a list").clone();
    assert_eq!(list.len(), 20);
    assert_eq!(
        list[0],
        json!({ "id": "ws-meridian", "name": "Meridian Logistics", "plan": "enterprise" })
    );
    let agents = server.get("/api/v1/agents?workspace_id=ws-tern").json();
    assert_eq!(agents["agents"].as_array().map(Vec::len), Some(4));
    let users = server.get("/api/v1/users?workspace_id=ws-tern&limit=3").json();
    let fields: BTreeSet<&String> = users["users"][0].as_object().expect("a user").keys().collect();
    assert_eq!(fields.into_iter().collect::<Vec<_>>(), ["email", "id", "name", "segment"]);
    assert_eq!(users["users"].as_array().map(Vec::len), Some(3));
}

#[test]
fn skip_cache_computes_anew_and_a_held_body_is_not_sent_again() {
    let server = Server::still(&fresh_path("skip"));
    let path = "/api/v1/executive/kpis?workspace_id=ws-cobalt";
    let first = server.get(path);
    assert_eq!(server.get(&format!("{path}&skip_cache=true")).cache(), "BYPASS");
    let held = server.get_with(path, &[("if-none-match", first.header("etag"))]);
    assert_eq!((held.status, held.text.as_str(), held.cache()), (304, "", "HIT"));
}

#[test]
fn a_simulated_run_is_counted_and_makes_only_its_own_workspace_stale() {
    let server = Server::still(&fresh_path("run"));
    let (mine, other) = (
        "/api/v1/executive/dashboard?workspace_id=ws-vela&timeframe=24h",
        "/api/v1/executive/dashboard?workspace_id=ws-moss&timeframe=24h",
    );
    let before = server.get(mine).json();
    server.get(other);
    assert_eq!(server.get(mine).cache(), "HIT");
    let done = server.post(
        "/api/v1/demo/simulate",
        json!({ "workspace_id": "ws-vela", "kind": "run", "count": 3 }),
    );
    let told = done.json();
    assert_eq!(
        (done.status, &told["event"], &told["count"]),
        (200, &json!("agent_run_completed"), &json!(3)),
        "{told}"
    );
    assert_eq!((&told["workspace_id"], &told["deleted"]), (&json!("ws-vela"), &json!(1)));
    assert!(
        told["patterns"].as_array().expect("patterns").contains(&json!("exec:dashboard:ws-vela:*")),
        "{told}"
    );
    let after = server.get(mine);
    assert_eq!((after.cache(), server.get(other).cache()), ("MISS", "HIT"));
    let runs = |dashboard: &Value| dashboard["current"]["runs"].as_i64().expect("runs");
    let credits = |dashboard: &Value| dashboard["kpis"]["credits_used"].as_f64().expect("credits");
    assert_eq!(runs(&after.json()), runs(&before) + 3);
    assert_eq!(credits(&after.json()), credits(&before) + 30.0);
}

#[test]
fn simulated_activity_and_credits_reach_their_answers_too() {
    let server = Server::still(&fresh_path("deeds"));
    let simulate = |kind: &str| {
        server
            .post("/api/v1/demo/simulate", json!({ "workspace_id": "ws-orchard", "kind": kind }))
            .json()
    };
    let owner = simulate("activity")["user_id"].as_str().expect("a user").to_owned();
    let day = format!("/api/v1/users/{owner}/activity?date=2026-11-22");
    let events =
        |answer: &crate::server::Answer| answer.json()["events"].as_array().expect("events").len();
    let before = events(&server.get(&day));
    assert_eq!(simulate("activity")["event"], "user_activity");
    let after = server.get(&day);
    assert_eq!((after.cache(), events(&after)), ("MISS", before + 1));

    let credits = "/api/v1/metrics/credits?workspace_id=ws-orchard&period=hourly";
    let balance =
        |answer: &crate::server::Answer| answer.json()["balance"].as_f64().expect("a balance");
    let before = balance(&server.get(credits));
    assert_eq!(simulate("credits")["event"], "credit_transaction");
    let after = server.get(credits);
    assert_eq!((after.cache(), balance(&after)), ("MISS", before + 10_000.0));
}

#[test]
fn the_caches_own_routes_are_there() {
    let server = Server::still(&fresh_path("routes"));
    let path = "/api/v1/executive/kpis?workspace_id=ws-tern";
    for _ in 0..4 {
        server.get(path);
    }
    let stats = server.get("/api/v1/cache/stats").json();
    assert_eq!(
        (&stats["hits"], &stats["misses"], &stats["store"]),
        (&json!(3), &json!(1), &json!("memory"))
    );
    assert_eq!(stats["hit_rate_percent"], 75.0);
    let gone = server.post("/api/v1/cache/invalidate", json!({ "workspace": "ws-tern" })).json();
    assert_eq!(gone["deleted"], 1);
    assert_eq!(server.get(path).cache(), "MISS");
    let event = server
        .post("/api/v1/events", json!({ "event": "workspace_updated", "workspace_id": "ws-tern" }))
        .json();
    assert_eq!(event["deleted"], 1);
    assert_eq!(server.get("/health").json()["status"], "ok");
}
