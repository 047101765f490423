//! `schema!` and `#[cached]`.
