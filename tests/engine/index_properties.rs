//! The index against brute force: what it finds is what looking at every key finds.

use proptest::prelude::*;
use samekey::engine::{
    Engine, Filter, Key, KeyFilter, Moment, QueryId, QueryOptions, QueryState, Value,
};
use samekey::schema::{Pattern, PatternSegment};

const AT: Moment = Moment::at(0.0);

/// JSON texts of few different values, so that keys share elements and filters match something.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => prop::sample::select(vec!["\"a\"", "\"b\"", "1", "10", "\"10\"", "true"]).prop_map(String::from),
        1 => prop::sample::select(vec!["null", "undefined", "\"\\\"a\\\"\"", "\"[\"", "\"x:*\"", "\"\""])
            .prop_map(String::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|elements| format!("[{}]", elements.join(","))),
            prop::collection::btree_map(
                prop::sample::select(vec!["\"a\"", "\"b\"", "\"0\""]),
                inner,
                0..3
            )
            .prop_map(|members| {
                let members: Vec<_> =
                    members.into_iter().map(|(name, value)| format!("{name}:{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

fn key() -> impl Strategy<Value = Key> {
    prop::collection::vec(value(), 0..4)
        .prop_map(|elements| Key::from_json(&format!("[{}]", elements.join(","))).unwrap())
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let segment = prop::sample::select(vec![
        "*", "*", "a", "b", "1", "10", "true", "null", "\"a\"", "%5B", "x%3A%2A",
    ]);
    prop::collection::vec(segment, 1..4)
        .prop_map(|segments| Pattern::parse(&segments.join(":")).unwrap())
}

/// An element as the segment of a pattern; objects and arrays have no text.
fn segment_of(value: &Value) -> Option<String> {
    match value {
        Value::Primitive(text) if text.starts_with('"') => {
            Some(serde_json::from_str(text).unwrap())
        }
        Value::Primitive(text) => Some(text.to_string()),
        _ => None,
    }
}

fn pattern_matches(segments: &[PatternSegment], elements: &[Value]) -> bool {
    match (segments.split_first(), elements.split_first()) {
        (None, first) => first.is_none(),
        (_, None) => false,
        (Some((PatternSegment::Rest, _)), _) => true,
        (Some((PatternSegment::One, rest)), Some((_, elements))) => pattern_matches(rest, elements),
        (Some((PatternSegment::Literal(literal), rest)), Some((element, elements))) => {
            segment_of(element).as_ref() == Some(literal) && pattern_matches(rest, elements)
        }
    }
}

type Entries = Vec<(QueryId, Key)>;

/// A cache to which keys were added and from which some were removed, in every order.
fn cache(steps: Vec<(Key, bool)>) -> (Engine<(), ()>, Entries) {
    let mut engine = Engine::new();
    let mut entries: Entries = Vec::new();
    for (key, add) in steps {
        if add || entries.is_empty() {
            let state = QueryState::initial(None, 0.0);
            let id = engine.add(&key.hash(), key.clone(), QueryOptions::default(), state, AT);
            if !entries.iter().any(|(known, _)| *known == id) {
                entries.push((id, key));
            }
        } else {
            let victim = key.hash().len() % entries.len();
            let (id, _) = entries.remove(victim);
            engine.remove(id, AT);
        }
    }
    (engine, entries)
}

fn expected(entries: &Entries, matches: impl Fn(&Key) -> bool) -> Vec<QueryId> {
    entries.iter().filter(|(_, key)| matches(key)).map(|(id, _)| *id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_what_looking_at_every_key_finds(
        steps in prop::collection::vec((key(), prop::bool::weighted(0.7)), 1..30),
        filters in prop::collection::vec(key(), 4),
        patterns in prop::collection::vec(pattern(), 4),
    ) {
        let (engine, entries) = cache(steps);
        fn find(engine: &Engine<(), ()>, key: KeyFilter<'_>) -> Vec<QueryId> {
            engine.find(Filter { key, ..Filter::default() }, AT)
        }
        prop_assert_eq!(find(&engine, KeyFilter::Any), expected(&entries, |_| true));
        for filter in &filters {
            let hash = filter.hash();
            prop_assert_eq!(find(&engine, KeyFilter::Exact(&hash)), expected(&entries, |key| key.hash() == hash));
            prop_assert_eq!(find(&engine, KeyFilter::Prefix(filter)), expected(&entries, |key| key.matches(filter)));
        }
        for pattern in &patterns {
            prop_assert_eq!(
                find(&engine, KeyFilter::Pattern(&Key::from_pattern(pattern))),
                expected(&entries, |key| pattern_matches(pattern.segments(), &key.elements)),
                "{}", pattern
            );
        }
    }

    #[test]
    fn every_key_matches_itself_its_prefixes_and_nothing_longer(key in key(), extra in value()) {
        for length in 0..=key.elements.len() {
            let prefix = Key { elements: key.elements[..length].to_vec() };
            prop_assert!(key.matches(&prefix));
        }
        if extra != "undefined" {
            let mut longer = key.clone();
            longer.elements.extend(Key::from_json(&format!("[{extra}]")).unwrap().elements);
            prop_assert!(!key.matches(&longer));
        }
    }

    #[test]
    fn a_hash_reads_back_to_itself_and_forgets_only_undefined(key in key()) {
        let hash = key.hash();
        let again = Key::from_json(&hash).unwrap();
        prop_assert_eq!(again.hash(), hash.clone());
        if !hash.contains("null") {
            prop_assert!(key.matches(&again) && again.matches(&key));
        }
    }

    #[test]
    fn the_hash_is_json_with_sorted_names(key in key()) {
        let json: serde_json::Value = serde_json::from_str(&key.hash()).unwrap();
        // serde_json keeps its objects sorted, and these names sort alike in every order.
        prop_assert_eq!(json.to_string(), key.hash());
    }
}
