//! How often something took how long, in buckets of our own.
//!
//! Not the recorder's: that of `metrics-exporter-prometheus` keeps each sample until somebody asks, so a node that nobody
//! scrapes would grow without end. Here a sample is two additions, and the space is fixed. An application's own
//! recorder gets each sample besides.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Seconds that a compute takes: from a query on a small table to one that should be a job.
pub(in crate::server) const COMPUTE_SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Seconds that a call of the store takes: from a round trip on one machine to a walk over a million keys. 0.1 is the
/// time after which it is given up by default.
pub(in crate::server) const STORE_SECONDS: &[f64] = &[
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
];

/// Seconds that a job's run takes: from a ping to the five minutes after which it is told to stop by default.
pub(in crate::server) const JOB_SECONDS: &[f64] =
    &[0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];

/// Counts what took how long.
pub(in crate::server) struct Histogram {
    bounds: &'static [f64],
    /// One for each bound and one for what is beyond the last; not cumulative.
    counts: Box<[Bucket]>,
    told: metrics::Histogram,
}

/// What fell between two bounds. Side by side, for threads that count take the place in memory from each other: once a
/// sample, and not twice.
#[derive(Default)]
struct Bucket {
    samples: AtomicU64,
    nanos: AtomicU64,
}

/// What a histogram has counted so far.
pub(in crate::server) struct Buckets {
    /// Each bound, and how many took no longer. The last is infinite.
    pub(in crate::server) cumulative: Vec<(f64, u64)>,
    pub(in crate::server) sum_seconds: f64,
}

impl Histogram {
    /// Buckets up to `bounds`, which ascend; `told` hears each sample too.
    pub(in crate::server) fn new(bounds: &'static [f64], told: metrics::Histogram) -> Self {
        let counts = (0..=bounds.len()).map(|_| Bucket::default()).collect();
        Self { bounds, counts, told }
    }

    pub(in crate::server) fn record(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = self.bounds.partition_point(|bound| *bound < seconds);
        let bucket = &self.counts[bucket];
        bucket.samples.fetch_add(1, Relaxed);
        bucket.nanos.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Relaxed);
        self.told.record(seconds);
    }

    pub(in crate::server) fn read(&self) -> Buckets {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        let mut so_far = 0;
        let cumulative = bounds.zip(&self.counts).map(|(bound, count)| {
            so_far += count.samples.load(Relaxed);
            (bound, so_far)
        });
        let cumulative = cumulative.collect();
        let nanos = self.counts.iter().map(|bucket| bucket.nanos.load(Relaxed) as f64);
        Buckets { cumulative, sum_seconds: nanos.sum::<f64>() / 1e9 }
    }
}

impl Buckets {
    pub(in crate::server) fn count(&self) -> u64 {
        self.cumulative.last().map_or(0, |(_, count)| *count)
    }
}

impl std::fmt::Debug for Histogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Histogram").field("count", &self.read().count()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_in_each_bucket_that_it_does_not_exceed_and_in_the_last() {
        let histogram = Histogram::new(&[0.1, 0.5], metrics::Histogram::noop());
        for millis in [50, 100, 101, 500, 9_000] {
            histogram.record(Duration::from_millis(millis));
        }
        let read = histogram.read();
        assert_eq!(read.cumulative, [(0.1, 2), (0.5, 4), (f64::INFINITY, 5)]);
        assert_eq!(read.count(), 5);
        assert!((read.sum_seconds - 9.751).abs() < 1e-9, "{}", read.sum_seconds);
    }

    #[test]
    fn bounds_ascend() {
        for bounds in [COMPUTE_SECONDS, STORE_SECONDS, JOB_SECONDS] {
            assert!(bounds.is_sorted_by(|a, b| a < b));
        }
    }
}
