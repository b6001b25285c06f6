//! The claims of the paper's abstract and of its figures, one by one, beside what came out here.

use super::table::{Entry, Table, words};
use crate::{
    paper::{of_difference, printed},
    results::{AblationResults, Comparison, PointResults, Results, SUBJECT},
};
use art_methods::PLAIN;
use art_methods::Value;
use art_stats::Summary;

/// The three tables that the paper's averages are of.
const TABLES: [&str; 3] = ["pima", "yeast", "wine"];

/// What is claimed, what the paper has, what we have, and what that comes to.
type Claim = [String; 4];

/// A table of claims, those first of which the folder says something; none where it says nothing of any.
pub(super) fn claims(results: &Results) -> Option<Table> {
    let ablation = |name: &str| {
        let mut all = results.ablations.iter();
        all.find(|of| of.ablation.name == name)
    };
    if !results.is_of_paper() || results.matrix.tuning.is_none() {
        return None;
    }
    let claims = [
        largest_everywhere(results),
        gain_on_tables(results),
        significant(results),
        ablation("width").and_then(quarter_of_width),
        ablation("ratio").and_then(at_ratio_ten),
        ablation("blend").and_then(|of| insensitive(of, "blending constant c")),
        ablation("boost").and_then(|of| insensitive(of, "boost frequency and blending constant")),
        ablation("width").and_then(stable),
    ];
    let rows: Vec<Vec<Entry>> = claims
        .into_iter()
        .flatten()
        .map(|claim| claim.map(Entry::word).into())
        .collect();
    (!rows.is_empty()).then(|| Table {
        name: "claims".into(),
        title: "What the paper claims".into(),
        caption: "Claim by claim what the paper reports and what came out here. ± is a standard error. A gain within twice of \
                  that of the paper's is about the same, one within twice of that of nothing is none; where both hold it is too \
                  uncertain to tell."
            .into(),
        header: words(&["claim", "the paper", "here", "verdict"]),
        rows,
        place: None,
        is_detail: false,
    })
}

fn claim(what: &str, paper: impl Into<String>, here: impl Into<String>, verdict: &str) -> Claim {
    [what.into(), paper.into(), here.into(), verdict.into()]
}

fn largest_everywhere(results: &Results) -> Option<Claim> {
    let standing = results.standing.as_ref()?;
    let (best, of) = (standing.best_on.len(), standing.datasets.len());
    let verdict = match best {
        0 => "no",
        best if best == of => "yes",
        _ => "in part",
    };
    Some(claim(
        "ART has the largest macro F1 on every data set",
        "said of 5 of 5; in its own Table 1 of 4, OHEM being ahead on MNIST-LT",
        format!("on {best} of {of}"),
        verdict,
    ))
}

/// What a gain comes to where another one is claimed.
fn of_gain(gain: f64, error: f64, claimed: f64) -> &'static str {
    let is_near = |other: f64| (gain - other).abs() <= 2.0 * error;
    match (is_near(claimed), is_near(0.0)) {
        (true, true) => "too uncertain to tell",
        (true, false) => "about the same",
        (false, true) => "no",
        (false, false) if gain < claimed => "less",
        (false, false) => "more",
    }
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
    let theirs = theirs.iter().sum::<f64>() / theirs.len() as f64;
    let error = ours.standard_error();
    let verdict = of_gain(ours.mean, error, theirs);
    Some(claim(
        "macro F1 on tables rises by 2.64 points in the mean",
        format!(
            "{theirs:+.2} over plain training, the mean of Pima, Yeast and Red Wine in its Table 1"
        ),
        format!("{:+.2} ± {error:.2}", ours.mean),
        verdict,
    ))
}

/// Comparisons on tables with ART ahead and beyond chance.
fn significant(results: &Results) -> Option<Claim> {
    let of_tables = results.datasets.iter().filter(|d| TABLES.contains(&&*d.id));
    let compared = of_tables.flat_map(|dataset| {
        let is_printed = |c: &&Comparison| {
            let all = &printed().p_values;
            all.get(&dataset.id)
                .is_some_and(|of| of.contains_key(&c.other))
        };
        dataset.comparisons.iter().filter(is_printed)
    });
    let compared: Vec<&Comparison> = compared.collect();
    let below = |p: Option<f64>| p.is_some_and(|p| p < 0.05);
    let ahead = |c: &&&Comparison| c.difference > 0.0;
    let plain =
        |c: &&&Comparison| below(c.plain_t.map(|t| t.p)) && below(c.signed_rank.map(|t| t.p));
    let corrected = |c: &&&Comparison| below(c.corrected_t.map(|t| t.holm));
    let n_plain = compared.iter().filter(ahead).filter(plain).count();
    let n_corrected = compared.iter().filter(ahead).filter(corrected).count();
    let of_paper = TABLES
        .iter()
        .flat_map(|id| printed().p_values[*id].values());
    let of_paper: Vec<&[f64; 2]> = of_paper.collect();
    let n_paper = of_paper
        .iter()
        .filter(|p| p.iter().all(|p| *p < 0.05))
        .count();
    (!compared.is_empty()).then(|| {
        claim(
            "the gains on tables are significant at 0.05 by both tests",
            format!("{n_paper} of {} comparisons", of_paper.len()),
            format!(
                "{n_plain} of {} by the same tests; {n_corrected} by the one that allows for overlapping splits, adjusted",
                compared.len()
            ),
            match n_corrected {
                0 => "no",
                n if n == compared.len() => "yes",
                _ => "of few",
            },
        )
    })
}

/// The scores of a method at the points of an ablation.
fn points<'a>(of: &'a AblationResults, title: &str) -> Vec<(&'a PointResults, Summary)> {
    let of_method = of.points.iter().filter(|point| point.title == title);
    let with = of_method.filter_map(|point| Some((point, point.macro_f1?)));
    with.collect()
}

fn at(points: &[(&PointResults, Summary)], value: f64) -> Option<Summary> {
    let wanted = Some(Value::Number(value));
    let mut found = (points.iter()).filter(|(point, _)| point.values.first() == Some(&wanted));
    found.next().map(|(_, summary)| *summary)
}

/// The first mean less the second, in points, with its standard error.
fn less(one: Summary, other: Summary) -> (f64, f64) {
    let error = of_difference(one.standard_error(), other.standard_error());
    (100.0 * (one.mean - other.mean), 100.0 * error)
}

fn quarter_of_width(of: &AblationResults) -> Option<Claim> {
    let art = at(&points(of, "ART"), 64.0)?;
    let baseline = points(of, "Baseline");
    let (wide, narrow) = (at(&baseline, 256.0)?, at(&baseline, 64.0)?);
    let (difference, error) = less(art, wide);
    let (of_width, width_error) = less(wide, narrow);
    Some(claim(
        "ART does with a quarter of the width: at 64 as plain training at 256",
        "equal on Pima (its section 4.5.3)",
        format!(
            "ART at 64 less plain training at 256 {difference:+.2} ± {error:.2}; width alone brings plain training \
             {of_width:+.2} ± {width_error:.2}"
        ),
        match difference {
            d if d < -2.0 * error => "no",
            _ if of_width < width_error => "yes, and so does plain training",
            _ => "yes",
        },
    ))
}

fn at_ratio_ten(of: &AblationResults) -> Option<Claim> {
    let (art, baseline) = (
        at(&points(of, "ART"), 10.0)?,
        at(&points(of, "Baseline"), 10.0)?,
    );
    let (gain, error) = less(art, baseline);
    Some(claim(
        "at an imbalance of ten to one ART has 0.68 where plain training has 0.56",
        "+12 (read off its Figure 7)",
        format!(
            "{:.2} and {:.2}: {gain:+.1} ± {error:.1}",
            art.mean, baseline.mean
        ),
        of_gain(gain, error, 12.0),
    ))
}

/// Whether means differ by more than chance lets them.
fn insensitive(of: &AblationResults, what: &str) -> Option<Claim> {
    let points = points(of, "ART");
    let (lowest, highest) = extremes(&points)?;
    let (range, error) = less(highest, lowest);
    Some(claim(
        &format!("ART hardly depends on the {what}"),
        "said of its Figures 4 and 5",
        format!(
            "means of {} settings lie within {range:.1} points, the ends {error:.1} apart by chance alone",
            points.len()
        ),
        if range <= 2.0 * error { "yes" } else { "no" },
    ))
}

/// The lowest and the highest mean.
fn extremes(points: &[(&PointResults, Summary)]) -> Option<(Summary, Summary)> {
    let by_mean = |a: &Summary, b: &Summary| a.mean.total_cmp(&b.mean);
    let all = || points.iter().map(|(_, summary)| *summary);
    Some((all().min_by(by_mean)?, all().max_by(by_mean)?))
}

fn stable(of: &AblationResults) -> Option<Claim> {
    let range = |title: &str| {
        let (lowest, highest) = extremes(&points(of, title))?;
        Some(100.0 * (highest.mean - lowest.mean))
    };
    let (art, baseline) = (range("ART")?, range("Baseline")?);
    Some(claim(
        "ART is stable at every width",
        "said of its Figure 6",
        format!(
            "means of ART lie within {art:.1} points, those of plain training within {baseline:.1}"
        ),
        if art <= baseline {
            "yes"
        } else {
            "no more than plain training"
        },
    ))
}
