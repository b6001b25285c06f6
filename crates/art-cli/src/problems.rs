//! What stands in the way of training on a table, all of it in one message, and one command that settles it.

use crate::{
    remedies::{given, quoted},
    text::typed_without,
};
use anyhow::{Result, bail};
use art_bench::counted;
use art_data::{Column, LabelledFrame, MOST_LEVELS, Values};

/// Something that stands in the way, and what settles it.
pub(crate) struct Problem {
    text: String,
    option: &'static str,
    value: String,
}

impl Problem {
    /// The option with its value.
    pub(crate) fn remedy(&self) -> [&str; 2] {
        [self.option, &self.value]
    }
}

/// Columns that cannot be features however the rows are divided.
pub(crate) fn of_columns(table: &LabelledFrame) -> Vec<Problem> {
    let n_rows = table.frame().n_rows();
    let why = |column: &Column| match &column.values {
        values if values.n_missing() == n_rows => Some("has no value at all".to_owned()),
        // Rows that are held out may take their own words with them.
        Values::Words { levels, .. } if levels.len() > MOST_LEVELS + n_rows / 2 => Some(format!(
            "has {} different words, more than {MOST_LEVELS}; it looks like an identifier or free text",
            levels.len()
        )),
        _ => None,
    };
    let problem = |column: &Column| {
        Some(Problem {
            text: format!("column {:?} {}", column.name, why(column)?),
            option: "--ignore",
            value: column.name.clone(),
        })
    };
    table.feature_columns().filter_map(problem).collect()
}

/// Refuses a table with several problems, with all of them; a single one is refused where it is met, in more words. `needed` are
/// the rows that each class needs.
pub(crate) fn refuse_several(table: &LabelledFrame, needed: usize) -> Result<()> {
    let mut problems = of_columns(table);
    let small = table.small_classes(needed);
    let n_others = table.class_names().len() - small.len();
    if !small.is_empty() && n_others > 1 {
        let listed = small.iter().map(|(name, n)| format!("{name:?} ({n})"));
        problems.push(Problem {
            text: format!(
                "{} too few rows to be in every part: {}",
                if small.len() == 1 {
                    "a class has"
                } else {
                    "classes have"
                },
                listed.collect::<Vec<_>>().join(", ")
            ),
            option: "--small-classes",
            value: "leave-out".into(),
        });
    }
    if problems.len() < 2 {
        return Ok(());
    }
    let lines = problems.iter().map(|problem| {
        let [option, value] = problem.remedy();
        format!("\n  {}: {}", problem.text, given(option, value))
    });
    bail!(
        "{}: {} in the way:{}\nThe command that settles all of them:\n  {}",
        table.frame().path().display(),
        counted(problems.len(), "thing"),
        lines.collect::<String>(),
        this_command_with(&problems)
    )
}

/// What was typed, with the remedies behind it.
fn this_command_with(problems: &[Problem]) -> String {
    let is_column = |problem: &&Problem| problem.option == "--ignore";
    let left_out = problems.iter().filter(is_column);
    let left_out: Vec<String> = left_out.map(|problem| problem.value.clone()).collect();
    let typed = typed_without(&left_out).into_iter();
    let words = typed.map(|word| quoted(&word).into_owned());
    let others = problems.iter().filter(|problem| !is_column(problem));
    let others = others.map(|problem| given(problem.option, &problem.value));
    words.chain(others).collect::<Vec<_>>().join(" ")
}
