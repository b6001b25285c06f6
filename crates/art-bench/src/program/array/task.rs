//! `task`: one task of an array.

use super::{
    super::{code_of, describe, load_data, say_torn, unavailable},
    args::TaskArgs,
};
use crate::{
    array::{ArrayPlan, task_folder},
    datasets::DatasetName,
    error::BenchError,
    interrupt::cancel_on_interrupt,
    plan::Selection,
    record_lines::Records,
    report::HowTo,
    runner::Experiment,
    session::{Ran, SessionOptions, run_cells},
    store::{has_records, read_records},
    terminal::{say, show},
};
use anyhow::{Context, ensure};
use art_methods::Registry;
use art_train::DeviceName;
use glob::Pattern;
use std::{
    collections::BTreeSet,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// How long a task waits for its store: longer than a writer that died elsewhere counts as living.
const PATIENCE: Duration = Duration::from_mins(2);

/// Runs the cells of a task that its store lacks.
pub(in crate::program) fn run(
    args: &TaskArgs,
    registry: Registry,
    how_to: HowTo,
) -> anyhow::Result<ExitCode> {
    let folder = &args.folder;
    let plan = ArrayPlan::load(folder).context("a task needs the plan that `submit` writes")?;
    let task = plan.task(folder, args.index)?;
    let device: DeviceName = plan.device.parse().map_err(anyhow::Error::msg)?;
    ensure!(
        device.arithmetic() == plan.arithmetic,
        "the plan in {} is for the arithmetic {}, and this program has {}: results of both in one report would differ in their \
         last digits; run the program that planned it, or submit into another folder",
        folder.display(),
        plan.arithmetic,
        device.arithmetic()
    );
    let ids = task
        .units
        .keys()
        .map(|unit| DatasetName::id_of(unit.dataset()));
    let ids: BTreeSet<String> = ids.map(str::to_owned).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let data = load_data(&ids, &plan.data)?;
    if let Some((id, reason)) = data.unavailable().first_key_value() {
        return Err(unavailable(id, reason).into());
    }
    let own = task_folder(folder, args.index);
    // What was run here before the matrix was cut.
    let known = if has_records(folder) {
        read_records(folder)?
    } else {
        Records::new()
    };
    let only = plan.only.as_deref().map(Pattern::new).transpose()?;
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only.matches(name));
    let selection = Selection {
        wanted: Some(&wanted),
        unavailable: plan.info.unavailable.keys().cloned().collect(),
        task: Some(&task.units),
        ..Selection::default()
    };
    let jobs = args.jobs.get();
    let mut experiment = Experiment::new(data, registry, jobs, device)?;
    if plan.keep_logits {
        // One file a cell, so that no two tasks write one.
        experiment = experiment.keep_logits(folder.clone());
    }
    let cancel = cancel_on_interrupt("epochs")?;
    let options = SessionOptions {
        folder: &own,
        jobs,
        retry_failed: args.retry_failed,
        how_to,
    };
    let Ran {
        executed,
        n_stored,
        torn_bytes,
        ..
    } = when_free(&cancel, || {
        run_cells(
            &plan.info,
            &experiment,
            &selection,
            &known,
            options,
            &cancel,
        )
    })?;
    say_torn(torn_bytes);
    show(code_of(executed), |out| describe(out, &executed, n_stored))
}

/// Tries again as long as a writer elsewhere may have died: on a node that is gone, it counts as living for a while.
fn when_free<T>(
    cancel: &AtomicBool,
    mut run: impl FnMut() -> Result<T, BenchError>,
) -> Result<T, BenchError> {
    const PAUSE: Duration = Duration::from_millis(200);
    let start = Instant::now();
    let mut is_said = false;
    loop {
        let outcome = run();
        let Err(BenchError::Locked { heard: Some(_), .. }) = &outcome else {
            return outcome;
        };
        if start.elapsed() > PATIENCE || cancel.load(Ordering::Relaxed) {
            return outcome;
        }
        if let (false, Err(error)) = (is_said, &outcome) {
            say(format_args!("note: {error}; waiting for that"));
            is_said = true;
        }
        std::thread::sleep(PAUSE * 10);
    }
}
