//! `POST /api/v1/cache/invalidate`.

use axum::extract::State;
use axum::{Extension, Json};
use serde_json::{Map, Value};

use super::body::{JsonObject, identifier};
use super::time_limit::to_its_end;
use super::{CacheService, Problem};
use crate::schema::Pattern;
use crate::server::Invalidation;
use crate::server::access::{Access, AuditLog, AuditRecord, Outcome};

pub(super) async fn invalidate(
    State(cache): State<CacheService>,
    access: Access,
    audit: Option<Extension<AuditLog>>,
    JsonObject(members): JsonObject,
) -> Result<Json<Invalidation>, Problem> {
    let (target, value) = the_only_member(&cache, &members)?;
    let value = identifier(target, value)?;
    let target = target.to_owned();
    to_its_end(async move {
        let done = within_reach(&cache, &access, &target, &value).await;
        if let Some(Extension(audit)) = audit {
            let outcome = match &done {
                Ok(done) => Outcome::done(&done.patterns, done.deleted),
                Err(problem) => Outcome::failed(problem.code()),
            };
            let record = AuditRecord::invalidate(&target, &value, outcome);
            audit.record(access.principal(), record);
        }
        done.map(Json)
    })
    .await?
}

async fn within_reach(
    cache: &CacheService,
    access: &Access,
    target: &str,
    value: &str,
) -> Result<Invalidation, Problem> {
    // What is wrong with the value is wrong with the field that held it.
    let wrong = |problem: Problem| problem.or_field(target);
    let reach = access.reach();
    if target == "pattern" {
        let pattern = Pattern::parse(value).map_err(|error| wrong(error.into()))?;
        if !reach.allows_pattern(cache.schema(), &pattern) {
            return Err(Access::out_of_reach(target));
        }
        cache.invalidate_pattern(value).await.map_err(|error| wrong(error.into()))
    } else {
        if !reach.allows(target, value) {
            return Err(Access::out_of_reach(target));
        }
        cache.invalidate_entity(target, value).await.map_err(|error| wrong(error.into()))
    }
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
