//! Events that come twice are done once.
//!
//! Whoever does an event takes a lease in the store under a name that is made of all that the event says. When it is
//! done, a mark stays there for a day. So the nodes of a deployment share the memory of it, and nobody can keep
//! somebody else's event from being done by using its id: theirs says something else.

use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::event::PostedEvent;
use crate::schema::{Key, KeyError};
use crate::server::error::CacheError;
use crate::server::store::{LeaseFor, LeaseToken, Leased, Record, Store, StoreError};
use crate::server::ttl::Ttl;

/// No family's keys begin so.
const FIRST: [&str; 2] = ["samekey", "event"];

/// How long an event may be under way. If its node dies, it can be done again after this.
const UNDER_WAY: Duration = Duration::from_secs(30);

/// For how long it is known to be done.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest id, in bytes.
const LONGEST_ID: usize = 200;

/// The longest name in bytes of which all can be read. Fields may be as long as a request, and the store has better uses
/// for that.
const LONGEST_NAME: usize = 512;

/// One event's place in the store.
pub(super) struct Claim {
    key: String,
    token: LeaseToken,
}

pub(super) enum Claimed {
    /// Nobody has done it.
    Mine,
    /// Somebody has.
    Done,
    /// Somebody is about to.
    InProgress,
}

impl Claim {
    /// None for an event without an id.
    pub(super) fn of(posted: &PostedEvent) -> Result<Option<Self>, CacheError> {
        let Some(id) = &posted.id else { return Ok(None) };
        if id.is_empty() {
            return Err(KeyError::EmptyIdentifier.into());
        }
        if id.len() > LONGEST_ID {
            return Err(CacheError::EventId { bytes: id.len(), limit: LONGEST_ID });
        }
        // A value may be long.
        let value = posted.value.as_ref().map(|value| hash(&value.to_string()));
        let mut fields: Vec<_> = posted.fields.iter().collect();
        fields.sort_unstable();
        let said = fields.iter().flat_map(|(name, id)| [name.as_str(), id.as_str()]);
        let first = || FIRST.into_iter().chain([id.as_str(), posted.event.as_str()]);
        let key = Key::new(first().chain(said).chain(value.as_deref()))?.into_string();
        let key = match key.len() {
            ..=LONGEST_NAME => key,
            _ => Key::new(first().chain([hash(&key).as_str()]))?.into_string(),
        };
        Ok(Some(Self { key, token: LeaseToken::random() }))
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) async fn take(&self, store: &dyn Store) -> Result<Claimed, StoreError> {
        let time = Ttl::new(UNDER_WAY).unwrap_or(Ttl::MAX);
        Ok(match store.lease(&self.key, &self.token, time, LeaseFor::Missing).await? {
            Leased::Granted => Claimed::Mine,
            Leased::Found(_) => Claimed::Done,
            Leased::Held => Claimed::InProgress,
        })
    }

    /// It is done, and will be known to be.
    pub(super) async fn keep(&self, store: &dyn Store) -> Result<(), StoreError> {
        let ttl = Ttl::new(REMEMBERED).unwrap_or(Ttl::MAX);
        let mark = Record::new(&self.key, Bytes::from_static(b"true"), ttl);
        // Not kept when it took so long that somebody else has begun it: that one will.
        store.set_leased(mark, &self.token).await.map(drop)
    }

    /// It was not done, and may be tried again.
    pub(super) async fn give_back(&self, store: &dyn Store) -> Result<(), StoreError> {
        store.release(&self.key, &self.token).await
    }
}

/// One that nobody finds a second text for: who did could keep an event from being done.
fn hash(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}
