//! The job script of an array: the same for Slurm and for this machine.

use anyhow::Context;
use std::path::Path;

/// Name of the script inside the folder of an array.
pub(super) const SCRIPT: &str = "job.sh";

/// What a job script is made of.
pub(super) struct Script<'a> {
    /// The program and the words that stand before the name of a command.
    pub(super) program: &'a [String],
    /// The folder of the array, from the root on.
    pub(super) folder: &'a str,
    /// Cells at a time.
    pub(super) cpus: usize,
    pub(super) retry_failed: bool,
}

impl Script<'_> {
    /// The text of the script.
    pub(super) fn text(&self) -> String {
        let program: Vec<String> = self.program.iter().map(|word| quoted(word)).collect();
        let retry = if self.retry_failed {
            " --retry-failed"
        } else {
            ""
        };
        TEMPLATE
            .replace("@PROGRAM@", &program.join(" "))
            .replace("@FOLDER@", &quoted(self.folder))
            .replace("@CPUS@", &self.cpus.to_string())
            .replace("@RETRY@", retry)
    }
}

/// A path as a shell's text can have it.
pub(super) fn utf8(path: &Path) -> anyhow::Result<&str> {
    path.to_str().with_context(|| {
        format!(
            "{} cannot stand in a job script, since its name is no UTF-8; choose another folder",
            path.display()
        )
    })
}

/// A word as a shell takes it, with quotes where it needs them.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,%@+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A task that was killed or stopped goes back into the queue, as long as it gets further: three turns in a row without a
/// finished cell are too many.
const TEMPLATE: &str = r#"#!/bin/sh
# The tasks of an array. `job.sh task INDEX` runs one, with the index of a Slurm array where none is given; `job.sh merge` joins
# their records. Written by `submit`, which writes it again.
folder=@FOLDER@
export RAYON_NUM_THREADS="${RAYON_NUM_THREADS:-1}"

if [ "$1" = merge ]; then
    exec @PROGRAM@ merge "$folder"
fi

index="${2:-$SLURM_ARRAY_TASK_ID}"
turns="$folder/tasks/$index/turns"
records() { cat "$folder/tasks/$index/records.jsonl" 2>/dev/null | wc -l; }

before=$(records)
@PROGRAM@ task "$folder" "$index" --jobs "${SLURM_CPUS_PER_TASK:-@CPUS@}"@RETRY@ &
child=$!
# Slurm sends TERM to this shell two minutes before the time is up; whoever runs it here does so to stop it.
trap 'kill -s TERM "$child" 2>/dev/null' TERM
while :; do
    wait "$child"
    code=$?
    kill -0 "$child" 2>/dev/null || break
done

# Up to 128 it ended by itself: 0 all is done, 1 a cell failed, 2 it could not run.
if [ "$code" -le 128 ]; then
    rm -f "$turns"
    exit "$code"
fi
if [ "$(records)" -gt "$before" ]; then
    rm -f "$turns"
else
    echo turn >> "$turns"
    if [ "$(wc -l < "$turns")" -ge 3 ]; then
        rm -f "$turns"
        echo "error: task $index was stopped three times before it had finished a cell; give it more time or memory" >&2
        exit 2
    fi
fi
# A job that was canceled is no longer running, and stays so.
if [ -n "$SLURM_JOB_ID" ]; then
    case "$(scontrol show job -o "$SLURM_JOB_ID")" in
        *JobState=RUNNING*) scontrol requeue "$SLURM_JOB_ID" ;;
    esac
fi
exit "$code"
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_apart() {
        assert_eq!(quoted("/a/b-1_2.sh"), "/a/b-1_2.sh");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn the_script_names_program_and_folder_and_nothing_is_left_open() {
        let script = Script {
            program: &["/usr/bin/art".into(), "bench".into()],
            folder: "/shared/my results",
            cpus: 4,
            retry_failed: true,
        };
        let text = script.text();
        for part in [
            "exec /usr/bin/art bench merge \"$folder\"",
            "folder='/shared/my results'",
            "--jobs \"${SLURM_CPUS_PER_TASK:-4}\" --retry-failed &",
        ] {
            assert!(text.contains(part), "{part}");
        }
        let open = |name: &str| text.contains(&format!("@{name}@"));
        assert!(!["PROGRAM", "FOLDER", "CPUS", "RETRY"].into_iter().any(open));
    }
}
