//! A whole schema: families, entities, events.

use std::borrow::Cow;
use std::time::Duration;

use crate::family::Family;
use crate::{Event, Pattern, SchemaError};

/// A schema at run time: what a server asks when an event comes in or a key is to be stored.
///
/// Made by `schema!` (checked at compile time) or, with feature `parse`, from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The schema's name.
    pub name: String,
    /// The TTL classes: name, lifetime.
    pub ttl_classes: Vec<(String, Duration)>,
    /// What can be invalidated as a whole (`workspace`, `agent`, `user`).
    pub entities: Vec<String>,
    /// The families, in the file's order. No two have a key in common.
    pub families: Vec<Family>,
    /// The events, in the file's order.
    pub events: Vec<Event>,
}

impl Schema {
    /// The family of this name.
    #[must_use]
    pub fn family(&self, name: &str) -> Option<&Family> {
        self.families.iter().find(|family| family.name == name)
    }

    /// The family a key belongs to. `None` for a key of nobody's: it should not be in the cache.
    #[must_use]
    pub fn family_of(&self, key: &str) -> Option<&Family> {
        self.families.iter().find(|family| family.template.matches(key))
    }

    /// How long the value under this key lives. `None` for a key of no family.
    #[must_use]
    pub fn ttl_of(&self, key: &str) -> Option<Duration> {
        self.family_of(key).map(|family| family.ttl_of(key))
    }

    /// The entities whose ids stand in this key: entity, id. Empty for a key of no family.
    #[must_use]
    pub fn entities_of<'k>(&self, key: &'k str) -> Vec<(&str, Cow<'k, str>)> {
        let Some(family) = self.family_of(key) else {
            return Vec::new();
        };
        let ids = family.entities.iter().filter_map(|segment| {
            let position = family.template.position(&segment.field)?;
            Some((segment.entity.as_str(), family.template.value_at(position, key)?))
        });
        ids.collect()
    }

    /// The event of this name.
    #[must_use]
    pub fn event(&self, name: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.name == name)
    }

    /// What an event makes stale.
    ///
    /// # Errors
    /// [`SchemaError::UnknownEvent`] and those of [`Event::patterns`].
    pub fn event_patterns(
        &self,
        name: &str,
        fields: &[(&str, &str)],
    ) -> Result<Vec<Pattern>, SchemaError> {
        let event = self.event(name).ok_or_else(|| SchemaError::UnknownEvent(name.to_owned()))?;
        event.patterns(fields)
    }

    /// The patterns of every key of an entity (`"workspace"`, `"ws123"`), one or two per family
    /// that names it.
    ///
    /// # Errors
    /// [`SchemaError::UnknownEntity`]; [`SchemaError::Identifier`] when `id` is empty.
    pub fn entity_patterns(&self, entity: &str, id: &str) -> Result<Vec<Pattern>, SchemaError> {
        if !self.entities.iter().any(|known| known == entity) {
            return Err(SchemaError::UnknownEntity(entity.to_owned()));
        }
        let mut patterns = Vec::new();
        for family in &self.families {
            for segment in family.entities.iter().filter(|segment| segment.entity == entity) {
                patterns.extend(family.patterns(&[(segment.field.as_str(), id)])?);
            }
        }
        Ok(patterns)
    }
}
