//! A request's JSON object, or the problem with it.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde_json::{Map, Value};

use super::Problem;
use super::unambiguous::Unambiguous;

/// The body as a JSON object. The members are read by hand, so that a problem names the one at fault.
pub(super) struct JsonObject(pub(super) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match JsonBody::from_request(request, state).await?.0 {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(Problem::bad("E_BODY_INVALID", "the body must be a JSON object")),
        }
    }
}

/// The body as JSON.
pub(super) struct JsonBody(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        // Also a guard: a form on a foreign page can post any text, but not this type without asking first.
        if !says_json(&request) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "E_BODY_NOT_JSON",
                "the Content-Type must be application/json",
            ));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(unreadable)?;
        serde_json::from_slice(&bytes).map(|Unambiguous(value)| Self(value)).map_err(wrong)
    }
}

fn wrong(error: serde_json::Error) -> Problem {
    // JSON it is, where it is only what it says that is wrong.
    let what = if error.is_data() { "the body is ambiguous" } else { "the body is not JSON" };
    Problem::bad("E_BODY_INVALID", format!("{what}: {error}"))
}

fn says_json(request: &Request) -> bool {
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

fn unreadable(rejection: BytesRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "E_BODY_TOO_LARGE", "the body is too large")
        }
        _ => Problem::bad("E_BODY_INVALID", "the body could not be read to its end"),
    }
}

/// The longest identifier or pattern that is taken, in bytes. What a caller writes here is kept for others: in patterns that
/// wait for the store, in the log of invalidations, on the way to every browser.
const LONGEST: usize = 4 * 1024;

/// The identifier in a member: text, or a whole number as its digits.
pub(super) fn identifier(name: &str, value: &Value) -> Result<String, Problem> {
    match value {
        Value::String(text) if text.len() > LONGEST => {
            let message = format!("{} bytes; at most {LONGEST} are taken", text.len());
            Err(Problem::bad("E_FIELD_TOO_LONG", message).with_field(name))
        }
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
        _ => Err(Problem::bad("E_FIELD_TYPE", "must be a text or a whole number").with_field(name)),
    }
}
