//! `POST /api/v1/events`.

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use super::body::{JsonObject, identifier};
use super::{CacheService, Problem};
use crate::server::EventOutcome;

pub(super) async fn events(
    State(cache): State<CacheService>,
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
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Ok(Json(cache.handle_event(&event, &fields, value.as_ref()).await?))
}
