//! The lease: the right of one compute to store its answer, until an invalidation takes it away.
//!
//! Whoever misses asks for the lease of the key before computing. One gets it; the others wait for what that
//! one stores. The answer is stored only while the lease is still the computer's own, and an invalidation
//! removes leases *before* data. So a compute that read the database before an invalidation stores nothing
//! after it, in whatever process it runs. A lease that is lost in any way, by its time, by an invalidation, by
//! a store that needed the room, costs one more compute and never a stale value.

use std::fmt;

use super::Entry;

/// Whose a lease is: a random name, new for each compute.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseToken([u8; 16]);

impl LeaseToken {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(fastrand::u128(..).to_le_bytes())
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// As text of [`LeaseToken::HEX`] letters.
    #[cfg(feature = "cluster")]
    pub(super) fn to_hex(self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
    }

    #[cfg(feature = "cluster")]
    pub(super) const HEX: usize = 32;
}

impl fmt::Debug for LeaseToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LeaseToken({:032x})", u128::from_be_bytes(self.0))
    }
}

/// What the one who asks for a lease wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeaseFor {
    /// The value if there is one, else the lease to compute it.
    Missing,
    /// The lease to compute the value again although there is one: a refresh before its time.
    Refresh,
    /// The same, taken from whoever has it: what is computed from now on is newer than what they compute.
    Overtake,
}

/// What became of the wish for a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leased {
    /// There is a value; only for [`LeaseFor::Missing`].
    Found(Entry),
    /// The lease is the caller's.
    Granted,
    /// Another compute has it.
    Held,
}
