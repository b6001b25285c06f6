//! A model's answers for the rows of a table, a part of the rows at a time.

use crate::{
    args::{FormatArgs, PredictArgs},
    consent::to_replace_file,
    output::Ending,
    paths::{check_outputs, is_stdout},
    rules::Rule,
    table::read_options,
    text,
};
use anyhow::{Result, bail};
use art_bench::{INTERRUPTED, cancel_on_interrupt, counted, counted_doing, say};
use art_core::ConfusionMatrix;
use art_data::{
    ColumnKind, DataError, Frame, Header, MISSING, ReadOptions, RowNumber, Unseen, Values,
    nearest_name, read_frames, spelling_key, write_file, written_alike,
};
use art_train::{Classifier, FarFields, PartRecord, Prior, RowsKnown, TrainError};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
};

/// Rows that are in memory at a time.
const ROWS: usize = 16_384;

pub(crate) fn run(args: &PredictArgs) -> Result<ExitCode> {
    let FormatArgs { words, numbers, .. } = &args.format;
    if let Some(name) = words.iter().chain(numbers).next() {
        bail!(
            "--words and --numbers: the model knows what its columns hold, {name:?} too; they are for training"
        );
    }
    for (place, id) in args.id.iter().enumerate() {
        if args.id[..place].contains(id) {
            bail!("--id {id} is given twice");
        }
    }
    let inputs: [(&str, &Path); 2] = [("the model", &args.model), ("the table", &args.data)];
    check_outputs(&inputs, &[("--out", args.out.as_deref())])?;
    if let Some(out) = &args.out {
        to_replace_file("--out", out, args.overwrite)?;
    }
    let classifier = Classifier::load(&args.model)?;
    if args.batch_shares && classifier.affine_rule().is_none() {
        bail!(
            "--batch-shares: {} decides by {}, not by the plug-in rule; train it by --method METHOD+plug-in",
            args.model.display(),
            classifier.record().method
        );
    }
    let rule = Rule::typed(args, &classifier)?;
    let cancel = cancel_on_interrupt("rows")?;
    let mut answered = Answered::new(&classifier);
    let mut write = |ending: Ending, out: &mut dyn Write| {
        ending.write(out, |writer| {
            answer(args, &classifier, &rule, writer, &cancel, &mut answered)
        })
    };
    let path = args.out.as_deref().filter(|out| !is_stdout(out));
    let written = match path {
        Some(path) => to_file(path, &mut write),
        None if args.json => {
            bail!("--json is for the summary, which needs --out FILE for the answers")
        }
        None => write(Ending::CSV, &mut io::stdout().lock()),
    };
    if let Err(Failure::Interrupted) = written {
        say("interrupted");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    written.map_err(Failure::into_cause)?;
    match path {
        Some(_) => report(args, &classifier, &rule, &answered, &mut text::output())?,
        None => report(args, &classifier, &rule, &answered, &mut text::errors())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes a file, whole or not at all.
fn to_file(
    path: &Path,
    write: impl FnOnce(Ending, &mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let ending = Ending::of(path).map_err(|error| Failure::Other(error.to_string()))?;
    // An error about the input passes through the writer, whose own errors are about the output.
    let mut failed = None;
    let written = write_file(path, |file| {
        write(ending, file).map_err(|failure| {
            failed = Some(failure);
            io::Error::other("there are no answers")
        })
    });
    let cannot_write = |error: &dyn std::fmt::Display| {
        Failure::Other(format!("cannot write {}: {error}", path.display()))
    };
    match failed {
        Some(failure @ (Failure::Csv(_) | Failure::Io(_))) => Err(cannot_write(&failure)),
        Some(failure) => Err(failure),
        None => written.map_err(|error| cannot_write(&error)),
    }
}

/// What was seen while answering.
struct Answered {
    rows: u64,
    n_unseen: usize,
    /// Columns with fields far outside the training rows.
    far: Vec<Far>,
    predicted: Vec<u64>,
    /// Truth against answer, where the table has the target.
    confusion: Option<ConfusionMatrix>,
    /// Rows with a label that the model does not know, by label.
    unknown: BTreeMap<String, u64>,
    /// Judged rows that trained or steered the model.
    known: RowsKnown,
}

/// Fields of a column that are far outside the training rows.
struct Far {
    column: String,
    n: usize,
    /// The first one as it is shown, and its data row.
    field: String,
    row: RowNumber,
}

impl Answered {
    fn new(classifier: &Classifier) -> Self {
        Self {
            rows: 0,
            n_unseen: 0,
            far: vec![],
            predicted: vec![0; classifier.class_names().len()],
            confusion: None,
            unknown: BTreeMap::new(),
            known: RowsKnown::default(),
        }
    }
}

/// An error from reading, answering or writing.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Train(#[from] TrainError),
    #[error(transparent)]
    Csv(#[from] csv::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("interrupted")]
    Interrupted,
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// The error itself, so that one of the output can be told from one of the input.
    fn into_cause(self) -> anyhow::Error {
        match self {
            Self::Data(error) => error.into(),
            Self::Train(error) => error.into(),
            Self::Csv(error) => error.into(),
            Self::Io(error) => error.into(),
            Self::Interrupted | Self::Other(_) => anyhow::Error::msg(self.to_string()),
        }
    }
}

fn answer(
    args: &PredictArgs,
    classifier: &Classifier,
    rule: &Rule,
    writer: &mut csv::Writer<&mut dyn Write>,
    cancel: &AtomicBool,
    answered: &mut Answered,
) -> Result<(), Failure> {
    let prior = Prior::from(args.prior);
    let unseen = if args.ignore_unseen {
        Unseen::Counted
    } else {
        Unseen::Refused
    };
    let mut header: Vec<String> = args.id.clone();
    header.push(format!("predicted {}", classifier.target()));
    header.extend(
        classifier
            .class_names()
            .iter()
            .map(|name| format!("p({name})")),
    );
    let options = read_options(&args.format);
    let mut options = options.map_err(|error| Failure::Other(error.to_string()))?;
    let habits = classifier.table();
    options.missing.extend(habits.missing.iter().cloned());
    options
        .not_missing
        .extend(habits.not_missing.iter().cloned());
    if options.header == Header::Found {
        options.header = habits.header;
    }
    // Two of one name are no trouble where neither is read.
    let is_read = |name: &String| {
        let mut known = classifier.encoder().columns();
        args.id.contains(name) || known.any(|(known, _)| known == name)
    };
    let left_out = args.ignore.iter().chain(&habits.left_out);
    options.ignored = left_out.filter(|name| !is_read(name)).cloned().collect();
    let wanted = |names: &[String]| wanted(args, &options, classifier, names);
    let mut fields: Vec<String> = vec![];
    // Rows that are decided together are read together.
    let at_a_time = if rule.needs_all_rows() {
        usize::MAX
    } else {
        ROWS
    };
    read_frames::<Failure>(&args.data, &options, at_a_time, wanted, |frame| {
        if cancel.load(Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        let answers = classifier.answer_frame(frame, unseen)?;
        let probabilities = answers.probabilities(prior);
        let classes = rule.classes(&answers)?;
        let ids: Result<Vec<_>, DataError> = args.id.iter().map(|id| frame.column(id)).collect();
        let ids = ids?;
        if answered.rows == 0 {
            writer.write_record(&header)?;
        }
        for (row, (&class, shares)) in classes.iter().zip(probabilities.rows()).enumerate() {
            fields.clear();
            fields.extend(ids.iter().map(|column| word(&column.values, row)));
            fields.push(classifier.class_names()[class as usize].clone());
            fields.extend(shares.iter().map(|share| format!("{share:.6}")));
            writer.write_record(&fields)?;
            answered.predicted[class as usize] += 1;
        }
        answered.rows += classes.len() as u64;
        answered.n_unseen += answers.n_unseen;
        for found in &answers.far {
            count_far(found, frame, &mut answered.far)?;
        }
        judge(classifier, frame, &classes, answered)
    })
}

/// Adds what was found in a frame to what was found before it.
fn count_far(found: &FarFields, frame: &Frame, far: &mut Vec<Far>) -> Result<(), Failure> {
    if let Some(known) = far.iter_mut().find(|known| known.column == found.column) {
        known.n += found.n;
        return Ok(());
    }
    let column = frame.column(&found.column)?;
    let field = match (&column.values, column.kind) {
        (Values::Numbers(days), ColumnKind::Dates(order)) => order.write(days[found.row]),
        // More digits than a double has say nothing.
        (Values::Numbers(numbers), _) if numbers[found.row].abs() >= 1e16 => {
            Some(format!("{:e}", numbers[found.row]))
        }
        (values, _) => Some(word(values, found.row)),
    };
    far.push(Far {
        column: found.column.clone(),
        n: found.n,
        field: field.unwrap_or_default(),
        row: frame.row_number(found.row),
    });
    Ok(())
}

/// How a column of the model is written in this table: as in training, but where the command says otherwise.
fn as_typed(kind: ColumnKind, options: &ReadOptions) -> ColumnKind {
    match (kind, options.decimal, options.dates) {
        (ColumnKind::Numbers(_), Some(style), _) => ColumnKind::Numbers(style),
        (ColumnKind::Dates(_), _, Some(order)) => ColumnKind::Dates(order),
        _ => kind,
    }
}

/// The columns to read: those of the model, the target where it is there, and those to carry along. A column
/// that is none of these is refused unless it is to be ignored or has no name.
fn wanted(
    args: &PredictArgs,
    options: &ReadOptions,
    classifier: &Classifier,
    names: &[String],
) -> Result<Vec<(String, ColumnKind)>, Failure> {
    let encoder = classifier.encoder();
    let left_out = [&*args.ignore, &*classifier.table().left_out].concat();
    let mut wanted: Vec<(String, ColumnKind)> = encoder
        .columns()
        .map(|(name, kind)| (name.to_owned(), as_typed(kind, options)))
        .collect();
    // One that is not there is named where it is looked up, with the column that it resembles.
    let ids_are_there = args.id.iter().all(|id| names.contains(id));
    let in_model = |name: &str| encoder.columns().any(|(known, _)| known == name);
    for name in &args.ignore {
        if in_model(name) {
            return Err(Failure::Other(format!(
                "--ignore {name}: the column is one that the model reads"
            )));
        }
        if !names.contains(name) {
            let hint = nearest_name(name, names.iter().map(String::as_str));
            let hint = hint.map_or_else(String::new, |known| format!(", did you mean {known:?}?"));
            return Err(Failure::Other(format!(
                "--ignore {name}: {} has no such column{hint}",
                args.data.display()
            )));
        }
    }
    let unnamed = unnamed(options, names);
    let mut passed_over = vec![];
    for name in names.iter().chain(&args.id) {
        let is_new = wanted.iter().all(|(known, _)| known != name);
        if args.id.contains(name) && is_new {
            wanted.push((name.clone(), ColumnKind::Verbatim));
        } else if name == classifier.target() && is_new && !args.ignore.contains(name) {
            wanted.push((name.clone(), ColumnKind::Words));
        } else if in_model(name) && args.id.contains(name) {
            return Err(Failure::Other(format!(
                "--id {name}: the column is one that the model reads"
            )));
        } else if is_new && !left_out.contains(name) && unnamed.contains(name) {
            passed_over.push(&**name);
        } else if is_new && !left_out.contains(name) && ids_are_there {
            let missing: Vec<&str> = encoder.columns().map(|(name, _)| name).collect();
            let missing = missing.into_iter().filter(|m| names.iter().all(|n| n != m));
            let missing: Vec<&str> = missing.collect();
            let nearest = nearest_name(name, missing.iter().copied());
            if nearest.is_none() && !missing.is_empty() {
                // The columns that are not there are worse than one too many; they are named where they are looked up.
                continue;
            }
            let hint = nearest.map_or_else(String::new, |nearest| {
                format!("; did you mean {nearest:?}, which is missing?")
            });
            return Err(Failure::Other(format!(
                "{}: the model does not know the column {name:?}{hint}; leave it out (--ignore {name:?}), or carry \
                 it along (--id {name:?})",
                args.data.display()
            )));
        }
    }
    if !passed_over.is_empty() {
        say(format_args!(
            "note: {} without a name, which the model does not read: {}",
            counted(passed_over.len(), "column"),
            shortened(&passed_over)
        ));
    }
    Ok(wanted)
}

/// What columns are called here that have no name in the file. Without a line of names all go by their place, and one too many
/// moves those behind it.
fn unnamed(options: &ReadOptions, names: &[String]) -> Vec<String> {
    if options.header == Header::Absent {
        return vec![];
    }
    let called = (1..=names.len()).map(|place| format!("column {place}"));
    let called = called.zip(names).filter(|(called, name)| called == *name);
    called.map(|(called, _)| called).collect()
}

fn word(values: &Values, row: usize) -> String {
    match values {
        Values::Numbers(numbers) => numbers[row].to_string(),
        Values::Words { levels, codes } => match codes[row] {
            MISSING => String::new(),
            code => levels[code as usize].clone(),
        },
    }
}

/// The class of each label: that of its name, or the one that training joined it to.
fn places(classifier: &Classifier, labels: &[String]) -> Vec<Option<usize>> {
    let names = classifier.class_names();
    let keys: Vec<_> = names.iter().map(|name| spelling_key(name)).collect();
    let place = |name: &str| {
        let own = spelling_key(name);
        keys.iter().position(|key| *key == own)
    };
    let joined = |label: &str| {
        let own = spelling_key(label);
        let mut joined = classifier.joined().iter();
        let (_, class) = joined.find(|(label, _)| spelling_key(label) == own)?;
        place(class)
    };
    let labels = labels.iter();
    labels.map(|l| place(l).or_else(|| joined(l))).collect()
}

/// Counts truth against answer where the table has the target.
fn judge(
    classifier: &Classifier,
    frame: &Frame,
    classes: &[u32],
    answered: &mut Answered,
) -> Result<(), Failure> {
    let Ok(target) = frame.column(classifier.target()) else {
        return Ok(());
    };
    let Values::Words { levels, codes } = &target.values else {
        return Ok(());
    };
    let names = classifier.class_names();
    let places = places(classifier, levels);
    if answered.confusion.is_none() {
        let matrix = ConfusionMatrix::new(names.len());
        answered.confusion = Some(matrix.map_err(TrainError::from)?);
    }
    let truth = |&code: &u32| Some(places.get(code as usize).copied().flatten()? as u32);
    let truths: Vec<Option<u32>> = codes.iter().map(truth).collect();
    if let Some(made_from) = classifier.provenance() {
        let encoder = classifier.encoder();
        made_from
            .rows
            .look_for(encoder, frame, &truths, &mut answered.known)?;
    }
    let matrix = answered.confusion.as_mut();
    let matrix = matrix.expect("it was just made");
    for (&code, &class) in codes.iter().zip(classes) {
        // A row without a label, or with a class that is new, is answered and not judged. What is written as it stands may be a
        // label of spaces.
        if code == MISSING || levels[code as usize].trim().is_empty() {
            continue;
        }
        let Some(truth) = places[code as usize] else {
            let label = levels[code as usize].clone();
            *answered.unknown.entry(label).or_default() += 1;
            continue;
        };
        let recorded = matrix.record(truth as u32, class);
        recorded.map_err(TrainError::from)?;
    }
    Ok(())
}

fn report(
    args: &PredictArgs,
    classifier: &Classifier,
    rule: &Rule,
    answered: &Answered,
    out: &mut dyn Write,
) -> Result<()> {
    let judged = answered.confusion.as_ref().filter(|m| m.total() > 0);
    let names = classifier.class_names();
    if args.json {
        let class = |(name, n): (&String, &u64)| json!({"name": name, "predicted": n});
        let far = |far: &Far| json!({"column": far.column, "fields": far.n, "first": far.field, "row": far.row.get()});
        let judged = judged.map(|m| {
            json!({"rows": m.total(), "macro_f1": m.present_macro_f1(), "per_class_f1": text::f1_values(m),
                   "absent_classes": text::absent_classes(m, names)})
        });
        let value = json!({
            "out": args.out,
            "rows": answered.rows,
            "decided_together": rule.needs_all_rows(),
            "decision": rule.in_words(classifier, args.prior.into(), answered.rows),
            "unseen_words": answered.n_unseen,
            "far_fields": answered.far.iter().map(far).collect::<Vec<_>>(),
            "unknown_labels": answered.unknown,
            "classes": names.iter().zip(&answered.predicted).map(class).collect::<Vec<_>>(),
            "judged": judged,
            "trained_on": classifier.provenance().map(|_| answered.known.known()),
        });
        return text::print_json(&value);
    }
    if let Some(path) = &args.out {
        let rows = counted(answered.rows as usize, "row");
        writeln!(out, "{rows} in {}", path.display())?;
    }
    writeln!(
        out,
        "{}",
        rule.in_words(classifier, args.prior.into(), answered.rows)
    )?;
    if answered.n_unseen > 0 {
        writeln!(
            out,
            "{} a word that no training row has",
            counted_doing(answered.n_unseen, "field", "holds", "hold")
        )?;
    }
    for note in far_notes(&answered.far) {
        writeln!(out, "note: {note}")?;
    }
    if let Some((label, _)) = answered.unknown.first_key_value() {
        let unknown: u64 = answered.unknown.values().sum();
        writeln!(
            out,
            "{} a label that the model does not know, such as {label:?}{}; answered and not judged",
            counted_doing(unknown as usize, "row", "has", "have"),
            written_alike(label, names)
                .map_or_else(String::new, |name| format!(", written much like {name:?}")),
        )?;
    }
    if let Some(warning) = trained_on(&answered.known) {
        writeln!(out, "warning: {warning}")?;
    }
    if let Some(confusion) = judged {
        let part = PartRecord {
            name: shown_name(&args.data),
            confusion: confusion.clone(),
            rankings: vec![],
            calibration: None,
        };
        write!(out, "{}", text::f1_table(names, &[part]))?;
        let absent = text::absent_classes(confusion, names);
        if !absent.is_empty() {
            writeln!(
                out,
                "\nNo row of {}: macro F1 is the mean over the {} that the table has.",
                shortened(&absent),
                counted(names.len() - absent.len(), "class")
            )?;
        }
    }
    Ok(())
}

/// The first of many names, quoted.
fn shortened(names: &[&str]) -> String {
    const SHOWN: usize = 10;
    let quoted: Vec<String> = names.iter().take(SHOWN).map(|n| format!("{n:?}")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => quoted.join(", "),
        more => format!("{} and {more} more", quoted.join(", ")),
    }
}

/// What to say of fields far outside the training rows: a line a column, the first columns alone.
fn far_notes(far: &[Far]) -> Vec<String> {
    const SHOWN: usize = 3;
    let note = |far: &Far| {
        format!(
            "{} of column {:?} {} far outside the training rows, such as {} in data row {}; answers for such rows are guesses",
            counted(far.n, "field"),
            far.column,
            if far.n == 1 { "is" } else { "are" },
            far.field,
            far.row
        )
    };
    let mut notes: Vec<String> = far.iter().take(SHOWN).map(note).collect();
    let more = far.len().saturating_sub(SHOWN);
    if more > 0 {
        notes.push(format!(
            "{} such fields as well",
            counted_doing(more, "more column", "has", "have")
        ));
    }
    notes
}

/// What to say of judged rows that trained or steered the model.
fn trained_on(known: &RowsKnown) -> Option<String> {
    let about = if known.is_estimated() { "about " } else { "" };
    (known.known() > 0).then(|| {
        format!(
            "{about}{} of {} judged rows trained or steered this model: their scores say nothing about other rows",
            known.known(),
            known.rows
        )
    })
}

fn shown_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
