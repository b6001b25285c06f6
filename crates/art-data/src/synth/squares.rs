use crate::{dataset::Dataset, error::DataError};
use art_core::{ParamError, Seed};
use ndarray::Array2;

/// Files and ranks of a chess board.
const SIDE: usize = 8;
const PAIRS: usize = SIDE * SIDE * SIDE * SIDE;
const CLASSES: [&str; 5] = ["mixed", "line", "white", "black", "same"];

/// Pairs of squares of a chess board: small integers with a rule of equalities and steps, as tables of endgames have them.
///
/// Four columns of integers from 1 to 8, file and rank of both squares. The class is `same` for one square twice, `line` for
/// two on the same file or rank, and by their colors `white`, `black` or `mixed` for the rest; a square is white where
/// file and rank make an odd sum. Of all 4096 pairs these are 64, 896, 800, 800 and 1536. No pair is drawn twice, so that no
/// answer can be remembered.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct SquarePairs {
    rows: usize,
}

impl SquarePairs {
    /// `rows` different pairs, at most 4096.
    pub fn new(rows: usize) -> Self {
        Self { rows }
    }

    /// The table, in an order and a choice of the stream (`synth.squares`, 0).
    ///
    /// # Errors
    /// [`DataError::Param`] for more rows than there are pairs; as [`Dataset::new`] for none.
    pub fn generate(&self, seed: Seed) -> Result<Dataset, DataError> {
        if self.rows > PAIRS {
            return Err(ParamError::new("rows", self.rows, "at most 4096").into());
        }
        let mut pairs: Vec<usize> = (0..PAIRS).collect();
        seed.stream("synth.squares", 0).shuffle(&mut pairs);
        pairs.truncate(self.rows);
        let mut features = Array2::zeros((self.rows, 4));
        let mut labels = vec![];
        for (mut row, pair) in features.rows_mut().into_iter().zip(pairs) {
            let place = |column: u32| pair / SIDE.pow(column) % SIDE;
            for (column, field) in row.iter_mut().enumerate() {
                *field = (place(column as u32) + 1) as f32;
            }
            labels.push(class([place(0), place(1)], [place(2), place(3)]));
        }
        let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect();
        let columns = ["first file", "first rank", "second file", "second rank"];
        Dataset::new(features, labels, names(&columns), names(&CLASSES))
    }
}

/// The class of two squares, each a file and a rank.
fn class(first: [usize; 2], second: [usize; 2]) -> u32 {
    let is_white = |[file, rank]: [usize; 2]| (file + rank) % 2 == 1;
    if first == second {
        return 4;
    }
    if first[0] == second[0] || first[1] == second[1] {
        return 1;
    }
    match (is_white(first), is_white(second)) {
        (true, true) => 2,
        (false, false) => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_pairs_have_the_classes_of_the_board() {
        let data = SquarePairs::new(PAIRS).generate(Seed::new(1)).unwrap();
        assert_eq!(data.class_counts().as_slice(), [1536, 896, 800, 800, 64]);
    }

    #[test]
    fn no_pair_is_drawn_twice_and_a_seed_draws_its_own() {
        let rows = |seed| {
            let data = SquarePairs::new(3000).generate(Seed::new(seed)).unwrap();
            let features = data.features();
            let rows = features.rows().into_iter();
            rows.map(|row| row.iter().map(|&x| x as u8).collect::<Vec<_>>())
                .collect::<Vec<_>>()
        };
        let mut sorted = rows(1);
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 3000);
        assert!(sorted.iter().flatten().all(|x| (1..=8).contains(x)));
        assert_eq!(rows(1), rows(1));
        assert_ne!(rows(1), rows(2));
    }

    #[test]
    fn more_pairs_than_there_are_are_refused() {
        assert!(SquarePairs::new(4097).generate(Seed::new(1)).is_err());
    }
}
