//! Our recipes on the same splits.

use crate::{Line, score::ARGMAX, split_files::SplitFiles, timing::Stopwatch};
use anyhow::{Context, Result, anyhow};
use art_core::Seed;
use art_data::{RowShape, Split};
use art_methods::Registry;
use art_train::{FoldInputs, Predictions, RunInputs, Trainer, Training};
use rayon::ThreadPoolBuilder;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::Write,
    path::PathBuf,
    str::FromStr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where the splits are
    work: PathBuf,
    /// The file that lines are added to; what it has is not trained again [default: ours.jsonl beside the splits]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Methods, as METHOD[:NAME=VALUE...][+RULE]
    #[arg(long, value_delimiter = ',', required = true)]
    methods: Vec<String>,
    /// How they are trained, as NAME={"hidden":[32]}: what differs from the defaults, or from the rule for tables where
    /// `"rule": true` is among it; may be given several times
    #[arg(long, default_value = "hold-out={}")]
    training: Vec<NamedTraining>,
    /// Tables; all if none are named
    #[arg(long, value_delimiter = ',')]
    tables: Vec<String>,
    /// Trainings at a time, on one core each
    #[arg(long, default_value_t = 1)]
    jobs: usize,
}

/// What differs from the default training, with a name for it.
#[derive(Clone)]
pub(crate) struct NamedTraining {
    name: String,
    changes: Map<String, Value>,
}

impl FromStr for NamedTraining {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, json) = text.split_once('=').context("NAME={...}")?;
        let new = Self {
            name: name.to_owned(),
            changes: serde_json::from_str(json)?,
        };
        new.changed(Training::default()).map(|_| new)
    }
}

/// What stands among the changes for the rule.
const RULE: &str = "rule";

impl NamedTraining {
    /// The defaults, or the rule for tables, with the changes; pictures have one hidden layer.
    pub(crate) fn training(&self, split: &Split) -> Result<Training> {
        let (train, valid) = (split.train.data(), split.valid.data());
        let mut start = if self.changes.get(RULE) == Some(&Value::Bool(true)) {
            Training::for_table(train.n_rows() + valid.n_rows(), train.n_features())
        } else {
            Training::default()
        };
        if let RowShape::Image { .. } = train.shape() {
            start.hidden = vec![64];
        }
        self.changed(start)
    }

    fn changed(&self, start: Training) -> Result<Training> {
        let mut all = serde_json::to_value(start)?;
        let fields = all.as_object_mut().context("a training has fields")?;
        let changes = self.changes.iter().filter(|(name, _)| *name != RULE);
        fields.extend(changes.map(|(name, value)| (name.clone(), value.clone())));
        Ok(serde_json::from_value(all)?)
    }
}

/// A line, and what exactly it was trained by.
#[derive(Serialize, Deserialize)]
struct OwnLine {
    #[serde(flatten)]
    line: Line,
    method: String,
    training: Training,
}

impl OwnLine {
    fn key(table: &str, seed: u64, method: &str, scheme: &str, training: &Training) -> String {
        let training = serde_json::to_string(training).expect("a training is plain data");
        format!("{table}/{seed}/{method}/{scheme}/{training}")
    }
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let path = args.out.clone();
    let path = path.unwrap_or_else(|| args.work.join("ours.jsonl"));
    let known = known_lines(&path)?;
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    // The end of a line that was cut off spoils no other.
    if fs::read(&path)?.last().is_some_and(|&last| last != b'\n') {
        writeln!(file)?;
    }
    let file = Mutex::new(file);
    let mut splits = SplitFiles::all(&args.work)?;
    splits.retain(|s| args.tables.is_empty() || args.tables.contains(&s.header.table));
    // All tables have a seed before one has two.
    splits.sort_by_key(|split| split.header.seed);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let jobs: Vec<_> = (0..args.jobs.max(1))
            .map(|_| scope.spawn(|| job(args, &splits, &next, &known, &file)))
            .collect();
        jobs.into_iter()
            .try_for_each(|job| job.join().map_err(|_| anyhow!("a training panicked"))?)
    })
}

fn known_lines(path: &PathBuf) -> Result<BTreeSet<String>> {
    if !path.exists() {
        return Ok(BTreeSet::new());
    }
    let text = fs::read_to_string(path)?;
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str::<OwnLine>(line).ok());
    Ok(lines
        .map(|own| {
            let Line {
                table,
                seed,
                scheme,
                ..
            } = &own.line;
            OwnLine::key(table, *seed, &own.method, scheme, &own.training)
        })
        .collect())
}

/// Takes splits until there are none left. Its trainings have one thread together.
fn job(
    args: &Args,
    splits: &[SplitFiles],
    next: &AtomicUsize,
    known: &BTreeSet<String>,
    file: &Mutex<File>,
) -> Result<()> {
    let pool = ThreadPoolBuilder::new().num_threads(1).build()?;
    while let Some(files) = splits.get(next.fetch_add(1, Ordering::Relaxed)) {
        let (table, seed) = (&files.header.table, files.header.seed);
        let mut split = None;
        for named in &args.training {
            for method in &args.methods {
                let split = match &split {
                    Some(split) => split,
                    None => split.insert(files.split()?),
                };
                let training = named.training(split)?;
                if known.contains(&OwnLine::key(table, seed, method, &named.name, &training)) {
                    continue;
                }
                let run = || trained(files, split, method, &training);
                let trained = pool
                    .install(run)
                    .with_context(|| format!("{table}/{seed}/{method}"))?;
                let (model, rule) = method.rsplit_once('+').unwrap_or((method, ARGMAX));
                let line = Line {
                    table: table.clone(),
                    seed,
                    model: model.to_owned(),
                    weights: String::new(),
                    scheme: named.name.clone(),
                    rule: rule.to_owned(),
                    macro_f1: trained.macro_f1,
                    train_seconds: trained.train_seconds,
                    answer_seconds: trained.answer_seconds,
                };
                let method = method.clone();
                let own = OwnLine {
                    line,
                    method,
                    training,
                };
                let text = serde_json::to_string(&own)? + "\n";
                let mut file = file.lock().map_err(|_| anyhow!("another job panicked"))?;
                file.write_all(text.as_bytes())?;
            }
        }
    }
    Ok(())
}

/// What came out of a training.
pub(crate) struct Trained {
    pub(crate) macro_f1: f64,
    pub(crate) train_seconds: f64,
    pub(crate) answer_seconds: f64,
}

/// Trains as a cell of the experiment does, in the folds of the other side where the method has folds, and looks at the test
/// rows once.
pub(crate) fn trained(
    files: &SplitFiles,
    split: &Split,
    method: &str,
    training: &Training,
) -> Result<Trained> {
    let seed = Seed::new(files.header.seed);
    let (method, settings) = Registry::standard().typed(method)?;
    let in_folds = match settings.folds()? {
        1 => None,
        n => Some(files.in_folds(n)?),
    };
    let watch = Stopwatch::start();
    let trainer = Trainer::new(training.train_config()?, seed);
    let run = if let Some((train, folds)) = &in_folds {
        let inputs = FoldInputs::new(train, folds, training, seed);
        method.fit_folds(&settings, &inputs, trainer)?
    } else {
        let inputs = RunInputs::new(&split.train, &split.valid, training, seed);
        method.fit(&settings, &inputs, trainer)?
    };
    let fitted = run.fitted;
    let train_seconds = watch.seconds();
    let watch = Stopwatch::start();
    let predictions = Predictions::of(&fitted.model, split.test.data())?;
    predictions.check_finite("the test rows")?;
    let confusion = match &fitted.adjustment {
        Some(adjustment) => predictions.confusion_by(adjustment),
        None => predictions.confusion(),
    };
    Ok(Trained {
        macro_f1: confusion.macro_f1(),
        train_seconds,
        answer_seconds: watch.seconds(),
    })
}
