//! What is no longer true: by pattern, by entity, by event. On both stores.

use samekey::schema::TypedKey;
use samekey::server::{CacheService, MemoryStore, RedisStore};
use serde_json::{Value, json};

use crate::fixture::{agent_analytics, executive, kpis, memory_cache, schema, user_activity};
use crate::redis_server::RedisServer;

fn every_key() -> Vec<TypedKey<Value>> {
    vec![
        kpis("ws1"),
        kpis("ws2"),
        executive("ws1", "7d"),
        executive("ws1", "30d"),
        executive("ws2", "7d"),
        agent_analytics("a1"),
        agent_analytics("a2"),
        user_activity("u1"),
    ]
}

async fn filled(cache: &CacheService) {
    for key in every_key() {
        cache.set(&key, &json!(1)).await.unwrap();
    }
}

async fn gone(cache: &CacheService) -> Vec<String> {
    let mut gone = Vec::new();
    for key in every_key() {
        if !cache.exists(&key).await.unwrap() {
            gone.push(key.to_string());
        }
    }
    gone
}

#[tokio::test(start_paused = true)]
async fn a_pattern_removes_its_keys_and_says_how_many() {
    let cache = memory_cache();
    filled(&cache).await;
    let done = cache.invalidate_pattern("exec:*:ws1:*").await.unwrap();
    assert_eq!((done.deleted, done.patterns), (2, vec!["exec:*:ws1:*".to_owned()]));
    assert_eq!(gone(&cache).await, ["exec:dashboard:ws1:7d", "exec:dashboard:ws1:30d"]);
    let stats = cache.get_cache_stats().await;
    assert_eq!((stats.invalidations, stats.deleted_keys), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_pattern_that_begins_as_no_family_does_is_refused() {
    let cache = memory_cache();
    filled(&cache).await;
    for (pattern, code) in [
        ("*", "E_PATTERN_OUTSIDE_SCHEMA"),
        ("*:kpis:*", "E_PATTERN_OUTSIDE_SCHEMA"),
        ("celery:*", "E_PATTERN_OUTSIDE_SCHEMA"),
        ("exec*", "E_PATTERN_PARTIAL_WILDCARD"),
        ("exec:[a-z]", "E_KEY_RESERVED_CHARACTER"),
        ("exec::ws1", "E_KEY_EMPTY_IDENTIFIER"),
        ("", "E_KEY_EMPTY_IDENTIFIER"),
    ] {
        let error = cache.invalidate_pattern(pattern).await.unwrap_err();
        assert_eq!(error.code(), code, "{pattern:?}");
    }
    assert!(gone(&cache).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_entity_takes_every_key_that_names_it_and_no_other() {
    let cache = memory_cache();
    filled(&cache).await;
    assert_eq!(cache.invalidate_workspace("ws1").await.unwrap().deleted, 3);
    assert_eq!(cache.invalidate_agent("a1").await.unwrap().deleted, 1);
    assert_eq!(cache.invalidate_user("u1").await.unwrap().deleted, 1);
    assert_eq!(
        gone(&cache).await,
        [
            "exec:kpis:ws1",
            "exec:dashboard:ws1:7d",
            "exec:dashboard:ws1:30d",
            "agent:analytics:a1:7d",
            "user:activity:u1:today"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_id_is_an_id_and_never_a_pattern() {
    let cache = memory_cache();
    filled(&cache).await;
    cache.set(&kpis("*"), &json!(1)).await.unwrap();
    assert_eq!(cache.invalidate_workspace("*").await.unwrap().deleted, 1);
    assert!(gone(&cache).await.is_empty());
    assert_eq!(cache.invalidate_workspace("").await.unwrap_err().code(), "E_KEY_EMPTY_IDENTIFIER");
    assert_eq!(
        cache.invalidate_entity("planet", "x").await.unwrap_err().code(),
        "E_ENTITY_UNKNOWN"
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_makes_stale_what_the_schema_says() {
    let cache = memory_cache();
    filled(&cache).await;
    let fields = [("workspace_id", "ws1"), ("agent_id", "a2")];
    let done = cache.handle_event("agent_run_completed", &fields, None).await.unwrap();
    assert_eq!(done.invalidation.patterns, ["agent:analytics:a2:*", "exec:dashboard:ws1:*"]);
    assert_eq!((done.invalidation.deleted, done.cached), (3, None));
    assert_eq!(
        gone(&cache).await,
        ["exec:dashboard:ws1:7d", "exec:dashboard:ws1:30d", "agent:analytics:a2:7d"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_with_a_wrong_field_does_nothing() {
    let cache = memory_cache();
    filled(&cache).await;
    for (event, fields, code) in [
        ("agent_run_exploded", vec![], "E_EVENT_UNKNOWN"),
        ("agent_run_completed", vec![("workspace_id", "ws1")], "E_FIELD_MISSING"),
        (
            "agent_run_completed",
            vec![("workspace_id", "ws1"), ("agent_id", "a1"), ("agentid", "a1")],
            "E_FIELD_UNKNOWN",
        ),
        (
            "agent_run_completed",
            vec![("workspace_id", "ws1"), ("agent_id", "")],
            "E_KEY_EMPTY_IDENTIFIER",
        ),
    ] {
        let error = cache.handle_event(event, &fields, None).await.unwrap_err();
        assert_eq!(error.code(), code, "{event} {fields:?}");
    }
    assert!(gone(&cache).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_event_that_brings_a_value_stores_it_over_the_old_ones() {
    let cache = memory_cache();
    let report = |value: Value| {
        let cache = cache.clone();
        async move {
            cache
                .handle_event("report_generated", &[("report_id", "r1")], Some(&value))
                .await
                .unwrap()
        }
    };
    let first = report(json!({ "rows": 1 })).await;
    assert_eq!(
        (first.invalidation.deleted, first.cached.as_deref()),
        (0, Some("report:data:r1:json"))
    );
    let second = report(json!({ "rows": 2 })).await;
    assert_eq!(second.invalidation.deleted, 1);
    let key = TypedKey::new(
        samekey::schema::Key::parse("report:data:r1:json").unwrap(),
        "report_data",
        crate::fixture::LONG,
    );
    assert_eq!(cache.get(&key).await.unwrap().as_deref(), Some(&json!({ "rows": 2 })));
    assert_eq!(cache.ttl(&key).await.unwrap(), Some(crate::fixture::LONG));

    let without =
        cache.handle_event("report_generated", &[("report_id", "r1")], None).await.unwrap_err();
    assert_eq!(without.code(), "E_FIELD_MISSING");
    assert!(cache.exists(&key).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn the_bundled_schemas_events_are_structs_that_can_be_published() {
    use samekey::shadower::{self, events};
    let cache = CacheService::new(shadower::schema(), MemoryStore::default());
    let churn = shadower::ChurnReport {
        workspace_id: "ws1".into(),
        timeframe: "7d".into(),
        churned: 1,
        at_risk: 2,
        rate: 0.5,
        computed_at: "2026-11-22T00:00:00Z".into(),
    };
    cache.set(&shadower::churn("ws1", "7d").unwrap(), &churn).await.unwrap();
    let updated = events::WorkspaceUpdated { workspace_id: "ws1".into() };
    assert_eq!(cache.publish(&updated).await.unwrap().invalidation.deleted, 1);

    let data = json!({ "rows": 3 });
    let generated =
        events::ReportGenerated { report_id: "r1".into(), format: None, data: data.clone() };
    let outcome = cache.publish(&generated).await.unwrap();
    assert_eq!(outcome.cached.as_deref(), Some("report:data:r1:json"));
    let report = shadower::report_data("r1", None).unwrap();
    assert_eq!(cache.get(&report).await.unwrap().as_deref(), Some(&data));
}

#[tokio::test]
async fn redis_forgets_the_same_as_the_in_process_store() {
    let server = RedisServer::start();
    let store = RedisStore::new(&server.patient_config()).unwrap();
    let (redis, memory) = (CacheService::new(schema(), store), memory_cache());
    let mut outcomes = Vec::new();
    for cache in [&redis, &memory] {
        filled(cache).await;
        let run = [("workspace_id", "ws2"), ("agent_id", "a2")];
        let outcome = (
            cache.invalidate_workspace("ws1").await.unwrap(),
            cache.handle_event("agent_run_completed", &run, None).await.unwrap(),
            cache.invalidate_pattern("user:*").await.unwrap(),
            gone(cache).await,
        );
        outcomes.push(outcome);
    }
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0].3.len(), 6);
}
