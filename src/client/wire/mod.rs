//! The numbers that stand for names at the border. TypeScript's copy of them is generated from here
//! (`pkg-template/src/border/wire.ts`).

mod acts;
mod answers;
mod effects;
mod filters;
mod options;
mod state;

pub use acts::Act;
pub use answers::{Ask, ErrorCode};
pub use effects::{EffectCode, EffectWord};

pub(super) use super::environment::moment;
pub(super) use acts::{cancel_code, cancel_mode};
pub(super) use answers::{FailureCode, failure_code, key_error, observer_flags, query_flags};
pub(super) use effects::{
    FetchWord, MutationUpdatedWord, OutboxSize, UpdatedWord, action_code, mutation_action_code,
};
pub(super) use filters::{FilterKind, filter};
pub(super) use options::{QueryBits, mutation_options, observer_options, query_options};
pub(super) use state::{
    fetch_status, fetch_status_code, mutation_status, mutation_status_code, status, status_code,
};
