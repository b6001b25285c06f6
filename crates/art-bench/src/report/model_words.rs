//! What is said of a single model in sentences.

use super::entries::listed;
use crate::counted::counted;
use art_methods::{Method, Registry};
use art_train::{Classifier, StopReason};

/// How a model was made: method and settings, columns, networks.
pub(super) fn about(classifier: &Classifier) -> Vec<String> {
    let record = classifier.record();
    let settings = match record.settings.as_object() {
        Some(settings) if !settings.is_empty() => {
            let registry = Registry::standard();
            let method = method_of_title(&registry, &record.method);
            let pairs = settings.iter().map(|(key, value)| {
                let setting = method.and_then(|method| method.setting(key).ok());
                let name = setting.map_or(&**key, |setting| setting.name());
                match value.as_f64() {
                    // Without the ".0" of a whole one.
                    Some(number) => format!("{name} {number}"),
                    None => format!("{name} {value}"),
                }
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
