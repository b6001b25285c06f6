//! What to expect of methods on a table, from many other tables and a few runs on this one.
//!
//! The gains of methods over a baseline vary from table to table, together: one that helps where another helps. That is a
//! multivariate distribution over tables, normal but for a scale of each table, so that its tails are those of Student's t.
//! Runs on splits of one table show its gains with an error, whose covariance their differences give; splits overlap, so that it
//! does not vanish however many they are. Both together are the table's gains as they are to be expected.
//!
//! # References
//! Nadeau and Bengio (2003), doi 10.1023/A:1024068626366 (the error of runs that overlap); Dempster, Laird and Rubin (1977), "Maximum
//! likelihood from incomplete data via the EM algorithm", JRSS B 39; Gelman et al. (2013), "Bayesian data analysis", chapter 5.

use crate::{
    differences::Differences,
    error::{StatsError, check, check_finite},
    interval::Interval,
    student::{t_point, upper_point},
    symmetric::Symmetric,
};
use statrs::distribution::{ContinuousCDF, Normal};

/// How gains vary over tables, and how their errors hang together within one.
#[derive(Clone, Debug, PartialEq)]
pub struct GainPrior {
    mean: Vec<f64>,
    covariance: Symmetric,
    /// The covariance of the differences of a split over its mean variance.
    noise: Symmetric,
    /// The mean variance of the differences of a split on a middling table.
    split_variance: f64,
    n_tables: usize,
}

/// As many splits as the variance on other tables counts for: it differs much from table to table.
const VARIANCE_SPLITS: f64 = 0.5;
/// Degrees of freedom of a variance from one more split: methods go together, so that several are hardly more than one.
const FREEDOM_OF_SPLIT: f64 = 2.0;
/// As many splits as the shape of errors on other tables counts for.
const SHAPE_SPLITS: f64 = 40.0;
/// As many tables as even variances and covariances count for.
const EVEN_TABLES: f64 = 1.0;
/// Tables of which gains vary more or less than usual: what the covariance is multiplied by, and how often. They are the means of five
/// parts, the last cut in two, of Student's t with four degrees of freedom, which is a normal distribution with such a scale: a gain
/// far from all others is then believed, where a normal distribution would draw it in.
const SCALES: [(f64, f64); 6] = [
    (0.51, 0.2),
    (0.82, 0.2),
    (1.19, 0.2),
    (1.82, 0.2),
    (3.2, 0.15),
    (8.3, 0.05),
];
/// An error that every mean has, as a share of the deviation over tables: splits say nothing about how the rows came to be.
const LEAST_ERROR: f64 = 0.02;

impl GainPrior {
    /// The prior of these tables. Each counts alike in the mean, however certain it is: small tables have larger errors, and larger
    /// gains. The covariance about it is the one that makes the tables most likely, with even variances as if one more table had
    /// shown them.
    ///
    /// # Errors
    /// [`StatsError`] for fewer than three tables, or tables with different numbers of methods.
    pub fn fit(tables: &[Differences]) -> Result<Self, StatsError> {
        const ROUNDS: usize = 300;
        if tables.len() < 3 {
            return Err(StatsError::TooFew {
                what: "a prior of gains",
                needed: 3,
                found: tables.len(),
            });
        }
        let n = tables[0].n_methods();
        if let Some(row) = tables.iter().position(|table| table.n_methods() != n) {
            return Err(StatsError::Row {
                row,
                expected: n,
                found: tables[row].n_methods(),
            });
        }
        let n_tables = tables.len() as f64;
        let means: Vec<Vec<f64>> = tables.iter().map(Differences::means).collect();
        let shapes: Vec<Symmetric> = tables
            .iter()
            .map(Differences::covariance)
            .filter(|covariance| covariance.mean_variance() > 0.0)
            .map(|covariance| covariance.times(1.0 / covariance.mean_variance()))
            .collect();
        let noise = Symmetric::from_fn(n, |i, j| {
            let even = if i == j { 1.0 } else { 0.0 };
            let sum: f64 = shapes.iter().map(|shape| shape.at(i, j)).sum();
            if shapes.is_empty() {
                even
            } else {
                sum / shapes.len() as f64
            }
        });
        let mean_of = |values: &[Vec<f64>]| -> Vec<f64> {
            let of = |i: usize| values.iter().map(|v| v[i]).sum::<f64>() / n_tables;
            (0..n).map(of).collect()
        };
        let mean = mean_of(&means);
        let spread = |values: &[Vec<f64>], mean: &[f64]| {
            Symmetric::from_fn(n, |i, j| {
                let products = values.iter().map(|v| (v[i] - mean[i]) * (v[j] - mean[j]));
                products.sum::<f64>() / n_tables
            })
        };
        let covariance = evened(&spread(&means, &mean), n_tables);
        let mut variances: Vec<f64> = tables
            .iter()
            .map(|t| t.covariance().mean_variance())
            .collect();
        variances.sort_by(f64::total_cmp);
        let mut prior = Self {
            mean,
            covariance,
            noise,
            split_variance: variances[variances.len() / 2],
            n_tables: tables.len(),
        };
        for _ in 0..ROUNDS {
            let mut sum = Symmetric::from_fn(n, |_, _| 0.0);
            for table in tables {
                let factor = table.factor(table.n_splits() as f64);
                for Part {
                    chance,
                    scale,
                    gains,
                } in prior.parts(table, factor)
                {
                    let Gains { mean, covariance } = gains;
                    let off: Vec<f64> = mean.iter().zip(&prior.mean).map(|(g, m)| g - m).collect();
                    let about = Symmetric::from_fn(n, |i, j| covariance.at(i, j) + off[i] * off[j]);
                    sum = sum.plus(&about.times(chance / scale));
                }
            }
            prior.covariance = evened(&sum.times(1.0 / n_tables), n_tables);
        }
        Ok(prior)
    }

    /// A prior as it was written down.
    ///
    /// # Errors
    /// [`StatsError`] where lists are not as long as `mean`, numbers are not finite, or the covariance is not positive.
    pub fn from_parts(
        mean: Vec<f64>,
        covariance: &[Vec<f64>],
        noise: &[Vec<f64>],
        split_variance: f64,
        n_tables: usize,
    ) -> Result<Self, StatsError> {
        let n = mean.len();
        check_finite("the mean gains", &mean)?;
        let matrix = |rows: &[Vec<f64>]| {
            if rows.len() != n {
                return Err(StatsError::Unpaired {
                    left: n,
                    right: rows.len(),
                });
            }
            for (row, values) in rows.iter().enumerate() {
                check_finite(format_args!("row {row}"), values)?;
                if values.len() != n {
                    return Err(StatsError::Row {
                        row,
                        expected: n,
                        found: values.len(),
                    });
                }
            }
            Ok(Symmetric::from_fn(n, |i, j| rows[i][j]))
        };
        let (covariance, noise) = (matrix(covariance)?, matrix(noise)?);
        check(
            "the variance of a split",
            split_variance,
            |variance| variance >= 0.0 && variance.is_finite(),
            "a finite number that is not negative",
        )?;
        if covariance.root().is_none() {
            return Err(StatsError::OutOfRange {
                what: "the covariance of gains",
                value: covariance.mean_variance(),
                expected: "a positive definite matrix",
            });
        }
        Ok(Self {
            mean,
            covariance,
            noise,
            split_variance,
            n_tables,
        })
    }

    /// The mean gain of each method over tables.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The covariance of gains over usual tables, row after row; it is multiplied by the scale of a table.
    pub fn covariance(&self) -> Vec<Vec<f64>> {
        self.covariance.rows()
    }

    /// The covariance of the differences of a split over its mean variance.
    pub fn noise(&self) -> Vec<Vec<f64>> {
        self.noise.rows()
    }

    /// The mean variance of the differences of a split on a middling table.
    pub fn split_variance(&self) -> f64 {
        self.split_variance
    }

    /// Tables that it is from.
    pub fn n_tables(&self) -> usize {
        self.n_tables
    }

    /// The same for these methods alone, each by its place or, for one that no table had, none: then it is as the others are on
    /// average, with the variance between them.
    #[must_use]
    pub fn of(&self, methods: &[Option<usize>]) -> Self {
        let n = self.mean.len() as f64;
        let middle = self.mean.iter().sum::<f64>() / n;
        let between = self.mean.iter().map(|m| (m - middle).powi(2)).sum::<f64>() / n;
        let part = |matrix: &Symmetric, added: f64| {
            Symmetric::from_fn(methods.len(), |i, j| match (methods[i], methods[j]) {
                (Some(a), Some(b)) if a != b || i == j => matrix.at(a, b),
                _ if i == j => matrix.mean_variance() + added,
                _ => matrix.mean_covariance(),
            })
        };
        Self {
            mean: methods
                .iter()
                .map(|m| m.map_or(middle, |m| self.mean[m]))
                .collect(),
            covariance: part(&self.covariance, between),
            noise: part(&self.noise, 0.0),
            split_variance: self.split_variance,
            n_tables: self.n_tables,
        }
    }

    /// The gains to be expected on a table that has shown these differences; none where it has shown nothing yet.
    pub fn posterior(&self, shown: Option<&Differences>) -> Gains {
        if let Some(shown) = shown {
            return self.posterior_if(shown, shown.n_splits() as f64, 1.0);
        }
        let wider = self.wider();
        let scale: f64 = SCALES.iter().map(|(scale, share)| scale * share).sum();
        Gains {
            mean: wider.mean,
            covariance: wider.covariance.times(scale),
        }
    }

    /// The same if the means stayed as they are over `splits` splits of `rows` times as many rows.
    pub fn posterior_if(&self, shown: &Differences, splits: f64, rows: f64) -> Gains {
        self.wider().given(shown, shown.factor(splits) / rows)
    }

    /// For another table: the mean itself is known from so many tables alone.
    fn wider(&self) -> Self {
        Self {
            covariance: self.covariance.times(1.0 + 1.0 / self.n_tables as f64),
            ..self.clone()
        }
    }

    /// What is known where `factor` times the covariance of a split is that of the means.
    fn given(&self, shown: &Differences, factor: f64) -> Gains {
        let parts = self.parts(shown, factor);
        let n = self.mean.len();
        let mean: Vec<f64> = (0..n)
            .map(|i| {
                parts
                    .iter()
                    .map(|part| part.chance * part.gains.mean[i])
                    .sum()
            })
            .collect();
        let covariance = Symmetric::from_fn(n, |i, j| {
            let of = parts.iter().map(|Part { chance, gains, .. }| {
                let off = |i: usize| gains.mean[i] - mean[i];
                chance * (gains.covariance.at(i, j) + off(i) * off(j))
            });
            of.sum()
        });
        Gains { mean, covariance }
    }

    /// The same for each scale of the covariance, with the chance of that scale.
    fn parts(&self, shown: &Differences, factor: f64) -> Vec<Part> {
        let error = self.error(shown, factor);
        let means = shown.means();
        let off: Vec<f64> = means.iter().zip(&self.mean).map(|(d, m)| d - m).collect();
        let (mut parts, mut logs) = (vec![], vec![]);
        for (scale, share) in SCALES {
            let (gains, log) = self.weighed(&self.covariance.times(scale), &error, &off);
            logs.push(log + share.ln());
            parts.push(Part {
                chance: 0.0,
                scale,
                gains,
            });
        }
        let largest = logs.iter().copied().fold(f64::MIN, f64::max);
        let sum: f64 = logs.iter().map(|log| (log - largest).exp()).sum();
        for (part, log) in parts.iter_mut().zip(logs) {
            part.chance = (log - largest).exp() / sum;
        }
        parts
    }

    /// The covariance of the errors of the means that were shown.
    fn error(&self, shown: &Differences, factor: f64) -> Symmetric {
        let n = self.mean.len();
        assert_eq!(shown.n_methods(), n, "a difference for each method");
        let own = shown.covariance();
        let weight = shown.n_splits() as f64 - 1.0;
        // A few differences may be equal by chance.
        let scale = (weight * own.mean_variance() + VARIANCE_SPLITS * self.split_variance)
            / (weight + VARIANCE_SPLITS);
        let scale = scale.max(shown.resolution() * shown.resolution());
        // A variance from few splits may be far too small: Student's t is that much wider than the normal distribution.
        let wider = t_point(0.025, FREEDOM_OF_SPLIT * weight) / t_point(0.025, f64::INFINITY);
        let scale = scale * wider * wider;
        let least = (LEAST_ERROR * LEAST_ERROR) * self.covariance.mean_variance();
        Symmetric::from_fn(n, |i, j| {
            let shaped = weight * own.at(i, j) + SHAPE_SPLITS * scale * self.noise.at(i, j);
            let floor = if i == j { least } else { 0.0 };
            factor * shaped / (weight + SHAPE_SPLITS) + floor
        })
    }

    /// Gains that vary by `covariance`, where means are `off` with this error; and the logarithm of how likely that is.
    fn weighed(&self, covariance: &Symmetric, error: &Symmetric, off: &[f64]) -> (Gains, f64) {
        let n = self.mean.len();
        let root = covariance.plus(error).root();
        let root = root.expect("a covariance with an error on its diagonal is positive");
        let pull = root.solve(off);
        let times = |vector: &[f64]| -> Vec<f64> {
            let row = |i: usize| (0..n).map(|j| covariance.at(i, j) * vector[j]).sum::<f64>();
            (0..n).map(row).collect()
        };
        let moved = times(&pull);
        let columns: Vec<Vec<f64>> = (0..n)
            .map(|j| {
                let column: Vec<f64> = (0..n).map(|i| covariance.at(i, j)).collect();
                times(&root.solve(&column))
            })
            .collect();
        let distance: f64 = pull.iter().zip(off).map(|(a, b)| a * b).sum();
        let gains = Gains {
            mean: moved.iter().zip(&self.mean).map(|(d, m)| m + d).collect(),
            covariance: Symmetric::from_fn(n, |i, j| covariance.at(i, j) - columns[j][i]),
        };
        (gains, -0.5 * (distance + root.log_determinant()))
    }
}

/// What is known if the covariance has a scale, and the chance of that.
struct Part {
    chance: f64,
    scale: f64,
    gains: Gains,
}

/// A covariance with even variances and covariances mixed in.
fn evened(found: &Symmetric, n_tables: f64) -> Symmetric {
    let (variance, covariance) = (found.mean_variance(), found.mean_covariance());
    // Even covariances must not be those of numbers that are all one.
    let covariance = covariance.clamp(0.0, 0.95 * variance);
    Symmetric::from_fn(found.n(), |i, j| {
        let even = if i == j {
            variance.max(f64::MIN_POSITIVE)
        } else {
            covariance
        };
        (n_tables * found.at(i, j) + EVEN_TABLES * even) / (n_tables + EVEN_TABLES)
    })
}

/// The gains of methods on a table, as far as they are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Gains {
    mean: Vec<f64>,
    covariance: Symmetric,
}

impl Gains {
    /// What is to be expected of each.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// By how much that of a method may be off: its standard deviation.
    pub fn deviation(&self, method: usize) -> f64 {
        self.covariance.at(method, method).max(0.0).sqrt()
    }

    /// The interval that holds the gain of a method with the chance `level`, as much left out on either side.
    ///
    /// # Panics
    /// If `level` is not between 0 and 1.
    pub fn interval(&self, method: usize, level: f64) -> Interval {
        assert!(level > 0.0 && level < 1.0, "a chance between 0 and 1");
        let normal = Normal::standard();
        let point = upper_point(|x| normal.sf(x), 0.5 * (1.0 - level));
        let (mean, half) = (self.mean[method], point * self.deviation(method));
        Interval {
            low: mean - half,
            high: mean + half,
        }
    }

    /// The chance that a method does worse than the baseline.
    pub fn chance_of_harm(&self, method: usize) -> f64 {
        let (mean, deviation) = (self.mean[method], self.deviation(method));
        if deviation == 0.0 {
            return if mean < 0.0 { 1.0 } else { 0.0 };
        }
        Normal::standard().cdf(-mean / deviation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    /// Numbers that look random and are the same everywhere.
    fn noise(i: usize) -> f64 {
        ((i as f64 * 12.9898).sin() * 43_758.545_3).fract()
    }

    fn table(gains: [f64; 2], deviation: f64, splits: usize, at: usize) -> Differences {
        let split = |s: usize| {
            let own = |m: usize| gains[m] + deviation * noise(1000 * at + 10 * s + m);
            vec![own(0), own(1)]
        };
        Differences::new((0..splits).map(split).collect(), 0.2).unwrap()
    }

    fn prior() -> GainPrior {
        let tables: Vec<_> = (0..40)
            .map(|t| {
                let together = 2.0 * noise(t + 7);
                table([1.0 + together, 0.5 + together], 0.3, 10, t)
            })
            .collect();
        GainPrior::fit(&tables).unwrap()
    }

    #[test]
    fn one_number_is_the_textbook_case() {
        let prior =
            GainPrior::from_parts(vec![1.0], &[vec![4.0]], &[vec![1.0]], 2.0, usize::MAX).unwrap();
        let shown = Differences::new(vec![vec![2.0], vec![4.0]], 0.25).unwrap();
        let gains = prior.posterior(Some(&shown));
        // The covariance of both splits is 2; of their mean 2 (1/2 + 1/4), and the least error.
        let error = 1.5 + 4.0 * LEAST_ERROR * LEAST_ERROR;
        // Of one number the variance of two splits counts as two degrees of freedom, and most of it is of the other tables' shape.
        let wider = t_point(0.025, 2.0) / t_point(0.025, f64::INFINITY);
        let error = (error - 4.0 * LEAST_ERROR * LEAST_ERROR) * (1.0 + 40.0 * wider * wider) / 41.0
            + 4.0 * LEAST_ERROR * LEAST_ERROR;
        let off = 3.0 - 1.0;
        let parts: Vec<[f64; 3]> = SCALES
            .iter()
            .map(|(scale, chance)| {
                let (variance, all) = (4.0 * scale, 4.0 * scale + error);
                let likely = chance * f64::exp(-0.5 * off * off / all) / all.sqrt();
                [likely, 1.0 + off * variance / all, variance * error / all]
            })
            .collect();
        let mean_of = |of: &dyn Fn(&[f64; 3]) -> f64| {
            let all: f64 = parts.iter().map(|part| part[0]).sum();
            parts.iter().map(|part| part[0] * of(part)).sum::<f64>() / all
        };
        let mean = mean_of(&|part| part[1]);
        let variance = mean_of(&|part| part[2] + (part[1] - mean).powi(2));
        assert_abs_diff_eq!(gains.mean()[0], mean, epsilon = 1e-9);
        assert_abs_diff_eq!(gains.deviation(0).powi(2), variance, epsilon = 1e-9);
        let harm = Normal::standard().cdf(-gains.mean()[0] / gains.deviation(0));
        assert_abs_diff_eq!(gains.chance_of_harm(0), harm, epsilon = 1e-12);
        let interval = gains.interval(0, 0.95);
        assert_abs_diff_eq!(
            interval.high - interval.low,
            2.0 * 1.959_963_984_540_054 * gains.deviation(0),
            epsilon = 1e-9
        );
    }

    #[test]
    fn tables_give_means_and_what_hangs_together() {
        let prior = prior();
        let [first, second] = [prior.mean()[0], prior.mean()[1]];
        assert_abs_diff_eq!(first - second, 0.5, epsilon = 0.1);
        let covariance = prior.covariance();
        let correlation = covariance[0][1] / (covariance[0][0] * covariance[1][1]).sqrt();
        assert!(correlation > 0.8, "{correlation}");
    }

    #[test]
    fn a_method_that_was_shown_says_something_of_one_that_was_not_alone() {
        let prior = prior();
        let before = prior.posterior(None);
        let high = prior.posterior(Some(&table([4.0, 4.0], 0.3, 10, 99)));
        assert!(high.mean()[1] > before.mean()[1] + 1.0);
        assert!(high.deviation(1) < before.deviation(1));
    }

    #[test]
    fn no_number_of_splits_makes_an_error_vanish() {
        let prior = prior();
        let shown = table([0.2, 0.1], 1.0, 5, 3);
        let now = prior.posterior(Some(&shown)).deviation(0);
        let later = prior.posterior_if(&shown, 1e12, 1.0).deviation(0);
        assert!(later < now && later > 0.3 * now, "{later} of {now}");
    }

    #[test]
    fn a_method_that_no_table_had_is_as_the_others_are_and_less_certain() {
        let prior = prior();
        let part = prior.of(&[Some(0), None]);
        assert_abs_diff_eq!(part.mean()[0], prior.mean()[0]);
        assert_abs_diff_eq!(
            part.mean()[1],
            f64::midpoint(prior.mean()[0], prior.mean()[1]),
            epsilon = 1e-12
        );
        assert!(part.posterior(None).deviation(1) > part.posterior(None).deviation(0) * 0.99);
        assert!(part.covariance.root().is_some());
    }

    #[test]
    fn what_was_written_down_is_read_back() {
        let prior = prior();
        let parts = (prior.covariance(), prior.noise());
        let again = GainPrior::from_parts(
            prior.mean().to_vec(),
            &parts.0,
            &parts.1,
            prior.split_variance(),
            prior.n_tables(),
        );
        assert_eq!(again.unwrap(), prior);
        let bad = GainPrior::from_parts(
            vec![0.0; 2],
            &[vec![1.0; 2], vec![1.0; 2]],
            &parts.1,
            1.0,
            3,
        );
        assert!(matches!(bad, Err(StatsError::OutOfRange { .. })));
    }

    #[test]
    fn equal_differences_of_few_splits_are_not_certain_where_scores_go_in_steps() {
        let prior = prior();
        let equal = Differences::new(vec![vec![9.0, 9.0]; 2], 0.2).unwrap();
        let sure = prior.posterior(Some(&equal));
        let less = prior.posterior(Some(&equal.with_resolution(5.0)));
        assert!(
            sure.mean()[0] > 8.5 && less.mean()[0] < 5.0,
            "{} {}",
            sure.mean()[0],
            less.mean()[0]
        );
        assert!(less.deviation(0) > 2.0 * sure.deviation(0));
    }

    #[test]
    fn lists_that_do_not_fit_are_refused() {
        assert!(Differences::new(vec![vec![0.0]], 0.0).is_err());
        assert!(Differences::new(vec![vec![0.0], vec![0.0, 1.0]], 0.0).is_err());
        assert!(Differences::new(vec![vec![0.0], vec![f64::NAN]], 0.0).is_err());
        assert!(GainPrior::fit(&[table([0.0; 2], 1.0, 3, 0)]).is_err());
    }
}
