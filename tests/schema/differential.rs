//! Rust and the generated Python agree on thousands of random identifiers, patterns and parameters.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use samekey::schema::{Key, Pattern, query_hash};
use serde_json::{Value, json};

use super::python;

/// The same values in every run: a difference between two languages must not come and go.
fn sample<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

fn segments() -> impl Strategy<Value = Vec<String>> {
    let special = prop::sample::select(
        &[":", "*", "%", " ", "{", "\\", "?", "[", "]", "\0", "\u{85}", "\u{2007}"][..],
    );
    let part = prop_oneof![
        special.prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
        "[a-z]{1,3}"
    ];
    prop::collection::vec(prop::collection::vec(part, 1..5).prop_map(|parts| parts.concat()), 1..6)
}

#[test]
fn python_writes_and_reads_the_same_keys() {
    let cases = sample(&segments(), 3000);
    let lines: Vec<_> = cases.iter().map(|case| json!(case).to_string()).collect();
    let program = "import json, sys\nfrom cache_keys import CacheKeys\n\
                   for line in sys.stdin:\n    segments = json.loads(line)\n    \
                   key = ':'.join(CacheKeys.encode(segment) for segment in segments)\n    \
                   assert CacheKeys.parse(key) == segments\n    print(key)";
    let keys = python::run(program, &lines);
    assert_eq!(keys.len(), cases.len());
    for (case, key) in cases.iter().zip(keys) {
        assert_eq!(Key::new(case).unwrap().as_str(), key);
    }
}

#[test]
fn python_matches_the_same_keys() {
    let stars = prop::collection::vec(any::<bool>(), 6);
    let cases = sample(&(segments(), stars, 1_usize..6, any::<bool>()), 3000);
    let mut matched = 0;
    let mut expected = Vec::new();
    let mut lines = Vec::new();
    for (segments, stars, length, other) in cases {
        let key = Key::new(&segments).unwrap();
        let texts: Vec<_> = key.as_str().split(':').collect();
        let mut pattern: Vec<_> = texts
            .iter()
            .zip(&stars)
            .map(|(text, star)| if *star { "*" } else { text })
            .take(length)
            .collect();
        if other {
            pattern.push("*");
        }
        let pattern = pattern.join(":");
        let matches = Pattern::parse(&pattern).unwrap().matches(key.as_str());
        matched += usize::from(matches);
        expected.push(if matches { "True" } else { "False" });
        lines.push(json!([pattern, key.as_str()]).to_string());
    }
    assert!(matched > 500 && matched < 2500, "{matched}: the cases should go both ways");
    let program = "import json, sys\nfrom cache_keys import CacheKeys\n\
                   for line in sys.stdin:\n    print(CacheKeys.matches(*json.loads(line)))";
    let answers = python::run(program, &lines);
    assert_eq!(answers.len(), expected.len());
    for ((line, answer), expected) in lines.iter().zip(answers).zip(expected) {
        assert_eq!(answer, expected, "{line}");
    }
}

fn parameters() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        (-1000_i32..1000, 1_i32..1000).prop_map(|(a, b)| Value::from(f64::from(a) / f64::from(b))),
        (1_i64..1000, -10_i32..25).prop_map(|(a, e)| Value::from(a as f64 * 10_f64.powi(e))),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

#[test]
fn python_computes_the_same_query_hash() {
    let cases = sample(&parameters(), 3000);
    let lines: Vec<_> = cases.iter().map(|case| json!(["SELECT é", case]).to_string()).collect();
    let program = "import json, sys\nfrom cache_keys import CacheKeys\n\
                   for line in sys.stdin:\n    print(CacheKeys.generate_query_hash(*json.loads(line)))";
    let hashes = python::run(program, &lines);
    assert_eq!(hashes.len(), cases.len());
    for (case, hash) in cases.iter().zip(hashes) {
        assert_eq!(query_hash("SELECT é", case), hash, "{case}");
    }
}
