//! How methods did: rows of the committed tables of results.

use super::Entry;
use std::{collections::BTreeMap, fmt::Write as _, fs};

/// Folders of results, the first of them first; what a later one has of the same protocol is left out.
const FOLDERS: [(&str, &str); 4] = [
    ("paper", "the paper's five data sets, tuned, 20 seeds"),
    ("extended", "the paper's five data sets, tuned, 20 seeds"),
    ("beyond", "nine data sets, fixed settings, 40 seeds"),
    ("fixed", "three tables, fixed settings, 20 seeds"),
];

/// Macro F1 of methods on tables, a line for each table and split.
const TABLES: &str = "docs/results/advice/scores.csv";

/// Where methods were held to tables that nobody had used.
const CONFIRMATION: &str = "docs/confirmation.md";

const PLAIN: &str = "baseline";

struct Row {
    method: String,
    shown: String,
}

pub(super) struct Evidence {
    rows: Vec<Row>,
    confirmed: String,
}

impl Evidence {
    pub(super) fn read(entries: &[Entry]) -> Result<Self, String> {
        let read =
            |path: &str| fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
        let mut rows: Vec<Row> = vec![];
        let mut has_protocol: Vec<(&str, String)> = vec![];
        for (folder, protocol) in FOLDERS {
            let of = |file: &str| format!("docs/results/{folder}/{file}");
            let titles = titles(&read(&of("matrix.json"))?, entries);
            for line in read(&of("tables/across_baseline.csv"))?.lines().skip(1) {
                let fields = fields(line);
                let [title, difference, _, error, ahead, of_n, ..] = &fields[..] else {
                    return Err(format!("{folder}: {line:?} is no row of a comparison"));
                };
                let Some(method) = titles.get(title) else {
                    return Err(format!(
                        "{}: no method of the matrix is called {title:?}",
                        of("tables")
                    ));
                };
                if has_protocol
                    .iter()
                    .any(|known| *known == (protocol, method.clone()))
                {
                    continue;
                }
                has_protocol.push((protocol, method.clone()));
                let shown = format!(
                    "| `{method}`{} | {} | {ahead} of {of_n} | [{protocol}](../results/{folder}/report.md) |",
                    label(method, title),
                    points(number(difference)?, number(error)?)
                );
                rows.push(Row {
                    method: method.clone(),
                    shown,
                });
            }
        }
        rows.extend(on_tables(&read(TABLES)?)?);
        Ok(Self {
            rows,
            confirmed: read(CONFIRMATION)?,
        })
    }

    /// What is known of the method, or of the rule behind any method.
    pub(super) fn of(&self, id: &str, is_rule: bool) -> String {
        let is_of = |method: &str| {
            let (base, rule) = method
                .split_once('+')
                .map_or((method, None), |(b, r)| (b, Some(r)));
            if is_rule {
                rule == Some(id)
            } else {
                base.split(':').next() == Some(id)
            }
        };
        let rows: Vec<&Row> = self.rows.iter().filter(|row| is_of(&row.method)).collect();
        let mut text = String::new();
        if id == PLAIN && !is_rule {
            text.push_str("It is what the others are compared with.\n");
        } else if rows.is_empty() {
            text.push_str("No matrix in this repository has run it.\n");
        }
        if !rows.is_empty() {
            text.push_str("Test macro F1 in points over plain training; ± is the standard error between data sets.\n\n");
            text.push_str(
                "| run as | over plain training | ahead on | where |\n|---|---|---|---|\n",
            );
            for row in rows {
                writeln!(text, "{}", row.shown).expect("writing to a string");
            }
        }
        let commands = self.confirmed.split("```").skip(1).step_by(2);
        let is_word = |c: char| c.is_alphanumeric() || "-:=.+".contains(c);
        if commands.into_iter().any(|code| {
            code.split(|c| !is_word(c))
                .any(|word| word.contains(|c: char| c.is_alphabetic()) && is_of(word))
        }) {
            text.push_str("\nIt is one of the methods of the [confirmation on forty unseen tables](../confirmation.md).\n");
        }
        text
    }
}

/// What a matrix calls a variant, whose id does not say it.
fn label(method: &str, title: &str) -> String {
    if method.contains(':') {
        format!(" ({title})")
    } else {
        String::new()
    }
}

/// The methods of a matrix, by their titles.
fn titles(matrix: &str, entries: &[Entry]) -> BTreeMap<String, String> {
    let value = |line: &str, key: &str| {
        let rest = line.trim().strip_prefix(&format!("\"{key}\": \""))?;
        Some(rest.trim_end_matches(',').strip_suffix('"')?.to_owned())
    };
    let title = |id: &str| {
        entries
            .iter()
            .find(|entry| entry.id == id)
            .map(|entry| entry.title.clone())
    };
    let mut found = BTreeMap::new();
    let mut lines = matrix.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(id) = value(line, "id") else {
            continue;
        };
        let own = lines.peek().and_then(|next| value(next, "title"));
        let (base, rule) = id
            .split_once('+')
            .map_or((&*id, None), |(b, r)| (b, Some(r)));
        let derived = title(base).map(|base| match rule.and_then(&title) {
            Some(rule) => format!("{base} + {rule}"),
            None => base,
        });
        found.extend(own.or(derived).map(|title| (title, id.clone())));
    }
    found
}

/// The fields of a line of a table.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            c => fields.last_mut().expect("it begins with one").push(c),
        }
    }
    fields
}

fn number(field: &str) -> Result<f64, String> {
    field.parse().map_err(|_| format!("{field:?} is no number"))
}

/// A difference and its error, which are shares, in points.
fn points(difference: f64, error: f64) -> String {
    format!("{:+.2} ± {:.2}", 100.0 * difference, 100.0 * error)
}

/// The differences from plain training over the tables of `scores`: means over splits, then over tables.
fn on_tables(scores: &str) -> Result<Vec<Row>, String> {
    let mut lines = scores.lines();
    let names = fields(lines.next().unwrap_or_default());
    let plain = names
        .iter()
        .position(|name| name == PLAIN)
        .ok_or("no plain training")?;
    let mut splits: BTreeMap<String, Vec<Vec<f64>>> = BTreeMap::new();
    for line in lines {
        let line = fields(line);
        let values: Result<Vec<f64>, String> =
            line[3..].iter().map(|field| number(field)).collect();
        splits.entry(line[0].clone()).or_default().push(values?);
    }
    let n = splits.len() as f64;
    let mut rows = vec![];
    for (column, name) in names.iter().enumerate().skip(3) {
        if column == plain {
            continue;
        }
        let of_table = |splits: &Vec<Vec<f64>>| {
            let total: f64 = splits
                .iter()
                .map(|split| split[column - 3] - split[plain - 3])
                .sum();
            total / splits.len() as f64
        };
        let differences: Vec<f64> = splits.values().map(of_table).collect();
        let mean = differences.iter().sum::<f64>() / n;
        let squares: f64 = differences.iter().map(|d| (d - mean) * (d - mean)).sum();
        let error = (squares / (n - 1.0) / n).sqrt();
        let ahead = differences
            .iter()
            .filter(|difference| **difference > 0.0)
            .count();
        let shown = format!(
            "| `{name}` | {} | {ahead} of {n} | [{n} tables, fixed settings](../advice.md) |",
            points(mean / 100.0, error / 100.0)
        );
        rows.push(Row {
            method: name.clone(),
            shown,
        });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_means_over_tables() {
        let scores = "table,rows,split,baseline,art\na,9,1,50,51\na,9,2,50,53\nb,9,1,60,60\n";
        let rows = on_tables(scores).expect("it is a table");
        assert_eq!(rows.len(), 1);
        assert!(
            rows[0]
                .shown
                .starts_with("| `art` | +1.00 ± 1.00 | 1 of 2 |"),
            "{}",
            rows[0].shown
        );
    }

    #[test]
    fn fields_may_be_quoted() {
        assert_eq!(fields("\"ART, c 0.5\",1"), ["ART, c 0.5", "1"]);
    }
}
