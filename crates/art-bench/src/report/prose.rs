//! What a report says in sentences: how it was made, how ART stands, what is missing, what to do.

use super::{agreement, entries::rounded};
use crate::{
    counted::{counted, counted_doing},
    environment::Environment,
    results::{
        Advice, DatasetResults, ExpectedGain, MethodResults, MissingResult, NoAdvice, Results,
        Standing, Summaries, Tally, Verdict,
    },
    splits::Division,
};
use art_advice::WouldTell;
use art_methods::{PLAIN, Settings};
use art_train::Training;
use std::{collections::BTreeMap, fmt::Write as _};

/// Heading of what to know of a table of the user's own before its results are believed.
pub(super) const OF_TABLE: &str = "What to know of the table";

/// What to do with a table of the user's own, in plain words; none for a data set of the paper.
pub fn advice_text(dataset: &DatasetResults) -> Option<String> {
    let verdict = dataset.verdict.as_ref()?;
    let is_done = |m: &MethodResults| m.left_out.is_some() || m.is_complete();
    let incomplete = if dataset.methods.iter().all(is_done) {
        ""
    } else {
        " (some runs are missing or failed)"
    };
    let name = format!("{}{incomplete}", dataset.title);
    let called = |id: &str| {
        let method = dataset.methods.iter().find(|method| method.id == id);
        let title = method.map_or(String::new(), |method| method.title.clone());
        let tuned = method.and_then(|method| method.tuned.as_ref()?.shown.as_ref());
        format!("{title} ({})", with_settings(id, tuned))
    };
    let gain = |id: &str| {
        verdict
            .expected_of(id)
            .map_or(String::new(), |gain| gain_text(gain, verdict))
    };
    Some(
        match &verdict.advice {
            Advice::KeepPlain => {
                let best = verdict.expected.iter();
                let best = best.max_by(|a, b| a.gain.total_cmp(&b.gain));
                let most = best.map_or(String::new(), |best| {
                    format!(
                        " Most is to be expected of {}: {}.",
                        called(&best.method),
                        gain(&best.method)
                    )
                });
                format!("{name}: keep plain training; nothing here is worth the trouble.{most}")
            }
            Advice::Nothing(NoAdvice::OneDivision) => format!(
                "{name}: no advice. All seeds have the same test rows, so that their differences say nothing about other \
             rows."
            ),
            Advice::MoveDecision(id) => {
                format!(
                    "{name}: train plainly and move the decision, {}: {}.",
                    called(id),
                    gain(id)
                )
            }
            Advice::Train(id) => format!("{name}: train with {}: {}.", called(id), gain(id)),
            Advice::Unclear(id, would_tell) => {
                let bet = if verdict.recommended().is_some() {
                    "The best bet is"
                } else {
                    "The best bet is plain training; of the others most is to be expected of"
                };
                format!(
                    "{name}: too little is known. {bet} {}: {}. {}",
                    called(id),
                    gain(id),
                    would_tell_text(*would_tell, dataset)
                )
            }
        } + &rests_on(verdict, dataset),
    )
}

/// Most classes that are told of in a few sentences.
const MOST_CLASSES: usize = 3;

/// What changes for each class where the recommended method is taken in the place of plain training, the rarest first; nothing where none
/// is recommended.
pub fn changes_text(dataset: &DatasetResults) -> Vec<String> {
    let Some(id) = dataset.verdict.as_ref().and_then(Verdict::recommended) else {
        return vec![];
    };
    let summaries = |id: &str| {
        dataset
            .methods
            .iter()
            .find(|m| m.id == id)?
            .summaries
            .as_ref()
    };
    let (Some(plain), Some(own)) = (summaries(PLAIN), summaries(id)) else {
        return vec![];
    };
    let size = |class: usize| plain.confusion.support(class);
    let mut classes: Vec<usize> = (0..dataset.class_names.len())
        .filter(|&c| size(c) > 0)
        .collect();
    classes.sort_by_key(|&class| size(class));
    if classes.len() > 2 {
        classes.truncate(MOST_CLASSES);
    }
    let found = |of: &Summaries, class: usize| {
        let recall = of.per_class_recall.get(class).copied().flatten()?;
        let precision = of.per_class_precision.get(class).copied().flatten();
        let right = precision.map_or("none of its alarms is right".to_owned(), |p| {
            format!("{:.0} % of its alarms are right", 100.0 * p.mean)
        });
        Some((format!("{:.0}", 100.0 * recall.mean), right))
    };
    let line = |class: usize| {
        let (before, after) = (found(plain, class)?, found(own, class)?);
        Some(format!(
            "Of 100 rows of {:?} plain training finds {} ({}), {id} {} ({}).",
            dataset.class_names[class], before.0, before.1, after.0, after.1
        ))
    };
    classes.into_iter().filter_map(line).collect()
}

/// What is to be expected of a method.
fn gain_text(gain: &ExpectedGain, verdict: &Verdict) -> String {
    let points = |x: f64| rounded(100.0 * x, 1);
    format!(
        "{:+.1} points of {} over plain training are to be expected (95 %: {:+.1} to {:+.1}); the chance that it does worse is {}",
        points(gain.gain),
        verdict.metric.name(),
        points(gain.interval.low),
        points(gain.interval.high),
        percent(gain.chance_of_harm)
    )
}

/// A chance in a sentence, never as none or all.
fn percent(chance: f64) -> String {
    match 100.0 * chance {
        c if c < 1.0 => "below 1 %".to_owned(),
        c if c > 99.0 => "above 99 %".to_owned(),
        c => format!("{c:.0} %"),
    }
}

/// What would tell whether a method is worth it.
fn would_tell_text(would_tell: WouldTell, dataset: &DatasetResults) -> String {
    let divisions = dataset.divisions.different;
    let splits = match would_tell.splits {
        Some(n) => format!(
            "{} would tell if they went on like this{}",
            counted(n, "split"),
            time_text(dataset, n - divisions.min(n))
        ),
        None => "More splits would not tell: they are all of the same rows".to_owned(),
    };
    let rows = match would_tell.rows {
        Some(times) => format!("; so would {} as many rows", times_text(times)),
        None => String::new(),
    };
    format!("{splits}{rows}.")
}

fn times_text(times: f64) -> String {
    if times < 10.0 {
        format!("{times:.1} times")
    } else {
        format!("{times:.0} times")
    }
}

/// How long so many more splits take on one core, from those that were run.
fn time_text(dataset: &DatasetResults, splits: usize) -> String {
    let methods = dataset
        .methods
        .iter()
        .filter_map(|method| method.summaries.as_ref());
    let seconds: f64 = methods.map(|summaries| summaries.seconds.mean).sum();
    match seconds * splits as f64 {
        s if s < 90.0 => format!(" ({s:.0} s more of one core)"),
        s if s < 5400.0 => format!(" ({:.0} min more of one core)", s / 60.0),
        s => format!(" ({:.1} h more of one core)", s / 3600.0),
    }
}

/// What all that rests on.
fn rests_on(verdict: &Verdict, dataset: &DatasetResults) -> String {
    if verdict.expected.is_empty() {
        return String::new();
    }
    let splits = counted(dataset.divisions.different, "split");
    match verdict.other_tables {
        Some(tables) => {
            let unknown = verdict
                .expected
                .iter()
                .filter(|gain| !gain.is_known)
                .count();
            let unknown = match unknown {
                0 => String::new(),
                n => format!(
                    "; no other table has shown {} of the methods, which are taken for middling before they are seen",
                    if n == verdict.expected.len() {
                        "any".to_owned()
                    } else {
                        n.to_string()
                    }
                ),
            };
            format!(
                " This weighs {splits} of the table with what methods did on {tables} other tables{unknown}."
            )
        }
        None => format!(
            " This rests on {splits} of the table alone: what methods do on other tables is known of macro F1 only."
        ),
    }
}

/// A p-value in a sentence.
pub fn p_in_words(p: f64) -> String {
    if p < 0.001 {
        "< 0.001".to_owned()
    } else {
        format!("{p:.3}")
    }
}

/// The name of a method, and the settings that were tuned for it.
fn with_settings(method: &str, tuned: Option<&Settings>) -> String {
    let mut text = method.to_owned();
    for (place, (name, value)) in tuned.into_iter().flat_map(Settings::iter).enumerate() {
        let before = if place == 0 { " with" } else { "," };
        let _ = write!(text, "{before} {} {value}", name.replace('_', " "));
    }
    text
}

/// How ART stands, in a few sentences.
pub(super) fn in_short(results: &Results) -> Vec<String> {
    if !results.is_of_paper() {
        let of_table = |dataset| {
            advice_text(dataset)
                .into_iter()
                .chain(changes_text(dataset))
        };
        return results.datasets.iter().flat_map(of_table).collect();
    }
    let Some(standing) = &results.standing else {
        return vec![];
    };
    let Standing {
        title,
        datasets,
        best_on,
        corrected,
        plain,
        controls,
        ranks,
    } = standing;
    let of = datasets.len();
    let mut lines = vec![match &best_on[..] {
        [] => format!(
            "{title} has the largest mean macro F1 on none of {}.",
            counted(of, "data set")
        ),
        best => format!(
            "{title} has the largest mean macro F1 on {} of {}: {}.",
            best.len(),
            counted(of, "data set"),
            best.join(", ")
        ),
    }];
    let tally = |tally: &Tally| {
        let Tally { ahead, behind, all } = tally;
        let all = counted(*all, "comparison");
        format!("ahead in {ahead} and behind in {behind} of {all}")
    };
    lines.push(format!(
        "Beyond chance, by the t-test corrected for overlapping splits and Holm's adjustment, it is {}. \
         Counted as the paper does, by the plain t-test without adjustment, it is {}.",
        tally(corrected),
        tally(plain)
    ));
    if controls.all > 0 {
        lines.push(format!(
            "Against the controls and additions it is, by the corrected and adjusted test, {}.",
            tally(controls)
        ));
    }
    for rank in ranks {
        lines.push(format!(
            "Its average rank over {} is {:.2} among {}; {} has the lowest, {:.2}.",
            rank.blocks,
            rank.own,
            counted(rank.n_methods, "method"),
            rank.best,
            rank.lowest
        ));
    }
    lines.extend(agreement::in_short(results));
    lines
}

/// What every report says about itself: what was run, how, where.
pub(super) fn preamble(results: &Results) -> Vec<String> {
    let matrix = &results.matrix;
    let mut lines = vec![format!(
        "{} {} of {} evaluated.",
        matrix.purpose,
        results.n_evaluated(),
        counted(results.n_planned(), "cell")
    )];
    let tuned = matrix.tuning.is_some();
    let division = results.division;
    lines.push(training_text(&matrix.training, tuned, division, None));
    for (dataset, training) in &matrix.training_on {
        let title = crate::datasets::dataset_title(dataset);
        lines.push(training_text(training, tuned, division, Some(title)));
    }
    if results.others > 0 {
        lines.push(format!(
            "The folder also holds {} to no cell of this matrix; they are not shown.",
            counted_doing(results.others, "record", "that belongs", "that belong")
        ));
    }
    if (1..results.cells).contains(&results.cells_of_older_arithmetic) {
        lines.push(format!(
            "{} of {} are of an older arithmetic, whose last digits hang on the processor.",
            results.cells_of_older_arithmetic,
            counted(results.cells, "cell")
        ));
    }
    lines.extend(environment_texts(&results.environments));
    lines
}

fn training_text(training: &Training, tuned: bool, division: Division, on: Option<&str>) -> String {
    let hidden: Vec<String> = training.hidden.iter().map(usize::to_string).collect();
    let criterion = serde_json::to_string(&training.criterion).unwrap_or_default();
    let rates = if tuned {
        "learning rate (cosine) and weight decay tuned".to_owned()
    } else {
        format!(
            "learning rate {} (cosine), weight decay {}",
            training.learning_rate, training.weight_decay
        )
    };
    format!(
        "{}etwork {}, dropout {}, AdamW, {rates}, batches of {}, at most {}, patience {} on the {} \
         validation loss, best epoch's weights. {}, shared by all methods.",
        on.map_or_else(|| "N".to_owned(), |title| format!("{title}: n")),
        hidden.join("-"),
        training.dropout,
        training.batch_size,
        counted(training.max_epochs as usize, "epoch"),
        training.patience,
        criterion.trim_matches('"'),
        match division {
            Division::Stratified => "Stratified 70/15/15 split for each seed",
            Division::Grouped => "Split of whole groups for each seed, about 70/15/15",
            Division::Given => "The table's own split, the same for every seed",
        },
    )
}

/// A line for each machine and compiler, with the revisions that were run there.
fn environment_texts(environments: &[Environment]) -> Vec<String> {
    let mut machines: BTreeMap<Environment, Vec<&str>> = BTreeMap::new();
    for environment in environments {
        let machine = Environment {
            revision: String::new(),
            ..environment.clone()
        };
        let revisions = machines.entry(machine).or_default();
        revisions.push(match &*environment.revision {
            "" => "unknown",
            known => known,
        });
    }
    let text =
        |(machine, revisions): (&Environment, &Vec<&str>)| environment_text(machine, revisions);
    machines.iter().map(text).collect()
}

fn environment_text(environment: &Environment, revisions: &[&str]) -> String {
    let or = |text: &str, other: &str| if text.is_empty() { other } else { text }.to_owned();
    format!(
        "Run by revision{} {} ({}) on {}, {}{}, {} at a time.",
        if revisions.len() > 1 { "s" } else { "" },
        revisions.join(", "),
        environment.rustc,
        environment.platform,
        or(&environment.cpu, "unknown processor"),
        match (&*environment.arithmetic, &*environment.instructions) {
            ("", "") => String::new(),
            ("", instructions) => format!(" ({instructions})"),
            (arithmetic, _) => format!(" (arithmetic {arithmetic})"),
        },
        counted(environment.jobs, "cell")
    )
}

/// What resamplers could not do, each with the number of seeds.
pub(super) fn warnings(results: &Results) -> Vec<String> {
    let note = |(text, [n, of]): (&String, &[usize; 2])| {
        format!("{text} ({n} of {})", counted(*of, "seed"))
    };
    results.warnings.iter().map(note).collect()
}

/// What has no result, each with the reason.
pub(super) fn gaps(results: &Results) -> Vec<String> {
    let mut left_out: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut lines = vec![];
    // Many methods of a data set that lack as many cells are named together.
    let mut alike: BTreeMap<(&str, usize, usize), Vec<&str>> = BTreeMap::new();
    for gap in &results.gaps {
        if let MissingResult::Missing {
            pair,
            cells,
            planned,
        } = gap
        {
            let methods = alike.entry((&pair.dataset, *cells, *planned)).or_default();
            methods.push(&pair.method);
        }
    }
    alike.retain(|_, methods| methods.len() > 3);
    for ((dataset, cells, planned), methods) in &alike {
        lines.push(format!(
            "{dataset}: {} of each of {}",
            not_run(*cells, *planned),
            methods.join(", ")
        ));
    }
    for gap in &results.gaps {
        lines.push(match gap {
            MissingResult::Missing {
                pair,
                cells,
                planned,
            } if alike.contains_key(&(&*pair.dataset, *cells, *planned)) => continue,
            MissingResult::Unavailable { dataset, reason } => {
                format!("{dataset} is left out: {reason}")
            }
            MissingResult::LeftOut { pair, reason } => {
                left_out.entry(reason).or_default().push(pair.to_string());
                continue;
            }
            MissingResult::Untuned {
                pair,
                finished,
                planned,
            } => format!(
                "{pair} was not run: {finished} of its {} done",
                counted_doing(*planned as usize, "tuning trial", "is", "are")
            ),
            MissingResult::Hopeless {
                pair,
                trials,
                error,
            } => format!(
                "{pair} cannot be run: all {} failed, the first one: {error}",
                counted(*trials, "tuning trial")
            ),
            MissingResult::Missing {
                pair,
                cells,
                planned,
            } => format!("{pair}: {}", not_run(*cells, *planned)),
            MissingResult::MissingOfAblation {
                ablation,
                cells,
                planned,
            } => format!("the ablation {ablation}: {}", not_run(*cells, *planned)),
            MissingResult::Failed { cell, error } => format!("{cell} failed: {error}"),
        });
    }
    for (reason, pairs) in left_out {
        lines.push(format!("{} left out: {reason}", pairs.join(", ")));
    }
    lines
}

fn not_run(cells: usize, planned: usize) -> String {
    let planned = counted_doing(planned, "cell", "was", "were");
    format!("{cells} of {planned} not run")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_tuned_is_told_behind_the_method() {
        let mut settings = Settings::default();
        settings.insert("boost_frequency", 5.0);
        settings.insert("learning_rate", 0.0031);
        settings.insert("weight_decay", 0.01);
        assert_eq!(
            with_settings("art", Some(&settings)),
            "art with boost frequency 5, learning rate 0.0031, weight decay 0.01"
        );
        assert_eq!(with_settings("ros", None), "ros");
    }
}
