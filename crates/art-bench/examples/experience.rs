//! From the scores of many tables to what `art compare` expects of methods, and what following its advice would have cost.
//!
//! `experience write SCORES` writes `crates/art-bench/src/advice/experience.json` from a file of `benches/advice/collect.py`.
//! `experience regret SCORES` asks of every table, with a prior of all others: what is chosen on one half of the splits, and what does
//! that cost on the other half?

use anyhow::{Context, Result, bail};
use art_bench::{Choice, Experience, choose};
use art_core::Seed;
use art_methods::{Asks, PLAIN, Registry};
use art_stats::{Differences, GainPrior};
use std::{collections::BTreeMap, fs};

/// Test rows over training rows of a split in 70, 15 and 15 percent.
const OVERLAP: f64 = 0.15 / 0.70;
/// How often a table's splits are halved.
const HALVINGS: u64 = 40;
/// What is always done, for comparison.
const ALWAYS: [&str; 3] = [
    "baseline+tau-e",
    "power-sampling+tau-e",
    "break-even:folds=5+plug-in",
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", scores] => write(&Scores::read(scores)?),
        ["regret", scores, methods @ ..] => regret(&Scores::read(scores)?.of(methods)?),
        _ => bail!("see the comment at the top of this file"),
    }
}

/// Macro F1 × 100: of each table, for each split, of plain training and then of each method.
struct Scores {
    methods: Vec<String>,
    tables: BTreeMap<String, Vec<(f64, Vec<f64>)>>,
}

impl Scores {
    /// What there is of all methods.
    fn read(file: &str) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| file.to_owned())?;
        let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let header = lines.next().with_context(|| format!("{file} is empty"))?;
        let plain = header.iter().position(|name| *name == PLAIN);
        let plain = plain.with_context(|| format!("{file} has no column {PLAIN}"))?;
        let columns: Vec<usize> = (3..header.len()).filter(|&c| c != plain).collect();
        let mut tables: BTreeMap<String, Vec<(f64, Vec<f64>)>> = BTreeMap::new();
        for line in lines {
            // A method that failed has no score there: then the split says nothing.
            let score = |&column: &usize| line.get(column)?.parse::<f64>().ok();
            let of = columns.iter().map(score).collect::<Option<Vec<f64>>>();
            if let (Some(plain), Some(of)) = (score(&plain), of) {
                tables
                    .entry(line[0].to_owned())
                    .or_default()
                    .push((plain, of));
            }
        }
        Ok(Self {
            methods: columns
                .iter()
                .map(|&column| header[column].to_owned())
                .collect(),
            tables,
        })
    }

    /// The same of these methods alone; of all where none is named.
    fn of(self, names: &[&str]) -> Result<Self> {
        if names.is_empty() {
            return Ok(self);
        }
        let place = |name: &&str| {
            self.methods
                .iter()
                .position(|m| m == name)
                .with_context(|| (*name).to_owned())
        };
        let places = names.iter().map(place).collect::<Result<Vec<_>>>()?;
        let part = |of: &[f64]| places.iter().map(|&m| of[m]).collect::<Vec<f64>>();
        let tables = self.tables.iter().map(|(table, splits)| {
            (
                table.clone(),
                splits
                    .iter()
                    .map(|(plain, of)| (*plain, part(of)))
                    .collect(),
            )
        });
        Ok(Self {
            tables: tables.collect(),
            methods: names.iter().map(|name| (*name).to_owned()).collect(),
        })
    }

    fn differences(splits: &[&(f64, Vec<f64>)]) -> Result<Differences> {
        let of = |(plain, of): &&(f64, Vec<f64>)| of.iter().map(|score| score - plain).collect();
        Ok(Differences::new(splits.iter().map(of).collect(), OVERLAP)?)
    }

    fn prior(&self, without: Option<&str>) -> Result<GainPrior> {
        let tables = self
            .tables
            .iter()
            .filter(|(table, _)| Some(table.as_str()) != without);
        let tables =
            tables.map(|(_, splits)| Self::differences(&splits.iter().collect::<Vec<_>>()));
        Ok(GainPrior::fit(&tables.collect::<Result<Vec<_>>>()?)?)
    }
}

fn write(scores: &Scores) -> Result<()> {
    let prior = scores.prior(None)?;
    let tables = scores.tables.keys().cloned().collect();
    let experience = Experience::new(tables, scores.methods.clone(), &prior);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/advice/experience.json");
    fs::write(file, serde_json::to_string(&experience)? + "\n")?;
    let covariance = prior.covariance();
    println!("| method | mean gain | deviation over tables |\n|---|---|---|");
    for (place, method) in scores.methods.iter().enumerate() {
        println!(
            "| {method} | {:+.2} | {:.2} |",
            prior.mean()[place],
            covariance[place][place].sqrt()
        );
    }
    Ok(())
}

/// What following something costs on a table, in points.
#[derive(Default)]
struct Cost {
    regret: f64,
    less: f64,
    gain: f64,
}

fn regret(scores: &Scores) -> Result<()> {
    let registry = Registry::standard();
    let asks: Vec<Asks> = scores.methods.iter().map(|m| registry.asks_of(m)).collect();
    let always: Vec<(&str, Option<usize>)> = ALWAYS
        .into_iter()
        .filter_map(|name| Some((name, Some(scores.methods.iter().position(|m| m == name)?))))
        .collect();
    let always: Vec<_> = [("plain training", None)]
        .into_iter()
        .chain(always)
        .collect();
    println!(
        "| table | splits | advised | answers: do, nothing, unclear | advice | {} |",
        always
            .iter()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>()
            .join(" | ")
    );
    println!("|---|---|---|---|---|{}", "---|".repeat(always.len()));
    let mut all: Vec<Vec<Cost>> = vec![];
    let mut promised: Vec<(f64, f64, bool)> = vec![];
    for (table, splits) in &scores.tables {
        let prior = scores.prior(Some(table))?;
        let mut costs: Vec<Cost> = (0..=always.len()).map(|_| Cost::default()).collect();
        let mut advised: BTreeMap<&str, usize> = BTreeMap::new();
        let mut answers = [0; 3];
        for halving in 0..HALVINGS {
            let mut order: Vec<usize> = (0..splits.len()).collect();
            Seed::new(halving).stream(table, 0).shuffle(&mut order);
            let (seen, judged) = order.split_at(order.len() / 2);
            let seen: Vec<_> = seen.iter().map(|&split| &splits[split]).collect();
            let shown = Scores::differences(&seen)?;
            let gains = prior.posterior(Some(&shown));
            let plain = seen.iter().map(|(plain, _)| plain).sum::<f64>() / seen.len() as f64;
            let choice = choose(&gains, &asks, 100.0 - plain);
            let chosen = match choice {
                Choice::Do(m) => (answers[0] += 1, Some(m)).1,
                Choice::NotWorthIt(_) => (answers[1] += 1, None).1,
                Choice::Unclear(m) => (answers[2] += 1, Some(m)).1,
            };
            *advised
                .entry(chosen.map_or("plain training", |m| &scores.methods[m]))
                .or_default() += 1;
            // What is best is asked of the splits that are judged by too, so that it has luck that nobody can have.
            let mean = |method: Option<usize>| {
                let of = judged.iter().map(|&split| match method {
                    None => splits[split].0,
                    Some(m) => splits[split].1[m],
                });
                of.sum::<f64>() / judged.len() as f64
            };
            let over_all = |method: Option<usize>| {
                let of = splits
                    .iter()
                    .map(|(plain, of)| method.map_or(*plain, |m| of[m]));
                of.sum::<f64>()
            };
            let methods = (0..scores.methods.len()).map(Some).chain([None]);
            let best = methods
                .max_by(|a, b| over_all(*a).total_cmp(&over_all(*b)))
                .flatten();
            let on_seen = |method: Option<usize>| {
                let of = seen.iter();
                of.map(|(plain, of)| method.map_or(*plain, |m| of[m]))
                    .sum::<f64>()
            };
            let methods = (0..scores.methods.len()).map(Some).chain([None]);
            let seen_best = methods.max_by(|a, b| on_seen(*a).total_cmp(&on_seen(*b)));
            let seen_best = seen_best.flatten();
            if let Some(m) = chosen {
                let (gain, interval) = (mean(chosen) - mean(None), gains.interval(m, 0.95));
                promised.push((
                    gains.mean()[m],
                    gain,
                    interval.low <= gain && gain <= interval.high,
                ));
            }
            let followed = [chosen].into_iter().chain(always.iter().map(|(_, m)| *m));
            for (cost, method) in costs.iter_mut().zip(followed) {
                cost.regret += (mean(best) - mean(method)) / HALVINGS as f64;
                cost.less += (mean(seen_best) - mean(method)) / HALVINGS as f64;
                cost.gain += (mean(method) - mean(None)) / HALVINGS as f64;
            }
        }
        let most = advised
            .iter()
            .max_by_key(|(_, n)| **n)
            .map_or("", |(name, _)| *name);
        println!(
            "| {table} | {} | {most} | {}, {}, {} | {} |",
            splits.len(),
            answers[0],
            answers[1],
            answers[2],
            costs
                .iter()
                .map(|c| format!("{:+.2}", c.regret))
                .collect::<Vec<_>>()
                .join(" | ")
        );
        all.push(costs);
    }
    let n = all.len() as f64;
    let over = |of: fn(&Cost) -> f64| {
        let columns = (0..=always.len()).map(|column| {
            let values: Vec<f64> = all.iter().map(|costs| of(&costs[column])).collect();
            let mean = values.iter().sum::<f64>() / n;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let largest = values.iter().copied().fold(f64::MIN, f64::max);
            (
                format!("{mean:.2} ± {:.2}", (variance / n).sqrt()),
                format!("{largest:.2}"),
            )
        });
        columns.unzip::<_, _, Vec<_>, Vec<_>>()
    };
    let (regret, worst) = over(|c| c.regret);
    let (gain, _) = over(|c| c.gain);
    let (less, _) = over(|c| c.less);
    println!(
        "| **less than the largest mean of the seen half** | | | | {} |",
        less.join(" | ")
    );
    let count = promised.len() as f64;
    println!(
        "Where something was advised: expected {:+.2}, came {:+.2}; within the interval {:.0} %.",
        promised.iter().map(|p| p.0).sum::<f64>() / count,
        promised.iter().map(|p| p.1).sum::<f64>() / count,
        100.0 * promised.iter().filter(|p| p.2).count() as f64 / count
    );
    println!("| **regret, mean** | | | | {} |", regret.join(" | "));
    println!("| **largest** | | | | {} |", worst.join(" | "));
    println!(
        "| **gain over plain training** | | | | {} |",
        gain.join(" | ")
    );
    Ok(())
}
