//! What a comparison advises, as options of this program.

use crate::remedies::given;
use art_bench::DatasetResults;
use art_methods::Settings;

/// The options by which `art train` does what was advised; none for plain training, or where nothing was.
pub(crate) fn advised_options(results: &DatasetResults) -> Option<String> {
    let options = advised(results)?;
    let options = options.iter().map(|[option, value]| given(option, value));
    Some(options.collect::<Vec<_>>().join(" "))
}

/// The same, an option and its value each.
pub(crate) fn advised(results: &DatasetResults) -> Option<Vec<[String; 2]>> {
    let id = results.verdict.as_ref()?.recommended()?;
    let method = results.methods.iter().find(|method| method.id == id);
    let tuned = method.and_then(|method| method.tuned.as_ref()?.shown.as_ref());
    Some(train_options(id, tuned))
}

/// What `art train` must be told to train a method as it was compared.
fn train_options(method: &str, tuned: Option<&Settings>) -> Vec<[String; 2]> {
    let mut options = vec![["--method".to_owned(), method.to_owned()]];
    let tuned = tuned.into_iter().flat_map(Settings::iter);
    options.extend(tuned.map(|(name, value)| match name {
        "learning_rate" => ["--learning-rate".to_owned(), value.to_string()],
        "weight_decay" => ["--weight-decay".to_owned(), value.to_string()],
        _ => ["--set".to_owned(), format!("{name}={value}")],
    }));
    options
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
        let text = |options: Vec<[String; 2]>| options.concat().join(" ");
        assert_eq!(
            text(train_options("art", Some(&settings))),
            "--method art --set blend=0.25 --learning-rate 0.0031 --weight-decay 0.01"
        );
        assert_eq!(text(train_options("ros", None)), "--method ros");
    }
}
