//! A table with classes, and how its rows may be divided.

use super::{Column, Frame, MISSING, Values, division::Division};
use crate::{
    counted::counted,
    dataset::Dataset,
    digest::Digest256,
    error::DataError,
    problem::ColumnProblem,
    split::{SplitConfig, SplitRows},
};
use art_core::{ClassIndex, CoreError, Seed};
use ndarray::Array2;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A frame with one of its columns as the classes that are to be predicted.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledFrame {
    frame: Frame,
    target: String,
    features: Vec<String>,
    classes: Vec<String>,
    labels: Vec<u32>,
    joined: BTreeMap<String, String>,
    division: Division,
}

impl LabelledFrame {
    /// `frame` with the classes of its column `target`, which must have been read as words.
    ///
    /// # Errors
    /// [`DataError::NoColumn`]; [`DataError::Column`] when a label is missing, when there are not two
    /// classes, or so many that the column looks like a quantity; [`DataError::Empty`] when there is no other
    /// column.
    pub fn new(frame: Frame, target: &str) -> Result<Self, DataError> {
        let (class_names, labels) = classes(&frame, target)?;
        let names = frame.columns().iter().map(|column| &column.name);
        let features: Vec<String> = names.filter(|name| *name != target).cloned().collect();
        if features.is_empty() {
            let problem = "is the only column; there is nothing to predict it from".to_owned();
            return Err(DataError::column(frame.path(), target, problem));
        }
        Ok(Self {
            target: target.to_owned(),
            features,
            classes: class_names,
            labels,
            frame,
            joined: BTreeMap::new(),
            division: Division::ByClass,
        })
    }

    /// `frame`, all of whose columns are features, with these classes of its rows; the target is called
    /// `class`.
    ///
    /// # Errors
    /// [`DataError::Length`] for another number of labels than rows, [`DataError::Core`] for a label that is
    /// no class, [`DataError::Empty`] for no column.
    pub fn of_classes(
        frame: Frame,
        labels: Vec<u32>,
        class_names: Vec<String>,
    ) -> Result<Self, DataError> {
        let features: Vec<String> = frame.columns().iter().map(|c| c.name.clone()).collect();
        if labels.len() != frame.n_rows() {
            return Err(DataError::Length {
                what: "labels",
                expected: frame.n_rows(),
                found: labels.len(),
            });
        }
        if labels.is_empty() || features.is_empty() {
            return Err(DataError::Empty {
                rows: labels.len(),
                columns: features.len(),
            });
        }
        ClassIndex::new(&labels, class_names.len())?;
        Ok(Self {
            target: "class".into(),
            features,
            classes: class_names,
            labels,
            frame,
            joined: BTreeMap::new(),
            division: Division::ByClass,
        })
    }

    /// Some rows of a table of these classes, not all of which need have rows here.
    pub(super) fn of_part(
        frame: Frame,
        target: &str,
        classes: Vec<String>,
        labels: Vec<u32>,
    ) -> Self {
        let names = frame.columns().iter().map(|column| &column.name);
        Self {
            features: names.filter(|name| *name != target).cloned().collect(),
            target: target.to_owned(),
            classes,
            labels,
            frame,
            joined: BTreeMap::new(),
            division: Division::ByClass,
        }
    }

    /// The same table without the columns `names`, whether they are features or not.
    ///
    /// # Errors
    /// [`DataError::Column`] when no feature would be left.
    pub fn without_columns(self, names: &[String]) -> Result<Self, DataError> {
        let mut table = self.without_features(names)?;
        table.frame = table.frame.without(names);
        Ok(table)
    }

    /// The same table, whose rows with the same word in the column `name` stay in one part of a split, such as
    /// all visits of a patient; the column is then no feature.
    ///
    /// # Errors
    /// [`DataError::NoColumn`]; [`DataError::Column`] when it was read as numbers or has a hole.
    pub fn grouped_by(self, name: &str) -> Result<Self, DataError> {
        let division = Division::by_group(&self.frame, name)?;
        self.divided(division)
    }

    /// The same table, whose column `name` says which part a row belongs to: train, valid or test; the column is
    /// then no feature, and every seed has the same split.
    ///
    /// # Errors
    /// [`DataError::NoColumn`]; [`DataError::Column`] when it says anything else, or no row is to train or to
    /// validate.
    pub fn split_by(self, name: &str) -> Result<Self, DataError> {
        let division = Division::given(&self.frame, name)?;
        self.divided(division)
    }

    /// The same table without the features `names`.
    ///
    /// # Errors
    /// [`DataError::Column`] when none would be left.
    pub fn without_features(mut self, names: &[String]) -> Result<Self, DataError> {
        let left_out: HashSet<&String> = names.iter().collect();
        self.features.retain(|name| !left_out.contains(name));
        if self.features.is_empty() {
            let problem = "has no feature beside it that could be used".to_owned();
            return Err(DataError::column(self.frame.path(), &self.target, problem));
        }
        Ok(self)
    }

    /// Classes of fewer than `least` rows: their names, and how many rows each has.
    pub fn small_classes(&self, least: usize) -> Vec<(String, usize)> {
        let mut counts = vec![0; self.classes.len()];
        for &label in &self.labels {
            counts[label as usize] += 1;
        }
        let classes = self.classes.iter().cloned().zip(counts);
        classes.filter(|(_, n)| *n < least).collect()
    }

    /// The same table without the rows of the classes `names`.
    ///
    /// # Errors
    /// [`DataError::Column`] when there are not two classes left.
    ///
    /// # Panics
    /// If the rows are divided already.
    pub fn without_classes(self, names: &[String]) -> Result<Self, DataError> {
        let is_kept =
            |row: &u32| !names.contains(&self.classes[self.labels[*row as usize] as usize]);
        let rows: Vec<u32> = (0..self.labels.len() as u32).filter(is_kept).collect();
        let level = |row: &u32| self.classes[self.labels[*row as usize] as usize].clone();
        let labels: Vec<String> = rows.iter().map(level).collect();
        self.relabelled(&rows, &labels)
    }

    /// The same table, whose classes `names` are one, called `joined`.
    ///
    /// # Errors
    /// [`DataError::Column`] when there is a class of that name already, or there are not two classes left.
    ///
    /// # Panics
    /// If the rows are divided already.
    pub fn with_joined_classes(self, names: &[String], joined: &str) -> Result<Self, DataError> {
        if self.classes.iter().any(|class| class == joined) {
            let problem =
                format!("has a class {joined:?} already; join the small ones under another name");
            return Err(DataError::column(self.frame.path(), &self.target, problem));
        }
        let label = |&label: &u32| {
            let class = &self.classes[label as usize];
            if names.contains(class) {
                joined.to_owned()
            } else {
                class.clone()
            }
        };
        let labels: Vec<String> = self.labels.iter().map(label).collect();
        let rows: Vec<u32> = (0..labels.len() as u32).collect();
        let mut table = self.relabelled(&rows, &labels)?;
        for class in table.joined.values_mut() {
            if names.contains(class) {
                joined.clone_into(class);
            }
        }
        let added = names.iter().map(|name| (name.clone(), joined.to_owned()));
        table.joined.extend(added);
        Ok(table)
    }

    /// The same table, whose rows with the same number in `groups` stay in one part of a split and in one fold.
    ///
    /// # Errors
    /// [`DataError::Length`] for another number of groups than rows.
    pub fn in_groups(mut self, groups: &[u32]) -> Result<Self, DataError> {
        self.check_length("groups", groups)?;
        self.division = Division::ByGroup {
            name: "groups".into(),
            groups: numbered(groups.iter().copied()),
        };
        Ok(self)
    }

    /// The same table with each row as often as `copies` says, one after the other. Copies of a row, or of rows of one group, stay
    /// in one part of a split and in one fold, so that no row is judged by a network that was trained on it.
    ///
    /// # Errors
    /// [`DataError::Length`] for another number of copies than rows; [`DataError::Column`] when there are not two classes left.
    ///
    /// # Panics
    /// If a column of the table says which part a row belongs to.
    pub fn with_copies(mut self, copies: &[u32]) -> Result<Self, DataError> {
        self.check_length("copies", copies)?;
        let division = std::mem::replace(&mut self.division, Division::ByClass);
        let (name, groups) = match division {
            Division::ByClass => ("copies of a row".to_owned(), None),
            Division::ByGroup { name, groups } => (name, Some(groups)),
            Division::Given { .. } => panic!("rows are copied before they are divided"),
        };
        let rows = (0_u32..).zip(copies);
        let rows = rows.flat_map(|(row, &n)| std::iter::repeat_n(row, n as usize));
        let rows: Vec<u32> = rows.collect();
        let group = |&row: &u32| groups.as_ref().map_or(row, |groups| groups[row as usize]);
        let groups = numbered(rows.iter().map(group));
        let level = |row: &u32| self.classes[self.labels[*row as usize] as usize].clone();
        let labels: Vec<String> = rows.iter().map(level).collect();
        let mut table = self.relabelled(&rows, &labels)?;
        table.division = Division::ByGroup { name, groups };
        Ok(table)
    }

    /// Makes sure that there is one of `values` a row.
    fn check_length(&self, what: &'static str, values: &[u32]) -> Result<(), DataError> {
        let (expected, found) = (self.labels.len(), values.len());
        if expected == found {
            return Ok(());
        }
        Err(DataError::Length {
            what,
            expected,
            found,
        })
    }

    /// The rows `rows` alone, with other labels.
    fn relabelled(self, rows: &[u32], labels: &[String]) -> Result<Self, DataError> {
        assert_eq!(
            self.division,
            Division::ByClass,
            "classes are chosen before rows are divided"
        );
        let mut frame = if rows.len() == self.labels.len() {
            self.frame
        } else {
            self.frame.select(rows)
        };
        frame.set_words(&self.target, labels);
        let mut table = Self::new(frame, &self.target)?;
        table.joined = self.joined;
        let known: HashSet<&String> = self.features.iter().collect();
        let left_out = table.features.iter().filter(|name| !known.contains(name));
        let left_out: Vec<String> = left_out.cloned().collect();
        table.without_features(&left_out)
    }

    fn divided(mut self, division: Division) -> Result<Self, DataError> {
        let column = division.column().unwrap_or_default().to_owned();
        let problem = |problem: &str| DataError::column(self.frame.path(), &column, problem);
        if column == self.target {
            return Err(problem("is the target; it cannot divide the rows as well"));
        }
        if self.features.len() == 1 {
            return Err(problem("is the only column besides the target"));
        }
        self.features.retain(|name| *name != column);
        self.division = division;
        Ok(self)
    }

    /// The rows of each part: stratified by class row by row ([`SplitConfig::rows`]), or as a column of the table
    /// has it.
    ///
    /// Groups are dealt out at random (stream `group split`), so that classes have about their shares in each part and seeds
    /// differ as far as the groups allow. Where a division like that was found among those tried, no part's share of the
    /// rows is off by more than the largest group's share or 2 %, whichever is more.
    ///
    /// # Errors
    /// As [`SplitConfig::rows`]; [`DataError::Column`] when groups or a given split leave a part without rows, or
    /// a class without training rows.
    pub fn rows(&self, config: &SplitConfig, seed: Seed) -> Result<SplitRows, DataError> {
        let index = self.class_index()?;
        let division = &self.division;
        division.rows(&self.frame, &index, &self.classes, config, seed)
    }

    /// All columns, the target included.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Name of the target.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Names of the other columns.
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// The columns of the features, in their order.
    pub fn feature_columns(&self) -> impl Iterator<Item = &Column> {
        let mut names = self.features.iter().peekable();
        let columns = self.frame.columns().iter();
        // Features stand in the order of the columns.
        columns.filter(move |column| names.next_if(|name| **name == column.name).is_some())
    }

    /// Names of the classes, sorted: by value where all are numbers, else by letters.
    pub fn class_names(&self) -> &[String] {
        &self.classes
    }

    /// Labels that were joined ([`with_joined_classes`](Self::with_joined_classes)), each with the class that its rows are of
    /// now.
    pub fn joined(&self) -> &BTreeMap<String, String> {
        &self.joined
    }

    /// The class of each row.
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// The rows of each class.
    ///
    /// # Errors
    /// None for a frame that could be made.
    pub fn class_index(&self) -> Result<ClassIndex, CoreError> {
        ClassIndex::new(&self.labels, self.classes.len())
    }

    /// The group of each row, where rows of one stay together.
    pub(super) fn groups(&self) -> Option<&[u32]> {
        self.division.groups()
    }

    /// SHA-256 over the columns' names and values, to tell equal tables from others.
    pub fn digest(&self) -> String {
        let mut digest = Digest256::default();
        digest.add(self.target.as_bytes());
        digest.add(self.division.column().unwrap_or_default().as_bytes());
        // Results of groups that were dealt out in another way are of other rows.
        if matches!(self.division, Division::ByGroup { .. }) {
            digest.add(b"\0groups 2");
        }
        for column in self.frame.columns() {
            digest.add(b"\0");
            digest.add(column.name.as_bytes());
            digest.add(b"\0");
            match &column.values {
                Values::Numbers(numbers) => {
                    let halves = |x: &f64| [x.to_bits() as u32, (x.to_bits() >> 32) as u32];
                    digest.add_words(numbers.iter().flat_map(halves));
                }
                Values::Words { levels, codes } => {
                    digest.add(levels.join("\0").as_bytes());
                    digest.add_words(codes.iter().copied());
                }
            }
        }
        digest.finish()
    }

    /// The whole table, its features the numbers that it holds, in f32 and unscaled.
    ///
    /// # Errors
    /// [`DataError::Column`] for a feature of words or one that lacks a value, [`DataError::NonFinite`] for a number beyond
    /// those of f32.
    ///
    /// ```
    /// use art_data::{LabelledFrame, ReadOptions, read_frame};
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("t.csv");
    /// std::fs::write(&path, "height,class,width\n0.5,b,3\n0.7,a,2\n")?;
    /// let options = ReadOptions { words: vec!["class".into()], ..ReadOptions::default() };
    /// let data = LabelledFrame::new(read_frame(&path, &options)?, "class")?.to_dataset()?;
    /// assert_eq!(data.features_as_slice(), [0.5, 3.0, 0.7, 2.0]);
    /// assert_eq!(data.labels(), [1, 0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_dataset(&self) -> Result<Dataset, DataError> {
        let columns = self
            .feature_columns()
            .map(|column| column.numbers(self.frame.path()));
        let columns: Vec<&[f64]> = columns.collect::<Result<_, _>>()?;
        let shape = (self.labels.len(), columns.len());
        let features = Array2::from_shape_fn(shape, |(row, column)| columns[column][row] as f32);
        let (names, classes) = (self.features.clone(), self.classes.clone());
        Dataset::new(features, self.labels.clone(), names, classes)
    }
}

/// The groups counted from 0 in the order of their first rows, none left out.
fn numbered(groups: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut known = HashMap::new();
    let number = |group| {
        let next = known.len() as u32;
        *known.entry(group).or_insert(next)
    };
    groups.map(number).collect()
}

/// The classes of the column called `name` and the class of each row.
pub(super) fn classes(frame: &Frame, name: &str) -> Result<(Vec<String>, Vec<u32>), DataError> {
    const MOST: usize = 1_000;
    const FEW: usize = 20;
    const MOST_LINES: usize = 10;
    let column = frame.column(name)?;
    let problem = |problem: ColumnProblem| DataError::column(frame.path(), name, problem);
    let (levels, codes) = match &column.values {
        Values::Words { levels, codes } => (levels.clone(), codes.clone()),
        Values::Numbers(_) => {
            return Err(problem(
                "is a feature, not the target that the file was read for".into(),
            ));
        }
    };
    if let Some(row) = codes.iter().position(|&code| code == MISSING) {
        return Err(problem(ColumnProblem::NoLabel {
            row: frame.row_number(row),
            n_rows: column.values.n_missing(),
            marker: column.markers.first().map(|marker| marker.text.clone()),
        }));
    }
    let is_long = |label: &&String| label.matches('\n').count() > MOST_LINES;
    if let Some(label) = levels.iter().find(is_long) {
        return Err(problem(format!(
            "holds a label of more than {MOST_LINES} lines, {label:.40?}; is a quote in the file never closed?"
        ).into()));
    }
    if levels.len() < 2 {
        return Err(problem(
            format!(
                "holds one class, {:?}, alone; there is nothing to tell apart",
                levels.first().map_or("", |level| level)
            )
            .into(),
        ));
    }
    let few_rows_each = levels.len() > FEW && 2 * levels.len() > codes.len();
    if levels.len() > MOST || few_rows_each {
        return Err(problem(format!(
            "has {} different labels in {}; that looks like a quantity or an identifier, not like \
                 classes",
            levels.len(),
            counted(codes.len(), "row")
        ).into()));
    }
    Ok((levels, codes))
}
