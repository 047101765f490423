//! A pattern: which keys an invalidation means.

use core::fmt;

use crate::KeyError;
use crate::segment::{decode_segment, encode_into};

/// One segment of a [`Pattern`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PatternSegment {
    /// Exactly this segment (raw, decoded text).
    Literal(String),
    /// `*` before the end: exactly one segment, whatever it is.
    One,
    /// `*` at the end: one or more segments.
    Rest,
}

/// A pattern over keys: segments joined by `:`, of which `*` is one segment and a final `*` one or
/// more.
///
/// ```
/// # use samekey_schema::Pattern;
/// let pattern = Pattern::parse("exec:*:ws123:*").unwrap();
/// assert!(pattern.matches("exec:dashboard:ws123:7d"));
/// assert!(!pattern.matches("exec:kpis:ws123"));          // nothing after ws123
/// assert!(!pattern.matches("exec:dashboard:x:ws123:7d")); // `*` does not cross `:`
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// Canonical text. Matching compares it to a key's text byte by byte: an encoded literal never
    /// contains `*` or `:`, so both can be told by looking at one byte.
    text: String,
    segments: Vec<PatternSegment>,
}

impl Pattern {
    /// Reads a pattern. Literal text is percent-encoded, as in a key.
    ///
    /// # Errors
    /// [`KeyError::EmptyIdentifier`] for an empty segment, [`KeyError::PartialWildcard`] for `a*`,
    /// [`KeyError::ReservedCharacter`] for other glob characters (Redis's `?` and `[a-z]` do not
    /// exist here), [`KeyError::BadEscape`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut segments = Vec::new();
        let mut rest = Some(text);
        while let Some(text) = rest {
            let end = text.bytes().position(|byte| byte == b':');
            let segment = end.map_or(text, |end| &text[..end]);
            rest = end.map(|end| &text[end + 1..]);
            segments.push(match segment {
                "*" if rest.is_none() => PatternSegment::Rest,
                "*" => PatternSegment::One,
                _ if segment.as_bytes().contains(&b'*') => return Err(KeyError::PartialWildcard),
                _ => PatternSegment::Literal(decode_segment(segment)?.into_owned()),
            });
        }
        // Decoding is strict: what it reads is canonical already.
        Ok(Self { text: text.to_owned(), segments })
    }

    /// The canonical text; [`Pattern::parse`] reads it back.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The segments, for walking an index. Never empty; [`PatternSegment::Rest`] only at the end,
    /// where [`PatternSegment::One`] never is.
    #[must_use]
    pub fn segments(&self) -> &[PatternSegment] {
        &self.segments
    }

    /// Whether the pattern means this key. `key` is key text; a text with an empty segment is no
    /// key and matches nothing.
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        let (pattern, key) = (self.text.as_bytes(), key.as_bytes());
        let (mut p, mut k) = (0, 0);
        loop {
            if pattern[p] == b'*' {
                p += 1;
                let start = k;
                while k < key.len() && key[k] != b':' {
                    k += 1;
                }
                if k == start {
                    return false;
                }
                if p == pattern.len() {
                    return holds_no_empty_segment(&key[k..]);
                }
            } else {
                while p < pattern.len() && pattern[p] != b':' {
                    if k == key.len() || pattern[p] != key[k] {
                        return false;
                    }
                    p += 1;
                    k += 1;
                }
            }
            match (p == pattern.len(), k == key.len()) {
                (true, true) => return true,
                // Both stand behind a segment; the pattern at a `:`, so the key must as well.
                (false, false) if key[k] == b':' => {
                    p += 1;
                    k += 1;
                }
                _ => return false,
            }
        }
    }

    /// The glob for Redis's `SCAN … MATCH`. It only narrows: Redis's `*` crosses `:` and matches
    /// nothing too, so every key found must still pass [`Pattern::matches`].
    ///
    /// Encoded text holds none of the glob's own characters, so the pattern is its own glob. A
    /// prefix of the deployment's must be escaped with [`glob_escape`].
    #[must_use]
    pub fn scan_glob(&self) -> &str {
        &self.text
    }
}

/// What is left of a key behind a segment: nothing, or `:segment` once or more.
fn holds_no_empty_segment(rest: &[u8]) -> bool {
    let mut after_colon = false;
    for &byte in rest {
        if byte == b':' && after_colon {
            return false;
        }
        after_colon = byte == b':';
    }
    !after_colon
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// Builds a pattern segment by segment from raw text.
#[derive(Debug, Default)]
pub struct PatternWriter {
    text: String,
    segments: Vec<PatternSegment>,
}

impl PatternWriter {
    /// Appends a segment that must be exactly `raw`.
    ///
    /// # Errors
    /// [`KeyError::EmptyIdentifier`].
    pub fn literal(&mut self, raw: &str) -> Result<(), KeyError> {
        self.separate();
        encode_into(&mut self.text, raw)?;
        self.segments.push(PatternSegment::Literal(raw.to_owned()));
        Ok(())
    }

    /// Appends `*`.
    pub fn any(&mut self) {
        self.separate();
        self.text.push('*');
        self.segments.push(PatternSegment::One);
    }

    fn separate(&mut self) {
        if !self.text.is_empty() {
            self.text.push(':');
        }
    }

    /// The pattern. A `*` at the end becomes [`PatternSegment::Rest`].
    ///
    /// # Errors
    /// [`KeyError::EmptyIdentifier`] when nothing was written.
    pub fn finish(mut self) -> Result<Pattern, KeyError> {
        match self.segments.last_mut() {
            None => return Err(KeyError::EmptyIdentifier),
            Some(last @ PatternSegment::One) => *last = PatternSegment::Rest,
            Some(_) => {}
        }
        Ok(Pattern { text: self.text, segments: self.segments })
    }
}

/// Escapes a text for Redis's glob, so that it means itself.
#[must_use]
pub fn glob_escape(text: &str) -> String {
    let mut glob = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '^' | '\\') {
            glob.push('\\');
        }
        glob.push(c);
    }
    glob
}
