//! Keys and patterns: texts that come from Redis, from a request, from another language.

use proptest::prelude::*;
use samekey::schema::{Key, Pattern, PatternSegment, decode_segment};
use samekey::shadower;

use crate::mutation::mutated;
use crate::percent;

fn keys() -> Vec<Vec<u8>> {
    [
        "exec:dashboard:ws123:7d",
        "agent:analytics:a%3A1:%2A",
        "query:result:%F0%9F%98%80",
        "report:data:7",
        "::",
        "%",
    ]
    .map(|key| key.as_bytes().to_vec())
    .into()
}

fn patterns() -> Vec<Vec<u8>> {
    [
        "exec:*:ws123:*",
        "*",
        "*:*",
        "agent:analytics:a%3A1:*",
        "report:data:*",
        "exec:dashboard:ws123:7d",
        "a*",
        "[a-z]",
    ]
    .map(|pattern| pattern.as_bytes().to_vec())
    .into()
}

/// The matcher again, slow and obvious.
fn obviously_matches(pattern: &[PatternSegment], key: &str) -> bool {
    let segments: Vec<_> = key.split(':').collect();
    let lengths_fit = match pattern.last() {
        Some(PatternSegment::Rest) => segments.len() >= pattern.len(),
        _ => segments.len() == pattern.len(),
    };
    lengths_fit
        && pattern.iter().zip(segments).all(|(wanted, found)| match wanted {
            PatternSegment::Literal(wanted) => {
                decode_segment(found).is_ok_and(|raw| raw == *wanted)
            }
            PatternSegment::One | PatternSegment::Rest => true,
        })
}

proptest! {
    #![proptest_config(percent(15))]

    #[test]
    fn a_text_is_a_key_only_if_its_segments_make_it_again(text in mutated(keys())) {
        let text = String::from_utf8_lossy(&text);
        if let Ok(key) = Key::parse(&text) {
            let again = Key::new(key.segments()).unwrap();
            prop_assert_eq!(again.as_str(), &*text);
        }
        let schema = shadower::schema();
        if let Some(family) = schema.family_of(&text) {
            prop_assert!(family.fields_of(&text).is_some());
            prop_assert!(!family.ttl_of(&text).is_zero());
        }
    }

    #[test]
    fn a_pattern_matches_what_its_segments_say(pattern in mutated(patterns()), key in mutated(keys())) {
        let (pattern, key) = (String::from_utf8_lossy(&pattern), String::from_utf8_lossy(&key));
        let matches = Pattern::parse(&pattern).map(|pattern| {
            assert_eq!(pattern.as_str(), &*pattern.to_string());
            (pattern.matches(&key), pattern)
        });
        // A key that is none matches or not; one that is one, as its segments say.
        if let Ok((matches, pattern)) = matches && Key::parse(&key).is_ok() {
            prop_assert_eq!(matches, obviously_matches(pattern.segments(), &key));
            prop_assert_eq!(&pattern, &Pattern::parse(pattern.as_str()).unwrap());
        }
    }
}
