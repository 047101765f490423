//! What the code that `#[cached]` and `#[cached_many]` write uses beside the public interface.

use std::collections::HashMap;
use std::sync::Arc;

use super::error::CacheError;
use crate::schema::TypedKey;

/// Whether an argument named `name` may stand at `place` of a family's function: not where that has a parameter of this name
/// elsewhere.
#[must_use]
pub const fn stands_right(parameters: &[&str], name: &str, place: usize) -> bool {
    let mut index = 0;
    let mut found = false;
    while index < parameters.len() {
        if same(parameters[index], name) {
            if index == place {
                return true;
            }
            found = true;
        }
        index += 1;
    }
    !found
}

const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

/// The error of a `Result` that is written as an alias.
pub trait Fallible {
    /// `E` of `Result<T, E>`.
    type Error;
}

impl<T, E> Fallible for Result<T, E> {
    type Error = E;
}

/// A computed value under its key.
pub type Pair<T> = (TypedKey<T>, T);

/// What the missing keys were made of.
#[must_use]
pub fn wanted<I: Clone, T>(items: &HashMap<String, I>, missing: &[TypedKey<T>]) -> Vec<I> {
    // Each of the keys was made of one.
    missing.iter().filter_map(|key| items.get(key.as_str()).cloned()).collect()
}

/// The body's values under the keys it was asked for.
///
/// # Errors
/// [`CacheError::Compute`] when there are more or fewer.
pub fn pair<T>(missing: Vec<TypedKey<T>>, values: Vec<T>) -> Result<Vec<Pair<T>>, CacheError> {
    pair_some(missing, values.into_iter().map(Some).collect())
}

/// [`pair`] for shared values.
///
/// # Errors
/// As there.
pub fn pair_shared<T: Clone>(
    missing: Vec<TypedKey<T>>,
    values: Vec<Arc<T>>,
) -> Result<Vec<Pair<T>>, CacheError> {
    pair(missing, values.into_iter().map(Arc::unwrap_or_clone).collect())
}

/// [`pair`] where there may be nothing.
///
/// # Errors
/// As there.
pub fn pair_some<T>(
    missing: Vec<TypedKey<T>>,
    values: Vec<Option<T>>,
) -> Result<Vec<Pair<T>>, CacheError> {
    if missing.len() != values.len() {
        let names: Vec<_> = missing.iter().map(TypedKey::as_str).collect();
        let why = format!("the body returned {} values for {} keys", values.len(), missing.len());
        return Err(CacheError::Compute {
            key: names.join(" "),
            source: Arc::from(Box::from(why)),
        });
    }
    let pairs = missing.into_iter().zip(values);
    Ok(pairs.filter_map(|(key, value)| Some((key, value?))).collect())
}

/// Both.
///
/// # Errors
/// As there.
pub fn pair_some_shared<T: Clone>(
    missing: Vec<TypedKey<T>>,
    values: Vec<Option<Arc<T>>>,
) -> Result<Vec<Pair<T>>, CacheError> {
    pair_some(missing, owned(values))
}

/// The values themselves.
#[must_use]
pub fn owned<T: Clone>(values: Vec<Option<Arc<T>>>) -> Vec<Option<T>> {
    values.into_iter().map(|value| value.map(Arc::unwrap_or_clone)).collect()
}

/// A value for every key.
///
/// # Errors
/// [`CacheError::ComputePanicked`], which cannot be: the body was asked for each that was missing.
pub fn whole<T>(values: Vec<Option<Arc<T>>>) -> Result<Vec<Arc<T>>, CacheError> {
    let values: Option<Vec<_>> = values.into_iter().collect();
    values.ok_or_else(|| CacheError::ComputePanicked { key: "one of many".to_owned() })
}

/// Both.
///
/// # Errors
/// As there.
pub fn whole_and_owned<T: Clone>(values: Vec<Option<Arc<T>>>) -> Result<Vec<T>, CacheError> {
    Ok(whole(values)?.into_iter().map(Arc::unwrap_or_clone).collect())
}
