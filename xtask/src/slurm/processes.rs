//! Processes: those that run here, and those that are started.

use super::Outcome;
use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

/// The process that started another one.
pub(super) fn parent(process: &str) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    rest.split_whitespace().nth(1).map(str::to_owned)
}

/// The living processes of this name space whose program has one of these names.
pub(super) fn processes(names: &[&str]) -> Vec<String> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return vec![];
    };
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let numbers = numbers.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    let is_one = |number: &String| {
        let stat = fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        let name = stat
            .split_once('(')
            .and_then(|(_, rest)| rest.rsplit_once(')'));
        // One that has ended is there until somebody asks how.
        name.is_some_and(|(name, state)| names.contains(&name) && !state.starts_with(" Z"))
    };
    numbers.filter(is_one).collect()
}

pub(super) fn is_running(name: &str) -> bool {
    !processes(&[name]).is_empty()
}

/// Asks again and again until there is an answer.
pub(super) fn until<T>(
    what: &str,
    most: Duration,
    mut ask: impl FnMut() -> Option<T>,
) -> Outcome<T> {
    let start = Instant::now();
    while start.elapsed() < most {
        if let Some(answer) = ask() {
            return Ok(answer);
        }
        sleep(Duration::from_millis(50));
    }
    Err(format!("waited {} s in vain for {what}", most.as_secs()))
}

/// What a command prints; its errors where it fails.
pub(super) fn shell(program: &str, arguments: &[&str]) -> Outcome<String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("cannot start {program}: {error}"))?;
    let [said, errors] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    if output.status.success() {
        return Ok(said);
    }
    let _ = io::stdout().flush();
    Err(format!(
        "{program} {}: {}",
        arguments.join(" "),
        errors.trim_end()
    ))
}

pub(super) fn path(path: &Path) -> String {
    path.display().to_string()
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
pub(super) fn text(error: io::Error) -> String {
    error.to_string()
}
