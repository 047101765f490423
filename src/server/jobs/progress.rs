//! How far the run has come that is under way on a node.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// How far a job has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JobProgress {
    /// The steps that are done with, in whatever way.
    pub done: usize,
    /// All steps; 0 while they are not counted yet, and for a job that has no steps.
    pub total: usize,
    /// Those that went wrong.
    pub failed: usize,
}

/// Where one run says how far it has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps(Arc<Mutex<JobProgress>>);

impl Steps {
    pub(super) fn say(&self, progress: JobProgress) {
        *locked(&self.0) = progress;
    }
}

/// The run of a job that can be seen on a node, if there is one.
#[derive(Default)]
pub(super) struct Progress(Mutex<Option<Steps>>);

impl Progress {
    /// A run begins. It can be seen for as long as what this returns is held.
    pub(super) fn begin(&self) -> UnderWay<'_> {
        let steps = Steps::default();
        *locked(&self.0) = Some(steps.clone());
        UnderWay { seen: self, steps }
    }

    /// How far the run has come; `None` when there is none.
    pub(super) fn look(&self) -> Option<JobProgress> {
        locked(&self.0).as_ref().map(|steps| *locked(&steps.0))
    }
}

/// A run that can be seen.
pub(super) struct UnderWay<'a> {
    seen: &'a Progress,
    pub(super) steps: Steps,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        // Another run may have begun since this one gave back its right to run.
        let mut seen = locked(&self.seen.0);
        if seen.as_ref().is_some_and(|steps| Arc::ptr_eq(&steps.0, &self.steps.0)) {
            *seen = None;
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_seen_while_it_is_under_way() {
        let progress = Progress::default();
        assert_eq!(progress.look(), None);

        let run = progress.begin();
        assert_eq!(progress.look(), Some(JobProgress::default()));
        let half = JobProgress { done: 1, total: 2, failed: 0 };
        run.steps.say(half);
        assert_eq!(progress.look(), Some(half));

        drop(run);
        assert_eq!(progress.look(), None);
    }

    #[test]
    fn the_end_of_a_run_does_not_hide_the_one_that_has_begun_since() {
        let progress = Progress::default();
        let first = progress.begin();
        let second = progress.begin();
        first.steps.say(JobProgress { done: 9, total: 9, failed: 9 });

        drop(first);

        assert_eq!(progress.look(), Some(JobProgress::default()));
        drop(second);
        assert_eq!(progress.look(), None);
    }
}
