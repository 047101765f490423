//! What a schema file says, beyond what a server needs at run time.

use core::fmt;

use crate::Schema;

/// A schema file that was read and found without fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The run-time model.
    pub schema: Schema,
    /// The tables of `[ttl_by]`: segment, and for each of its values the TTL class.
    pub ttl_by: Vec<(String, Vec<(String, String)>)>,
    /// The entities, then the other segments.
    pub segments: Vec<Segment>,
    /// The value types.
    pub types: Vec<ValueType>,
}

impl Document {
    /// The declaration of a segment or entity.
    #[must_use]
    pub fn segment(&self, name: &str) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.name == name)
    }
}

/// What may stand in a key: an entity's id or another segment.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Segment {
    /// The name, as in `{name}`.
    pub name: String,
    /// What it is, in a sentence. May be empty.
    pub doc: String,
    /// The entity it identifies. An entity's own segment identifies the entity; another may say
    /// `entity = "user"` (a `{manager}` is a user).
    pub entity: Option<String>,
    /// A whole number.
    pub integer: bool,
    /// The values it has; empty when any text may stand here.
    pub values: Vec<String>,
    /// A value for documents and tests.
    pub example: Option<String>,
}

impl Segment {
    /// The example, or something that serves as one.
    #[must_use]
    pub fn sample(&self) -> &str {
        match (&self.example, self.values.first()) {
            (Some(example), _) => example,
            (None, Some(value)) => value,
            (None, None) if self.integer => "1",
            (None, None) => &self.name,
        }
    }
}

/// A type of values: an object with these fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueType {
    /// The name, in PascalCase.
    pub name: String,
    /// The fields in the file's order.
    pub fields: Vec<(String, TypeRef)>,
}

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeRef {
    /// The type, or that of the elements.
    pub base: BaseType,
    /// `T[]`
    pub list: bool,
    /// `T?`: the field may be missing.
    pub optional: bool,
}

/// A type without list or `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaseType {
    /// A text.
    Text,
    /// A whole number; within 2^53, or JavaScript loses digits.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Any JSON.
    Json,
    /// A type of the schema.
    Named(String),
}

impl TypeRef {
    /// Reads `string`, `TrendPoint[]`, `number?`. `None` for what can be no type.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (text, optional) = strip(text, "?");
        let (text, list) = strip(text, "[]");
        let base = match text {
            "string" => BaseType::Text,
            "integer" => BaseType::Integer,
            "number" => BaseType::Number,
            "boolean" => BaseType::Boolean,
            "json" => BaseType::Json,
            _ if is_type_name(text) => BaseType::Named(text.to_owned()),
            _ => return None,
        };
        Some(Self { base, list, optional })
    }
}

impl fmt::Display for TypeRef {
    /// The text that [`TypeRef::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.base {
            BaseType::Text => "string",
            BaseType::Integer => "integer",
            BaseType::Number => "number",
            BaseType::Boolean => "boolean",
            BaseType::Json => "json",
            BaseType::Named(name) => name,
        })?;
        f.write_str(if self.list { "[]" } else { "" })?;
        f.write_str(if self.optional { "?" } else { "" })
    }
}

/// The text without the suffix, and whether it had it.
pub(crate) fn strip<'t>(text: &'t str, suffix: &str) -> (&'t str, bool) {
    text.strip_suffix(suffix).map_or((text, false), |stripped| (stripped, true))
}

/// PascalCase: a type's name in all four languages.
pub(crate) fn is_type_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric())
}
