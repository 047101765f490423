//! What went wrong, for a program and for a person: RFC 9457 with a stable code.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Serialize, Serializer};

use crate::schema::{KeyError, SchemaError};
use crate::server::error::CacheError;
use crate::server::store::StoreErrorKind;

/// An error response: `application/problem+json` with `title`, `status`, `code`, `message` and, where one
/// field is at fault, `field`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    field: Option<String>,
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem with a stable `code` (`E_…`) for programs and a `message` for people.
    #[must_use]
    pub fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, code, message: message.into(), field: None, retry_after: None }
    }

    /// The same, naming the field of the body or query that is at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same, saying with `Retry-After` when it is worth another try: in whole seconds, rounded up.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait.as_millis().div_ceil(1_000).clamp(1, 86_400) as u64);
        self
    }

    /// Names the field unless the problem already names one.
    pub(super) fn or_field(mut self, field: &str) -> Self {
        if self.status == StatusCode::BAD_REQUEST {
            self.field.get_or_insert_with(|| field.to_owned());
        }
        self
    }

    pub(super) fn bad(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }
}

impl From<CacheError> for Problem {
    /// Bad input is the caller's, a store that is down is nobody's, and the rest is ours. A compute that
    /// failed with a `Problem` is that problem; of any other error nothing goes out but the code.
    fn from(error: CacheError) -> Self {
        let code = error.code();
        match error {
            CacheError::Key(error) => error.into(),
            CacheError::Schema(error) => error.into(),
            CacheError::PatternOutsideSchema(_) => {
                Self::bad(code, "the pattern must begin as the keys of a family do")
                    .with_field("pattern")
            }
            CacheError::EventInProgress(_) => Self::new(
                StatusCode::CONFLICT,
                code,
                "an event of this id is being done; post it again to learn what becomes of it",
            )
            .with_field("id"),
            CacheError::EventId { limit, .. } => {
                Self::bad(code, format!("an id has at most {limit} bytes")).with_field("id")
            }
            CacheError::ValueTooLarge { bytes, limit, .. } => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                code,
                format!("the value has {bytes} bytes; at most {limit} are stored"),
            ),
            // 503 all the same: whoever posts it again loses nothing, and the queue ends with the process.
            CacheError::Store(error) if error.kind() == StoreErrorKind::Queued => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                code,
                "not removed yet: it is kept, and removed as soon as the cache's store works again",
            ),
            CacheError::Store(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                code,
                "the cache's store does not answer as it should",
            ),
            CacheError::ComputeTimeout { .. } => Self::new(
                StatusCode::GATEWAY_TIMEOUT,
                code,
                "the answer takes longer to compute than callers wait",
            ),
            CacheError::ShutDown { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code, "the service is shutting down")
            }
            CacheError::Compute { ref source, .. } => match source.downcast_ref::<Self>() {
                Some(problem) => problem.clone(),
                None => Self::internal(&error),
            },
            error => Self::internal(&error),
        }
    }
}

impl Problem {
    fn internal(error: &CacheError) -> Self {
        // Without the key: it may be a sensitive family's. The span around this knows the family.
        let (code, cause) =
            (error.code(), std::error::Error::source(error).map(ToString::to_string));
        tracing::error!(code, cause, "a cached answer could not be given");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            error.code(),
            "the answer could not be computed",
        )
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        Self::bad(error.code(), error.message())
    }
}

impl From<SchemaError> for Problem {
    fn from(error: SchemaError) -> Self {
        let field = match &error {
            SchemaError::UnknownEvent(_) => Some("event"),
            other => other.field(),
        };
        let text = error.to_string();
        let message = text.strip_prefix(error.code()).and_then(|text| text.strip_prefix(": "));
        let problem = Self::bad(error.code(), message.unwrap_or(&text).to_owned());
        match field {
            Some(field) => problem.with_field(field),
            None => problem,
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    title: &'a str,
    status: u16,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = Body {
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            message: &self.message,
            field: self.field.as_deref(),
        };
        body.serialize(serializer)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // Four texts and a number: this cannot fail, and an empty body would still have its status.
        let json = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status, json).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 asks for it with every 401.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Problem {}
