//! `schema!`, `#[cached]` and `#[cached_many]`. Use them through the crate `samekey`.

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
/// `types = crate::model` behind the file takes the value types from that module instead of writing them: enums, dates, maps and
/// whatever else an application has already. Each type that a family's value or an event's field names has to be there under its
/// name; it is what the cache asks of any value, `Serialize` and `DeserializeOwned`. (What an event brings along, also `Clone`, `Debug`
/// and `PartialEq`.)
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
/// #[cached(shadower::kpis(workspace), ttl = "5m")]
/// async fn kpis(cache: &CacheService, db: &Db, workspace: &str, skip_cache: bool) -> Result<ExecutiveKpis, AppError> {
///     db.kpis(workspace).await
/// }
///
/// kpis(&cache, &db, "ws123", false).await?;
/// kpis_invalidate(&cache, "ws123").await?;   // its value is gone, here and everywhere
/// kpis_warm(&cache, &db, "ws123").await?;    // computed and stored
/// ```
///
/// `samekey::server::cached` is this, with an example that runs.
///
/// - The attribute holds a call of a function that `schema!` wrote. Its arguments are the function's
///   parameters by name, or other expressions. One that is called as a parameter of the family must stand in its place: two
///   texts that are swapped would be another key, and compile. The key says how long the value lives and of which type it is.
/// - The cache is a parameter `cache`, else `self.cache`, else what `cache = …` says in the attribute.
/// - The function returns a `Result<T, E>` with `T` the key's value and `E` an error that is
///   `From<CacheError>`, `Send`, `Sync` and `'static`. Of a `Result<Arc<T>, E>` a hit is a pointer and no copy; a
///   `Result<Option<T>, E>` may find nothing. (To be seen they must be written so, not behind an alias.)
/// - The compute may outlive its caller: a `&T` is carried along by `ToOwned` and `&self` by `Clone`, and both
///   must be `Send + Sync + 'static`. `&mut` is refused.
/// - Methods of an `impl Type` can be cached, those of a trait cannot: the body becomes a method of its own.
///
/// Two companions are made beside it, with its visibility: `NAME_invalidate`, with the parameters that the key and the cache
/// are made of, returns whether there was a value; `NAME_warm`, with all parameters but `skip_cache`, computes and stores.
///
/// | Option | What |
/// |---|---|
/// | a parameter `skip_cache: bool`, or `skip_cache = EXPR` | when true, the stored value is not read; the new one is stored anyway |
/// | `ttl = "5m"` | how long values live, instead of what the schema says |
/// | `cache_none`, `cache_none = "30s"` | keeps a `None`: as long as a value, or so long. Else it is looked for again each time, unless the service's policy says otherwise |
/// | `cache_err = "5s"` | gives an error to all who ask within so long, in this process, instead of computing again |
/// | `cache = EXPR` | the cache to ask |
///
/// A time is a text (`"500ms"`, `"90s"`, `"5m"`, `"1h"`, `"7d"`) or an expression of type `Duration`; expressions see the
/// parameters.
#[proc_macro_attribute]
pub fn cached(attribute: TokenStream, item: TokenStream) -> TokenStream {
    or_the_function(cached::expand(attribute.into(), item.clone().into()), item)
}

/// The results of an async function for many keys: what the cache has from it, in one round trip, and one call of the function
/// for the rest.
///
/// ```ignore
/// #[cached_many(shadower::kpis(workspace) for workspace in workspaces)]
/// async fn kpis_of(cache: &CacheService, db: &Db, workspaces: &[String]) -> Result<Vec<ExecutiveKpis>, AppError> {
///     db.kpis_of(workspaces).await // those that were missing, in the order they came
/// }
/// ```
///
/// - `workspaces` is a slice or a `Vec`, of what is `Clone + Send + Sync + 'static`. The body gets those whose values are
///   missing, and returns one value for each, in order. Callers get one for each they asked for, in order.
/// - Everything else is as with [`macro@cached`]: the cache, `skip_cache`, `ttl`, what is carried along. The companion
///   `NAME_invalidate` takes all of these keys out of the cache, `NAME_warm` computes and stores them all.
#[proc_macro_attribute]
pub fn cached_many(attribute: TokenStream, item: TokenStream) -> TokenStream {
    or_the_function(cached::expand_many(attribute.into(), item.clone().into()), item)
}

fn or_the_function(code: syn::Result<proc_macro2::TokenStream>, item: TokenStream) -> TokenStream {
    code.map_or_else(
        // The function stays, so that its callers are no errors beside the one that counts.
        |error| [TokenStream::from(error.into_compile_error()), item].into_iter().collect(),
        Into::into,
    )
}
