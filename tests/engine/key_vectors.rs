//! The vectors that the TypeScript tests read too: hashes and matches as TanStack Query gives them.

use samekey::engine::{Filter, KeyFilter};
use serde::Deserialize;

use super::host::{Host, key_of};

#[derive(Deserialize)]
struct Vectors {
    hashes: Vec<Hash>,
    matches: Vec<Match>,
}

#[derive(Deserialize)]
struct Hash {
    key: String,
    hash: String,
}

#[derive(Deserialize)]
struct Match {
    key: String,
    filter: String,
    matches: bool,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../vectors/query_keys.json")).expect("the vectors")
}

#[test]
fn hashes_are_those_of_tanstack_query() {
    for case in vectors().hashes {
        assert_eq!(key_of(&case.key).hash(), case.hash, "{}", case.key);
    }
}

#[test]
fn a_hash_is_a_key_with_the_same_hash() {
    for case in vectors().hashes {
        assert_eq!(key_of(&case.hash).hash(), case.hash);
    }
}

#[test]
fn keys_match_filters_as_in_tanstack_query() {
    for case in vectors().matches {
        let matches = key_of(&case.key).matches(&key_of(&case.filter));
        assert_eq!(matches, case.matches, "{} by {}", case.key, case.filter);
    }
}

#[test]
fn the_index_finds_what_matches() {
    for case in vectors().matches {
        let mut host = Host::new();
        let query = host.query(&case.key);
        host.query(r#"["something", "else"]"#);
        let filter = key_of(&case.filter);
        let found = host.find(Filter { key: KeyFilter::Prefix(&filter), ..Filter::default() });
        assert_eq!(found.contains(&query), case.matches, "{} by {}", case.key, case.filter);
    }
}
