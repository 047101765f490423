//! Lookups that nobody made: what is computed ahead is neither a hit nor a miss of anybody's.

tokio::task_local! {
    static UNASKED: ();
}

/// Does `work` without counting its lookups: those of this task, that is.
pub(in crate::server) async fn unasked<F: Future>(work: F) -> F::Output {
    UNASKED.scope((), work).await
}

/// Whether this task's lookups are not to be counted.
pub(super) fn is_unasked() -> bool {
    UNASKED.try_with(|()| ()).is_ok()
}
