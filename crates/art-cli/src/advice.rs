//! What a comparison advises, as options of this program.

use crate::remedies::given;
use art_bench::{Advice, DatasetResults, NoAdvice};
use art_methods::Settings;

/// The options by which `art train` does what was advised, or `art compare` can advise something.
pub(crate) fn advised_options(results: &DatasetResults) -> Option<String> {
    match &results.verdict.as_ref()?.advice {
        Advice::Nothing(NoAdvice::FewDivisions(n)) if *n == results.divisions.seeds => {
            Some("--seeds N".to_owned())
        }
        Advice::KeepPlain | Advice::Nothing(_) => None,
        Advice::MoveDecision(id) | Advice::Train(id) => {
            let method = results.methods.iter().find(|method| method.id == *id);
            let tuned = method.and_then(|method| method.tuned.as_ref()?.shown.as_ref());
            Some(train_options(id, tuned))
        }
    }
}

/// What `art train` must be told to train a method as it was compared.
fn train_options(method: &str, tuned: Option<&Settings>) -> String {
    let mut options = vec![given("--method", method)];
    let tuned = tuned.into_iter().flat_map(Settings::iter);
    options.extend(tuned.map(|(name, value)| match name {
        "learning_rate" => format!("--learning-rate {value}"),
        "weight_decay" => format!("--weight-decay {value}"),
        _ => format!("--set {name}={value}"),
    }));
    options.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_tuned_is_told_in_the_words_of_the_program() {
        let mut settings = Settings::default();
        settings.insert("blend", 0.25);
        settings.insert("learning_rate", 0.0031);
        settings.insert("weight_decay", 0.01);
        assert_eq!(
            train_options("art", Some(&settings)),
            "--method art --set blend=0.25 --learning-rate 0.0031 --weight-decay 0.01"
        );
        assert_eq!(train_options("ros", None), "--method ros");
    }
}
