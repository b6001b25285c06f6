//! Text for a terminal.

use crate::remedies::quoted;
use anyhow::Result;
use art_bench::{Screen, Terminal, say, terminal_field};
use art_core::ConfusionMatrix;
use art_stats::{Interval, average_precision_interval, share_interval};
use art_train::{ClassRanking, Classifier, Decision, PartRecord};
use console::measure_text_width;
use serde_json::{Value, json};
use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{Stderr, Stdout, Write as _, stderr, stdout},
};

/// The standard output for what a person reads; a table of answers is data and goes there as it is.
pub(crate) fn output() -> Terminal<Stdout> {
    Terminal::new(stdout(), Screen::of_output())
}

/// The standard error for what a person reads.
pub(crate) fn errors() -> Terminal<Stderr> {
    Terminal::new(stderr(), Screen::of_errors())
}

/// Prints JSON, which no screen breaks into lines.
pub(crate) fn print_json(value: &Value) -> Result<()> {
    let mut out = Terminal::new(stdout(), Screen::default());
    writeln!(out, "{value:#}")?;
    Ok(out.flush()?)
}

/// What was typed, as another command, without the columns `left_out` and with more behind it.
pub(crate) fn typed_as(
    command: &str,
    left_out: &[String],
    more: impl IntoIterator<Item = String>,
) -> Vec<String> {
    let mut words = typed_without(left_out);
    command.clone_into(&mut words[1]);
    words.into_iter().chain(more).collect()
}

/// What was typed, and then that the columns `left_out` are left out: what says how to read them is gone, since both
/// contradict each other.
pub(crate) fn typed_without(left_out: &[String]) -> Vec<String> {
    let typed = std::env::args_os().skip(1);
    let typed = typed.map(|word| word.to_string_lossy().into_owned());
    let mut words = vec!["art".to_owned()];
    words.extend(without_readings(typed.collect(), left_out));
    for name in left_out {
        // What begins with a hyphen would be taken for another option.
        if name.starts_with('-') {
            words.push(format!("--ignore={name}"));
        } else {
            words.extend(["--ignore".to_owned(), name.clone()]);
        }
    }
    words
}

fn without_readings(typed: Vec<String>, left_out: &[String]) -> Vec<String> {
    const READINGS: [&str; 2] = ["--words", "--numbers"];
    let is_left_out = |name: &str| left_out.iter().any(|known| known == name);
    let is_reading = |word: &str| match word.split_once('=') {
        Some((option, name)) => READINGS.contains(&option) && is_left_out(name),
        None => false,
    };
    let mut kept = vec![];
    let mut typed = typed.into_iter().peekable();
    while let Some(word) = typed.next() {
        if READINGS.contains(&&*word) && typed.peek().is_some_and(|name| is_left_out(name)) {
            typed.next();
        } else if !is_reading(&word) {
            kept.push(word);
        }
    }
    kept
}

/// Says what may be done now.
pub(crate) fn say_next(command: &[String]) {
    let words = command.iter().map(|word| quoted(word));
    say(format_args!(
        "next: {}",
        words.collect::<Vec<_>>().join(" ")
    ));
}

/// Columns side by side: the first to the left, the others to the right. Fields are shown as
/// [`terminal_field`] has them.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let lines = aligned_lines(rows, None, &[]).into_iter();
    lines.map(|line| line + "\n").collect()
}

/// The same as lines of at most `width`, as far as leaving out the columns `droppable`, the first of these first, makes them so.
pub(crate) fn aligned_lines(
    rows: &[Vec<String>],
    width: Option<usize>,
    droppable: &[usize],
) -> Vec<String> {
    let rows: Vec<Vec<Cow<'_, str>>> = rows
        .iter()
        .map(|row| row.iter().map(|field| terminal_field(field)).collect())
        .collect();
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width_of = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| measure_text_width(cell))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..n_columns).map(width_of).collect();
    let mut shown: Vec<usize> = (0..n_columns).collect();
    for dropped in droppable {
        let needed: usize = shown.iter().map(|&column| widths[column] + 2).sum();
        if width.is_some_and(|width| needed > width + 2) {
            shown.retain(|column| column != dropped);
        }
    }
    let line_of = |row: &Vec<Cow<'_, str>>| {
        let mut line = String::new();
        for &column in shown.iter().filter(|&&column| column < row.len()) {
            let cell = &row[column];
            let padding = " ".repeat(widths[column] - measure_text_width(cell));
            let _ = match column {
                0 => write!(line, "{cell}{padding}"),
                _ => write!(line, "  {padding}{cell}"),
            };
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line_of).collect()
}

/// F1 of each class and their mean on each part, over the classes that the part has rows of.
pub(crate) fn f1_table(classes: &[String], parts: &[PartRecord]) -> String {
    let mut header = vec!["F1".to_owned()];
    header.extend(parts.iter().map(|part| part.name.clone()));
    let mut rows = vec![header];
    let scores: Vec<Vec<f64>> = parts.iter().map(|p| p.confusion.per_class_f1()).collect();
    for (class, name) in classes.iter().enumerate() {
        let mut row = vec![name.clone()];
        row.extend(parts.iter().zip(&scores).map(|(part, scores)| {
            if part.confusion.support(class) == 0 {
                return "no row".to_owned();
            }
            format!("{:.4}", scores[class])
        }));
        rows.push(row);
    }
    let mut line = |name: &str, of: &dyn Fn(&PartRecord) -> String| {
        let mut row = vec![name.to_owned()];
        row.extend(parts.iter().map(of));
        rows.push(row);
    };
    line("macro F1", &|part| {
        format!("{:.4}", part.confusion.present_macro_f1())
    });
    line("rows", &|part| part.confusion.total().to_string());
    aligned(&rows)
}

/// Most classes that a confusion matrix is shown of.
const MOST_COLUMNS: usize = 8;

/// What became of the rows of each class of a part: how many of 100 were found and how many of 100 answers were right, with intervals,
/// and, of few classes, what they were taken for.
pub(crate) fn answers_table(classes: &[String], part: &PartRecord) -> String {
    let confusion = &part.confusion;
    let share = |hits: u64, n: u64| match share_interval(hits, n, 0.95) {
        Ok(Interval { low, high }) => format!(
            "{:.0} % ({:.0} to {:.0})",
            100.0 * hits as f64 / n as f64,
            100.0 * low,
            100.0 * high
        ),
        Err(_) => "-".to_owned(),
    };
    let is_shown = classes.len() <= MOST_COLUMNS;
    let mut header = [&part.name, "rows", "found", "answers right"]
        .map(str::to_owned)
        .to_vec();
    if !part.rankings.is_empty() {
        header.push("PR-AUC".to_owned());
    }
    if is_shown {
        header.extend(classes.iter().map(|name| format!("as {name}")));
    }
    let mut rows = vec![header];
    for (class, name) in classes.iter().enumerate() {
        let right = confusion.count(class, class);
        let mut row = vec![
            name.clone(),
            confusion.support(class).to_string(),
            share(right, confusion.support(class)),
            share(right, confusion.predicted(class)),
        ];
        if let Some(ranking) = part.rankings.get(class) {
            row.push(pr_auc(ranking, confusion.support(class)));
        }
        if is_shown {
            row.extend(
                (0..classes.len()).map(|as_class| confusion.count(class, as_class).to_string()),
            );
        }
        rows.push(row);
    }
    aligned(&rows)
}

/// The area under precision over recall with its interval.
fn pr_auc(ranking: &ClassRanking, n_of_class: u64) -> String {
    let Some(value) = ranking.average_precision else {
        return "-".to_owned();
    };
    match average_precision_interval(value, n_of_class, 0.95) {
        Ok(Interval { low, high }) => format!("{value:.2} ({low:.2} to {high:.2})"),
        Err(_) => format!("{value:.2}"),
    }
}

/// How a classifier decides, for JSON.
pub(crate) fn decision_value(classifier: &Classifier) -> Value {
    let names = classifier.class_names();
    match classifier.decision() {
        Decision::Likeliest => json!({"by": "likeliest class"}),
        Decision::Threshold { class, probability } => {
            json!({"by": "threshold", "class": names[class], "probability": probability})
        }
        Decision::Offsets(offsets) => json!({"by": "offsets", "offsets": offsets}),
        Decision::Affine { f1, sizes } => json!({"by": "affine rule", "f1": f1, "sizes": sizes}),
    }
}

/// F1 of each class for JSON, null for one without rows.
pub(crate) fn f1_values(confusion: &ConfusionMatrix) -> Vec<Option<f64>> {
    let scores = confusion.per_class_f1().into_iter().enumerate();
    let is_there = |class: usize| confusion.support(class) > 0;
    scores
        .map(|(class, f1)| is_there(class).then_some(f1))
        .collect()
}

/// Names of the classes without rows.
pub(crate) fn absent_classes<'n>(confusion: &ConfusionMatrix, names: &'n [String]) -> Vec<&'n str> {
    let absent = confusion.classes_without_rows().into_iter();
    absent.map(|class| &*names[class]).collect()
}

/// A bar of at most `width` characters for `share` of the largest.
pub(crate) fn bar(share: f64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share * 8.0 * width as f64).round().max(1.0) as usize;
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_is_left_out_is_no_longer_read_in_some_way() {
        let typed = "inspect t.csv --words zip --numbers=age --words=town --target y";
        let typed = typed.split(' ').map(str::to_owned).collect();
        let kept = without_readings(typed, &["zip".into(), "town".into()]);
        assert_eq!(kept.join(" "), "inspect t.csv --numbers=age --target y");
    }
}
