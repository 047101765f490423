//! What comes back.

use serde::Serialize;
use wasm_bindgen::JsValue;

/// A good answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply {
    /// The data is what is there already: a 304, or a body with the same hash. `data` is then undefined.
    pub(super) unchanged: bool,
    /// The parsed body.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub(super) data: JsValue,
    /// Its entity tag.
    pub(super) etag: Option<String>,
    /// Its body's hash.
    pub(super) hash: Option<String>,
    /// Seconds that it stays fresh, if the server says so.
    pub(super) max_age: Option<u32>,
}

/// A bad one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Problem {
    /// `E_HTTP_…`, the same in TypeScript.
    pub(super) code: &'static str,
    /// The status, if there was an answer.
    pub(super) status: Option<u16>,
    /// The body of an answer that is no success: parsed if it is JSON, else its text.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub(super) body: JsValue,
    /// What the browser said.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub(super) cause: JsValue,
}

impl Problem {
    pub(super) fn new(code: &'static str) -> Self {
        Self { code, status: None, body: JsValue::UNDEFINED, cause: JsValue::UNDEFINED }
    }
}
