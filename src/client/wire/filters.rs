//! Which queries a filter wants, as numbers.

use wasm_bindgen::prelude::wasm_bindgen;

use super::state;
use crate::engine::{Filter, KeyFilter, QueryType};

/// How a filter's text is read.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum FilterKind {
    /// It is not: every key.
    Any = 0,
    /// The hash of one key.
    Exact = 1,
    /// A key that others begin with.
    Prefix = 2,
    /// A pattern of the schema: a key whose strings are its literals, and `null` each `*`.
    Pattern = 3,
}

/// Which queries a filter wants. `fetchStatus` is two bits: 0 any, else the status plus one.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum FilterBits {
    /// With an enabled observer.
    Active = 1,
    /// Without.
    Inactive = 2,
    /// Stale ones.
    Stale = 4,
    /// Fresh ones.
    Fresh = 8,
    /// Neither disabled nor static.
    Refetchable = 16,
    /// `fetchStatus`, from this bit on.
    FetchStatus = 32,
}

/// The filter whose `FilterBits` are `bits`.
pub(in crate::client) fn filter(key: KeyFilter<'_>, bits: u32) -> Filter<'_> {
    let has = |bit: FilterBits| bits & bit as u32 != 0;
    let fetch_status = bits / FilterBits::FetchStatus as u32 % 4;
    Filter {
        key,
        query_type: if has(FilterBits::Active) {
            QueryType::Active
        } else if has(FilterBits::Inactive) {
            QueryType::Inactive
        } else {
            QueryType::All
        },
        stale: (has(FilterBits::Stale) || has(FilterBits::Fresh)).then(|| has(FilterBits::Stale)),
        fetch_status: (fetch_status > 0).then(|| state::fetch_status(fetch_status - 1)),
        refetchable: has(FilterBits::Refetchable),
    }
}
