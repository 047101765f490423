//! Query keys: arrays of JSON values, and TanStack's rules for when two of them match.

mod hash;
mod matching;
mod reader;
mod value;

use std::fmt;

pub use value::Value;

use crate::schema::{Pattern, PatternSegment};

/// A query key: an array of JSON values, read from the text that `JSON.stringify` gives.
///
/// An extension of JSON lets a key keep what `JSON.stringify` drops: the bare word `undefined` is a value.
/// Numbers and escapes are compared as they are written, so they should be written as JavaScript does (`1` and
/// not `1.0`, `"é"` and not `"\u00e9"`); white space and the order of members do not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its elements.
    pub elements: Vec<Value>,
}

/// Why a text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyError {
    /// Not an array.
    NotAnArray,
    /// Not JSON.
    Malformed,
    /// Nested more deeply than 64 levels.
    TooDeep,
}

impl KeyError {
    /// The stable code, the same in TypeScript.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAnArray => "E_KEY_NOT_AN_ARRAY",
            Self::Malformed => "E_KEY_MALFORMED",
            Self::TooDeep => "E_KEY_TOO_DEEP",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAnArray => "a query key is an array, such as [\"todos\", 1]",
            Self::Malformed => "a query key holds JSON values only",
            Self::TooDeep => "a query key is nested at most 64 levels deep",
        })
    }
}

impl std::error::Error for KeyError {}

impl Key {
    /// Reads a key from its JSON text.
    ///
    /// ```
    /// use samekey::engine::Key;
    /// let key = Key::from_json(r#"["todos", {"page": 1, "done": true}]"#).unwrap();
    /// assert_eq!(key.hash(), r#"["todos",{"done":true,"page":1}]"#);
    /// ```
    ///
    /// # Errors
    /// [`KeyError`], if the text is not JSON (or `undefined`), not an array, or nested too deeply.
    pub fn from_json(text: &str) -> Result<Self, KeyError> {
        match reader::read(text)? {
            Value::Array(elements) => Ok(Self { elements }),
            _ => Err(KeyError::NotAnArray),
        }
    }

    /// A pattern of the schema as a key, for [`KeyFilter::Pattern`](super::KeyFilter::Pattern). (JavaScript writes
    /// such a key itself.)
    pub fn from_pattern(pattern: &Pattern) -> Self {
        let element = |segment: &PatternSegment| match segment {
            PatternSegment::Literal(literal) => Value::Primitive(quote(literal).into()),
            PatternSegment::One | PatternSegment::Rest => Value::Primitive("null".into()),
        };
        Self { elements: pattern.segments().iter().map(element).collect() }
    }

    /// The canonical text, byte for byte that of TanStack's `hashKey`: members in JavaScript's order,
    /// undefined ones dropped, undefined elements `null`.
    pub fn hash(&self) -> String {
        hash::hash(&self.elements)
    }

    /// Whether this key is matched by `filter`: arrays by prefix, objects by subset, at every depth.
    pub fn matches(&self, filter: &Key) -> bool {
        matching::array_matches(&self.elements, &filter.elements)
    }
}

/// A text as JSON writes it.
fn quote(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            control if control < ' ' => json.push_str(&format!("\\u{:04x}", u32::from(control))),
            plain => json.push(plain),
        }
    }
    json.push('"');
    json
}
