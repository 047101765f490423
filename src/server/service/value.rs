//! From a value to what is stored, and back.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use tokio::time::Instant;

use crate::server::access::{AuditRecord, Principal};
use crate::server::codec::{CodecError, Remedy};
use crate::server::error::CacheError;
use crate::server::families::Family;
use crate::server::l1::Held;
use crate::server::service::{CacheService, Inner, count};
use crate::server::store::Entry;

/// A value as the store takes it.
pub(crate) enum Sealed {
    Fits(Bytes),
    /// Over the limit: so many bytes.
    TooLarge(usize),
    /// It cannot be stored as its family must be.
    Refused(CodecError),
}

/// What the store gave, opened.
pub(crate) enum Opened {
    Value(Arc<Held>),
    /// No value, and not ours to judge: another node may read it.
    Foreign,
    /// No value for anybody: these bytes.
    Broken(Bytes),
}

impl Inner {
    /// What the store gave, as this process holds it.
    pub(crate) fn open(
        &self,
        key: &str,
        family: &Arc<Family>,
        entry: Entry,
        asked: Instant,
    ) -> Opened {
        self.expiries.note_since(key, asked, entry.ttl_left);
        let sensitive = self.codec.is_sensitive(&family.name);
        let json = match self.codec.read(key, &entry.value, sensitive) {
            Ok(decoded) => decoded.unwrap_or(entry.value),
            Err(error) => {
                count(&family.counters.decode_errors);
                let (shown, text) = family.shown_with(key, &error);
                if error.is_security_event() {
                    tracing::error!(key = shown, code = error.code(), "{text}");
                    if let Some(audit) = &self.audit {
                        let record = AuditRecord::not_ours(&family.name, key, error.code());
                        audit.record(&Principal::Unknown, record);
                    }
                } else {
                    tracing::warn!(key = shown, code = error.code(), "{text}");
                }
                return match error.remedy() {
                    Remedy::Leave => Opened::Foreign,
                    Remedy::Remove => Opened::Broken(entry.value),
                };
            }
        };
        let held = match entry.ttl_left {
            Duration::ZERO => Held::without_expiry(key, json, family.clone()),
            // What the store keeps longer than the family says is the stale window. Where another program stored
            // it without one, it counts as stale that much too early and is merely refreshed: the safe side.
            left => {
                let fresh = left.saturating_sub(family.policy.stale);
                Held::new(key, json, family.clone(), asked, fresh, left - fresh)
            }
        };
        Opened::Value(Arc::new(held))
    }

    /// What goes into the store for the JSON of a value.
    pub(crate) fn seal(&self, key: &str, family: &Family, json: &Bytes) -> Sealed {
        let stored = match self.codec.encode(key, json.clone(), &family.name) {
            Ok(stored) => stored,
            Err(CodecError::TooLarge { bytes, .. }) => {
                count(&family.counters.refused_too_large);
                return Sealed::TooLarge(bytes);
            }
            Err(error) => {
                let (shown, text) = family.shown_with(key, &error);
                tracing::warn!(key = shown, code = error.code(), "{text}");
                return Sealed::Refused(error);
            }
        };
        let bytes = stored.len();
        if bytes > CacheService::MAX_VALUE_BYTES {
            count(&family.counters.refused_too_large);
            tracing::warn!(key = family.shown(key), bytes, "E_VALUE_TOO_LARGE: not stored");
            return Sealed::TooLarge(bytes);
        }
        Sealed::Fits(stored)
    }

    /// Counts a stored value that does not read as what was asked for.
    pub(crate) fn unreadable(&self, key: &str, family: &Family) {
        count(&family.counters.decode_errors);
        tracing::warn!(
            key = family.shown(key),
            "E_VALUE_DECODE: the stored value has another shape; taken as a miss"
        );
    }
}

/// The JSON of a value.
pub(crate) fn encode<T: Serialize>(key: &str, value: &T) -> Result<Bytes, CacheError> {
    let encoded = serde_json::to_vec(value);
    let failed = |source| CacheError::Encode { key: key.to_owned(), source: Arc::new(source) };
    encoded.map(Bytes::from).map_err(failed)
}
