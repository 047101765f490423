//! What is called: each method of the store contract.

/// A method of the store contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is the method of `Store` of the same name")]
pub enum Operation {
    Get,
    GetMany,
    Lease,
    Set,
    SetLeased,
    Release,
    Delete,
    DeleteIf,
    DeleteMatching,
    Exists,
    Ttl,
    Scan,
    Inspect,
    Stats,
    Ping,
}

impl Operation {
    /// Every one.
    pub const ALL: [Self; 15] = [
        Self::Get,
        Self::GetMany,
        Self::Lease,
        Self::Set,
        Self::SetLeased,
        Self::Release,
        Self::Delete,
        Self::DeleteIf,
        Self::DeleteMatching,
        Self::Exists,
        Self::Ttl,
        Self::Scan,
        Self::Inspect,
        Self::Stats,
        Self::Ping,
    ];

    /// Those that bring back values.
    pub const READS: [Self; 3] = [Self::Get, Self::GetMany, Self::Lease];

    /// Those that change values. A lease is no value.
    pub const WRITES: [Self; 5] =
        [Self::Set, Self::SetLeased, Self::Delete, Self::DeleteIf, Self::DeleteMatching];
}
