//! Something happened: what the schema says of it.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::{Invalidation, Scope};
use crate::schema::{Pattern, Schema, SchemaError, TypedEvent};
use crate::server::error::CacheError;
use crate::server::service::{CacheService, encode};
use crate::server::ttl::Ttl;

/// An event, as somebody posts it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PostedEvent {
    /// Its name in the schema.
    pub event: String,
    /// Its fields: name, identifier.
    pub fields: Vec<(String, String)>,
    /// The value that it brings along, if it is an event that does.
    pub value: Option<Value>,
    /// Its sender's name for it. One that comes again within a day, the same in every field, is done already: senders
    /// that are not sure post it again. Without an id, each is done.
    pub id: Option<String>,
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
    /// Whether an event of this id was done before, and this one therefore not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub duplicate: bool,
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
        value: Option<&Value>,
    ) -> Result<EventOutcome, CacheError> {
        let own = |(name, id): &(&str, &str)| ((*name).to_owned(), (*id).to_owned());
        let posted = PostedEvent {
            event: event.to_owned(),
            fields: fields.iter().map(own).collect(),
            value: value.cloned(),
            id: None,
        };
        self.handle_posted(posted).await
    }

    /// The same for one with an id.
    ///
    /// # Errors
    /// As there, and [`CacheError::EventInProgress`].
    pub async fn handle_posted(&self, event: PostedEvent) -> Result<EventOutcome, CacheError> {
        let mut done = self.handle_events(vec![event]).await;
        let mut outcome = done.outcomes.remove(0)?;
        outcome.invalidation.deleted = done.deleted;
        Ok(outcome)
    }

    /// [`CacheService::handle_event`] for an event that `schema!` wrote as a struct.
    ///
    /// # Errors
    /// As there; an unknown event or field means that the struct is another schema's.
    pub async fn publish<E: TypedEvent + Serialize>(
        &self,
        event: &E,
    ) -> Result<EventOutcome, CacheError> {
        let value = match self.schema().event(E::NAME).and_then(|event| event.caches.as_ref()) {
            Some(caches) => {
                let failed = |source| CacheError::Encode {
                    key: E::NAME.to_owned(),
                    source: Arc::new(source),
                };
                serde_json::to_value(event).map_err(failed)?.get_mut(&caches.value).map(Value::take)
            }
            None => None,
        };
        let own = |(name, id): (&str, Cow<'_, str>)| (name.to_owned(), id.into_owned());
        let fields = event.fields().into_iter().map(own).collect();
        let posted = PostedEvent { event: E::NAME.to_owned(), fields, value, id: None };
        self.handle_posted(posted).await
    }
}

/// An event of which all is known that the schema says.
pub(super) struct Known {
    pub(super) patterns: Vec<Pattern>,
    pub(super) scope: Scope,
    pub(super) brought: Option<Brought>,
}

/// The value that an event brought along.
pub(super) struct Brought {
    pub(super) key: String,
    pub(super) family: String,
    pub(super) json: Bytes,
    pub(super) ttl: Ttl,
}

impl Known {
    pub(super) fn of(posted: &PostedEvent, schema: &Schema) -> Result<Self, CacheError> {
        let fields = posted.fields.iter();
        let fields: Vec<_> = fields.map(|(name, id)| (name.as_str(), id.as_str())).collect();
        let patterns = schema.event_patterns(&posted.event, &fields)?;
        let brought = brought_along(schema, &posted.event, &fields, posted.value.as_ref())?;
        Ok(Self { patterns, scope: scope_of(schema, &posted.event, &fields), brought })
    }
}

/// The key, JSON and lifetime of the value that an event brings along.
fn brought_along(
    schema: &Schema,
    event: &str,
    fields: &[(&str, &str)],
    value: Option<&Value>,
) -> Result<Option<Brought>, CacheError> {
    let Some(caches) = schema.event(event).and_then(|event| event.caches.as_ref()) else {
        return Ok(None);
    };
    let family = schema.family(&caches.family);
    let family = family.ok_or_else(|| SchemaError::UnknownFamily(caches.family.clone()))?;
    let value = value.ok_or_else(|| SchemaError::MissingField(caches.value.clone()))?;
    let segments = caches.fields.iter();
    let segments: Vec<_> = segments
        .filter_map(|(of_family, of_event)| Some((of_family.as_str(), given(fields, of_event)?)))
        .collect();
    let key = family.key(&segments)?.into_string();
    let ttl = Ttl::new(family.ttl_of(&key))?;
    let json = encode(&key, value)?;
    Ok(Some(Brought { key, family: family.name.clone(), json, ttl }))
}

/// Whom an event was about: by the schema's account of its fields, not by their names.
fn scope_of(schema: &Schema, event: &str, fields: &[(&str, &str)]) -> Scope {
    let Some(event) = schema.event(event) else { return Scope::new() };
    let entities = event.fields.iter().filter(|field| schema.entities.contains(&field.holds));
    let scope = entities
        .filter_map(|field| Some((field.holds.clone(), given(fields, &field.name)?.to_owned())));
    scope.collect()
}

fn given<'f>(fields: &[(&str, &'f str)], name: &str) -> Option<&'f str> {
    fields.iter().find(|(field, _)| *field == name).map(|(_, id)| *id)
}
