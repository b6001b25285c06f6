//! A resampled table that is larger than memory.

use super::{
    ORIGIN_FIELDS, Outputs, carried, carry_names, how::MOST_FIELDS_HELD, report, say_warnings,
    warn, write_origin,
};
use crate::{
    args::ResampleArgs,
    made_rows::{Carried, Written},
    output::Ending,
    table::{say_unused_markers, table_options},
};
use anyhow::Result;
use art_bench::{counted, say};
use art_core::{ClassCounts, Seed};
use art_data::{
    DataError, KeptRows, Resampler, RowNumber, StreamedResampling, StreamedTable, followed,
    is_stream, write_file,
};
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Most rows that are looked at where it is said what may be wrong with a table, and which columns name rows; fewer where there
/// are so many columns that this is a table of its own ([`MOST_FIELDS_HELD`]).
const LOOKED_AT: usize = 100_000;

pub(super) fn run(
    args: &ResampleArgs,
    method: &dyn Resampler,
    outputs: &Outputs<'_>,
) -> Result<()> {
    let (table, carried) = open(args)?;
    let block_rows = args.stream.flatten().map(std::num::NonZeroUsize::get);
    let (folder, seed) = (folder(&args.out), Seed::new(args.seed));
    let plan = StreamedResampling::in_blocks(&table, method, seed, &folder, block_rows)?;
    let plan = plan.expect("the method can");
    let output = Output {
        table: &table,
        plan: &plan,
        carried: &carried,
    };
    let (kept, after) = output.write_table(&args.out, outputs.table)?;
    if let Some((path, ending)) = outputs.origins {
        output.write_origins(path, ending, &kept)?;
    }
    let before = ClassCounts::from_labels(table.labels(), table.class_names().len())?;
    report(args, table.class_names(), &before, &after)
}

/// The table after its first pass, and the columns that are carried along. What may be wrong with it is said, as far as its
/// first rows show.
fn open(args: &ResampleArgs) -> Result<(StreamedTable, Carried)> {
    let mut carried = carried(args)?;
    let options = table_options(&args.table, &carried.names())?;
    let table = StreamedTable::open(&args.table.data, &options, &args.table.target)?;
    let n_rows = table.labels().len();
    let looked_at = LOOKED_AT
        .min(MOST_FIELDS_HELD / table.names().count())
        .max(1);
    if n_rows > looked_at {
        say(format_args!(
            "note: the table has {} and is read pass by pass; what columns hold is looked at in the first {looked_at}",
            counted(n_rows, "row")
        ));
    }
    let head = table.head(looked_at)?;
    say_unused_markers(head.frame(), &args.table.format);
    carry_names(args, &head, &mut carried);
    let table = table.without(&carried.names())?;
    warn(args, &head.without_columns(&carried.names())?);
    Ok((table, carried))
}

/// Where numbers wait: beside the table that is written, which needs as much room there.
fn folder(out: &Path) -> PathBuf {
    let is_open = is_stream(out) || out.starts_with("/dev");
    match followed(out).parent() {
        Some(_) if is_open => std::env::temp_dir(),
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// What is written.
struct Output<'a> {
    table: &'a StreamedTable,
    plan: &'a StreamedResampling<'a>,
    carried: &'a Carried,
}

impl Output<'_> {
    /// Writes the rows that stay and those that are made; returns those that others are made of, and the rows of each class.
    fn write_table(&self, path: &Path, ending: Ending) -> Result<(KeptRows, ClassCounts)> {
        let Self {
            table,
            plan,
            carried,
        } = self;
        let labels = table.labels();
        let mut counts = vec![0; table.class_names().len()];
        let kept = write_whole(path, ending, |writer| {
            writer.write_record(table.names()).map_err(at(path))?;
            let kept = plan.originals(|row, fields| {
                counts[labels[row as usize] as usize] += 1;
                writer.write_byte_record(fields).map_err(at(path))
            })?;
            let written = Written {
                frame: &kept.frame,
                target: table.target(),
                text: &kept.text,
                carried,
            };
            let mut rows = written.rows(plan.encoder(), |column| plan.is_whole(&column.name));
            let warnings = plan.made(&kept, &mut |origin, features| {
                let base = kept.numbers[origin.base() as usize];
                counts[labels[base as usize] as usize] += 1;
                rows.write(writer, origin, features).map_err(at(path))
            })?;
            say_warnings(&warnings, table.class_names());
            drop(rows);
            Ok(kept)
        })?;
        Ok((kept, ClassCounts::new(counts)?))
    }

    /// Writes where the rows come from: the random numbers are drawn once more.
    fn write_origins(&self, path: &Path, ending: Ending, kept: &KeptRows) -> Result<()> {
        write_whole(path, ending, |writer| {
            writer.write_record(ORIGIN_FIELDS).map_err(at(path))?;
            for row in self.plan.numbers() {
                let row = RowNumber::of(row);
                let fields = ["original", &row.to_string(), "", ""];
                writer.write_record(fields).map_err(at(path))?;
            }
            let number = |place: u32| RowNumber::of(kept.numbers[place as usize]);
            self.plan.made(kept, &mut |origin, _| {
                write_origin(writer, origin, number).map_err(at(path))
            })?;
            Ok(())
        })
    }
}

/// Writes a file that is there whole or not at all.
fn write_whole<T>(
    path: &Path,
    ending: Ending,
    write: impl FnOnce(&mut csv::Writer<&mut dyn Write>) -> Result<T, DataError>,
) -> Result<T> {
    let mut outcome = None;
    let written = write_file(path, |file| {
        ending.write(file, |writer| match write(writer) {
            Ok(made) => {
                outcome = Some(Ok(made));
                Ok(())
            }
            Err(error) => {
                outcome = Some(Err(error));
                Err(io::Error::other("the table is refused"))
            }
        })
    });
    match (outcome, written) {
        (Some(Err(error)), _) => Err(error.into()),
        (Some(Ok(made)), Ok(())) => Ok(made),
        (_, Err(error)) => Err(at(path)(error).into()),
        (None, Ok(())) => unreachable!("the rows were written"),
    }
}

/// The error of a file that cannot be written.
fn at<E: Into<io::Error>>(path: &Path) -> impl Fn(E) -> DataError + '_ {
    |reason| DataError::Io {
        action: "write",
        path: path.to_owned(),
        reason: reason.into(),
    }
}
