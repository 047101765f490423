//! Which queries a filter wants, and whether a key is matched by another.

use wasm_bindgen::prelude::wasm_bindgen;

use super::core::Core;
use super::wire::{self, FilterKind};
use crate::engine::{Key, KeyFilter};

#[wasm_bindgen]
impl Core {
    /// Finds the queries that a filter wants, oldest first; `bits` are `FilterBits`. Gives the address of a list:
    /// how many they are, then their ids, to be read before the next call. Less than 0 is the `ErrorCode` of a
    /// text that is no key.
    pub fn find(
        &mut self,
        kind: FilterKind,
        text: &str,
        bits: u32,
        now: f64,
        environment: u32,
    ) -> i32 {
        let by_key = matches!(kind, FilterKind::Prefix | FilterKind::Pattern);
        let key = match Key::from_json(if by_key { text } else { "[]" }) {
            Ok(key) => key,
            Err(error) => return wire::key_error(error),
        };
        let key = match kind {
            FilterKind::Any => KeyFilter::Any,
            FilterKind::Exact => KeyFilter::Exact(text),
            FilterKind::Prefix => KeyFilter::Prefix(&key),
            FilterKind::Pattern => KeyFilter::Pattern(&key),
        };
        let found = self.engine.find(wire::filter(key, bits), wire::moment(now, environment));
        self.found.clear();
        self.found.push(found.len() as u32);
        self.found.extend_from_slice(&found);
        self.found.as_ptr() as i32
    }

    /// 1 if the key with text `key` is matched by the one with text `filter`, else 0; less than 0 is an
    /// `ErrorCode`.
    #[wasm_bindgen(js_name = keyMatches)]
    pub fn key_matches(key: &str, filter: &str) -> i32 {
        match (Key::from_json(key), Key::from_json(filter)) {
            (Ok(key), Ok(filter)) => i32::from(key.matches(&filter)),
            (Err(error), _) | (_, Err(error)) => wire::key_error(error),
        }
    }
}
