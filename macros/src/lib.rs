//! `schema!` and `#[cached]`. Use them through the crate `samekey`.

mod cached;
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
/// The path is relative to the crate that writes it, or, when it begins with `./` or `../`, to the
/// source file. For each family it makes a function that
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

/// The result of an async function, from the cache: computed once, for everybody who asks meanwhile.
///
/// ```ignore
/// #[cached(shadower::kpis(workspace))]
/// async fn kpis(cache: &CacheService, db: &Db, workspace: &str, skip_cache: bool) -> Result<ExecutiveKpis, AppError> {
///     db.kpis(workspace).await
/// }
/// ```
///
/// `samekey::server::cached` is this, with an example that runs.
///
/// - The attribute holds a call of a function that `schema!` wrote. Its arguments are the function's
///   parameters by name, or other expressions. The key says how long the value lives and of which type it is.
/// - The cache is a parameter `cache`, else `self.cache`, else what `cache = …` says in the attribute.
/// - A parameter `skip_cache: bool` decides whether the stored value is read. The new one is stored anyway.
/// - The function returns a `Result<T, E>` with `T` the key's value and `E` an error that is
///   `From<CacheError>`, `Send`, `Sync` and `'static`.
/// - The compute may outlive its caller: a `&T` is carried along by `ToOwned` and `&self` by `Clone`, and both
///   must be `Send + Sync + 'static`. `&mut` is refused.
/// - Methods of an `impl Type` can be cached, those of a trait cannot: the body becomes a method of its own.
#[proc_macro_attribute]
pub fn cached(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let code = cached::expand(attribute.into(), item.clone().into());
    code.map_or_else(
        // The function stays, so that its callers are no errors beside the one that counts.
        |error| [TokenStream::from(error.into_compile_error()), item].into_iter().collect(),
        Into::into,
    )
}
