//! `schema!` makes functions whose keys know their value's type, and structs for values and events.

use std::time::Duration;

use samekey::schema::{TypedEvent, TypedKey};
use samekey::shadower;
use serde_json::json;

mod small {
    samekey::schema!("./small.toml");
}

#[test]
fn a_family_is_a_function_that_returns_its_key() {
    let key = shadower::executive("ws123", "7d").unwrap();
    assert_eq!(key.to_string(), "exec:dashboard:ws123:7d");
    assert_eq!(key.family(), "executive");
    assert_eq!(key.ttl(), Duration::from_secs(1800));
}

#[test]
fn the_key_knows_the_type_of_its_value() {
    let key: TypedKey<shadower::ExecutiveKpis> = shadower::kpis("ws123").unwrap();
    assert_eq!(key.as_str(), "exec:kpis:ws123");
    let json: TypedKey<serde_json::Value> = shadower::query_result("abc").unwrap();
    assert_eq!(json.as_str(), "query:result:abc");
}

#[test]
fn an_empty_identifier_is_an_error_and_no_key() {
    let error = shadower::executive("", "7d").unwrap_err();
    assert_eq!(error.code(), "E_KEY_EMPTY_IDENTIFIER");
    assert!(shadower::user_analytics("ws1", "7d", Some("")).is_err());
}

#[test]
fn a_field_with_a_default_stands_in_the_key_and_an_optional_one_does_not() {
    let top = |limit| shadower::top_agents("ws1", "7d", limit).unwrap().to_string();
    assert_eq!(top(None), "agent:top:ws1:7d:10");
    assert_eq!(top(Some(25)), "agent:top:ws1:7d:25");
    let users = |segment| shadower::user_analytics("ws1", "7d", segment).unwrap().to_string();
    assert_eq!(users(None), "user:analytics:ws1:7d");
    assert_eq!(users(Some("a:b")), "user:analytics:ws1:7d:a%3Ab");
}

#[test]
fn identifiers_may_be_texts_owned_or_borrowed_and_whole_numbers() {
    let id = String::from("7");
    for key in [
        shadower::kpis(&id),
        shadower::kpis(7_u64),
        shadower::kpis(id.as_str()),
        shadower::kpis(id.clone()),
    ] {
        assert_eq!(key.unwrap().as_str(), "exec:kpis:7");
    }
    let days = 30_u32;
    assert_eq!(
        shadower::retention_curve("ws1", "2026-11-01", days).unwrap().as_str(),
        "user:retention:curve:ws1:2026-11-01:30"
    );
}

#[test]
fn text_may_stand_between_identifiers_and_a_family_may_have_none() {
    assert_eq!(small::middle("w", 3, None).unwrap().as_str(), "a:w:b:3:all");
    assert_eq!(small::middle("w", 3, Some("x")).unwrap().as_str(), "a:w:b:3:x");
    assert_eq!(small::bare().unwrap().as_str(), "settings");
}

#[test]
fn a_ttl_that_follows_a_segment_is_the_keys_own() {
    let ttl = |timeframe| small::board("w", timeframe).unwrap().ttl().as_secs();
    assert_eq!((ttl("1h"), ttl("7d"), ttl("90d")), (60, 1800, 60));
}

#[test]
fn typed_keys_and_the_run_time_schema_agree() {
    for (schema, key, family, ttl) in [
        {
            let key = shadower::churn("ws1", "30d").unwrap();
            (shadower::schema(), key.to_string(), key.family(), key.ttl())
        },
        {
            let key = small::board("ws1", "1h").unwrap();
            (small::schema(), key.to_string(), key.family(), key.ttl())
        },
    ] {
        assert_eq!(schema.family_of(&key).unwrap().name, family);
        assert_eq!(schema.ttl_of(&key), Some(ttl));
    }
}

#[test]
fn the_generated_schema_is_the_one_in_the_file() {
    let file = include_str!("../../schema/shadower.toml");
    let parsed = samekey::schema::parse_schema(file).unwrap();
    assert_eq!(*shadower::schema(), parsed.schema);
    let parsed = samekey::schema::parse_schema(include_str!("small.toml")).unwrap();
    assert_eq!(*small::schema(), parsed.schema);
}

#[test]
fn values_are_plain_json_with_the_schemas_names() {
    let board = small::Board {
        r#type: "x".into(),
        rows: vec![json!(1), json!({})],
        score: None,
        open: true,
    };
    let written = serde_json::to_value(&board).unwrap();
    assert_eq!(written, json!({ "type": "x", "rows": [1, {}], "open": true }));
    assert_eq!(serde_json::from_value::<small::Board>(written).unwrap(), board);
    let point: shadower::UserTrendPoint =
        serde_json::from_value(json!({ "at": "t", "active": 1, "new": 2 })).unwrap();
    assert_eq!(point.new, 2);
}

#[test]
fn an_event_is_a_struct_whose_identifiers_fill_its_patterns() {
    let event =
        shadower::events::AgentRunCompleted { workspace_id: "ws:1".into(), agent_id: "a1".into() };
    assert_eq!(event.fields(), [("workspace_id", "ws:1".into()), ("agent_id", "a1".into())]);
    let fields = event.fields();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_ref())).collect();
    let name = <shadower::events::AgentRunCompleted as TypedEvent>::NAME;
    let patterns = shadower::schema().event_patterns(name, &fields).unwrap();
    assert!(patterns.iter().any(|pattern| pattern.matches("exec:kpis:ws%3A1")));
}

#[test]
fn an_event_carries_values_and_optional_fields_but_only_identifiers_fill_patterns() {
    let board = small::Board { r#type: "x".into(), rows: vec![], score: Some(0.5), open: false };
    let mut event =
        small::events::BoardChanged { workspace_id: "w".into(), day: None, board, note: None };
    assert_eq!(event.fields(), [("workspace_id", "w".into())]);
    event.day = Some(3);
    assert_eq!(event.fields(), [("workspace_id", "w".into()), ("day", "3".into())]);
    let read: small::events::BoardChanged =
        serde_json::from_value(json!({ "workspace_id": "w", "day": 3, "board": { "type": "x", "rows": [], "score": 0.5, "open": false } })).unwrap();
    assert_eq!(read, event);
}
