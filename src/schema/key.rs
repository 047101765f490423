//! A key: segments joined by `:`.

use core::fmt;
use std::borrow::Cow;

use crate::segment::decode_segment;
use crate::{Identifier, KeyError};

/// The text of a key, known to be well formed: segments joined by `:`, each non-empty and
/// percent-encoded. Equal keys have equal text and the other way round.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    text: String,
}

impl Key {
    /// The key of these raw (unencoded) segments.
    ///
    /// ```
    /// # use samekey_schema::Key;
    /// let key = Key::new(["exec", "dashboard", "ws123", "7d"]).unwrap();
    /// assert_eq!(key.as_str(), "exec:dashboard:ws123:7d");
    /// ```
    ///
    /// # Errors
    /// [`KeyError::EmptyIdentifier`] when a segment is empty or there is none.
    pub fn new<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> Result<Self, KeyError> {
        let mut writer = KeyWriter::with_capacity(48);
        for segment in segments {
            writer.identifier(segment.as_ref())?;
        }
        writer.finish()
    }

    /// Reads a key's text back.
    ///
    /// # Errors
    /// [`KeyError::EmptyIdentifier`], [`KeyError::ReservedCharacter`] or [`KeyError::BadEscape`]
    /// when the text is not what [`Key::new`] writes for any segments.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        for segment in text.split(':') {
            decode_segment(segment)?;
        }
        Ok(Self { text: text.to_owned() })
    }

    /// The text, as it stands in Redis.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, without a copy.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }

    /// The raw (decoded) segments.
    pub fn segments(&self) -> impl Iterator<Item = Cow<'_, str>> {
        // A `Key` holds only text that decodes; the alternative is for the compiler.
        self.text.split(':').map(|text| decode_segment(text).unwrap_or(Cow::Borrowed(text)))
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// Writes a key segment by segment into one buffer. What generated code calls.
#[derive(Debug, Default)]
pub struct KeyWriter {
    text: String,
}

impl KeyWriter {
    /// A writer whose buffer holds `bytes` before it must grow.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes) }
    }

    /// A writer that begins with text which is already key text, such as `exec:dashboard`. It is
    /// taken as it is: for literals of a checked schema, never for data.
    #[must_use]
    pub fn starting_with(literal: &'static str, capacity: usize) -> Self {
        let mut text = String::with_capacity(literal.len() + capacity);
        text.push_str(literal);
        Self { text }
    }

    /// Appends literal key text after a `:`. As in [`KeyWriter::starting_with`], taken as it is.
    pub fn literal(&mut self, literal: &'static str) {
        self.separate();
        self.text.push_str(literal);
    }

    /// Appends an identifier, encoded, after a `:`.
    ///
    /// # Errors
    /// [`KeyError::EmptyIdentifier`].
    pub fn identifier(&mut self, identifier: impl Identifier) -> Result<(), KeyError> {
        self.separate();
        identifier.write_segment(&mut self.text)
    }

    fn separate(&mut self) {
        if !self.text.is_empty() {
            self.text.push(':');
        }
    }

    /// The key.
    ///
    /// # Errors
    /// [`KeyError::EmptyIdentifier`] when nothing was written.
    pub fn finish(self) -> Result<Key, KeyError> {
        if self.text.is_empty() {
            return Err(KeyError::EmptyIdentifier);
        }
        Ok(Key { text: self.text })
    }
}
