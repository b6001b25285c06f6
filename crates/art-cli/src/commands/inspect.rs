//! What is in a table.

use crate::{
    args::InspectArgs,
    table::{doubts, read_table},
    text,
};
use anyhow::Result;
use art_bench::terminal_message;
use art_data::{LabelledFrame, MOST_LEVELS, Values};
use serde_json::json;
use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    io::Write,
};

/// Below this many rows a part of a 70/15/15 split has none of the class.
const FEWEST: usize = 3;
/// Below this many rows the validation and test parts have less than five of the class.
const FEW: usize = 34;

pub(crate) fn run(args: &InspectArgs) -> Result<()> {
    let table = read_table(&args.table, &[])?;
    let counts = table.class_index()?.counts().clone();
    let (duplicates, contradictions) = repeated(&table);
    let warnings = warnings(
        &table,
        &args.table.format.words,
        counts.as_slice(),
        contradictions,
    );
    let mut out = text::output();
    if args.json {
        let column = |column: &art_data::Column| {
            let (kind, distinct) = match &column.values {
                Values::Numbers(_) => ("numbers", None),
                Values::Words { levels, .. } => ("words", Some(levels.len())),
            };
            json!({"name": column.name, "kind": kind, "missing": column.values.n_missing(),
                   "distinct": distinct, "constant": column.values.is_constant()})
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
            "warnings": warnings,
        });
        writeln!(out, "{value:#}")?;
        return Ok(());
    }
    writeln!(
        out,
        "{}: {} rows, {} columns besides the target {:?}\n",
        table.frame().path().display(),
        table.frame().n_rows(),
        table.features().len(),
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
        "{} classes, largest to smallest {:.2} : 1",
        table.class_names().len(),
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
        "\n{duplicates} rows repeat an earlier one; {contradictions} rows have the features of another row \
         and another label"
    )?;
    for warning in warnings {
        writeln!(out, "warning: {}", terminal_message(&warning))?;
    }
    Ok(())
}

fn column_row(column: &art_data::Column) -> Vec<String> {
    let missing = column.values.n_missing().to_string();
    let (kind, from, to, most) = match &column.values {
        Values::Numbers(numbers) => {
            let present = || numbers.iter().copied().filter(|x| !x.is_nan());
            let shown = |x: f64| {
                if x.is_finite() {
                    x.to_string()
                } else {
                    String::new()
                }
            };
            let low = present().fold(f64::INFINITY, f64::min);
            let high = present().fold(f64::NEG_INFINITY, f64::max);
            ("numbers".to_owned(), shown(low), shown(high), String::new())
        }
        Values::Words { levels, .. } => {
            let counts = column.values.level_counts();
            let most = counts.iter().max().copied().unwrap_or(0);
            let most = counts
                .iter()
                .position(|&n| n == most)
                .map(|place| levels[place].clone());
            let kind = format!("{} words", levels.len());
            (kind, String::new(), String::new(), most.unwrap_or_default())
        }
    };
    vec![column.name.clone(), kind, missing, from, to, most]
}

/// Rows equal to an earlier one, and rows whose features are those of a row of another class.
fn repeated(table: &LabelledFrame) -> (usize, usize) {
    let mut hashers = vec![DefaultHasher::new(); table.frame().n_rows()];
    for column in table
        .frame()
        .columns()
        .iter()
        .filter(|c| c.name != table.target())
    {
        match &column.values {
            Values::Numbers(numbers) => {
                let bits = numbers
                    .iter()
                    .map(|x| if *x == 0.0 { 0 } else { x.to_bits() });
                bits.zip(&mut hashers)
                    .for_each(|(bits, hasher)| bits.hash(hasher));
            }
            Values::Words { codes, .. } => {
                codes
                    .iter()
                    .zip(&mut hashers)
                    .for_each(|(code, hasher)| code.hash(hasher));
            }
        }
    }
    let finished = hashers.iter().map(Hasher::finish);
    let mut rows: Vec<(u64, u32)> = finished.zip(table.labels().iter().copied()).collect();
    rows.sort_unstable();
    let (mut duplicates, mut contradictions) = (0, 0);
    for equal in rows.chunk_by(|a, b| a.0 == b.0) {
        let labels = equal.chunk_by(|a, b| a.1 == b.1);
        let sizes: Vec<usize> = labels.map(<[_]>::len).collect();
        duplicates += sizes.iter().map(|n| n - 1).sum::<usize>();
        if sizes.len() > 1 {
            contradictions += equal.len();
        }
    }
    (duplicates, contradictions)
}

/// Pairs of names that differ in capitals alone, or are the same number.
fn alike(names: &[String]) -> Vec<(&str, &str)> {
    let is_alike = |a: &str, b: &str| {
        let numbers = a.parse::<f64>().ok().zip(b.parse::<f64>().ok());
        a.to_lowercase() == b.to_lowercase() || numbers.is_some_and(|(a, b)| a == b)
    };
    let mut pairs = vec![];
    for (place, name) in names.iter().enumerate() {
        let before = names[..place].iter();
        let other = before.rev().find(|other| is_alike(name, other));
        pairs.extend(other.map(|other| (&**other, &**name)));
    }
    pairs
}

fn warnings(
    table: &LabelledFrame,
    words: &[String],
    counts: &[usize],
    contradictions: usize,
) -> Vec<String> {
    let mut warnings = vec![];
    for (name, &n) in table.class_names().iter().zip(counts) {
        if n < FEWEST {
            warnings.push(format!(
                "class {name:?} has {n} rows: too few for training, validation and test rows each; merge it with \
                 another class, or leave its rows out"
            ));
        } else if n < FEW {
            warnings.push(format!(
                "class {name:?} has {n} rows: about {} of them judge it in a 70/15/15 split, so its scores will be \
                 mostly chance",
                (0.15 * n as f64).round().max(1.0)
            ));
        }
    }
    let features: HashSet<&String> = table.features().iter().collect();
    for column in table.frame().columns() {
        if column.values.n_missing() == table.frame().n_rows() {
            warnings.push(format!(
                "column {:?} has no value at all; leave it out",
                column.name
            ));
        } else if features.contains(&column.name)
            && matches!(&column.values, Values::Words { levels, .. } if levels.len() > MOST_LEVELS)
        {
            warnings.push(format!(
                "column {:?} has more than {MOST_LEVELS} different words, too many for a feature; leave it out",
                column.name
            ));
        } else if column.values.is_constant() {
            warnings.push(format!(
                "column {:?} has one value alone and says nothing",
                column.name
            ));
        }
    }
    for (name, other) in alike(table.class_names()) {
        warnings.push(format!(
            "classes {name:?} and {other:?} are written alike; if they are one, write them so"
        ));
    }
    warnings.extend(doubts(table, words));
    if contradictions > 0 {
        warnings.push(format!(
            "{contradictions} rows cannot all be predicted: their features are equal and their labels are not"
        ));
    }
    warnings
}
