//! Columns that a command leaves out: no features, but they may say which rows belong together.

use crate::{args::TableArgs, table::read_options};
use art_data::{Column, ColumnKind, DataError, MISSING, Values, read_frames};
use std::collections::HashMap;

/// Most bytes of different words of a column; one with more is free text.
const MOST_BYTES: usize = 1 << 25;
/// Rows that are in memory at a time.
const ROWS: usize = 16_384;

/// The columns that the command leaves out, as words; none where they cannot be read so, since a column that is left out for what
/// is in it stops nothing.
pub(crate) fn left_out(args: &TableArgs) -> Vec<Column> {
    let Ok(mut options) = read_options(&args.format) else {
        return vec![];
    };
    options.ignored.clone_from(&args.ignore);
    if args.ignore.is_empty() {
        return vec![];
    }
    let names = args.ignore.iter().cloned();
    let wanted: Vec<_> = names
        .clone()
        .map(|name| (name, ColumnKind::Words))
        .collect();
    let mut columns: Vec<Words> = names.map(|_| Words::default()).collect();
    let read = read_frames(
        &args.data,
        &options,
        ROWS,
        |_| Ok::<_, DataError>(wanted),
        |frame| {
            for (column, words) in frame.columns().iter().zip(&mut columns) {
                words.see(&column.values);
            }
            Ok(())
        },
    );
    if read.is_err() {
        return vec![];
    }
    let columns = args.ignore.iter().zip(columns);
    let columns = columns.filter(|(_, words)| words.bytes <= MOST_BYTES);
    let column = |(name, words): (&String, Words)| Column::new(name.clone(), words.finish());
    columns.map(column).collect()
}

/// Words on their way into a column.
#[derive(Default)]
struct Words {
    known: HashMap<String, u32>,
    codes: Vec<u32>,
    bytes: usize,
}

impl Words {
    fn see(&mut self, values: &Values) {
        let Values::Words { levels, codes } = values else {
            return;
        };
        if self.bytes > MOST_BYTES {
            return;
        }
        let mut places = vec![];
        for word in levels {
            let next = self.known.len() as u32;
            let place = *self.known.entry(word.clone()).or_insert(next);
            if place == next {
                self.bytes += word.len();
            }
            places.push(place);
        }
        let place = |&code: &u32| places.get(code as usize).copied().unwrap_or(MISSING);
        self.codes.extend(codes.iter().map(place));
    }

    /// The words in the order of their letters.
    fn finish(mut self) -> Values {
        let mut words: Vec<(String, u32)> = self.known.into_iter().collect();
        words.sort_unstable();
        let mut places = vec![0; words.len()];
        for (place, (_, code)) in words.iter().enumerate() {
            places[*code as usize] = place as u32;
        }
        for code in self.codes.iter_mut().filter(|code| **code != MISSING) {
            *code = places[*code as usize];
        }
        Values::Words {
            levels: words.into_iter().map(|(word, _)| word).collect(),
            codes: self.codes,
        }
    }
}
