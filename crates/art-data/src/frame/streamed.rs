//! A table that is read pass by pass and never held.

use super::{
    Column, ColumnKind, Encoder, Frame, LabelledFrame, MOST_LEVELS, Markers, ReadOptions, Unseen,
    encoder::ColumnEncoder,
    labelled::classes,
    read::{
        Builder, Parsed, Rows, Survey, Wanted, levels_of, parse, places_of, refuse_stream, survey,
    },
    source::Source,
    spill::Spill,
};
use crate::{
    dataset::Dataset, error::DataError, place::Place, problem::ColumnProblem, roles::TrainSet,
};
use art_core::CoreError;
use csv::ByteRecord;
use ndarray::{Array2, ArrayView2};
use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

/// Numbers of a pass that are in memory at a time, of all columns together, where the others are on disk.
const WAITING: usize = 1 << 20;
/// Different fields of a column of words after which it is first looked whether they are too many words.
const FIRST_LOOK: usize = 16 * MOST_LEVELS;

/// A table with its target in a file that is read once for each thing that is to be known of it. The class of each row is kept,
/// and no row.
///
/// What it says is what [`read_frame`](super::read_frame) and [`LabelledFrame`] say of the whole file. That the file has as
/// many rows each time is looked at.
#[derive(Clone, Debug)]
pub struct StreamedTable {
    path: PathBuf,
    options: ReadOptions,
    target: String,
    columns: Vec<Wanted>,
    /// Names of columns that are no features.
    carried: Vec<String>,
    classes: Vec<String>,
    labels: Vec<u32>,
}

/// An encoder that was fitted on all rows, and what else that pass has shown.
#[derive(Clone, Debug)]
pub struct FittedEncoder {
    /// The encoder.
    pub encoder: Encoder,
    /// Columns of numbers all of which are whole.
    pub whole: HashSet<String>,
    /// The rows that were to be kept.
    pub(crate) kept: Frame,
}

/// Rows that were kept while a file was read.
#[derive(Clone, Debug)]
pub struct KeptRows {
    /// Their features.
    pub frame: Frame,
    /// All columns, those that are carried along included, as they stand in the file.
    pub text: Vec<Column>,
    /// The numbers of the rows in the table, from 0, ascending.
    pub numbers: Vec<u32>,
}

impl FittedEncoder {
    /// The numbers of the rows that were kept.
    pub(crate) fn kept_numbers(&self) -> Vec<u32> {
        self.kept.kept.clone().unwrap_or_default()
    }

    /// The rows that were kept, which are gone here.
    pub(crate) fn take_kept(&mut self) -> Frame {
        let nothing = Frame {
            path: self.kept.path.clone(),
            columns: vec![],
            n_rows: 0,
            n_before: 0,
            kept: None,
        };
        std::mem::replace(&mut self.kept, nothing)
    }
}

impl StreamedTable {
    /// The table in the file `path` with the classes of its column `target`, which `options` name among the words. The file is
    /// read once.
    ///
    /// # Errors
    /// As [`read_frame`](super::read_frame) and [`LabelledFrame::new`].
    pub fn open(path: &Path, options: &ReadOptions, target: &str) -> Result<Self, DataError> {
        refuse_stream(path, "several times")?;
        let markers = Markers::new(options);
        let mut labels = Builder::new(ColumnKind::Words, 0);
        let mut place = None;
        let Survey { columns, n_rows } = survey(path, options, |names, at, record| {
            let place = *place.get_or_insert_with(|| names.iter().position(|n| n == target));
            let Some(place) = place else { return Ok(()) };
            labels.push((path, target), at, &record[place], &markers)
        })?;
        let max = u32::MAX as usize;
        if n_rows > max {
            return Err(CoreError::TooManyRows { rows: n_rows, max }.into());
        }
        let (values, markers) = labels.finish();
        let is_target = |column: &&Wanted| column.name == target;
        let of_target = columns.iter().filter(is_target).map(|column| Column {
            markers: markers.clone(),
            ..Column::new(column.name.clone(), values.clone())
        });
        let frame = Frame {
            path: path.to_owned(),
            columns: of_target.collect(),
            n_rows,
            n_before: 0,
            kept: None,
        };
        drop(values);
        let (classes, labels) = classes(&frame, target)?;
        let table = Self {
            path: path.to_owned(),
            options: options.clone(),
            target: target.to_owned(),
            columns,
            carried: vec![],
            classes,
            labels,
        };
        table.without(&[])
    }

    /// The same table, whose columns `names` are no features.
    ///
    /// # Errors
    /// [`DataError::Column`] when no feature would be left.
    pub fn without(mut self, names: &[String]) -> Result<Self, DataError> {
        self.carried.extend(names.iter().cloned());
        if self.features().next().is_none() {
            let problem = "is the only column; there is nothing to predict it from".to_owned();
            return Err(DataError::column(&self.path, &self.target, problem));
        }
        Ok(self)
    }

    /// Names of its columns, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| &*column.name)
    }

    /// Name of the target.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Names of the classes.
    pub fn class_names(&self) -> &[String] {
        &self.classes
    }

    /// The class of each row.
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    fn features(&self) -> impl Iterator<Item = &Wanted> {
        let is_feature =
            |column: &&Wanted| column.name != self.target && !self.carried.contains(&column.name);
        self.columns.iter().filter(is_feature)
    }

    /// The first `n_rows` rows, with all columns. The file is read so far.
    ///
    /// # Errors
    /// As [`read_frame`](super::read_frame).
    pub fn head(&self, n_rows: usize) -> Result<LabelledFrame, DataError> {
        /// Why reading ends.
        enum Stop {
            Full,
            Refused(DataError),
        }
        impl From<DataError> for Stop {
            fn from(error: DataError) -> Self {
                Self::Refused(error)
            }
        }
        let n_rows = n_rows.clamp(1, self.labels.len());
        let markers = Markers::new(&self.options);
        let mut rows = Rows::new(&self.path, &self.columns, n_rows);
        let source = Source::open(&self.path, &self.options)?;
        let outcome = source.each_row(&places_of(&self.columns), |at, record| {
            rows.push(at, record, &markers)?;
            if rows.len == n_rows {
                return Err(Stop::Full);
            }
            Ok(())
        });
        match outcome {
            Err(Stop::Refused(error)) => return Err(error),
            Ok(()) => return Err(self.changed(rows.len)),
            Err(Stop::Full) => {}
        }
        let labels = self.labels[..n_rows].to_vec();
        let classes = self.classes.clone();
        Ok(LabelledFrame::of_part(
            rows.take(),
            &self.target,
            classes,
            labels,
        ))
    }

    /// The encoder of the features, fitted on all rows, and the rows that `keep` says by their numbers. The file is read once,
    /// and numbers wait in a file in `folder`, as those of `block_rows` rows in memory; in the end those of one column at a time
    /// are.
    ///
    /// # Errors
    /// As [`Encoder::fit`], [`DataError::Io`] for the folder.
    pub fn fit(
        &self,
        folder: &Path,
        block_rows: Option<usize>,
        keep: impl Fn(u32) -> bool,
    ) -> Result<FittedEncoder, DataError> {
        let features: Vec<Wanted> = self.features().cloned().collect();
        let markers = Markers::new(&self.options);
        let waiting = block_rows.map_or(WAITING, |n| n * features.len());
        let mut spill = Spill::new(folder, features.len(), waiting);
        let mut seen: Vec<Seen> = features.iter().map(|_| Seen::default()).collect();
        let mut rows = Rows::new(&self.path, &features, self.labels.len());
        let mut numbers = vec![];
        self.each_row(&features, |row, at, record| {
            for (place, (column, seen)) in features.iter().zip(&mut seen).enumerate() {
                let of = (&*self.path, &*column.name);
                let field = &record[column.place];
                match parse(column.kind, of, at, field, &markers)?.1 {
                    Parsed::Missing => {}
                    Parsed::Number(number, unit) => {
                        seen.unit = seen.unit.or(unit);
                        seen.has_fraction |= number.fract() != 0.0;
                        spill.push(place, number)?;
                    }
                    Parsed::Word(word) => seen.count(of, word)?,
                }
            }
            if keep(row) {
                rows.push(at, record, &markers)?;
                numbers.push(row);
            }
            Ok(())
        })?;
        let mut kept = rows.take();
        kept.kept = Some(numbers);
        let n_rows = self.labels.len();
        let mut whole = HashSet::new();
        let mut encoders = vec![];
        for (place, (column, seen)) in features.iter().zip(seen).enumerate() {
            let of = (&*self.path, &*column.name);
            encoders.push(match column.kind {
                ColumnKind::Numbers(_) | ColumnKind::Dates(_) => {
                    if !seen.has_fraction {
                        whole.insert(column.name.clone());
                    }
                    let present = spill.take(place)?;
                    ColumnEncoder::of_numbers(of, (column.kind, seen.unit), present, n_rows)?
                }
                ColumnKind::Words | ColumnKind::Keys | ColumnKind::Verbatim => {
                    let (levels, counts) = seen.levels();
                    ColumnEncoder::of_words(of, &levels, &counts, n_rows)?
                }
            });
        }
        Ok(FittedEncoder {
            encoder: Encoder::of_columns(encoders),
            whole,
            kept,
        })
    }

    /// Shows the features of all rows in blocks of at most `n_rows`. The file is read once.
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    pub fn encoded(
        &self,
        encoder: &Encoder,
        n_rows: usize,
        mut see: impl FnMut(ArrayView2<'_, f32>),
    ) -> Result<(), DataError> {
        let features: Vec<Wanted> = self.features().cloned().collect();
        let markers = Markers::new(&self.options);
        let mut rows = Rows::new(&self.path, &features, n_rows);
        let mut show = |rows: &mut Rows<'_>| {
            see(encoded(encoder, rows.take())?.view());
            Ok::<_, DataError>(())
        };
        self.each_row(&features, |_, at, record| {
            rows.push(at, record, &markers)?;
            if rows.len == n_rows {
                show(&mut rows)?;
            }
            Ok(())
        })?;
        if rows.len > 0 {
            show(&mut rows)?;
        }
        Ok(())
    }

    /// Shows the fields of all columns of each row as they stand in the file, with its number, and returns the rows that
    /// `keep` says. The file is read once.
    ///
    /// # Errors
    /// As [`read_frame`](super::read_frame), and whatever `see` refuses.
    pub fn copied(
        &self,
        keep: impl Fn(u32) -> bool,
        mut see: impl FnMut(u32, &ByteRecord) -> Result<(), DataError>,
    ) -> Result<KeptRows, DataError> {
        let features: Vec<Wanted> = self.features().cloned().collect();
        let verbatim = self.columns.iter().map(|column| Wanted {
            kind: ColumnKind::Verbatim,
            ..column.clone()
        });
        let verbatim: Vec<Wanted> = verbatim.collect();
        let markers = Markers::new(&self.options);
        let mut rows = Rows::new(&self.path, &features, self.labels.len());
        let mut text = Rows::new(&self.path, &verbatim, self.labels.len());
        let mut numbers = vec![];
        let mut fields = ByteRecord::new();
        self.each_row(&self.columns, |row, at, record| {
            fields.clear();
            for column in &self.columns {
                let field = &record[column.place];
                if std::str::from_utf8(field).is_err() {
                    let problem = ColumnProblem::NotUtf8;
                    return Err(DataError::column_at(&self.path, at, &column.name, problem));
                }
                fields.push_field(field);
            }
            if keep(row) {
                rows.push(at, record, &markers)?;
                text.push(at, record, &markers)?;
                numbers.push(row);
            }
            see(row, &fields)
        })?;
        let mut frame = rows.take();
        frame.kept = Some(numbers.clone());
        Ok(KeptRows {
            frame,
            text: text.take().columns,
            numbers,
        })
    }

    /// Kept rows as rows to train on; without an encoder they have no features but one that says nothing.
    ///
    /// # Errors
    /// As [`Encoder::encode`]; [`DataError::Empty`] for no row.
    pub fn train_set(
        &self,
        kept: &KeptRows,
        encoder: Option<&Encoder>,
    ) -> Result<TrainSet, DataError> {
        let labels = kept.numbers.iter().map(|&row| self.labels[row as usize]);
        let labels: Vec<u32> = labels.collect();
        let Some(encoder) = encoder else {
            return self.train_set_without_features(labels);
        };
        let features = encoded(encoder, kept.frame.clone())?;
        let data = Dataset::new(
            features,
            labels,
            encoder.feature_names(),
            self.classes.clone(),
        )?
        .with_categories(encoder.categories())?;
        Ok(TrainSet::new(data))
    }

    /// Rows of these classes with one feature that says nothing.
    pub(crate) fn train_set_without_features(
        &self,
        labels: Vec<u32>,
    ) -> Result<TrainSet, DataError> {
        let features = Array2::zeros((labels.len(), 1));
        let data = Dataset::new(features, labels, vec!["none".into()], self.classes.clone())?;
        Ok(TrainSet::new(data))
    }

    /// Shows every row with its number.
    fn each_row(
        &self,
        columns: &[Wanted],
        mut see: impl FnMut(u32, Place, &ByteRecord) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        let source = Source::open(&self.path, &self.options)?;
        let mut n_seen = 0;
        source.each_row(&places_of(columns), |at, record| {
            let row = n_seen;
            n_seen += 1;
            if row == self.labels.len() {
                return Err(self.changed(n_seen));
            }
            see(row as u32, at, record)
        })?;
        if n_seen != self.labels.len() {
            return Err(self.changed(n_seen));
        }
        Ok(())
    }

    /// The file has another number of rows than when it was first read.
    fn changed(&self, n_rows: usize) -> DataError {
        let before = self.labels.len();
        let now = if n_rows > before { "more" } else { "fewer" };
        let problem = format!(
            "the file was changed while it was read: it had {before} rows at first and has {now} now"
        );
        DataError::format(&self.path, None, problem)
    }
}

/// The features of all rows of a frame.
pub(crate) fn encoded(encoder: &Encoder, mut frame: Frame) -> Result<Array2<f32>, DataError> {
    // The unit of the table is that of its first number, which need not be here.
    for column in &mut frame.columns {
        column.units = vec![];
    }
    let rows: Vec<u32> = (0..frame.n_rows() as u32).collect();
    Ok(encoder.encode(&frame, &rows, Unseen::Refused)?.features)
}

/// What was seen of a column.
#[derive(Default)]
struct Seen {
    /// The unit beside the first number that has one.
    unit: Option<char>,
    has_fraction: bool,
    /// Words by the order of their first rows, and how often each stands there.
    words: HashMap<String, u32>,
    counts: Vec<usize>,
    /// Different fields at which it is looked whether they are too many words.
    next_look: usize,
}

impl Seen {
    fn count(&mut self, (path, name): (&Path, &str), word: &str) -> Result<(), DataError> {
        if let Some(&code) = self.words.get(word) {
            self.counts[code as usize] += 1;
            return Ok(());
        }
        self.words.insert(word.to_owned(), self.counts.len() as u32);
        self.counts.push(1);
        if self.counts.len() < self.next_look.max(FIRST_LOOK) {
            return Ok(());
        }
        self.next_look = 2 * self.counts.len();
        let n_words = levels_of(self.words.clone(), Some(&self.counts)).0.len();
        if n_words <= MOST_LEVELS {
            return Ok(());
        }
        let problem = ColumnProblem::TooManyWords {
            n_words,
            most: MOST_LEVELS,
        };
        Err(DataError::column(path, name, problem))
    }

    /// The different words, sorted, and how often each stands there.
    fn levels(self) -> (Vec<String>, Vec<usize>) {
        let (levels, places) = levels_of(self.words, Some(&self.counts));
        let mut counts = vec![0; levels.len()];
        for (n, place) in self.counts.iter().zip(places) {
            counts[place as usize] += n;
        }
        (levels, counts)
    }
}
