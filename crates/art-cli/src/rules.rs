//! How `predict` decides: as the model does, all rows together, by costs, or by a number of rows.

use crate::args::PredictArgs;
use anyhow::{Context as _, Result, bail, ensure};
use art_bench::{counted, decision_in_words, decision_text};
use art_data::nearest_name;
use art_train::{Answers, Classifier, CostMatrix, Decision, Prior, TrainError};
use std::{fmt::Display, path::Path};

/// How classes are decided.
pub(crate) enum Rule {
    /// As the model does.
    Model,
    /// By the plug-in rule, for the rows of the table together.
    Batch,
    /// By expected cost.
    Costs(CostMatrix),
    /// So many rows, the likeliest ones, for a class.
    AtMost { class: usize, n: usize },
}

impl Rule {
    /// What was typed for a model.
    pub(crate) fn typed(args: &PredictArgs, classifier: &Classifier) -> Result<Self> {
        let names = classifier.class_names();
        if let Some(typed) = &args.at_most {
            let (class, n) = at_most(typed, classifier)?;
            return Ok(Self::AtMost { class, n });
        }
        if let Some(probability) = args.threshold {
            return threshold(probability, classifier);
        }
        if args.cost.is_empty() && args.costs.is_none() {
            return Ok(if args.batch_shares {
                Self::Batch
            } else {
                Self::Model
            });
        }
        let mut costs = match &args.costs {
            Some(path) => table(path, names)?,
            None => equal_costs(names.len()),
        };
        let mut said = vec![];
        for typed in &args.cost {
            let (truth, decision, cost) = cost(typed, names)?;
            ensure!(
                !said.contains(&(truth, decision)),
                "--cost {typed}: what it costs to take {:?} for {:?} is given twice",
                names[truth],
                names[decision]
            );
            said.push((truth, decision));
            costs[decision][truth] = cost;
        }
        let checked = CostMatrix::new(costs);
        Ok(Self::Costs(
            checked.context("the costs of --costs and --cost")?,
        ))
    }

    /// Whether a row's answer depends on the other rows.
    pub(crate) fn needs_all_rows(&self) -> bool {
        matches!(self, Self::Batch | Self::AtMost { .. })
    }

    pub(crate) fn classes(&self, answers: &Answers) -> Result<Vec<u32>, TrainError> {
        match self {
            Self::Model => Ok(answers.classes()),
            Self::Batch => Ok(answers
                .classes_as_batch()
                .unwrap_or_else(|| answers.classes())),
            Self::Costs(costs) => answers.classes_by_costs(costs),
            Self::AtMost { class, n } => answers.classes_at_most(*class, *n),
        }
    }

    /// How it decided `n_rows` rows, in words; `prior` says what the probabilities beside the answers are for.
    pub(crate) fn in_words(&self, classifier: &Classifier, prior: Prior, n_rows: u64) -> String {
        let names = classifier.class_names();
        let uncalibrated = if classifier.temperature().is_none() {
            " The model's probabilities were not calibrated; those of methods with +tau-e or +plug-in are."
        } else {
            ""
        };
        match self {
            Self::Model if prior == Prior::Natural => decision_text(classifier),
            Self::Model => format!("By natural probabilities: {}", decision_text(classifier)),
            Self::Batch => "All rows were decided together: with as many of each class as the probabilities expect of this table."
                .into(),
            Self::Costs(costs) => {
                let class = classifier.rarest_class();
                let says = costs.binary_threshold().map_or_else(
                    || "Each row gets the class with the lowest expected cost.".into(),
                    |threshold| {
                        let probability = if class == 1 { threshold } else { 1.0 - threshold };
                        decision_in_words(&Decision::Threshold { class, probability }, names)
                    },
                );
                format!("Decided otherwise than the model does. {says}{uncalibrated}")
            }
            Self::AtMost { class, n } if *n as u64 >= n_rows => format!(
                "All {n_rows} rows are taken for {:?}: there are no more than were asked for.",
                names[*class]
            ),
            Self::AtMost { class, n } => format!(
                "The {} likeliest to be {:?} {} taken for it, and no others.{uncalibrated}",
                counted(*n, "row"),
                names[*class],
                if *n == 1 { "is" } else { "are" }
            ),
        }
    }
}

/// The place of a class, which must be there.
fn class(name: &str, names: &[String], typed: &dyn Display) -> Result<usize> {
    let place = names.iter().position(|known| known == name);
    place.with_context(|| {
        let hint = nearest_name(name, names.iter().map(String::as_str));
        let hint = hint.map_or_else(String::new, |known| format!(", did you mean {known:?}?"));
        format!("{typed}: the model has no class {name:?}{hint}")
    })
}

/// `TRUTH:DECISION=COST`; names may hold either sign.
fn cost(typed: &str, names: &[String]) -> Result<(usize, usize, f64)> {
    let option = format!("--cost {typed}");
    let form = || {
        format!(
            "{option}: what errors cost is written TRUTH:DECISION=COST, such as yes:no=5 where a missed yes is as bad as five false alarms"
        )
    };
    let (pair, number) = typed.rsplit_once('=').with_context(form)?;
    let number: f64 = number.trim().parse().ok().with_context(form)?;
    let colons = pair.match_indices(':').map(|(at, _)| at);
    let halves = colons.map(|at| (&pair[..at], &pair[at + 1..]));
    let halves: Vec<(&str, &str)> = halves.collect();
    let known = |name: &str| names.iter().any(|known| known == name);
    let whole = halves.iter().find(|(a, b)| known(a) && known(b));
    let (truth, decision) = whole.or(halves.first()).with_context(form)?;
    let (truth, decision) = (
        class(truth, names, &option)?,
        class(decision, names, &option)?,
    );
    ensure!(
        truth != decision,
        "{option}: {:?} is taken for itself, which is no error",
        names[truth]
    );
    ensure!(
        number > 0.0 && number.is_finite(),
        "{option}: an error costs more than 0"
    );
    Ok((truth, decision, number))
}

/// The rarer of two classes from `probability` on: as if a missed row cost so much more than a false alarm.
fn threshold(probability: f64, classifier: &Classifier) -> Result<Rule> {
    let option = format!("--threshold {probability}");
    let names = classifier.class_names();
    ensure!(
        names.len() == 2,
        "{option}: the model has {} classes, and a threshold parts two",
        names.len()
    );
    ensure!(
        probability > 0.0 && probability < 1.0,
        "{option}: a probability between 0 and 1"
    );
    let rarer = classifier.rarest_class();
    let mut costs = equal_costs(2);
    costs[1 - rarer][rarer] = (1.0 - probability) / probability;
    Ok(Rule::Costs(CostMatrix::new(costs)?))
}

/// `N`, of two classes for the rarer one, or `CLASS=N`.
fn at_most(typed: &str, classifier: &Classifier) -> Result<(usize, usize)> {
    let option = format!("--at-most {typed}");
    let names = classifier.class_names();
    let number = |text: &str| {
        let number = text.trim().parse::<usize>().ok();
        let number = number.with_context(|| format!("{option}: {text:?} is no number of rows"))?;
        ensure!(number > 0, "{option}: at least one row");
        Ok(number)
    };
    match typed.rsplit_once('=') {
        Some((name, n)) => Ok((class(name, names, &option)?, number(n)?)),
        None if names.len() == 2 => Ok((classifier.rarest_class(), number(typed)?)),
        None => bail!(
            "{option}: the model has {} classes; say which one, as in --at-most \"{}={typed}\"",
            names.len(),
            names[classifier.rarest_class()]
        ),
    }
}

/// Costs by decision and truth where every error costs 1.
fn equal_costs(n_classes: usize) -> Vec<Vec<f64>> {
    let cost = |decision, truth| f64::from(u8::from(decision != truth));
    let row = |decision| (0..n_classes).map(|truth| cost(decision, truth)).collect();
    (0..n_classes).map(row).collect()
}

/// A table of costs: the first column has the true class of each line, the others are called by the class that is decided for.
fn table(path: &Path, names: &[String]) -> Result<Vec<Vec<f64>>> {
    let option = format!("--costs {}", path.display());
    let mut reader = csv::Reader::from_path(path).with_context(|| option.clone())?;
    let header = reader.headers().with_context(|| option.clone())?.clone();
    let columns = header
        .iter()
        .skip(1)
        .map(|name| class(name, names, &option));
    let columns: Vec<usize> = columns.collect::<Result<_>>()?;
    let mut costs = equal_costs(names.len());
    let mut seen = vec![];
    for record in reader.records() {
        let record = record.with_context(|| option.clone())?;
        let truth = class(record.get(0).unwrap_or_default(), names, &option)?;
        ensure!(
            !seen.contains(&truth),
            "{option}: {:?} has two lines",
            names[truth]
        );
        seen.push(truth);
        for (&decision, field) in columns.iter().zip(record.iter().skip(1)) {
            let cost = field.trim().parse::<f64>().ok();
            let cost = cost.with_context(|| format!("{option}: {field:?} is no cost"))?;
            costs[decision][truth] = cost;
        }
    }
    let all = (0..names.len()).find(|place| !columns.contains(place) || !seen.contains(place));
    if let Some(place) = all {
        bail!(
            "{option}: it has no line, or no column, of {:?}",
            names[place]
        );
    }
    Ok(costs)
}
