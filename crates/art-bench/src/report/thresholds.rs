//! What a model with two classes would find at other thresholds.

use super::{
    decision::percent,
    figures,
    markup::{Figures, legend},
    table::{Entry, Table, words},
};
use crate::error::BenchError;
use art_core::Cut;
use art_train::{Classifier, Decision, OUT_OF_FOLD, PartRecord};

/// The view of thresholds for the rarer of two classes: a figure, and a table of what each share found costs; none for more classes,
/// or where nothing was kept of how rows are ranked.
pub(super) fn thresholds(
    classifier: &Classifier,
    judged: Option<&PartRecord>,
) -> Result<Option<(Figures, Table)>, BenchError> {
    let class = classifier.rarest_class();
    let parts = &classifier.record().parts;
    // Out of fold there are more rows than anywhere else that no network was trained on.
    let of_folds = parts.iter().find(|part| part.name == OUT_OF_FOLD);
    let of_class = |part: &'_ PartRecord| part.rankings.get(class).map(|of| of.cuts.clone());
    let part = of_folds.or(judged);
    let (Some(part), [_, _]) = (part, classifier.class_names()) else {
        return Ok(None);
    };
    let cuts = of_class(part).unwrap_or_default();
    if cuts.is_empty() {
        return Ok(None);
    }
    let decides = match classifier.decision() {
        Decision::Threshold { probability, .. } => Some(probability),
        Decision::Likeliest => Some(0.5),
        Decision::Offsets(_) | Decision::Affine { .. } => None,
    };
    let name = &classifier.class_names()[class];
    let lines = [
        (0, format!("rows of {name} that are found")),
        (1, "alarms that are right".into()),
    ];
    let lines = lines.map(|(line, text)| (figures::css_color(line), text));
    let figure = Figures {
        id: "thresholds",
        title: "Other thresholds",
        place: None,
        caption: "What would be found, and how many alarms would be right, if the rarer class were decided for from another \
                  probability on. A dashed line: the threshold of the model.",
        drawings: vec![(
            figures::thresholds(&cuts, decides)?,
            format!("{name}, {} rows{}", part.name, legend(&lines)),
        )],
    };
    Ok(Some((figure, table(name, part, &cuts))))
}

/// What must be taken for an alarm to find a share of the class.
fn table(class: &str, part: &PartRecord, cuts: &[Cut]) -> Table {
    let all = cuts.last().map_or(0, |cut| cut.found);
    let rows = part.confusion.total();
    let number = |x: f64| Entry::number(format!("{x:.0}"), x);
    let row = |tenth: u64| {
        let cut = cuts.iter().find(|cut| 10 * cut.found >= tenth * all)?;
        let alarms = (cut.found + cut.false_alarms) as f64;
        Some(vec![
            number(100.0 * cut.found as f64 / all as f64),
            Entry::number(percent(cut.score), cut.score),
            number(100.0 * cut.found as f64 / alarms),
            Entry::number(
                format!("{:.1}", 100.0 * alarms / rows as f64),
                100.0 * alarms / rows as f64,
            ),
        ])
    };
    Table {
        name: "threshold_choices".into(),
        title: format!("What it takes to find {class}"),
        caption: format!(
            "By the {} rows{}: from which probability on so many of 100 rows of {class} are found, how many of 100 alarms are right \
             then, and how many of 100 rows are alarms.",
            part.name,
            if part.name == OUT_OF_FOLD {
                ", which are others than the test rows above"
            } else {
                ""
            }
        ),
        header: words(&["found of 100", "from", "right of 100", "alarms of 100 rows"]),
        rows: (1..=9).filter_map(row).collect(),
        place: None,
        is_detail: false,
    }
}
