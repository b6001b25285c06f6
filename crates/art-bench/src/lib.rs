//! The experiment, cut in four: a matrix, its cells, their store and a report.
//!
//! A [`Matrix`] lists its [`CellSpec`]s; an [`Experiment`] runs one cell on the split that [`DataSets`] give it;
//! [`execute`] runs those that the [`Store`] lacks, several at a time; [`Results`] computes the
//! numbers of a report and [`write_report`] shows them. Only the store and the report's writer touch
//! files, only the experiment trains.

#![warn(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod append_log;
mod array;
mod cell;
mod counted;
mod course;
mod datasets;
mod decide;
mod environment;
mod error;
mod execute;
mod folders;
mod holder;
mod interrupt;
mod kept_logits;
mod matrix;
mod metric;
mod outcome;
mod pace;
mod packed;
mod packing;
mod paper;
mod plain_name;
mod plan;
mod program;
mod record_check;
mod record_lines;
mod report;
mod results;
mod run_info;
mod runner;
mod screen;
mod session;
mod splits;
mod store;
mod terminal;
mod tune;
mod unit;
mod writer_lock;

pub use cell::{CellId, CellRecord, CellResult, CellSpec, SCHEMA};
pub use counted::{counted, counted_doing};
pub use course::{Course, CourseDigest, Epochs, RefreshAt};
pub use datasets::{
    BundledTable, DATASETS, DataFolder, DataSets, DatasetKind, DatasetName, FileEntry, MANIFEST,
    MnistPool, SyntheticFamily, Thinning, Variant, dataset_title, make_mnist_pool, own_table_id,
};
pub use decide::{Decided, decide};
pub use environment::Environment;
pub use error::BenchError;
pub use execute::{Executed, MOST_JOBS, execute, jobs_at_most, verify};
pub use folders::read_folders;
pub use holder::Holder;
pub use interrupt::{INTERRUPTED, cancel_on_interrupt};
pub use kept_logits::KeptLogits;
pub use matrix::{
    Ablation, AblationPoint, MATRICES, Matrix, MatrixMethod, Pair, Role, TunedPoint, Tuning, Vary,
};
pub use metric::Metric;
pub use outcome::{Evaluation, Measured, Outcome, Validation};
pub use packing::pack_records;
pub use paper::{PrintedScore, Reported};
pub use plain_name::is_plain_name;
pub use plan::{Left, Plan, PlanShard, Selection};
pub use program::{BenchCommand, run_program};
pub use record_lines::{RECORDS, Records};
pub use report::{
    HowTo, advice_text, caveats, changes_text, critical_difference, decision_in_words,
    decision_text, macro_f1_text, model_page, p_in_words, training_caveats, write_report,
    write_report_for,
};
pub use results::{
    AblationResults, Across, AcrossRow, Adjusted, Advice, Agreement, Balance, BeforeRefresh,
    CalibrationSummaries, Claim, Comparison, Curve, CurveOfRuns, DatasetResults, Divisions,
    EpochCost, Estimate, ExpectedGain, Grid, GridRow, Held, MethodResults, MissingResult, NoAdvice,
    OrderAgreement, PairName, PointResults, PrintedTable, RankAmong, Ranking, ReportedBeside,
    Results, SelfComparison, SettingOfArt, Standing, StandingAt, Summaries, TableAgreement, Tally,
    Tuned, Verdict,
};
pub use run_info::RunInfo;
pub use runner::{CellRunner, Experiment};
pub use screen::Screen;
pub use session::{Session, SessionOptions};
pub use splits::{AbsentClass, Division, Part, SplitFacts};
pub use store::{Store, read_records};
pub use terminal::{Terminal, say, terminal_field, terminal_message};
pub use tune::{RandomSearch, Tpe, Trial, Tuner, best_trial};
pub use unit::{Unit, Units};
