//! The claims of the paper's abstract and of its figures, with what came out here.

use super::{AblationResults, Comparison, PointResults, Results, SUBJECT};
use crate::paper::{of_difference, printed};
use art_methods::{PLAIN, Value};
use art_stats::Summary;

/// The three tables that the paper's averages are of.
const TABLES: [&str; 3] = ["pima", "yeast", "wine"];

/// A number of points with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
}

impl Estimate {
    /// The first mean less the second, in points.
    fn less(one: Summary, other: Summary) -> Self {
        Self {
            value: 100.0 * (one.mean - other.mean),
            error: 100.0 * of_difference(one.standard_error(), other.standard_error()),
        }
    }

    fn is_near(self, other: f64) -> bool {
        (self.value - other).abs() <= 2.0 * self.error
    }

    /// What a gain comes to where another one is claimed.
    fn where_claimed(self, claimed: f64) -> Held {
        match (self.is_near(claimed), self.is_near(0.0)) {
            (true, true) => Held::TooUncertain,
            (true, false) => Held::AboutTheSame,
            (false, true) => Held::No,
            (false, false) if self.value < claimed => Held::Less,
            (false, false) => Held::More,
        }
    }
}

/// What a claim comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It holds.
    Yes,
    /// It holds, and of plain training too.
    OfPlainTraining,
    /// On some data sets, or of some comparisons.
    InPart,
    /// A gain that is about as large.
    AboutTheSame,
    /// A smaller gain.
    Less,
    /// A larger gain.
    More,
    /// Neither the gain nor its absence can be told.
    TooUncertain,
    /// It does not hold.
    No,
}

/// A claim of the paper, in the numbers of both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Claim {
    /// ART has the largest mean everywhere.
    LargestEverywhere {
        /// Data sets on which it has.
        best: usize,
        /// Data sets.
        of: usize,
    },
    /// ART gains so much over plain training in the mean of the tables.
    GainOnTables {
        /// Ours, with the error between tables.
        gain: Estimate,
        /// The paper's.
        printed: f64,
    },
    /// The gains on tables are significant at 0.05.
    Significant {
        /// Comparisons of the paper that are, by both of its tests, and all of them.
        printed: [usize; 2],
        /// Ours that are, by the same tests.
        plain: usize,
        /// Ours that are by the test that allows for overlapping splits, adjusted.
        corrected: usize,
        /// Ours.
        of: usize,
    },
    /// ART with 64 units is as good as plain training with 256.
    QuarterOfWidth {
        /// ART at 64 less plain training at 256.
        difference: Estimate,
        /// Plain training at 256 less that at 64.
        of_width: Estimate,
    },
    /// The scores at an imbalance ratio of ten.
    RatioTen {
        /// ART's and plain training's, of the paper.
        printed: [f64; 2],
        /// Ours.
        ours: [f64; 2],
        /// Ours as a gain.
        gain: Estimate,
    },
    /// ART hardly depends on its settings.
    Insensitive {
        /// To what.
        to: SettingOfArt,
        /// Number of settings.
        settings: usize,
        /// The largest mean less the smallest.
        range: Estimate,
    },
    /// ART is stable at every width.
    Stable {
        /// Its largest mean less its smallest, in points.
        range: f64,
        /// The same of plain training.
        of_plain: f64,
    },
}

/// What ART is said not to depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingOfArt {
    /// The blending constant.
    Blend,
    /// The boost frequency, crossed with the blending constant.
    Boost,
}

impl Claim {
    /// The claims that the results say something of; none where they are not those of the paper's experiment.
    pub(super) fn all(results: &Results) -> Vec<Self> {
        if !results.is_of_paper() || results.matrix.tuning.is_none() {
            return vec![];
        }
        let ablation = |name: &str| {
            let mut all = results.ablations.iter();
            all.find(|of| of.ablation.name == name)
        };
        let claims = [
            largest_everywhere(results),
            gain_on_tables(results),
            significant(results),
            ablation("width").and_then(quarter_of_width),
            ablation("ratio").and_then(ratio_ten),
            ablation("blend").and_then(|of| insensitive(of, SettingOfArt::Blend)),
            ablation("boost").and_then(|of| insensitive(of, SettingOfArt::Boost)),
            ablation("width").and_then(stable),
        ];
        claims.into_iter().flatten().collect()
    }

    /// What it comes to.
    pub fn held(&self) -> Held {
        let of_all = |n: usize, of: usize| match n {
            0 => Held::No,
            n if n == of => Held::Yes,
            _ => Held::InPart,
        };
        match *self {
            Self::LargestEverywhere { best, of } => of_all(best, of),
            Self::GainOnTables { gain, printed } => gain.where_claimed(printed),
            Self::Significant { corrected, of, .. } => of_all(corrected, of),
            Self::QuarterOfWidth {
                difference,
                of_width,
            } => match difference {
                d if d.value < -2.0 * d.error => Held::No,
                _ if of_width.value < of_width.error => Held::OfPlainTraining,
                _ => Held::Yes,
            },
            Self::RatioTen { printed, gain, .. } => {
                gain.where_claimed(100.0 * (printed[0] - printed[1]))
            }
            Self::Insensitive { range, .. } if range.is_near(0.0) => Held::Yes,
            Self::Stable { range, of_plain } if range <= of_plain => Held::Yes,
            Self::Insensitive { .. } | Self::Stable { .. } => Held::No,
        }
    }
}

fn largest_everywhere(results: &Results) -> Option<Claim> {
    let standing = results.standing.as_ref()?;
    Some(Claim::LargestEverywhere {
        best: standing.best_on.len(),
        of: standing.datasets.len(),
    })
}

/// The mean gain over plain training.
fn gain_on_tables(results: &Results) -> Option<Claim> {
    let gain = |id: &&str| {
        let dataset = results.datasets.iter().find(|d| d.id == **id)?;
        let mut comparisons = dataset.comparisons.iter();
        let plain = comparisons.find(|c| c.other == PLAIN)?;
        Some(100.0 * plain.difference)
    };
    let ours: Vec<f64> = TABLES.iter().filter_map(gain).collect();
    let ours = (ours.len() == TABLES.len()).then(|| Summary::of(&ours).ok())??;
    let all = &printed().macro_f1;
    let theirs = TABLES.map(|id| 100.0 * (all[id][SUBJECT][0] - all[id][PLAIN][0]));
    Some(Claim::GainOnTables {
        gain: Estimate {
            value: ours.mean,
            error: ours.standard_error(),
        },
        printed: theirs.iter().sum::<f64>() / theirs.len() as f64,
    })
}

/// Comparisons on tables with ART ahead and beyond chance.
fn significant(results: &Results) -> Option<Claim> {
    let of_tables = results.datasets.iter().filter(|d| TABLES.contains(&&*d.id));
    let compared = of_tables.flat_map(|dataset| {
        let printed = printed().p_values.get(&dataset.id);
        let is_printed = move |c: &&Comparison| printed.is_some_and(|of| of.contains_key(&c.other));
        dataset.comparisons.iter().filter(is_printed)
    });
    let compared: Vec<&Comparison> = compared.collect();
    let below = |p: Option<f64>| p.is_some_and(|p| p < 0.05);
    let plain = |c: &Comparison| below(c.plain_t.map(|t| t.p)) && below(c.signed_rank.map(|t| t.p));
    let corrected = |c: &Comparison| below(c.corrected_t.map(|t| t.holm));
    let count = |by: &dyn Fn(&Comparison) -> bool| {
        let ahead = compared.iter().filter(|c| c.difference > 0.0);
        ahead.filter(|c| by(c)).count()
    };
    let of_paper = TABLES
        .iter()
        .flat_map(|id| printed().p_values[*id].values());
    let of_paper: Vec<&[f64; 2]> = of_paper.collect();
    let both = |p: &&&[f64; 2]| p.iter().all(|p| *p < 0.05);
    (!compared.is_empty()).then(|| Claim::Significant {
        printed: [of_paper.iter().filter(both).count(), of_paper.len()],
        plain: count(&plain),
        corrected: count(&corrected),
        of: compared.len(),
    })
}

/// The scores of a method at the points of an ablation.
fn points<'a>(of: &'a AblationResults, method: &str) -> Vec<(&'a PointResults, Summary)> {
    let of_method = of.points.iter().filter(|point| point.method == method);
    let with = of_method.filter_map(|point| Some((point, point.macro_f1?)));
    with.collect()
}

fn at(points: &[(&PointResults, Summary)], value: f64) -> Option<Summary> {
    let wanted = Some(Value::Number(value));
    let mut found = (points.iter()).filter(|(point, _)| point.values.first() == Some(&wanted));
    found.next().map(|(_, summary)| *summary)
}

fn quarter_of_width(of: &AblationResults) -> Option<Claim> {
    let art = at(&points(of, SUBJECT), 64.0)?;
    let plain = points(of, PLAIN);
    let (wide, narrow) = (at(&plain, 256.0)?, at(&plain, 64.0)?);
    Some(Claim::QuarterOfWidth {
        difference: Estimate::less(art, wide),
        of_width: Estimate::less(wide, narrow),
    })
}

fn ratio_ten(of: &AblationResults) -> Option<Claim> {
    let art = at(&points(of, SUBJECT), 10.0)?;
    let plain = at(&points(of, PLAIN), 10.0)?;
    Some(Claim::RatioTen {
        printed: printed().ratio_ten,
        ours: [art.mean, plain.mean],
        gain: Estimate::less(art, plain),
    })
}

fn insensitive(of: &AblationResults, to: SettingOfArt) -> Option<Claim> {
    let points = points(of, SUBJECT);
    let (lowest, highest) = extremes(&points)?;
    Some(Claim::Insensitive {
        to,
        settings: points.len(),
        range: Estimate::less(highest, lowest),
    })
}

/// The lowest and the highest mean.
fn extremes(points: &[(&PointResults, Summary)]) -> Option<(Summary, Summary)> {
    let by_mean = |a: &Summary, b: &Summary| a.mean.total_cmp(&b.mean);
    let all = || points.iter().map(|(_, summary)| *summary);
    Some((all().min_by(by_mean)?, all().max_by(by_mean)?))
}

fn stable(of: &AblationResults) -> Option<Claim> {
    let range = |method: &str| {
        let (lowest, highest) = extremes(&points(of, method))?;
        Some(100.0 * (highest.mean - lowest.mean))
    };
    Some(Claim::Stable {
        range: range(SUBJECT)?,
        of_plain: range(PLAIN)?,
    })
}
