//! What a request is told.

use serde::Deserialize;

/// The options of one request, as TypeScript passes them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Options {
    /// Where to; relative to the page, or absolute.
    pub(super) url: String,
    /// Names and values of headers to send.
    #[serde(default)]
    pub(super) headers: Vec<(String, String)>,
    /// Milliseconds after which to give up; none waits for ever.
    #[serde(default)]
    pub(super) timeout: Option<u32>,
    /// The entity tag of the data that is there already.
    #[serde(default)]
    pub(super) etag: Option<String>,
    /// The hash of the body that this data came from.
    #[serde(default)]
    pub(super) hash: Option<String>,
    /// Whether to send cookies to another origin (`credentials: 'include'`).
    #[serde(default)]
    pub(super) include_credentials: bool,
}
