//! Something happened: what the schema says of it.

use std::sync::Arc;

use serde::Serialize;

use super::{Invalidation, Scope};
use crate::schema::{Schema, SchemaError, TypedEvent};
use crate::server::backplane::Reason;
use crate::server::error::CacheError;
use crate::server::service::{CacheService, encode};
use crate::server::ttl::Ttl;

/// What an event did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventOutcome {
    /// The event's name.
    pub event: String,
    /// What it made stale.
    #[serde(flatten)]
    pub invalidation: Invalidation,
    /// The key under which the value that the event brought along is now stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached: Option<String>,
}

impl CacheService {
    /// Does what the schema says of an event: makes its patterns stale, and stores the value that it
    /// brings along, if it is an event that does.
    ///
    /// # Errors
    /// [`CacheError::Schema`] for an unknown event and for a missing, unknown or empty field: nothing is
    /// invalidated then. [`CacheError::Store`]; [`CacheError::ValueTooLarge`] after the invalidation.
    pub async fn handle_event(
        &self,
        event: &str,
        fields: &[(&str, &str)],
        value: Option<&serde_json::Value>,
    ) -> Result<EventOutcome, CacheError> {
        let schema = self.schema();
        let patterns = schema.event_patterns(event, fields)?;
        let brought = self.brought_along(event, fields, value)?;
        let scope = scope_of(schema, event, fields);
        let reason = Reason::Event(event.to_owned());
        let invalidation = self.carry_out(patterns, reason, scope).await?;
        let cached = match brought {
            Some((key, body, ttl)) => {
                let family = self.inner.families.of_key(schema, &key);
                self.inner.write(&key, family, body, ttl).await?;
                Some(key)
            }
            None => None,
        };
        Ok(EventOutcome { event: event.to_owned(), invalidation, cached })
    }

    /// [`CacheService::handle_event`] for an event that `schema!` wrote as a struct.
    ///
    /// # Errors
    /// As there; an unknown event or field means that the struct is another schema's.
    pub async fn publish<E: TypedEvent + Serialize>(
        &self,
        event: &E,
    ) -> Result<EventOutcome, CacheError> {
        let fields = event.fields();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_ref())).collect();
        let value = match self.schema().event(E::NAME).and_then(|event| event.caches.as_ref()) {
            Some(caches) => {
                let failed = |source| CacheError::Encode {
                    key: E::NAME.to_owned(),
                    source: Arc::new(source),
                };
                serde_json::to_value(event)
                    .map_err(failed)?
                    .get_mut(&caches.value)
                    .map(serde_json::Value::take)
            }
            None => None,
        };
        self.handle_event(E::NAME, &fields, value.as_ref()).await
    }

    /// The key, JSON and lifetime of the value that an event brings along.
    fn brought_along(
        &self,
        event: &str,
        fields: &[(&str, &str)],
        value: Option<&serde_json::Value>,
    ) -> Result<Option<(String, bytes::Bytes, Ttl)>, CacheError> {
        let Some(caches) = self.schema().event(event).and_then(|event| event.caches.as_ref())
        else {
            return Ok(None);
        };
        let family = self.schema().family(&caches.family);
        let family = family.ok_or_else(|| SchemaError::UnknownFamily(caches.family.clone()))?;
        let value = value.ok_or_else(|| SchemaError::MissingField(caches.value.clone()))?;
        let given =
            |name: &str| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
        let segments = caches.fields.iter();
        let segments: Vec<_> = segments
            .filter_map(|(of_family, of_event)| Some((of_family.as_str(), given(of_event)?)))
            .collect();
        let key = family.key(&segments)?.into_string();
        let ttl = Ttl::new(family.ttl_of(&key))?;
        let body = encode(&key, value)?;
        Ok(Some((key, body, ttl)))
    }
}

/// Whom an event was about: by the schema's account of its fields, not by their names.
fn scope_of(schema: &Schema, event: &str, fields: &[(&str, &str)]) -> Scope {
    let Some(event) = schema.event(event) else { return Scope::new() };
    let given = |name: &str| fields.iter().find(|(field, _)| *field == name).map(|(_, id)| *id);
    let entities = event.fields.iter().filter(|field| schema.entities.contains(&field.holds));
    let scope =
        entities.filter_map(|field| Some((field.holds.clone(), given(&field.name)?.to_owned())));
    scope.collect()
}
