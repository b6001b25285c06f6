//! A single model's training as a page.

use super::{
    decision::decision_text,
    entries::listed,
    figures,
    html::{Figures, legend, page},
    table::{Entry, Table, escape},
};
use crate::{counted::counted, error::BenchError, results::Curve};
use art_methods::{Method, Registry};
use art_train::{Classifier, PartRecord, StopReason, TrainingRecord};
use std::fmt::Write as _;

/// How a classifier was trained and how good it is, as one HTML page that needs nothing else: losses, validation
/// F1 and class distribution by epoch, scores and confusion of each part.
///
/// # Errors
/// [`BenchError::Figure`] when a figure cannot be drawn.
pub fn model_page(classifier: &Classifier) -> Result<String, BenchError> {
    let record = classifier.record();
    let title = format!("Model of {}", escape(classifier.target()));
    let mut main = format!("<h1>{title}</h1>\n");
    for line in about(classifier) {
        let _ = writeln!(main, "<p>{}</p>", escape(&line));
    }
    main += &scores(classifier).to_html();
    let curve = Curve::of_record(record);
    let classes = classifier.class_names().iter().enumerate();
    let classes: Vec<(String, String)> = classes
        .map(|(class, name)| (figures::css_color(class), name.clone()))
        .collect();
    let losses: Vec<Vec<f64>> = record
        .epochs
        .iter()
        .map(|epoch| vec![epoch.train_loss, epoch.valid_loss])
        .collect();
    let of_losses = [(0, "training, with dropout"), (1, "validation")];
    let of_losses = of_losses.map(|(line, name)| (figures::css_color(line), name.to_owned()));
    let by_class = legend(&classes);
    main += &Figures {
        id: "epochs",
        title: "Epoch by epoch",
        place: None,
        caption: "The shares of the classes in what each epoch drew, the validation F1 of each class, and the mean \
                  losses.",
        drawings: vec![
            (figures::distribution(&curve)?, format!("Drawn rows{by_class}")),
            (figures::class_f1(&curve)?, format!("F1{by_class}")),
            (figures::losses(&losses)?, format!("Loss{}", legend(&of_losses))),
        ],
    }
    .to_html();
    for part in &record.parts {
        main += &confusion(classifier.class_names(), part).to_html();
    }
    Ok(page(&title, "", &main))
}

fn about(classifier: &Classifier) -> Vec<String> {
    let record = classifier.record();
    let settings = match record.settings.as_object() {
        Some(settings) if !settings.is_empty() => {
            let registry = Registry::standard();
            let method = method_of_title(&registry, &record.method);
            let pairs = settings.iter().map(|(key, value)| {
                let setting = method.and_then(|method| method.setting(key).ok());
                format!(
                    "{} {value}",
                    setting.map_or(&**key, |setting| setting.name())
                )
            });
            format!(" with {}", pairs.collect::<Vec<_>>().join(", "))
        }
        _ => String::new(),
    };
    let why = match record.stopped {
        StopReason::MaxEpochs => "all epochs were done",
        StopReason::Patience => "validation no longer improved",
        StopReason::Requested => "it was asked to",
    };
    let columns: Vec<&str> = classifier
        .encoder()
        .columns()
        .map(|(name, _)| name)
        .collect();
    let mut lines = vec![
        format!(
            "{}{settings}, seed {}: {}, stopped because {why}; the weights are those of epoch {}.",
            record.method,
            record.seed.value(),
            counted(record.epochs.len(), "epoch"),
            record.best_epoch
        ),
        format!("Columns: {}.", columns.join(", ")),
    ];
    let n_networks = classifier.model().members().len();
    if n_networks > 1 {
        lines.push(format!(
            "It is the mean of {n_networks} networks, each trained without one fold of the training rows. What stopped them, and what \
             moved the decision, are the rows out of fold: each as the network answers it that was not trained on it."
        ));
    }
    lines.extend(training_caveats(classifier));
    lines.push(decision_text(classifier));
    lines
}

/// What to keep in mind of a model: classes without rows in a part, and weights from before the first refresh.
pub fn training_caveats(classifier: &Classifier) -> Vec<String> {
    let record = classifier.record();
    let mut lines = vec![];
    for part in &record.parts {
        let absent = part.confusion.classes_without_rows().into_iter();
        let absent: Vec<String> = absent
            .map(|class| format!("{:?}", classifier.class_names()[class]))
            .collect();
        if !absent.is_empty() {
            let names: Vec<&str> = absent.iter().map(String::as_str).collect();
            lines.push(format!(
                "The {} part has no row of the {} {}: nothing is known of {} there, and macro F1 is the mean over the \
                 other classes.",
                part.name,
                if names.len() == 1 { "class" } else { "classes" },
                listed(&names),
                if names.len() == 1 { "it" } else { "them" },
            ));
        }
    }
    let first = record.epochs.iter().find(|epoch| epoch.refresh.is_some());
    let is_before = first.is_none_or(|first| record.best_epoch <= first.epoch);
    if is_before && (first.is_some() || is_title_with_feedback(&record.method)) {
        lines.push(
            "The weights kept are from before the first refresh: the feedback had no part in this model.".into(),
        );
    }
    lines
}

/// Whether a title is one of a method with feedback.
fn is_title_with_feedback(title: &str) -> bool {
    let registry = Registry::standard();
    method_of_title(&registry, title).is_some_and(Method::has_feedback)
}

/// The method of a title that may have what was set and moved behind it.
fn method_of_title<'r>(registry: &'r Registry, title: &str) -> Option<&'r Method> {
    let of = registry.methods().iter().filter(|method| {
        let rest = title.strip_prefix(method.title());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '+']))
    });
    // The longest is the method itself: others may begin alike.
    of.max_by_key(|method| method.title().len())
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
        title: "How good it is".into(),
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

/// What became of the rows of each class.
fn confusion(classes: &[String], part: &PartRecord) -> Table {
    Table::of_confusion(
        format!("confusion_{}", part.name.replace(' ', "_")),
        format!("Truth against prediction: {}", part.name),
        String::new(),
        classes,
        &part.confusion,
    )
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
