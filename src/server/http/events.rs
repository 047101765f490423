//! `POST /api/v1/events`.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::{Map, Value};

use super::body::{JsonBody, identifier};
use super::guard::Allowance;
use super::time_limit::to_its_end;
use super::{CacheService, Problem};
use crate::schema::Schema;
use crate::server::access::{Access, AuditLog, AuditRecord, Outcome};
use crate::server::{EventOutcome, PostedEvent};

/// How many may be posted at once.
const MOST: usize = 1_000;

pub(super) async fn events(
    State(cache): State<CacheService>,
    access: Access,
    audit: Option<Extension<AuditLog>>,
    Extension(allowance): Extension<Allowance>,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let (events, alone) = match body {
        Value::Object(members) => (vec![Value::Object(members)], true),
        Value::Array(events) if events.len() <= MOST => (events, false),
        Value::Array(_) => {
            let message = format!("at most {MOST} events at once");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "E_EVENTS_TOO_MANY", message));
        }
        _ => {
            return Err(Problem::bad(
                "E_BODY_INVALID",
                "the body must be an event or a list of them",
            ));
        }
    };
    // Or a list would be a thousand events for the price of one.
    allowance.take_more(events.len().saturating_sub(1))?;
    let (results, deleted) =
        to_its_end(carry_out(cache, access, audit.map(|Extension(audit)| audit), events)).await?;
    Ok(if alone { one(results, deleted)? } else { many(results, deleted) })
}

type Results = Vec<Result<EventOutcome, Problem>>;

/// Reads each event, sees whether the caller may, does them together, and writes all of it down.
async fn carry_out(
    cache: CacheService,
    access: Access,
    audit: Option<AuditLog>,
    events: Vec<Value>,
) -> (Results, u64) {
    let schema = cache.schema();
    let mut results = BTreeMap::new();
    let (mut names, mut places, mut admitted) = (Vec::new(), Vec::new(), Vec::new());
    for (place, event) in events.into_iter().enumerate() {
        let posted = posted(schema, event).and_then(|posted| {
            let fields = posted.fields.iter().map(|(name, id)| (name.as_str(), id.as_str()));
            access.require_event(schema, &posted.event, &fields.collect::<Vec<_>>())?;
            Ok(posted)
        });
        names.push(posted.as_ref().map(|posted| posted.event.clone()).unwrap_or_default());
        match posted {
            Ok(posted) => {
                places.push(place);
                admitted.push(posted);
            }
            Err(problem) => drop(results.insert(place, Err(problem))),
        }
    }
    let done = cache.handle_events(admitted).await;
    let outcomes = done.outcomes.into_iter().map(|outcome| outcome.map_err(Problem::from));
    results.extend(places.into_iter().zip(outcomes));
    let results: Results = results.into_values().collect();
    if let Some(audit) = audit {
        for (name, result) in names.iter().zip(&results) {
            let outcome = match result {
                Ok(done) => Outcome::done(&done.invalidation.patterns, done.invalidation.deleted),
                Err(problem) => Outcome::failed(problem.code()),
            };
            audit.record(access.principal(), AuditRecord::event(name, outcome));
        }
    }
    (results, done.deleted)
}

/// One event: the members of its object. `id` is the sender's name for it, unless the event has a field that is
/// called so.
fn posted(schema: &Schema, event: Value) -> Result<PostedEvent, Problem> {
    let Value::Object(mut members) = event else {
        return Err(Problem::bad("E_BODY_INVALID", "an event must be a JSON object"));
    };
    let event = match members.remove("event") {
        Some(Value::String(event)) => event,
        Some(_) => return Err(Problem::bad("E_FIELD_TYPE", "must be a text").with_field("event")),
        None => return Err(Problem::bad("E_FIELD_MISSING", "which event?").with_field("event")),
    };
    let known = schema.event(&event);
    let has_id = known.is_some_and(|event| event.fields.iter().any(|field| field.name == "id"));
    let id = if has_id { None } else { given(&mut members, "id") };
    let id = id.map(|id| identifier("id", &id)).transpose()?;
    let value_field = known.and_then(|event| event.caches.as_ref());
    let value = value_field.and_then(|caches| members.remove(&caches.value));
    let fields = members
        .iter()
        // As if it were not there: how some languages write a field that has no value.
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| Ok((name.clone(), identifier(name, value)?)))
        .collect::<Result<Vec<_>, Problem>>()?;
    Ok(PostedEvent { event, fields, value, id })
}

fn given(members: &mut Map<String, Value>, name: &str) -> Option<Value> {
    members.remove(name).filter(|value| !value.is_null())
}

fn one(results: Results, deleted: u64) -> Result<Response, Problem> {
    let mut outcome = results.into_iter().next().unwrap_or_else(|| {
        Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "E_REQUEST_PANICKED", "no answer"))
    })?;
    outcome.invalidation.deleted = deleted;
    Ok(Json(outcome).into_response())
}

#[derive(Serialize)]
struct Many<'a> {
    succeeded: usize,
    failed: usize,
    deleted: u64,
    results: Vec<OneOfMany<'a>>,
}

/// `deleted` is all theirs together.
#[derive(Serialize)]
#[serde(untagged)]
enum OneOfMany<'a> {
    Done {
        event: &'a str,
        patterns: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        cached: Option<&'a str>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        duplicate: bool,
    },
    Failed {
        problem: &'a Problem,
    },
}

/// 200 when all were done, else 207: who posted them looks at each.
fn many(results: Results, deleted: u64) -> Response {
    let failed = results.iter().filter(|result| result.is_err()).count();
    let each = results.iter().map(|result| match result {
        Ok(EventOutcome { event, invalidation, cached, duplicate }) => OneOfMany::Done {
            event,
            patterns: &invalidation.patterns,
            cached: cached.as_deref(),
            duplicate: *duplicate,
        },
        Err(problem) => OneOfMany::Failed { problem },
    });
    let status = if failed == 0 { StatusCode::OK } else { StatusCode::MULTI_STATUS };
    let body = Many { succeeded: results.len() - failed, failed, deleted, results: each.collect() };
    (status, Json(body)).into_response()
}
