//! Difficulty of classes with few validation rows: what is known of all classes stands in for what is not of one.

use crate::{difficulty::Difficulty, elementary::powi, error::ParamError, tallies::Tallies};

/// `1 − F̂1` with the F1 of each class drawn towards that of all classes by some pseudo-rows.
///
/// With `J = TP / (TP + FP + FN)`, F1 is `2 J / (1 + J)`. Each class has `strength` pseudo-rows with the J₀ that belongs
/// to the mean F1 of all classes, weighted by their rows: `Ĵ = (s J₀ + TP) / (s + TP + FP + FN)`. A class without validation
/// rows then has the difficulty of all classes, raised by the rows that are taken for it, if
/// [`AbsentClass::Reference`](crate::AbsentClass) leaves it so.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `strength` (s) | 4 | 1 to 64, logarithmic |
///
/// *Choice.* The posterior mean of J is put into the formula of F1; the posterior mean of F1 itself lies a little lower.
///
/// ```
/// use art_core::{ConfusionMatrix, Difficulty, ShrunkF1};
/// // One row of class 1, and it was missed: its F1 is 0, but that is hardly known.
/// let m = ConfusionMatrix::from_rows(&[vec![90, 0], vec![1, 0]])?;
/// let d = ShrunkF1::new(4.0)?.scores(&m.tallies());
/// assert!(d[1] > d[0] && d[1] < 0.2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Goutte and Gaussier (2005), "A probabilistic interpretation of precision, recall and F-score", ECIR, doi
/// `10.1007/978-3-540-31865-1_25` (the posterior of F1).
#[derive(Clone, Debug)]
pub struct ShrunkF1 {
    strength: f64,
    name: String,
}

impl ShrunkF1 {
    /// With `strength` pseudo-rows a class.
    ///
    /// # Errors
    /// [`ParamError`] when it is negative or not finite.
    pub fn new(strength: f64) -> Result<Self, ParamError> {
        if !(strength >= 0.0 && strength.is_finite()) {
            let expected = "a finite number of rows that is not negative";
            return Err(ParamError::new("strength", strength, expected));
        }
        Ok(Self {
            strength,
            name: format!("1-f1(strength={strength})"),
        })
    }
}

impl Default for ShrunkF1 {
    fn default() -> Self {
        Self::new(4.0).expect("4 is not negative")
    }
}

impl Difficulty for ShrunkF1 {
    fn name(&self) -> &str {
        &self.name
    }

    fn scores(&self, validation: &Tallies) -> Vec<f64> {
        let classes = 0..validation.n_classes();
        let rows: f64 = classes.clone().map(|c| validation.support(c)).sum();
        let of_all: f64 = validation
            .f1()
            .iter()
            .zip(classes.clone())
            .map(|(f1, c)| f1 * validation.support(c))
            .sum();
        let of_all = if rows > 0.0 { of_all / rows } else { 0.0 };
        let prior = of_all / (2.0 - of_all);
        let score = |class: usize| {
            let weight = self.strength + validation.union(class);
            if weight == 0.0 {
                return 1.0;
            }
            let j = (self.strength * prior + validation.true_positives(class)) / weight;
            1.0 - 2.0 * j / (1.0 + j)
        };
        classes.map(score).collect()
    }
}

/// How much of the spread of difficulties between classes is more than their sampling error: 0 (none) to 1.
///
/// `T / (T + S̄)` with S̄ the mean over classes of the variance of F1 by the delta method,
/// `J (1 − J) / R · (2 / (1 + J)²)²` for `R = TP + FP + FN` but no less than `1 / (4 (R + 1)²)`, and T the variance between
/// classes beyond it: that of `difficulty` (with K − 1) less S̄, or 0. Classes without validation rows are left out.
pub(crate) fn reliability(difficulty: &[f64], validation: &Tallies) -> f64 {
    let seen = (0..difficulty.len()).filter(|&c| validation.support(c) > 0.0);
    let seen: Vec<usize> = seen.collect();
    if seen.len() < 2 {
        return 0.0;
    }
    let n = seen.len() as f64;
    let error = |&class: &usize| {
        let rows = validation.union(class);
        let j = validation.true_positives(class) / rows;
        let slope = 2.0 / powi(1.0 + j, 2);
        let least = 1.0 / (4.0 * powi(rows + 1.0, 2));
        (j * (1.0 - j) / rows * powi(slope, 2)).max(least)
    };
    let mean_error = seen.iter().map(error).sum::<f64>() / n;
    let mean = seen.iter().map(|&c| difficulty[c]).sum::<f64>() / n;
    let squares = seen.iter().map(|&c| powi(difficulty[c] - mean, 2));
    let between = (squares.sum::<f64>() / (n - 1.0) - mean_error).max(0.0);
    between / (between + mean_error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConfusionMatrix, OneMinusF1};

    fn tallies() -> Tallies {
        let rows = [vec![3, 1, 3], vec![1, 50, 2], vec![1, 1, 0]];
        ConfusionMatrix::from_rows(&rows).unwrap().tallies()
    }

    #[test]
    fn without_pseudo_rows_it_is_one_minus_f1() {
        let found = ShrunkF1::new(0.0).unwrap().scores(&tallies());
        for (found, expected) in found.iter().zip(OneMinusF1.scores(&tallies())) {
            assert!((found - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn with_very_many_all_classes_are_alike() {
        let found = ShrunkF1::new(1e9).unwrap().scores(&tallies());
        let f1 = tallies().f1();
        let all: f64 = (0..3).map(|c| f1[c] * tallies().support(c)).sum::<f64>() / 62.0;
        assert!(
            found.iter().all(|d| (d - (1.0 - all)).abs() < 1e-6),
            "{found:?}"
        );
    }

    #[test]
    fn the_fewer_rows_the_further_a_class_is_drawn() {
        let plain = OneMinusF1.scores(&tallies());
        let moved = |strength: f64| -> Vec<f64> {
            let shrunk = ShrunkF1::new(strength).unwrap().scores(&tallies());
            shrunk
                .iter()
                .zip(&plain)
                .map(|(a, b)| (a - b).abs())
                .collect()
        };
        let four = moved(4.0);
        assert!(four[2] > four[0] && four[0] > four[1], "{four:?}");
        assert!(moved(16.0)[2] > four[2]);
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(ShrunkF1::new(bad).is_err());
        }
    }

    #[test]
    fn differences_count_as_far_as_they_exceed_their_error() {
        let of = |scale: u64| {
            let rows = [vec![6, 4], vec![1, 9]].map(|row| row.iter().map(|n| n * scale).collect());
            let tallies = ConfusionMatrix::from_rows(&rows).unwrap().tallies();
            reliability(&OneMinusF1.scores(&tallies), &tallies)
        };
        // The same shares on more rows are better known.
        assert!(
            of(1) < of(10) && of(10) < of(1000) && of(1000) > 0.95,
            "{}",
            of(1000)
        );
        let perfect = ConfusionMatrix::from_rows(&[vec![5, 0], vec![0, 5]]).unwrap();
        assert_eq!(reliability(&[0.0, 0.0], &perfect.tallies()), 0.0);
        assert_eq!(reliability(&[0.3], &Tallies::none(1)), 0.0);
    }
}
