//! What to keep in mind of results on a data set: how little they rest on, and what they are not about.

use super::entries::listed;
use crate::{
    counted::counted,
    results::{BeforeRefresh, DatasetResults, FEWEST_DIVISIONS, Results},
    splits::Division,
    splits::{AbsentClass, Part},
};

/// What to keep in mind of the results on a data set, in sentences: few or repeated divisions, classes without rows in a part,
/// differences that do not vary and, on a table of the user's own, weights from before the first refresh.
pub fn caveats(dataset: &DatasetResults) -> Vec<String> {
    let mut lines = of_divisions(dataset);
    lines.extend(
        dataset
            .absent
            .iter()
            .map(|absent| of_absent(absent, dataset)),
    );
    if dataset
        .absent
        .iter()
        .any(|absent| absent.part == Part::Test)
    {
        lines.push(
            "Macro scores are means over the classes that the test rows of a seed have; a class without any is left out."
                .into(),
        );
    }
    let compared = dataset.verdict.iter().flat_map(|v| &v.against_plain);
    let constant = compared.filter(|c| c.n > 1 && c.corrected_t.is_none());
    let constant: Vec<&str> = constant.map(|c| &*c.title).collect();
    if !constant.is_empty() {
        lines.push(format!(
            "The difference to plain training is the same on every split for {}: what does not vary cannot be tested.",
            listed(&constant)
        ));
    }
    if dataset.verdict.is_some() {
        let feedback = dataset.methods.iter();
        let feedback = feedback.filter_map(|m| Some((&m.id, m.before_refresh?)));
        lines.extend(feedback.filter_map(|(id, runs)| before_refresh_text(id, runs)));
    }
    lines
}

/// Of all data sets of a report, each line with its data set where there are several.
pub(super) fn of_results(results: &Results) -> Vec<String> {
    let has_several = results.datasets.len() > 1;
    let of_dataset = |dataset: &DatasetResults| {
        let lines = caveats(dataset).into_iter();
        let title = dataset.title.clone();
        let named = move |line: String| {
            if has_several {
                format!("{title}: {line}")
            } else {
                line
            }
        };
        lines.map(named).collect::<Vec<_>>()
    };
    let mut lines: Vec<String> = results.datasets.iter().flat_map(of_dataset).collect();
    let is_unknown = |dataset: &DatasetResults| {
        results.division == Division::Grouped && !results.known_splits.contains(&dataset.id)
    };
    if results.datasets.iter().any(is_unknown) {
        lines.push(
            "The folder was written by a program that dealt out groups alike for nearly every seed; which seeds share a \
             division is not known, so that nothing is tested. Compare anew into another folder."
                .into(),
        );
    }
    lines
}

fn of_divisions(dataset: &DatasetResults) -> Vec<String> {
    let divisions = dataset.divisions;
    let (seeds, different) = (divisions.seeds, divisions.different);
    if divisions.is_one() {
        return vec![format!(
            "1 division of {seeds} seeds: all have the same test rows and differ in weights and draws alone. Their differences say \
             nothing about other rows; nothing is tested and nothing advised."
        )];
    }
    let mut lines = vec![];
    if different < seeds {
        lines.push(format!(
            "{different} different divisions of {seeds} seeds: groups or rows are too few for more. Seeds with \
             the same test rows are one division: differences, tests and intervals are over divisions."
        ));
    }
    if (1..FEWEST_DIVISIONS).contains(&different) {
        lines.push(format!(
            "Only {}: with fewer than {FEWEST_DIVISIONS} a row or two decide p-values and intervals. Take them for preliminary.",
            counted(different, "split")
        ));
    }
    lines
}

fn of_absent(absent: &AbsentClass, dataset: &DatasetResults) -> String {
    let AbsentClass { class, part, seeds } = absent;
    let seeds_text = match seeds.len() {
        n if n == dataset.divisions.seeds => "of every seed".to_owned(),
        n => format!("of {n} of {} seeds", dataset.divisions.seeds),
    };
    let meaning = match part {
        Part::Test => "its scores are over the other seeds",
        Part::Validation => "feedback, decision rules and early stopping know nothing of it there",
    };
    let meaning = if *part == Part::Test && seeds.len() == dataset.divisions.seeds {
        "nothing is known of how it is predicted"
    } else {
        meaning
    };
    format!(
        "The class {class:?} has no row in the {} part {seeds_text}: {meaning}.",
        part.name()
    )
}

/// How many runs of a method kept weights from before the first refresh; none where no run did.
fn before_refresh_text(id: &str, runs: BeforeRefresh) -> Option<String> {
    let BeforeRefresh { kept_before, runs } = runs;
    (kept_before > 0).then(|| {
        format!(
            "{id}: {kept_before} of {} kept weights from before the first refresh: the feedback had no part in them.",
            counted(runs, "run")
        )
    })
}
