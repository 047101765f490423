//! The schema from outside: keys, patterns, the checker, the generated code, the command line.

mod checker;
mod checker_whole;
mod command_line;
mod differential;
mod document;
mod generated;
mod keys;
mod patterns;
mod properties;
mod python;
mod runtime;
mod typed_keys;
mod value_types;
mod vectors;
