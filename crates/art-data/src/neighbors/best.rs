//! The nearest candidates seen so far for one query.

/// At most `k` candidates in the order (distance, row).
#[derive(Clone, Debug)]
pub(super) struct Best {
    k: usize,
    own_row: Option<u32>,
    found: Vec<(f64, u32)>,
}

impl Best {
    /// No candidate yet; `own_row` is the query's own number, which is never taken.
    pub(super) fn new(k: usize, own_row: Option<u32>) -> Self {
        Self {
            k,
            own_row,
            found: Vec::with_capacity(k + 1),
        }
    }

    /// How many candidates are wanted.
    pub(super) fn k(&self) -> usize {
        self.k
    }

    /// The query's own number.
    pub(super) fn own_row(&self) -> Option<u32> {
        self.own_row
    }

    /// Distance beyond which no candidate can enter; infinite until there are `k`.
    pub(super) fn worst(&self) -> f64 {
        if self.found.len() < self.k {
            f64::INFINITY
        } else {
            self.found[self.k - 1].0
        }
    }

    /// Takes the candidate if it is among the `k` nearest.
    pub(super) fn offer(&mut self, squared: f64, row: u32) {
        if self.own_row == Some(row) || squared > self.worst() {
            return;
        }
        let nearer = |&(other, other_row): &(f64, u32)| {
            other < squared || (other == squared && other_row < row)
        };
        let place = self.found.partition_point(nearer);
        if place < self.k {
            self.found.insert(place, (squared, row));
            self.found.truncate(self.k);
        }
    }

    /// How many candidates there are.
    pub(super) fn n_found(&self) -> usize {
        self.found.len()
    }

    /// Writes the candidates out, nearest first.
    pub(super) fn write(&self, rows: &mut [u32], squared: &mut [f64]) {
        for ((&(distance, row), row_slot), distance_slot) in
            self.found.iter().zip(rows).zip(squared)
        {
            *row_slot = row;
            *distance_slot = distance;
        }
    }
}
