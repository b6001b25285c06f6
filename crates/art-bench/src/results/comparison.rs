use super::{Metric, Run, by_seed};
use crate::BenchError;
use art_stats::{
    Interval, NullDistribution, Zeros, bootstrap_interval, cohen_dz, corrected_t_test, holm,
    mean_interval, paired_t_test, wilcoxon_test,
};

/// ART against one other method, over the seeds that both have.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Id of the other method.
    pub other: String,
    /// Its title.
    pub title: String,
    /// Number of seeds.
    pub n: usize,
    /// Mean difference of the score, ART minus other.
    pub difference: f64,
    /// 95 % bootstrap interval of the mean difference, seeds drawn with replacement.
    pub interval: Interval,
    /// 95 % interval of the mean difference by Student's t, widened for overlapping training sets.
    pub corrected_interval: Interval,
    /// Mean difference over the standard deviation of the differences (Cohen's `d_z`).
    pub effect: f64,
    /// The plain paired t-test.
    pub plain_t: Adjusted,
    /// The signed-rank test.
    pub signed_rank: Adjusted,
    /// The t-test corrected for overlapping training sets (Nadeau and Bengio 2003).
    pub corrected_t: Adjusted,
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
    /// ART against another method by a metric; none when they share fewer than two seeds.
    pub(super) fn of(
        other: &str,
        title: String,
        art: &[Run<'_>],
        runs: &[Run<'_>],
        metric: Metric,
    ) -> Result<Option<Self>, BenchError> {
        const RESAMPLES: usize = 10_000;
        let pairs = Self::pairs(art, runs, metric);
        if pairs.len() < 2 {
            return Ok(None);
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
        Ok(Some(Self {
            other: other.to_owned(),
            title,
            n: plain.n,
            difference: plain.mean_difference,
            interval: bootstrap_interval(&ours, &theirs, RESAMPLES, 0.95, 1)?,
            corrected_interval: mean_interval(&ours, &theirs, overlap, 0.95)?,
            effect: cohen_dz(&ours, &theirs)?,
            plain_t: Adjusted::new(plain.p_value),
            signed_rank: Adjusted::new(ranked.p_value),
            corrected_t: Adjusted::new(corrected.p_value),
        }))
    }

    /// The scores of both on each seed that both have, each the mean over its initialisations.
    pub(super) fn pairs(one: &[Run<'_>], other: &[Run<'_>], metric: Metric) -> Vec<(f64, f64)> {
        let score = |run: &Run<'_>| run.score(metric);
        let other = by_seed(other, score);
        let of_seed = |seed: u64| other.iter().find(|(known, _)| *known == seed);
        by_seed(one, score)
            .into_iter()
            .filter_map(|(seed, score)| Some((score, of_seed(seed)?.1)))
            .collect()
    }
}

/// Adjusts each test's p-values over `comparisons`, one family.
pub(super) fn adjust(comparisons: &mut [&mut Comparison]) -> Result<(), BenchError> {
    let tests: [fn(&mut Comparison) -> &mut Adjusted; 3] = [
        |c| &mut c.plain_t,
        |c| &mut c.signed_rank,
        |c| &mut c.corrected_t,
    ];
    for test in tests {
        let p: Vec<f64> = comparisons.iter_mut().map(|c| test(c).p).collect();
        for (comparison, adjusted) in comparisons.iter_mut().zip(holm(&p)?) {
            test(comparison).holm = adjusted;
        }
    }
    Ok(())
}
