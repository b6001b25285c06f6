//! A resampled table.

mod how;
mod streamed;

use crate::{
    args::ResampleArgs,
    concerns::{refuse_weights, weights},
    consent::to_replace_file,
    doubts::doubts,
    folded::folded,
    made_rows::{Carried, Written, is_whole},
    output::Ending,
    paths::{check_outputs, is_stdout},
    settings::{set_once, set_typed},
    table::{read_options, read_table},
    text,
};
use anyhow::{Result, bail};
use art_bench::{counted, say};
use art_core::{ClassCounts, Seed};
use art_data::{
    Column, ColumnKind, DataError, Dataset, Encoder, LabelledFrame, Origin, ResampleWarning,
    Resampler, RowNumber, TrainSet, Unseen, read_frames, write_file,
};
use art_methods::{Registry, Settings};
use how::is_streamed;
use serde_json::json;
use std::{io::Write, path::Path};

pub(crate) fn run(args: &ResampleArgs) -> Result<()> {
    let method = resampler(args)?;
    refuse_weights(&args.table)?;
    let ending = Ending::of(&args.out)?;
    let ending_of_origins = args.origins.as_deref().map(Ending::of).transpose()?;
    let outputs = [
        ("--out", Some(&*args.out)),
        ("--origins", args.origins.as_deref()),
    ];
    check_outputs(&[("the table", &args.table.data)], &outputs)?;
    for (option, path) in outputs {
        if let Some(path) = path {
            to_replace_file(option, path, args.overwrite)?;
        }
    }
    let outputs = Outputs {
        table: ending,
        origins: args.origins.as_deref().zip(ending_of_origins),
    };
    if is_streamed(args, &*method)? {
        streamed::run(args, &*method, &outputs)
    } else {
        in_memory(args, &*method, &outputs)
    }
}

/// How the files are to be written.
struct Outputs<'a> {
    table: Ending,
    /// Where it goes as well.
    origins: Option<(&'a Path, Ending)>,
}

/// Resamples a table that is held whole.
fn in_memory(args: &ResampleArgs, method: &dyn Resampler, outputs: &Outputs<'_>) -> Result<()> {
    let (table, text, carried) = read(args)?;
    warn(args, &table);
    let (train, encoder) = train_set(&table, method)?;
    let resampled = method.resample(&train, Seed::new(args.seed))?;
    say_warnings(&resampled.warnings, table.class_names());
    let written = Written {
        frame: table.frame(),
        target: table.target(),
        text: &text,
        carried: &carried,
    };
    write_file(&args.out, |file| {
        outputs.table.write(file, |writer| {
            writer.write_record(text.iter().map(|column| &column.name))?;
            let mut rows = written.rows(encoder.as_ref(), is_whole);
            let features = resampled.train.data().features();
            for (origin, features) in resampled.origins.iter().zip(features.rows()) {
                let features = features.to_slice().expect("rows stand one after the other");
                rows.write(writer, *origin, features)?;
            }
            Ok(())
        })
    })
    .map_err(|error| anyhow::anyhow!("cannot write {}: {error}", args.out.display()))?;
    if let Some((path, ending)) = outputs.origins {
        let number = |row: u32| table.frame().row_number(row as usize);
        let write = |file: &mut dyn Write| {
            ending.write(file, |writer| {
                writer.write_record(ORIGIN_FIELDS)?;
                let mut origins = resampled.origins.iter();
                origins.try_for_each(|origin| write_origin(writer, *origin, number))
            })
        };
        write_file(path, write)
            .map_err(|error| anyhow::anyhow!("cannot write {}: {error}", path.display()))?;
    }
    let before = table.class_index()?.counts().clone();
    let after = resampled.train.data().class_counts();
    report(args, table.class_names(), &before, &after)
}

/// Says what may be wrong with the features of `table`.
fn warn(args: &ResampleArgs, table: &LabelledFrame) {
    let mut warnings = folded(&doubts(table, &args.table.format));
    warnings.extend(weights(table));
    for kinship in table.kinships(&[]) {
        let name = kinship.column;
        warnings.push(format!(
            "column {name:?} seems to say which rows belong together; --group {name:?} carries it along, no feature"
        ));
    }
    for warning in warnings {
        say(format_args!("warning: {warning}"));
    }
}

fn say_warnings(warnings: &[ResampleWarning], classes: &[String]) {
    for warning in warnings {
        let class = &classes[warning.class];
        say(format_args!(
            "warning: class {class:?}: {}",
            warning.message
        ));
    }
}

/// The features and the target; all columns as they stand in the file; and which of them are carried along.
fn read(args: &ResampleArgs) -> Result<(LabelledFrame, Vec<Column>, Carried)> {
    let mut carried = carried(args)?;
    let all = read_table(&args.table, &carried.names())?;
    let text = as_text(args, &all)?;
    carry_names(args, &all, &mut carried);
    let frame = all.frame().clone().without(&carried.names());
    drop(all);
    Ok((
        LabelledFrame::new(frame, &args.table.target)?,
        text,
        carried,
    ))
}

/// The columns that are to be carried along.
fn carried(args: &ResampleArgs) -> Result<Carried> {
    let target = &args.table.target;
    let carried = Carried {
        ids: args.id.clone(),
        group: args.group.clone(),
    };
    let words = carried.names();
    for (place, name) in words.iter().enumerate() {
        if name == target {
            bail!("the target {name:?} cannot be an --id or a --group as well");
        }
        if words[..place].contains(name) {
            bail!("the column {name:?} is given twice, as --id or --group");
        }
    }
    Ok(carried)
}

/// Carries along the columns that name rows as well, and says so.
fn carry_names(args: &ResampleArgs, all: &LabelledFrame, carried: &mut Carried) {
    let named = carried.names();
    for column in all.frame().columns() {
        let is_feature = column.name != all.target() && !named.contains(&column.name);
        let is_declared = args.table.format.numbers.contains(&column.name);
        if is_feature && !is_declared && column.names_rows() {
            let name = &column.name;
            say(format_args!(
                "note: column {name:?} names rows: it is carried along, as with --id, and is empty in rows that are made"
            ));
            carried.ids.push(name.clone());
        }
    }
}

/// The rows as the method sees them, and what made its features. Methods that copy or leave out rows at random see
/// none.
fn train_set(
    table: &LabelledFrame,
    resampler: &dyn Resampler,
) -> Result<(TrainSet, Option<Encoder>)> {
    let n_rows = table.frame().n_rows();
    if !resampler.reads_features() {
        let features = ndarray::Array2::zeros((n_rows, 1));
        let (labels, classes) = (table.labels().to_vec(), table.class_names().to_vec());
        let data = Dataset::new(features, labels, vec!["none".into()], classes)?;
        return Ok((TrainSet::new(data), None));
    }
    let rows: Vec<u32> = (0..n_rows as u32).collect();
    let encoder = Encoder::fit(table.frame(), table.features(), &rows)?;
    let (data, _) = table.encoded(&encoder, &rows, Unseen::Refused)?;
    Ok((TrainSet::new(data), Some(encoder)))
}

/// The method with its settings, as they were typed.
fn resampler(args: &ResampleArgs) -> Result<Box<dyn Resampler>> {
    let method = Registry::standard().get(&args.method)?;
    let mut settings = Settings::default();
    let flags = [("ratio", args.ratio), ("k", args.k.map(f64::from))];
    for (name, value) in flags {
        let Some(value) = value else { continue };
        if method.setting(name).is_err() {
            bail!("--{name}: {} has no such setting", args.method);
        }
        set_once(&mut settings, &method, name, value)?;
    }
    set_typed(&mut settings, &method, &args.set)?;
    let made = method.make_resampler(&method.resolve(&settings)?);
    let made = made.expect("the arguments take resamplers alone");
    Ok(made?)
}

/// The table's columns as they stand in the file: rows that are kept or copied are written so, digit for digit.
fn as_text(args: &ResampleArgs, table: &LabelledFrame) -> Result<Vec<Column>> {
    let columns = table.frame().columns().iter();
    let wanted: Vec<_> = columns
        .map(|column| (column.name.clone(), ColumnKind::Verbatim))
        .collect();
    let mut text = vec![];
    let mut options = read_options(&args.table.format)?;
    options.ignored.clone_from(&args.table.ignore);
    read_frames(
        &args.table.data,
        &options,
        table.frame().n_rows(),
        |_| Ok::<_, DataError>(wanted),
        |frame| {
            text.extend_from_slice(frame.columns());
            Ok(())
        },
    )?;
    Ok(text)
}

const ORIGIN_FIELDS: [&str; 4] = ["kind", "row", "partner", "gap"];

/// Writes where a row comes from; `number` is that of a row in its file.
fn write_origin<W: Write>(
    writer: &mut csv::Writer<W>,
    origin: Origin,
    number: impl Fn(u32) -> RowNumber,
) -> std::io::Result<()> {
    let number = |row: u32| number(row).to_string();
    let row = number(origin.base());
    let none = String::new;
    let (kind, partner, gap) = match origin {
        Origin::Original { .. } => ("original", none(), none()),
        Origin::Duplicate { .. } => ("duplicate", none(), none()),
        Origin::Jittered { .. } => ("jittered", none(), none()),
        Origin::Synthetic { partner, gap, .. } => ("synthetic", number(partner), gap.to_string()),
        Origin::Voted { partner, gap, .. } => ("voted", number(partner), gap.to_string()),
        Origin::Boxed { partner, .. } => ("boxed", number(partner), none()),
    };
    writer.write_record([kind, &row, &partner, &gap])?;
    Ok(())
}

fn report(
    args: &ResampleArgs,
    names: &[String],
    before: &ClassCounts,
    after: &ClassCounts,
) -> Result<()> {
    let classes = names.iter().zip(before.as_slice()).zip(after.as_slice());
    if after.as_slice() == before.as_slice() {
        say("note: the classes have as many rows as before");
    }
    let mut out: Box<dyn Write> = if is_stdout(&args.out) {
        Box::new(text::errors())
    } else {
        Box::new(text::output())
    };
    if args.json {
        let class = |((name, before), after): ((&String, &usize), &usize)| json!({"name": name, "rows_before": before, "rows_after": after});
        let classes: Vec<_> = classes.map(class).collect();
        writeln!(
            out,
            "{:#}",
            json!({"out": args.out, "rows": after.n_rows(), "classes": classes})
        )?;
        return Ok(());
    }
    let mut rows = vec![["class", "before", "after"].map(String::from).to_vec()];
    rows.extend(
        classes.map(|((name, before), after)| {
            vec![name.clone(), before.to_string(), after.to_string()]
        }),
    );
    write!(out, "{}", text::aligned(&rows))?;
    let n_rows = counted(after.n_rows(), "row");
    writeln!(out, "{n_rows} in {}", args.out.display())?;
    Ok(())
}
