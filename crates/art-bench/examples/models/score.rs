//! The other side's probabilities under our decision rules.

use crate::{
    Line,
    split_files::{NEVER, SplitFiles, read_f32},
};
use anyhow::{Context, Result, bail, ensure};
use art_core::{ClassCounts, ClassDistribution};
use art_methods::DECISION_RULES;
use art_train::{LogitPrior, PostHoc, Predictions};
use serde::Deserialize;
use std::{
    fs,
    io::{BufWriter, Write, stdout},
    path::{Path, PathBuf},
};

/// The class with the largest probability.
pub(crate) const ARGMAX: &str = "argmax";
/// Rules that decide where none are named, as far as there are such.
const RULES: [&str; 2] = ["tau-e", "plug-in"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where the splits are
    work: PathBuf,
    /// Decision rules
    #[arg(long, value_delimiter = ',')]
    rules: Option<Vec<String>>,
}

/// What stands beside log-probabilities.
#[derive(Deserialize)]
struct Answers {
    model: String,
    weights: String,
    scheme: String,
    train_seconds: f64,
    answer_seconds: f64,
}

/// What probabilities are decided by.
enum Rule {
    Argmax,
    PostHoc(&'static str, Box<dyn PostHoc>),
}

impl Rule {
    fn named(id: &str) -> Result<Self> {
        if id == ARGMAX {
            return Ok(Self::Argmax);
        }
        let Some(rule) = DECISION_RULES.into_iter().find(|rule| rule.id == id) else {
            let known: Vec<&str> = DECISION_RULES.iter().map(|rule| rule.id).collect();
            bail!("no rule {id:?}; known are {ARGMAX}, {}", known.join(", "));
        };
        Ok(Self::PostHoc(rule.id, (rule.make)()))
    }

    fn standard() -> Vec<Self> {
        let named = RULES.iter().filter_map(|id| Self::named(id).ok());
        [Self::Argmax].into_iter().chain(named).collect()
    }

    fn id(&self) -> &str {
        match self {
            Self::Argmax => ARGMAX,
            Self::PostHoc(id, _) => id,
        }
    }

    /// Test macro F1 under what the rule chooses on the labelled rows that were answered unseen.
    fn macro_f1(
        &self,
        unseen: &Predictions,
        test: &Predictions,
        prior: &LogitPrior,
        natural: &ClassDistribution,
    ) -> f64 {
        match self {
            Self::Argmax => test.confusion().macro_f1(),
            Self::PostHoc(_, rule) => {
                let adjustment = rule.adjust(unseen, prior, natural);
                test.confusion_by(&adjustment).macro_f1()
            }
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let rules = match &args.rules {
        None => Rule::standard(),
        Some(names) => names
            .iter()
            .map(|id| Rule::named(id))
            .collect::<Result<_>>()?,
    };
    let mut out = BufWriter::new(stdout().lock());
    for split in SplitFiles::all(&args.work)? {
        for file in answers_in(&split.folder)? {
            let lines =
                scored(&split, &file, &rules).with_context(|| file.display().to_string())?;
            for line in lines {
                writeln!(out, "{}", serde_json::to_string(&line)?)?;
            }
        }
    }
    Ok(out.flush()?)
}

/// The files of answers, which stand beside a split's own.
fn answers_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = vec![];
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_json = path.extension().is_some_and(|ending| ending == "json");
        if is_json && path.with_extension("logp").exists() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn scored(split: &SplitFiles, file: &Path, rules: &[Rule]) -> Result<Vec<Line>> {
    let answers: Answers = serde_json::from_str(&fs::read_to_string(file)?)?;
    let logits = read_f32(&file.with_extension("logp"))?;
    let n_classes = split.header.n_classes;
    let (natural_rows, unseen_labels) = match &*answers.scheme {
        "hold-out" => (split.train_labels(), split.valid_labels()),
        "folds" => (split.labelled(), split.labelled()),
        other => bail!("no scheme {other:?}"),
    };
    let n_unseen = unseen_labels.len() * n_classes;
    let n_test = split.test_labels().len() * n_classes;
    ensure!(
        logits.len() == n_unseen + n_test,
        "{} numbers",
        logits.len()
    );
    let (unseen, test) = logits.split_at(n_unseen);
    let unseen = if answers.scheme == "folds" {
        held_out(n_classes, unseen, unseen_labels, &split.folds()?)
    } else {
        Predictions::from_logits(n_classes, unseen.to_vec(), unseen_labels.to_vec())
    };
    let test = Predictions::from_logits(n_classes, test.to_vec(), split.test_labels().to_vec());
    unseen.check_finite("the labelled rows")?;
    test.check_finite("the test rows")?;
    let natural = ClassCounts::from_labels(natural_rows, n_classes)?.prior();
    let prior: LogitPrior = match &*answers.weights {
        "plain" => natural.clone().into(),
        "balanced" => ClassDistribution::uniform(n_classes)?.into(),
        other => bail!("no weights {other:?}"),
    };
    let line = |rule: &Rule| Line {
        table: split.header.table.clone(),
        seed: split.header.seed,
        model: answers.model.clone(),
        weights: answers.weights.clone(),
        scheme: answers.scheme.clone(),
        rule: rule.id().to_owned(),
        macro_f1: rule.macro_f1(&unseen, &test, &prior, &natural),
        train_seconds: answers.train_seconds,
        answer_seconds: answers.answer_seconds,
    };
    Ok(rules.iter().map(line).collect())
}

/// The rows that a fold held out.
fn held_out(n_classes: usize, logits: &[f32], labels: &[u32], folds: &[u32]) -> Predictions {
    let rows = logits.chunks_exact(n_classes).zip(labels).zip(folds);
    let rows = rows.filter(|(_, fold)| **fold != NEVER);
    let (mut kept, mut of) = (vec![], vec![]);
    for ((logits, label), _) in rows {
        kept.extend(logits);
        of.push(*label);
    }
    Predictions::from_logits(n_classes, kept, of)
}
