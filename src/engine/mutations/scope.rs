//! Whose turn it is: the mutations of one scope run one after another.

use super::{MutationState, MutationStatus, Mutations};
use crate::engine::{Engine, Moment, MutationId};

impl<T: Clone, E: Clone> Engine<T, E> {
    /// A mutation has settled: the next one of its scope runs. If that is a restored one, which the host has to
    /// begin, this gives it.
    pub fn run_next_mutation(&mut self, id: MutationId, at: Moment) -> Option<MutationId> {
        let next = self.next_in_scope(id)?;
        let continued = self.continue_mutation(next, at);
        (!continued).then_some(next)
    }

    /// Whether no older mutation of the scope is pending.
    pub(super) fn can_run(&self, id: MutationId) -> bool {
        self.mutations
            .first_in_scope(id, |_, state| state.status == MutationStatus::Pending)
            .is_none_or(|first| first == id)
    }

    fn next_in_scope(&self, id: MutationId) -> Option<MutationId> {
        self.mutations.first_in_scope(id, |member, state| member != id && state.is_paused)
    }
}

impl Mutations {
    /// The oldest mutation of the scope of `id` that `is_wanted`.
    fn first_in_scope(
        &self,
        id: MutationId,
        is_wanted: impl Fn(MutationId, &MutationState) -> bool,
    ) -> Option<MutationId> {
        let scope = self.get(id)?.scope.as_ref()?;
        self.scoped.iter().copied().find(|&member| {
            self.get(member).is_some_and(|mutation| {
                mutation.scope.as_ref() == Some(scope) && is_wanted(member, &mutation.state)
            })
        })
    }
}
