//! Bytes that were good once: a well-formed example with a few changes, so that most cases get past the first check.

use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Change {
    Set(u8),
    Flip(u8),
    Remove(usize),
    Insert(Vec<u8>),
    Cut,
    Repeat(usize, usize),
}

/// What means something in JSON, in a key, in a pickle, in a length.
const PIECES: &[&[u8]] = &[
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"*",
    b"%",
    b"\\u0000",
    b"\\",
    b"e9999",
    b"\xff\xff\xff\xff",
    b"(",
    b".",
];

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<u8>().prop_map(Change::Set),
        (0..8_u8).prop_map(|bit| Change::Flip(1 << bit)),
        (1..9_usize).prop_map(Change::Remove),
        prop::collection::vec(any::<u8>(), 1..9).prop_map(Change::Insert),
        prop::sample::select(PIECES).prop_map(|bytes| Change::Insert(bytes.to_vec())),
        Just(Change::Cut),
        (1..9_usize, 1..300_usize).prop_map(|(length, times)| Change::Repeat(length, times)),
    ]
}

/// One of `seeds`, changed up to six times.
pub(crate) fn mutated(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), change()), 0..7);
    (prop::sample::select(seeds), changes).prop_map(|(mut bytes, changes)| {
        for (at, change) in changes {
            let at = at.index(bytes.len() + 1);
            match change {
                Change::Set(byte) if at < bytes.len() => bytes[at] = byte,
                Change::Flip(bit) if at < bytes.len() => bytes[at] ^= bit,
                Change::Set(byte) | Change::Flip(byte) => bytes.push(byte),
                Change::Remove(length) => drop(bytes.drain(at..(at + length).min(bytes.len()))),
                Change::Insert(inserted) => drop(bytes.splice(at..at, inserted)),
                Change::Cut => bytes.truncate(at),
                Change::Repeat(length, times) => {
                    let piece = bytes[at..(at + length).min(bytes.len())].repeat(times);
                    drop(bytes.splice(at..at, piece));
                }
            }
        }
        bytes
    })
}
