//! `*` is one segment; a final `*` is one or more.

use samekey_schema::{KeyError, Pattern, PatternSegment};

fn matches(pattern: &str, key: &str) -> bool {
    Pattern::parse(pattern).unwrap().matches(key)
}

#[test]
fn a_star_in_the_middle_is_one_segment() {
    assert!(matches("exec:*:ws1:7d", "exec:dashboard:ws1:7d"));
    assert!(!matches("exec:*:ws1:7d", "exec:ws1:7d"));
    assert!(!matches("exec:*:ws1:7d", "exec:a:b:ws1:7d"));
}

#[test]
fn a_star_at_the_end_is_one_segment_or_more() {
    assert!(matches("exec:*", "exec:kpis"));
    assert!(matches("exec:*", "exec:dashboard:ws1:7d"));
    assert!(!matches("exec:*", "exec"));
    assert!(!matches("exec:*", "execute:kpis"));
}

#[test]
fn a_text_with_an_empty_segment_is_no_key() {
    for text in ["exec:", "exec::a", "exec:a:", "exec:a::b", ""] {
        assert!(!matches("exec:*", text), "{text}");
    }
    assert!(!matches("*", ""));
}

#[test]
fn a_literal_prefix_is_not_enough() {
    assert!(!matches("exec:kpis:ws1", "exec:kpis:ws12"));
    assert!(!matches("exec:kpis:ws12", "exec:kpis:ws1"));
    assert!(!matches("exec:kpis:ws1", "exec:kpis:ws1:7d"));
}

#[test]
fn the_segments_are_raw_for_an_index_to_walk() {
    let pattern = Pattern::parse("a%3Ab:*:c:*").unwrap();
    assert_eq!(
        pattern.segments(),
        [
            PatternSegment::Literal("a:b".into()),
            PatternSegment::One,
            PatternSegment::Literal("c".into()),
            PatternSegment::Rest,
        ]
    );
}

#[test]
fn redis_globs_are_refused_with_a_reason() {
    assert_eq!(Pattern::parse("exec:dash*").unwrap_err(), KeyError::PartialWildcard);
    assert_eq!(Pattern::parse("exec:?").unwrap_err(), KeyError::ReservedCharacter);
    assert_eq!(Pattern::parse("exec:[ab]").unwrap_err(), KeyError::ReservedCharacter);
    assert_eq!(Pattern::parse("exec::*").unwrap_err(), KeyError::EmptyIdentifier);
}
