//! Writing a schema in the other languages.

mod json;
mod markdown;
mod python;
mod rust;
mod rust_model;
mod typescript;

use std::time::Duration;

use crate::parse::Document;

/// A language `samekey gen` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// `queryKeys`, `cacheTime`, the event table, the data types.
    TypeScript,
    /// The class `CacheKeys`; no imports beyond the standard library.
    Python,
    /// The schema for programs.
    Json,
    /// The schema for people.
    Markdown,
    /// What `schema!` expands to.
    Rust,
}

impl Language {
    /// All languages with their names on the command line.
    pub const ALL: &[(&str, Self)] = &[
        ("ts", Self::TypeScript),
        ("python", Self::Python),
        ("json", Self::Json),
        ("markdown", Self::Markdown),
        ("rust", Self::Rust),
    ];

    /// The language of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, language)| *language)
    }
}

/// What the generated code must know of its surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The schema file, as the header names it: relative to the repository, never absolute.
    pub source: &'a str,
    /// TypeScript: the module that exports `defineFamily`.
    pub import: &'a str,
    /// Rust: the path of this crate.
    pub krate: &'a str,
    /// Rust and TypeScript: the module that has the value types, instead of those that would be written.
    pub types: Option<&'a str>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { source: "schema.toml", import: "samekey", krate: "::samekey::schema", types: None }
    }
}

/// The text of the generated file; ends with a newline.
#[must_use]
pub fn generate(document: &Document, language: Language, options: &Options<'_>) -> String {
    match language {
        Language::TypeScript => typescript::write(document, options),
        Language::Python => python::write(document, options),
        Language::Json => json::write(document),
        Language::Markdown => markdown::write(document, options),
        Language::Rust => rust::write(document, options),
    }
}

/// The name of the class that has this lifetime. There is one: a family names a class.
fn class_of(document: &Document, ttl: Duration) -> String {
    let classes = &document.schema.ttl_classes;
    let class = classes.iter().find(|(_, lifetime)| *lifetime == ttl);
    class.map_or_else(|| ttl.as_secs().to_string(), |(name, _)| name.to_uppercase())
}
