//! Early refresh: when to compute anew before the value expires.
//!
//! Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015
//! (doi 10.14778/2757807.2757813), prove that of all ways to decide this without talking to each other the best is
//! to draw from an exponential distribution: each reader refreshes if
//!
//! ```text
//! now - delta * beta * ln(random) >= expiry
//! ```
//!
//! where `delta` is how long the compute takes. The nearer the expiry and the slower the compute, the likelier. A
//! key that is read often is thus refreshed shortly before it expires, by one of its readers, and nobody ever waits
//! for it.

use std::time::Duration;

/// `-ln` of the smallest random number that is drawn, 2^-53, rounded up: no draw reaches further ahead.
const FURTHEST: f64 = 37.0;

/// Whether a reader with the draw `random`, in [0, 1), refreshes a value of which `left` is left and whose compute
/// takes `delta`. The draw is only made when it can matter.
pub(crate) fn refreshes_early(
    left: Duration,
    delta: Duration,
    beta: f64,
    random: impl FnOnce() -> f64,
) -> bool {
    if !may_refresh_early(left, delta, beta) {
        return false;
    }
    let scale = delta.as_secs_f64() * beta;
    // 1 - random is in (0, 1]: its logarithm is finite.
    scale * -(1.0 - random()).ln() >= left.as_secs_f64()
}

/// Whether any draw would.
pub(crate) fn may_refresh_early(left: Duration, delta: Duration, beta: f64) -> bool {
    delta.as_secs_f64() * beta * FURTHEST > left.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_draw_decides_as_the_paper_says() {
        // -ln(1 - 0.8647) = 2.0: a compute of a second is begun two seconds ahead.
        let drawn = || 0.8647;
        assert!(refreshes_early(SECOND.mul_f64(1.99), SECOND, 1.0, drawn));
        assert!(!refreshes_early(SECOND.mul_f64(2.01), SECOND, 1.0, drawn));
        assert!(refreshes_early(SECOND.mul_f64(3.98), SECOND, 2.0, drawn));
    }

    #[test]
    fn far_from_the_expiry_nothing_is_drawn() {
        let drawn = || unreachable!("it cannot matter");
        assert!(!refreshes_early(SECOND * 60, SECOND, 1.0, drawn));
    }

    #[test]
    fn without_a_compute_time_or_with_beta_0_nothing_is_refreshed_early() {
        assert!(!refreshes_early(Duration::from_nanos(1), Duration::ZERO, 1.0, || 0.999_999));
        assert!(!refreshes_early(Duration::from_nanos(1), SECOND, 0.0, || 0.999_999));
    }

    /// The paper's distribution: of many readers at `left` before the expiry, e^(-left / delta) refresh.
    #[test]
    fn the_share_of_readers_who_refresh_falls_exponentially() {
        let mut random = fastrand::Rng::with_seed(7);
        for (left, share) in [(0.5, 0.6065), (1.0, 0.3679), (3.0, 0.0498)] {
            let refreshed = (0..100_000)
                .filter(|_| refreshes_early(SECOND.mul_f64(left), SECOND, 1.0, || random.f64()));
            let measured = refreshed.count() as f64 / 100_000.0;
            assert!((measured - share).abs() < 0.01, "{left}: {measured}");
        }
    }
}
