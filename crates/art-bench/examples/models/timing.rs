//! Seconds and memory.

use crate::{
    ours::{NamedTraining, trained},
    split_files::SplitFiles,
};
use anyhow::Result;
use std::{fs, path::PathBuf, time::Instant};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder of a split
    split: PathBuf,
    /// The method, as METHOD[:NAME=VALUE...][+RULE]
    method: String,
    /// How it is trained, as NAME={"hidden":[32]}
    #[arg(long, default_value = "hold-out={}")]
    training: NamedTraining,
    /// How often, after once that is not counted
    #[arg(long, default_value_t = 3)]
    repeats: usize,
}

/// Prints the seconds of each repeat by the clock, training and answers together, and the most memory of the process.
pub(crate) fn run(args: &Args) -> Result<()> {
    let files = SplitFiles::read(&args.split)?;
    let split = files.split()?;
    let training = args.training.training(&split)?;
    let mut seconds = vec![];
    let mut result = 0.0;
    for _ in 0..=args.repeats {
        let start = Instant::now();
        result = trained(&files, &split, &args.method, &training)?.macro_f1;
        seconds.push(start.elapsed().as_secs_f64());
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak_kib: Option<u64> =
        peak.and_then(|text| text.trim().strip_suffix(" kB")?.trim().parse().ok());
    let line =
        serde_json::json!({"seconds": &seconds[1..], "peak_kib": peak_kib, "result": result});
    println!("{line}");
    Ok(())
}

/// Seconds that this thread has a core, so that other work on the machine does not count; where the system does not say,
/// those by the clock.
pub(crate) struct Stopwatch {
    start: Instant,
    before: Option<f64>,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self {
            start: Instant::now(),
            before: of_thread(),
        }
    }

    pub(crate) fn seconds(&self) -> f64 {
        let of_core = of_thread().zip(self.before);
        of_core.map_or_else(
            || self.start.elapsed().as_secs_f64(),
            |(now, before)| now - before,
        )
    }
}

fn of_thread() -> Option<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(1e-9 * nanoseconds)
}
