//! What can go wrong between the service and its store.

use std::borrow::Cow;
use std::fmt;

/// Why a store did not do what it was asked. Carries no value, no password and no URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    kind: StoreErrorKind,
    detail: Cow<'static, str>,
    in_part: bool,
}

/// The kinds of [`StoreError`], by what a caller can do about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store cannot be reached. Passes by itself when it comes back.
    Unavailable,
    /// No answer in time. The command may still have been carried out.
    Timeout,
    /// The store is there but not ready: loading its data, failing over, read-only, handing the key over to another server.
    Busy,
    /// Wrong password or missing permission. Only a change of configuration helps.
    Denied,
    /// The store refuses to write: out of memory, or the value does not fit its budget.
    Full,
    /// The key holds something that is not a plain value, such as a list.
    WrongType,
    /// Anything else the store answered.
    Refused,
    /// The removal could not be carried out now, and is kept to be carried out as soon as the store works
    /// again. Until then this process does not believe what the store holds there; others do.
    Queued,
}

impl StoreErrorKind {
    /// The stable code, for programs and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unavailable => "E_STORE_UNAVAILABLE",
            Self::Timeout => "E_STORE_TIMEOUT",
            Self::Busy => "E_STORE_BUSY",
            Self::Denied => "E_STORE_DENIED",
            Self::Full => "E_STORE_FULL",
            Self::WrongType => "E_STORE_WRONG_TYPE",
            Self::Refused => "E_STORE_REFUSED",
            Self::Queued => "E_STORE_QUEUED",
        }
    }
}

impl StoreError {
    pub(crate) fn new(kind: StoreErrorKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), in_part: false }
    }

    /// The same of a call that some of the store's servers have carried out and others not.
    pub(crate) fn in_part(self) -> Self {
        Self { in_part: true, ..self }
    }

    /// Whether some of the store's servers have carried it out.
    #[must_use]
    pub const fn is_in_part(&self) -> bool {
        self.in_part
    }

    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// The stable code, for programs and logs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// Whether the same call may succeed a little later with nothing changed by hand.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            StoreErrorKind::Unavailable | StoreErrorKind::Timeout | StoreErrorKind::Busy
        )
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.detail)
    }
}

impl std::error::Error for StoreError {}
