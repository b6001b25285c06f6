//! What is said of a single model in sentences.

use super::entries::listed;
use crate::counted::counted;
use art_methods::{Method, Registry};
use art_train::{AffineRule, Classifier, StopReason};

/// How a model was made: method and settings, columns, networks, and how it decides.
pub(super) fn about(classifier: &Classifier) -> Vec<String> {
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
    lines.extend(match classifier.affine_rule() {
        Some(rule) => Some(plug_in(classifier.class_names(), rule)),
        None => decision(classifier.class_names(), classifier.offsets()),
    });
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

/// How the affine rule decides.
fn plug_in(classes: &[String], rule: &AffineRule) -> String {
    let numbers = rule.f1.iter().zip(&rule.sizes);
    let named = classes.iter().zip(numbers);
    let named: Vec<String> = named
        .map(|(name, (f1, size))| format!("{name} {f1:.2} and {size:.2}"))
        .collect();
    format!(
        "A row is given the class with the largest (2 p \u{2212} F) / s: p is its probability, F the F1 that is expected of the \
         class, s its true and its decided rows as a share of all. F and s are {}.",
        named.join(", ")
    )
}

/// How the decision is moved; nothing where no rule was to move it.
fn decision(classes: &[String], offsets: &[f64]) -> Option<String> {
    if are_equal(offsets) {
        let is_ruled = offsets.iter().any(|&offset| offset != 0.0);
        let text = "The decision is not moved: what is added to the classes is the same for all.";
        return is_ruled.then(|| text.to_owned());
    }
    let named = classes.iter().zip(offsets);
    let named: Vec<String> = named.map(|(name, by)| format!("{name} {by:+.2}")).collect();
    Some(format!("The decision is moved by {}.", named.join(", ")))
}

/// Whether offsets are the same but for rounding; they then change no answer.
fn are_equal(offsets: &[f64]) -> bool {
    const ROUNDING: f64 = 1e-9;
    let largest = offsets.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    offsets.iter().all(|offset| largest - offset <= ROUNDING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_offsets_do_not_move_a_decision() {
        let classes = ["a".to_owned(), "b".to_owned()];
        let said = |offsets: &[f64]| decision(&classes, offsets).unwrap_or_default();
        assert_eq!(said(&[0.0, 0.0]), "");
        assert!(said(&[0.7, 0.7]).starts_with("The decision is not moved"));
        assert!(said(&[0.1 + 0.2, 0.3]).starts_with("The decision is not moved"));
        assert_eq!(
            said(&[0.0, 0.7]),
            "The decision is moved by a +0.00, b +0.70."
        );
    }
}
