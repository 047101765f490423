//! How streams behave.

use std::time::Duration;

/// How streams behave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamConfig {
    /// The time between two signs of life.
    pub heartbeat: Duration,
    /// How many notices a stream may be behind before it is cut off, and how many of the last ones a node
    /// remembers for those who come back.
    pub buffer: usize,
    /// How many streams a node serves at once.
    pub max_streams: usize,
    /// How long the log may be out of reach before the streams end: their browsers then ask on their own, until a
    /// stream says again what happens.
    pub patience: Duration,
}

impl Default for StreamConfig {
    /// 15 s, 1,024 notices, 10,000 streams, 10 s.
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(15),
            buffer: 1_024,
            max_streams: 10_000,
            patience: Duration::from_secs(10),
        }
    }
}
