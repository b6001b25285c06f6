//! How a classifier decides, in words.

use art_train::{Classifier, Decision};

/// Most classes whose numbers are listed.
const MOST_CLASSES: usize = 10;

/// How a classifier decides by the probabilities that it gives, as a sentence or two.
pub fn decision_text(classifier: &Classifier) -> String {
    decision_in_words(&classifier.decision(), classifier.class_names())
}

/// The same of a decision between classes of these names.
pub fn decision_in_words(decision: &Decision, classes: &[String]) -> String {
    match decision {
        Decision::Likeliest => "Each row gets its likeliest class.".into(),
        Decision::Threshold { class, probability } => format!(
            "Says {:?} from {} on, {:?} below.",
            classes[*class],
            percent(*probability),
            classes[1 - class]
        ),
        Decision::Offsets(offsets) => format!(
            "Each row gets the class with the largest ln p + offset, p its probability. The offsets are {}.",
            listed(classes, |class| format!("{:+.2}", offsets[class]))
        ),
        Decision::Affine { f1, sizes } => format!(
            "Each row gets the class with the largest (2 p \u{2212} F) / s: p is its probability, F the F1 that is expected of the \
             class, s its true and its decided rows as a share of all. F and s are {}.",
            listed(classes, |class| format!(
                "{:.2} and {:.2}",
                f1[class], sizes[class]
            ))
        ),
    }
}

/// A probability in percent, with two digits that say something.
pub(super) fn percent(p: f64) -> String {
    let (percent, rest) = (100.0 * p, 100.0 * (1.0 - p));
    match percent.min(rest) {
        edge if edge >= 1.0 => format!("{percent:.0} %"),
        edge if edge >= 0.1 => format!("{percent:.1} %"),
        _ => format!("{percent:.3} %"),
    }
}

/// What there is to say of each class, the first ones alone where there are many.
fn listed(classes: &[String], of: impl Fn(usize) -> String) -> String {
    let named = classes.iter().enumerate().take(MOST_CLASSES);
    let named = named.map(|(class, name)| format!("{name} {}", of(class)));
    let more = classes.len().saturating_sub(MOST_CLASSES);
    let rest = (more > 0).then(|| format!("and so on for {more} more"));
    named.chain(rest).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_told_in_the_words_of_their_kind() {
        let classes = ["no".to_owned(), "yes".to_owned()];
        let said = |decision: Decision| decision_in_words(&decision, &classes);
        assert!(said(Decision::Likeliest).contains("likeliest"));
        let threshold = |class, probability| Decision::Threshold { class, probability };
        assert_eq!(
            said(threshold(1, 0.234)),
            r#"Says "yes" from 23 % on, "no" below."#
        );
        assert!(said(threshold(0, 0.0056)).starts_with(r#"Says "no" from 0.6 % on"#));
        assert!(said(threshold(1, 0.000_56)).contains("from 0.056 % on"));
        assert!(said(threshold(1, 0.9956)).contains("from 99.6 % on"));
        assert!(said(Decision::Offsets(vec![-0.35, 0.35])).contains("no -0.35, yes +0.35."));
        let affine = Decision::Affine {
            f1: vec![0.9, 0.3],
            sizes: vec![1.8, 0.2],
        };
        assert!(said(affine).ends_with("F and s are no 0.90 and 1.80, yes 0.30 and 0.20."));
    }

    #[test]
    fn of_many_classes_the_first_are_listed() {
        let classes: Vec<String> = (0..30).map(|class| format!("c{class}")).collect();
        let text = decision_in_words(&Decision::Offsets(vec![0.0; 30]), &classes);
        assert!(text.ends_with("c9 +0.00, and so on for 20 more."), "{text}");
    }
}
