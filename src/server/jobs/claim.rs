//! The right to run a job: the lease of its journal. One node has it at a time.

use std::time::Duration;

use super::execute::GRACE;
use super::journal::{JobRun, Journal};
use super::runner::Runner;
use crate::server::store::{LeaseToken, StoreError};
use crate::server::ttl::Ttl;

/// What the lease outlasts a run's time by: stopping it, and writing it down.
const MARGIN: Duration = Duration::from_secs(30);

impl Runner {
    /// The right to run the job, and the journal as it is under it; none while another has it.
    pub(super) async fn claim(&self) -> Result<Option<(Claim<'_>, Journal)>, StoreError> {
        let time = self.job.max_time().saturating_add(GRACE + MARGIN);
        let time = Ttl::new(time).unwrap_or(Ttl::MAX);
        let store = self.cache.store();
        let Some(token) = self.shelf.claim(store, time).await? else { return Ok(None) };
        let claim = Claim { runner: self, token: Some(token) };
        match self.shelf.read(store).await {
            Ok(journal) => {
                self.counts.read(&journal.runs);
                Ok(Some((claim, journal)))
            }
            Err(error) => {
                claim.give_back().await;
                Err(error)
            }
        }
    }

    pub(super) async fn close(&self, claim: Claim<'_>, mut journal: Journal, run: Option<&JobRun>) {
        let mut untold = std::mem::take(&mut self.memory().untold);
        journal.add_untold(untold.iter().cloned());
        journal.add(run.cloned());
        let job = self.job.name();
        let Some(token) = claim.keep() else { return };
        match self.shelf.close(self.cache.store(), &journal, &token).await {
            Ok(true) => return,
            Ok(false) => {
                tracing::warn!(
                    job,
                    "a job lost its lease while it ran: another node may run it too"
                );
            }
            Err(error) => tracing::warn!(job, %error, "a job's run could not be written down"),
        }
        // This node knows of it all the same, and writes it down after the next run.
        let mut memory = self.memory();
        untold.extend(run.cloned());
        untold.append(&mut memory.untold);
        Journal::shorten(&mut untold);
        memory.untold = untold;
    }
}

/// The right to run a job. Given back when it is dropped, as by a shutdown that does not wait.
pub(super) struct Claim<'a> {
    runner: &'a Runner,
    token: Option<LeaseToken>,
}

impl Claim<'_> {
    fn keep(mut self) -> Option<LeaseToken> {
        self.token.take()
    }

    pub(super) async fn give_back(mut self) {
        if let Some(token) = self.token.take() {
            self.runner.shelf.give_back(self.runner.cache.store(), &token).await;
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if let Some(token) = self.token.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (shelf, cache) = (self.runner.shelf.clone(), self.runner.cache.clone());
            runtime.spawn(async move { shelf.give_back(cache.store(), &token).await });
        }
    }
}
