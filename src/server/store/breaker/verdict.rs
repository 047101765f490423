//! Whose fault an error is.

use crate::server::store::StoreErrorKind;

/// What an error says about the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It does not answer, or not usefully to anybody.
    Fault,
    /// It answered; what it refused is this caller's affair.
    Alive,
    /// Nothing.
    Neither,
}

pub(super) fn verdict(kind: StoreErrorKind) -> Verdict {
    match kind {
        StoreErrorKind::Unavailable
        | StoreErrorKind::Timeout
        | StoreErrorKind::Busy
        | StoreErrorKind::Denied => Verdict::Fault,
        // OOM refuses writes and answers reads; a list under a key is that key's affair.
        StoreErrorKind::Full | StoreErrorKind::WrongType => Verdict::Alive,
        _ => Verdict::Neither,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use StoreErrorKind::{Denied, Timeout, Unavailable};

    #[test]
    fn what_the_caller_did_is_no_fault_of_the_store() {
        for kind in [StoreErrorKind::WrongType, StoreErrorKind::Full] {
            assert_eq!(verdict(kind), Verdict::Alive);
        }
        for kind in [Unavailable, Timeout, Denied, StoreErrorKind::Busy] {
            assert_eq!(verdict(kind), Verdict::Fault);
        }
    }
}
