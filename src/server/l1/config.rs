//! How much a process keeps for itself.

use super::held::Held;

/// What an entry costs beside its value: its place and its turn in the queues, the entry's own fields, allocator slack.
const ENTRY_OVERHEAD: u64 = 448;

/// A value is counted as so many times its JSON: the bytes themselves, and what they decode to. A struct is about
/// as large as its JSON, a `serde_json::Value` two or three times; nothing can be asked for its true size.
const BYTES_PER_JSON_BYTE: u64 = 3;

/// How much this process keeps for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct L1Config {
    pub(crate) budget_bytes: u64,
}

impl L1Config {
    /// At most so many bytes, keys and decoded values counted. Nothing is kept for 0.
    ///
    /// Below 8 MiB a value of the largest size is not kept, since it is counted three times: as JSON, and as what
    /// that decodes to.
    #[must_use]
    pub const fn bytes(budget_bytes: u64) -> Self {
        Self { budget_bytes }
    }

    /// No tier in process: every hit asks the store.
    #[must_use]
    pub const fn off() -> Self {
        Self::bytes(0)
    }
}

impl Default for L1Config {
    /// 64 MiB.
    fn default() -> Self {
        Self::bytes(64 * 1024 * 1024)
    }
}

/// What `held` takes of the budget.
pub(super) fn weight(held: &Held) -> u64 {
    held.key().len() as u64 + BYTES_PER_JSON_BYTE * held.json.len() as u64 + ENTRY_OVERHEAD
}
