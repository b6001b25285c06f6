//! Columns that give the answer away: how well each one alone predicts the class of rows that it was not fitted to.

use super::{LabelledFrame, MISSING, Values};
use art_core::{ConfusionMatrix, CoreError, Seed, elementary::ln};

/// Macro F1 on held-out rows from which a column alone is said to give the answer away.
const NEARLY_PERFECT: f64 = 0.95;
/// Fewest rows of a class for its F1 to count: two in each half.
const FEWEST_OF_CLASS: usize = 4;
/// Fewest rows of a table, and fewest rows with or without a value, that anything is said of.
const FEWEST: usize = 10;
/// Natural logarithm of the chance at which rows of one class are no accident: one in a million.
const NO_ACCIDENT: f64 = -13.8;
/// Fewest fitted rows between two thresholds.
const FEWEST_OF_LEAF: usize = 2;
/// Most thresholds above one another, for two classes.
const DEPTH: u32 = 7;

/// A column that gives the answer away.
#[derive(Clone, Debug, PartialEq)]
pub struct Telltale {
    /// Its name.
    pub column: String,
    /// What of it does.
    pub sign: TelltaleSign,
}

/// What of a column gives the answer away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TelltaleSign {
    /// Its values predict nearly every row.
    Values {
        /// Macro F1 on held-out rows.
        macro_f1: f64,
    },
    /// Whether it has a value predicts nearly every row.
    Presence {
        /// Macro F1 on held-out rows.
        macro_f1: f64,
    },
    /// Where it has a value (or where it has none) nearly all rows are of one class.
    OneClass {
        /// Whether these rows are those with a value.
        is_present: bool,
        /// How many rows.
        rows: usize,
        /// The class.
        class: usize,
    },
}

impl LabelledFrame {
    /// The features that give the answer away: a column alone, or whether it has a value, predicts the class of held-out
    /// rows almost perfectly (macro F1 of 0.95 or more), or ten or more rows with a value, or without one, are all but
    /// one in a hundred of one class where chance would do that once in a million tables.
    ///
    /// The rows of each class are halved at random (a fixed stream), a rule is fitted to each half and judged on the other,
    /// so that names of rows predict nothing: for words the most frequent class of each, for numbers a decision tree of at
    /// most a few hundred leaves. Classes of fewer than four rows do not count. It takes O(n log n) a column.
    ///
    /// # Errors
    /// None for a table that could be made.
    pub fn telltales(&self) -> Result<Vec<Telltale>, CoreError> {
        let mut telltales = vec![];
        if self.labels().len() < FEWEST {
            return Ok(telltales);
        }
        let judge = Judge::new(self)?;
        for column in self.feature_columns() {
            if let Some(sign) = judge.sign(&column.values)? {
                telltales.push(Telltale {
                    column: column.name.clone(),
                    sign,
                });
            }
        }
        Ok(telltales)
    }
}

/// What all columns of a table are judged by.
struct Judge<'a> {
    labels: &'a [u32],
    counts: Vec<usize>,
    /// Whether a row is in the second half.
    is_second: Vec<bool>,
}

impl<'a> Judge<'a> {
    fn new(table: &'a LabelledFrame) -> Result<Self, CoreError> {
        let index = table.class_index()?;
        let mut is_second = vec![false; table.labels().len()];
        for class in 0..index.n_classes() {
            let mut rows = index.rows(class).to_vec();
            let mut stream = Seed::new(0).stream("held-out half", class as u64);
            stream.shuffle(&mut rows);
            for row in rows.iter().skip(1).step_by(2) {
                is_second[*row as usize] = true;
            }
        }
        Ok(Self {
            labels: table.labels(),
            counts: index.counts().as_slice().to_vec(),
            is_second,
        })
    }

    fn sign(&self, values: &Values) -> Result<Option<TelltaleSign>, CoreError> {
        let n_missing = values.n_missing();
        let is_mixed = n_missing > 0 && n_missing < self.labels.len();
        let presence: Vec<u32> = match values {
            _ if !is_mixed => vec![],
            Values::Numbers(numbers) => numbers.iter().map(|x| u32::from(x.is_nan())).collect(),
            Values::Words { codes, .. } => codes.iter().map(|&c| u32::from(c == MISSING)).collect(),
        };
        if is_mixed {
            let macro_f1 = self.of_words(&presence, 2)?;
            if macro_f1 >= NEARLY_PERFECT {
                return Ok(Some(TelltaleSign::Presence { macro_f1 }));
            }
        }
        let macro_f1 = match values {
            Values::Numbers(numbers) => self.of_numbers(numbers)?,
            Values::Words { levels, codes } => self.of_words(codes, levels.len())?,
        };
        if macro_f1 >= NEARLY_PERFECT {
            return Ok(Some(TelltaleSign::Values { macro_f1 }));
        }
        let found = [true, false]
            .into_iter()
            .find_map(|present| self.one_class(&presence, present));
        Ok(found)
    }

    /// The class of nearly all rows with a value, or without one.
    fn one_class(&self, presence: &[u32], is_present: bool) -> Option<TelltaleSign> {
        let mut counts = vec![0_usize; self.counts.len()];
        let rows = presence.iter().zip(self.labels);
        for (_, &label) in rows.filter(|(missing, _)| (**missing == 0) == is_present) {
            counts[label as usize] += 1;
        }
        let rows: usize = counts.iter().sum();
        let class = largest(&counts);
        let share = self.counts[class] as f64 / self.labels.len() as f64;
        let is_one = rows >= FEWEST && 100 * (rows - counts[class]) <= rows;
        (is_one && rows as f64 * ln(share) < NO_ACCIDENT).then_some(TelltaleSign::OneClass {
            is_present,
            rows,
            class,
        })
    }

    /// Macro F1 on held-out rows of the most frequent class of each word; a missing one is a word too.
    fn of_words(&self, codes: &[u32], n_levels: usize) -> Result<f64, CoreError> {
        let place = |code: u32| (code as usize).min(n_levels);
        self.held_out(|fitted| {
            let mut pairs: Vec<(usize, u32)> = fitted
                .iter()
                .map(|&row| (place(codes[row]), self.labels[row]))
                .collect();
            pairs.sort_unstable();
            let mut class_of = vec![self.most_frequent(fitted); n_levels + 1];
            for of_word in pairs.chunk_by(|a, b| a.0 == b.0) {
                let classes = of_word.chunk_by(|a, b| a.1 == b.1);
                // Of equals the first, as `max_by_key` has it backwards.
                let most = classes.rev().max_by_key(|rows| rows.len());
                class_of[of_word[0].0] = most.map_or(0, |rows| rows[0].1);
            }
            Box::new(move |row| class_of[place(codes[row])])
        })
    }

    /// Macro F1 on held-out rows of a decision tree on a number; a missing one is a branch of its own.
    fn of_numbers(&self, numbers: &'a [f64]) -> Result<f64, CoreError> {
        self.held_out(|fitted| {
            let (missing, present): (Vec<usize>, Vec<usize>) =
                fitted.iter().partition(|&&row| numbers[row].is_nan());
            let mut pairs: Vec<(f64, u32)> = present
                .iter()
                .map(|&row| (numbers[row], self.labels[row]))
                .collect();
            pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let without = self.most_frequent(if missing.is_empty() { fitted } else { &missing });
            let mut leaves = vec![];
            let depth = DEPTH + self.counts.len().ilog2();
            grow(&pairs, f64::INFINITY, depth, self.counts.len(), &mut leaves);
            Box::new(move |row| {
                let number = numbers[row];
                let leaf = leaves.partition_point(|&(below, _)| below <= number);
                if number.is_nan() || leaves.is_empty() {
                    without
                } else {
                    leaves[leaf.min(leaves.len() - 1)].1
                }
            })
        })
    }

    fn most_frequent(&self, rows: &[usize]) -> u32 {
        let mut counts = vec![0; self.counts.len()];
        for &row in rows {
            counts[self.labels[row] as usize] += 1;
        }
        largest(&counts) as u32
    }

    /// Macro F1 of the rules that `fit` makes of each half, on the other half.
    fn held_out(
        &self,
        fit: impl Fn(&[usize]) -> Box<dyn Fn(usize) -> u32 + 'a>,
    ) -> Result<f64, CoreError> {
        let mut matrix = ConfusionMatrix::new(self.counts.len())?;
        for half in [false, true] {
            let (judged, fitted): (Vec<usize>, Vec<usize>) =
                (0..self.labels.len()).partition(|&row| self.is_second[row] == half);
            let predict = fit(&fitted);
            for row in judged {
                matrix.record(self.labels[row], predict(row))?;
            }
        }
        let f1 = matrix.per_class_f1();
        let counted = f1
            .iter()
            .zip(&self.counts)
            .filter(|(_, n)| **n >= FEWEST_OF_CLASS);
        let counted: Vec<f64> = counted.map(|(f1, _)| *f1).collect();
        // One class that counts has nothing to be told from.
        Ok(if counted.len() < 2 {
            0.0
        } else {
            counted.iter().sum::<f64>() / counted.len() as f64
        })
    }
}

/// The position of the largest count, of equals the first.
fn largest(counts: &[usize]) -> usize {
    let most = counts.iter().max().copied().unwrap_or(0);
    counts.iter().position(|&n| n == most).unwrap_or(0)
}

/// Appends the leaves of a tree on sorted numbers with their classes, each with the bound below which it is: numbers from one
/// bound on belong to the next leaf. Of all bounds that with the least Gini impurity is taken, of equals the lowest.
fn grow(
    rows: &[(f64, u32)],
    bound: f64,
    depth: u32,
    n_classes: usize,
    leaves: &mut Vec<(f64, u32)>,
) {
    if rows.is_empty() {
        return;
    }
    let mut right = vec![0_usize; n_classes];
    for &(_, class) in rows {
        right[class as usize] += 1;
    }
    let class = largest(&right);
    let square = |n: usize| n as f64 * n as f64;
    let mut of_right: f64 = right.iter().map(|&n| square(n)).sum();
    let whole = of_right / rows.len() as f64;
    let mut best = (whole, 0);
    if depth > 0 && right[class] < rows.len() {
        let (mut left, mut of_left) = (vec![0_usize; n_classes], 0.0);
        for (place, pair) in rows.windows(2).enumerate() {
            let class = pair[0].1 as usize;
            of_left += 2.0 * left[class] as f64 + 1.0;
            of_right -= 2.0 * right[class] as f64 - 1.0;
            left[class] += 1;
            right[class] -= 1;
            let (n_left, n_right) = (place + 1, rows.len() - place - 1);
            let purity = of_left / n_left as f64 + of_right / n_right as f64;
            let is_bound = pair[0].0 < pair[1].0;
            if is_bound && n_left.min(n_right) >= FEWEST_OF_LEAF && purity > best.0 + 1e-9 {
                best = (purity, n_left);
            }
        }
    }
    match best.1 {
        0 => leaves.push((bound, class as u32)),
        place => {
            let (low, high) = rows.split_at(place);
            let between = f64::midpoint(low[place - 1].0, high[0].0);
            grow(low, between, depth - 1, n_classes, leaves);
            grow(high, bound, depth - 1, n_classes, leaves);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Column, Frame};
    use super::*;

    fn table(columns: Vec<(&str, Values)>, labels: Vec<u32>, n_classes: u32) -> LabelledFrame {
        let columns = columns.into_iter();
        let columns = columns.map(|(name, values)| Column::new(name, values));
        let frame = Frame {
            path: "t.csv".into(),
            columns: columns.collect(),
            n_rows: labels.len(),
            n_before: 0,
            kept: None,
        };
        let names = (0..n_classes).map(|class| class.to_string()).collect();
        LabelledFrame::of_classes(frame, labels, names).unwrap()
    }

    fn numbers(n_rows: u32, number: impl Fn(u32) -> f64) -> Values {
        Values::Numbers((0..n_rows).map(number).collect())
    }

    fn words(n_rows: u32, n_levels: u32, code: impl Fn(u32) -> u32) -> Values {
        Values::Words {
            levels: (0..n_levels).map(|level| format!("w{level:05}")).collect(),
            codes: (0..n_rows).map(code).collect(),
        }
    }

    /// Numbers without any order.
    fn scattered(row: u32) -> f64 {
        f64::from(row.wrapping_mul(2_654_435_769) >> 8)
    }

    #[test]
    fn copies_of_the_label_give_it_away_and_names_and_noise_do_not() {
        let n = 600;
        let label = |row: u32| row % 10 / 4;
        let columns = vec![
            (
                "coded",
                numbers(n, |row| f64::from([7, 3, 5][label(row) as usize])),
            ),
            ("spelt", words(n, 3, label)),
            ("name", words(n, n, |row| row)),
            ("number", numbers(n, f64::from)),
            ("noise", numbers(n, scattered)),
            ("half", words(n, 2, |row| u32::from(label(row) == 0))),
            ("void", numbers(n, |_| f64::NAN)),
        ];
        let table = table(columns, (0..n).map(label).collect(), 3);
        let found = table.telltales().unwrap();
        let sign = TelltaleSign::Values { macro_f1: 1.0 };
        let expected = ["coded", "spelt"].map(|column| Telltale {
            column: column.into(),
            sign,
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn a_value_that_a_class_alone_has_is_found_however_rare_the_class_is() {
        let n = 2_000;
        let label = |row: u32| u32::from(row % 100 == 7);
        let only = |row| {
            if label(row) == 1 {
                scattered(row)
            } else {
                f64::NAN
            }
        };
        let above = |row| scattered(row) + if label(row) == 1 { 2e7 } else { 0.0 };
        let filled = |row: u32| if row % 200 == 7 { 1.0 } else { f64::NAN };
        let columns = vec![
            ("only", numbers(n, only)),
            ("above", numbers(n, above)),
            ("filled", numbers(n, filled)),
            ("noise", numbers(n, scattered)),
        ];
        let table = table(columns, (0..n).map(label).collect(), 2);
        let found = table.telltales().unwrap();
        let names: Vec<&str> = found.iter().map(|t| &*t.column).collect();
        assert_eq!(names, ["only", "above", "filled"]);
        assert_eq!(found[0].sign, TelltaleSign::Presence { macro_f1: 1.0 });
        let one_class = TelltaleSign::OneClass {
            is_present: true,
            rows: 10,
            class: 1,
        };
        assert_eq!(found[2].sign, one_class);
    }

    #[test]
    fn a_strong_feature_is_not_called_perfect() {
        let n = 900;
        let columns = vec![(
            "x",
            numbers(n, |row| f64::from(row % 3 * 10 + row % 23 % 12)),
        )];
        let table = table(columns, (0..n).map(|row| row % 3).collect(), 3);
        assert_eq!(table.telltales().unwrap(), []);
    }
}
