//! For any identifiers whatever: keys are distinct, read back, and match only their own patterns.

use proptest::prelude::*;
use samekey::schema::{Key, Pattern, PatternWriter, encode_segment};
use samekey::shadower;

/// Any text, with the characters that mean something far more often than chance would have them.
fn identifier() -> impl Strategy<Value = String> {
    let special = prop::sample::select(
        [":", "*", "?", "[", "]", "{", "}", "\\", "%", " ", "%3A", "%2A", "a", "\0", "\u{a0}", "é"]
            .as_slice(),
    );
    let mixed = prop::collection::vec(
        prop_oneof![special.prop_map(str::to_owned), any::<char>().prop_map(String::from)],
        1..8,
    );
    prop_oneof![mixed.prop_map(|parts| parts.concat()), "[a-z0-9]{1,4}", Just("*".to_owned())]
}

fn identifiers() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(identifier(), 1..6)
}

/// The matcher again, slow and obvious: on lists of raw segments, `None` for a star.
fn obviously_matches(pattern: &[Option<String>], key: &[String]) -> bool {
    let lengths_fit = match pattern.last() {
        Some(None) => key.len() >= pattern.len(),
        _ => key.len() == pattern.len(),
    };
    let fits =
        |(wanted, found): (&Option<String>, &String)| wanted.as_ref().is_none_or(|w| w == found);
    lengths_fit && pattern.iter().zip(key).all(fits)
}

fn pattern_of(segments: &[Option<String>]) -> Pattern {
    let mut pattern = PatternWriter::default();
    for segment in segments {
        match segment {
            Some(raw) => pattern.literal(raw).unwrap(),
            None => pattern.any(),
        }
    }
    pattern.finish().unwrap()
}

/// What Redis's `SCAN MATCH` would say, for the glob's `*` only: all that our globs contain.
fn glob_matches(glob: &[u8], text: &[u8]) -> bool {
    match glob.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skip| glob_matches(rest, &text[skip..])),
        Some((byte, rest)) => {
            text.split_first().is_some_and(|(t, tail)| t == byte && glob_matches(rest, tail))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_key_reads_back_as_the_identifiers_it_was_made_of(segments in identifiers()) {
        let key = Key::new(&segments).unwrap();
        let parsed = Key::parse(key.as_str()).unwrap();
        prop_assert_eq!(&parsed, &key);
        prop_assert_eq!(parsed.segments().collect::<Vec<_>>(), segments);
    }

    #[test]
    fn different_identifiers_make_different_keys(a in identifiers(), b in identifiers()) {
        let (key_a, key_b) = (Key::new(&a).unwrap(), Key::new(&b).unwrap());
        prop_assert_eq!(a == b, key_a == key_b);
    }

    #[test]
    fn moving_a_colon_from_one_identifier_to_the_next_makes_another_key(
        left in identifier(), middle in identifier(), right in identifier(),
    ) {
        let a = Key::new([format!("{left}:{middle}"), right.clone()]).unwrap();
        let b = Key::new([left.clone(), format!("{middle}:{right}")]).unwrap();
        let c = Key::new([left, middle, right]).unwrap();
        prop_assert!(a != b && a != c && b != c);
    }

    #[test]
    fn key_text_holds_no_glob_character_white_space_or_control(raw in identifier()) {
        let text = encode_segment(&raw).unwrap();
        let harmless = |c: char| !c.is_whitespace() && !c.is_control() && !":*?[]{}\\".contains(c);
        prop_assert!(text.chars().all(harmless), "{}", text);
    }

    #[test]
    fn whatever_text_is_parsed_reads_back_as_itself_or_not_at_all(text in ".{0,24}") {
        if let Ok(key) = Key::parse(&text) {
            let again = Key::new(key.segments()).unwrap();
            prop_assert_eq!(again.as_str(), &text);
        }
        if let Ok(pattern) = Pattern::parse(&text) {
            prop_assert_eq!(pattern.as_str(), text);
        }
    }

    #[test]
    fn a_pattern_matches_what_an_obvious_matcher_matches(
        key in identifiers(),
        stars in prop::collection::vec(any::<bool>(), 6),
        length in 1_usize..6,
        other in prop::option::of((0_usize..6, identifier())),
    ) {
        // A pattern made of the key, so that it matches often; one segment of it perhaps another.
        let mut segments: Vec<_> = key
            .iter()
            .zip(&stars)
            .map(|(raw, star)| (!star).then(|| raw.clone()))
            .take(length)
            .collect();
        if let Some((at, raw)) = other && at < segments.len() {
            segments[at] = Some(raw);
        }
        let pattern = pattern_of(&segments);
        let text = Key::new(&key).unwrap();
        prop_assert_eq!(pattern.matches(text.as_str()), obviously_matches(&segments, &key));
        prop_assert_eq!(&Pattern::parse(pattern.as_str()).unwrap(), &pattern);
    }

    #[test]
    fn the_scan_glob_finds_every_key_that_the_pattern_matches(
        key in identifiers(), stars in prop::collection::vec(any::<bool>(), 6), length in 1_usize..6,
    ) {
        let segments: Vec<_> =
            key.iter().zip(&stars).map(|(raw, star)| (!star).then(|| raw.clone())).take(length).collect();
        let (pattern, text) = (pattern_of(&segments), Key::new(&key).unwrap());
        if pattern.matches(text.as_str()) {
            prop_assert!(glob_matches(pattern.scan_glob().as_bytes(), text.as_str().as_bytes()));
        }
    }

    #[test]
    fn a_workspace_invalidates_its_own_keys_and_no_others(id in identifier(), other in identifier()) {
        let schema = shadower::schema();
        let patterns = schema.entity_patterns("workspace", &id).unwrap();
        for family in schema.families.iter().filter(|family| family.belongs_to("workspace")) {
            for workspace in [&id, &other] {
                // Every other field holds the first workspace's id: the worst that could be there.
                let fields: Vec<_> = family
                    .template
                    .fields()
                    .map(|(name, _)| (name, if name == "workspace" { workspace.as_str() } else { id.as_str() }))
                    .collect();
                let key = family.key(&fields).unwrap();
                let stale = patterns.iter().any(|pattern| pattern.matches(key.as_str()));
                prop_assert_eq!(stale, *workspace == id, "{}", key);
            }
        }
    }

    #[test]
    fn a_key_belongs_to_the_family_that_made_it(values in prop::collection::vec(identifier(), 4)) {
        let schema = shadower::schema();
        for family in &schema.families {
            let names = family.template.fields().map(|(name, _)| name);
            let fields: Vec<_> = names.zip(values.iter().map(String::as_str)).collect();
            let key = family.key(&fields).unwrap();
            prop_assert_eq!(&schema.family_of(key.as_str()).unwrap().name, &family.name);
            let read = family.fields_of(key.as_str()).unwrap();
            let read: Vec<_> = read.iter().map(|(name, value)| (*name, value.as_ref())).collect();
            prop_assert_eq!(read, fields);
        }
    }
}
