//! Counters and gauges, as they stand when somebody asks.

use metrics::{Key, KeyName, Label, Recorder, Unit};

use super::METADATA;
use crate::server::jobs::JobStats;
use crate::server::stats::{CacheStats, FamilyStats};
use crate::server::store::CircuitState;
use crate::server::telemetry::times::{COMPUTE, JOB, STORE};

/// A counter of one family: its name, the label that tells it from those of the same name, what it counts.
type FamilyCounter = (&'static str, Option<(&'static str, &'static str)>, fn(&FamilyStats) -> u64);

const LOOKUPS: &str = "samekey_lookups_total";
const COMPUTES: &str = "samekey_computes_total";
const REFUSED: &str = "samekey_refused_total";
const CIRCUIT_OPEN: &str = "samekey_circuit_open";

const FAMILY_COUNTERS: [FamilyCounter; 13] = [
    (LOOKUPS, Some(("result", "l1_hit")), |of| of.counts.l1_hits),
    (LOOKUPS, Some(("result", "l2_hit")), |of| of.counts.l2_hits),
    (LOOKUPS, Some(("result", "stale")), |of| of.counts.stale),
    (LOOKUPS, Some(("result", "miss")), |of| of.counts.misses),
    (LOOKUPS, Some(("result", "bypass")), |of| of.counts.bypasses),
    (COMPUTES, None, |of| of.counts.computes),
    ("samekey_early_refreshes_total", None, |of| of.counts.early_refreshes),
    ("samekey_compute_errors_total", None, |of| of.counts.compute_errors),
    ("samekey_sets_total", None, |of| of.counts.sets),
    ("samekey_stored_bytes_total", None, |of| of.counts.bytes_stored),
    (REFUSED, Some(("why", "too_large")), |of| of.counts.refused_too_large),
    (REFUSED, Some(("why", "overtaken")), |of| of.counts.voided),
    ("samekey_decode_errors_total", None, |of| of.counts.decode_errors),
];

const JOB_RUNS: &str = "samekey_job_runs_total";
const JOB_MISSED: &str = "samekey_job_missed_total";
const JOB_LAST_SUCCESS: &str = "samekey_job_last_success_timestamp_seconds";

/// How runs of a job ended, and how many did.
type JobFigure = (&'static str, fn(&JobStats) -> u64);

const JOB_OUTCOMES: [JobFigure; 4] = [
    ("done", |of| of.done),
    ("failed", |of| of.failed),
    ("timed_out", |of| of.timed_out),
    ("stopped", |of| of.stopped),
];

/// A figure of the whole node: its name and what it is.
type NodeFigure = (&'static str, fn(&CacheStats) -> u64);

const NODE_COUNTERS: [NodeFigure; 15] = [
    ("samekey_store_errors_total", |it| it.store_errors),
    ("samekey_invalidations_total", |it| it.invalidations),
    ("samekey_deleted_keys_total", |it| it.deleted_keys),
    ("samekey_l1_evicted_total", |it| it.l1_evicted),
    ("samekey_circuit_opened_total", |it| it.circuit_opened),
    ("samekey_circuit_skipped_total", |it| it.circuit_skipped),
    ("samekey_removals_late_total", |it| it.removals_late),
    ("samekey_notices_appended_total", |it| it.stream.notices_appended),
    ("samekey_notices_read_total", |it| it.stream.notices_read),
    ("samekey_notices_ignored_total", |it| it.stream.notices_ignored),
    ("samekey_streams_cut_total", |it| it.stream.streams_cut),
    ("samekey_stream_resets_total", |it| it.stream.resets),
    ("samekey_store_evicted_keys_total", |it| it.evicted_keys),
    ("samekey_store_keyspace_hits_total", |it| it.keyspace_hits),
    ("samekey_store_keyspace_misses_total", |it| it.keyspace_misses),
];

const NODE_GAUGES: [NodeFigure; 12] = [
    ("samekey_computes_in_flight", |it| it.computes_in_flight),
    ("samekey_removals_pending", |it| it.removals_pending),
    ("samekey_removals_unsaved", |it| it.removals_unsaved),
    ("samekey_notices_waiting", |it| it.stream.notices_waiting),
    ("samekey_streams_open", |it| it.stream.streams_open),
    ("samekey_log_followed", |it| u64::from(it.stream.following)),
    ("samekey_l1_entries", |it| it.l1_entries),
    ("samekey_l1_bytes", |it| it.l1_bytes),
    ("samekey_l1_armed", |it| u64::from(it.l1_armed)),
    ("samekey_store_available", |it| u64::from(it.store_available)),
    ("samekey_store_keys", |it| it.keys),
    ("samekey_store_used_memory_bytes", |it| it.used_memory),
];

pub(super) const COMPUTE_TIME_HELP: &str = "How long computes take; a batch counts once";
pub(super) const STORE_TIME_HELP: &str =
    "How long calls of the store take, by the method of the store's contract";

pub(super) const JOB_TIME_HELP: &str = "How long a job's runs on this node take";

/// What each is, for who reads `/metrics`.
const HELP: [(&str, &str); 41] = [
    (LOOKUPS, "Lookups by family and what answered them"),
    (COMPUTES, "Computes begun"),
    ("samekey_early_refreshes_total", "Computes begun before the value had expired"),
    ("samekey_compute_errors_total", "Computes that failed or panicked"),
    ("samekey_sets_total", "Values stored"),
    ("samekey_stored_bytes_total", "Bytes stored, as the store holds them"),
    (REFUSED, "Values not stored: over the size limit, or overtaken by an invalidation"),
    ("samekey_decode_errors_total", "Stored values that did not read as their type"),
    ("samekey_store_errors_total", "Calls to the store that failed"),
    ("samekey_invalidations_total", "Invalidations carried out"),
    ("samekey_deleted_keys_total", "Keys that they removed"),
    ("samekey_l1_evicted_total", "Values that this process dropped to make room"),
    (
        "samekey_store_evicted_keys_total",
        "Keys that the store dropped to make room, whoever wrote them",
    ),
    ("samekey_store_keyspace_hits_total", "Lookups that the store found, by all its clients"),
    (
        "samekey_store_keyspace_misses_total",
        "Lookups that the store did not find, by all its clients",
    ),
    ("samekey_computes_in_flight", "Computes under way"),
    ("samekey_circuit_opened_total", "Times that the store was given up for a while"),
    ("samekey_circuit_skipped_total", "Calls that were not made because it was given up"),
    (CIRCUIT_OPEN, "1 while the store is not asked, or this server of it"),
    ("samekey_removals_pending", "Removals that wait for the store to be back"),
    (
        "samekey_removals_unsaved",
        "Removals that are lost if this process dies now: those in no recovery file",
    ),
    (JOB_RUNS, "Runs of a job on this node, by how they ended"),
    (JOB_MISSED, "Ticks that no node had run when the next one was due"),
    (JOB_LAST_SUCCESS, "When a run on any node last came to its end, as far as this node knows"),
    ("samekey_removals_late_total", "Removals carried out when it was back"),
    ("samekey_notices_appended_total", "Invalidations that this node wrote into the log"),
    ("samekey_notices_read_total", "Invalidations read from the log, whoever wrote them"),
    ("samekey_notices_waiting", "Invalidations that wait for the log to be in reach"),
    ("samekey_notices_ignored_total", "Entries of the log that were passed over"),
    ("samekey_log_followed", "1 while this node reads the log of invalidations"),
    (
        "samekey_log_unread",
        "Entries of the log that this node has yet to read; absent while the log is away",
    ),
    ("samekey_streams_open", "Browsers that listen to this node"),
    ("samekey_streams_cut_total", "Browsers that were cut off because they were too slow"),
    ("samekey_stream_resets_total", "Times that browsers were told to start over"),
    ("samekey_l1_entries", "Values held in this process"),
    ("samekey_l1_bytes", "Bytes they take"),
    (
        "samekey_l1_armed",
        "1 while this process hears what others change; it asks the store each time when not",
    ),
    ("samekey_store_available", "1 while the store answers"),
    ("samekey_store_keys", "Keys in the store, whoever wrote them"),
    ("samekey_store_used_memory_bytes", "Bytes the store uses"),
    ("samekey_hit_rate_percent", "Hits in a hundred lookups, since the process started"),
];

impl CacheStats {
    /// Tells `recorder` these figures: counters by their absolute value, so that telling twice counts nothing twice.
    /// Each name begins with `samekey_`; what is a family's own has the label `family`. `GET /metrics` does it with
    /// a recorder of its own; an application that has one already does it at its own scrapes.
    ///
    /// Not the times (`samekey_compute_seconds`, `samekey_store_seconds`, `samekey_job_seconds`): the recorder that is installed when a service
    /// is built is told each of them as it happens.
    pub fn record(&self, recorder: &dyn Recorder) {
        for (name, help) in HELP {
            let unit = name.ends_with("_bytes").then_some(Unit::Bytes);
            if name.ends_with("_total") {
                recorder.describe_counter(KeyName::from_const_str(name), unit, help.into());
            } else {
                recorder.describe_gauge(KeyName::from_const_str(name), unit, help.into());
            }
        }
        for (name, help) in
            [(COMPUTE, COMPUTE_TIME_HELP), (STORE, STORE_TIME_HELP), (JOB, JOB_TIME_HELP)]
        {
            let name = KeyName::from_const_str(name);
            recorder.describe_histogram(name, Some(Unit::Seconds), help.into());
        }
        for family in &self.families {
            let label = || Label::new("family", family.family.clone());
            for (name, told_by, count) in FAMILY_COUNTERS {
                let labels = [label()]
                    .into_iter()
                    .chain(told_by.map(|(name, value)| Label::new(name, value)));
                let key = Key::from_parts(name, labels.collect::<Vec<_>>());
                recorder.register_counter(&key, &METADATA).absolute(count(family));
            }
        }
        for (name, count) in NODE_COUNTERS {
            recorder.register_counter(&Key::from_name(name), &METADATA).absolute(count(self));
        }
        for (name, figure) in NODE_GAUGES {
            recorder.register_gauge(&Key::from_name(name), &METADATA).set(figure(self) as f64);
        }
        for job in &self.jobs {
            record_job(recorder, job);
        }
        for circuit in &self.circuits {
            let server = circuit.server.iter().map(|server| Label::new("server", server.clone()));
            let key = Key::from_parts(CIRCUIT_OPEN, server.collect::<Vec<_>>());
            let open = u8::from(circuit.state != CircuitState::Closed);
            recorder.register_gauge(&key, &METADATA).set(open);
        }
        if let Some(unread) = self.log_unread {
            let key = Key::from_name("samekey_log_unread");
            recorder.register_gauge(&key, &METADATA).set(unread as f64);
        }
        let rate = Key::from_name("samekey_hit_rate_percent");
        recorder.register_gauge(&rate, &METADATA).set(self.hit_rate_percent);
    }
}

fn record_job(recorder: &dyn Recorder, of: &JobStats) {
    // Not `job`: Prometheus means by that what it scrapes, and would rename ours.
    let label = || Label::new("job_name", of.job.clone());
    for (outcome, count) in JOB_OUTCOMES {
        let key = Key::from_parts(JOB_RUNS, vec![label(), Label::new("outcome", outcome)]);
        recorder.register_counter(&key, &METADATA).absolute(count(of));
    }
    let key = Key::from_parts(JOB_MISSED, vec![label()]);
    recorder.register_counter(&key, &METADATA).absolute(of.missed);
    // A zero would be 1970, and every alert on its age would ring.
    if let Some(last_done) = of.last_done {
        let key = Key::from_parts(JOB_LAST_SUCCESS, vec![label()]);
        recorder.register_gauge(&key, &METADATA).set(last_done);
    }
}
