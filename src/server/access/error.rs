//! A configuration that cannot be used.

use std::borrow::Cow;
use std::fmt;

/// Access was configured with something that is none: a key that does not read, an origin that is no origin.
/// Found when the server is built, never at a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessConfigError {
    code: &'static str,
    message: Cow<'static, str>,
}

impl AccessConfigError {
    pub(crate) fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// The stable code: `E_ACCESS_KEY`, `E_CORS_ORIGIN`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }
}

impl fmt::Display for AccessConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for AccessConfigError {}
