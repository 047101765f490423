//! Which pages of other origins may call the cache's routes.

use std::time::Duration;

use axum::http::{HeaderValue, Method, Uri, header};
use tower_http::cors::CorsLayer;

use super::LAST_EVENT_ID;
use crate::server::access::AccessConfigError;

/// The origins whose pages may call the cache's routes. Without it no page of another origin may: a browser
/// asks first, and is told nothing.
///
/// ```
/// use samekey::server::http::Cors;
///
/// let cors = Cors::allow(["https://app.example.com", "http://localhost:5173"])?;
/// for wrong in ["*", "app.example.com", "https://app.example.com/", "null"] {
///     assert_eq!(Cors::allow([wrong]).unwrap_err().code(), "E_CORS_ORIGIN");
/// }
/// # Ok::<(), samekey::server::access::AccessConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    origins: Vec<HeaderValue>,
}

impl Cors {
    /// Pages of these origins (`https://app.example.com`: scheme, host, and the port where it is not the
    /// scheme's) may call. There is no wildcard: these routes change things.
    ///
    /// # Errors
    /// `E_CORS_ORIGIN` for a text that is no origin.
    pub fn allow<O: AsRef<str>>(
        origins: impl IntoIterator<Item = O>,
    ) -> Result<Self, AccessConfigError> {
        let origins =
            origins.into_iter().map(|text| origin(text.as_ref())).collect::<Result<_, _>>()?;
        Ok(Self { origins })
    }

    pub(super) fn layer(self) -> CorsLayer {
        CorsLayer::new()
            .allow_origin(self.origins)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, LAST_EVENT_ID])
            .expose_headers([header::RETRY_AFTER])
            .max_age(Duration::from_secs(600))
    }
}

fn origin(text: &str) -> Result<HeaderValue, AccessConfigError> {
    let wrong = || {
        let message = format!("`{text}` is no origin such as https://app.example.com");
        AccessConfigError::new("E_CORS_ORIGIN", message)
    };
    let uri: Uri = text.parse().map_err(|_| wrong())?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
    let (Some(scheme), Some(authority)) = (scheme, uri.authority()) else { return Err(wrong()) };
    // A browser sends exactly this: no path, no name before an `@`, lower case.
    if text != format!("{scheme}://{authority}")
        || text.contains('@')
        || text.contains(char::is_uppercase)
    {
        return Err(wrong());
    }
    HeaderValue::try_from(text).map_err(|_| wrong())
}
