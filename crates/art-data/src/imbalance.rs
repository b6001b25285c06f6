//! Makes a data set imbalanced on purpose, by leaving out rows.

use crate::error::DataError;
use art_core::{ClassCounts, ClassIndex, ParamError, Seed, elementary::powf};

/// Fewest minority rows that a binary ratio may leave: one for each part of a split.
const MIN_MINORITY: usize = 3;

/// Which class is the large end of a long tail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClassOrder {
    /// Class 0 is the largest.
    #[default]
    ByLabel,
    /// A random order, from the stream (`imbalance`, K).
    Shuffled,
}

/// How many rows of each class to keep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Imbalance {
    /// `floor(largest · factor^(rank / (K − 1)))`: from `largest` down to `factor · largest`.
    LongTailed {
        /// Rows of the first class.
        largest: usize,
        /// Imbalance factor, smallest over largest, in (0, 1].
        factor: f64,
        /// Which class comes first.
        order: ClassOrder,
    },
    /// The first `ceil(share · K)` classes keep `largest` rows, the others `factor` of it.
    Step {
        /// Rows of a majority class.
        largest: usize,
        /// Imbalance factor, smallest over largest, in (0, 1].
        factor: f64,
        /// Share of majority classes, usually one half.
        majority_share: f64,
    },
    /// Two classes at the ratio `ratio`, keeping as many rows as that allows.
    BinaryRatio {
        /// Imbalance ratio, majority over minority, at least 1.
        ratio: f64,
    },
}

impl Imbalance {
    /// Rows of each class to keep out of `available`.
    ///
    /// # Errors
    /// [`DataError::Param`] for a factor, share or ratio out of range,
    /// [`DataError::SmallClass`] when a class has fewer rows than it should keep, or a binary
    /// ratio leaves fewer than three minority rows.
    pub fn counts(&self, available: &ClassCounts, seed: Seed) -> Result<Vec<usize>, DataError> {
        let n_classes = available.n_classes();
        let counts = match *self {
            Self::LongTailed {
                largest,
                factor,
                order,
            } => {
                check_factor(factor)?;
                let last_rank = n_classes.saturating_sub(1).max(1) as f64;
                let mut order_of_classes: Vec<usize> = (0..n_classes).collect();
                if order == ClassOrder::Shuffled {
                    seed.stream("imbalance", n_classes as u64)
                        .shuffle(&mut order_of_classes);
                }
                let mut counts = vec![0; n_classes];
                for (rank, class) in order_of_classes.into_iter().enumerate() {
                    counts[class] = floor(largest as f64 * powf(factor, rank as f64 / last_rank));
                }
                counts
            }
            Self::Step {
                largest,
                factor,
                majority_share,
            } => {
                check_factor(factor)?;
                if !(0.0..=1.0).contains(&majority_share) {
                    let expected = "a share from 0 to 1";
                    return Err(ParamError::new("majority_share", majority_share, expected).into());
                }
                let n_majority = (majority_share * n_classes as f64 - 1e-9).ceil() as usize;
                let minority = floor(largest as f64 * factor);
                (0..n_classes)
                    .map(|class| {
                        if class < n_majority {
                            largest
                        } else {
                            minority
                        }
                    })
                    .collect()
            }
            Self::BinaryRatio { ratio } => binary_counts(available, ratio)?,
        };
        for (class, (&keep, &rows)) in counts.iter().zip(available.as_slice()).enumerate() {
            if keep == 0 {
                return Err(DataError::SmallClass {
                    class,
                    name: class.to_string(),
                    rows: 0,
                    needed: 1,
                    purpose: "a class after this imbalance",
                });
            }
            if keep > rows {
                return Err(DataError::SmallClass {
                    class,
                    name: class.to_string(),
                    rows,
                    needed: keep,
                    purpose: "this imbalance",
                });
            }
        }
        Ok(counts)
    }

    /// The rows to keep, ascending; chosen without replacement from the streams
    /// (`imbalance`, class).
    ///
    /// # Errors
    /// As [`Imbalance::counts`].
    pub fn rows(&self, index: &ClassIndex, seed: Seed) -> Result<Vec<u32>, DataError> {
        let mut kept = vec![];
        for (class, keep) in self.counts(index.counts(), seed)?.into_iter().enumerate() {
            let mut members = index.rows(class).to_vec();
            let mut stream = seed.stream("imbalance", class as u64);
            kept.extend_from_slice(stream.choose_distinct(&mut members, keep));
        }
        kept.sort_unstable();
        Ok(kept)
    }
}

/// The whole part of a product that may fall a rounding error short of a whole number.
fn floor(x: f64) -> usize {
    (x + 1e-9).floor() as usize
}

fn check_factor(factor: f64) -> Result<(), ParamError> {
    if factor > 0.0 && factor <= 1.0 {
        Ok(())
    } else {
        Err(ParamError::new(
            "factor",
            factor,
            "a number above 0 and at most 1",
        ))
    }
}

fn binary_counts(available: &ClassCounts, ratio: f64) -> Result<Vec<usize>, DataError> {
    let &[first, second] = available.as_slice() else {
        return Err(DataError::Length {
            what: "classes for a binary ratio",
            expected: 2,
            found: available.n_classes(),
        });
    };
    if !(ratio >= 1.0 && ratio.is_finite()) {
        return Err(ParamError::new("ratio", ratio, "a finite number, at least 1").into());
    }
    let (majority, minority) = (first.max(second) as f64, first.min(second) as f64);
    let (keep_majority, keep_minority) = if ratio * minority >= majority {
        (majority, (majority / ratio).round_ties_even())
    } else {
        ((ratio * minority).round_ties_even(), minority)
    };
    if (keep_minority as usize) < MIN_MINORITY {
        let class = usize::from(second <= first);
        return Err(DataError::SmallClass {
            class,
            name: class.to_string(),
            rows: keep_minority as usize,
            needed: MIN_MINORITY,
            purpose: "a class after this imbalance",
        });
    }
    let (keep_majority, keep_minority) = (keep_majority as usize, keep_minority as usize);
    Ok(if first >= second {
        vec![keep_majority, keep_minority]
    } else {
        vec![keep_minority, keep_majority]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(imbalance: Imbalance, available: &[usize]) -> Result<Vec<usize>, DataError> {
        imbalance.counts(&ClassCounts::new(available.to_vec()).unwrap(), Seed::new(1))
    }

    const MNIST_LT: Imbalance = Imbalance::LongTailed {
        largest: 1500,
        factor: 0.01,
        order: ClassOrder::ByLabel,
    };

    #[test]
    fn the_long_tail_of_the_paper_comes_out() {
        let expected = [1500, 899, 539, 323, 193, 116, 69, 41, 25, 15];
        assert_eq!(counts(MNIST_LT, &[1500; 10]).unwrap(), expected);
        let shuffled = Imbalance::LongTailed {
            largest: 1500,
            factor: 0.01,
            order: ClassOrder::Shuffled,
        };
        let mut shuffled = counts(shuffled, &[1500; 10]).unwrap();
        assert_ne!(shuffled, expected);
        shuffled.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(shuffled, expected);
    }

    #[test]
    fn steps_and_ratios_keep_what_they_can() {
        let step = Imbalance::Step {
            largest: 100,
            factor: 0.1,
            majority_share: 0.5,
        };
        assert_eq!(counts(step, &[100; 5]).unwrap(), [100, 100, 100, 10, 10]);
        let ratio = |ratio| counts(Imbalance::BinaryRatio { ratio }, &[500, 268]);
        assert_eq!(ratio(10.0).unwrap(), [500, 50]);
        assert_eq!(ratio(1.0).unwrap(), [268, 268]);
        assert!(ratio(200.0).unwrap_err().to_string().contains("has 2 rows"));
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        assert!(counts(MNIST_LT, &[1499; 10]).is_err());
        let vanishing = Imbalance::Step {
            largest: 50,
            factor: 0.01,
            majority_share: 0.5,
        };
        let error = counts(vanishing, &[50; 4]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "class 2 (2) has 0 rows, a class after this imbalance needs at least 1"
        );
        let bad = |factor| Imbalance::LongTailed {
            largest: 10,
            factor,
            order: ClassOrder::ByLabel,
        };
        for factor in [0.0, -1.0, 1.1, f64::NAN] {
            assert!(counts(bad(factor), &[10, 10]).is_err());
        }
        assert!(counts(Imbalance::BinaryRatio { ratio: 0.5 }, &[10, 10]).is_err());
        assert!(counts(Imbalance::BinaryRatio { ratio: 2.0 }, &[10, 10, 10]).is_err());
    }

    #[test]
    fn rows_are_distinct_ascending_and_of_the_right_classes() {
        let labels: Vec<u32> = (0..400).map(|row| row % 4).collect();
        let index = ClassIndex::new(&labels, 4).unwrap();
        let imbalance = Imbalance::LongTailed {
            largest: 90,
            factor: 0.1,
            order: ClassOrder::ByLabel,
        };
        let rows = imbalance.rows(&index, Seed::new(3)).unwrap();
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
        let kept: Vec<u32> = rows.iter().map(|&row| labels[row as usize]).collect();
        let kept = ClassCounts::from_labels(&kept, 4).unwrap();
        assert_eq!(
            kept.as_slice(),
            imbalance.counts(index.counts(), Seed::new(3)).unwrap()
        );
    }
}
