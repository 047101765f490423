//! A family: all keys of one shape, and what is true of each of them.

use std::borrow::Cow;
use std::time::Duration;

use crate::{Key, Pattern, SchemaError, Template};

/// All keys of one shape: `exec:dashboard:{workspace}:{timeframe}` and what is true of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// The name: snake_case, a method in Python and Rust; `camelCase` in TypeScript.
    pub name: String,
    /// What the family holds, in a sentence. May be empty.
    pub doc: String,
    /// The keys' shape.
    pub template: Template,
    /// How long a value lives.
    pub ttl: Ttl,
    /// The entities whose ids stand in the key.
    pub entities: Vec<EntitySegment>,
    /// Encrypted on the server, never persisted in the browser.
    pub sensitive: bool,
    /// The URL that answers for the family, with the template's fields in braces
    /// (`/api/v1/agents/{agent}/analytics?timeframe={timeframe}`), and optional ones as
    /// `[&segment={segment}]`.
    pub endpoint: Option<String>,
    /// How often a browser that shows it asks again.
    pub refetch_interval: Option<Duration>,
    /// The type of the value: one of the schema's types, `json` or a scalar; behind it `[]` for a list.
    pub value: String,
}

/// An entity's place in a family's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntitySegment {
    /// The entity (`workspace`).
    pub entity: String,
    /// The field that holds its id; mostly of the same name.
    pub field: String,
}

/// How long a value lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ttl {
    /// Always so long.
    Fixed(Duration),
    /// As a segment's value says.
    By {
        /// The field that decides.
        field: String,
        /// The values and their lifetimes.
        values: Vec<(String, Duration)>,
        /// For every other value: there is no key without a TTL.
        otherwise: Duration,
    },
}

impl Family {
    /// The key with these fields.
    ///
    /// # Errors
    /// [`SchemaError::UnknownField`], [`SchemaError::MissingField`], [`SchemaError::Identifier`].
    pub fn key(&self, fields: &[(&str, &str)]) -> Result<Key, SchemaError> {
        self.refuse_unknown(fields)?;
        self.template.key(|name| value_of(fields, name))
    }

    /// The patterns of the family's keys that have these values: mostly one, two when the last
    /// segment is optional and stands right behind a given one.
    ///
    /// # Errors
    /// [`SchemaError::UnknownField`], [`SchemaError::Identifier`].
    pub fn patterns(&self, fields: &[(&str, &str)]) -> Result<Vec<Pattern>, SchemaError> {
        self.refuse_unknown(fields)?;
        self.template.patterns(|name| value_of(fields, name))
    }

    /// The fields of a key of this family, decoded, in the template's order. A missing optional
    /// field is missing here too. `None` when `key` is not of this family.
    #[must_use]
    pub fn fields_of<'k>(&self, key: &'k str) -> Option<Vec<(&str, Cow<'k, str>)>> {
        if !self.template.matches(key) {
            return None;
        }
        Some(
            self.template
                .fields()
                .filter_map(|(name, _)| {
                    let position = self.template.position(name)?;
                    Some((name, self.template.value_at(position, key)?))
                })
                .collect(),
        )
    }

    /// How long the value under `key`, a key of this family, lives.
    #[must_use]
    pub fn ttl_of(&self, key: &str) -> Duration {
        match &self.ttl {
            Ttl::Fixed(ttl) => *ttl,
            Ttl::By { field, values, otherwise } => {
                let position = self.template.position(field);
                let value = position.and_then(|position| self.template.value_at(position, key));
                let found = value.and_then(|value| {
                    values.iter().find(|(name, _)| *name == value).map(|(_, ttl)| *ttl)
                });
                found.unwrap_or(*otherwise)
            }
        }
    }

    /// Whether the key names this entity.
    #[must_use]
    pub fn belongs_to(&self, entity: &str) -> bool {
        self.entities.iter().any(|segment| segment.entity == entity)
    }

    fn refuse_unknown(&self, fields: &[(&str, &str)]) -> Result<(), SchemaError> {
        match fields.iter().find(|(name, _)| self.template.position(name).is_none()) {
            Some((name, _)) => Err(SchemaError::UnknownField((*name).to_owned())),
            None => Ok(()),
        }
    }
}

pub(crate) fn value_of<'v>(fields: &[(&str, &'v str)], name: &str) -> Option<&'v str> {
    fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value)
}
