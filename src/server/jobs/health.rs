//! How the cache stands, against thresholds.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::job::{Job, JobContext, JobFuture};

/// Pings whose median is taken: one alone may have met a pause.
const PINGS: usize = 5;

/// What is still well.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Thresholds {
    /// The median time of a ping: 50 ms.
    pub ping: Duration,
    /// The least share of lookups that hit since the last check, in percent: 80.
    pub hit_rate_percent: f64,
    /// Fewer lookups than this say nothing about the share: 100.
    pub least_lookups: u64,
    /// The most memory that the store uses, in bytes: 500 MB.
    pub used_memory: u64,
    /// The most keys that were dropped to make room since the last check: 0.
    pub evicted_keys: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            ping: Duration::from_millis(50),
            hit_rate_percent: 80.0,
            least_lookups: 100,
            used_memory: 500 * 1024 * 1024,
            evicted_keys: 0,
        }
    }
}

/// Looks how the cache stands, every 15 minutes, and warns in the log of what is not well.
///
/// The lookups are those of the node that makes the check; the memory and the evictions are the store's. While the
/// store does not answer every node checks for itself, and says so.
#[derive(Debug, Default)]
pub struct HealthCheck {
    thresholds: Thresholds,
    /// The counters at the last check: hits, lookups, evictions.
    last: Mutex<Option<Counted>>,
}

#[derive(Clone, Copy, Debug)]
struct Counted {
    hits: u64,
    lookups: u64,
    evicted: Option<u64>,
}

/// How the cache stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HealthReport {
    /// Whether nothing was found.
    pub healthy: bool,
    /// The median time of a ping, in milliseconds; `None` when the store did not answer.
    pub ping_ms: Option<f64>,
    /// The share of lookups that hit since the last check, in percent; `None` when they were too few.
    pub hit_rate_percent: Option<f64>,
    /// The lookups since the last check.
    pub lookups: u64,
    /// The memory that the store uses, in bytes.
    pub used_memory: Option<u64>,
    /// The keys that were dropped to make room since the last check.
    pub evicted_keys: Option<u64>,
    /// What is not well.
    pub findings: Vec<Finding>,
}

/// Something that is not well.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// A stable code: `store_unreachable`, `slow_ping`, `low_hit_rate`, `high_memory`, `evictions`.
    pub code: &'static str,
    /// What it is, and what may be done.
    pub message: String,
}

impl HealthCheck {
    /// A check against other thresholds.
    ///
    /// ```
    /// use samekey::server::jobs::{HealthCheck, Thresholds};
    ///
    /// let mut thresholds = Thresholds::default();
    /// thresholds.used_memory = 2 * 1024 * 1024 * 1024;
    /// let check = HealthCheck::new(thresholds);
    /// # let _ = check;
    /// ```
    #[must_use]
    pub fn new(thresholds: Thresholds) -> Self {
        Self { thresholds, last: Mutex::default() }
    }

    /// Checks now. "Since the last check" is since the last call of this.
    pub async fn check(&self, context: &JobContext) -> HealthReport {
        let cache = context.cache();
        let ping = median_ping(context).await;
        let stats = cache.get_cache_stats().await;
        let reachable = ping.is_some() && stats.store_available;
        let evicted = reachable.then_some(stats.evicted_keys);
        let counted = Counted { hits: stats.hits, lookups: stats.hits + stats.misses, evicted };
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).replace(counted);
        let last = last.unwrap_or(Counted { hits: 0, lookups: 0, evicted });
        let lookups = counted.lookups.saturating_sub(last.lookups);
        let hits = counted.hits.saturating_sub(last.hits);
        let enough = lookups >= self.thresholds.least_lookups.max(1);
        let mut report = HealthReport {
            healthy: true,
            ping_ms: ping.map(|ping| ping.as_secs_f64() * 1e3),
            hit_rate_percent: enough.then(|| hits as f64 / lookups as f64 * 100.0),
            lookups,
            used_memory: reachable.then_some(stats.used_memory),
            // A store that was restarted counts from zero.
            evicted_keys: evicted.map(|now| {
                if let Some(then) = last.evicted
                    && then <= now
                {
                    now - then
                } else {
                    now
                }
            }),
            findings: Vec::new(),
        };
        report.findings = self.findings(&report);
        report.healthy = report.findings.is_empty();
        for Finding { code, message } in &report.findings {
            tracing::warn!(code, "the cache is not well: {message}");
        }
        report
    }

    fn findings(&self, report: &HealthReport) -> Vec<Finding> {
        let limits = &self.thresholds;
        let mut findings = Vec::new();
        let mut find = |code, message| findings.push(Finding { code, message });
        match report.ping_ms {
            None => find("store_unreachable", "the store does not answer".to_owned()),
            Some(ping) if ping > limits.ping.as_secs_f64() * 1e3 => {
                find(
                    "slow_ping",
                    format!("a ping takes {ping:.1} ms; up to {:?} is well", limits.ping),
                );
            }
            Some(_) => {}
        }
        if let Some(rate) = report.hit_rate_percent
            && rate < limits.hit_rate_percent
        {
            let least = limits.hit_rate_percent;
            find(
                "low_hit_rate",
                format!(
                    "{rate:.1} % of {} lookups hit; {least} % is well: too short lives, too many invalidations, or evictions",
                    report.lookups
                ),
            );
        }
        if let Some(used) = report.used_memory
            && used > limits.used_memory
        {
            let most = limits.used_memory;
            find(
                "high_memory",
                format!(
                    "the store uses {used} bytes; up to {most} is well: compress, or shorten lives"
                ),
            );
        }
        if let Some(evicted) = report.evicted_keys
            && evicted > limits.evicted_keys
        {
            find(
                "evictions",
                format!("{evicted} keys were dropped to make room: the store is too small"),
            );
        }
        findings
    }
}

async fn median_ping(context: &JobContext) -> Option<Duration> {
    let mut times = Vec::with_capacity(PINGS);
    for _ in 0..PINGS {
        let started = Instant::now();
        // Of a store that does not answer, one timeout is enough.
        context.cache().ping().await.ok()?;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    Some(times[PINGS / 2])
}

impl Job for HealthCheck {
    fn name(&self) -> &'static str {
        "health"
    }

    fn schedule(&self) -> &'static str {
        "*/15 * * * *"
    }

    fn max_time(&self) -> Duration {
        Duration::from_secs(30)
    }

    fn runs_without_store(&self) -> bool {
        true
    }

    fn run<'a>(&'a self, context: &'a JobContext) -> JobFuture<'a> {
        Box::pin(async move { Ok(serde_json::to_value(self.check(context).await)?) })
    }
}
