use super::{Run, by_seed};
use crate::error::BenchError;
use crate::metric::Metric;
use art_stats::{
    Interval, NullDistribution, Zeros, bootstrap_interval, cohen_dz, corrected_t_test, holm,
    mean_interval, paired_t_test, wilcoxon_test,
};

/// Level of the tests, after Holm's adjustment.
const LEVEL: f64 = 0.05;

/// ART against one other method, over the seeds that both have.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Id of the other method.
    pub other: String,
    /// Its title.
    pub title: String,
    /// Number of seeds; of different divisions, where seeds share one.
    pub n: usize,
    /// Mean difference of the score, ART minus other.
    pub difference: f64,
    /// 95 % bootstrap interval of the mean difference, seeds drawn with replacement; none where the differences do not vary.
    pub interval: Option<Interval>,
    /// 95 % interval of the mean difference by Student's t, widened for overlapping training sets and, as the p-value of
    /// `corrected_t`, for the other comparisons of the data set: it leaves out 0 exactly where that is below 0.05. None where the
    /// differences do not vary.
    pub corrected_interval: Option<Interval>,
    /// Mean difference over the standard deviation of the differences (Cohen's `d_z`); none where they are equal and not
    /// zero.
    pub effect: Option<f64>,
    /// The plain paired t-test; none where the differences are equal and not zero.
    pub plain_t: Option<Adjusted>,
    /// The signed-rank test; none for a single division.
    pub signed_rank: Option<Adjusted>,
    /// The t-test corrected for overlapping training sets (Nadeau and Bengio 2003); none where the differences are equal and
    /// not zero.
    pub corrected_t: Option<Adjusted>,
    /// The scores of both, and test rows over training rows: what the interval is from.
    scores: (Vec<f64>, Vec<f64>, f64),
}

/// A p-value and what Holm's adjustment over the comparisons of a data set makes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adjusted {
    /// As it is.
    pub p: f64,
    /// Adjusted.
    pub holm: f64,
}

impl Adjusted {
    fn new(p: f64) -> Self {
        Self { p, holm: p }
    }
}

impl Comparison {
    /// ART against another method by a metric; none when they share fewer than two seeds. Where all seeds share one division
    /// there is a difference and nothing to test it by.
    pub(super) fn of(
        other: &str,
        title: String,
        art: &[Run<'_>],
        runs: &[Run<'_>],
        metric: Metric,
    ) -> Result<Option<Self>, BenchError> {
        const RESAMPLES: usize = 10_000;
        let by_seed = Self::pairs_by_seed(art, runs, metric);
        if by_seed.len() < 2 {
            return Ok(None);
        }
        let pairs = Self::pairs(art, runs, metric);
        if let [(ours, theirs)] = pairs[..] {
            return Ok(Some(Self {
                other: other.to_owned(),
                title,
                n: 1,
                difference: ours - theirs,
                interval: None,
                corrected_interval: None,
                effect: None,
                plain_t: None,
                signed_rank: None,
                corrected_t: None,
                scores: (vec![ours], vec![theirs], 0.0),
            }));
        }
        let (ours, theirs): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let plain = paired_t_test(&ours, &theirs)?;
        // Sets that are drawn anew for each seed have no overlap to correct for.
        let overlap = art[0].evaluation.test_over_train;
        let corrected = match overlap {
            0.0 => plain,
            _ => corrected_t_test(&ours, &theirs, overlap)?,
        };
        let ranked = wilcoxon_test(&ours, &theirs, Zeros::Drop, NullDistribution::Auto)?;
        let corrected_interval = mean_interval(&ours, &theirs, overlap, 0.95)?;
        let effect = cohen_dz(&ours, &theirs)?;
        let interval = bootstrap_interval(&ours, &theirs, RESAMPLES, 0.95, 1)?;
        Ok(Some(Self {
            other: other.to_owned(),
            title,
            n: plain.n,
            difference: plain.mean_difference,
            interval: corrected_interval.is_some().then_some(interval),
            corrected_interval,
            effect: effect.is_finite().then_some(effect),
            plain_t: plain.p_value.map(Adjusted::new),
            signed_rank: Some(Adjusted::new(ranked.p_value)),
            corrected_t: corrected.p_value.map(Adjusted::new),
            scores: (ours, theirs, overlap),
        }))
    }

    /// Whether the corrected t-test, after Holm's adjustment, finds a difference at 0.05.
    pub fn is_beyond_chance(&self) -> bool {
        self.corrected_t.is_some_and(|test| test.holm < LEVEL)
    }

    /// The scores of both on each division that both have, each the mean over its seeds and their initialisations.
    pub(super) fn pairs(one: &[Run<'_>], other: &[Run<'_>], metric: Metric) -> Vec<(f64, f64)> {
        let mut sums: Vec<(u64, [f64; 2], u32)> = vec![];
        for (seed, ours, theirs) in Self::pairs_by_seed(one, other, metric) {
            let first = one.iter().find(|run| run.seed == seed);
            let first = first.map_or(seed, |run| run.first_seed);
            match sums.iter_mut().find(|(known, ..)| *known == first) {
                Some((_, sums, n)) => {
                    sums[0] += ours;
                    sums[1] += theirs;
                    *n += 1;
                }
                None => sums.push((first, [ours, theirs], 1)),
            }
        }
        let means = sums.into_iter().map(|(_, sums, n)| match n {
            1 => (sums[0], sums[1]),
            _ => (sums[0] / f64::from(n), sums[1] / f64::from(n)),
        });
        means.collect()
    }

    /// The scores of both on each seed that both have, each the mean over its initialisations.
    fn pairs_by_seed(one: &[Run<'_>], other: &[Run<'_>], metric: Metric) -> Vec<(u64, f64, f64)> {
        let score = |run: &Run<'_>| run.score(metric);
        let other = by_seed(other, score);
        let of_seed = |seed: u64| other.iter().find(|(known, _)| *known == seed);
        by_seed(one, score)
            .into_iter()
            .filter_map(|(seed, score)| Some((seed, score, of_seed(seed)?.1)))
            .collect()
    }
}

/// Adjusts each test's p-values over `comparisons`, one family. One that has no p-value counts as a test that found nothing.
pub(super) fn adjust(comparisons: &mut [&mut Comparison]) -> Result<(), BenchError> {
    let tests: [fn(&mut Comparison) -> &mut Option<Adjusted>; 3] = [
        |c| &mut c.plain_t,
        |c| &mut c.signed_rank,
        |c| &mut c.corrected_t,
    ];
    for test in tests {
        let p = comparisons.iter_mut();
        let p: Vec<f64> = p.map(|c| test(c).map_or(1.0, |test| test.p)).collect();
        for (comparison, adjusted) in comparisons.iter_mut().zip(holm(&p)?) {
            if let Some(test) = test(comparison) {
                test.holm = adjusted;
            }
        }
    }
    let family = comparisons.len() as f64;
    for comparison in comparisons {
        let Some(Adjusted { p, holm }) = comparison.corrected_t else {
            continue;
        };
        // As many tests as Holm's adjustment takes it for one of.
        let tests = if holm < 1.0 { holm / p } else { family };
        let (ours, theirs, overlap) = &comparison.scores;
        let level = 1.0 - LEVEL / tests.max(1.0);
        comparison.corrected_interval = mean_interval(ours, theirs, *overlap, level)?;
    }
    Ok(())
}
