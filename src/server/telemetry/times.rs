//! What is timed: computes by family, calls of the store by operation, runs of jobs by name.
//!
//! Each has a handle of its own that is made with the service, so that nothing is looked up when something is timed. An
//! application's recorder must therefore be there before the service is.

use metrics::{Key, Label};

use super::histogram::{COMPUTE_SECONDS, Histogram, JOB_SECONDS, STORE_SECONDS};
use crate::server::metrics::METADATA;
use crate::server::store::Operation;

pub(in crate::server) const COMPUTE: &str = "samekey_compute_seconds";
pub(in crate::server) const STORE: &str = "samekey_store_seconds";
pub(in crate::server) const JOB: &str = "samekey_job_seconds";

/// How long a family's computes take.
pub(in crate::server) fn of_computes(family: &str) -> Histogram {
    Histogram::new(COMPUTE_SECONDS, told(COMPUTE, "family", family.to_owned()))
}

/// How long a job's runs take.
pub(in crate::server) fn of_jobs(job: &str) -> Histogram {
    Histogram::new(JOB_SECONDS, told(JOB, "job_name", job.to_owned()))
}

/// How long the store takes.
#[derive(Debug)]
pub(in crate::server) struct StoreTimes {
    by_operation: [Histogram; Operation::ALL.len()],
}

impl StoreTimes {
    pub(in crate::server) fn new() -> Self {
        let of = |operation: Operation| {
            Histogram::new(STORE_SECONDS, told(STORE, "operation", operation.as_str().to_owned()))
        };
        Self { by_operation: Operation::ALL.map(of) }
    }

    pub(in crate::server) fn of(&self, operation: Operation) -> &Histogram {
        &self.by_operation[operation as usize]
    }
}

fn told(name: &'static str, label: &'static str, value: String) -> metrics::Histogram {
    let key = Key::from_parts(name, vec![Label::new(label, value)]);
    metrics::with_recorder(|recorder| recorder.register_histogram(&key, &METADATA))
}
