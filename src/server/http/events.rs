//! `POST /api/v1/events`.

use axum::extract::State;
use axum::{Extension, Json};
use serde_json::Value;

use super::body::{JsonObject, identifier};
use super::time_limit::to_its_end;
use super::{CacheService, Problem};
use crate::server::EventOutcome;
use crate::server::access::{Access, AuditLog, AuditRecord, Outcome};

pub(super) async fn events(
    State(cache): State<CacheService>,
    access: Access,
    audit: Option<Extension<AuditLog>>,
    JsonObject(mut members): JsonObject,
) -> Result<Json<EventOutcome>, Problem> {
    let event = match members.remove("event") {
        Some(Value::String(event)) => event,
        Some(_) => return Err(Problem::bad("E_FIELD_TYPE", "must be a text").with_field("event")),
        None => return Err(Problem::bad("E_FIELD_MISSING", "which event?").with_field("event")),
    };
    let known = cache.schema().event(&event);
    let value_field =
        known.and_then(|event| event.caches.as_ref()).map(|caches| caches.value.as_str());
    let value = value_field.and_then(|name| members.remove(name));
    let fields = members
        .iter()
        // As if it were not there: how some languages write a field that has no value.
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| Ok((name.as_str(), identifier(name, value)?)))
        .collect::<Result<Vec<_>, Problem>>()?;
    let fields: Vec<(String, String)> =
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    to_its_end(async move {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let done = match access.require_event(cache.schema(), &event, &fields) {
            Ok(()) => {
                let done = cache.handle_event(&event, &fields, value.as_ref()).await;
                done.map_err(Problem::from)
            }
            Err(problem) => Err(problem),
        };
        if let Some(Extension(audit)) = audit {
            let outcome = match &done {
                Ok(done) => Outcome::done(&done.invalidation.patterns, done.invalidation.deleted),
                Err(problem) => Outcome::failed(problem.code()),
            };
            audit.record(access.principal(), AuditRecord::event(&event, outcome));
        }
        done.map(Json)
    })
    .await?
}
