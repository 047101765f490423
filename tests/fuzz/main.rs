//! What strangers can send, mutilated: nothing panics, and what is accepted is well formed.
//!
//! `make test` runs a small share; `make fuzz` a million cases (`SAMEKEY_FUZZ_CASES`, in all).

mod bodies;
mod mutation;
mod names;
mod stored;

use proptest::prelude::ProptestConfig;

/// A share of all cases, in percent.
pub(crate) fn percent(share: u64) -> ProptestConfig {
    let all = std::env::var("SAMEKEY_FUZZ_CASES").ok().map(|all| all.parse().expect("a number"));
    let cases: u64 = all.unwrap_or(20_000) * share / 100;
    ProptestConfig {
        cases: u32::try_from(cases).expect("at most four billion"),
        // Half of the patterns made of any text are none: that is no reason to stop.
        max_global_rejects: u32::MAX,
        ..ProptestConfig::default()
    }
}
