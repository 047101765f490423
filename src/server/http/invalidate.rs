//! `POST /api/v1/cache/invalidate`.

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value};

use super::body::{JsonObject, identifier};
use super::{CacheService, Problem};
use crate::server::Invalidation;

pub(super) async fn invalidate(
    State(cache): State<CacheService>,
    JsonObject(members): JsonObject,
) -> Result<Json<Invalidation>, Problem> {
    let (target, value) = the_only_member(&cache, &members)?;
    let value = identifier(target, value)?;
    let done = match target {
        "pattern" => cache.invalidate_pattern(&value).await,
        entity => cache.invalidate_entity(entity, &value).await,
    };
    // What is wrong with the value is wrong with the field that held it.
    done.map(Json).map_err(|error| Problem::from(error).or_field(target))
}

/// `pattern` or an entity of the schema, and nothing beside it: of two, one would be ignored.
fn the_only_member<'m>(
    cache: &CacheService,
    members: &'m Map<String, Value>,
) -> Result<(&'m str, &'m Value), Problem> {
    let entities = &cache.schema().entities;
    for name in members.keys() {
        if name != "pattern" && !entities.contains(name) {
            return Err(Problem::bad("E_FIELD_UNKNOWN", "there is no such field").with_field(name));
        }
    }
    let mut members = members.iter();
    match (members.next(), members.next()) {
        (Some((name, value)), None) => Ok((name, value)),
        (_, Some((second, _))) => {
            Err(Problem::bad("E_FIELD_CONFLICT", "one thing at a time: give one field")
                .with_field(second))
        }
        (None, None) => {
            let message = format!("give one of: pattern, {}", entities.join(", "));
            Err(Problem::bad("E_FIELD_MISSING", message).with_field("pattern"))
        }
    }
}
