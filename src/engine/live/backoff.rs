//! How long to wait before the next attempt.

/// The first wait and the longest, in milliseconds.
const BASE: f64 = 1_000.0;
const LIMIT: f64 = 30_000.0;

/// A wait that doubles with each failure, half of it by chance: when a server restarts, its clients must not all
/// come back in the same instant.
#[derive(Debug)]
pub(super) struct Backoff {
    failures: u32,
    base: f64,
    random: u32,
}

impl Backoff {
    pub(super) fn new(seed: u32) -> Self {
        // Zero would stay zero.
        Self { failures: 0, base: BASE, random: seed | 1 }
    }

    /// The server's own wish for the first wait (ms).
    pub(super) fn set_base(&mut self, millis: f64) {
        self.base = millis.clamp(1.0, LIMIT);
    }

    /// The next wait (ms).
    pub(super) fn next(&mut self) -> f64 {
        let doubled = self.base * f64::from(1u32 << self.failures.min(16));
        self.failures += 1;
        doubled.min(LIMIT) * (0.5 + 0.5 * self.chance())
    }

    /// All went well for a while.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// From 0 up to 1, by xorshift: chance enough to spread what many do.
    pub(super) fn chance(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        f64::from(self.random) / f64::from(u32::MAX)
    }
}
