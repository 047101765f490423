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

mod error;
mod event;
mod family;
mod identifier;
mod key;
mod pattern;
mod schema;
mod segment;
mod template;
mod typed;

pub use error::{KeyError, SchemaError};
pub use event::{Caches, Event, EventField};
pub use family::{EntitySegment, Family, Ttl};
pub use identifier::Identifier;
pub use key::{Key, KeyWriter, write_key};
pub use pattern::{Pattern, PatternSegment, PatternWriter, glob_escape};
pub use schema::Schema;
pub use segment::{decode_segment, encode_into, encode_segment, needs_escape};
pub use template::{Presence, Template, TemplateSegment, is_name};
pub use typed::TypedKey;
