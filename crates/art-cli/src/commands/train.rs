//! One model from a table.

use crate::{
    args::{NumberEncodingArg, TrainArgs},
    concerns::{concerns, refuse_weights, repeated},
    consent::to_replace_model,
    live::Live,
    paths::check_outputs,
    settings::{set_once, set_typed},
    table::{habits, read_divided},
    text,
};
use anyhow::{Context as _, Result, bail};
use art_bench::{
    INTERRUPTED, cancel_on_interrupt, counted, counted_doing, decision_text, say, training_caveats,
};
use art_core::Seed;
use art_data::{
    LabelledFrame, SplitConfig, SplitParams, SplitRows, Steering, Unseen, is_stream, sha256_hex,
};
use art_methods::{ChosenMethod, FOLDS, Kind, Method, Registry, Typed as _, recommended};
use art_train::{
    Checkpoint, Classifier, ClassifierParams, NumberEncoding, PartRecord, Provenance, RowSketch,
    StopReason, TrainError, Trainer, Training,
};
use serde_json::json;
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The part that networks are trained on.
const TRAINING: &str = "training";
/// Columns that are named of those that a model goes by.
const IMPORTANT: usize = 5;

pub(crate) fn run(args: &TrainArgs) -> Result<ExitCode> {
    refuse_weights(&args.table)?;
    refuse_network(args, &chosen(args, 0)?)?;
    // A bad number is refused before there is a table.
    training(args, Training::default())?;
    let device = args.device.open()?;
    let out = ("--out", Some(&*args.out));
    check_outputs(&[("the table", &args.table.data)], &[out])?;
    if is_stream(&args.out) {
        bail!("--out {}: a model is a file of its own", args.out.display());
    }
    let seed = Seed::new(args.seed);
    let split = split_config(args)?;
    let table = read_divided(&args.table, &args.division, &args.small_classes, &split)?;
    let rows = table.rows(&split, seed)?;
    let (n_rows, n_columns) = (rows.trained_in_folds().len(), table.features().len());
    let method = chosen(args, n_rows)?;
    let training = training(args, Training::for_table(n_rows, n_columns))?;
    let run_digest = digest(args, &table, &method, &training)?;
    to_replace_model(&args.out, &run_digest, args.overwrite)?;
    warn(args, &table, &rows)?;
    let checkpoint = checkpoint_path(&args.out);
    let cancel = cancel_on_interrupt("epoch")?;
    let config = ClassifierParams::new()
        .training(training.clone())
        .method(method.clone())
        .device(device)
        .seed(seed)
        .check()?;
    let prepared = config.prepare(&table, &rows)?;
    say_folds(&prepared.steering, method.settings().folds()?);
    let mut trainer = Trainer::new(training.train_config()?, seed)
        .callback(Live::new(table.class_names()))
        .checkpoint(&checkpoint);
    if checkpoint.exists() {
        let kept = Checkpoint::load(&checkpoint)
            .with_context(|| format!("delete {} to start anew", checkpoint.display()))?;
        say(format_args!(
            "found what was trained of epochs 1 to {}",
            kept.epochs_done()
        ));
        trainer = trainer.resume(kept);
    }
    let fitted = config.fit_prepared(&table, &prepared, &training, trainer, Some(&cancel));
    let classifier = match fitted {
        Err(TrainError::Cancelled) => {
            say("interrupted while preparing; the same command starts that again");
            return Ok(ExitCode::from(INTERRUPTED));
        }
        fitted => fitted.map_err(|error| explain(error, &checkpoint))?,
    };
    let record = classifier.record();
    if record.stopped == StopReason::Requested {
        say(format_args!(
            "interrupted after epoch {}; the same command goes on",
            record.epochs.len()
        ));
        return Ok(ExitCode::from(INTERRUPTED));
    }
    for warning in &record.warnings {
        say(format_args!("warning: class {warning}"));
    }
    let made_from = [&rows.train[..], &rows.valid].concat();
    let provenance = Provenance {
        run: run_digest,
        rows: RowSketch::of(
            classifier.encoder(),
            table.frame(),
            table.labels(),
            &made_from,
        )?,
    };
    let classifier = classifier.with_provenance(provenance).with_table(habits(
        &args.table,
        &args.division,
        &table,
    ));
    // What follows reads the table itself.
    drop(prepared);
    let classifier = match parts(&classifier, &table, &rows) {
        Ok(parts) => {
            let importance =
                classifier.importance(table.frame(), &rows.test, table.labels(), seed)?;
            classifier.with_parts(parts).with_importance(importance)
        }
        // What was trained is not thrown away for a row that it cannot answer.
        Err(error) => {
            say(format_args!(
                "warning: the model could not be judged: {error:#}"
            ));
            classifier
        }
    };
    classifier.save(&args.out)?;
    std::fs::remove_file(&checkpoint)
        .with_context(|| format!("cannot remove {}", checkpoint.display()))?;
    report(args, method.method(), &classifier)?;
    Ok(ExitCode::SUCCESS)
}

/// Says what to know of the table before the model is believed.
fn warn(args: &TrainArgs, table: &LabelledFrame, rows: &SplitRows) -> Result<()> {
    let mut warnings = concerns(&args.table, Some(&args.division), table)?;
    warnings.extend(repeated(table, std::slice::from_ref(rows)));
    for warning in warnings {
        say(format_args!("warning: {warning}"));
    }
    Ok(())
}

/// Says where folds are others than `asked` for.
fn say_folds(steering: &Steering, asked: usize) {
    let Steering::InFolds(folds) = steering else {
        return;
    };
    if folds.n_folds() < asked {
        say(format_args!(
            "note: {} folds in the place of {asked}: there are no more rows, or groups of rows, to hold out",
            folds.n_folds()
        ));
    }
    match folds.never_held_out() {
        0 => {}
        n => say(format_args!(
            "note: {} trained on in every fold, since one without {} would leave a class without rows",
            counted_doing(n, "row", "is", "are"),
            if n == 1 { "it" } else { "them" }
        )),
    }
}

/// Refuses what shapes a network where the method has one of its own.
fn refuse_network(args: &TrainArgs, method: &ChosenMethod) -> Result<()> {
    let given = [
        ("--hidden", args.hidden.is_some()),
        ("--number-encoding", args.number_encoding.is_some()),
    ];
    let option = given.iter().find(|(_, is_given)| *is_given);
    match option {
        Some((option, _)) if method.method().kind() == Kind::Network => bail!(
            "{option}: {} has a network of its own",
            method.method().id()
        ),
        _ => Ok(()),
    }
}

/// The method and its settings, as they were typed; ART where its settings were typed alone, and where nothing was, what is
/// recommended for so many rows.
fn chosen(args: &TrainArgs, n_rows: usize) -> Result<ChosenMethod> {
    let is_art = args.blend.is_some() || args.boost_frequency.is_some();
    let registry = Registry::standard();
    let are_folds_set = || {
        let is_name = |name: &str| FOLDS.setting().is_called(name);
        let names = args.set.iter().filter_map(|set| set.split_once('='));
        names.map(|(name, _)| name).any(is_name)
    };
    let name = match &args.method {
        Some(name) => name,
        None if is_art => "art",
        // The one without folds of its own.
        None if args.folds.is_some() || are_folds_set() => recommended(usize::MAX),
        None => recommended(n_rows),
    };
    let name = match args.folds {
        None => name.to_owned(),
        Some(folds) => {
            let (_, settings) = registry.typed(name)?;
            if settings.get(FOLDS.setting().key()).is_some() {
                bail!("--folds {folds}: {name} says how many folds itself");
            }
            registry.in_folds(name, folds.get())?
        }
    };
    let (method, mut settings) = registry.typed(&name)?;
    if let Some(blend) = args.blend {
        set_once(&mut settings, &method, "blend", blend)?;
    }
    if let Some(epochs) = args.boost_frequency {
        let name = "boost_frequency";
        set_once(&mut settings, &method, name, f64::from(epochs))?;
    }
    set_typed(&mut settings, &method, &args.set)?;
    Ok(method.with(&settings)?)
}

/// Equal for the same command on the same table, however it is written.
fn digest(
    args: &TrainArgs,
    table: &LabelledFrame,
    method: &ChosenMethod,
    training: &Training,
) -> Result<String> {
    let mut run = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "table": table.digest(),
        "shares": shares(args),
        "habits": habits(&args.table, &args.division, table),
        "method": method.method().id(),
        "settings": method.settings(),
        "training": training,
        "seed": args.seed,
    });
    if !table.joined().is_empty() {
        run["joined"] = json!(table.joined());
    }
    Ok(sha256_hex(&serde_json::to_vec(&run)?))
}

/// Where a run that is not done yet is kept.
fn checkpoint_path(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".checkpoint");
    name.into()
}

/// Says what to do where the checkpoint is another run's.
fn explain(error: TrainError, checkpoint: &Path) -> anyhow::Error {
    match error {
        TrainError::Mismatch {
            what: "the checkpoint's run",
            ..
        } => anyhow::anyhow!(
            "{} belongs to a run with another table, method, seed or setting; delete it to start anew, or \
             choose another --out",
            checkpoint.display()
        ),
        other => other.into(),
    }
}

/// The shares of rows that steer training and that only judge it.
fn shares(args: &TrainArgs) -> [f64; 2] {
    [args.valid_share, args.test_share].map(|share| share.unwrap_or(0.15))
}

/// How rows are divided where no column says so.
fn split_config(args: &TrainArgs) -> Result<SplitConfig> {
    let [valid_share, test_share] = shares(args);
    if let Some(column) = &args.division.split
        && args.test_share.is_some_and(|share| share != 0.0)
    {
        bail!(
            "--test-share {test_share}: the column {column:?} says which rows judge the model; 0 goes without them"
        );
    }
    let params = SplitParams::new()
        .valid_share(valid_share)
        .test_share(test_share);
    Ok(params.check()?)
}

/// `by_rule` with what was typed in its place.
fn training(args: &TrainArgs, by_rule: Training) -> Result<Training> {
    let training = Training {
        hidden: args.hidden.clone().unwrap_or(by_rule.hidden),
        learning_rate: args.learning_rate.unwrap_or(by_rule.learning_rate),
        weight_decay: args.weight_decay.unwrap_or(by_rule.weight_decay),
        batch_size: args.batch_size.unwrap_or(by_rule.batch_size),
        max_epochs: args.epochs.unwrap_or(by_rule.max_epochs),
        patience: args.patience.unwrap_or(by_rule.patience),
        numbers: match args.number_encoding {
            None => by_rule.numbers,
            Some(NumberEncodingArg::Plain) => NumberEncoding::Plain,
            Some(NumberEncodingArg::Pieces) => NumberEncoding::pieces(),
        },
        ..by_rule
    };
    training.train_config()?;
    Ok(training)
}

/// How good the classifier is on each part, as it answers a table.
fn parts(
    classifier: &Classifier,
    table: &LabelledFrame,
    rows: &SplitRows,
) -> Result<Vec<PartRecord>> {
    let is_in_folds = classifier.model().members().len() > 1;
    let answers = classifier.answer_frame(table.frame(), Unseen::Counted)?;
    let all = rows.trained_in_folds();
    let none = vec![];
    let (train, valid) = if is_in_folds {
        (&all, &none)
    } else {
        (&rows.train, &rows.valid)
    };
    let parts = [
        (TRAINING, train),
        ("validation", valid),
        ("test", &rows.test),
    ];
    let parts = parts.into_iter().filter(|(_, rows)| !rows.is_empty());
    let part = |(name, rows): (&str, &Vec<u32>)| {
        let answers = answers.of_rows(rows);
        let labels = rows.iter().map(|&row| table.labels()[row as usize]);
        let labels: Vec<u32> = labels.collect();
        // How rows are ranked that the model was trained on says little.
        Ok(if name == TRAINING {
            PartRecord::of_decisions(name, answers.n_classes(), &answers.classes(), &labels)?
        } else {
            PartRecord::of(name, &answers, &labels)?
        })
    };
    parts.map(part).collect()
}

fn report(args: &TrainArgs, method: &Method, classifier: &Classifier) -> Result<()> {
    let record = classifier.record();
    let mut out = text::output();
    if args.json {
        let part = |part: &PartRecord| {
            json!({"name": part.name, "rows": part.confusion.total(), "macro_f1": part.confusion.present_macro_f1(),
                   "per_class_f1": text::f1_values(&part.confusion),
                   "confusion": part.confusion.rows().collect::<Vec<_>>(),
                   "average_precision": part.rankings.iter().map(|r| r.average_precision).collect::<Vec<_>>(),
                   "absent_classes": text::absent_classes(&part.confusion, classifier.class_names())})
        };
        let value = json!({
            "out": args.out,
            "method": method.id(),
            "settings": record.settings,
            "classes": classifier.class_names(),
            "epochs": record.epochs.len(),
            "best_epoch": record.best_epoch,
            "decision": text::decision_value(classifier),
            "importance": record.importance,
            "parts": record.parts.iter().map(part).collect::<Vec<_>>(),
            "to_keep_in_mind": training_caveats(classifier),
        });
        return text::print_json(&value);
    }
    writeln!(
        out,
        "{}, {}, weights of epoch {} by the validation loss\n",
        record.method,
        counted(record.epochs.len(), "epoch"),
        record.best_epoch
    )?;
    write!(
        out,
        "{}",
        text::f1_table(classifier.class_names(), &record.parts)
    )?;
    // How a model answers the rows that it was trained on says little.
    let judged = record.parts.iter().rfind(|part| part.name != TRAINING);
    if let Some(last) = judged {
        let classes = classifier.class_names();
        write!(out, "\n{}", text::answers_table(classes, last))?;
        writeln!(
            out,
            "found: of the rows of a class; answers right: of the answers of it; PR-AUC: precision over recall at every threshold, as \
             good as chance at the share of the class; 95 % in brackets"
        )?;
    }
    writeln!(out, "\n{}", decision_text(classifier))?;
    let shown = record.importance.iter().take(IMPORTANT);
    let shown = shown.map(|of| format!("{} {:.1}", of.column, 100.0 * of.loss));
    let shown: Vec<String> = shown.collect();
    if !shown.is_empty() {
        writeln!(
            out,
            "Points of macro F1 that are lost when a column is shuffled over test rows: {}.",
            shown.join(", ")
        )?;
    }
    for caveat in training_caveats(classifier) {
        writeln!(out, "\n{caveat}")?;
    }
    writeln!(out, "\n{}", args.out.display())?;
    out.flush()?;
    let model = args.out.display().to_string();
    let [predict, report] =
        [&["predict", &model, "NEW.csv"][..], &["report", &model]].map(|words| {
            let words = std::iter::once(&"art").chain(words);
            words.map(|&word| word.to_owned()).collect::<Vec<_>>()
        });
    text::say_next(&predict);
    text::say_next(&report);
    Ok(())
}
