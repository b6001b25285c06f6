//! What is in a table.

use crate::{
    args::{FormatArgs, InspectArgs},
    concerns::{concerns, refuse_weights},
    doubts::doubts,
    folded::{Kind, Warning, folded},
    problems::of_columns,
    stdin,
    table::read_table,
    text,
};
use anyhow::Result;
use art_bench::{counted, counted_doing, terminal_message};
use art_data::{ColumnKind, LabelledFrame, MOST_LEVELS, RepeatedRows, Values};
use serde_json::json;
use std::{
    collections::{BTreeSet, HashSet},
    io::Write,
};

/// Below this many rows a part of a 70/15/15 split has none of the class.
const FEWEST: usize = 3;
/// Below this many rows the validation and test parts have less than five of the class.
const FEW: usize = 34;

pub(crate) fn run(args: &InspectArgs) -> Result<()> {
    refuse_weights(&args.table)?;
    let table = read_table(&args.table, &[])?;
    let counts = table.class_index()?.counts().clone();
    let RepeatedRows {
        duplicates,
        contradictions,
    } = table.repeated_rows();
    let mut warnings = warnings(&table, &args.table.format, counts.as_slice());
    let concerns = concerns(&args.table, None, &table)?.into_iter();
    warnings.extend(concerns.map(|text| Warning::of(Kind::Single, text)));
    let n_rows = table.frame().n_rows();
    let mut out = text::output();
    if args.json {
        let column = |column: &art_data::Column| {
            let (kind, distinct) = match &column.values {
                Values::Numbers(_) => (column.kind.to_string(), None),
                Values::Words { levels, .. } => (column.kind.to_string(), Some(levels.len())),
            };
            json!({"name": column.name, "kind": kind, "missing": column.values.n_missing(),
                   "distinct": distinct, "constant": column.values.is_constant() && [0, n_rows].contains(&column.values.n_missing())})
        };
        let classes = table.class_names().iter().zip(counts.as_slice());
        let classes = classes.map(|(name, rows)| json!({"name": name, "rows": rows}));
        let value = json!({
            "rows": table.frame().n_rows(),
            "target": table.target(),
            "columns": table.frame().columns().iter().map(column).collect::<Vec<_>>(),
            "classes": classes.collect::<Vec<_>>(),
            "imbalance_ratio": counts.imbalance_ratio(),
            "duplicate_rows": duplicates,
            "contradicting_rows": contradictions,
            "warnings": warnings.iter().map(Warning::text).collect::<Vec<_>>(),
        });
        return text::print_json(&value);
    }
    writeln!(
        out,
        "{}: {}, {} besides the target {:?}\n",
        stdin::shown(table.frame().path()),
        counted(table.frame().n_rows(), "row"),
        counted(table.features().len(), "column"),
        table.target()
    )?;
    let header = ["column", "kind", "missing", "from", "to", "most frequent"];
    let mut rows = vec![header.map(String::from).to_vec()];
    let features = table
        .frame()
        .columns()
        .iter()
        .filter(|c| c.name != table.target());
    rows.extend(features.map(column_row));
    writeln!(out, "{}", text::aligned(&rows))?;

    writeln!(
        out,
        "{}, largest to smallest {:.2} : 1",
        counted(table.class_names().len(), "class"),
        counts.imbalance_ratio()
    )?;
    let largest = counts.largest() as f64;
    let classes = table.class_names().iter().zip(counts.as_slice());
    let bars = classes.map(|(name, &n)| {
        let share = 100.0 * n as f64 / table.frame().n_rows() as f64;
        vec![name.clone(), n.to_string(), format!("{share:.1} %")]
    });
    let lines = text::aligned(&bars.collect::<Vec<_>>());
    for (line, &n) in lines.lines().zip(counts.as_slice()) {
        writeln!(out, "  {line}  {}", text::bar(n as f64 / largest, 40))?;
    }
    writeln!(
        out,
        "\n{} an earlier one; {} the features of another row and another label",
        counted_doing(duplicates, "row", "repeats", "repeat"),
        counted_doing(contradictions, "row", "has", "have")
    )?;
    for warning in folded(&warnings) {
        writeln!(out, "warning: {}", terminal_message(&warning))?;
    }
    out.flush()?;
    say_next(&table)
}

/// The command that compares methods, without the columns that should be left out.
fn say_next(table: &LabelledFrame) -> Result<()> {
    let mut left_out: BTreeSet<String> = BTreeSet::new();
    let problems = of_columns(table);
    left_out.extend(problems.iter().map(|p| p.remedy()[1].to_owned()));
    left_out.extend(table.telltales()?.into_iter().map(|t| t.column));
    let names = table.feature_columns().filter(|c| c.seems_to_name_rows());
    left_out.extend(names.map(|column| column.name.clone()));
    let left_out: Vec<String> = left_out.into_iter().collect();
    text::say_next(&text::typed_as("compare", &left_out, []));
    Ok(())
}

fn column_row(column: &art_data::Column) -> Vec<String> {
    let missing = column.values.n_missing().to_string();
    let (kind, from, to, most) = match &column.values {
        Values::Numbers(numbers) => {
            let present = || numbers.iter().copied().filter(|x| !x.is_nan());
            let shown = |x: f64| match column.kind {
                _ if !x.is_finite() => String::new(),
                ColumnKind::Dates(order) => order.write(x).unwrap_or_default(),
                _ => x.to_string(),
            };
            let low = present().fold(f64::INFINITY, f64::min);
            let high = present().fold(f64::NEG_INFINITY, f64::max);
            (
                column.kind.to_string(),
                shown(low),
                shown(high),
                String::new(),
            )
        }
        Values::Words { levels, .. } => {
            let counts = column.values.level_counts();
            let most = counts.iter().max().copied().unwrap_or(0);
            let most = counts
                .iter()
                .position(|&n| n == most)
                .map(|place| levels[place].clone());
            let kind = counted(levels.len(), "word");
            (kind, String::new(), String::new(), most.unwrap_or_default())
        }
    };
    vec![column.name.clone(), kind, missing, from, to, most]
}

fn warnings(table: &LabelledFrame, format: &FormatArgs, counts: &[usize]) -> Vec<Warning> {
    let mut warnings = vec![];
    let mut warn = |kind: Kind, text: String| warnings.push(Warning::of(kind, text));
    for (name, &n) in table.class_names().iter().zip(counts) {
        let rows = counted(n, "row");
        if n < FEWEST {
            warn(
                Kind::TooFewRows,
                format!(
                    "class {name:?} has {rows}: too few for training, validation and test rows each; merge it with \
                 another class, or leave its rows out (train and compare do so with --small-classes)"
                ),
            );
        } else if n < FEW {
            let judging = (0.15 * n as f64).round().max(1.0) as usize;
            warn(
                Kind::FewRows,
                format!(
                    "class {name:?} has {rows}: about {judging} of them {} it in a 70/15/15 split, so its scores will be \
                 mostly chance",
                    if judging == 1 { "judges" } else { "judge" }
                ),
            );
        }
    }
    let features: HashSet<&String> = table.features().iter().collect();
    for column in table.frame().columns() {
        if column.values.n_missing() == table.frame().n_rows() {
            warn(
                Kind::Empty,
                format!("column {:?} has no value at all; leave it out", column.name),
            );
        } else if features.contains(&column.name)
            && matches!(&column.values, Values::Words { levels, .. } if levels.len() > MOST_LEVELS)
        {
            warn(
                Kind::ManyWords,
                format!(
                    "column {:?} has more than {MOST_LEVELS} different words, too many for a feature; leave it out",
                    column.name
                ),
            );
        }
    }
    warnings.extend(doubts(table, format));
    warnings
}
