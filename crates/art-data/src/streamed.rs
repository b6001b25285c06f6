//! Resampling a table that is larger than memory: its file is read pass by pass.

use crate::{
    error::DataError,
    frame::{Encoder, FittedEncoder, KeptRows, StreamedTable, encoded},
    neighbors::{BlockSearch, Neighbors},
    resample::{
        MakesRows, NearestOfAll, Origin, ResampleWarning, Resampler, SeeMade, SmallRows, Streamed,
    },
};
use art_core::{ClassCounts, Seed};
use csv::ByteRecord;
use std::path::Path;

/// Features that are in memory at a time where nearest rows are looked for among all, in f32.
const BLOCK: usize = 1 << 24;

/// What is to be written of a table that is not in memory, and how that is found out.
///
/// The rows are those of [`Resampler::resample`] of the whole table, in its order. The file is read once for the kinds of its
/// columns and the classes ([`StreamedTable::open`]), once for the encoder where the method reads features, once more where it
/// looks for nearest rows among all, and once by [`originals`](Self::originals).
///
/// In memory are 4 bytes a row for its class, a few more for a method that leaves rows out, the numbers of one column at a
/// time for the encoder, and the rows that others are made of; no row that is made.
pub struct StreamedResampling<'a> {
    table: &'a StreamedTable,
    seed: Seed,
    fitted: Option<FittedEncoder>,
    plan: Plan<'a>,
}

/// Which rows stay, and what others are made of.
enum Plan<'a> {
    Selected {
        /// Rows that stay, ascending.
        kept: Vec<u32>,
        /// Copies that follow.
        copies: Vec<u32>,
        warnings: Vec<ResampleWarning>,
    },
    Made {
        method: &'a dyn MakesRows,
        n_made: Vec<usize>,
        /// Rows of the classes to be enlarged, and their nearest ones; none where the method wants to know none.
        nearest: Option<(Vec<u32>, Neighbors)>,
        partners: Vec<u32>,
    },
}

impl<'a> StreamedResampling<'a> {
    /// Finds out what `method` makes of `table`; none where it needs all pairs of rows. Numbers wait in a file in `folder`.
    ///
    /// # Errors
    /// As [`Resampler::resample`] and [`Encoder::fit`].
    pub fn new(
        table: &'a StreamedTable,
        method: &'a dyn Resampler,
        seed: Seed,
        folder: &Path,
    ) -> Result<Option<Self>, DataError> {
        Self::in_blocks(table, method, seed, folder, None)
    }

    /// The same with at most so many rows at a time where nearest rows are looked for among all.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn in_blocks(
        table: &'a StreamedTable,
        method: &'a dyn Resampler,
        seed: Seed,
        folder: &Path,
        block_rows: Option<usize>,
    ) -> Result<Option<Self>, DataError> {
        let labels = table.labels();
        let streamed = match method.streamed() {
            None => return Ok(None),
            Some(Streamed::Selects) => {
                let train = table.train_set_without_features(labels.to_vec())?;
                let resampled = method.resample(&train, seed)?;
                let rows = |wanted: fn(&Origin) -> bool| {
                    let of = resampled.origins.iter().filter(|origin| wanted(origin));
                    of.map(|origin| origin.base()).collect()
                };
                let is_original: fn(&Origin) -> bool = |o| matches!(o, Origin::Original { .. });
                let is_copy: fn(&Origin) -> bool = |o| !matches!(o, Origin::Original { .. });
                return Ok(Some(Self {
                    table,
                    seed,
                    fitted: None,
                    plan: Plan::Selected {
                        kept: rows(is_original),
                        copies: rows(is_copy),
                        warnings: resampled.warnings,
                    },
                }));
            }
            Some(Streamed::Makes(makes)) => makes,
        };
        streamed.check()?;
        let counts = ClassCounts::from_labels(labels, table.class_names().len())?;
        let targets = method.targets(&counts)?;
        let targets = targets.unwrap_or_else(|| counts.as_slice().to_vec());
        let n_made = targets.iter().zip(counts.as_slice());
        let n_made: Vec<usize> = n_made.map(|(target, n)| target - n).collect();
        let is_small = |row: u32| n_made[labels[row as usize] as usize] > 0;
        let n_nearest = streamed.n_nearest();
        let mut fitted = None;
        if method.reads_features() {
            let keep = |row| n_nearest > 0 && is_small(row);
            fitted = Some(table.fit(folder, block_rows, keep)?);
        }
        let (mut nearest, mut partners) = (None, vec![]);
        if n_nearest > 0
            && let Some(fitted) = &mut fitted
        {
            let rows = fitted.kept_numbers();
            let kept = fitted.take_kept();
            let queries = encoded(&fitted.encoder, kept)?;
            let width = queries.ncols();
            let mut search = BlockSearch::new(queries, &rows, n_nearest);
            if !rows.is_empty() {
                let block_rows = block_rows.unwrap_or((BLOCK / width.max(1)).max(1));
                table.encoded(&fitted.encoder, block_rows, |block| search.see(block))?;
            }
            let found = NearestOfAll {
                queries: &rows,
                neighbors: search.finish(),
                labels,
            };
            partners = streamed.partners(&found);
            partners.sort_unstable();
            partners.dedup();
            let neighbors = found.neighbors;
            nearest = Some((rows, neighbors));
        }
        Ok(Some(Self {
            table,
            seed,
            fitted,
            plan: Plan::Made {
                method: streamed,
                n_made,
                nearest,
                partners,
            },
        }))
    }

    /// What made the features; none for a method that reads none.
    pub fn encoder(&self) -> Option<&Encoder> {
        self.fitted.as_ref().map(|fitted| &fitted.encoder)
    }

    /// Whether the column `name` is one of whole numbers alone; known for a method that reads features.
    pub fn is_whole(&self, name: &str) -> bool {
        let fitted = self.fitted.as_ref();
        fitted.is_some_and(|fitted| fitted.whole.contains(name))
    }

    /// Shows the fields of the rows that stay, as they stand in the file, with their numbers from 0; returns those that others
    /// are made of. The file is read once.
    ///
    /// # Errors
    /// As [`StreamedTable::copied`].
    pub fn originals(
        &self,
        mut see: impl FnMut(u32, &ByteRecord) -> Result<(), DataError>,
    ) -> Result<KeptRows, DataError> {
        match &self.plan {
            Plan::Selected { kept, copies, .. } => {
                let mut copied = copies.clone();
                copied.sort_unstable();
                let is_copied = |row: u32| copied.binary_search(&row).is_ok();
                let mut kept = kept.iter().copied().peekable();
                self.table
                    .copied(is_copied, |row, fields| match kept.next_if_eq(&row) {
                        Some(_) => see(row, fields),
                        None => Ok(()),
                    })
            }
            Plan::Made {
                n_made, partners, ..
            } => {
                let labels = self.table.labels();
                let is_needed = |row: u32| {
                    n_made[labels[row as usize] as usize] > 0
                        || partners.binary_search(&row).is_ok()
                };
                self.table.copied(is_needed, see)
            }
        }
    }

    /// The numbers of the rows that stay, from 0.
    pub fn numbers(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match &self.plan {
            Plan::Selected { kept, .. } => Box::new(kept.iter().copied()),
            Plan::Made { .. } => Box::new(0..self.table.labels().len() as u32),
        }
    }

    /// Shows the rows that follow, made or copied: where each comes from, by its place among the rows `kept`, and its
    /// features. Returns the classes that could not be treated as asked.
    ///
    /// # Errors
    /// As [`MakesRows::make`].
    pub fn made(
        &self,
        kept: &KeptRows,
        see: SeeMade<'_>,
    ) -> Result<Vec<ResampleWarning>, DataError> {
        match &self.plan {
            Plan::Selected {
                copies, warnings, ..
            } => {
                for row in copies {
                    let place = kept.numbers.binary_search(row);
                    let row = place.expect("rows to be copied were kept") as u32;
                    see(Origin::Duplicate { row }, &[])?;
                }
                Ok(warnings.clone())
            }
            // Where all classes are as large as they should be no row was kept.
            Plan::Made { .. } if kept.numbers.is_empty() => Ok(vec![]),
            Plan::Made {
                method,
                n_made,
                nearest,
                ..
            } => {
                let train = self.table.train_set(kept, self.encoder())?;
                let nearest = nearest.as_ref().map(|(queries, neighbors)| NearestOfAll {
                    queries,
                    neighbors: neighbors.clone(),
                    labels: self.table.labels(),
                });
                let rows = SmallRows {
                    train: &train,
                    numbers: &kept.numbers,
                    n_made,
                    nearest: nearest.as_ref(),
                };
                method.make(&rows, self.seed, see)
            }
        }
    }
}
