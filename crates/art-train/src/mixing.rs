//! Batches whose rows are mixed with one another.

use art_core::{
    ClassCounts, ParamError, Seed, Stream,
    elementary::{ln, powf, powi},
};

/// Remix: rows of a batch are mixed in pairs, and the label of a pair goes to the rarer class where the classes differ
/// enough in size.
///
/// Each batch draws λ from Beta(a, a) and a permutation; row i becomes `λ x_i + (1 − λ) x_j`. With n rows of the classes
/// in the training set the label's share of i is 0 where `n_i / n_j ≥ κ` and `λ < τ`, 1 where `n_i / n_j ≤ 1/κ` and
/// `1 − λ < τ`, else λ. With κ = ∞ this is mixup. The stream is (`remix`, step).
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `alpha` (a) | 1 | 0.1 to 2, logarithmic |
/// | `kappa` | 3 | 2, 3, 5 |
/// | `tau` | 0.5 | 0.2 to 0.8 |
///
/// The loss has neither weights of classes nor a selection of rows: a pair has two labels.
///
/// # References
/// Chou, Chang, Pan, Wei and Juan (2020), "Remix: rebalanced mixup", ECCV workshops, arXiv 2007.03943; Zhang, Cisse,
/// Dauphin and Lopez-Paz (2018), "mixup: beyond empirical risk minimization", ICLR, arXiv 1710.09412.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Remix {
    alpha: f64,
    kappa: f64,
    tau: f64,
}

impl Remix {
    /// The checked settings.
    ///
    /// # Errors
    /// [`ParamError`] for an alpha that is not above 0, a kappa below 1, a tau outside 0 to 1.
    pub fn new(alpha: f64, kappa: f64, tau: f64) -> Result<Self, ParamError> {
        if !(alpha > 0.0 && alpha.is_finite()) {
            return Err(ParamError::new("alpha", alpha, "a finite number above 0"));
        }
        if kappa.is_nan() || kappa < 1.0 {
            return Err(ParamError::new("kappa", kappa, "at least 1, or infinity"));
        }
        if !(0.0..=1.0).contains(&tau) {
            return Err(ParamError::new("tau", tau, "a number from 0 to 1"));
        }
        Ok(Self { alpha, kappa, tau })
    }

    /// How the rows of a batch are mixed in this step.
    pub(crate) fn mix(
        &self,
        rows: &[u32],
        labels: &[u32],
        counts: &ClassCounts,
        seed: Seed,
        step: u64,
    ) -> Mix {
        let mut stream = seed.stream("remix", step);
        let lambda = beta(self.alpha, &mut stream);
        let mut partners = rows.to_vec();
        stream.shuffle(&mut partners);
        let n = |row: u32| counts.as_slice()[labels[row as usize] as usize] as f64;
        let share = |(&own, &other): (&u32, &u32)| {
            let ratio = n(own) / n(other);
            if own == other {
                1.0
            } else if ratio >= self.kappa && lambda < self.tau {
                0.0
            } else if ratio <= 1.0 / self.kappa && 1.0 - lambda < self.tau {
                1.0
            } else {
                lambda
            }
        };
        Mix {
            lambda: lambda as f32,
            label_shares: rows.iter().zip(&partners).map(share).collect(),
            partners,
        }
    }
}

/// How the rows of a batch are mixed.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    /// The row that each row is mixed with.
    pub(crate) partners: Vec<u32>,
    /// The share of a row's own features.
    pub(crate) lambda: f32,
    /// The share of each row's own label.
    pub(crate) label_shares: Vec<f64>,
}

/// A number drawn from Beta(a, a), as the share of one of two gammas.
fn beta(a: f64, stream: &mut Stream) -> f64 {
    let (one, other) = (gamma(a, stream), gamma(a, stream));
    let sum = one + other;
    // Both may underflow for a tiny a; the limit of Beta(a, a) is then a coin.
    if sum > 0.0 {
        one / sum
    } else {
        f64::from(u8::from(stream.unit() < 0.5))
    }
}

/// A number drawn from Gamma(a, 1) (Marsaglia and Tsang 2000, doi 10.1145/358407.358414).
fn gamma(a: f64, stream: &mut Stream) -> f64 {
    if a < 1.0 {
        let u = 1.0 - stream.unit();
        return gamma(a + 1.0, stream) * powf(u, 1.0 / a);
    }
    let d = a - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = stream.normal();
        let v = powi(1.0 + c * x, 3);
        if v <= 0.0 {
            continue;
        }
        let u = 1.0 - stream.unit();
        if ln(u) < 0.5 * x * x + d - d * v + d * ln(v) {
            return d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_the_moments_of_beta() {
        let mut stream = Seed::new(3).stream("test", 0);
        for a in [0.2, 1.0, 4.0] {
            let draws: Vec<f64> = (0..20_000).map(|_| beta(a, &mut stream)).collect();
            let mean = draws.iter().sum::<f64>() / 20_000.0;
            let variance = draws.iter().map(|x| powi(x - mean, 2)).sum::<f64>() / 20_000.0;
            // 1/2 and 1 / (4 (2a + 1)).
            assert!((mean - 0.5).abs() < 0.015, "{a}: {mean}");
            let expected = 1.0 / (4.0 * (2.0 * a + 1.0));
            assert!((variance / expected - 1.0).abs() < 0.05, "{a}: {variance}");
        }
    }

    #[test]
    fn labels_go_to_the_rarer_class() {
        let labels = [0, 0, 0, 0, 0, 0, 1, 1];
        let counts = ClassCounts::from_labels(&labels, 2).unwrap();
        let rows: Vec<u32> = (0..8).collect();
        let remix = Remix::new(1.0, 3.0, 0.6).unwrap();
        let mixup = Remix::new(1.0, f64::INFINITY, 0.6).unwrap();
        for step in 1..60 {
            let mix = remix.mix(&rows, &labels, &counts, Seed::new(1), step);
            let lambda = f64::from(mix.lambda);
            for (row, (&partner, &share)) in mix.partners.iter().zip(&mix.label_shares).enumerate()
            {
                let pair = (labels[row], labels[partner as usize]);
                // On a border rounding decides.
                if [0.4, 0.6]
                    .iter()
                    .any(|border| (lambda - border).abs() < 0.001)
                {
                    continue;
                }
                let expected = match pair {
                    (0, 1) if lambda < 0.6 => 0.0,
                    (1, 0) if lambda > 0.4 => 1.0,
                    _ if row as u32 == partner => 1.0,
                    _ => lambda,
                };
                assert!(
                    (share - expected).abs() < 1e-6,
                    "{pair:?} {lambda}: {share}"
                );
            }
            let plain = mixup.mix(&rows, &labels, &counts, Seed::new(1), step);
            let shares = plain.label_shares.iter().zip(&plain.partners).zip(&rows);
            for ((share, partner), row) in shares.filter(|((_, partner), row)| partner != row) {
                assert!(
                    (share - f64::from(plain.lambda)).abs() < 1e-6,
                    "{row} {partner}"
                );
            }
        }
        for (alpha, kappa, tau) in [(0.0, 3.0, 0.5), (1.0, 0.5, 0.5), (1.0, 3.0, 1.5)] {
            assert!(Remix::new(alpha, kappa, tau).is_err());
        }
    }
}
