//! Chance that never changes: a small generator of our own, so that one seed
//! gives the same history with every release of every dependency.

use std::f64::consts::TAU;

/// SplitMix64 (Steele, Lea, Flood 2014): passes BigCrush, needs eight bytes of
/// state, and any seed is a good one, so each cell of the history has its own.
#[derive(Debug, Clone)]
pub struct Dice(u64);

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Dice {
    /// Dice for one place of the history, named by a few numbers; other numbers
    /// give an independent stream.
    pub fn at(seed: u64, place: &[i64]) -> Self {
        place.iter().fold(Self(mix(seed)), |dice, part| {
            Self(mix(dice.0 ^ mix((*part as u64).wrapping_add(0x9e37_79b9_7f4a_7c15))))
        })
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Uniform in `0.0..1.0`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Uniform in `low..high` on a logarithmic scale.
    pub fn log_uniform(&mut self, low: f64, high: f64) -> f64 {
        low * (high / low).powf(self.unit())
    }

    /// Standard normal (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (TAU * self.unit()).cos()
    }

    /// Log-normal by its median: the usual shape of a duration, with a heavy tail.
    pub fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// How many independent events fall into a cell where `mean` are expected.
    pub fn poisson(&mut self, mean: f64) -> usize {
        if mean <= 0.0 {
            return 0;
        }
        if mean > 60.0 {
            // The normal approximation is off by less than a tenth of an event here.
            return (mean + mean.sqrt() * self.normal() + 0.5).max(0.0) as usize;
        }
        let floor = (-mean).exp();
        let (mut count, mut product) = (0, self.unit());
        while product > floor {
            count += 1;
            product *= self.unit();
        }
        count
    }
}

/// Weighted choice by binary search in the running sum of the weights.
#[derive(Debug, Clone)]
pub struct Wheel(Vec<f64>);

impl Wheel {
    /// A wheel with one slot per weight; weights are not negative.
    pub fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        Self(
            weights
                .into_iter()
                .map(|weight| {
                    sum += weight;
                    sum
                })
                .collect(),
        )
    }

    /// The index of the slot that came up.
    pub fn spin(&self, dice: &mut Dice) -> usize {
        let total = self.0.last().copied().unwrap_or(0.0);
        let point = dice.unit() * total;
        self.0.partition_point(|&edge| edge <= point).min(self.0.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_gives_the_same_numbers_and_another_place_gives_others() {
        let draw = |place: &[i64]| {
            (0..8)
                .map({
                    let mut d = Dice::at(7, place);
                    move |_| d.bits()
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(&[1, 2]), draw(&[1, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[2, 1]));
        assert_ne!(draw(&[1, 2]), draw(&[1, 2, 0]));
    }

    #[test]
    fn a_poisson_count_has_its_mean_on_both_sides_of_the_approximation() {
        let mut dice = Dice::at(1, &[]);
        for mean in [0.3, 5.0, 59.0, 61.0, 400.0] {
            let average = (0..20_000).map(|_| dice.poisson(mean) as f64).sum::<f64>() / 20_000.0;
            assert!(
                (average - mean).abs() < 4.0 * (mean / 20_000.0).sqrt() + 0.01,
                "{mean}: {average}"
            );
        }
    }

    #[test]
    fn a_wheel_turns_up_its_slots_by_weight_and_never_an_empty_one() {
        let wheel = Wheel::new([1.0, 0.0, 3.0]);
        let mut dice = Dice::at(1, &[]);
        let mut seen = [0; 3];
        (0..40_000).for_each(|_| seen[wheel.spin(&mut dice)] += 1);
        assert_eq!(seen[1], 0);
        assert!((seen[2] as f64 / seen[0] as f64 - 3.0).abs() < 0.15, "{seen:?}");
    }
}
