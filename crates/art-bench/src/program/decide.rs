//! `decide`: other decisions from kept logits.

use super::args::DecideArgs;
use crate::{
    counted::counted,
    decide::{Decided, decide},
    error::BenchError,
    store::read_records,
    terminal::show,
};
use anyhow::{Context, ensure};
use art_data::write_file;
use art_methods::{DECISION_RULES, DecisionRule, Registry, UnknownName};
use std::{
    collections::BTreeMap,
    io::{self, Write},
    process::ExitCode,
};

pub(super) fn run(args: &DecideArgs, registry: &Registry) -> anyhow::Result<ExitCode> {
    let rules = chosen(&args.rules)?;
    let records = read_records(&args.folder)
        .context("there is nothing to decide; run a matrix with --keep-logits first")?;
    let only = args.only()?;
    let wanted = |name: String| only.as_ref().is_none_or(|only| only.matches(&name));
    let decided = decide(&args.folder, &records, registry, &rules, &|spec| {
        wanted(spec.to_string())
    })?;
    ensure!(
        !decided.is_empty(),
        "no cell of {}{} has kept logits; run the matrix with --keep-logits",
        args.folder.display(),
        only.map(|only| format!(" that --only {only} matches"))
            .unwrap_or_default()
    );
    let path = args.folder.join("decided.csv");
    write_file(&path, |file| write_cells(file, &decided))
        .map_err(BenchError::io("write", &path))?;
    show(ExitCode::SUCCESS, |out| {
        print(out, &decided, &rules)?;
        writeln!(out, "\n{}", path.display())
    })
}

/// The rules of these names; all where there is none.
fn chosen(names: &[String]) -> anyhow::Result<Vec<DecisionRule>> {
    if names.is_empty() {
        return Ok(DECISION_RULES.to_vec());
    }
    let known = || DECISION_RULES.iter().map(|rule| rule.id);
    let rule = |name: &String| {
        let rule = DECISION_RULES.into_iter().find(|rule| rule.id == name);
        rule.ok_or_else(|| UnknownName::new("decision rule", name, known()).into())
    };
    names.iter().map(rule).collect()
}

fn name(rule: Option<&'static str>) -> &'static str {
    rule.unwrap_or("none")
}

fn write_cells(file: &mut dyn Write, decided: &[Decided]) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(file);
    let heads = [
        "dataset",
        "method",
        "seed",
        "initialisation",
        "rule",
        "macro_f1",
    ];
    table.write_record(heads).map_err(io::Error::other)?;
    for of in decided {
        let row = [
            of.dataset.clone(),
            of.method.clone(),
            of.seed.to_string(),
            of.initialisation.to_string(),
            name(of.rule).to_owned(),
            of.confusion.macro_f1().to_string(),
        ];
        table.write_record(row).map_err(io::Error::other)?;
    }
    table.flush()
}

/// Mean macro F1 in percent, a line for each data set and method, a column for each rule.
fn print(out: &mut dyn Write, decided: &[Decided], rules: &[DecisionRule]) -> io::Result<()> {
    let columns = std::iter::once(None).chain(rules.iter().map(|rule| Some(rule.id)));
    let columns: Vec<Option<&str>> = columns.collect();
    let mut means: BTreeMap<(&str, &str), Vec<Vec<f64>>> = BTreeMap::new();
    for of in decided {
        let line = means.entry((&of.dataset, &of.method));
        let line = line.or_insert_with(|| vec![vec![]; columns.len()]);
        let column = columns.iter().position(|&rule| rule == of.rule);
        line[column.expect("a rule that was asked for")].push(of.confusion.macro_f1());
    }
    let width = means
        .keys()
        .map(|(dataset, method)| dataset.len() + method.len() + 1);
    let width = width.max().unwrap_or(0);
    write!(out, "{:width$}  cells", "")?;
    for rule in &columns {
        write!(out, "  {:>8}", name(*rule))?;
    }
    writeln!(out)?;
    for ((dataset, method), scores) in means {
        let cell = format!("{dataset}/{method}");
        write!(out, "{cell:width$}  {:>5}", scores[0].len())?;
        for (rule, scores) in columns.iter().zip(scores) {
            let wide = name(*rule).len().max(8);
            let mean = 100.0 * scores.iter().sum::<f64>() / scores.len() as f64;
            write!(out, "  {mean:>wide$.2}")?;
        }
        writeln!(out)?;
    }
    let cells = decided.len() / columns.len();
    writeln!(out, "\nMean test macro F1 of {}", counted(cells, "cell"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_is_none_is_named_with_what_it_may_be() {
        let error = chosen(&["tau".to_owned()]).err().unwrap().to_string();
        assert!(error.contains("tau-e"), "{error}");
        assert_eq!(chosen(&[]).unwrap().len(), DECISION_RULES.len());
    }
}
