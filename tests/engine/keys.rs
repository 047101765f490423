//! Reading keys: what is one, and what is not.

use samekey::engine::{Key, KeyError};

fn error_of(text: &str) -> KeyError {
    Key::from_json(text).expect_err(text)
}

#[test]
fn a_key_is_an_array() {
    for text in ["{}", "1", "\"a\"", "null", "true", "undefined"] {
        assert_eq!(error_of(text), KeyError::NotAnArray);
    }
    assert_eq!(Key::from_json("[]").unwrap().elements, []);
    assert_eq!(KeyError::NotAnArray.code(), "E_KEY_NOT_AN_ARRAY");
}

#[test]
fn what_is_not_json_is_malformed() {
    for text in [
        "",
        " ",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1]]",
        "[1] x",
        "[}",
        "[{]",
        "{\"a\"}",
        "[\"a]",
        "[\"a\\]",
        "[\"\\",
        "[\"\\x\"]",
        "[\"\\u12g4\"]",
        "[\"\\u12\"]",
        "[\"a\nb\"]",
        "['a']",
        "[{a:1}]",
        "[{\"a\"1}]",
        "[{\"a\":}]",
        "[{\"a\":1,}]",
        "[{1:1}]",
        "[tru]",
        "[True]",
        "[nul]",
        "[NaN]",
        "[Infinity]",
        "[01]",
        "[1.]",
        "[.5]",
        "[1e]",
        "[+1]",
        "[-]",
        "[--1]",
        "[1.2.3]",
        "[1e5e5]",
        "[0x1]",
        "[é]",
        "[\u{7}]",
    ] {
        assert_eq!(error_of(text), KeyError::Malformed, "{text:?}");
    }
    assert_eq!(KeyError::Malformed.code(), "E_KEY_MALFORMED");
}

#[test]
fn a_key_is_nested_64_levels_deep_at_most() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(Key::from_json(&nested(65)).is_ok());
    assert_eq!(error_of(&nested(66)), KeyError::TooDeep);
    assert_eq!(error_of(&nested(1_000_000)), KeyError::TooDeep);
    let objects = "[".to_owned() + &"{\"a\":".repeat(100_000);
    assert_eq!(error_of(&objects), KeyError::TooDeep);
    assert_eq!(KeyError::TooDeep.code(), "E_KEY_TOO_DEEP");
}

#[test]
fn a_key_may_be_as_long_as_it_likes() {
    let long = format!("[{}1]", "{\"a\":1},".repeat(100_000));
    let key = Key::from_json(&long).unwrap();
    assert_eq!(key.elements.len(), 100_001);
    assert_eq!(key.hash(), long);
}

#[test]
fn white_space_does_not_matter() {
    let spaced = Key::from_json(" [ 1 ,\n{ \"a\" : [ ] ,\t\"b\" : { } }\r] ").unwrap();
    assert_eq!(spaced, Key::from_json(r#"[1,{"a":[],"b":{}}]"#).unwrap());
}

#[test]
fn of_members_with_one_name_the_last_counts() {
    assert_eq!(
        Key::from_json(r#"[{"a":1,"b":2,"a":3,"a":4}]"#).unwrap().hash(),
        r#"[{"a":4,"b":2}]"#
    );
}

#[test]
fn errors_say_what_a_key_is() {
    assert_eq!(
        KeyError::NotAnArray.to_string(),
        r#"a query key is an array, such as ["todos", 1]"#
    );
    assert_eq!(KeyError::Malformed.to_string(), "a query key holds JSON values only");
    assert_eq!(KeyError::TooDeep.to_string(), "a query key is nested at most 64 levels deep");
}
