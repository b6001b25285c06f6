//! A resampled table.

use crate::{
    args::ResampleArgs,
    concerns::{refuse_weights, weights},
    consent::to_replace_file,
    doubts::doubts,
    folded::folded,
    made_rows::{Carried, Written},
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
    Column, ColumnKind, DataError, Dataset, Encoder, Frame, LabelledFrame, Origin, Resampler,
    TrainSet, Unseen, read_frames, write_file,
};
use art_methods::{Registry, Settings};
use serde_json::json;
use std::io::Write;

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
    let (table, text, carried) = read(args)?;
    let mut warnings = folded(&doubts(&table, &args.table.format));
    warnings.extend(weights(&table));
    for kinship in table.kinships(&[]) {
        let name = kinship.column;
        warnings.push(format!(
            "column {name:?} seems to say which rows belong together; --group {name:?} carries it along, no feature"
        ));
    }
    for warning in warnings {
        say(format_args!("warning: {warning}"));
    }
    let (train, encoder) = train_set(&table, &*method)?;
    let resampled = method.resample(&train, Seed::new(args.seed))?;
    for warning in &resampled.warnings {
        let class = &table.class_names()[warning.class];
        say(format_args!(
            "warning: class {class:?}: {}",
            warning.message
        ));
    }
    let written = Written {
        table: &table,
        text: &text,
        carried: &carried,
    };
    write_file(&args.out, |file| {
        ending.write(file, |writer| {
            written.write(writer, encoder.as_ref(), &resampled)
        })
    })
    .map_err(|error| anyhow::anyhow!("cannot write {}: {error}", args.out.display()))?;
    if let (Some(path), Some(ending)) = (&args.origins, ending_of_origins) {
        let write = |file: &mut dyn Write| {
            ending.write(file, |writer| {
                write_origins(writer, &resampled.origins, table.frame())
            })
        };
        write_file(path, write)
            .map_err(|error| anyhow::anyhow!("cannot write {}: {error}", path.display()))?;
    }
    report(args, &table, &resampled.train.data().class_counts())
}

/// The features and the target; all columns as they stand in the file; and which of them are carried along.
fn read(args: &ResampleArgs) -> Result<(LabelledFrame, Vec<Column>, Carried)> {
    let target = &args.table.target;
    let mut carried = Carried {
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
    let all = read_table(&args.table, &words)?;
    let text = as_text(args, &all)?;
    let named = carried.names();
    for column in all.frame().columns() {
        let is_feature = column.name != *target && !named.contains(&column.name);
        let is_declared = args.table.format.numbers.contains(&column.name);
        if is_feature && !is_declared && column.names_rows() {
            let name = &column.name;
            say(format_args!(
                "note: column {name:?} names rows: it is carried along, as with --id, and is empty in rows that are made"
            ));
            carried.ids.push(name.clone());
        }
    }
    let frame = all.frame().clone().without(&carried.names());
    drop(all);
    Ok((LabelledFrame::new(frame, target)?, text, carried))
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
    read_frames(
        &args.table.data,
        &read_options(&args.table.format)?,
        table.frame().n_rows(),
        |_| Ok::<_, DataError>(wanted),
        |frame| {
            text.extend_from_slice(frame.columns());
            Ok(())
        },
    )?;
    Ok(text)
}

fn write_origins(
    writer: &mut csv::Writer<&mut dyn Write>,
    origins: &[Origin],
    frame: &Frame,
) -> std::io::Result<()> {
    writer.write_record(["kind", "row", "partner", "gap"])?;
    let number = |row: u32| frame.row_number(row as usize).to_string();
    for origin in origins {
        let row = number(origin.base());
        let none = String::new;
        let (kind, partner, gap) = match *origin {
            Origin::Original { .. } => ("original", none(), none()),
            Origin::Duplicate { .. } => ("duplicate", none(), none()),
            Origin::Jittered { .. } => ("jittered", none(), none()),
            Origin::Synthetic { partner, gap, .. } => {
                ("synthetic", number(partner), gap.to_string())
            }
            Origin::Voted { partner, gap, .. } => ("voted", number(partner), gap.to_string()),
            Origin::Boxed { partner, .. } => ("boxed", number(partner), none()),
        };
        writer.write_record([kind, &row, &partner, &gap])?;
    }
    Ok(())
}

fn report(args: &ResampleArgs, table: &LabelledFrame, after: &ClassCounts) -> Result<()> {
    let before = table.class_index()?.counts().clone();
    let classes = table
        .class_names()
        .iter()
        .zip(before.as_slice())
        .zip(after.as_slice());
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
