//! What a stored value is by its first bytes.

use super::header::MAGIC;

/// The ways in which values are stored.
pub(super) enum Form {
    Json,
    Headed,
    Pickle,
    Nothing,
}

impl Form {
    pub(super) fn of(stored: &[u8]) -> Self {
        if stored.starts_with(&MAGIC) {
            Self::Headed
        } else if begins_as_json(stored) {
            Self::Json
        } else if looks_like_a_pickle(stored) {
            Self::Pickle
        } else {
            Self::Nothing
        }
    }
}

/// JSON begins with one of a few bytes, none of which begins a header or a pickle.
pub(super) fn begins_as_json(value: &[u8]) -> bool {
    let first = value.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    matches!(first, Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'))
}

/// A pickle ends with a dot. From protocol 2 on it begins with the protocol's number, before with what it pushes first.
fn looks_like_a_pickle(value: &[u8]) -> bool {
    let begins = match value {
        [0x80, protocol, ..] => (2..=5).contains(protocol),
        [first, ..] => b"(]})INKJMLGFVX".contains(first),
        [] => false,
    };
    begins && value.last() == Some(&b'.')
}
