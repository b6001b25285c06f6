//! The claims of the paper's abstract and of its figures, one by one, beside what came out here.

use super::table::{Entry, Table, words};
use crate::results::{Claim, Held, Results, SettingOfArt};

/// A table of claims, those first of which the folder says something; none where it says nothing of any.
pub(super) fn claims(results: &Results) -> Option<Table> {
    let row = |claim: &Claim| {
        let [what, paper, here] = in_words(claim);
        [what, paper, here, verdict(claim).into()]
            .map(Entry::word)
            .into()
    };
    let rows: Vec<Vec<Entry>> = results.claims.iter().map(row).collect();
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

fn verdict(claim: &Claim) -> &'static str {
    match (claim.held(), claim) {
        (Held::No, Claim::Stable { .. }) => "no more than plain training",
        (Held::InPart, Claim::Significant { .. }) => "of few",
        (Held::Yes, _) => "yes",
        (Held::OfPlainTraining, _) => "yes, and so does plain training",
        (Held::InPart, _) => "in part",
        (Held::AboutTheSame, _) => "about the same",
        (Held::Less, _) => "less",
        (Held::More, _) => "more",
        (Held::TooUncertain, _) => "too uncertain to tell",
        (Held::No, _) => "no",
    }
}

/// The claim, the paper's numbers and ours.
fn in_words(claim: &Claim) -> [String; 3] {
    match claim {
        Claim::LargestEverywhere { best, of } => [
            "ART has the largest macro F1 on every data set".into(),
            "said of 5 of 5; in its own Table 1 of 4, OHEM being ahead on MNIST-LT".into(),
            format!("on {best} of {of}"),
        ],
        Claim::GainOnTables { gain, printed } => [
            "macro F1 on tables rises by 2.64 points in the mean".into(),
            format!(
                "{printed:+.2} over plain training, the mean of Pima, Yeast and Red Wine in its Table 1"
            ),
            format!("{:+.2} ± {:.2}", gain.value, gain.error),
        ],
        Claim::Significant {
            printed: [n, all],
            plain,
            corrected,
            of,
        } => [
            "the gains on tables are significant at 0.05 by both tests".into(),
            format!("{n} of {all} comparisons"),
            format!(
                "{plain} of {of} by the same tests; {corrected} by the one that allows for overlapping splits, adjusted"
            ),
        ],
        Claim::QuarterOfWidth {
            difference,
            of_width,
        } => [
            "ART does with a quarter of the width: at 64 as plain training at 256".into(),
            "equal on Pima (its section 4.5.3)".into(),
            format!(
                "ART at 64 less plain training at 256 {:+.2} ± {:.2}; width alone brings plain training {:+.2} ± {:.2}",
                difference.value, difference.error, of_width.value, of_width.error
            ),
        ],
        Claim::RatioTen {
            printed: [art, plain],
            ours,
            gain,
        } => [
            format!(
                "at an imbalance of ten to one ART has {art:.2} where plain training has {plain:.2}"
            ),
            format!("{:+.0} (read off its Figure 7)", 100.0 * (art - plain)),
            format!(
                "{:.2} and {:.2}: {:+.1} ± {:.1}",
                ours[0], ours[1], gain.value, gain.error
            ),
        ],
        Claim::Insensitive {
            to,
            settings,
            range,
        } => [
            format!(
                "ART hardly depends on the {}",
                match to {
                    SettingOfArt::Blend => "blending constant c",
                    SettingOfArt::Boost => "boost frequency and blending constant",
                }
            ),
            "said of its Figures 4 and 5".into(),
            format!(
                "means of {settings} settings lie within {:.1} points, the ends {:.1} apart by chance alone",
                range.value, range.error
            ),
        ],
        Claim::Stable { range, of_plain } => [
            "ART is stable at every width".into(),
            "said of its Figure 6".into(),
            format!(
                "means of ART lie within {range:.1} points, those of plain training within {of_plain:.1}"
            ),
        ],
    }
}
