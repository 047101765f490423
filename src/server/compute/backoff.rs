//! How long to wait before the store is asked again whether another process is done.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(8);
const LONGEST: Duration = Duration::from_millis(400);

/// Waits that grow, each cut by up to half at random, so that many who wait do not ask at once.
pub(crate) struct Backoff(Duration);

impl Backoff {
    pub(crate) const fn new() -> Self {
        Self(FIRST)
    }

    /// The next wait.
    pub(crate) fn next(&mut self, random: f64) -> Duration {
        let wait = self.0;
        self.0 = (wait * 8 / 5).min(LONGEST);
        wait.mul_f64(1.0 - random / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_seconds_cost_at_most_sixty_questions() {
        let mut backoff = Backoff::new();
        let mut waited = Duration::ZERO;
        let mut asked = 0;
        while waited < Duration::from_secs(10) {
            waited += backoff.next(1.0);
            asked += 1;
        }
        assert!(asked <= 60, "{asked}");
    }
}
