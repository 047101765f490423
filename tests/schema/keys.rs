//! An identifier can be anything; a key can not.

use samekey_schema::{Key, KeyError, decode_segment, encode_segment};

#[test]
fn an_ordinary_key_is_the_text_any_redis_client_would_write() {
    let key = Key::new(["exec", "dashboard", "ws123", "7d"]).unwrap();
    assert_eq!(key.as_str(), "exec:dashboard:ws123:7d");
}

#[test]
fn letters_of_other_scripts_are_written_plainly() {
    assert_eq!(encode_segment("zürich-東京").unwrap(), "zürich-東京");
}

#[test]
fn what_means_something_to_a_key_or_a_glob_is_percent_encoded() {
    assert_eq!(
        encode_segment(r"a:b*c?[d]{e}\f%g h").unwrap(),
        "a%3Ab%2Ac%3F%5Bd%5D%7Be%7D%5Cf%25g%20h"
    );
    assert_eq!(encode_segment("a\u{a0}b\u{3000}c\0").unwrap(), "a%C2%A0b%E3%80%80c%00");
}

#[test]
fn an_empty_identifier_is_refused() {
    assert_eq!(encode_segment("").unwrap_err().code(), "E_KEY_EMPTY_IDENTIFIER");
    assert_eq!(Key::new(["exec", "kpis", ""]).unwrap_err(), KeyError::EmptyIdentifier);
    assert_eq!(Key::parse("exec::7d").unwrap_err(), KeyError::EmptyIdentifier);
}

#[test]
fn an_identifier_has_one_spelling_and_the_others_are_refused() {
    for second_spelling in ["%41", "ws%3a1", "%", "%2", "%zz", "%C2", "%FF"] {
        assert_eq!(decode_segment(second_spelling), Err(KeyError::BadEscape), "{second_spelling}");
    }
    assert_eq!(decode_segment("a b"), Err(KeyError::ReservedCharacter));
}
