//! The methods of the store contract, by name.

/// A method of [`Store`](super::Store): what a store's time is counted by, and what a `ChaosStore` fails at.
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
    Tidy,
    Stats,
    Ping,
}

impl Operation {
    /// Every one, in the order of their declaration.
    pub const ALL: [Self; 16] = [
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
        Self::Tidy,
        Self::Stats,
        Self::Ping,
    ];

    /// Those that bring back values.
    pub const READS: [Self; 3] = [Self::Get, Self::GetMany, Self::Lease];

    /// Those that change values. A lease is no value.
    pub const WRITES: [Self; 5] =
        [Self::Set, Self::SetLeased, Self::Delete, Self::DeleteIf, Self::DeleteMatching];

    /// The method's name: `get_many`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::GetMany => "get_many",
            Self::Lease => "lease",
            Self::Set => "set",
            Self::SetLeased => "set_leased",
            Self::Release => "release",
            Self::Delete => "delete",
            Self::DeleteIf => "delete_if",
            Self::DeleteMatching => "delete_matching",
            Self::Exists => "exists",
            Self::Ttl => "ttl",
            Self::Scan => "scan",
            Self::Inspect => "inspect",
            Self::Tidy => "tidy",
            Self::Stats => "stats",
            Self::Ping => "ping",
        }
    }

    /// The Redis command that does its work, for `db.operation.name`. Others go with it in the same round trip.
    pub(in crate::server) const fn redis_command(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::GetMany => "MGET",
            Self::Set => "SET",
            Self::Lease | Self::SetLeased | Self::Release | Self::DeleteIf => "EVALSHA",
            Self::Delete | Self::DeleteMatching => "UNLINK",
            Self::Exists => "EXISTS",
            Self::Ttl | Self::Inspect => "PTTL",
            Self::Scan | Self::Tidy => "SCAN",
            Self::Stats => "INFO",
            Self::Ping => "PING",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stands_at_its_own_place() {
        for (place, operation) in Operation::ALL.into_iter().enumerate() {
            assert_eq!(operation as usize, place);
        }
    }
}
