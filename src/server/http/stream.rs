//! `GET /api/v1/cache/stream`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::{CacheService, LAST_EVENT_ID, Problem};
use crate::server::access::Access;
use crate::server::backplane::{LogId, Since};

/// What nginx and those who follow it take as: pass on each event when it comes.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// For an id that is no text: it is not the same as none.
const NO_ID: &str = "-";

pub(super) async fn stream(
    State(cache): State<CacheService>,
    access: Access,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let from = from(&headers, query.as_deref().unwrap_or_default());
    let notices = &cache.inner.notices;
    let reach = Arc::new(access.reach().clone());
    let subscription = notices.subscribe(from, reach, access.expires()).await;
    let subscription = subscription.map_err(|_| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "E_STREAM_UNAVAILABLE",
            "this node cannot say what happens; try again, or another one",
        )
        .with_retry_after(Duration::from_secs(1))
    })?;
    let frames = stream::unfold(subscription, async |mut subscription| {
        let frame = subscription.next().await?;
        Some((Ok::<_, Infallible>(frame), subscription))
    });
    let mut response = Body::from_stream(frames).into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        // Kept by nobody, and not compressed on the way: a compressor waits for more.
        (header::CACHE_CONTROL, "no-cache, no-store, no-transform"),
        (X_ACCEL_BUFFERING, "no"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// From where on: behind the last id; or, for a browser that comes for the first time, from so many milliseconds ago
/// (`look_back_ms`) that what it holds was true then.
fn from(headers: &HeaderMap, query: &str) -> Since {
    let mut ago = query.split('&').filter_map(|pair| pair.strip_prefix("look_back_ms="));
    match (last_event_id(headers, query), ago.next_back().and_then(|ms| ms.parse().ok())) {
        (Some(last), _) => Since::Id(last),
        (None, Some(ms)) => Since::Ago(Duration::from_millis(ms)),
        (None, None) => Since::Now,
    }
}

/// Where the browser was: by the header that an `EventSource` sends when it comes back, or by the query, where
/// somebody else remembered. What is no id is no place in this log, so it is answered as one that is long gone.
fn last_event_id(headers: &HeaderMap, query: &str) -> Option<LogId> {
    let of_header = headers.get(LAST_EVENT_ID).map(|id| id.to_str().unwrap_or(NO_ID));
    let mut of_query = query.split('&').filter_map(|pair| pair.strip_prefix("last_event_id="));
    let id = of_header.or_else(|| of_query.next_back())?;
    // An `EventSource` that never had an id sends none; some send an empty one.
    (!id.is_empty()).then(|| id.parse().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_read_from_the_header_before_the_query() {
        let header = |id: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(LAST_EVENT_ID, id.parse().unwrap());
            headers
        };
        let none = HeaderMap::new();
        assert_eq!(last_event_id(&none, ""), None);
        assert_eq!(last_event_id(&none, "token=x"), None);
        assert_eq!(last_event_id(&none, "last_event_id="), None);
        assert_eq!(last_event_id(&none, "token=x&last_event_id=5-1"), Some(LogId::new(5, 1)));
        assert_eq!(last_event_id(&header("7-0"), "last_event_id=5-1"), Some(LogId::new(7, 0)));
        assert_eq!(last_event_id(&header("seven"), ""), Some(LogId::default()));
        assert_eq!(last_event_id(&header("5-1; drop"), ""), Some(LogId::default()));
        let mut bytes = HeaderMap::new();
        bytes.insert(LAST_EVENT_ID, HeaderValue::from_bytes(b"5-1\xff").unwrap());
        assert_eq!(last_event_id(&bytes, ""), Some(LogId::default()), "no text, and no newcomer");
    }

    #[test]
    fn a_look_back_is_for_those_who_were_never_here() {
        let none = HeaderMap::new();
        assert_eq!(from(&none, ""), Since::Now);
        assert_eq!(from(&none, "look_back_ms=1200"), Since::Ago(Duration::from_millis(1200)));
        assert_eq!(from(&none, "look_back_ms=-1"), Since::Now);
        assert_eq!(from(&none, "look_back_ms=9&last_event_id=5-1"), Since::Id(LogId::new(5, 1)));
    }
}
