//! Whether a table is held whole or read pass by pass.

use crate::{args::ResampleArgs, table::read_options};
use anyhow::{Result, bail};
use art_data::{DataError, Resampler, TableSize, is_stream};

/// Fields of a table that is held whole: with its text, its numbers and its features that are about 100 bytes a field where
/// all differ, so 1 GB, and 40 where few do.
pub(super) const MOST_FIELDS_HELD: usize = 10_000_000;
/// Rows of a table for a method that looks at all of them at once: all pairs of so many are 5e11 distances, an hour on a few
/// cores where nothing can be ruled out.
const MOST_ROWS_AT_ONCE: usize = 1_000_000;
/// Bytes of a file below which no table is large enough to ask how large it is.
const SMALL: u64 = 1 << 20;

/// Whether the table is read pass by pass: where the command says so, or it is large and the method can.
pub(super) fn is_streamed(args: &ResampleArgs, method: &dyn Resampler) -> Result<bool> {
    let can_stream = method.streamed().is_some();
    if args.stream.is_some() {
        if !can_stream {
            bail!(
                "--stream: {} looks at all rows at once; ros, rus, smote and borderline-smote read a table pass by pass",
                args.method
            );
        }
        return Ok(true);
    }
    let path = &args.table.data;
    let n_bytes = path.metadata().map_or(0, |data| data.len());
    if n_bytes < SMALL || is_stream(path) {
        return Ok(false);
    }
    let mut options = read_options(&args.table.format)?;
    options.ignored.clone_from(&args.table.ignore);
    // What cannot be read is refused where it is read.
    let Ok(size) = TableSize::of(path, &options) else {
        return Ok(false);
    };
    if can_stream {
        return Ok(size.cells() > MOST_FIELDS_HELD);
    }
    if size.rows > MOST_ROWS_AT_ONCE {
        return Err(DataError::TooManyRows {
            method: args.method.clone(),
            rows: size.rows,
            most: MOST_ROWS_AT_ONCE,
        }
        .into());
    }
    Ok(false)
}
