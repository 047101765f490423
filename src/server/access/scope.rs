//! What a caller may do.

use std::fmt;

use serde::{Serialize, Serializer};

/// One thing that a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scope {
    /// `cache:read`: statistics and metrics. They name families, never a key or a value.
    Read,
    /// `cache:invalidate`: remove keys by pattern or entity.
    Invalidate,
    /// `events:write`: say that something happened. What that makes stale is the schema's to say; an event
    /// that brings a value along stores it.
    WriteEvents,
    /// `cache:stream`: be told what was invalidated.
    Stream,
    /// `jobs:run`: run a job now, such as the warm-up.
    RunJobs,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] =
        [Self::Read, Self::Invalidate, Self::WriteEvents, Self::Stream, Self::RunJobs];

    /// The scope's name, as it stands in a token.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "cache:read",
            Self::Invalidate => "cache:invalidate",
            Self::WriteEvents => "events:write",
            Self::Stream => "cache:stream",
            Self::RunJobs => "jobs:run",
        }
    }

    /// The scope of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A set of scopes.
///
/// ```
/// use samekey::server::access::{Scope, Scopes};
///
/// let scopes = Scopes::from([Scope::Read, Scope::Stream]);
/// assert!(scopes.contains(Scope::Stream) && !scopes.contains(Scope::Invalidate));
/// // What other services of the same issuer understand is none of ours, and no error.
/// assert_eq!(Scopes::parse("cache:read cache:stream billing:write"), scopes);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Every scope.
    #[must_use]
    pub fn all() -> Self {
        Self::from(Scope::ALL)
    }

    /// The scopes among these names, which blanks separate, as in OAuth's `scope`. A name that is none of
    /// ours gives nothing.
    #[must_use]
    pub fn parse(names: &str) -> Self {
        names.split_ascii_whitespace().filter_map(Scope::named).collect()
    }

    /// Whether `scope` is one of them.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// The scopes, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }
}

const fn bit(scope: Scope) -> u8 {
    1 << scope as u8
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | bit(scope)))
    }
}

impl<const N: usize> From<[Scope; N]> for Scopes {
    fn from(scopes: [Scope; N]) -> Self {
        scopes.into_iter().collect()
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Scope::as_str)).finish()
    }
}
