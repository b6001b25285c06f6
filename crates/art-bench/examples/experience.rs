//! From the scores of many tables to what `art compare` expects of methods, and what following its advice would have cost.
//!
//! `experience write SCORES` writes `crates/art-advice/src/experience.json` from a file of `benches/advice/collect.py`.
//! `experience regret SCORES` asks of every table, with a prior of all others: what is chosen on one half of the splits, and what does
//! that cost on the other half?

use anyhow::{Context, Result, bail};
use art_advice::{Choice, Experience, choose};
use art_core::Seed;
use art_methods::{Asks, PLAIN, Registry};
use art_stats::{Differences, GainPrior, Summary};
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
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../art-advice/src/experience.json"
    );
    fs::write(file, serde_json::to_string(&experience)? + "\n")?;
    let gains = prior.posterior(None);
    println!("| method | mean gain | deviation over tables |\n|---|---|---|");
    for (place, method) in scores.methods.iter().enumerate() {
        println!(
            "| {method} | {:+.2} | {:.2} |",
            gains.mean()[place],
            gains.deviation(place)
        );
    }
    Ok(())
}

/// What following something costs on a table, in points, as means over halvings.
#[derive(Clone, Copy, Default)]
struct Cost {
    /// Below the method with the largest mean over all splits.
    regret: f64,
    /// Below the one with the largest mean on the half that was seen.
    less: f64,
    /// Above plain training.
    gain: f64,
}

/// A choice on the splits that were seen, and what became of it.
struct Promised {
    expected: f64,
    came: f64,
    is_within: bool,
}

/// The splits of a table, of which plain training is no method.
struct Table<'a>(&'a [(f64, Vec<f64>)]);

impl Table<'_> {
    /// The mean score of a method, or of plain training.
    fn mean(&self, splits: &[usize], method: Option<usize>) -> f64 {
        let of = splits.iter().map(|&split| {
            let (plain, of) = &self.0[split];
            method.map_or(*plain, |m| of[m])
        });
        of.sum::<f64>() / splits.len() as f64
    }

    /// The method with the largest mean, if it is not plain training.
    fn best(&self, splits: &[usize]) -> Option<usize> {
        let methods = (0..self.0[0].1.len()).map(Some).chain([None]);
        let by_mean = |a: &Option<usize>, b: &Option<usize>| {
            self.mean(splits, *a).total_cmp(&self.mean(splits, *b))
        };
        methods.max_by(by_mean).flatten()
    }
}

/// How a table was judged.
struct Judged {
    /// Of the advice, and of what is always done.
    costs: Vec<Cost>,
    /// How often a method was chosen.
    chosen: BTreeMap<Option<usize>, usize>,
    /// How often the answer was to do it, to do nothing, and that too little is known.
    answers: [usize; 3],
    promised: Vec<Promised>,
}

fn judge(scores: &Scores, name: &str, asks: &[Asks], always: &[Option<usize>]) -> Result<Judged> {
    let (prior, splits) = (scores.prior(Some(name))?, &scores.tables[name]);
    let (table, all) = (Table(splits), (0..splits.len()).collect::<Vec<_>>());
    let mut judged = Judged {
        costs: vec![Cost::default(); 1 + always.len()],
        chosen: BTreeMap::new(),
        answers: [0; 3],
        promised: vec![],
    };
    for halving in 0..HALVINGS {
        let mut order = all.clone();
        Seed::new(halving).stream(name, 0).shuffle(&mut order);
        let (seen, judging) = order.split_at(order.len() / 2);
        let of_seen: Vec<_> = seen.iter().map(|&split| &splits[split]).collect();
        let gains = prior.posterior(Some(&Scores::differences(&of_seen)?));
        let at_most = 100.0 - table.mean(seen, None);
        let (answer, chosen) = match choose(&gains, asks, at_most) {
            Choice::Do(m) => (0, Some(m)),
            Choice::NotWorthIt(_) => (1, None),
            Choice::Unclear(m) => (2, Some(m)),
        };
        judged.answers[answer] += 1;
        *judged.chosen.entry(chosen).or_default() += 1;
        let mean = |method| table.mean(judging, method);
        if let Some(m) = chosen {
            let (came, interval) = (mean(chosen) - mean(None), gains.interval(m, 0.95));
            judged.promised.push(Promised {
                expected: gains.mean()[m],
                came,
                is_within: interval.low <= came && came <= interval.high,
            });
        }
        let (best, best_of_seen) = (table.best(&all), table.best(seen));
        let followed = [chosen].into_iter().chain(always.iter().copied());
        for (cost, method) in judged.costs.iter_mut().zip(followed) {
            let share = 1.0 / HALVINGS as f64;
            cost.regret += share * (mean(best) - mean(method));
            cost.less += share * (mean(best_of_seen) - mean(method));
            cost.gain += share * (mean(method) - mean(None));
        }
    }
    Ok(judged)
}

fn regret(scores: &Scores) -> Result<()> {
    let registry = Registry::standard();
    let asks: Vec<Asks> = scores.methods.iter().map(|m| registry.asks_of(m)).collect();
    let place = |name: &str| scores.methods.iter().position(|m| m == name);
    let fixed = ALWAYS
        .into_iter()
        .filter_map(|name| Some((name, Some(place(name)?))));
    let (names, always): (Vec<_>, Vec<_>) =
        [("plain training", None)].into_iter().chain(fixed).unzip();
    println!(
        "| table | splits | advised | answers: do, nothing, unclear | advice | {} |",
        names.join(" | ")
    );
    println!("|---|---|---|---|---|{}", "---|".repeat(names.len()));
    let mut all = vec![];
    for (name, splits) in &scores.tables {
        let judged = judge(scores, name, &asks, &always)?;
        let most = judged.chosen.iter().max_by_key(|(_, n)| **n);
        let most = most.and_then(|(method, _)| *method);
        let costs = judged
            .costs
            .iter()
            .map(|cost| format!("{:+.2}", cost.regret));
        println!(
            "| {name} | {} | {} | {} | {} |",
            splits.len(),
            most.map_or("plain training", |m| &scores.methods[m]),
            judged.answers.map(|n| n.to_string()).join(", "),
            costs.collect::<Vec<_>>().join(" | ")
        );
        all.push(judged);
    }
    let summary = |title: &str, of: fn(&Cost) -> f64, text: fn(&[f64]) -> String| {
        let columns = (0..=always.len()).map(|column| {
            let values = all.iter().map(|judged| of(&judged.costs[column]));
            text(&values.collect::<Vec<_>>())
        });
        println!(
            "| **{title}** | | | | {} |",
            columns.collect::<Vec<_>>().join(" | ")
        );
    };
    summary("regret, mean", |c| c.regret, mean_and_error);
    summary("largest", |c| c.regret, largest);
    summary(
        "less than the largest mean of the seen half",
        |c| c.less,
        mean_and_error,
    );
    summary("largest", |c| c.less, largest);
    summary("gain over plain training", |c| c.gain, mean_and_error);
    let promised: Vec<&Promised> = all.iter().flat_map(|judged| &judged.promised).collect();
    let n = promised.len() as f64;
    println!(
        "\nWhere something was advised: expected {:+.2}, came {:+.2}; within the interval {:.0} %.",
        promised.iter().map(|p| p.expected).sum::<f64>() / n,
        promised.iter().map(|p| p.came).sum::<f64>() / n,
        100.0 * promised.iter().filter(|p| p.is_within).count() as f64 / n
    );
    Ok(())
}

fn mean_and_error(values: &[f64]) -> String {
    Summary::of(values).map_or_else(
        |_| String::new(),
        |s| format!("{:.2} ± {:.2}", s.mean, s.standard_error()),
    )
}

fn largest(values: &[f64]) -> String {
    format!("{:.2}", values.iter().copied().fold(f64::MIN, f64::max))
}
