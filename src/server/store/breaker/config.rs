//! When a circuit opens, and how often it is tried again.

use std::time::Duration;

/// When a breaker opens and how often it probes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerConfig {
    /// So many calls in a row fail, with none answered while they waited, before the circuit opens. Each may have cost its caller the store's
    /// whole timeout.
    pub failures: u32,
    /// How long the circuit is open before the first probe. Each probe that fails doubles the pause.
    pub first_pause: Duration,
    /// No pause is longer, so a store that is back is found within this time and one probe.
    pub longest_pause: Duration,
    /// The pause after a failure that only a change of configuration mends, such as a wrong password: to
    /// ask more often would be a storm of failing logins.
    pub denied_pause: Duration,
    /// A probe without an answer for so long has failed.
    pub probe_timeout: Duration,
    /// A call that its caller gave up after at least so long has failed. One given up sooner says
    /// nothing of the store.
    pub given_up_after: Duration,
}

impl Default for BreakerConfig {
    /// 5 failures; pauses from 50 ms to 500 ms, 5 s when access is denied; 1 s for a probe; a call that
    /// was given up counts from 50 ms on.
    fn default() -> Self {
        Self {
            failures: 5,
            first_pause: Duration::from_millis(50),
            longest_pause: Duration::from_millis(500),
            denied_pause: Duration::from_secs(5),
            probe_timeout: Duration::from_secs(1),
            given_up_after: Duration::from_millis(50),
        }
    }
}
