//! Every method on a table, with the evidence.

use crate::{
    advice::{advised, advised_options},
    args::{CompareArgs, TrainArgs},
    concerns::{concerns, refuse_weights, repeated},
    consent::to_replace_report,
    doubts::doubts,
    folded::folded,
    is_broken_pipe,
    table::read_divided,
    text,
};
use anyhow::{Context as _, Result, bail};
use art_bench::{
    DataSets, DatasetResults, Division, Executed, Experiment, INTERRUPTED, MOST_JOBS, Matrix,
    MatrixMethod, MethodResults, Metric, MissingResult, RunInfo, Selection, Session,
    SessionOptions, SplitFacts, Summaries, Terminal, Tuning, advice_text, cancel_on_interrupt,
    caveats, changes_text, counted, is_plain_name, jobs_at_most, own_table_id, p_in_words, say,
};
use art_core::Seed;
use art_data::{LabelledFrame, SplitConfig, is_stream};
use art_methods::{PLAIN, Registry};
use art_stats::Summary;
use art_train::Training as TrainingRule;
use clap::Parser;
use serde_json::json;
use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{Stdout, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Seeds of the splits that trials of tuning are scored on; the comparison counts its own from 1.
const TUNING_SEEDS: [u64; 3] = [1_000_001, 1_000_002, 1_000_003];

/// Most splits in which rows are looked for that stand in training and test.
const MOST_DIVISIONS: usize = 20;

/// The seed of the first split.
const FIRST_SEED: u64 = 1;

/// Most splits of a comparison.
const MOST_SEEDS: u64 = 10_000;

pub(crate) fn run(args: &CompareArgs) -> Result<ExitCode> {
    refuse_weights(&args.table)?;
    if args.train.is_some() && is_stream(&args.table.data) {
        bail!("--train needs the table a second time: write it to a file first");
    }
    let table = read_divided(
        &args.table,
        &args.division,
        &args.small_classes,
        &SplitConfig::default(),
    )?;
    check_features(&table)?;
    let registry = Registry::standard();
    let id = own_table_id(&table);
    let rows = table.rows(&SplitConfig::default(), Seed::new(FIRST_SEED))?;
    let training = TrainingRule::for_table(rows.trained_in_folds().len(), table.features().len());
    let matrix = matrix(args, &id, training, &registry)?.resolved(&registry)?;
    let folder = results_folder(args)?;
    to_replace_report(&folder, &matrix, args.overwrite)?;
    let notes = notes(args, &table, &matrix.seeds)?;
    let division = match (&args.division.group, &args.division.split) {
        (Some(_), _) => Division::Grouped,
        (None, Some(_)) => Division::Given,
        (None, None) => Division::Stratified,
    };
    let facts = SplitFacts::of(&table, &matrix.seeds, division)?;
    let data = DataSets::of_own_table(table);
    // One that cannot be encoded either.
    drop(data.split(&id, Seed::new(FIRST_SEED))?);
    let mut info = RunInfo::new(matrix, data.class_names()?, BTreeMap::new());
    info.notes = notes;
    info.division = division;
    info.splits.extend(facts.map(|facts| (id, facts)));
    if let Some(asked) = args.jobs.filter(|asked| asked.get() > MOST_JOBS) {
        say(format_args!(
            "note: --jobs {asked}: {MOST_JOBS} at a time, which is the most"
        ));
    }
    let jobs = jobs_at_most(args.jobs);
    let experiment = Experiment::new(data, registry, jobs, args.device)?;
    let selection = Selection {
        shard: args.shard,
        ..Selection::default()
    };
    let options = SessionOptions {
        folder: &folder,
        jobs,
        retry_failed: args.retry_failed,
        how_to: advised_options,
    };
    let cancel = cancel_on_interrupt("epochs")?;
    let session = Session::run(&info, &experiment, &selection, options, &cancel)?;
    let Some(results) = session.results.datasets.first() else {
        bail!("there is no result");
    };
    let code = say_session(&session);
    let left = session.executed.left;
    let mut out = text::output();
    let shown = if args.json {
        let value = as_json(results, args.metric.into(), &folder, &info.notes);
        text::print_json(&value)
    } else {
        print(&mut out, results, args.metric.into()).and_then(|()| {
            let mut pages = session.files.iter();
            let page = pages.find(|f| f.extension().is_some_and(|e| e == "html"));
            page.map_or(Ok(()), |page| Ok(writeln!(out, "\n{}", page.display())?))
        })
    };
    match shown {
        // Whoever read our output has seen enough; what came of the cells is still to be told.
        Err(error) if !is_broken_pipe(&error) => return Err(error),
        _ => {}
    }
    if left > 0 {
        return Ok(code);
    }
    if let Some(model) = &args.train {
        return train_advised(args, model, results);
    }
    if !args.json && advised(results).is_some() {
        let train = ["--train", "MODEL.art"].map(str::to_owned);
        text::say_next(&text::typed_as("compare", &[], train));
    }
    Ok(code)
}

/// Says what became of the cells.
fn say_session(session: &Session) -> ExitCode {
    if session.torn_bytes > 0 {
        say(format_args!(
            "note: cut off {} bytes of a record that a crash had torn",
            session.torn_bytes
        ));
    }
    let Executed { failed, left, .. } = session.executed;
    if failed > 0 {
        let (failed, them) = (
            counted(failed, "cell"),
            if failed == 1 { "it" } else { "them" },
        );
        say(format_args!(
            "{failed} failed; the report says why, --retry-failed runs {them} again"
        ));
        if let Some(reason) = session.results.gaps.iter().find_map(MissingResult::error) {
            say(format_args!("  the first reason: {reason}"));
        }
    }
    if left > 0 {
        let left = counted(left, "cell");
        say(format_args!(
            "interrupted with {left} left; the same command goes on"
        ));
    }
    match (failed, left) {
        (_, 1..) => ExitCode::from(INTERRUPTED),
        (1.., _) => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

/// The options of `art train`, alone.
#[derive(Parser)]
struct Training {
    #[command(flatten)]
    args: TrainArgs,
}

/// Trains what was advised, on the same table.
fn train_advised(args: &CompareArgs, model: &Path, results: &DatasetResults) -> Result<ExitCode> {
    let verdict = results.verdict.as_ref();
    if verdict.is_none_or(|verdict| verdict.expected.is_empty()) {
        bail!("nothing was advised, so that nothing is trained (--train)");
    }
    let plain = || vec![["--method".to_owned(), PLAIN.to_owned()]];
    let options = advised(results).unwrap_or_else(plain).concat();
    say(format_args!("training with {}", options.join(" ")));
    let mut words: Vec<OsString> = ["train", "--target", &args.table.target, "--out"]
        .map(OsString::from)
        .to_vec();
    words.extend([model.into(), "--".into(), args.table.data.clone().into()]);
    words.splice(1..1, options.into_iter().map(OsString::from));
    let Training { args: train } = Training::try_parse_from(words)?;
    super::train::run(&TrainArgs {
        table: args.table.clone(),
        division: args.division.clone(),
        small_classes: args.small_classes.clone(),
        device: args.device,
        overwrite: args.overwrite,
        ..train
    })
}

/// Where the results go: a folder with the name of the table where none is given.
fn results_folder(args: &CompareArgs) -> Result<PathBuf> {
    if let Some(folder) = &args.out {
        return Ok(folder.clone());
    }
    let stem = args.table.data.file_stem().unwrap_or_default();
    let name = stem.to_string_lossy();
    if !is_plain_name(&name) {
        bail!(
            "the results cannot have the name of the table, {name:?}, which is no plain name of a folder; name one (--out DIR)"
        );
    }
    Ok(Path::new("results").join(stem))
}

/// What to know of the table, said at once and kept for the report.
fn notes(args: &CompareArgs, table: &LabelledFrame, seeds: &[u64]) -> Result<Vec<String>> {
    let mut found = concerns(&args.table, Some(&args.division), table)?;
    let divisions = seeds.iter().take(MOST_DIVISIONS);
    let divisions = divisions.map(|&seed| table.rows(&SplitConfig::default(), Seed::new(seed)));
    let mut divisions = divisions.collect::<Result<Vec<_>, _>>()?;
    divisions.dedup();
    found.extend(repeated(table, &divisions));
    for warning in &found {
        say(format_args!("warning: {warning}"));
    }
    let mut notes = folded(&doubts(table, &args.table.format));
    notes.extend(found);
    Ok(notes)
}

/// The matrix of the table alone.
fn matrix(
    args: &CompareArgs,
    id: &str,
    training: TrainingRule,
    registry: &Registry,
) -> Result<Matrix> {
    if args.seeds < 2 {
        bail!(
            "--seeds {}: at least 2 are needed to tell a difference from chance",
            args.seeds
        );
    }
    if args.seeds > MOST_SEEDS {
        bail!(
            "--seeds {}: at most {MOST_SEEDS}; all of them split the same rows, so that more say nothing new",
            args.seeds
        );
    }
    let named: Vec<&str> = args.methods.iter().map(|name| name.trim()).collect();
    // Without plain training there is nothing to be better than.
    let plain = [PLAIN].into_iter().filter(|plain| !named.contains(plain));
    let methods = plain.chain(named.iter().copied());
    let method = |name: &str| {
        let name = match args.folds {
            Some(folds) if name != PLAIN => registry.in_folds(name, folds.get())?,
            _ => name.to_owned(),
        };
        let (method, settings) = registry.typed(&name)?;
        let checked = method.check(&method.resolve(&settings)?);
        checked.with_context(|| name.clone())?;
        Ok::<_, anyhow::Error>(MatrixMethod {
            settings,
            ..MatrixMethod::with_defaults(&name)
        })
    };
    let methods = methods.map(method).collect::<Result<Vec<_>, _>>()?;
    let file = args.table.data.file_name().unwrap_or_default();
    Ok(Matrix {
        name: "compare".into(),
        purpose: format!(
            "{} by {}, {}.",
            file.to_string_lossy(),
            counted(methods.len(), "method"),
            match args.tune {
                Some(trials) => {
                    format!("each tuned by {}", counted(trials.get() as usize, "trial"))
                }
                None => "each with fixed settings".to_owned(),
            }
        ),
        datasets: vec![id.to_owned()],
        methods,
        seeds: (FIRST_SEED..).take(args.seeds as usize).collect(),
        seeds_on: BTreeMap::new(),
        initialisations: 1,
        training,
        training_on: BTreeMap::new(),
        metric: args.metric.into(),
        tuning: args.tune.map(|trials| Tuning {
            seeds: TUNING_SEEDS.to_vec(),
            trials_per_setting: trials.get(),
            most_settings: 1,
            trials_on: BTreeMap::new(),
        }),
        ablations: vec![],
    })
}

/// Refuses a table whose features say nothing: whatever differs between methods on it is no advice.
fn check_features(table: &LabelledFrame) -> Result<()> {
    if table
        .feature_columns()
        .all(|column| column.values.says_nothing())
    {
        bail!(
            "{}: every feature has one value alone ({}), so that no method can tell the classes apart",
            table.frame().path().display(),
            table.features().join(", ")
        );
    }
    Ok(())
}

/// The line of a method in the table of a terminal.
fn line_of(
    method: &MethodResults,
    results: &DatasetResults,
    [metric, beside]: [Metric; 2],
) -> Vec<String> {
    let Some(summaries) = &method.summaries else {
        return vec![method.title.clone(), "no result".into()];
    };
    let points = |s: art_stats::Summary| match s.n {
        1 => format!("{:.2}", 100.0 * s.mean),
        _ => format!("{:.2} ± {:.2}", 100.0 * s.mean, 100.0 * s.sd),
    };
    let verdict = results.verdict.as_ref();
    let against = verdict.and_then(|v| v.against_plain.iter().find(|c| c.other == method.id));
    let title = match method.scores.len() {
        n if n == method.planned => method.title.clone(),
        n => format!(
            "{} ({n} of {})",
            method.title,
            counted(method.planned, "run")
        ),
    };
    let expected = verdict.and_then(|v| v.expected_of(&method.id));
    let is_advised = verdict.and_then(|v| v.recommended()) == Some(&method.id);
    vec![
        if is_advised {
            format!("{title} *")
        } else {
            title
        },
        summaries
            .score(metric.name())
            .map(points)
            .unwrap_or_default(),
        summaries
            .score(beside.name())
            .map(points)
            .unwrap_or_default(),
        against.map_or_else(String::new, |c| format!("{:+.2}", 100.0 * c.difference)),
        against.map_or_else(String::new, |c| {
            c.corrected_t
                .map_or_else(|| "-".into(), |test| p_in_words(test.holm))
        }),
        expected.map_or_else(String::new, |gain| {
            format!(
                "{:+.1} ({:+.1} to {:+.1})",
                100.0 * gain.gain,
                100.0 * gain.interval.low,
                100.0 * gain.interval.high
            )
        }),
    ]
}

fn print(out: &mut Terminal<Stdout>, results: &DatasetResults, metric: Metric) -> Result<()> {
    let beside = match metric {
        Metric::MacroF1 => Metric::Accuracy,
        _ => Metric::MacroF1,
    };
    let header = [
        "method",
        metric.name(),
        beside.name(),
        "over plain",
        "p",
        "to be expected",
    ];
    let mut rows = vec![header.map(String::from).to_vec()];
    let mut methods: Vec<_> = results.methods.iter().collect();
    let mean = |m: &&MethodResults| {
        let summaries = m.summaries.as_ref()?;
        summaries.score(metric.name()).map(|score| score.mean)
    };
    methods.sort_by(|a, b| {
        mean(b)
            .partial_cmp(&mean(a))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    rows.extend(
        methods
            .iter()
            .map(|method| line_of(method, results, [metric, beside])),
    );
    // The accuracy, p and what was seen may go where there is little room; what is to be expected stays.
    let lines = text::aligned_lines(&rows, out.screen().width, &[2, 4, 3]);
    let recommended = results.verdict.as_ref().and_then(|v| v.recommended());
    let is_advised = |method: &&MethodResults| recommended == Some(&*method.id);
    let advised = methods.iter().position(is_advised).map(|place| place + 1);
    for (place, line) in lines.iter().enumerate() {
        if Some(place) == advised {
            out.strong(line)?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    writeln!(
        out,
        "\nTest scores × 100 over {}{}{}",
        if results.divisions.is_one() {
            format!(
                "{} of one division",
                counted(results.divisions.seeds, "seed")
            )
        } else {
            counted(results.divisions.different, "split")
        },
        if results.divisions.is_one() {
            "; nothing is tested (-)."
        } else {
            "; p after Holm's adjustment, of the t-test corrected for overlapping splits."
        },
        if advised.is_some() {
            " * marks what is recommended."
        } else {
            ""
        }
    )?;
    for caveat in caveats(results) {
        writeln!(out, "{caveat}")?;
    }
    if let Some(advice) = advice_text(results) {
        writeln!(out)?;
        out.strong(&advice)?;
        for line in changes_text(results) {
            writeln!(out, "{line}")?;
        }
        if let Some(options) = advised_options(results) {
            writeln!(out, "  {options}")?;
        }
    }
    Ok(())
}

/// Mean precision and recall of each class.
fn per_class(summaries: &Summaries, classes: &[String]) -> Vec<serde_json::Value> {
    let mean =
        |of: &[Option<Summary>], class: usize| of.get(class).copied().flatten().map(|s| s.mean);
    let of = |(class, name): (usize, &String)| {
        json!({
            "class": name,
            "precision": mean(&summaries.per_class_precision, class),
            "recall": mean(&summaries.per_class_recall, class),
        })
    };
    classes.iter().enumerate().map(of).collect()
}

fn as_json(
    results: &DatasetResults,
    metric: Metric,
    folder: &Path,
    notes: &[String],
) -> serde_json::Value {
    let method = |m: &MethodResults| {
        let verdict = results.verdict.as_ref();
        let against = verdict.and_then(|v| v.against_plain.iter().find(|c| c.other == m.id));
        let expected = verdict.and_then(|v| v.expected_of(&m.id));
        json!({
            "method": m.id,
            "macro_f1": m.summaries.as_ref().map(|s| s.macro_f1.mean),
            "standard_deviation": m.summaries.as_ref().map(|s| s.macro_f1.sd),
            "scores": m.scores.iter().map(|(seed, score)| json!({"seed": seed, "macro_f1": score}))
                .collect::<Vec<_>>(),
            "score": m.summaries.as_ref().and_then(|s| s.score(metric.name())).map(|s| s.mean),
            "over_plain": against.map(|c| c.difference),
            "expected_gain": expected.map(|gain| json!({
                "gain": gain.gain,
                "interval_95": (gain.interval.low, gain.interval.high),
                "chance_of_harm": gain.chance_of_harm,
                "known_from_other_tables": gain.is_known,
            })),
            "per_class": m.summaries.as_ref().map(|s| per_class(s, &results.class_names)),
            "interval_95": against.and_then(|c| c.corrected_interval).map(|i| (i.low, i.high)),
            "p_corrected_t": against.and_then(|c| c.corrected_t).map(|test| test.p),
            "p_holm": against.and_then(|c| c.corrected_t).map(|test| test.holm),
            "kept_before_first_refresh": m.before_refresh.map(|b| json!({"runs": b.kept_before, "of": b.runs})),
        })
    };
    json!({
        "folder": folder,
        "classes": results.class_names,
        "metric": metric,
        "warnings": notes,
        "methods": results.methods.iter().map(method).collect::<Vec<_>>(),
        "divisions": {"seeds": results.divisions.seeds, "different": results.divisions.different},
        "absent_classes": results.absent,
        "to_keep_in_mind": caveats(results),
        "advice": advice_text(results),
        "recommended": results.verdict.as_ref().and_then(|verdict| verdict.recommended()),
        "changes": changes_text(results),
        "options": advised_options(results),
    })
}
