//! What can be wrong with a key, a pattern, or a question put to a schema.

use core::fmt;

/// Why a text is no key, no pattern, or an identifier no identifier.
///
/// Small on purpose (one byte): this type is compiled into the browser's wasm, where a message with
/// the offending text in it would drag the formatting machinery along. The caller has the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyError {
    /// An identifier or a segment is empty. `exec:kpis:` would be one key for every workspace
    /// whose id got lost on the way.
    EmptyIdentifier,
    /// A `%` that is not followed by two upper-case hex digits, that spells something that is not
    /// UTF-8, or that escapes a character which is written plainly. One key has one spelling.
    BadEscape,
    /// A character stands in a key or pattern that must be percent-encoded there.
    ReservedCharacter,
    /// A `*` with other text in the same segment. A star is a whole segment.
    PartialWildcard,
    /// A template is not segments of `text`, `{name}`, `{name=default}` and one last `[:{name}]`.
    BadTemplate,
}

impl KeyError {
    /// The stable code: for programs, logs and the other languages, which raise the same.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::EmptyIdentifier => "E_KEY_EMPTY_IDENTIFIER",
            Self::BadEscape => "E_KEY_BAD_ESCAPE",
            Self::ReservedCharacter => "E_KEY_RESERVED_CHARACTER",
            Self::PartialWildcard => "E_PATTERN_PARTIAL_WILDCARD",
            Self::BadTemplate => "E_KEY_BAD_TEMPLATE",
        }
    }

    /// The same for people.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::EmptyIdentifier => {
                "an identifier is empty (to leave out an optional one, give none)"
            }
            Self::BadEscape => "a percent escape is not the canonical one",
            Self::ReservedCharacter => "a character must be percent-encoded here",
            Self::PartialWildcard => "`*` stands for a whole segment, not for a part of one",
            Self::BadTemplate => {
                "a template is segments of text, {name}, {name=default} and one last [:{name}]"
            }
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        f.write_str(": ")?;
        f.write_str(self.message())
    }
}

impl std::error::Error for KeyError {}

/// Why a schema cannot answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaError {
    /// No family of this name.
    UnknownFamily(String),
    /// No event of this name.
    UnknownEvent(String),
    /// No entity of this name.
    UnknownEntity(String),
    /// The family or event needs this field and did not get it.
    MissingField(String),
    /// The family or event has no such field. Refused, because a misspelt field would otherwise
    /// silently widen a pattern to everything.
    UnknownField(String),
    /// The value of the field is no identifier.
    Identifier {
        /// The field.
        field: String,
        /// What is wrong with it.
        error: KeyError,
    },
}

impl SchemaError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownFamily(_) => "E_FAMILY_UNKNOWN",
            Self::UnknownEvent(_) => "E_EVENT_UNKNOWN",
            Self::UnknownEntity(_) => "E_ENTITY_UNKNOWN",
            Self::MissingField(_) => "E_FIELD_MISSING",
            Self::UnknownField(_) => "E_FIELD_UNKNOWN",
            Self::Identifier { error, .. } => error.code(),
        }
    }

    /// The field at fault, where it is a field.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::MissingField(field) | Self::UnknownField(field) => Some(field),
            Self::Identifier { field, .. } => Some(field),
            Self::UnknownFamily(_) | Self::UnknownEvent(_) | Self::UnknownEntity(_) => None,
        }
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code();
        match self {
            Self::UnknownFamily(name) => write!(f, "{code}: no family `{name}`"),
            Self::UnknownEvent(name) => write!(f, "{code}: no event `{name}`"),
            Self::UnknownEntity(name) => write!(f, "{code}: no entity `{name}`"),
            Self::MissingField(name) => write!(f, "{code}: field `{name}` is missing"),
            Self::UnknownField(name) => write!(f, "{code}: there is no field `{name}`"),
            Self::Identifier { field, error } => {
                write!(f, "{code}: field `{field}`: {}", error.message())
            }
        }
    }
}

impl std::error::Error for SchemaError {}
