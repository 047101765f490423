//! Each event of the bundled schema, posted to a node over a real Redis that holds keys of every family: what goes is what
//! the specification says, nothing else does, and browsers are told the same.

use std::collections::BTreeSet;
use std::time::Duration;

use samekey::schema::TypedKey;
use samekey::server::codec::{CodecSettings, KeyRing};
use samekey::server::{CacheService, RedisStore};
use samekey::shadower;
use serde_json::{Value, json};

use crate::events_posted::post;
use crate::redis_server::RedisServer;
use crate::stream_node::Node;

/// One that can store the sensitive families, too.
async fn node(server: &RedisServer) -> Node {
    let schema = shadower::schema();
    let codec = CodecSettings::default().keys(KeyRing::ephemeral()).for_schema(schema).unwrap();
    let store = RedisStore::new(&server.patient_config()).unwrap();
    Node::of(CacheService::builder(schema).store(store).codec(codec).build().unwrap()).await
}

/// Keys of each family: one of those whom the event is about, and one of others.
async fn fill(cache: &CacheService, fields: &Value) -> BTreeSet<String> {
    let cache = cache.without_set_notices();
    let mut keys = BTreeSet::new();
    for family in &shadower::schema().families {
        for others in ["any", "other"] {
            // A family's `{workspace}` is what an event calls `workspace_id`.
            let id = |field: &str| {
                let id = fields[format!("{field}_id")].as_str().or(fields[field].as_str());
                id.filter(|_| others == "any").or(Some(others))
            };
            let key = family.template.key(id).unwrap();
            let key = TypedKey::new(key, &family.name, Duration::from_secs(60));
            cache.set(&key, &json!({ "of": others })).await.unwrap();
            keys.insert(key.as_str().to_owned());
        }
    }
    keys
}

/// By the specification's words, and not by the code that is tested.
fn means(pattern: &str, key: &str) -> bool {
    let (pattern, key): (Vec<_>, Vec<_>) = (pattern.split(':').collect(), key.split(':').collect());
    let fits_in_length = match pattern.last() {
        Some(&"*") => key.len() >= pattern.len(),
        _ => key.len() == pattern.len(),
    };
    fits_in_length
        && pattern.iter().zip(key).all(|(pattern, key)| *pattern == "*" || *pattern == key)
}

#[tokio::test]
async fn each_takes_from_redis_what_it_is_said_to_and_nothing_else() {
    let server = RedisServer::start();
    let node = node(&server).await;
    let mut sse = node.stream().await;
    let vectors: Value = serde_json::from_str(include_str!("../vectors/events.json")).unwrap();
    let (mut posted, mut brought) = (BTreeSet::new(), None);
    for vector in vectors["events"].as_array().unwrap() {
        let mut keys = fill(&node.cache, &vector["fields"]).await;
        keys.extend(brought.take());
        let patterns: BTreeSet<_> = vector["patterns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|text| text.as_str().unwrap())
            .collect();
        let meant = keys.iter().filter(|key| patterns.iter().any(|pattern| means(pattern, key)));
        let meant: BTreeSet<_> = meant.collect();
        for pattern in &patterns {
            assert!(
                meant.iter().any(|key| means(pattern, key)),
                "{pattern} means a key that is there"
            );
        }

        let mut event = vector["fields"].clone();
        event["event"] = vector["event"].clone();
        if vector["event"] == "report_generated" {
            event["data"] = json!({ "rows": 1 });
        }
        let (status, answer) = post(&node.http, &event).await;
        assert_eq!((status, &answer["deleted"]), (200, &json!(meant.len())), "{vector}");
        brought = answer["cached"].as_str().map(str::to_owned);
        for key in &keys {
            let is_there = node.cache.exists(key).await.unwrap();
            let is_new = brought.as_ref() == Some(key);
            assert_eq!(is_there, is_new || !meant.contains(key), "{key} after {}", vector["event"]);
        }
        let (told, reason) = sse.invalidated().await;
        assert_eq!(told.iter().map(String::as_str).collect::<BTreeSet<_>>(), patterns);
        assert_eq!(reason, vector["event"].as_str().unwrap());
        posted.insert(reason);
    }
    let all: BTreeSet<_> =
        shadower::schema().events.iter().map(|event| event.name.clone()).collect();
    assert_eq!(posted, all);
}
