//! A small schema, and a cache over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use samekey::schema::{
    Caches, EntitySegment, Event, EventField, Family, Key, Schema, Template, Ttl, TypedKey,
};
use samekey::server::{BoxError, CacheService, MemoryStore};
use serde_json::{Value, json};

pub(crate) const LONG: Duration = Duration::from_secs(1800);
pub(crate) const MEDIUM: Duration = Duration::from_secs(300);

pub(crate) fn memory_cache() -> CacheService {
    CacheService::new(schema(), MemoryStore::default())
}

pub(crate) fn kpis(workspace: &str) -> TypedKey<Value> {
    TypedKey::new(Key::new(["exec", "kpis", workspace]).unwrap(), "kpis", MEDIUM)
}

pub(crate) fn executive(workspace: &str, timeframe: &str) -> TypedKey<Value> {
    TypedKey::new(Key::new(["exec", "dashboard", workspace, timeframe]).unwrap(), "executive", LONG)
}

pub(crate) fn agent_analytics(agent: &str) -> TypedKey<Value> {
    TypedKey::new(Key::new(["agent", "analytics", agent, "7d"]).unwrap(), "agent_analytics", LONG)
}

pub(crate) fn user_activity(user: &str) -> TypedKey<Value> {
    TypedKey::new(Key::new(["user", "activity", user, "today"]).unwrap(), "user_activity", MEDIUM)
}

/// A compute that counts its calls and returns how often it was called.
#[derive(Clone, Default)]
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Counted {
    pub(crate) fn calls(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) async fn call(self) -> Result<Value, BoxError> {
        Ok(json!({ "call": self.0.fetch_add(1, Ordering::SeqCst) + 1 }))
    }

    /// The same after `time`.
    pub(crate) async fn call_after(self, time: Duration) -> Result<Value, BoxError> {
        let call = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        tokio::time::sleep(time).await;
        Ok(json!({ "call": call }))
    }
}

/// What the call of this number answers.
pub(crate) fn nth(call: usize) -> Arc<Value> {
    Arc::new(json!({ "call": call }))
}

pub(crate) fn schema() -> Schema {
    Schema {
        name: "fixture".into(),
        ttl_classes: vec![("medium".into(), MEDIUM), ("long".into(), LONG)],
        entities: ["workspace", "agent", "user"].map(String::from).to_vec(),
        families: vec![
            family("kpis", "exec:kpis:{workspace}", MEDIUM, &["workspace"]),
            family("executive", "exec:dashboard:{workspace}:{timeframe}", LONG, &["workspace"]),
            family("agent_analytics", "agent:analytics:{agent}:{timeframe}", LONG, &["agent"]),
            family("user_activity", "user:activity:{user}:{date}", MEDIUM, &["user"]),
            family("report_data", "report:data:{report}:{format=json}", LONG, &[]),
        ],
        events: vec![
            event(
                "agent_run_completed",
                &["workspace_id", "agent_id"],
                &["agent:analytics:{agent_id}:*", "exec:dashboard:{workspace_id}:*"],
            ),
            Event {
                caches: Some(Caches {
                    family: "report_data".into(),
                    fields: vec![
                        ("report".into(), "report_id".into()),
                        ("format".into(), "format".into()),
                    ],
                    value: "data".into(),
                }),
                ..event(
                    "report_generated",
                    &["report_id", "format", "data"],
                    &["report:data:{report_id}:*"],
                )
            },
        ],
    }
}

fn family(name: &str, template: &str, ttl: Duration, entities: &[&str]) -> Family {
    let entity = |name: &&str| EntitySegment { entity: (*name).into(), field: (*name).into() };
    Family {
        name: name.into(),
        doc: String::new(),
        template: Template::parse(template).unwrap(),
        ttl: Ttl::Fixed(ttl),
        entities: entities.iter().map(entity).collect(),
        sensitive: false,
        endpoint: None,
        refetch_interval: None,
        value: "json".into(),
    }
}

fn event(name: &str, fields: &[&str], invalidates: &[&str]) -> Event {
    let field = |name: &&str| EventField {
        name: (*name).into(),
        holds: name.trim_end_matches("_id").into(),
        optional: *name == "format",
    };
    Event {
        name: name.into(),
        doc: String::new(),
        fields: fields.iter().map(field).collect(),
        invalidates: invalidates.iter().map(|pattern| Template::parse(pattern).unwrap()).collect(),
        caches: None,
    }
}
