//! Rows that belong together: several of one patient, customer or machine.

use super::{Column, LabelledFrame, MISSING, Values};

/// Fewest different values of a column that may say whose row it is; half as many where its name says so.
const FEWEST_VALUES: usize = 20;
/// Most rows a value on average, where the name of the column says nothing.
const MOST_ROWS_EACH: usize = 20;
/// Most columns that are tried, most that they are judged by, and most pairs of rows that are looked at.
const MOST_COLUMNS: usize = 100;
const MOST_PAIRS: usize = 2_000;
/// Fewest pairs from which anything is concluded.
const FEWEST_PAIRS: usize = 20;
/// Resemblance of rows that have a column in common, of those that resemble each other in it, and of those that share a class.
const COMMON: f64 = 0.9;
const SIMILAR: f64 = 0.3;
const SAME_CLASS: f64 = 0.5;

/// A column whose rows with the same value belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinship {
    /// Its name.
    pub column: String,
    /// Rows with a value.
    pub rows: usize,
    /// Different values.
    pub n_values: usize,
    /// Columns that such rows have in common, nearly all of them.
    pub common: Vec<String>,
    /// Whether they share the class far more than others do.
    pub share_class: bool,
}

impl LabelledFrame {
    /// Columns, of this table or among `left_out` ones of the same rows, whose rows with the same value resemble each other far
    /// more than rows with neighboring values do.
    ///
    /// Such a column holds words or whole numbers, at least twenty different ones, most of which come again, and twenty rows
    /// each at most. Resemblance in a column of words is the share of equal pairs, in one of numbers 1 less three times the
    /// mean distance of their ranks, and what counts is how much of the way it goes from that of rows with neighboring values
    /// to 1: a quantity that repeats is no further than its neighbors are. It must be nine tenths of the way in two columns and
    /// three tenths in a quarter of them; where the name of the column is that of an identifier, one column, a third of them
    /// or the class (half the way) are enough.
    pub fn kinships(&self, left_out: &[Column]) -> Vec<Kinship> {
        let own = self.frame().columns().iter();
        let own = own.filter(|column| column.name != self.target());
        let tried = own.chain(left_out).filter_map(Candidate::of);
        let mut tried: Vec<Candidate<'_>> = tried.collect();
        // Those with a telling name first, where there are too many.
        tried.sort_by_key(|candidate| !candidate.is_named);
        tried.truncate(MOST_COLUMNS);
        if tried.is_empty() {
            return vec![];
        }
        let features = self.feature_columns();
        let features: Vec<&Column> = features.filter(|c| !c.values.is_constant()).collect();
        let step = features.len().div_ceil(MOST_COLUMNS).max(1);
        let traits = features.into_iter().step_by(step);
        let traits: Vec<(&str, Trait<'_>)> =
            traits.map(|c| (&*c.name, Trait::of(&c.values))).collect();
        let found = tried
            .iter()
            .filter_map(|c| c.kinship(&traits, self.labels()));
        found.collect()
    }
}

/// A column that may say whose row it is.
struct Candidate<'a> {
    name: &'a str,
    is_named: bool,
    rows: usize,
    /// Rows with the same value, in the order of the values.
    groups: Vec<Vec<u32>>,
}

impl<'a> Candidate<'a> {
    fn of(column: &'a Column) -> Option<Self> {
        let mut keyed: Vec<(f64, u32)> = match &column.values {
            Values::Numbers(numbers) => {
                let present = numbers.iter().zip(0..).filter(|(x, _)| !x.is_nan());
                present.map(|(&x, row)| (x, row)).collect()
            }
            Values::Words { codes, .. } => {
                let present = codes.iter().zip(0..).filter(|(code, _)| **code != MISSING);
                present.map(|(&code, row)| (f64::from(code), row)).collect()
            }
        };
        if keyed.iter().any(|(key, _)| key.fract() != 0.0) {
            return None;
        }
        keyed.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let groups = keyed.chunk_by(|a, b| a.0 == b.0);
        let groups: Vec<Vec<u32>> = groups
            .map(|group| group.iter().map(|(_, row)| *row).collect())
            .collect();
        let rows = keyed.len();
        let is_named = is_name_of_identifier(&column.name);
        let of_several = groups.iter().filter(|group| group.len() > 1).map(Vec::len);
        let repeat = 5 * of_several.sum::<usize>() >= rows;
        let is_many = if is_named {
            2 * groups.len() >= FEWEST_VALUES
        } else {
            groups.len() >= FEWEST_VALUES && rows <= MOST_ROWS_EACH * groups.len()
        };
        (repeat && is_many).then_some(Self {
            name: &column.name,
            is_named,
            rows,
            groups,
        })
    }

    fn kinship(&self, traits: &[(&str, Trait<'_>)], labels: &[u32]) -> Option<Kinship> {
        let inside = |group: &Vec<u32>| {
            let pairs = group.windows(2).map(|pair| (pair[0], pair[1]));
            pairs.collect::<Vec<_>>()
        };
        let within = thinned(self.groups.iter().flat_map(inside).collect());
        let beside = |pair: &[Vec<u32>]| Some((*pair[0].last()?, *pair[1].first()?));
        let beside = thinned(self.groups.windows(2).filter_map(beside).collect());
        if within.len() < FEWEST_PAIRS {
            return None;
        }
        let mut common = vec![];
        let (mut n_similar, mut n) = (0, 0);
        for (name, values) in traits.iter().filter(|(name, _)| *name != self.name) {
            let Some(excess) = values.excess(&within, &beside) else {
                continue;
            };
            n += 1;
            n_similar += usize::from(excess >= SIMILAR);
            if excess >= COMMON {
                common.push((*name).to_owned());
            }
        }
        let share_class = Trait::Words(labels)
            .excess(&within, &beside)
            .is_some_and(|excess| excess >= SAME_CLASS);
        let belong = if self.is_named {
            !common.is_empty() || (n > 0 && 3 * n_similar >= n) || share_class
        } else {
            common.len() >= 2 && 4 * n_similar >= n
        };
        belong.then(|| Kinship {
            column: self.name.to_owned(),
            rows: self.rows,
            n_values: self.groups.len(),
            common,
            share_class,
        })
    }
}

/// At most so many pairs, evenly spaced.
fn thinned(pairs: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    let step = pairs.len().div_ceil(MOST_PAIRS).max(1);
    pairs.into_iter().step_by(step).collect()
}

/// Values that rows may have in common.
enum Trait<'a> {
    Words(&'a [u32]),
    /// The share of rows below each, of equals the middle; NaN where it is missing.
    Ranks(Vec<f64>),
}

impl<'a> Trait<'a> {
    fn of(values: &'a Values) -> Self {
        match values {
            Values::Words { codes, .. } => Self::Words(codes),
            Values::Numbers(numbers) => Self::Ranks(ranks(numbers)),
        }
    }

    /// How much of the way from the resemblance of `beside` to 1 that of `within` goes; none where that cannot be said.
    fn excess(&self, within: &[(u32, u32)], beside: &[(u32, u32)]) -> Option<f64> {
        let (within, beside) = (self.resemblance(within)?, self.resemblance(beside)?);
        (beside < 1.0).then(|| (within - beside) / (1.0 - beside))
    }

    fn resemblance(&self, pairs: &[(u32, u32)]) -> Option<f64> {
        let of = |&(a, b): &(u32, u32)| {
            let (a, b) = (a as usize, b as usize);
            match self {
                Self::Words(codes) if codes[a] == MISSING || codes[b] == MISSING => None,
                Self::Words(codes) => Some(f64::from(u8::from(codes[a] == codes[b]))),
                Self::Ranks(ranks) => {
                    let far = (ranks[a] - ranks[b]).abs();
                    (!far.is_nan()).then_some(1.0 - 3.0 * far)
                }
            }
        };
        let known: Vec<f64> = pairs.iter().filter_map(of).collect();
        (known.len() >= FEWEST_PAIRS / 2).then(|| known.iter().sum::<f64>() / known.len() as f64)
    }
}

fn ranks(numbers: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..numbers.len())
        .filter(|&row| !numbers[row].is_nan())
        .collect();
    order.sort_unstable_by(|&a, &b| numbers[a].total_cmp(&numbers[b]));
    let n = order.len() as f64;
    let mut ranks = vec![f64::NAN; numbers.len()];
    let mut before = 0;
    for equal in order.chunk_by(|&a, &b| numbers[a] == numbers[b]) {
        let middle = before as f64 + equal.len() as f64 / 2.0;
        for &row in equal {
            ranks[row] = middle / n;
        }
        before += equal.len();
    }
    ranks
}

/// Whether a column is called as identifiers are: `id` as its last word, or whose rows it has.
fn is_name_of_identifier(name: &str) -> bool {
    const OWNERS: [&str; 20] = [
        "patient",
        "subject",
        "customer",
        "client",
        "person",
        "user",
        "member",
        "account",
        "household",
        "family",
        "employee",
        "student",
        "animal",
        "machine",
        "device",
        "vehicle",
        "session",
        "participant",
        "respondent",
        "owner",
    ];
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect();
    let has_id = words.last().is_some_and(|word| word == "id")
        || name.ends_with("Id")
        || name.ends_with("ID");
    has_id
        || matches!(&words[..], [word] if OWNERS.iter().any(|owner| {
            word.strip_prefix(owner).is_some_and(|rest| ["", "s", "id", "no", "nr", "number", "code", "key"].contains(&rest))
        }))
        || matches!(&words[..], [owner, last] if OWNERS.contains(&&**owner) && ["no", "nr", "number", "code", "key"].contains(&&**last))
}

#[cfg(test)]
mod tests {
    use super::super::Frame;
    use super::*;

    /// Something without any order, from 0 to 1.
    fn scattered(seed: u32) -> f64 {
        f64::from(seed.wrapping_mul(2_654_435_769) >> 8) / f64::from(1 << 24)
    }

    /// 100 people of three visits each, of whom age and sex stay, and a price that goes with a size.
    fn visits(id: &str) -> (LabelledFrame, Vec<u32>) {
        let rows = 0..300_u32;
        let of = |row: u32| row / 3;
        let numbers =
            |number: &dyn Fn(u32) -> f64| Values::Numbers(rows.clone().map(number).collect());
        let columns = [
            (id, numbers(&|row| f64::from(of(row)))),
            (
                "age",
                numbers(&|row| (50.0 * scattered(of(row) + 7)).round()),
            ),
            (
                "weight",
                numbers(&|row| 50.0 + 40.0 * scattered(of(row) + 999)),
            ),
            (
                "size",
                numbers(&|row| (60.0 * scattered(row + 5_000)).round()),
            ),
            (
                "price",
                numbers(&|row| (60.0 * scattered(row + 5_000)).round() * 3.0),
            ),
            ("pulse", numbers(&|row| scattered(row + 12_345))),
        ];
        let frame = Frame {
            path: "t.csv".into(),
            columns: columns
                .into_iter()
                .map(|(name, values)| Column::new(name, values))
                .collect(),
            n_rows: 300,
            n_before: 0,
            kept: None,
        };
        let labels: Vec<u32> = rows
            .map(|row| u32::from(scattered(row + 77) < 0.3))
            .collect();
        let names = vec!["no".into(), "yes".into()];
        (
            LabelledFrame::of_classes(frame, labels.clone(), names).unwrap(),
            labels,
        )
    }

    #[test]
    fn rows_of_a_person_belong_together_and_those_with_an_equal_quantity_do_not() {
        for id in ["patient_id", "x"] {
            let (table, _) = visits(id);
            let found = table.kinships(&[]);
            let expected = Kinship {
                column: id.into(),
                rows: 300,
                n_values: 100,
                common: vec!["age".into(), "weight".into()],
                share_class: false,
            };
            assert_eq!(found, [expected]);
        }
    }

    #[test]
    fn a_column_that_is_left_out_is_looked_at_too() {
        let (table, labels) = visits("x");
        let Values::Numbers(numbers) = table.frame().columns()[0].values.clone() else {
            panic!("numbers");
        };
        let words = Values::Words {
            levels: (0..100).map(|n| format!("p{n:03}")).collect(),
            codes: numbers.iter().map(|x| *x as u32).collect(),
        };
        let id = Column::new("who", words);
        let frame = table.frame().clone().without(&["x".into()]);
        let names = vec!["no".into(), "yes".into()];
        let table = LabelledFrame::of_classes(frame, labels, names).unwrap();
        assert_eq!(table.kinships(&[]), []);
        assert_eq!(table.kinships(&[id])[0].column, "who");
    }

    #[test]
    fn names_of_identifiers_are_known() {
        for name in [
            "id",
            "ID",
            "patient_id",
            "customerId",
            "Customer",
            "clients",
            "account no",
            "userkey",
        ] {
            assert!(is_name_of_identifier(name), "{name}");
        }
        for name in [
            "age",
            "humid",
            "valid",
            "paid",
            "user rating",
            "family history",
            "identity",
            "x1",
        ] {
            assert!(!is_name_of_identifier(name), "{name}");
        }
    }
}
