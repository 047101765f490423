//! An event: something happened, and these keys are no longer true.

use std::borrow::Cow;

use crate::family::value_of;
use crate::{Pattern, SchemaError, Template};

/// Something that happened, with its fields, and what it makes stale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The name: snake_case.
    pub name: String,
    /// What happened, in a sentence. May be empty.
    pub doc: String,
    /// The fields it carries.
    pub fields: Vec<EventField>,
    /// The patterns it makes stale. For an event about a whole entity these were derived from the
    /// families.
    pub invalidates: Vec<Template>,
    /// The value it brings along, to be stored after the invalidation.
    pub caches: Option<Caches>,
}

/// A field of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventField {
    /// The name (`workspace_id`).
    pub name: String,
    /// The entity, segment or value type it holds (`workspace`).
    pub holds: String,
    /// May be left out; in a pattern it then becomes `*`.
    pub optional: bool,
}

/// An event that carries the new value: it is stored, not computed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caches {
    /// The family the value is stored in.
    pub family: String,
    /// Family field, event field.
    pub fields: Vec<(String, String)>,
    /// The event field that holds the value.
    pub value: String,
}

impl Event {
    /// The patterns this event makes stale, for these fields. A field that a pattern does not name
    /// may be given or not; giving a name the event does not have is an error.
    ///
    /// # Errors
    /// [`SchemaError::MissingField`], [`SchemaError::UnknownField`], [`SchemaError::Identifier`].
    pub fn patterns(&self, fields: &[(&str, &str)]) -> Result<Vec<Pattern>, SchemaError> {
        for (name, _) in fields {
            if !self.fields.iter().any(|field| field.name == *name) {
                return Err(SchemaError::UnknownField((*name).to_owned()));
            }
        }
        let mut patterns = Vec::with_capacity(self.invalidates.len());
        for template in &self.invalidates {
            for (name, _) in template.fields() {
                let optional = self.fields.iter().any(|field| field.name == name && field.optional);
                if !optional && value_of(fields, name).is_none() {
                    return Err(SchemaError::MissingField(name.to_owned()));
                }
            }
            patterns.extend(template.patterns(|name| value_of(fields, name))?);
        }
        Ok(patterns)
    }
}

/// An event as a Rust struct; `schema!` generates one for each.
pub trait TypedEvent {
    /// The event's name in the schema.
    const NAME: &'static str;

    /// The identifiers it carries, by name: what its patterns are filled with.
    fn fields(&self) -> Vec<(&'static str, Cow<'_, str>)>;
}
