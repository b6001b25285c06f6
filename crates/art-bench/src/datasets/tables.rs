//! The tables that come with the project.

use super::folder::DataFolder;
use crate::error::BenchError;
use art_data::{Dataset, Header, LabelledFrame, ReadOptions, read_frame};

/// A table that comes with the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BundledTable {
    /// Pima Indians Diabetes: 768 × 8, two classes, imbalance ratio 1.87.
    Pima,
    /// UCI Yeast without its five ERL rows: 1479 × 8, nine classes, ratios up to 23.15.
    Yeast,
    /// UCI red wine quality: 1599 × 11, grades 3 to 8, ratios up to 68.1.
    WineRed,
    /// UCI Ecoli: 336 × 7, eight classes, ratios up to 71.5. Two classes, imL and imS, have two rows: a split
    /// refuses them, or under [`UnsplittableClass::Allow`](art_data::UnsplittableClass::Allow) puts one in training, one in
    /// test and none in validation. Three of the five rows of omL then train.
    Ecoli,
    /// UCI Glass Identification: 214 × 9, six classes, ratios up to 8.44.
    Glass,
    /// KEEL's copy of UCI Page Blocks, which lacks one row: 5472 × 10, five classes, ratios up to 175.5.
    PageBlocks,
    /// UCI Statlog Landsat Satellite, its training rows before its test rows: 6435 × 36, six classes, ratios up
    /// to 2.45.
    Satimage,
}

impl BundledTable {
    /// All of them: the three of the paper, then the further ones.
    pub const ALL: [Self; 7] = [
        Self::Pima,
        Self::Yeast,
        Self::WineRed,
        Self::Ecoli,
        Self::Glass,
        Self::PageBlocks,
        Self::Satimage,
    ];

    /// The table, read from `folder`.
    ///
    /// # Errors
    /// [`BenchError`] when the file is missing, is not listed or not the one of the manifest, or has the
    /// wrong form.
    pub fn load(self, folder: &DataFolder) -> Result<Dataset, BenchError> {
        match self {
            Self::Pima => PIMA.load(folder),
            Self::Yeast => YEAST.load(folder),
            Self::WineRed => WINE_RED.load(folder),
            Self::Ecoli => ECOLI.load(folder),
            Self::Glass => GLASS.load(folder),
            Self::PageBlocks => PAGE_BLOCKS.load(folder),
            Self::Satimage => SATIMAGE.load(folder),
        }
    }
}

/// A table of numbers and its classes.
struct Described {
    /// Its file.
    file: &'static str,
    /// Name of the label column.
    target: &'static str,
    /// Labels in class order, as written in the file, with the names to show for them.
    classes: &'static [(&'static str, &'static str)],
    /// Labels whose rows are left out.
    left_out: &'static [&'static str],
}

/// Outcome 1 is a positive test.
const PIMA: Described = Described {
    file: "pima.csv",
    target: "Outcome",
    classes: &[("0", "negative"), ("1", "positive")],
    left_out: &[],
};

/// ERL, with 5 rows, is left out as in the paper.
const YEAST: Described = Described {
    file: "yeast.csv",
    target: "class",
    classes: &[
        ("CYT", "CYT"),
        ("NUC", "NUC"),
        ("MIT", "MIT"),
        ("ME3", "ME3"),
        ("ME2", "ME2"),
        ("ME1", "ME1"),
        ("EXC", "EXC"),
        ("VAC", "VAC"),
        ("POX", "POX"),
    ],
    left_out: &["ERL"],
};

const WINE_RED: Described = Described {
    file: "winequality-red.csv",
    target: "quality",
    classes: &[
        ("3", "grade 3"),
        ("4", "grade 4"),
        ("5", "grade 5"),
        ("6", "grade 6"),
        ("7", "grade 7"),
        ("8", "grade 8"),
    ],
    left_out: &[],
};

/// Places of proteins in the cell, in alphabetical order and by the words of the file.
const ECOLI: Described = Described {
    file: "ecoli.csv",
    target: "class",
    classes: &[
        ("cp", "cp"),
        ("im", "im"),
        ("imL", "imL"),
        ("imS", "imS"),
        ("imU", "imU"),
        ("om", "om"),
        ("omL", "omL"),
        ("pp", "pp"),
    ],
    left_out: &[],
};

/// Kinds of glass, in the order of their numbers and with the names of UCI; no row is of type 4.
const GLASS: Described = Described {
    file: "glass.csv",
    target: "Type",
    classes: &[
        ("1", "building windows, float"),
        ("2", "building windows, non-float"),
        ("3", "vehicle windows, float"),
        ("5", "containers"),
        ("6", "tableware"),
        ("7", "headlamps"),
    ],
    left_out: &[],
};

/// Kinds of blocks of a printed page, in the order of their numbers and with the names of UCI's list of classes; its description
/// of the data exchanges picture and graphic.
const PAGE_BLOCKS: Described = Described {
    file: "page-blocks.csv",
    target: "class",
    classes: &[
        ("1", "text"),
        ("2", "horizontal line"),
        ("3", "graphic"),
        ("4", "vertical line"),
        ("5", "picture"),
    ],
    left_out: &[],
};

/// Kinds of land, in the order of their numbers and with the names of UCI; no row is of type 6.
const SATIMAGE: Described = Described {
    file: "satimage.csv",
    target: "class",
    classes: &[
        ("1", "red soil"),
        ("2", "cotton crop"),
        ("3", "grey soil"),
        ("4", "damp grey soil"),
        ("5", "soil with vegetation stubble"),
        ("7", "very damp grey soil"),
    ],
    left_out: &[],
};

impl Described {
    fn load(&self, folder: &DataFolder) -> Result<Dataset, BenchError> {
        folder.check(self.file)?;
        let path = folder.path().join(self.file);
        let options = ReadOptions {
            words: vec![self.target.to_owned()],
            header: Header::Present,
            ..ReadOptions::default()
        };
        let left_out: Vec<String> = self.left_out.iter().map(|&name| name.to_owned()).collect();
        let table = LabelledFrame::new(read_frame(&path, &options)?, self.target)?;
        let data = table.without_classes(&left_out)?.to_dataset()?;
        let class_of = |label: &String| {
            let known = || self.classes.iter().map(|&(written, _)| written);
            let class = known().position(|written| written == label);
            class.map(|class| class as u32).ok_or_else(|| {
                let known: Vec<&str> = known().collect();
                let problem = format!("class {label:?} is unknown; known are {}", known.join(", "));
                BenchError::form(&path, problem)
            })
        };
        let classes = data.class_names().iter().map(class_of);
        let classes: Vec<u32> = classes.collect::<Result<_, _>>()?;
        let labels = data.labels().iter().map(|&label| classes[label as usize]);
        let shown = self.classes.iter().map(|&(_, shown)| shown.to_owned());
        Ok(Dataset::new(
            data.features().to_owned(),
            labels.collect(),
            data.feature_names().to_vec(),
            shown.collect(),
        )?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn columns_and_classes_are_found_by_name_and_an_unknown_class_is_named() {
        const TABLE: Described = Described {
            file: "t.csv",
            target: "y",
            classes: &[("yes", "positive"), ("no", "negative")],
            left_out: &["maybe"],
        };
        let folder = tempfile::tempdir().unwrap();
        let load = |text: &str| {
            fs::write(folder.path().join("t.csv"), text).unwrap();
            let manifest = format!(
                "[[file]]\nname = \"t.csv\"\nbytes = {}\nsha256 = \"{}\"\norigin = \"\"\nlicence = \"\"\n",
                text.len(),
                art_data::sha256_hex(text.as_bytes())
            );
            fs::write(folder.path().join(super::super::MANIFEST), manifest).unwrap();
            TABLE.load(&DataFolder::open(folder.path()).unwrap())
        };
        let data = load("a,y,b\n1,yes,2\n5,maybe,5\n3,no,4.5\n").unwrap();
        assert_eq!(data.feature_names(), ["a", "b"]);
        assert_eq!(data.labels(), [0, 1]);
        assert_eq!(data.features_as_slice(), [1.0, 2.0, 3.0, 4.5]);
        assert_eq!(data.class_names(), ["positive", "negative"]);
        let error = load("a,y\n1,no\n1,nein\n").unwrap_err().to_string();
        assert!(
            error.contains("t.csv: class \"nein\" is unknown; known are yes, no"),
            "{error}"
        );
    }
}
