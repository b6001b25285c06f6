//! What a report says in sentences: how it was made, how ART stands, what is missing, what to do.

use super::entries::rounded;
use crate::{
    counted::{counted, counted_doing},
    environment::Environment,
    results::{
        Advice, DatasetResults, FEWEST_DIVISIONS, MethodResults, MissingResult, NoAdvice, Results,
        Standing, Tally,
    },
    splits::Division,
};
use art_methods::Settings;
use art_train::Training;
use std::{collections::BTreeMap, fmt::Write as _};

/// Heading of what to know of a table of the user's own before its results are believed.
pub(super) const OF_TABLE: &str = "What to know of the table";

/// What to do with a table of the user's own, in plain words; none for a data set of the paper.
pub fn advice_text(dataset: &DatasetResults) -> Option<String> {
    let verdict = dataset.verdict.as_ref()?;
    let against = |id: &str| verdict.against_plain.iter().find(|c| c.other == id);
    let gain = |id: &str| {
        against(id).map_or_else(String::new, |c| {
            let evidence = match (c.corrected_interval, c.corrected_t) {
                (Some(interval), Some(test)) => format!(
                    " (95 % {:+.1} to {:+.1}, p {})",
                    rounded(100.0 * interval.low, 1),
                    rounded(100.0 * interval.high, 1),
                    p_in_words(test.holm)
                ),
                _ => String::new(),
            };
            format!(
                "{:+.1} points of {} over plain training{evidence}",
                rounded(100.0 * c.difference, 1),
                verdict.metric.name(),
            )
        })
    };
    let is_done = |m: &MethodResults| m.left_out.is_some() || m.is_complete();
    let incomplete = if dataset.methods.iter().all(is_done) {
        ""
    } else {
        " (some runs are missing or failed)"
    };
    let name = format!("{}{incomplete}", dataset.title);
    let title = |id: &str| against(id).map_or(String::new(), |c| c.title.clone());
    let settings = |id: &str| {
        let method = dataset.methods.iter().find(|method| method.id == id);
        let tuned = method.and_then(|method| method.tuned.as_ref()?.shown.as_ref());
        with_settings(id, tuned)
    };
    let largest = || {
        let best = verdict.against_plain.iter();
        let best = best.max_by(|a, b| a.difference.total_cmp(&b.difference));
        best.map_or_else(String::new, |c| {
            format!(
                " Of the others {} has the largest mean: {}.",
                c.title,
                gain(&c.other)
            )
        })
    };
    let plain = "beyond chance (t-test corrected for overlapping splits, Holm's adjustment)";
    Some(match &verdict.advice {
        Advice::KeepPlain => {
            format!(
                "{name}: keep plain training. No method beats it {plain}.{} More seeds would tell smaller \
                 differences apart.",
                largest()
            )
        }
        Advice::Nothing(NoAdvice::OneDivision) => format!(
            "{name}: no advice. All seeds have the same test rows, so that their differences say nothing about other \
             rows.{}",
            largest()
        ),
        Advice::Nothing(NoAdvice::FewDivisions(n)) => format!(
            "{name}: no advice from {}; it takes at least {FEWEST_DIVISIONS}.{}",
            counted(*n, "split"),
            largest()
        ),
        Advice::MoveDecision(id) => format!(
            "{name}: train plainly and move the decision ({}, {}): {}. No other method that beats plain \
             training is ahead of that beyond chance.",
            title(id),
            settings(id),
            gain(id)
        ),
        Advice::Train(id) => format!(
            "{name}: train with {} ({}): {}, {plain}.",
            title(id),
            settings(id),
            gain(id)
        ),
    })
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
        return results.datasets.iter().filter_map(advice_text).collect();
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
         validation loss, best epoch's weights; {}, shared by all methods.",
        on.map_or_else(|| "N".to_owned(), |title| format!("{title}: n")),
        hidden.join("-"),
        training.dropout,
        training.batch_size,
        counted(training.max_epochs as usize, "epoch"),
        training.patience,
        criterion.trim_matches('"'),
        match division {
            Division::Stratified => "stratified 70/15/15 split for each seed",
            Division::Grouped => "split of whole groups for each seed, about 70/15/15",
            Division::Given => "the table's own split, the same for every seed",
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
