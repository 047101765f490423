//! A cached route's request and response.

use std::fmt::Write;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::etag::{etag, is_held};
use super::{LAST_EVENT_ID, Problem};
use crate::schema::TypedKey;
use crate::server::access::{Access, AuditLog, AuditRecord, Principal};
use crate::server::backplane::LogId;
use crate::server::compute::{Answer, Here, Lookup};
use crate::server::error::BoxError;
use crate::server::service::CacheService;

const X_CACHE: HeaderName = HeaderName::from_static("x-cache");
const X_CACHE_KEY: HeaderName = HeaderName::from_static("x-cache-key");

/// What a request for a cached route says about caching: `skip_cache=true` in its query, the version of the body it
/// holds (`If-None-Match`), and the last invalidation of which its sender has heard (`Last-Event-ID`): what this process
/// held before that is not its answer. An extractor.
///
/// ```
/// use axum::extract::{Path, State};
/// use axum::response::Response;
/// use samekey::schema::{Key, TypedKey};
/// use samekey::server::CacheService;
/// use samekey::server::http::{CacheRequest, Problem};
/// use std::time::Duration;
///
/// async fn runs(
///     State(cache): State<CacheService>,
///     Path(workspace): Path<String>,
///     request: CacheRequest,
/// ) -> Result<Response, Problem> {
///     // `schema!` writes functions that make such keys.
///     let key = Key::new(["exec", "runs", &workspace])?;
///     let key: TypedKey<u64> = TypedKey::new(key, "runs", Duration::from_secs(60));
///     request.respond(&cache, &key, || async { Ok::<_, Problem>(42) }).await
/// }
/// # let _: axum::Router<CacheService> = axum::Router::new().route("/{workspace}/runs", axum::routing::get(runs));
/// ```
#[derive(Clone, Debug)]
pub struct CacheRequest {
    lookup: Lookup,
    headers: HeaderMap,
    heard: Option<LogId>,
    reader: Principal,
    audit: Option<AuditLog>,
}

impl<S: Send + Sync> FromRequestParts<S> for CacheRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let lookup = Lookup::skip_cache(skip_cache(parts.uri.query().unwrap_or_default())?);
        let mut headers = HeaderMap::new();
        for value in parts.headers.get_all(header::IF_NONE_MATCH) {
            headers.append(header::IF_NONE_MATCH, value.clone());
        }
        // What is no id is another program's, and no reason to fail.
        let heard = parts.headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()?.parse().ok());
        let access = parts.extensions.get::<Access>();
        let reader = access
            .map_or_else(|| Principal::of_connection(parts), |access| access.principal().clone());
        let audit = parts.extensions.get::<AuditLog>().cloned();
        Ok(Self { lookup, headers, heard, reader, audit })
    }
}

/// The flag in a query: `skip_cache=true` or `1`; `false`, `0` or nothing for no.
fn skip_cache(query: &str) -> Result<bool, Problem> {
    let mut values = query.split('&').filter_map(|pair| pair.strip_prefix("skip_cache="));
    match values.next_back() {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => {
            Err(Problem::bad("E_FIELD_TYPE", "must be true or false").with_field("skip_cache"))
        }
    }
}

impl CacheRequest {
    /// How much of the cache this request wants.
    #[must_use]
    pub const fn lookup(&self) -> Lookup {
        self.lookup
    }

    /// Answers with the value under `key`, computed if it is not there or the request skips the cache.
    ///
    /// A hit sends the stored JSON unread. The response says `Cache-Control: private, no-cache, max-age=` what is left
    /// of the value's life, `ETag`, `X-Cache: HIT`, `STALE`, `MISS` or `BYPASS`, and `X-Cache-Key`; to a client that
    /// holds this very body it is a 304 without one.
    ///
    /// A read of a sensitive family is written to the service's [`AuditLog`], if it has one.
    ///
    /// # Errors
    /// The compute's own [`Problem`] if it fails with one, else that of the
    /// [`CacheError`](crate::server::CacheError).
    pub async fn respond<T, E, F, C>(
        &self,
        cache: &CacheService,
        key: &TypedKey<T>,
        compute: C,
    ) -> Result<Response, Problem>
    where
        T: Serialize + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        let caught_up = match self.heard {
            Some(heard) => cache.catch_up(heard).await,
            None => true,
        };
        let here =
            if caught_up { cache.inner.here(key.as_str(), self.lookup) } else { Here::Behind };
        let answer = cache.json_or_compute(key, self.lookup, here, compute).await?;
        if let Some(audit) = self.audit.as_ref().or(cache.inner.audit.as_ref())
            && cache.schema().family(key.family()).is_some_and(|family| family.sensitive)
        {
            let cache = answer.source.as_str();
            audit.record(&self.reader, AuditRecord::read(key.family(), key.as_str(), cache));
        }
        Ok(self.response(key.as_str(), answer))
    }

    fn response(&self, key: &str, answer: Answer) -> Response {
        let etag = etag(&answer.body);
        let mut response = if is_held(&self.headers, &etag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, "application/json")], answer.body).into_response()
        };
        let headers = response.headers_mut();
        // Whole seconds, rounded down: nobody downstream holds it longer than we would. They are for samekey in the
        // browser, which hears of invalidations. The browser's own cache does not, so it has to ask each time.
        let max_age = format!("private, no-cache, max-age={}", answer.fresh_for.as_secs());
        for (name, value) in
            [(header::CACHE_CONTROL, max_age), (header::ETAG, etag), (X_CACHE_KEY, ascii(key))]
        {
            // Printable ASCII, all three, so each is a header value.
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        headers.insert(X_CACHE, HeaderValue::from_static(answer.source.as_str()));
        response
    }
}

/// Key text for a header: what is not ASCII is percent-encoded. A key has control characters and blanks
/// encoded already, and writes no other character so; the text can be read back.
fn ascii(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_graphic() {
            text.push(char::from(byte));
        } else {
            let _: Result<(), _> = write!(text, "%{byte:02X}");
        }
    }
    text
}
