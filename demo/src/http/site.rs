//! The built dashboard's files, and how long a browser may keep them.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use tower_http::services::{ServeDir, ServeFile};

/// Their names change with their content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Must be asked for again each time; `Last-Modified` keeps that cheap.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Serves `folder`: files as they are, and the one page for any other path, since
/// the dashboard finds its way by itself. A missing asset is missing: a page sent
/// in a script's stead would be kept for a year.
pub(super) fn site(folder: &Path) -> Router {
    let index = folder.join("index.html");
    if !index.is_file() {
        let folder = folder.to_owned();
        return Router::new().fallback(move || not_built(folder.clone()));
    }
    let assets = Router::new()
        .fallback_service(ServeDir::new(folder.join("assets")))
        .layer(map_response(async |response| keep(response, FOR_EVER)));
    let pages = Router::new()
        .fallback_service(ServeDir::new(folder).fallback(ServeFile::new(index)))
        .layer(map_response(async |response| keep(response, ASK_AGAIN)));
    Router::new().nest("/assets", assets).fallback_service(pages)
}

/// Only what was found may be kept.
fn keep(mut response: Response, how: HeaderValue) -> Response {
    let found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let how = if found { how } else { HeaderValue::from_static("no-store") };
    response.headers_mut().insert(header::CACHE_CONTROL, how);
    response
}

async fn not_built(folder: PathBuf) -> Response {
    let page = format!(
        "<!doctype html><title>samekey demo</title><p>The API is running. The dashboard is not built: \
         there is no <code>{}</code>. Run <code>make www</code>, or name its folder with <code>--www</code>.",
        folder.join("index.html").display()
    );
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], Html(page)).into_response()
}
