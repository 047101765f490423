//! Why the cache could not do what it was asked.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use super::codec::CodecError;
use super::recovery::RecoveryFileError;
use super::store::{StoreError, StoreErrorKind};
use crate::schema::{KeyError, SchemaError};

/// What a compute may fail with: any error, boxed.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Every error of the cache service. [`CacheError::code`] is for programs, the text for people.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The store failed. Only calls that are about the store itself say so, such as an invalidation
    /// that may not have happened; `get_or_compute` computes instead.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key could not be made from its parts.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// The schema has no such family or event, or a field of it is wrong.
    #[error("{0}")]
    Schema(#[from] SchemaError),
    /// A time to live below one millisecond.
    #[error("E_TTL_TOO_SHORT: a value cannot live for {0:?}; the least is 1 ms")]
    TtlTooShort(Duration),
    /// The encoded value is larger than the service stores. What was stored before is removed.
    #[error("E_VALUE_TOO_LARGE: {key}: {bytes} bytes; at most {limit} are stored")]
    ValueTooLarge {
        /// The key.
        key: String,
        /// The size of the encoded value.
        bytes: usize,
        /// The most that is stored.
        limit: usize,
    },
    /// The value has no JSON form.
    #[error("E_VALUE_ENCODE: {key}: {source}")]
    Encode {
        /// The key.
        key: String,
        /// Why.
        source: Arc<serde_json::Error>,
    },
    /// The value cannot be stored as its family must be: a sensitive one without an encryption key.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The JSON does not read as the type that was asked for.
    #[error("E_VALUE_DECODE: {key}: {source}")]
    Decode {
        /// The key.
        key: String,
        /// Why.
        source: Arc<serde_json::Error>,
    },
    /// The compute failed. Everyone who waited for it gets the same error, and nothing is stored.
    #[error("E_COMPUTE_FAILED: {key}: {source}")]
    Compute {
        /// The key.
        key: String,
        /// What the compute returned; see [`CacheError::compute_error`].
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The compute panicked, or its runtime shut down. The key is free again.
    #[error("E_COMPUTE_PANICKED: {key}: the compute ended without an answer")]
    ComputePanicked {
        /// The key.
        key: String,
    },
    /// The compute takes longer than callers wait. It goes on, and its answer is stored.
    #[error("E_COMPUTE_TIMEOUT: {key}: not computed within {waited:?}")]
    ComputeTimeout {
        /// The key.
        key: String,
        /// How long the caller waited.
        waited: Duration,
    },
    /// The compute asks for its own key, by whatever way, and that compute again.
    #[error("E_COMPUTE_CIRCLE: {key}: its compute asks for itself, again and again")]
    ComputeCircle {
        /// The key.
        key: String,
    },
    /// The service was shut down before the compute was done.
    #[error("E_SHUT_DOWN: {key}: the service was shut down")]
    ShutDown {
        /// The key.
        key: String,
    },
    /// A pattern that no key of the schema can match, or one wider than a family.
    #[error("E_PATTERN_OUTSIDE_SCHEMA: `{0}` must begin as the keys of a family do")]
    PatternOutsideSchema(String),
    /// The service does not start with its recovery file.
    #[error(transparent)]
    RecoveryFile(#[from] RecoveryFileError),
    /// An event of this id, the same in every field, is being done. It may fail yet.
    #[error("E_EVENT_IN_PROGRESS: `{0}` is being done")]
    EventInProgress(String),
    /// An event's id that is too long to be remembered.
    #[error("E_EVENT_ID_TOO_LONG: an event's id of {bytes} bytes; at most {limit}")]
    EventId {
        /// Its length.
        bytes: usize,
        /// The most.
        limit: usize,
    },
}

impl CacheError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Schema(error) => error.code(),
            Self::TtlTooShort(_) => "E_TTL_TOO_SHORT",
            Self::ValueTooLarge { .. } => "E_VALUE_TOO_LARGE",
            Self::Codec(error) => error.code(),
            Self::Encode { .. } => "E_VALUE_ENCODE",
            Self::Decode { .. } => "E_VALUE_DECODE",
            Self::Compute { .. } => "E_COMPUTE_FAILED",
            Self::ComputePanicked { .. } => "E_COMPUTE_PANICKED",
            Self::ComputeTimeout { .. } => "E_COMPUTE_TIMEOUT",
            Self::ComputeCircle { .. } => "E_COMPUTE_CIRCLE",
            Self::ShutDown { .. } => "E_SHUT_DOWN",
            Self::PatternOutsideSchema(_) => "E_PATTERN_OUTSIDE_SCHEMA",
            Self::RecoveryFile(error) => error.code(),
            Self::EventInProgress(_) => "E_EVENT_IN_PROGRESS",
            Self::EventId { .. } => "E_EVENT_ID_TOO_LONG",
        }
    }

    /// Whether the same call may succeed a little later with nothing changed by hand. Says `false` for
    /// a failed compute: only its own error knows, see [`CacheError::compute_error`].
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Store(error) => error.is_retryable(),
            Self::ComputePanicked { .. }
            | Self::ComputeTimeout { .. }
            | Self::ShutDown { .. }
            | Self::EventInProgress(_) => true,
            _ => false,
        }
    }

    /// The error that the compute returned, when it was one and of this type.
    ///
    /// ```
    /// # use samekey::server::CacheError;
    /// fn status(error: &CacheError) -> u16 {
    ///     match error.compute_error::<std::io::Error>() {
    ///         Some(cause) if cause.kind() == std::io::ErrorKind::NotFound => 404,
    ///         _ => 500,
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn compute_error<E: Error + 'static>(&self) -> Option<&E> {
        match self {
            Self::Compute { source, .. } => source.downcast_ref(),
            _ => None,
        }
    }

    pub(crate) fn is_wrong_type(&self) -> bool {
        matches!(self, Self::Store(error) if error.kind() == StoreErrorKind::WrongType)
    }
}
