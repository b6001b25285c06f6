//! Which network and which training suit a table: the same method with several `Training`s, on tables of one's own and of the
//! project, over several seeds.
//!
//! `cargo run --release -p art-bench --example networks -- [OPTIONS] TABLE...`
//!
//! A TABLE is a CSV file whose target is the column `class`, a data set of the project, or `squares`: pairs of squares of a
//! chess board, small integers with a rule of steps, which `--squares FILE` writes as CSV. A variant is `NAME=BASE` or
//! `NAME=BASE{JSON}`: the numbers of `paper` (the default of all methods) or of `rule` (that of the table's rows and columns),
//! some of them replaced. The first variant is what the others are compared with.
//!
//! Every run is that of a cell: split 70/15/15, scaled by its training rows, one look at the test rows.

use anyhow::{Context, Result, bail};
use art_bench::{DataFolder, DataSets};
use art_core::Seed;
use art_data::{Dataset, Frame, LabelledFrame, ReadOptions, SquarePairs, read_frame};
use art_methods::{ChosenMethod, Registry};
use art_stats::{PairedSet, difference_across};
use art_train::{MakeRecipe as _, Predictions, RunInputs, Trainer, Training};
use clap::Parser;
use rayon::ThreadPoolBuilder;
use serde_json::{Map, Value};
use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

const TARGET: &str = "class";
/// Pairs of squares, of 4096.
const PAIRS: usize = 3000;
/// The first seed of the paper's matrix.
const FIRST_SEED: u64 = 1834;

#[derive(Parser)]
struct Args {
    /// CSV files, data sets of the project, or `squares`.
    tables: Vec<String>,
    /// `NAME=BASE{JSON}`, the first one to compare with.
    #[arg(long = "variant", default_values = ["paper=paper", "rule=rule"])]
    variants: Vec<Variant>,
    /// The method that all have.
    #[arg(long, default_value = "power-sampling+tau-e")]
    method: String,
    /// Seeds of splits, weights and draws.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(2..))]
    seeds: u64,
    /// Runs at a time, one thread each.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    jobs: u8,
    /// Writes the pairs of squares there and ends.
    #[arg(long)]
    squares: Option<PathBuf>,
}

/// A `Training` with a name.
#[derive(Clone)]
struct Variant {
    name: String,
    base: Base,
    replaced: Map<String, Value>,
}

#[derive(Clone, Copy)]
enum Base {
    Paper,
    Rule,
}

impl FromStr for Variant {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, rest) = text.split_once('=').context("NAME=BASE{JSON}")?;
        let (base, json) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
        Ok(Self {
            name: name.to_owned(),
            base: match base {
                "paper" => Base::Paper,
                "rule" => Base::Rule,
                _ => bail!("a variant begins with `paper` or `rule`, not {base:?}"),
            },
            replaced: match json {
                "" => Map::new(),
                json => serde_json::from_str(json)?,
            },
        })
    }
}

impl Variant {
    /// How a network for these training rows is trained.
    fn training(&self, train: &Dataset) -> Result<Training> {
        let base = match self.base {
            Base::Paper => Training::default(),
            Base::Rule => Training::for_table(train.n_rows(), train.n_features()),
        };
        let Value::Object(mut fields) = serde_json::to_value(base)? else {
            bail!("a training is a list of numbers with names");
        };
        fields.extend(self.replaced.clone());
        Ok(serde_json::from_value(Value::Object(fields))?)
    }
}

/// A table that can be split by its id.
struct Table {
    title: String,
    id: String,
    sets: DataSets,
}

impl Table {
    fn open(name: &str) -> Result<Self> {
        let own = |table| -> Result<Self> {
            let sets = DataSets::of_own_table(table);
            let ids = sets.class_names()?;
            let id = ids.into_keys().next().context("a table has an id")?;
            let title = Path::new(name).file_stem().context("a file has a name")?;
            let title = title.to_string_lossy().into_owned();
            Ok(Self { title, id, sets })
        };
        if name == "squares" {
            let data = squares()?;
            let frame = Frame::of_numbers(data.features(), data.feature_names());
            let (labels, classes) = (data.labels().to_vec(), data.class_names().to_vec());
            return own(LabelledFrame::of_classes(frame, labels, classes)?);
        }
        if Path::new(name).is_file() {
            let options = ReadOptions {
                words: vec![TARGET.into()],
                ..ReadOptions::default()
            };
            let frame = read_frame(Path::new(name), &options)?;
            return own(LabelledFrame::new(frame, TARGET)?);
        }
        let folder = std::env::var_os("ART_DATA").map_or_else(|| "data".into(), PathBuf::from);
        Ok(Self {
            title: name.to_owned(),
            id: name.to_owned(),
            sets: DataSets::load(&[name.to_owned()], &DataFolder::open(folder)?)?,
        })
    }
}

fn squares() -> Result<Dataset> {
    Ok(SquarePairs::new(PAIRS).generate(Seed::new(1))?)
}

fn write_squares(path: &Path) -> Result<()> {
    let data = squares()?;
    let mut file = csv::Writer::from_path(path)?;
    let names = data.feature_names().iter().map(String::as_str);
    file.write_record(names.chain([TARGET]))?;
    for (row, &label) in data.features().rows().into_iter().zip(data.labels()) {
        let fields = row.iter().map(f32::to_string);
        let class = data.class_names()[label as usize].clone();
        file.write_record(fields.chain([class]))?;
    }
    Ok(file.flush()?)
}

/// What came out of a run.
#[derive(Clone, Copy)]
struct Run {
    /// Macro F1 on test rows, in points.
    score: f64,
    seconds: f64,
    epochs: f64,
}

fn run(table: &Table, variant: &Variant, method: &ChosenMethod, seed: Seed) -> Result<Run> {
    let split = table.sets.split(&table.id, seed)?;
    let start = Instant::now();
    let training = variant.training(split.train.data())?;
    let inputs = RunInputs::new(&split.train, &split.valid, &training, seed);
    let trainer = Trainer::new(training.train_config()?, seed);
    let fitted = method.recipe(&inputs)?.fit(&inputs, trainer)?.fitted;
    let seconds = start.elapsed().as_secs_f64();
    let predictions = Predictions::of(&fitted.model, split.test.data())?;
    let confusion = match &fitted.adjustment {
        Some(adjustment) => predictions.confusion_with(&adjustment.offsets),
        None => predictions.confusion(),
    };
    Ok(Run {
        score: 100.0 * confusion.macro_f1(),
        seconds,
        epochs: fitted.history.epochs.len() as f64,
    })
}

/// The runs of every table, variant and seed, in this order.
fn run_all(args: &Args, tables: &[Table], method: &ChosenMethod) -> Result<Vec<Run>> {
    let per_table = args.variants.len() * args.seeds as usize;
    let n_cells = tables.len() * per_table;
    let next = AtomicUsize::new(0);
    let runs: Mutex<Vec<Option<Result<Run>>>> = Mutex::new((0..n_cells).map(|_| None).collect());
    let work = || {
        loop {
            let cell = next.fetch_add(1, Ordering::Relaxed);
            if cell >= n_cells {
                return;
            }
            let (variant, seed) = (cell % per_table, cell as u64 % args.seeds);
            let variant = &args.variants[variant / args.seeds as usize];
            let table = &tables[cell / per_table];
            let done = run(table, variant, method, Seed::new(FIRST_SEED + seed));
            runs.lock().expect("no run panics")[cell] = Some(done);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..args.jobs {
            // Threads of a run would take turns with those of another.
            let pool = ThreadPoolBuilder::new().num_threads(1).build();
            scope.spawn(|| pool.expect("one thread can be had").install(work));
        }
    });
    let runs = runs.into_inner().expect("no run panics");
    runs.into_iter()
        .map(|run| run.expect("every run is done"))
        .collect()
}

fn main() -> Result<()> {
    let args = Args::parse();
    if let Some(path) = &args.squares {
        return write_squares(path);
    }
    let method = Registry::standard().choose(&args.method)?;
    let tables = args.tables.iter().map(|name| Table::open(name));
    let tables = tables.collect::<Result<Vec<_>>>()?;
    let runs = run_all(&args, &tables, &method)?;
    let n_seeds = args.seeds as usize;
    // The runs of a table and a variant.
    let of = |table: usize, variant: usize| {
        &runs[(table * args.variants.len() + variant) * n_seeds..][..n_seeds]
    };
    let mean = |runs: &[Run], value: fn(&Run) -> f64| {
        runs.iter().map(value).sum::<f64>() / runs.len() as f64
    };
    let scores =
        |table, variant| -> Vec<f64> { of(table, variant).iter().map(|run| run.score).collect() };

    let names = args.variants.iter().map(|variant| &*variant.name);
    let names: Vec<&str> = names.collect();
    println!(
        "{} over {n_seeds} seeds: macro F1 in points and seconds of a run on one thread.\n",
        args.method
    );
    println!("| table | {} |", names.join(" | "));
    println!("|---|{}", "---|".repeat(names.len()));
    for (place, table) in tables.iter().enumerate() {
        let cells = (0..names.len()).map(|variant| {
            let runs = of(place, variant);
            let (score, seconds) = (mean(runs, |r| r.score), mean(runs, |r| r.seconds));
            format!("{score:.1} ({seconds:.2} s)")
        });
        println!(
            "| {} | {} |",
            table.title,
            cells.collect::<Vec<_>>().join(" | ")
        );
    }
    println!(
        "\n| variant | mean | less {} | ± between tables | ahead on | seconds | epochs |",
        names[0]
    );
    println!("|---|---|---|---|---|---|---|");
    for (variant, name) in names.iter().enumerate() {
        let pairs = (0..tables.len())
            .map(|table| PairedSet::new(&scores(table, variant), &scores(table, 0), 0.0));
        let across = difference_across(&pairs.collect::<Result<Vec<_>, _>>()?, 0.95)?;
        let all = (0..tables.len()).flat_map(|table| of(table, variant).to_vec());
        let all: Vec<Run> = all.collect();
        println!(
            "| {name} | {:.2} | {:+.2} | {:.2} | {} of {} | {:.2} | {:.0} |",
            mean(&all, |r| r.score),
            across.mean_difference(),
            across.between_error().unwrap_or(f64::NAN),
            across.n_ahead,
            across.n_sets,
            mean(&all, |r| r.seconds),
            mean(&all, |r| r.epochs),
        );
    }
    Ok(())
}
