//! `submit`: cuts a matrix into tasks, writes plan and job script, and has them run.

use super::{
    super::{Prepared, prepare},
    args::{Place, SubmitOptions},
    local,
    script::{SCRIPT, Script, utf8},
    slurm::Jobs,
};
use crate::{
    array::{ArrayPlan, Progress, Task, TaskProgress, TaskState, cut, n_tasks},
    counted::counted,
    error::BenchError,
    interrupt::{INTERRUPTED, cancel_on_interrupt},
    pace::Pace,
    plan::{Plan, Selection},
    record_lines::Records,
    run_info::RunInfo,
    store::{has_records, read_records},
    terminal::{say, show},
};
use anyhow::{Context, bail, ensure};
use art_data::write_atomically;
use art_methods::Registry;
use glob::Pattern;
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// Plans what is not planned yet, and has the tasks run that are not done.
pub(in crate::program) fn run(
    options: &SubmitOptions,
    registry: &Registry,
) -> anyhow::Result<ExitCode> {
    let Prepared { info, .. } = prepare(&options.of, None, registry)?;
    let folder = &options.of.out;
    info.check(folder)?;
    let kept = ArrayPlan::load_if_there(folder)?;
    let mut plan = match kept {
        Some(kept) => same_plan(kept, &info, options)?,
        None => new_plan(info, options, registry)?,
    };
    plan.cpus = options.cpus;
    let folder = written(&plan, options)?;
    let tasks = Progress::default().look(&folder, &plan)?;
    let held = tasks.iter().filter(|task| task.is_held()).count();
    if held > 0 {
        say(format_args!(
            "note: {} run already and are left to it; `watch {}` shows them",
            counted(held, "task"),
            folder.display()
        ));
    }
    let is_open = |task: &&TaskProgress| {
        let may_have_failed = options.of.retry_failed && task.failed > 0;
        !task.is_held() && (task.state != TaskState::Done || may_have_failed)
    };
    let open: Vec<usize> = tasks
        .iter()
        .filter(is_open)
        .map(|task| task.index)
        .collect();
    match options.on {
        Place::Slurm => on_slurm(options, &plan, &folder, &open),
        Place::Local if options.dry_run => show(ExitCode::SUCCESS, |out| {
            for index in &open {
                writeln!(out, "sh {}/{SCRIPT} task {index}", folder.display())?;
            }
            writeln!(out, "sh {}/{SCRIPT} merge", folder.display())
        }),
        Place::Local => on_this_machine(options, &folder, &open),
    }
}

/// The plan that is there, where it is for what was asked.
fn same_plan(
    mut kept: ArrayPlan,
    asked: &RunInfo,
    options: &SubmitOptions,
) -> anyhow::Result<ArrayPlan> {
    let folder = options.of.out.display();
    if kept.info.matrix != asked.matrix {
        return Err(BenchError::OtherMatrix {
            path: ArrayPlan::path(&options.of.out),
            wanted: asked.matrix.name.clone(),
        }
        .into());
    }
    let only = options.of.only.as_ref().map(Pattern::as_str);
    ensure!(
        kept.only.as_deref() == only,
        "{folder} has a plan of the cells that --only {} matches; give the same, or choose another folder by --out",
        kept.only.as_deref().unwrap_or("'*'")
    );
    ensure!(
        options.n_tasks.is_none_or(|n| n == kept.tasks.len()),
        "{folder} has a plan of {}, whose stores it keeps; leave --tasks out, or choose another folder by --out",
        counted(kept.tasks.len(), "task")
    );
    ensure!(
        kept.device == options.of.device.to_string() && kept.keep_logits == options.of.keep_logits,
        "{folder} has a plan with another --device or --keep-logits; give the same, or choose another folder by --out"
    );
    kept.data = from_root(&options.of.data)?;
    Ok(kept)
}

/// A plan of the cells that the folder has no record of.
fn new_plan(
    info: RunInfo,
    options: &SubmitOptions,
    registry: &Registry,
) -> anyhow::Result<ArrayPlan> {
    let of = &options.of;
    let known = if has_records(&of.out) {
        read_records(&of.out)?
    } else {
        Records::new()
    };
    let mut pace = Pace::of(known.values());
    for folder in &options.costs {
        let records = read_records(folder)
            .with_context(|| format!("--costs {} has no times", folder.display()))?;
        pace.join(&Pace::of(records.values()));
    }
    let wanted = |name: &str| of.wants(name);
    let selection = Selection {
        wanted: Some(&wanted),
        unavailable: info.unavailable.keys().cloned().collect(),
        ..Selection::default()
    };
    let units = Plan::new(&info.matrix, registry, &known, &selection)?.units();
    if units.is_empty() {
        bail!(
            "every cell is stored in {} already; `report` writes its report again",
            of.out.display()
        );
    }
    let n = options
        .n_tasks
        .unwrap_or_else(|| n_tasks(&units, &pace, options.cpus));
    let tasks = cut(&units, &pace, n);
    if let (Some(longest), Some(shortest)) = (tasks.first(), tasks.last()) {
        say(planned_text(tasks.len(), longest, shortest));
    }
    let mut plan = ArrayPlan::new(info, tasks);
    plan.only = of.only.as_ref().map(|only| only.as_str().to_owned());
    plan.data = from_root(&of.data)?;
    plan.device = of.device.to_string();
    of.device.arithmetic().clone_into(&mut plan.arithmetic);
    plan.keep_logits = of.keep_logits;
    Ok(plan)
}

fn planned_text(n: usize, longest: &Task, shortest: &Task) -> String {
    let cells = [longest, shortest].map(Task::n_cells);
    let [most, fewest] = [longest, shortest].map(|task| task.seconds.map(f64::ceil));
    match (most, fewest) {
        (Some(most), Some(fewest)) => format!(
            "{}, of about {fewest} to {most} s of one core each by recorded times",
            counted(n, "task")
        ),
        _ => format!(
            "{} of {} to {} cells; no times are known, so that every cell counts alike (--costs DIR names a folder with some)",
            counted(n, "task"),
            cells[1],
            cells[0]
        ),
    }
}

/// Writes what tasks read, and returns the folder from the root on.
fn written(plan: &ArrayPlan, options: &SubmitOptions) -> anyhow::Result<PathBuf> {
    let out = &options.of.out;
    let logs = out.join("logs");
    fs::create_dir_all(&logs).map_err(BenchError::io("make the folder", &logs))?;
    let folder = from_root(out)?;
    plan.info.save(&folder)?;
    plan.save(&folder)?;
    let script = Script {
        program: &program()?,
        folder: utf8(&folder)?,
        cpus: options.cpus,
        retry_failed: options.of.retry_failed,
    };
    let path = folder.join(SCRIPT);
    write_atomically(&path, script.text().as_bytes()).map_err(BenchError::io("write", &path))?;
    Ok(folder)
}

/// A path that means the same from everywhere.
fn from_root(path: &Path) -> anyhow::Result<PathBuf> {
    Ok(fs::canonicalize(path).map_err(BenchError::io("find", path))?)
}

/// This program and the words that were typed before the command, which a program of one's own may lack.
fn program() -> anyhow::Result<Vec<String>> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut words = vec![utf8(&program)?.to_owned()];
    let typed = std::env::args_os().skip(1);
    for word in typed.take_while(|word| word != "submit") {
        words.push(utf8(Path::new(&word))?.to_owned());
    }
    Ok(words)
}

fn on_slurm(
    options: &SubmitOptions,
    plan: &ArrayPlan,
    folder: &Path,
    open: &[usize],
) -> anyhow::Result<ExitCode> {
    ensure!(
        !open.is_empty(),
        "no task is left to submit; `merge {}` writes the report",
        folder.display()
    );
    let jobs = Jobs {
        options: &options.slurm,
        name: &plan.info.matrix.name,
        folder: utf8(folder)?,
        cpus: options.cpus,
        at_once: options.at_once,
        tasks: open,
    };
    if options.dry_run {
        return show(ExitCode::SUCCESS, |out| jobs.write(out));
    }
    let submitted = jobs.submit()?;
    show(ExitCode::SUCCESS, |out| {
        writeln!(
            out,
            "job {} runs {}, job {} merges them",
            submitted.array,
            counted(open.len(), "task"),
            submitted.merge
        )?;
        writeln!(out, "next: {} watch {}", typed_before(), folder.display())
    })
}

/// The words that were typed before the command.
fn typed_before() -> String {
    let typed: Vec<String> = std::env::args_os()
        .take_while(|word| word != "submit")
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let mut words = typed.into_iter();
    let program = words.next().unwrap_or_default();
    let name = Path::new(&program).file_name().unwrap_or_default();
    let mut all = vec![name.to_string_lossy().into_owned()];
    all.extend(words);
    all.join(" ")
}

fn on_this_machine(
    options: &SubmitOptions,
    folder: &Path,
    open: &[usize],
) -> anyhow::Result<ExitCode> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let at_once = options.at_once.unwrap_or(cores / options.cpus);
    let cancel = cancel_on_interrupt("epochs")?;
    let ended = local::run(folder, open, at_once, &cancel)?;
    if ended.stopped > 0 {
        say(format_args!(
            "interrupted with {} left; the same command goes on",
            counted(ended.stopped, "task")
        ));
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let merged = Command::new("sh")
        .arg(folder.join(SCRIPT))
        .arg("merge")
        .status();
    let merged: io::Result<_> = merged;
    let merged = merged.context("cannot start sh, which runs the job script")?;
    Ok(match ended {
        _ if !merged.success() => ExitCode::from(2),
        local::Ended { troubled, .. } if !troubled.is_empty() => ExitCode::from(2),
        local::Ended { failed: 1.., .. } => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}
