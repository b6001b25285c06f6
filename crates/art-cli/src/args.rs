//! The command line as it is typed.

use art_bench::{BenchCommand, Metric, PlanShard};
use art_methods::{Registry, Settings};
use art_train::{DeviceName, Prior};
use clap::{Args, Parser, Subcommand, ValueEnum, builder::PossibleValuesParser};
use clap_complete::Shell;
use std::{
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
};

const HELP: &str = "\
Examples:
  art inspect churn.csv --target churned
  art compare churn.csv --target churned --ignore customer
  art train churn.csv --target churned --ignore customer --method power-sampling+tau-e --out churn.art
  art report churn.art
  art predict churn.art new.csv --id customer --out answers.csv
  art resample train.csv --target churned --ignore customer --method smote --out balanced.csv
  art draw labels.txt --f1 f1.json --blend 0.5 --seed 7 --epoch 6 --shard 0/4
  art stats scores.csv --against art
  art bench run --quick

Exit codes: 0 done, 1 a cell of a comparison failed or differs, 2 the input or the command is wrong (a message says what
and where; no output file is left half written), 130 interrupted.";

/// Imbalanced classes in your own table: look at them, compare methods, train, predict, resample, draw, judge results.
#[derive(Parser, Debug)]
#[command(name = "art", version, after_help = HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Columns, missing values, class counts, duplicates and contradictions of a table.
    Inspect(InspectArgs),
    /// Train with several methods on several splits, and say which to use, if any.
    ///
    /// Every method is trained on the same training rows, steered by the same validation rows and judged by the
    /// same test rows, once a seed. Results are stored as they come: a run that was interrupted goes on when the
    /// same command is given again. The report is a page in the results folder.
    #[command(allow_negative_numbers = true)]
    Compare(CompareArgs),
    /// Train one model and write it to a file.
    ///
    /// The table is split into training, validation and test rows; numbers are scaled, missing values filled and
    /// words encoded by the training rows alone. Validation rows steer training, test rows only judge it. Ctrl-C
    /// stops after the epoch in work, and the same command goes on.
    #[command(allow_negative_numbers = true)]
    Train(TrainArgs),
    /// Write a model's answers for the rows of a table.
    ///
    /// Columns are found by name, in any order. The predicted class is the method's decision; the probabilities
    /// are those for the class shares of the training rows, before any resampling. Where the table has the
    /// target, the answers are judged as well.
    ///
    /// Names, labels and words are written as they are, also one that begins with = + - or @, which a spreadsheet takes for a
    /// formula: the table is data for programs.
    Predict(PredictArgs),
    /// Draw how a model was trained and how good it is, as a page.
    Report(ReportArgs),
    /// Write a resampled table, and where each of its rows comes from.
    ///
    /// Resample training rows only: copies and blends of rows that a model is judged by make it look better
    /// than it is. Columns of whole numbers stay whole in rows that are made.
    ///
    /// Names, labels and words are written as they are, also one that begins with = + - or @, which a spreadsheet takes for a
    /// formula: the table is data for programs.
    #[command(allow_negative_numbers = true)]
    Resample(ResampleArgs),
    /// Print the rows that an epoch of ART draws, for a trainer of your own in any language.
    #[command(allow_negative_numbers = true)]
    Draw(DrawArgs),
    /// Compare methods by their scores: one column a method, one row a seed or data set.
    #[command(allow_negative_numbers = true)]
    Stats(StatsArgs),
    /// Run the paper's experiment, and report, verify and pack its results.
    Bench(BenchCommand),
    /// List all methods: what they change, what tuning may try, whose they are.
    Methods(MethodsArgs),
    /// Write a completion script for a shell to the standard output.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write a manual page for each command into a folder: art.1, art-train.1 and so on.
    Man {
        /// The folder, such as ~/.local/share/man/man1.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

#[derive(Args, Debug)]
pub(crate) struct MethodsArgs {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print a page in Markdown, with links to the sources.
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
}

/// A table and how it is written.
#[derive(Args, Clone, Debug)]
pub(crate) struct TableArgs {
    /// Comma-, tab- or semicolon-separated text with one header row, packed by gzip or not; or a Parquet file. - is the
    /// standard input.
    pub(crate) data: PathBuf,
    /// The column to predict.
    #[arg(long, value_name = "COL")]
    pub(crate) target: String,
    /// Leave a column out; may be given more than once.
    #[arg(long, value_name = "COL")]
    pub(crate) ignore: Vec<String>,
    /// Refused, with what to do instead: weights of rows are not built.
    #[arg(long, value_name = "COL")]
    pub(crate) weight: Option<String>,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

/// How a table is written, where it does not speak for itself.
#[derive(Args, Clone, Debug)]
pub(crate) struct FormatArgs {
    /// A column of words though it looks like numbers, such as a postcode; may be given more than once.
    #[arg(long, value_name = "COL")]
    pub(crate) words: Vec<String>,
    /// A column of numbers though it looks like codes, since some begin with zeros; may be given more than once.
    #[arg(long, value_name = "COL")]
    pub(crate) numbers: Vec<String>,
    /// One more field that stands for a missing value, besides empty ones, NA, N/A, NaN, null and ?; -999 stands for -999.0
    /// as well. May be given more than once.
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub(crate) missing: Vec<String>,
    /// One of these fields that is a value here, such as NA for Namibia; may be given more than once.
    #[arg(long, value_name = "FIELD")]
    pub(crate) not_missing: Vec<String>,
    /// What stands between fields: a character, or comma, semicolon, tab, pipe or space [default: found out from the header].
    #[arg(long, value_name = "CHAR")]
    pub(crate) delimiter: Option<String>,
    /// The decimal sign, where numbers leave it in doubt, as 1,234 does [default: found out].
    #[arg(long, value_name = "CHAR")]
    pub(crate) decimal: Option<DecimalArg>,
    /// What comes first in dates, where they leave it in doubt, as 01/02/2024 does [default: found out].
    #[arg(long, value_name = "ORDER")]
    pub(crate) dates: Option<DatesArg>,
    /// Whether the first line has the names of the columns; where it has not, they are called "column 1" and so on
    /// [default: it has, and is refused where it looks like a row].
    #[arg(long, value_name = "WHETHER")]
    pub(crate) header: Option<HeaderArg>,
    /// A character with which lines begin that are no rows, such as #.
    #[arg(long, value_name = "CHAR")]
    pub(crate) comment: Option<String>,
    /// The encoding, such as windows-1252 [default: UTF-8, or UTF-16 where the file says so].
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DecimalArg {
    /// A point.
    #[value(name = ".")]
    Point,
    /// A comma.
    #[value(name = ",")]
    Comma,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DatesArg {
    /// 31/01/2024
    DayFirst,
    /// 01/31/2024
    MonthFirst,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum HeaderArg {
    /// It has.
    Present,
    /// It is a row.
    Absent,
}

/// What becomes of classes that are too small to have a row in every part.
#[derive(Args, Clone, Debug)]
pub(crate) struct SmallClassArgs {
    /// What becomes of classes with too few rows to be in every part: their rows are left out, or they become one class,
    /// "other" [default: they are refused].
    #[arg(long, value_name = "HOW")]
    pub(crate) small_classes: Option<SmallClasses>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SmallClasses {
    /// Their rows are left out.
    LeaveOut,
    /// They become one class.
    Join,
}

/// Columns that have a say in which rows train, steer and judge.
#[derive(Args, Clone, Debug)]
pub(crate) struct DivisionArgs {
    /// Rows with the same value in this column stay in one part, such as all visits of a patient; it is no
    /// feature.
    #[arg(long, value_name = "COL", conflicts_with = "split")]
    pub(crate) group: Option<String>,
    /// The column that says which part each row belongs to: train, valid or test; it is no feature.
    #[arg(long, value_name = "COL")]
    pub(crate) split: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    pub(crate) table: TableArgs,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Methods that are compared where none are named: of each kind some, and what costs nothing to try.
const COMPARED: &str = "logistic,baseline,ros,rus,smote,cost,focal,balanced-softmax,art,break-even,static-blend,\
    baseline+tau-e,power-sampling+tau-e,break-even:folds=5+plug-in";

#[derive(Args, Debug)]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    pub(crate) table: TableArgs,
    #[command(flatten)]
    pub(crate) division: DivisionArgs,
    #[command(flatten)]
    pub(crate) small_classes: SmallClassArgs,
    /// Methods, such as art,smote,power-sampling+tau-e, with settings where wanted, as in art:blend=0.3; plain training
    /// always takes part.
    #[arg(long, value_name = "METHODS", value_delimiter = ',', default_value = COMPARED)]
    pub(crate) methods: Vec<String>,
    /// Networks for every method that says nothing else, each trained without one fold of the training and validation rows, whose
    /// mean answers [default: 1].
    #[arg(long, value_name = "K")]
    pub(crate) folds: Option<NonZeroU32>,
    /// Splits, each with a seed of its own.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) seeds: u64,
    /// Tune each method by this many trials on other splits, learning rate and weight decay included [default:
    /// fixed settings].
    #[arg(long, value_name = "TRIALS")]
    pub(crate) tune: Option<NonZeroU32>,
    /// The score that the verdict goes by; training and tuning go by macro F1 in any case.
    #[arg(long, default_value = "macro-f1")]
    pub(crate) metric: MetricArg,
    /// Train what is advised at once, into this model file.
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["json", "shard"])]
    pub(crate) train: Option<PathBuf>,
    /// Results folder [default: results/ and the table's name].
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace a report that covers more than this one will, whose records stay, and the model of --train.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Cells at a time, 512 at most; the results do not depend on it [default: one a core].
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Only part INDEX of COUNT parts, counted from 0; `art bench report DIR DIR` joins the folders.
    #[arg(long, value_name = "INDEX/COUNT")]
    pub(crate) shard: Option<PlanShard>,
    /// Where networks are trained: cpu, or cuda:N in a build with CUDA.
    #[arg(long, value_name = "DEVICE", default_value_t)]
    pub(crate) device: DeviceName,
    /// Run cells again that failed before.
    #[arg(long)]
    pub(crate) retry_failed: bool,
    /// Print the results as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct TrainArgs {
    #[command(flatten)]
    pub(crate) table: TableArgs,
    #[command(flatten)]
    pub(crate) division: DivisionArgs,
    #[command(flatten)]
    pub(crate) small_classes: SmallClassArgs,
    /// The method: art, baseline, ros, smote, cost, focal, break-even, power-sampling+tau-e and others (`art methods` lists
    /// them) [default: break-even:folds=5+plug-in, or break-even+plug-in from 50,000 rows on; art where --blend or
    /// --boost-frequency is given].
    #[arg(long)]
    pub(crate) method: Option<String>,
    /// The blending constant: 1 is the class prior alone, 0 the difficulty alone [default: the method's].
    #[arg(long, value_name = "C")]
    pub(crate) blend: Option<f64>,
    /// The boost frequency: epochs between refreshes [default: the method's].
    #[arg(long, alias = "boost-every", value_name = "EPOCHS")]
    pub(crate) boost_frequency: Option<u32>,
    /// Networks, each trained without one fold of the training and validation rows; all rows decide, and the mean of the networks
    /// answers. 1 is one network and a validation part [default: the method's, or 1].
    #[arg(long, value_name = "K")]
    pub(crate) folds: Option<NonZeroU32>,
    /// Any setting of the method, such as gamma=2; may be given more than once.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// The model file to write.
    #[arg(long, value_name = "MODEL")]
    pub(crate) out: PathBuf,
    /// Replace another model, or another file, of that name.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Most epochs [default: by the rule for tables, from their rows and columns].
    #[arg(long)]
    pub(crate) epochs: Option<u32>,
    /// Epochs without a better validation loss before training stops [default: by the rule].
    #[arg(long, value_name = "EPOCHS")]
    pub(crate) patience: Option<u32>,
    /// Learning rate of the first epoch; it falls by a cosine [default: by the rule].
    #[arg(long, value_name = "RATE")]
    pub(crate) learning_rate: Option<f64>,
    /// Weight decay, apart from the gradient's mean [default: by the rule].
    #[arg(long, value_name = "DECAY")]
    pub(crate) weight_decay: Option<f64>,
    /// Rows of a batch [default: by the rule].
    #[arg(long, value_name = "ROWS")]
    pub(crate) batch_size: Option<usize>,
    /// Units of each hidden layer, such as 32,16 [default: by the rule].
    #[arg(long, value_name = "UNITS", value_delimiter = ',')]
    pub(crate) hidden: Option<Vec<usize>>,
    /// How numbers enter the network [default: by the rule].
    #[arg(long, value_name = "HOW")]
    pub(crate) number_encoding: Option<NumberEncodingArg>,
    /// Where networks are trained: cpu, or cuda:N in a build with CUDA.
    #[arg(long, value_name = "DEVICE", default_value_t)]
    pub(crate) device: DeviceName,
    /// Share of rows that steer training [default: 0.15].
    #[arg(long, value_name = "SHARE", conflicts_with = "split")]
    pub(crate) valid_share: Option<f64>,
    /// Share of rows that only judge the model; 0 for a final model that is trained on them too [default: 0.15].
    #[arg(long, value_name = "SHARE")]
    pub(crate) test_share: Option<f64>,
    /// Equal seeds give equal model files.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum NumberEncodingArg {
    /// As they are, scaled.
    Plain,
    /// Piece by piece as well, so that a network sees steps and small integers.
    Pieces,
}

#[derive(Args, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(crate) struct PredictArgs {
    /// A file that `art train` wrote.
    pub(crate) model: PathBuf,
    /// A table with the columns of training; - is the standard input.
    pub(crate) data: PathBuf,
    /// Write the answers here [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace a file of that name.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Which shares of the classes the probabilities are for.
    #[arg(long, default_value = "natural")]
    pub(crate) prior: PriorArg,
    /// Decide all rows of the table together, for a model whose method ends in +plug-in: with as many rows of each class as its
    /// probabilities expect of this very table, not as the training rows had. A row's answer then depends on the others.
    #[arg(long, conflicts_with_all = ["cost", "costs", "at_most"])]
    pub(crate) batch_shares: bool,
    /// Decide by the lowest expected cost: what it costs to take a TRUTH for a DECISION, such as yes:no=5 where a missed yes is as
    /// bad as five false alarms. Every other error costs 1; may be given more than once.
    #[arg(long, value_name = "TRUTH:DECISION=COST", conflicts_with = "at_most")]
    pub(crate) cost: Vec<String>,
    /// The same from a table (CSV) with a line for each true class, its name first, and a column for each decision.
    #[arg(long, value_name = "FILE", conflicts_with = "at_most")]
    pub(crate) costs: Option<PathBuf>,
    /// Say the rarer of two classes from this probability on, between 0 and 1.
    #[arg(long, value_name = "P", conflicts_with_all = ["cost", "costs", "at_most", "batch_shares"])]
    pub(crate) threshold: Option<f64>,
    /// Take the N likeliest rows for a class and no others: of two classes the rarer one, else say which. All rows are then
    /// decided together.
    #[arg(long, value_name = "[CLASS=]N")]
    pub(crate) at_most: Option<String>,
    /// Carry a column along that the model does not read; may be given more than once.
    #[arg(long, value_name = "COL")]
    pub(crate) id: Vec<String>,
    /// Leave out a column that the model does not know; may be given more than once.
    #[arg(long, value_name = "COL")]
    pub(crate) ignore: Vec<String>,
    /// Answer rows with a word that no training row has, as if they had none of the known words, or half of
    /// each where there are two.
    #[arg(long)]
    pub(crate) ignore_unseen: bool,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
    /// Print a summary as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ReportArgs {
    /// A file that `art train` wrote.
    pub(crate) model: PathBuf,
    /// The page to write [default: beside the model, with the ending .html].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MetricArg {
    /// Unweighted mean of the classes' F1.
    MacroF1,
    /// Share of right answers.
    Accuracy,
    /// Unweighted mean of the classes' recalls.
    BalancedAccuracy,
    /// Geometric mean of the classes' recalls.
    GMean,
    /// Matthews' correlation coefficient.
    Mcc,
}

impl From<PriorArg> for Prior {
    fn from(typed: PriorArg) -> Self {
        match typed {
            PriorArg::Natural => Self::Natural,
            PriorArg::Trained => Self::Trained,
        }
    }
}

impl From<MetricArg> for Metric {
    fn from(typed: MetricArg) -> Self {
        match typed {
            MetricArg::MacroF1 => Self::MacroF1,
            MetricArg::Accuracy => Self::Accuracy,
            MetricArg::BalancedAccuracy => Self::BalancedAccuracy,
            MetricArg::GMean => Self::GMean,
            MetricArg::Mcc => Self::Mcc,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PriorArg {
    /// Those of the training rows before any resampling.
    Natural,
    /// Those that the network was trained under.
    Trained,
}

/// The methods that make other rows and need no network for it.
fn resampling_methods() -> Vec<String> {
    let registry = Registry::standard();
    let methods = registry.methods().iter();
    let methods = methods.filter(|method| method.make_resampler(&Settings::default()).is_some());
    methods.map(|method| method.id().to_owned()).collect()
}

#[derive(Args, Debug)]
pub(crate) struct ResampleArgs {
    #[command(flatten)]
    pub(crate) table: TableArgs,
    /// The method; `art methods` says what each does and which settings it has.
    #[arg(long, value_parser = PossibleValuesParser::new(resampling_methods()))]
    pub(crate) method: String,
    /// A column that names rows: it is carried along, no feature, and empty in rows that are made; may be given more than
    /// once.
    #[arg(long, value_name = "COL")]
    pub(crate) id: Vec<String>,
    /// The column whose rows belong together, such as all visits of a patient: it is carried along, no feature, and that of
    /// the row that a made row starts from.
    #[arg(long, value_name = "COL")]
    pub(crate) group: Option<String>,
    /// Rows of each class in relation to the largest (over-sampling) or smallest class, above 0 and at most 1; methods
    /// that clean aim at no number [default: the method's].
    #[arg(long)]
    pub(crate) ratio: Option<f64>,
    /// Neighbors, for the methods that look at them [default: the method's].
    #[arg(long)]
    pub(crate) k: Option<u32>,
    /// Any setting of the method, such as version=1; may be given more than once.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// Equal seeds give equal rows.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Write here where each row comes from: its kind (original, duplicate, jittered, synthetic, voted where words are those
    /// of most neighbors, boxed), the data rows (from 1) and the gap between them.
    #[arg(long, value_name = "FILE")]
    pub(crate) origins: Option<PathBuf>,
    /// Read the table pass by pass and hold no more of it than the rows that others are made of, as is done with tables of
    /// over ten million fields anyway; for ros, rus, smote and borderline-smote. The files are the same, byte for byte. ROWS
    /// is how many rows are looked at together.
    #[arg(long, value_name = "ROWS", require_equals = true)]
    #[allow(
        clippy::option_option,
        reason = "an option whose value may be left out"
    )]
    pub(crate) stream: Option<Option<NonZeroUsize>>,
    /// Replace files of these names.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Print what was done as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct DrawArgs {
    /// A text file (- is the standard input) with one label a line and no header; the first row is row 0 of what is drawn.
    pub(crate) labels: PathBuf,
    /// F1 of each class on validation rows at the latest refresh, as JSON: {"label": 0.8, …}. Needed once there was
    /// one (with --boost-frequency 5 from epoch 6 on), and refused before.
    #[arg(long, value_name = "FILE")]
    pub(crate) f1: Option<PathBuf>,
    /// The blending constant: 1 is the class prior alone, 0 the difficulty alone.
    #[arg(long, default_value_t = 0.5)]
    pub(crate) blend: f64,
    /// Epochs between refreshes.
    #[arg(
        long,
        alias = "boost-every",
        value_name = "EPOCHS",
        default_value_t = 5
    )]
    pub(crate) boost_frequency: u32,
    /// Equal seeds give equal rows.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// The epoch, from 1.
    #[arg(long, default_value_t = 1)]
    pub(crate) epoch: u32,
    /// Part INDEX of COUNT disjoint parts of the epoch, from 0.
    #[arg(long, value_name = "INDEX/COUNT")]
    pub(crate) shard: Option<String>,
    /// Print JSON: the class distribution and the rows.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct StatsArgs {
    /// A table of scores (CSV, TSV, gzip or Parquet), one column a method, higher is better. Leading columns of words, or called seed, split,
    /// fold, repeat, run, dataset, id or index, name the rows.
    pub(crate) scores: PathBuf,
    /// The method to compare with each other one [default: the one with the best average rank].
    #[arg(long, value_name = "METHOD")]
    pub(crate) against: Option<String>,
    /// Test rows over training rows, where the rows of the table are repeated splits of the same data: the
    /// t-test is then corrected for their overlap.
    #[arg(long, value_name = "RATIO")]
    pub(crate) test_over_train: Option<f64>,
    /// Draw the average ranks with their critical difference here, as SVG.
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
