//! What is no longer true: by pattern, by entity, by event.

use std::sync::Arc;

use serde::Serialize;

use super::error::CacheError;
use super::service::{CacheService, count, encode};
use super::ttl::Ttl;
use crate::schema::{Pattern, PatternSegment, SchemaError, TemplateSegment, TypedEvent};

/// What an invalidation did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invalidation {
    /// The patterns that were made stale.
    pub patterns: Vec<String>,
    /// How many keys that removed. A value that was still being computed is not among them; it is not
    /// stored either.
    pub deleted: u64,
}

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
    /// Removes every key that `pattern` means: `exec:*:ws123:*`.
    ///
    /// # Errors
    /// [`CacheError::Key`] when it is no pattern; [`CacheError::PatternOutsideSchema`] when it does not
    /// begin as the keys of a family do, as `*` alone or another program's keys;
    /// [`CacheError::Store`]: some keys may still be there.
    pub async fn invalidate_pattern(&self, pattern: &str) -> Result<Invalidation, CacheError> {
        let pattern = Pattern::parse(pattern)?;
        self.refuse_outsiders(&pattern)?;
        self.invalidate(vec![pattern]).await
    }

    /// Removes every key that names this workspace.
    ///
    /// # Errors
    /// [`CacheError::Schema`] when the schema has no workspaces or the id is empty;
    /// [`CacheError::Store`].
    pub async fn invalidate_workspace(&self, id: &str) -> Result<Invalidation, CacheError> {
        self.invalidate_entity("workspace", id).await
    }

    /// Removes every key that names this agent.
    ///
    /// # Errors
    /// As [`CacheService::invalidate_workspace`].
    pub async fn invalidate_agent(&self, id: &str) -> Result<Invalidation, CacheError> {
        self.invalidate_entity("agent", id).await
    }

    /// Removes every key that names this user.
    ///
    /// # Errors
    /// As [`CacheService::invalidate_workspace`].
    pub async fn invalidate_user(&self, id: &str) -> Result<Invalidation, CacheError> {
        self.invalidate_entity("user", id).await
    }

    /// Removes every key that names this entity of the schema: `("workspace", "ws123")`.
    ///
    /// # Errors
    /// As [`CacheService::invalidate_workspace`].
    pub async fn invalidate_entity(
        &self,
        entity: &str,
        id: &str,
    ) -> Result<Invalidation, CacheError> {
        let patterns = self.schema().entity_patterns(entity, id)?;
        self.invalidate(patterns).await
    }

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
        let invalidation = self.invalidate(patterns).await?;
        let cached = match brought {
            Some((key, body, ttl)) => {
                self.inner.flights.void(|flying| flying == key).await;
                self.inner.store(&key, body, ttl).await?;
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

    async fn invalidate(&self, patterns: Vec<Pattern>) -> Result<Invalidation, CacheError> {
        let inner = &self.inner;
        // Computes first: one that is under way could otherwise store after the deletion.
        inner.flights.void(|key| patterns.iter().any(|pattern| pattern.matches(key))).await;
        let deleted = inner.watch(inner.store.delete_matching(&patterns, &[]).await)?;
        count(&inner.counters.invalidations);
        inner.counters.deleted_keys.fetch_add(deleted, std::sync::atomic::Ordering::Relaxed);
        let patterns = patterns.iter().map(ToString::to_string).collect();
        Ok(Invalidation { patterns, deleted })
    }

    /// A pattern's first segment must be that of a family's keys, so that none reaches what others keep in
    /// the same Redis, nor everything at once.
    fn refuse_outsiders(&self, pattern: &Pattern) -> Result<(), CacheError> {
        let known = self.schema().families.iter().any(|family| {
            matches!(
                (family.template.segments().first(), pattern.segments().first()),
                (Some(TemplateSegment::Literal(family)), Some(PatternSegment::Literal(pattern))) if family == pattern
            )
        });
        if known { Ok(()) } else { Err(CacheError::PatternOutsideSchema(pattern.to_string())) }
    }
}
