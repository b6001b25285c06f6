//! The experiment, cut in four: a matrix, its cells, their store and a report.
//!
//! A [`Matrix`] lists its [`CellSpec`]s; an [`Experiment`] runs one cell;
//! [`execute`] runs those that the [`Store`] lacks, several at a time; [`Results`] computes the
//! numbers of a report and [`write_report`] shows them. Only the store and the report's writer touch
//! files, only the experiment trains.

#![warn(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod beyond;
mod catalogue;
mod cell;
mod compared;
mod counted;
mod dataset;
mod environment;
mod error;
mod execute;
mod fit;
mod folder;
mod interrupt;
mod matrix;
mod method;
mod method_name;
mod outcome;
mod paper;
mod plain_name;
mod plan;
mod program;
mod record_check;
mod related;
mod report;
mod results;
mod runner;
mod session;
mod setting;
mod splits;
mod store;
mod terminal;
mod training;
mod tune;

pub use catalogue::{Kind, WORKS, Work};
pub use cell::{CellId, CellRecord, CellResult, CellSpec, SCHEMA};
pub use counted::{counted, counted_doing};
pub use dataset::{DATASETS, DataSets, DatasetName, Thinning, dataset_title, own_table_id};
pub use environment::Environment;
pub use error::BenchError;
pub use execute::{Executed, MOST_JOBS, execute, jobs_at_most, verify};
pub use fit::{MethodRun, Rehearsals};
pub use folder::{Division, RunInfo, read_folders};
pub use interrupt::{INTERRUPTED, cancel_on_interrupt, stop_when};
pub use matrix::{
    Ablation, AblationPoint, MATRICES, Matrix, MatrixMethod, Pair, Role, Tuning, Vary,
};
pub use method::{Context, Method, Prepared, Registry, Rehearsal};
pub use method_name::{DECISION_RULES, DecisionRule, MethodName};
pub use outcome::{Evaluation, Measured, Outcome, RefreshAt, Validation};
pub use paper::Reported;
pub use plain_name::is_plain_name;
pub use plan::{Left, Plan, PlanShard, Selection};
pub use program::run_program;
pub use report::{
    advice_text, caveats, critical_difference, macro_f1_text, model_page, p_in_words,
    training_caveats, write_report,
};
pub use results::{
    AblationResults, Across, AcrossRow, Adjusted, Advice, Balance, BeforeRefresh,
    CalibrationSummaries, Comparison, Curve, DatasetResults, Divisions, MethodResults, Metric,
    MissingResult, NoAdvice, PointResults, RankAmong, Ranking, ReportedBeside, Results,
    SelfComparison, Standing, Summaries, Tally, Tuned, Verdict, has_feedback,
};
pub use runner::{CellRunner, Experiment};
pub use session::{Session, SessionOptions};
pub use setting::{Domain, Setting, Settings, Value, training_space};
pub use splits::{AbsentClass, Part, SplitFacts};
pub use store::{RECORDS, Records, Store, pack_records, read_records};
pub use terminal::{Terminal, say, terminal_field, terminal_message};
pub use training::Training;
pub use tune::{RandomSearch, Tpe, Trial, Tuner, best_trial};
