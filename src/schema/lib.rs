//! Keys, families, TTL classes, patterns and events. Pure: no I/O, no clock, no async.
//!
//! Without a feature this crate is what the browser carries: [`encode_segment`], [`Key`],
//! [`Pattern`], and errors that are one byte. [`Schema`] is the model a server asks at run time.
//!
//! ```
//! use samekey_schema::{Key, Pattern};
//!
//! let key = Key::new(["exec", "dashboard", "ws:123", "7d"])?;
//! assert_eq!(key.as_str(), "exec:dashboard:ws%3A123:7d");
//! assert!(Pattern::parse("exec:dashboard:*")?.matches(key.as_str()));
//! # Ok::<(), samekey_schema::KeyError>(())
//! ```

#[cfg(feature = "parse")]
mod check;
#[cfg(feature = "codegen")]
pub mod codegen;
mod error;
mod event;
mod family;
mod identifier;
mod key;
#[cfg(feature = "parse")]
mod parse;
mod pattern;
#[cfg(feature = "query-hash")]
mod query_hash;
mod schema;
mod segment;
mod template;
mod template_text;
mod typed;

pub use error::{KeyError, SchemaError};
pub use event::{Caches, Event, EventField, TypedEvent};
pub use family::{EntitySegment, Family, Ttl};
pub use identifier::Identifier;
pub use key::{Key, KeyWriter};
#[cfg(feature = "parse")]
pub use parse::{BaseType, Code, Document, Finding, Segment, TypeRef, ValueType, parse_schema};
pub use pattern::{Pattern, PatternSegment, PatternWriter, glob_escape};
#[cfg(feature = "query-hash")]
pub use query_hash::query_hash;
pub use schema::Schema;
pub use segment::{decode_segment, encode_into, encode_segment, needs_escape};
pub use template::{Presence, Template, TemplateSegment};
pub use template_text::is_name;
pub use typed::TypedKey;

/// What generated code names, so that its users need not depend on it themselves.
#[cfg(feature = "typed")]
#[doc(hidden)]
pub mod __private {
    pub use {serde, serde_json};
}
