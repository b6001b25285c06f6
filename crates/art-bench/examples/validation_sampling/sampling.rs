//! A validation result from a part of the rows: as many of each class as its F1 needs to be known by.

use art_core::{ClassIndex, ConfusionMatrix, CoreError, ParamError, Permutation, Seed, Tallies};
use std::sync::Arc;

/// The stream of one class's order of validation rows, indexed by the class; inside the stream of an epoch.
const CLASS_STREAM: &str = "class";
/// The stream of an epoch's sample, indexed by the epoch.
const EPOCH_STREAM: &str = "validation sample";

/// Settings of [`ValidationSampling`], not yet checked.
#[derive(Clone, Debug)]
#[must_use]
pub(crate) struct ValidationSamplingParams {
    start: usize,
    width: f64,
    confidence: f64,
}

impl Default for ValidationSamplingParams {
    fn default() -> Self {
        Self::new()
    }
}

impl ValidationSamplingParams {
    /// 32 rows of each class to begin with, bounds at 90 % that are less than 0.15 apart.
    pub(crate) fn new() -> Self {
        Self {
            start: 32,
            width: 0.15,
            confidence: 0.9,
        }
    }

    /// Rows of each class to begin with, at least 1; a class with fewer gives all that it has.
    pub(crate) fn start(mut self, rows: usize) -> Self {
        self.start = rows;
        self
    }

    /// Largest distance between the two bounds of a class's F1, above 0 and at most 1.
    pub(crate) fn width(mut self, width: f64) -> Self {
        self.width = width;
        self
    }

    /// How sure the bounds are, above 0 and below 1.
    #[allow(dead_code, reason = "the tests ask for it")]
    pub(crate) fn confidence(mut self, share: f64) -> Self {
        self.confidence = share;
        self
    }

    /// The checked settings.
    ///
    /// # Errors
    /// [`ParamError`] naming the first setting outside its range.
    pub(crate) fn check(self) -> Result<ValidationSamplingConfig, ParamError> {
        if self.start == 0 {
            return Err(ParamError::new("start", 0, "at least 1 row of each class"));
        }
        if !(self.width > 0.0 && self.width <= 1.0) {
            let expected = "above 0 and at most 1";
            return Err(ParamError::new("width", self.width, expected));
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            let expected = "above 0 and below 1";
            return Err(ParamError::new("confidence", self.confidence, expected));
        }
        Ok(ValidationSamplingConfig { params: self })
    }
}

/// Settings of [`ValidationSampling`] that are known to be valid; made by [`ValidationSamplingParams::check`].
#[derive(Clone, Debug)]
pub(crate) struct ValidationSamplingConfig {
    params: ValidationSamplingParams,
}

/// Reads the difficulty of classes from as few validation rows as it takes.
///
/// Every class begins with equally many rows, chosen at random anew for every epoch. Then the class whose F1 is known least
/// gives twice as many as before, again and again, until
///
/// - the bounds of every class that has rows left are nearer than `width`, or
/// - no bounds of two classes overlap, so that their order is known, or
/// - all rows were read.
///
/// Each row that was read stands for `V_c / m_c` rows of its class; without that the many rows of rare classes would look like
/// many false alarms from them. The bounds are quantiles of the posterior of `J = TP / (TP + FP + FN)` from a uniform prior,
/// `Beta(1 + J R, 1 + (1 − J) R)` with R the effective number of rows, `(Σ weights)² / Σ weights²`; F1 is `2 J / (1 + J)`.
///
/// Where validation predictions are there for early stopping anyway nothing is saved; it is for loops that
/// validate a large set for the sampler alone.
///
/// The bounds are those of the mistakes that were sampled. One row in a hundred of a large class that is taken for a small one
/// may be missing among 32 rows, and the small class then looks perfect; `start(500)` sees it. On a made-up population that
/// made all the difference (`docs/beyond.md`).
///
/// *Choice.* A class that has no more rows is not waited for: its bounds depend on other classes then.
///
/// # References
/// Goutte and Gaussier (2005), "A probabilistic interpretation of precision, recall and F-score", ECIR, doi
/// `10.1007/978-3-540-31865-1_25` (the posterior); Kish (1965), "Survey sampling" (the effective number of rows). The order
/// in which classes give rows is this project's.
#[derive(Clone, Debug)]
pub(crate) struct ValidationSampling {
    config: ValidationSamplingConfig,
    index: Arc<ClassIndex>,
    seed: Seed,
}

/// What a part of the validation rows says about all of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SampledValidation {
    tallies: Tallies,
    f1_bounds: Vec<(f64, f64)>,
    rows_read: usize,
}

impl SampledValidation {
    /// The counts of all rows, as far as those that were read tell. Pseudo-rows ([`ShrunkF1`](art_core::ShrunkF1), the
    /// smoothing of [`BreakEven`](art_core::BreakEven)) and [`BlendRule::Reliability`](art_core::BlendRule) weigh against all
    /// rows then, as if all had been read.
    pub(crate) fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// The lower and the upper bound of each class's F1: `1 − low` is a pessimistic difficulty, `1 − high` an optimistic one
    /// ([`Feedback::Difficulty`](art_core::Feedback::Difficulty)).
    #[allow(dead_code, reason = "the tests ask for it")]
    pub(crate) fn f1_bounds(&self) -> &[(f64, f64)] {
        &self.f1_bounds
    }

    /// Rows that were predicted for it.
    pub(crate) fn rows_read(&self) -> usize {
        self.rows_read
    }
}

impl ValidationSampling {
    /// Of the validation rows of `index`.
    pub(crate) fn new(
        config: ValidationSamplingConfig,
        index: impl Into<Arc<ClassIndex>>,
        seed: Seed,
    ) -> Self {
        Self {
            config,
            index: index.into(),
            seed,
        }
    }

    /// Reads as many rows as it takes after epoch `epoch`. `predict` is given rows, none of them twice, and returns the
    /// predicted class of each.
    ///
    /// # Errors
    /// Whatever `predict` returns; [`CoreError::Length`] or [`CoreError::LabelOutOfRange`] for predictions that do not fit.
    pub(crate) fn measure<E: From<CoreError>>(
        &self,
        epoch: u32,
        mut predict: impl FnMut(&[u32]) -> Result<Vec<u32>, E>,
    ) -> Result<SampledValidation, E> {
        let counts = self.index.counts().as_slice();
        let seed = self.seed.derive(EPOCH_STREAM, u64::from(epoch));
        let orders = (0..).zip(counts).map(|(class, &n)| {
            let mut stream = seed.stream(CLASS_STREAM, class);
            Permutation::new(n as u32, &mut stream)
        });
        let orders: Vec<Permutation> = orders.collect();
        let mut sample = ConfusionMatrix::new(counts.len())?;
        let mut taken = vec![0; counts.len()];
        let first = counts.iter().map(|&n| n.min(self.config.params.start));
        let mut wanted: Vec<usize> = first.collect();
        loop {
            let (mut rows, mut labels) = (vec![], vec![]);
            for class in 0..counts.len() {
                let members = self.index.rows(class);
                let new = taken[class] as u32..wanted[class] as u32;
                rows.extend(new.map(|place| members[orders[class].get(place) as usize]));
                labels.resize(rows.len(), class as u32);
            }
            let predicted = predict(&rows)?;
            sample.merge(&ConfusionMatrix::from_labels(
                counts.len(),
                &labels,
                &predicted,
            )?)?;
            taken.clone_from(&wanted);
            let result = self.estimate(&sample, &taken);
            match self.least_known(&result, &taken) {
                Some(class) => wanted[class] = counts[class].min(2 * taken[class]),
                None => return Ok(result),
            }
        }
    }

    /// What `sample` says, which has `taken` rows of each class.
    fn estimate(&self, sample: &ConfusionMatrix, taken: &[usize]) -> SampledValidation {
        let each = self.index.counts().as_slice().iter().zip(taken);
        let each: Vec<f64> = each.map(|(&n, &m)| n as f64 / m.max(1) as f64).collect();
        let tallies = sample.tallies_standing_for(&each);
        let squares: Vec<f64> = each.iter().map(|weight| weight * weight).collect();
        let squares = sample.tallies_standing_for(&squares);
        let tail = (1.0 - self.config.params.confidence) / 2.0;
        let bounds = |class: usize| {
            let rows = tallies.union(class);
            if rows == 0.0 {
                return (0.0, 1.0);
            }
            let effective = rows * rows / squares.union(class);
            let right = tallies.true_positives(class) / rows * effective;
            let (a, b) = (1.0 + right, 1.0 + effective - right);
            let f1 = |j: f64| 2.0 * j / (1.0 + j);
            (
                f1(beta_quantile(a, b, tail)),
                f1(beta_quantile(a, b, 1.0 - tail)),
            )
        };
        SampledValidation {
            f1_bounds: (0..taken.len()).map(bounds).collect(),
            rows_read: taken.iter().sum(),
            tallies,
        }
    }

    /// The class to read more rows of; none when enough is known.
    fn least_known(&self, result: &SampledValidation, taken: &[usize]) -> Option<usize> {
        let counts = self.index.counts().as_slice();
        let width = |class: usize| result.f1_bounds[class].1 - result.f1_bounds[class].0;
        let has_more = (0..taken.len()).filter(|&class| taken[class] < counts[class]);
        // Of equal widths the first class's.
        let widest = has_more.reduce(|a, b| if width(b) > width(a) { b } else { a })?;
        let mut bounds: Vec<_> = (0..taken.len())
            .filter(|&class| counts[class] > 0)
            .map(|class| result.f1_bounds[class])
            .collect();
        bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let overlap = bounds.windows(2).any(|pair| pair[1].0 < pair[0].1);
        (width(widest) >= self.config.params.width && overlap).then_some(widest)
    }
}

/// The value that a Beta(a, b) variable stays below with the chance `chance`, by halving; a and b are at least 1.
fn beta_quantile(a: f64, b: f64, chance: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if statrs::function::beta::beta_reg(a, b, middle) < chance {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of each class in turn, and a model that takes a share of each class for the next one.
    struct Model {
        labels: Vec<u32>,
        wrong: Vec<f64>,
    }

    impl Model {
        fn new(counts: &[usize], wrong: &[f64]) -> Self {
            let labels = counts.iter().zip(0..);
            let labels = labels.flat_map(|(&n, class)| std::iter::repeat_n(class, n));
            Self {
                labels: labels.collect(),
                wrong: wrong.to_vec(),
            }
        }

        fn predict(&self, rows: &[u32]) -> Vec<u32> {
            let predict = |&row: &u32| {
                let label = self.labels[row as usize];
                let chance = Seed::new(9).stream("model", u64::from(row)).unit();
                let is_wrong = chance < self.wrong[label as usize];
                (label + u32::from(is_wrong)) % self.wrong.len() as u32
            };
            rows.iter().map(predict).collect()
        }

        fn sampling(&self, params: ValidationSamplingParams) -> ValidationSampling {
            let index = ClassIndex::new(&self.labels, self.wrong.len()).unwrap();
            ValidationSampling::new(params.check().unwrap(), index, Seed::new(4))
        }

        fn measure(&self, params: ValidationSamplingParams, epoch: u32) -> SampledValidation {
            self.measure_rows(params, epoch).0
        }

        /// What was measured, and the rows that were asked for.
        fn measure_rows(
            &self,
            params: ValidationSamplingParams,
            epoch: u32,
        ) -> (SampledValidation, Vec<u32>) {
            let mut asked = vec![];
            let measured = self.sampling(params).measure(epoch, |rows| {
                asked.extend(rows);
                Ok::<_, CoreError>(self.predict(rows))
            });
            let measured = measured.unwrap();
            asked.sort_unstable();
            asked.dedup();
            assert_eq!(asked.len(), measured.rows_read(), "no row twice");
            (measured, asked)
        }

        fn all(&self) -> Tallies {
            let rows: Vec<u32> = (0..self.labels.len() as u32).collect();
            let matrix =
                ConfusionMatrix::from_labels(self.wrong.len(), &self.labels, &self.predict(&rows));
            matrix.unwrap().tallies()
        }
    }

    #[test]
    fn quantiles_are_those_of_scipy() {
        // scipy 1.17.1: scipy.stats.beta.ppf(chance, a, b)
        for (a, b, chance, expected) in [
            (1.0, 1.0, 0.05, 0.05),
            (3.0, 5.0, 0.05, 0.128_756_392_804_242_7),
            (31.5, 4.25, 0.95, 0.955_318_547_769_768),
            (1.0, 41.0, 0.95, 0.070_461_117_270_164_05),
            (900.0, 120.0, 0.05, 0.865_350_947_187_206_4),
        ] {
            let found = beta_quantile(a, b, chance);
            assert!((found - expected).abs() < 1e-12, "{a} {b}: {found}");
        }
    }

    #[test]
    fn all_rows_count_as_they_are() {
        let model = Model::new(&[700, 40, 9, 0], &[0.1, 0.3, 0.5, 0.0]);
        let params = ValidationSamplingParams::new().start(1000);
        let found = model.measure(params, 3);
        assert_eq!(found.tallies(), &model.all());
        assert_eq!(found.rows_read(), 749);
    }

    #[test]
    fn a_part_of_the_rows_stands_for_all_of_them() {
        let model = Model::new(&[60_000, 3_000, 300], &[0.02, 0.3, 0.5]);
        let all = model.all();
        // Enough of the first class that the one in fifty that is taken for the second is seen.
        let params = || ValidationSamplingParams::new().start(1_000).width(0.05);
        let found = (1..=40).map(|epoch| model.measure(params(), epoch));
        let found: Vec<_> = found.collect();
        for class in 0..3 {
            // Without weights 300 and 3,000 rows would have the precision of equal classes.
            let mean = found.iter().map(|f| f.tallies().f1()[class]).sum::<f64>() / 40.0;
            assert!((mean - all.f1()[class]).abs() < 0.015, "{class}: {mean}");
            let inside = found.iter().filter(|f| {
                let (low, high) = f.f1_bounds()[class];
                low <= all.f1()[class] && all.f1()[class] <= high
            });
            assert!(inside.count() >= 30, "class {class} of 40 at 90 %");
        }
        assert!(found.iter().all(|f| f.rows_read() < 63_300 / 4));
        assert!(found[0] != found[1], "other rows every epoch");
        assert_eq!(found[0], model.measure(params(), 1));
    }

    #[test]
    fn the_class_that_is_known_least_gives_more() {
        // Two easy classes and two that are taken for one another so often that their order stays open.
        let model = Model::new(&[5_000; 4], &[0.01, 0.01, 0.45, 0.45]);
        let params = ValidationSamplingParams::new();
        let (found, asked) = model.measure_rows(params, 1);
        let of_class = |class: u32| {
            let rows = asked.iter();
            rows.filter(|&&row| model.labels[row as usize] == class)
                .count()
        };
        assert!(of_class(2) > 2 * of_class(1) && of_class(3) > of_class(1));
        for (low, high) in found.f1_bounds() {
            assert!(high - low < 0.15, "{found:?}");
        }
        assert!(found.rows_read() < 5_000);
        let narrow = model.measure(ValidationSamplingParams::new().width(0.05), 1);
        assert!(found.rows_read() < narrow.rows_read());
    }

    #[test]
    fn classes_whose_order_is_known_are_not_read_further() {
        // No two bounds overlap after the first rows, though none is near.
        let model = Model::new(&[5_000, 5_000], &[0.0, 0.9]);
        let found = model.measure(ValidationSamplingParams::new().width(1e-6), 1);
        let [first, second] = found.f1_bounds() else {
            panic!("two classes")
        };
        assert!(second.1 < first.0, "{found:?}");
        assert!(found.rows_read() < 1_000);
    }

    #[test]
    fn wrong_numbers_and_predictions_are_refused() {
        let field = |params: ValidationSamplingParams| params.check().unwrap_err().field;
        let new = ValidationSamplingParams::new;
        assert_eq!(field(new().start(0)), "start");
        for width in [0.0, 1.1, f64::NAN] {
            assert_eq!(field(new().width(width)), "width");
        }
        for confidence in [0.0, 1.0, f64::NAN] {
            assert_eq!(field(new().confidence(confidence)), "confidence");
        }
        let model = Model::new(&[50, 50], &[0.0, 0.0]);
        let sampling = model.sampling(new());
        let few = sampling.measure(1, |_| Ok(vec![0]));
        assert!(matches!(few, Err(CoreError::Length { found: 1, .. })));
        let unknown = sampling.measure(1, |rows| Ok(vec![2; rows.len()]));
        assert!(matches!(unknown, Err(CoreError::LabelOutOfRange { .. })));
        let failed = sampling.measure(1, |_| Err(CoreError::NoObservations));
        assert_eq!(failed, Err(CoreError::NoObservations));
    }
}
