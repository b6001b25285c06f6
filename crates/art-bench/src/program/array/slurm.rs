//! Submitting an array to Slurm by its own `sbatch`.

use super::{
    args::SlurmOptions,
    script::{SCRIPT, quoted},
};
use anyhow::{Context, bail};
use std::{
    io::{self, ErrorKind, Write},
    process::Command,
};

/// How long before the end of its time a task is told to stop: cells give up within an epoch.
const WARNING_SECONDS: u32 = 120;

/// What is submitted to Slurm: the tasks, and the job that merges them.
pub(super) struct Jobs<'a> {
    pub(super) options: &'a SlurmOptions,
    /// Name of the matrix.
    pub(super) name: &'a str,
    /// The folder of the array, from the root on.
    pub(super) folder: &'a str,
    pub(super) cpus: usize,
    pub(super) at_once: Option<usize>,
    /// Which tasks to run.
    pub(super) tasks: &'a [usize],
}

/// What Slurm calls what was submitted.
pub(super) struct Submitted {
    pub(super) array: String,
    pub(super) merge: String,
}

impl Jobs<'_> {
    /// Arguments of `sbatch` for the tasks.
    fn array(&self) -> Vec<String> {
        let at_once = self.at_once.map_or_else(String::new, |n| format!("%{n}"));
        let mut arguments = self.common("", "%a");
        arguments.extend([
            format!("--array={}{at_once}", ranges(self.tasks)),
            format!("--cpus-per-task={}", self.cpus),
            "--requeue".to_owned(),
            format!("--signal=B:TERM@{WARNING_SECONDS}"),
        ]);
        arguments.extend(
            self.options
                .time
                .iter()
                .map(|time| format!("--time={time}")),
        );
        arguments.extend(self.options.others.iter().cloned());
        arguments.extend([self.script(), "task".to_owned()]);
        arguments
    }

    /// Arguments of `sbatch` for the job that merges once the tasks of `array` have ended, well or not.
    fn merge(&self, array: &str) -> Vec<String> {
        let mut arguments = self.common("-merge", "merge");
        arguments.push(format!("--dependency=afterany:{array}"));
        arguments.extend(self.options.others.iter().cloned());
        arguments.extend([self.script(), "merge".to_owned()]);
        arguments
    }

    fn common(&self, ending: &str, log: &str) -> Vec<String> {
        let mut arguments = vec![
            "--parsable".to_owned(),
            format!("--job-name=art-{}{ending}", self.name),
            format!("--output={}/logs/{log}.txt", self.folder),
            "--open-mode=append".to_owned(),
        ];
        let SlurmOptions {
            partition,
            account,
            mem,
            ..
        } = self.options;
        for (name, value) in [("partition", partition), ("account", account), ("mem", mem)] {
            arguments.extend(value.iter().map(|value| format!("--{name}={value}")));
        }
        arguments
    }

    fn script(&self) -> String {
        format!("{}/{SCRIPT}", self.folder)
    }

    /// Writes the two commands as a shell takes them.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let line = |arguments: Vec<String>| {
            let words: Vec<String> = arguments.iter().map(|word| quoted(word)).collect();
            words.join(" ")
        };
        writeln!(out, "JOB=$(sbatch {})", line(self.array()))?;
        // The name of a variable stands in no quotes.
        writeln!(
            out,
            "sbatch {}",
            line(self.merge("JOB")).replace("afterany:JOB", "afterany:$JOB")
        )
    }

    /// Submits both.
    pub(super) fn submit(&self) -> anyhow::Result<Submitted> {
        let array = sbatch(&self.array())?;
        let merge = sbatch(&self.merge(&array)).with_context(|| {
            format!(
                "the tasks were submitted as job {array}, and the job that merges them was not; give `merge {}` once they \
                 are done",
                self.folder
            )
        })?;
        Ok(Submitted { array, merge })
    }
}

/// Runs `sbatch` and returns the number of its job.
fn sbatch(arguments: &[String]) -> anyhow::Result<String> {
    let output = match Command::new("sbatch").args(arguments).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "there is no sbatch here: submit where Slurm's commands are, on a login node of the cluster; --on local runs the \
             same tasks on this machine, --dry-run prints what is to be submitted"
        ),
        output => output.context("cannot start sbatch")?,
    };
    let [said, errors] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    if !output.status.success() {
        bail!(
            "sbatch refused the job:\n{}\nThe plan and the job script stay where they are. `sinfo` lists partitions and what \
             they grant; the same command with other --partition, --account, --time, --mem or --cpus goes on",
            errors.trim_end()
        );
    }
    // On a federation the cluster follows.
    let job = said.trim().split(';').next().unwrap_or_default();
    if job.is_empty() {
        bail!("sbatch named no job; it said:\n{said}{errors}");
    }
    Ok(job.to_owned())
}

/// `0-3,7`, as `--array` takes it.
fn ranges(tasks: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = vec![];
    for &task in tasks {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == task => *last = task,
            _ => ranges.push((task, task)),
        }
    }
    let texts = ranges.iter().map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    });
    texts.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_as_short_as_can_be() {
        assert_eq!(ranges(&[0, 1, 2, 3]), "0-3");
        assert_eq!(ranges(&[0, 1, 4, 6, 7, 9]), "0-1,4,6-7,9");
        assert_eq!(ranges(&[5]), "5");
    }

    #[test]
    fn both_commands_can_be_copied_into_a_shell() {
        let options = SlurmOptions {
            partition: Some("short".into()),
            time: Some("1:00:00".into()),
            mem: Some("4G".into()),
            account: Some("my group".into()),
            others: vec!["--qos=long".into()],
        };
        let jobs = Jobs {
            options: &options,
            name: "paper",
            folder: "/shared/r",
            cpus: 2,
            at_once: Some(8),
            tasks: &[0, 1, 2, 5],
        };
        let mut out = vec![];
        jobs.write(&mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "JOB=$(sbatch --parsable --job-name=art-paper --output=/shared/r/logs/%a.txt --open-mode=append \
             --partition=short '--account=my group' --mem=4G --array=0-2,5%8 --cpus-per-task=2 --requeue \
             --signal=B:TERM@120 --time=1:00:00 --qos=long /shared/r/job.sh task)\n\
             sbatch --parsable --job-name=art-paper-merge --output=/shared/r/logs/merge.txt --open-mode=append \
             --partition=short '--account=my group' --mem=4G --dependency=afterany:$JOB --qos=long /shared/r/job.sh merge\n"
        );
    }
}
