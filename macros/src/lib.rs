//! `schema!` and `#[cached]`. Use them through the crate `samekey`.

mod schema;

use proc_macro::TokenStream;

/// Typed keys from a schema file, checked while compiling.
///
/// ```ignore
/// mod shadower {
///     samekey::schema!("schema/shadower.toml");
/// }
/// let key = shadower::executive("ws123", "7d")?;
/// assert_eq!(key.as_str(), "exec:dashboard:ws123:7d");
/// ```
///
/// The path is relative to the crate that writes it. For each family it makes a function that
/// returns a `TypedKey` of the family's value type; for each value type a struct; in a module
/// `events`, for each event a struct; and `schema()`, the run-time `Schema`. It stands in a module
/// of its own.
///
/// Each finding of the checker is a compile error that names the file and line. A change of the file
/// compiles the crate anew.
///
/// `crate = ::path` behind the file names the crate `samekey-schema` when it is not reached as
/// `::samekey::schema`.
#[proc_macro]
pub fn schema(input: TokenStream) -> TokenStream {
    schema::expand(input)
}
