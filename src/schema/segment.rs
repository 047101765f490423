//! One segment of a key: how an identifier becomes text that can neither forge a key nor a pattern.

use std::borrow::Cow;

use crate::KeyError;

/// Characters that mean something to a key (`:` `%`), to a pattern or to Redis's glob
/// (`*` `?` `[` `]` `\`), to a template (`{` `}`), and those that people cannot see: white space
/// and control characters.
///
/// Written out as ranges, not as `char::is_whitespace`, because Python and JavaScript each have an
/// idea of white space of their own, and all three must write the same bytes.
#[must_use]
pub const fn needs_escape(c: char) -> bool {
    matches!(
        c,
        '\0'..=' ' | '%' | '*' | ':' | '?' | '[' | '\\' | ']' | '{' | '}'
        | '\u{7f}'..='\u{a0}'
        | '\u{1680}'
        | '\u{2000}'..='\u{200a}'
        | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// Ordinary identifiers are plain ASCII; they are found so by one pass over bytes.
fn is_plain(raw: &str) -> bool {
    raw.bytes().all(|b| b < 0x80 && !needs_escape(b as char)) || !raw.chars().any(needs_escape)
}

/// Appends `raw` to `text`, percent-encoded where it must be.
///
/// # Errors
/// [`KeyError::EmptyIdentifier`] when `raw` is empty; `text` is then unchanged.
pub fn encode_into(text: &mut String, raw: &str) -> Result<(), KeyError> {
    if raw.is_empty() {
        return Err(KeyError::EmptyIdentifier);
    }
    if is_plain(raw) {
        text.push_str(raw);
        return Ok(());
    }
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for c in raw.chars() {
        if needs_escape(c) {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                text.push('%');
                text.push(HEX[usize::from(byte >> 4)] as char);
                text.push(HEX[usize::from(byte & 15)] as char);
            }
        } else {
            text.push(c);
        }
    }
    Ok(())
}

/// The text of an identifier inside a key. Borrows when nothing needs encoding.
///
/// ```
/// # use samekey_schema::encode_segment;
/// assert_eq!(encode_segment("ws123").unwrap(), "ws123");
/// assert_eq!(encode_segment("ws:7d").unwrap(), "ws%3A7d");
/// ```
///
/// # Errors
/// [`KeyError::EmptyIdentifier`] when `raw` is empty.
pub fn encode_segment(raw: &str) -> Result<Cow<'_, str>, KeyError> {
    if !raw.is_empty() && is_plain(raw) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut text = String::with_capacity(raw.len() + 8);
    encode_into(&mut text, raw)?;
    Ok(Cow::Owned(text))
}

/// The identifier that a key's segment stands for. Borrows when nothing was encoded.
///
/// Strict: each identifier has exactly one spelling, so `%41` (a plain `A`) and `%3a` (lower case)
/// are refused rather than read as a second name of the same thing.
///
/// # Errors
/// [`KeyError::EmptyIdentifier`], [`KeyError::BadEscape`] or [`KeyError::ReservedCharacter`].
pub fn decode_segment(text: &str) -> Result<Cow<'_, str>, KeyError> {
    if text.is_empty() {
        return Err(KeyError::EmptyIdentifier);
    }
    if is_plain(text) {
        return Ok(Cow::Borrowed(text));
    }
    if text.chars().any(|c| c != '%' && needs_escape(c)) {
        return Err(KeyError::ReservedCharacter);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let decoded = match byte {
            b'%' => match (rest.next().and_then(hex_value), rest.next().and_then(hex_value)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err(KeyError::BadEscape),
            },
            plain => plain,
        };
        bytes.push(decoded);
    }
    let raw = String::from_utf8(bytes).map_err(|_| KeyError::BadEscape)?;
    // Of what stood there unescaped, nothing had to be escaped. So this is the one canonical spelling if the
    // bytes that were escaped are as many as had to be.
    let escaped = (text.len() - raw.len()) / 2;
    let needed: usize = raw.chars().filter(|&c| needs_escape(c)).map(char::len_utf8).sum();
    if escaped == needed { Ok(Cow::Owned(raw)) } else { Err(KeyError::BadEscape) }
}

const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
