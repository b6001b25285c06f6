//! `merge`: the records of several folders in one.

use super::{super::list, args::MergeArgs};
use crate::{
    array::ArrayPlan,
    counted::{counted, counted_doing},
    error::BenchError,
    folders::{Joined, Programs, join_folders},
    holder::Life,
    plan::{Left, Plan, Selection},
    record_lines::Records,
    report::{HowTo, write_report_for},
    results::Results,
    store::{Store, has_records},
    terminal::{say, show},
    writer_lock::writer_of,
};
use anyhow::ensure;
use art_methods::Registry;
use glob::Pattern;
use std::{path::Path, process::ExitCode};

/// Most pairs that a message names.
const MOST_NAMED: usize = 5;

/// Joins what the folders have, makes sure that it is whole, stores it in one of them and writes the report.
pub(in crate::program) fn run(
    args: &MergeArgs,
    registry: &Registry,
    how_to: HowTo,
) -> anyhow::Result<ExitCode> {
    let mut folders = vec![];
    let mut plan = None;
    for folder in &args.folders {
        if let Some(found) = ArrayPlan::load_if_there(folder)? {
            if has_records(folder) {
                folders.push(folder.clone());
            }
            folders.extend(found.stores(folder));
            plan = plan.or(Some(found));
        } else {
            folders.push(folder.clone());
        }
    }
    ensure!(
        !folders.is_empty(),
        "no task of {} has stored a cell yet; `watch` shows what they do",
        args.folders[0].display()
    );
    let programs = if args.any_revision {
        Programs::OneArithmetic
    } else {
        Programs::One
    };
    let joined = join_folders(&folders, programs)?;
    for (folder, bytes) in &joined.torn {
        say(format_args!("note: {}", torn_text(folder, *bytes)));
    }
    let only = plan.as_ref().and_then(|plan| plan.only.as_deref());
    if let Err(error) = check_whole(&joined, only, registry)? {
        if !args.partial {
            return Err(error.into());
        }
        say(format_args!("note: {}", partial_text(&error)));
    }
    let out = args.out.as_ref().unwrap_or(&args.folders[0]);
    let (added, records) = store(&joined, out)?;
    let results = Results::new(&joined.info, &records, registry)?;
    let files = write_report_for(&results, out, how_to)?;
    show(ExitCode::SUCCESS, |out| {
        writeln!(
            out,
            "{} of {}, {added} new here",
            counted(records.len(), "record"),
            counted_doing(folders.len(), "folder", "joined", "joined"),
        )?;
        let pages = files.iter();
        list(
            out,
            pages.filter(|file| file.extension().is_some_and(|e| e != "csv")),
        )
    })
}

/// What became of a last line that has no end: its writer died, or is writing it now.
fn torn_text(folder: &Path, bytes: usize) -> String {
    let torn = format!(
        "the last {bytes} bytes of {} are no whole record",
        folder.display()
    );
    match writer_of(folder) {
        Some((holder, life)) if life != Life::Gone => {
            format!("{torn} yet: {holder} writes there")
        }
        _ => format!(
            "{torn}, which a writer that died has left; they are left out, and the cell is run again when its task goes on"
        ),
    }
}

/// Whether every cell of the matrix, or of those that `only` matches, has a record.
fn check_whole(
    joined: &Joined,
    only: Option<&str>,
    registry: &Registry,
) -> anyhow::Result<Result<(), BenchError>> {
    let only = only.map(Pattern::new).transpose()?;
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only.matches(name));
    let info = &joined.info;
    let left = |records: &Records| {
        let selection = Selection {
            wanted: Some(&wanted),
            unavailable: info.unavailable.keys().cloned().collect(),
            ..Selection::default()
        };
        Plan::new(&info.matrix, registry, records, &selection)
    };
    let plan = left(&joined.records)?;
    let missing = plan.n_left();
    if missing == 0 {
        return Ok(Ok(()));
    }
    Ok(Err(BenchError::Incomplete {
        missing,
        planned: left(&Records::new())?.n_left(),
        named: named(plan.left()),
    }))
}

/// How many cells of which pairs are missing, the most first.
fn named(left: &Left) -> String {
    let mut pairs: Vec<_> = left.iter().filter(|(_, n)| **n > 0).collect();
    pairs.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
    let texts = pairs.iter().take(MOST_NAMED);
    let texts = texts.map(|((dataset, method), n)| format!("{n} of {dataset}/{method}"));
    let text = texts.collect::<Vec<_>>().join(", ");
    match pairs.len().checked_sub(MOST_NAMED) {
        None | Some(0) => text,
        Some(others) => format!("{text} and some of {}", counted(others, "other pair")),
    }
}

fn partial_text(error: &BenchError) -> String {
    match error {
        BenchError::Incomplete {
            missing,
            planned,
            named,
        } => format!("{missing} of {planned} cells are missing: {named}"),
        other => other.to_string(),
    }
}

/// Adds to the store in `folder` what it lacks; what was added, and all that it has then.
fn store(joined: &Joined, folder: &Path) -> Result<(usize, Records), BenchError> {
    joined.info.check(folder)?;
    let mut store = Store::open(folder)?;
    joined.info.save(folder)?;
    let is_new = |kept: Option<&crate::cell::CellRecord>, is_failed: bool| {
        kept.is_none_or(|kept| kept.is_failed() && !is_failed)
    };
    let new = joined.records.iter();
    let new = new.filter(|(id, record)| is_new(store.get(id), record.is_failed()));
    let new: Vec<_> = new.map(|(_, record)| record.clone()).collect();
    let added = new.len();
    if added > 0 {
        store.append_all(new)?;
    }
    Ok((added, store.records().clone()))
}
