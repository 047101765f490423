//! What the store keeps of a job: the last tick that was run, and the last runs.
//!
//! It is the value of one key. The lease of that key is the right to run the job, and storing the value ends the lease:
//! so "it has been run" and "another may run it" are one step, and a node that lost the lease writes nothing.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema::{Key, KeyError};
use crate::server::store::{LeaseFor, LeaseToken, Leased, Record, Store, StoreError};
use crate::server::ttl::Ttl;

/// Runs that are remembered.
const KEPT: usize = 20;

/// How long a journal lives after its last run; nothing lives for ever. Longer than any schedule that one would have.
const LIFE: Duration = Duration::from_secs(60 * 24 * 3_600);

/// One run of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRun {
    /// The job's name.
    pub job: String,
    /// The tick that was due; `None` for a run by hand.
    #[serde(with = "instant::optional", default)]
    pub tick: Option<Timestamp>,
    /// When it began.
    #[serde(with = "instant")]
    pub started: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The node that ran it.
    pub node: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: JobOutcome,
    /// What the job reports, as JSON; null when it came to no end.
    #[serde(default)]
    pub report: Value,
}

impl JobRun {
    /// Whether both are the same run; times are stored to the millisecond.
    fn is(&self, other: &Self) -> bool {
        let when = |run: &Self| run.started.as_millisecond();
        self.node == other.node && when(self) == when(other)
    }
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum JobOutcome {
    /// It was done.
    Done,
    /// It failed or panicked.
    Failed {
        /// Why.
        error: String,
    },
    /// It took longer than it may. The report, if there is one, says how far it came.
    TimedOut,
    /// The server shut down meanwhile. Another node runs the tick.
    Stopped,
}

/// What is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Journal {
    #[serde(with = "instant::optional", default)]
    pub(super) last_tick: Option<Timestamp>,
    /// The newest last.
    #[serde(default)]
    pub(super) runs: Vec<JobRun>,
}

impl Journal {
    pub(super) fn add(&mut self, runs: impl IntoIterator<Item = JobRun>) {
        self.runs.extend(runs);
        Self::shorten(&mut self.runs);
    }

    /// Adds what the store could not be told of when it ended, unless it was told and only its answer was lost.
    pub(super) fn add_untold(&mut self, untold: impl IntoIterator<Item = JobRun>) {
        let known = |run: &JobRun| self.runs.iter().any(|known| known.is(run));
        let missing: Vec<_> = untold.into_iter().filter(|run| !known(run)).collect();
        // Other nodes have run it since.
        self.runs.extend(missing);
        self.runs.sort_by_key(|run| run.started);
        Self::shorten(&mut self.runs);
    }

    /// Forgets the oldest.
    pub(super) fn shorten(runs: &mut Vec<JobRun>) {
        runs.drain(..runs.len().saturating_sub(KEPT));
    }
}

/// Where a job's journal is.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    key: String,
}

impl Shelf {
    /// Of a job of this schema: two applications in one Redis have a `cleanup` each.
    pub(super) fn of(schema: &str, job: &str) -> Result<Self, KeyError> {
        Ok(Self { key: Key::new(["samekey", "job", schema, job])?.into_string() })
    }

    pub(super) async fn read(&self, store: &dyn Store) -> Result<Journal, StoreError> {
        let entry = store.get(&self.key).await?;
        // What does not read was written by another version, or by nobody of us: begin anew.
        Ok(entry.and_then(|entry| serde_json::from_slice(&entry.value).ok()).unwrap_or_default())
    }

    /// The right to run the job, for so long; `None` while another has it.
    pub(super) async fn claim(
        &self,
        store: &dyn Store,
        time: Ttl,
    ) -> Result<Option<LeaseToken>, StoreError> {
        let token = LeaseToken::random();
        match store.lease(&self.key, &token, time, LeaseFor::Refresh).await? {
            Leased::Granted => Ok(Some(token)),
            Leased::Held | Leased::Found(_) => Ok(None),
        }
    }

    /// Writes the journal and gives the right back. `false`: it was lost meanwhile, and nothing is written.
    pub(super) async fn close(
        &self,
        store: &dyn Store,
        journal: &Journal,
        token: &LeaseToken,
    ) -> Result<bool, StoreError> {
        // Texts, numbers and times: it has a JSON form.
        let value = Bytes::from(serde_json::to_vec(journal).unwrap_or_default());
        let ttl = Ttl::new(LIFE).unwrap_or(Ttl::MAX);
        store.set_leased(Record::new(&self.key, value, ttl), token).await
    }

    /// Gives the right back unused.
    pub(super) async fn give_back(&self, store: &dyn Store, token: &LeaseToken) {
        if let Err(error) = store.release(&self.key, token).await {
            tracing::debug!(%error, key = self.key, "a job's lease will end by its time");
        }
    }
}

/// Times as RFC 3339, which people read.
mod instant {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{at:.3}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }

    pub(super) mod optional {
        use super::*;

        pub(in super::super) fn serialize<S: Serializer>(
            at: &Option<Timestamp>,
            to: S,
        ) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => super::serialize(at, to),
                None => to.serialize_none(),
            }
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            from: D,
        ) -> Result<Option<Timestamp>, D::Error> {
            let text = Option::<String>::deserialize(from)?;
            text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
        }
    }
}
