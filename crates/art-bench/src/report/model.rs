//! A single model as a page: how good it is, how it was trained, and what it was made from.

use super::{
    decision::decision_text,
    entries::rounded,
    figure_sets::class_legend,
    figures,
    markup::{Figures, legend, list_section, paragraphs, share_bar},
    model_words::{about, training_caveats},
    page::{Page, Shown},
    table::{Entry, Table, escape, words},
    thresholds::thresholds,
};
use crate::{counted::counted, error::BenchError, results::Curve};
use art_stats::{Interval, average_precision_interval, share_interval};
use art_train::{ClassRanking, Classifier, ColumnImportance, PartRecord, TrainingRecord};
use std::fmt::Write as _;

/// The part that judges a model.
const TEST: &str = "test";

/// How good a classifier is and how it was trained, as one HTML page that needs nothing else: what it finds of each class on
/// test rows, what rows were taken for, losses, validation F1 and class distribution by epoch, scores of each part.
///
/// # Errors
/// [`BenchError::Figure`] when a figure cannot be drawn.
pub fn model_page(classifier: &Classifier) -> Result<String, BenchError> {
    let record = classifier.record();
    let mut page = Page::new(&format!("Model of {}", classifier.target()));
    let judged = judging_part(record);
    if let Some(part) = judged {
        page.add(&card(classifier, part));
    }
    let title = "To keep in mind";
    page.add(&list_section(
        "warning",
        title,
        &training_caveats(classifier),
    ));
    page.chapter("What it answers");
    if let Some(part) = judged {
        confusion(&mut page, classifier.class_names(), part, Shown::Open);
    }
    if let Some((figure, table)) = thresholds(classifier, judged)? {
        page.figures(&figure, Shown::Open);
        page.table(&table, Shown::Open);
    }
    let others = record.parts.iter();
    for part in others.filter(|part| judged.is_none_or(|judged| judged.name != part.name)) {
        confusion(&mut page, classifier.class_names(), part, Shown::Folded);
    }
    if let Some(figure) = calibration(judged)? {
        page.figures(&figure, Shown::Open);
    }
    if !record.importance.is_empty() {
        page.table(&importance(record), Shown::Open);
    }
    page.chapter("How it was trained");
    page.figures(&epochs(classifier)?, Shown::Open);
    page.table(&scores(classifier), Shown::Folded);
    let title = "How it was made";
    let body = paragraphs(&about(classifier));
    page.section("provenance", title, &body, Shown::Folded);
    Ok(page.finish())
}

/// The test part; where there is none, the last.
fn judging_part(record: &TrainingRecord) -> Option<&PartRecord> {
    let test = record.parts.iter().find(|part| part.name == TEST);
    test.or(record.parts.last())
}

/// The answer: macro F1, and what it means for each class.
fn card(classifier: &Classifier, part: &PartRecord) -> String {
    let classes = classifier.class_names();
    let confusion = &part.confusion;
    let has_rankings = !part.rankings.is_empty();
    let mut text = format!(
        "<section class=\"card\" aria-label=\"Verdict\"><h2 class=\"answer\">Macro F1 {:.1} on {}</h2>\
         <p><strong>{}</strong></p><p>Each class of the {} part: how many of 100 of its rows are found and how many of 100 of its alarms are right, with the \
         interval in which that lies with a chance of 95 % by these rows alone.</p>\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Each class\"><table class=\"changes\"><thead><tr>\
         <th scope=\"col\">class</th><th scope=\"col\">rows</th><th scope=\"col\">found of 100</th>\
         <th scope=\"col\">alarms right of 100</th><th scope=\"col\">F1 × 100</th>{}</tr></thead><tbody>",
        100.0 * confusion.present_macro_f1(),
        counted(
            usize::try_from(confusion.total()).unwrap_or(usize::MAX),
            &format!("{} row", escape(&part.name))
        ),
        escape(&decision_text(classifier)),
        escape(&part.name),
        if has_rankings {
            "<th scope=\"col\">PR-AUC × 100</th>"
        } else {
            ""
        }
    );
    let f1 = confusion.per_class_f1();
    let mut order: Vec<usize> = (0..classes.len()).collect();
    order.sort_by_key(|&class| confusion.support(class));
    for class in order {
        let right = confusion.count(class, class);
        let rows = confusion.support(class);
        let _ = write!(
            text,
            "<tr><th scope=\"row\">{}</th><td>{rows}</td>{}{}<td>{}</td>{}</tr>",
            escape(&classes[class]),
            share_cell(right, rows),
            share_cell(right, confusion.predicted(class)),
            if rows == 0 {
                "no row".to_owned()
            } else {
                format!("{:.1}", 100.0 * f1[class])
            },
            part.rankings
                .get(class)
                .map_or_else(String::new, |ranking| pr_auc_cell(ranking, rows))
        );
    }
    text + "</tbody></table></div></section>\n"
}

/// The area under precision over recall with its interval.
fn pr_auc_cell(ranking: &ClassRanking, n_of_class: u64) -> String {
    let interval = |value| average_precision_interval(value, n_of_class, 0.95).ok();
    match ranking
        .average_precision
        .and_then(|v| Some((v, interval(v)?)))
    {
        Some((value, Interval { low, high })) => format!(
            "<td>{:.0} <small>({:.0} to {:.0})</small></td>",
            100.0 * value,
            100.0 * low,
            100.0 * high
        ),
        None => "<td>—</td>".to_owned(),
    }
}

/// A share of 100 with its interval and a bar.
fn share_cell(hits: u64, n: u64) -> String {
    let Ok(Interval { low, high }) = share_interval(hits, n, 0.95) else {
        return "<td>—</td>".to_owned();
    };
    let share = hits as f64 / n as f64;
    format!(
        "<td>{:.0} <small>({:.0} to {:.0})</small>{}</td>",
        100.0 * share,
        100.0 * low,
        100.0 * high,
        share_bar(share, "advised")
    )
}

/// What became of the rows of each class of a part.
fn confusion(page: &mut Page, classes: &[String], part: &PartRecord, shown: Shown) {
    let id = format!("confusion_{}", part.name.replace(' ', "_"));
    let title = format!("What rows were taken for: {}", part.name);
    let heat = figures::heat(classes, &part.confusion);
    page.section(&id, &title, &heat, shown);
}

/// Whether its probabilities mean what they say; none where that was not kept, or there are too few rows.
fn calibration(judged: Option<&PartRecord>) -> Result<Option<Figures>, BenchError> {
    let Some((part, calibration)) =
        judged.and_then(|part| Some((part, part.calibration.as_ref()?)))
    else {
        return Ok(None);
    };
    let drawing = figures::reliability_of(calibration)?;
    Ok(drawing.map(|drawing| Figures {
        id: "calibration",
        title: "What probabilities mean",
        place: None,
        caption: "On the line, of rows called 80 % sure 80 % are right; below it the model is too sure of itself. Bins of at least \
                  10 rows.",
        drawings: vec![(
            drawing,
            format!(
                "{} rows: log-loss {:.3}, Brier score {:.3}, calibration error {:.3}",
                part.name,
                calibration.log_loss,
                calibration.brier,
                calibration.expected_error()
            ),
        )],
    }))
}

/// The columns that it goes by.
fn importance(record: &TrainingRecord) -> Table {
    let row = |of: &ColumnImportance| {
        let points = 100.0 * of.loss;
        vec![
            Entry::word(of.column.clone()),
            Entry::number(format!("{:.1}", rounded(points, 1)), points),
        ]
    };
    Table {
        name: "importance".into(),
        title: "Columns that it goes by".into(),
        caption: "Points of macro F1 that are lost when the values of a column are shuffled over the test rows, the mean of three \
                  times. About 0: it does not go by the column, or another one stands in for it."
            .into(),
        header: words(&["column", "points lost"]),
        rows: record.importance.iter().map(row).collect(),
        place: None,
        is_detail: false,
    }
}

fn epochs(classifier: &Classifier) -> Result<Figures, BenchError> {
    let record = classifier.record();
    let curve = Curve::of_record(record);
    let losses = record.epochs.iter();
    let losses = losses.map(|epoch| vec![epoch.train_loss, epoch.valid_loss]);
    let losses: Vec<Vec<f64>> = losses.collect();
    let of_losses = [(0, "training, with dropout"), (1, "validation")];
    let of_losses = of_losses.map(|(line, name)| (figures::css_color(line), name.to_owned()));
    let by_class = class_legend(classifier.class_names());
    let kept = Some(record.best_epoch);
    Ok(Figures {
        id: "epochs",
        title: "Epoch by epoch",
        place: None,
        caption: "The shares of the classes in what each epoch drew, the validation F1 of each class, and the mean \
                  losses. A dashed line: the epoch whose weights were kept.",
        drawings: vec![
            (
                figures::distribution(&curve, kept)?,
                format!("Drawn rows{by_class}"),
            ),
            (figures::class_f1(&curve, kept)?, format!("F1{by_class}")),
            (
                figures::losses(&losses, kept)?,
                format!("Loss{}", legend(&of_losses)),
            ),
        ],
    })
}

fn scores(classifier: &Classifier) -> Table {
    let parts = &classifier.record().parts;
    let number = |value: f64| Entry::number(format!("{:.2}", 100.0 * value), value);
    let row = |name: &str, of: &dyn Fn(&PartRecord) -> Entry| {
        std::iter::once(Entry::word(name))
            .chain(parts.iter().map(of))
            .collect::<Vec<Entry>>()
    };
    let mut rows = vec![
        row("rows", &|part| {
            let rows = part.confusion.total();
            Entry::number(rows.to_string(), rows as f64)
        }),
        row("macro F1", &|part| {
            number(part.confusion.present_macro_f1())
        }),
        row("accuracy", &|part| number(part.confusion.accuracy())),
    ];
    for (class, name) in classifier.class_names().iter().enumerate() {
        rows.push(row(&format!("F1 of {name}"), &|part| {
            if part.confusion.support(class) == 0 {
                return Entry::word("no row");
            }
            number(part.confusion.per_class_f1()[class])
        }));
    }
    let names = parts.iter().map(|part| part.name.clone());
    Table {
        name: "scores".into(),
        title: "Scores of each part".into(),
        caption: "Scores × 100 of each part of the table that it was made from. Only test rows judge it: it was trained \
                  on the training rows and steered by validation rows, or by the training rows out of fold. Macro F1 is the mean over the classes that the part has \
                  rows of."
            .into(),
        header: std::iter::once("part".to_owned()).chain(names).collect(),
        rows,
        place: None,
        is_detail: false,
    }
}

impl Curve {
    fn of_record(record: &TrainingRecord) -> Self {
        let mut drawn = record.initial_distribution.clone();
        let mut curve = Self {
            distribution: vec![],
            f1: vec![],
        };
        for epoch in &record.epochs {
            curve.distribution.push(drawn.clone());
            curve.f1.push(epoch.confusion.per_class_f1());
            if let Some(refresh) = &epoch.refresh {
                drawn.clone_from(&refresh.distribution);
            }
        }
        curve
    }
}
