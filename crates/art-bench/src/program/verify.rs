//! `verify`: stored cells of a results folder, run again.

use super::{args::VerifyOptions, load_data, unavailable};
use crate::{
    cell::CellSpec,
    counted::counted_doing,
    datasets::{DatasetKind, DatasetName, dataset_title},
    execute,
    interrupt::{INTERRUPTED, cancel_on_interrupt},
    plan::{Plan, Selection},
    record_lines::Records,
    run_info::RunInfo,
    runner::Experiment,
    store::read_records,
    terminal::show,
};
use anyhow::{Context, bail, ensure};
use art_methods::Registry;
use glob::Pattern;
use std::{collections::BTreeSet, process::ExitCode, sync::atomic::Ordering};

/// Runs some of the folder's cells again and shows which come out otherwise.
pub(super) fn run(options: &VerifyOptions, registry: Registry) -> anyhow::Result<ExitCode> {
    let nothing = "there is nothing to verify; run the matrix first";
    let info = RunInfo::load(&options.folder).context(nothing)?;
    let records = read_records(&options.folder).context(nothing)?;
    let stored = stored_cells(&info, &records, options, &registry)?;
    for spec in &stored {
        let known = registry.get(&spec.method).map(drop);
        known.with_context(|| {
            format!("{spec} needs the program that it was run with, and --only can leave it out")
        })?;
    }

    let ids: BTreeSet<String> = stored.iter().map(|spec| spec.dataset.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let data = load_data(&ids, &options.data)?;
    let is_there = |spec: &&CellSpec| {
        let id = DatasetName::id_of(&spec.dataset);
        !data.unavailable().contains_key(id)
    };
    let there: Vec<&CellSpec> = stored.iter().filter(is_there).collect();
    if let (true, Some((id, reason))) = (there.is_empty(), data.unavailable().first_key_value()) {
        return Err(unavailable(id, reason).into());
    }
    let n = options.n_cells.min(there.len());
    let spread: Vec<CellSpec> = (0..n).map(|k| there[k * there.len() / n].clone()).collect();

    let experiment = Experiment::new(data, registry, options.jobs, options.device)?;
    let cancel = cancel_on_interrupt("epochs")?;
    let differing = execute::verify(&spread, &experiment, &records, options.jobs, &cancel)?;
    if cancel.load(Ordering::Relaxed) {
        return Ok(ExitCode::from(INTERRUPTED));
    }
    show_differing(
        &differing,
        n,
        &records,
        &experiment.environment().arithmetic,
    )
}

/// The cells of the folder's matrix that have a record and match `--only`, in the order of the plan.
fn stored_cells(
    info: &RunInfo,
    records: &Records,
    options: &VerifyOptions,
    registry: &Registry,
) -> anyhow::Result<Vec<CellSpec>> {
    let is_own = |id: &&String| DatasetKind::of(id) == DatasetKind::Own;
    if let Some(id) = info.matrix.datasets.iter().find(is_own) {
        bail!(
            "{} has the results of a table of your own, {}, and `verify` runs cells of the project's data sets alone; give \
             the command that wrote it again with another --out, then `report` both folders: results that differ are refused",
            options.folder.display(),
            dataset_title(id)
        );
    }
    let wanted = |name: &str| options.only.as_ref().is_none_or(|only| only.matches(name));
    let selection = Selection {
        wanted: Some(&wanted),
        ..Selection::default()
    };
    let plan = Plan::new(&info.matrix, registry, records, &selection)?;
    let cells = plan.known_cells();
    let stored = cells.filter(|(id, _)| records.contains_key(id));
    let stored: Vec<CellSpec> = stored.map(|(_, spec)| spec.clone()).collect();
    let only = options.only.as_ref().map(Pattern::as_str);
    ensure!(
        !stored.is_empty(),
        "there is no stored cell to verify{}; run the matrix first",
        only.map(|only| format!(" that --only {only} matches"))
            .unwrap_or_default()
    );
    Ok(stored)
}

fn show_differing(
    differing: &[CellSpec],
    n: usize,
    records: &Records,
    arithmetic: &str,
) -> anyhow::Result<ExitCode> {
    let is_of_others = |spec: &&CellSpec| {
        let record = records.get(&spec.id());
        record.is_some_and(|record| record.measured.environment.arithmetic != arithmetic)
    };
    let of_others = differing.iter().filter(is_of_others).count();
    let code = if differing.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    show(code, |out| {
        for spec in differing {
            writeln!(out, "{spec} differs from its record")?;
        }
        if of_others > 0 {
            writeln!(
                out,
                "{of_others} of them were recorded with another arithmetic than {arithmetic}: it rounds differently, and in long \
                 runs a last digit decides an epoch"
            )?;
        }
        writeln!(
            out,
            "{} of {} byte for byte",
            n - differing.len(),
            counted_doing(n, "cell", "reproduces its record", "reproduce their record")
        )
    })
}
