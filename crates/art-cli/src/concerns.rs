//! What to know of a table before results from it are believed.

use crate::{
    args::{DivisionArgs, TableArgs},
    left_out::left_out,
};
use anyhow::{Result, bail};
use art_bench::{counted, counted_doing};
use art_data::{Column, Kinship, LabelledFrame, SplitRows, Telltale, TelltaleSign, Values};

/// Names of columns that say how much a row counts, without capitals and marks.
const WEIGHTS: [&str; 18] = [
    "weight",
    "weights",
    "wt",
    "wts",
    "wgt",
    "wgts",
    "sampleweight",
    "sampleweights",
    "caseweight",
    "caseweights",
    "instanceweight",
    "rowweight",
    "surveyweight",
    "personweight",
    "finalweight",
    "fnlwgt",
    "pweight",
    "fweight",
];
/// Refuses weights of rows, which nothing here could heed.
pub(crate) fn refuse_weights(args: &TableArgs) -> Result<()> {
    let Some(name) = &args.weight else {
        return Ok(());
    };
    bail!(
        "--weight {name}: weights of rows are not built: samplers draw rows by their class, and losses and scores count \
         each row once. Leave the column out (--ignore {name}), or write a row as often as it counts"
    )
}

/// Columns of `table` that look like weights of rows and are used as features.
pub(crate) fn weights(table: &LabelledFrame) -> Vec<String> {
    let weights = table.feature_columns().filter(|column| {
        let letters = column.name.chars().filter(|c| c.is_alphanumeric());
        let name: String = letters.flat_map(char::to_lowercase).collect();
        let is_positive = match &column.values {
            Values::Numbers(numbers) => numbers.iter().all(|x| x.is_nan() || *x >= 0.0),
            Values::Words { .. } => false,
        };
        WEIGHTS.contains(&&*name) && is_positive && !column.values.is_constant()
    });
    let said = |column: &Column| {
        let name = &column.name;
        format!(
            "column {name:?} is a feature here. If it says how much each row counts, leave it out (--ignore {name:?}): \
             weights of rows are not built. If it describes the row, such as the weight of a body, all is well"
        )
    };
    weights.map(said).collect()
}

/// What to know of `table`: features that give the answer away or look like weights, rows that belong together, rows that
/// cannot all be predicted.
pub(crate) fn concerns(
    args: &TableArgs,
    division: Option<&DivisionArgs>,
    table: &LabelledFrame,
) -> Result<Vec<String>> {
    let mut concerns = vec![];
    for telltale in table.telltales()? {
        concerns.push(of_telltale(table, &telltale)?);
    }
    // Rows that a column of the table divides have been thought about.
    let is_divided = |d: &DivisionArgs| d.group.is_some() || d.split.is_some();
    if !division.is_some_and(is_divided) {
        let kinships = table.kinships(&left_out(args));
        concerns.extend(kinships.iter().map(of_kinship));
    }
    concerns.extend(weights(table));
    let contradictions = table.repeated_rows().contradictions;
    if contradictions > 0 {
        concerns.push(format!(
            "{} cannot all be predicted: their features are equal and their labels are not",
            counted(contradictions, "row")
        ));
    }
    Ok(concerns)
}

fn of_telltale(table: &LabelledFrame, Telltale { column, sign }: &Telltale) -> Result<String> {
    let target = table.target();
    let index = table.class_index()?;
    let share = index.counts().largest() as f64 / table.labels().len() as f64;
    // The F1 of the largest class where all rows are taken for it, and 0 for the others.
    let guess = 2.0 * share / (1.0 + share) / index.n_classes() as f64;
    let perfect = |macro_f1: f64| {
        format!(
            "alone predicts {target:?} almost perfectly (macro F1 {macro_f1:.2} on held-out rows; {guess:.2} for the largest \
             class always)"
        )
    };
    let what = match *sign {
        TelltaleSign::Values { macro_f1 } => format!("column {column:?} {}", perfect(macro_f1)),
        TelltaleSign::Presence { macro_f1 } => {
            format!(
                "whether column {column:?} has a value {}",
                perfect(macro_f1)
            )
        }
        TelltaleSign::OneClass {
            is_present,
            rows,
            class,
        } => format!(
            "column {column:?} has {} value in {rows} rows, and all or nearly all of these are of class {:?}",
            if is_present { "a" } else { "no" },
            table.class_names()[class]
        ),
    };
    Ok(format!(
        "{what}; if it is known only after the outcome, leave it out (--ignore {column:?}), or all scores are too good"
    ))
}

fn of_kinship(kinship: &Kinship) -> String {
    const MOST: usize = 5;
    let Kinship {
        column,
        rows,
        n_values,
        common,
        share_class,
    } = kinship;
    let mut alike: Vec<String> = common.iter().take(MOST).map(|c| format!("{c:?}")).collect();
    if common.len() > MOST {
        alike.push("others".into());
    }
    if *share_class {
        alike.push("the class".into());
    }
    let alike = if alike.is_empty() {
        "most columns".to_owned()
    } else {
        alike.join(", ")
    };
    format!(
        "rows with the same {column:?} seem to belong together ({rows} rows with {n_values} values, alike in {alike}): a split \
         that parts them tests on what it has trained on; --group {column:?} keeps them in one part"
    )
}

/// What to know of the repeated rows of `table` once it is divided: how many of the test rows stand in training too.
pub(crate) fn repeated(table: &LabelledFrame, divisions: &[SplitRows]) -> Option<String> {
    let tested: usize = divisions.iter().map(|rows| rows.test.len()).sum();
    let trained: usize = table.test_rows_in_training(divisions).iter().sum();
    if trained == 0 {
        return None;
    }
    let share = 100.0 * trained as f64 / tested as f64;
    let of = match divisions {
        [_] => format!("{trained} of {tested} test rows ({share:.1} %)"),
        several => format!("{share:.1} % of the test rows of {} splits", several.len()),
    };
    let duplicates = table.repeated_rows().duplicates;
    Some(format!(
        "{} an earlier one, features and label; {of} stand among the training rows as well, and are no \
         evidence for new rows",
        counted_doing(duplicates, "row", "repeats", "repeat")
    ))
}
