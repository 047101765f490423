//! The schema crate from outside: keys, patterns, families and events.

mod keys;
mod patterns;
