//! A look at keys without their values: for jobs, the doctor and the command line.

use std::time::Duration;

use serde::Serialize;

/// A part of a walk over the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanPage {
    /// Keys, in no order. One may come twice in a walk; one that is there from beginning to end comes.
    pub keys: Vec<String>,
    /// Where the walk goes on; `None` at its end. A page may be empty and still not be the last.
    pub next: Option<u64>,
    /// The server whose keys these would have been, by address: it did not answer, and the walk goes on without. Of a
    /// store of several servers only; where none answers, that is an error.
    pub missing: Option<String>,
}

/// What a store has tidied up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Entries of its lists that were of no more use.
    pub struck: u64,
    /// The servers that did not answer, by address: theirs are as they were. Of a store of several servers only; where
    /// none answers, that is an error.
    pub missing: Vec<String>,
}

/// What is known of some keys without reading their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Of each, in the order in which they were asked for.
    pub keys: Vec<KeyInfo>,
    /// The servers that did not answer, by address: of their keys nothing is known ([`KeyTtl::Unknown`]). Of a store of
    /// several servers only; where none answers, that is an error.
    pub missing: Vec<String>,
}

impl From<Vec<KeyInfo>> for Inspection {
    fn from(keys: Vec<KeyInfo>) -> Self {
        Self { keys, missing: Vec::new() }
    }
}

/// What is known of a key without reading its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// How long it lives.
    pub ttl: KeyTtl,
    /// What it takes of the store's memory, the key and the store's own overhead counted. 0 when it is
    /// missing, or not known.
    pub bytes: u64,
}

/// How long a key lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyTtl {
    /// It is not there.
    Missing,
    /// For ever: another program wrote it.
    Never,
    /// Its server did not answer.
    Unknown,
    /// For so long.
    Left(Duration),
}

/// What a store says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StoreStats {
    /// Keys held. Redis counts every key of the database, whoever wrote it.
    pub keys: u64,
    /// Bytes in use.
    pub used_memory: u64,
    /// Keys dropped to make room, since the store started.
    pub evicted_keys: u64,
    /// Lookups that found a key, by the store's own count. Redis counts those of all its clients, and
    /// two for each of our reads: `GET` and `PTTL`.
    pub keyspace_hits: u64,
    /// Lookups that found nothing, counted in the same way.
    pub keyspace_misses: u64,
    /// Keys that an invalidation should have found by their tags and found by walking over all keys only:
    /// somebody else wrote them. Since this process started.
    pub unindexed_keys: u64,
    /// The servers that did not answer, by address: what they hold is not counted here. Of a store of several
    /// servers only; one that does not answer at all is an error.
    pub missing: Vec<String>,
}
