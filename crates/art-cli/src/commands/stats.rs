//! Tests of a table of scores.

use crate::{args::StatsArgs, paths::check_outputs, text};
use anyhow::{Context, Result, bail};
use art_bench::{Ranking, counted, critical_difference};
use art_data::{
    Column, ColumnKind, ReadOptions, Values, nearest_name, read_frame, write_atomically,
};
use art_stats::{
    Interval, NullDistribution, ScoreTable, Zeros, cohen_dz, corrected_t_test, friedman_test, holm,
    mean_interval, nemenyi_critical_difference, paired_t_test, wilcoxon_test,
};
use serde_json::json;
use std::{io::Write, path::Path};

/// Fewest rows that tests are not to be taken for preliminary with.
const FEWEST_ROWS: usize = 5;

/// One method against the subject.
struct Row {
    other: String,
    difference: f64,
    /// None where the differences do not vary.
    interval: Option<Interval>,
    effect: f64,
    t: Option<f64>,
    signed_rank: f64,
    /// None where there is no test, or no ratio for it.
    corrected_t: Option<f64>,
    /// The last of the tests before, adjusted over all rows.
    holm: Option<f64>,
}

pub(crate) fn run(args: &StatsArgs) -> Result<()> {
    let plot = ("--plot", args.plot.as_deref());
    check_outputs(&[("the scores", &args.scores)], &[plot])?;
    let table = read_scores(&args.scores)?;
    let methods = table.methods();
    let friedman = friedman_test(&table)?;
    let critical = nemenyi_critical_difference(methods.len(), table.rows().len(), 0.05)?;
    let subject = if let Some(name) = &args.against {
        known_method(name, methods)?
    } else {
        let ranks = friedman.mean_ranks.iter().enumerate();
        let best = ranks.min_by(|a, b| a.1.total_cmp(b.1));
        methods[best.map_or(0, |(place, _)| place)].clone()
    };
    let rows = compare(&table, &subject, args.test_over_train)?;
    if let Some(path) = &args.plot {
        let ranking = Ranking::of_scores("rows".into(), &table)?;
        write_atomically(path, critical_difference(&ranking)?.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let mut out = text::output();
    if args.json {
        let rank = |(method, rank): (&String, &f64)| json!({"method": method, "mean_rank": rank});
        let row = |row: &Row| {
            json!({"other": row.other, "difference": row.difference,
                   "interval_95": row.interval.map(|i| [i.low, i.high]), "d_z": row.effect, "p_t": row.t,
                   "p_signed_rank": row.signed_rank, "p_corrected_t": row.corrected_t, "p_holm": row.holm})
        };
        let ranks: Vec<_> = methods.iter().zip(&friedman.mean_ranks).map(rank).collect();
        let value = json!({
            "rows": table.rows().len(),
            "ranks": ranks,
            "critical_difference": critical,
            "p_friedman": friedman.p_value,
            "p_iman_davenport": friedman.f_p_value,
            "subject": subject,
            "comparisons": rows.iter().map(row).collect::<Vec<_>>(),
            "to_keep_in_mind": caveats(&table, &rows),
        });
        return text::print_json(&value);
    }
    writeln!(
        out,
        "{}, {}\n",
        counted(methods.len(), "method"),
        counted(table.rows().len(), "row")
    )?;
    let mut order: Vec<usize> = (0..methods.len()).collect();
    order.sort_by(|&a, &b| friedman.mean_ranks[a].total_cmp(&friedman.mean_ranks[b]));
    let mut lines = vec![["method", "average rank"].map(String::from).to_vec()];
    lines.extend(
        order
            .iter()
            .map(|&m| vec![methods[m].clone(), format!("{:.3}", friedman.mean_ranks[m])]),
    );
    write!(out, "{}", text::aligned(&lines))?;
    writeln!(
        out,
        "\nFriedman: p = {}; Iman and Davenport: p = {}. Ranks that differ by less than {critical:.3} cannot be \
         told apart (Nemenyi, 0.05).\n",
        p_text(friedman.p_value),
        // Where all rows rank alike the statistic has no denominator.
        or_dash(friedman.f_p_value)
    )?;
    print_rows(&mut out, &subject, &rows, args.test_over_train.is_some())?;
    for caveat in caveats(&table, &rows) {
        writeln!(out, "{caveat}")?;
    }
    Ok(())
}

/// Each method against the subject.
fn print_rows(out: &mut impl Write, subject: &str, rows: &[Row], is_corrected: bool) -> Result<()> {
    let mut header = vec![
        format!("{subject} −"),
        "difference".into(),
        "95 %".into(),
        "d_z".into(),
    ];
    header.extend(["p, t", "p, signed rank"].map(String::from));
    if is_corrected {
        header.push("p, corrected t".into());
    }
    header.push("Holm".into());
    let mut lines = vec![header];
    lines.extend(rows.iter().map(|row| {
        let mut line = vec![
            row.other.clone(),
            format!("{:+.4}", row.difference),
            row.interval.map_or_else(
                || "—".into(),
                |Interval { low, high }| format!("{low:+.4} to {high:+.4}"),
            ),
            effect_text(row.effect),
            or_dash(row.t),
            p_text(row.signed_rank),
        ];
        line.extend(is_corrected.then(|| or_dash(row.corrected_t)));
        line.push(or_dash(row.holm));
        line
    }));
    write!(out, "{}", text::aligned(&lines))?;
    let (adjusted, interval) = if is_corrected {
        ("corrected t", "corrected t-test")
    } else {
        ("signed-rank", "t-test")
    };
    writeln!(
        out,
        "\nHolm adjusts the p-values of the {adjusted} test over these rows. The interval is that of the {interval}."
    )?;
    if !is_corrected {
        writeln!(
            out,
            "If the rows are repeated splits of one data set, give --test-over-train: the tests above take them \
             for independent."
        )?;
    }
    Ok(())
}

fn compare(table: &ScoreTable, subject: &str, test_over_train: Option<f64>) -> Result<Vec<Row>> {
    let ours = table.column(subject).unwrap_or_default();
    let mut rows = vec![];
    for other in table.methods().iter().filter(|other| *other != subject) {
        let theirs = table.column(other).unwrap_or_default();
        let t = paired_t_test(&ours, &theirs)?;
        let ranked = wilcoxon_test(&ours, &theirs, Zeros::Drop, NullDistribution::Auto)?;
        let corrected = test_over_train.map(|ratio| corrected_t_test(&ours, &theirs, ratio));
        let corrected = corrected.transpose()?.map(|outcome| outcome.p_value);
        // That of the t-test beside it, so that both say the same.
        let interval = mean_interval(&ours, &theirs, test_over_train.unwrap_or(0.0), 0.95)?;
        rows.push(Row {
            other: other.clone(),
            difference: t.mean_difference,
            interval,
            effect: cohen_dz(&ours, &theirs)?,
            t: t.p_value,
            signed_rank: ranked.p_value,
            corrected_t: corrected.flatten(),
            holm: corrected.unwrap_or(Some(ranked.p_value)),
        });
    }
    // Where there is no test there is one that found nothing.
    let p: Vec<f64> = rows.iter().map(|row| row.holm.unwrap_or(1.0)).collect();
    for (row, adjusted) in rows.iter_mut().zip(holm(&p)?) {
        row.holm = row.holm.map(|_| adjusted);
    }
    Ok(rows)
}

/// What to keep in mind of the tests.
fn caveats(table: &ScoreTable, rows: &[Row]) -> Vec<String> {
    let mut lines = vec![];
    let n = table.rows().len();
    if n < FEWEST_ROWS {
        lines.push(format!(
            "Only {}: with fewer than {FEWEST_ROWS} a test hangs on one or two of them; take it for preliminary.",
            counted(n, "row")
        ));
    }
    let untested = rows.iter().filter(|row| row.t.is_none());
    let untested: Vec<&str> = untested.map(|row| &*row.other).collect();
    if !untested.is_empty() {
        lines.push(format!(
            "The difference is the same in every row for {}: what does not vary has no t-test and no interval (—).",
            untested.join(", ")
        ));
    }
    lines
}

fn or_dash(p: Option<f64>) -> String {
    p.map_or_else(|| "—".into(), p_text)
}

/// Cohen's `d_z`; there is no scale where all differences are equal.
fn effect_text(effect: f64) -> String {
    if effect.is_finite() {
        format!("{effect:+.2}")
    } else {
        "—".into()
    }
}

fn p_text(p: f64) -> String {
    if p == 0.0 {
        "< 1e-300".into()
    } else if p >= 0.001 {
        format!("{p:.3}")
    } else {
        format!("{p:.1e}")
    }
}

fn known_method(name: &str, methods: &[String]) -> Result<String> {
    if methods.iter().any(|method| method == name) {
        return Ok(name.to_owned());
    }
    let hint = nearest_name(name, methods.iter().map(String::as_str))
        .map(|nearest| format!(", did you mean {nearest:?}?"))
        .unwrap_or_default();
    bail!(
        "there is no method {name:?}{hint}; methods are {}",
        methods.join(", ")
    )
}

/// What a leading column may be called that names the rows by numbers; without a name it is the index of a data frame.
const ROWS: [&str; 13] = [
    "column 1",
    "index",
    "id",
    "rep",
    "repeat",
    "iteration",
    "unnamed: 0",
    "seed",
    "split",
    "fold",
    "run",
    "dataset",
    "data set",
];

/// The scores of a table. Leading columns in which no field is a number, or that are called as [`ROWS`], name the rows.
fn read_scores(path: &Path) -> Result<ScoreTable> {
    let frame = read_frame(path, &ReadOptions::default())?;
    let is_number = |word: &String| word.parse::<f64>().is_ok();
    let names_rows = |column: &&Column| {
        let has_no_number = match &column.values {
            Values::Words { levels, .. } => !levels.iter().any(is_number),
            Values::Numbers(_) => matches!(column.kind, ColumnKind::Dates(_)),
        };
        has_no_number || ROWS.contains(&&*column.name.to_lowercase())
    };
    let skip = frame.columns().iter().take_while(names_rows).count();
    let methods = &frame.columns()[skip..];
    if methods.len() < 2 {
        bail!(
            "{} has {} of scores; a comparison needs two methods",
            path.display(),
            counted(methods.len(), "column")
        );
    }
    let scores = methods.iter().map(|column| {
        let name = &column.name;
        match &column.values {
            Values::Numbers(scores) => match scores.iter().position(|score| score.is_nan()) {
                None => Ok(scores),
                Some(row) => bail!(
                    "{}: column {name:?} has no score in data row {}",
                    path.display(),
                    row + 1
                ),
            },
            Values::Words { levels, .. } => bail!(
                "{}: column {name:?} holds {:?}, expected finite scores",
                path.display(),
                levels.iter().find(|word| !is_number(word)).unwrap_or(name)
            ),
        }
    });
    let scores = scores.collect::<Result<Vec<_>>>()?;
    let row = |row: usize| scores.iter().map(|column| column[row]).collect();
    let rows = (0..frame.n_rows()).map(row).collect();
    let names = methods.iter().map(|column| &*column.name);
    Ok(ScoreTable::new(names, rows)?)
}
