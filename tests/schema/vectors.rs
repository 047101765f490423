//! What the vectors say, Rust does. The other languages read the same files.

use samekey::schema::{Key, Pattern, PatternSegment, decode_segment, encode_segment, query_hash};
use samekey::shadower;
use serde_json::Value;

fn vectors(name: &str) -> Value {
    let path = format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The entries of a list; an empty list would be a test that cannot fail.
fn entries<'v>(vectors: &'v Value, list: &str) -> &'v [Value] {
    let entries = vectors[list].as_array().unwrap();
    assert!(!entries.is_empty(), "{list}");
    entries
}

fn text<'v>(entry: &'v Value, name: &str) -> &'v str {
    entry[name].as_str().unwrap_or_else(|| panic!("{name} in {entry}"))
}

fn texts(entry: &Value, name: &str) -> Vec<String> {
    entry[name].as_array().unwrap().iter().map(plain).collect()
}

/// An argument as it stands in a key: the text itself, a number's digits.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn segments() {
    let vectors = vectors("segments");
    for entry in entries(&vectors, "segments") {
        let (raw, encoded) = (text(entry, "raw"), text(entry, "text"));
        assert_eq!(encode_segment(raw).unwrap(), encoded);
        assert_eq!(decode_segment(encoded).unwrap(), raw);
    }
    for entry in entries(&vectors, "refused") {
        assert_eq!(
            decode_segment(text(entry, "text")).unwrap_err().code(),
            text(entry, "code"),
            "{entry}"
        );
    }
}

#[test]
fn keys() {
    let vectors = vectors("keys");
    for entry in entries(&vectors, "keys") {
        let family = shadower::schema().family(text(entry, "family")).unwrap();
        let arguments = texts(entry, "arguments");
        let names = family.template.fields().map(|(name, _)| name);
        let fields: Vec<_> = names.zip(arguments.iter().map(String::as_str)).collect();
        let key = family.key(&fields).unwrap();
        assert_eq!(key.as_str(), text(entry, "key"));
        assert_eq!(key, Key::new(texts(entry, "segments")).unwrap());
        assert_eq!(key.segments().collect::<Vec<_>>(), texts(entry, "segments"));
        assert_eq!(shadower::schema().family_of(key.as_str()).unwrap().name, family.name);
        let ttl = shadower::schema().ttl_of(key.as_str()).unwrap();
        assert_eq!(ttl.as_secs(), entry["ttl_seconds"].as_u64().unwrap());
    }
    for entry in entries(&vectors, "refused") {
        let family = shadower::schema().family(text(entry, "family")).unwrap();
        let arguments = texts(entry, "arguments");
        let names = family.template.fields().map(|(name, _)| name);
        let fields: Vec<_> = names.zip(arguments.iter().map(String::as_str)).collect();
        assert_eq!(family.key(&fields).unwrap_err().code(), text(entry, "code"), "{entry}");
    }
    for nobodys in entries(&vectors, "nobodys") {
        assert!(shadower::schema().family_of(nobodys.as_str().unwrap()).is_none(), "{nobodys}");
    }
}

#[test]
fn every_family_of_the_bundled_schema_has_a_key_among_the_vectors() {
    let vectors = vectors("keys");
    for family in &shadower::schema().families {
        let named = |entry: &&Value| text(entry, "family") == family.name;
        assert!(entries(&vectors, "keys").iter().find(named).is_some(), "{}", family.name);
    }
}

#[test]
fn patterns() {
    let vectors = vectors("patterns");
    for entry in entries(&vectors, "patterns") {
        let pattern = Pattern::parse(text(entry, "pattern")).unwrap();
        let expected: Vec<_> = entry["segments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|segment| match segment.as_str() {
                Some("one") => PatternSegment::One,
                Some("rest") => PatternSegment::Rest,
                _ => PatternSegment::Literal(text(segment, "literal").to_owned()),
            })
            .collect();
        assert_eq!(pattern.segments(), expected, "{entry}");
        assert_eq!(pattern.as_str(), text(entry, "pattern"));
    }
    for entry in entries(&vectors, "refused") {
        let error = Pattern::parse(text(entry, "pattern")).unwrap_err();
        assert_eq!(error.code(), text(entry, "code"), "{entry}");
    }
}

#[test]
fn matches() {
    let vectors = vectors("matches");
    for case in entries(&vectors, "cases") {
        let pattern = Pattern::parse(text(case, "pattern")).unwrap();
        for key in texts(case, "matches") {
            assert!(pattern.matches(&key), "{pattern} should match {key}");
        }
        for key in texts(case, "misses") {
            assert!(!pattern.matches(&key), "{pattern} should not match {key}");
        }
    }
}

fn fields(entry: &Value) -> Vec<(&str, &str)> {
    let fields = entry["fields"].as_object().unwrap();
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect()
}

fn written(patterns: &[Pattern]) -> Vec<String> {
    patterns.iter().map(ToString::to_string).collect()
}

#[test]
fn events_and_entities() {
    let vectors = vectors("events");
    let schema = shadower::schema();
    for entry in entries(&vectors, "events") {
        let patterns = schema.event_patterns(text(entry, "event"), &fields(entry)).unwrap();
        assert_eq!(written(&patterns), texts(entry, "patterns"), "{entry}");
    }
    for entry in entries(&vectors, "entities") {
        let patterns = schema.entity_patterns(text(entry, "entity"), text(entry, "id")).unwrap();
        assert_eq!(written(&patterns), texts(entry, "patterns"), "{entry}");
    }
    for entry in entries(&vectors, "refused") {
        let error = schema.event_patterns(text(entry, "event"), &fields(entry)).unwrap_err();
        assert_eq!(error.code(), text(entry, "code"), "{entry}");
    }
}

#[test]
fn query_hashes_are_those_that_python_computed() {
    let vectors = vectors("query_hashes");
    for entry in entries(&vectors, "hashes") {
        assert_eq!(
            query_hash(text(entry, "sql"), &entry["params"]),
            text(entry, "hash"),
            "{entry}"
        );
    }
}
