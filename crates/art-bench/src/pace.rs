//! How long cells take, by those that have a record.

use crate::{cell::CellRecord, plan::Left};
use std::{collections::BTreeMap, time::Duration};

/// How long cells take, by those that have a record.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    /// Seconds and number of cells by data set and method.
    measured: BTreeMap<(String, String), (f64, u32)>,
}

impl Pace {
    /// The pace of these records.
    pub(crate) fn of<'r>(records: impl IntoIterator<Item = &'r CellRecord>) -> Self {
        let mut pace = Self::default();
        for record in records {
            pace.take(record);
        }
        pace
    }

    pub(crate) fn take(&mut self, record: &CellRecord) {
        let spec = &record.result.spec;
        let key = (spec.dataset.clone(), spec.method.clone());
        let (seconds, n) = self.measured.entry(key).or_default();
        *seconds += record.measured.total.as_secs_f64();
        *n += 1;
    }

    /// Takes over what another one measured.
    pub(crate) fn join(&mut self, other: &Self) {
        for (key, (seconds, n)) in &other.measured {
            let own = self.measured.entry(key.clone()).or_default();
            own.0 += seconds;
            own.1 += n;
        }
    }

    /// Mean seconds of the cells that `is_alike` holds for.
    fn mean(&self, is_alike: impl Fn(&(String, String)) -> bool) -> Option<f64> {
        let alike = self.measured.iter().filter(|(key, _)| is_alike(key));
        let (seconds, n) = alike.fold((0.0, 0), |sum, (_, one)| (sum.0 + one.0, sum.1 + one.1));
        (n > 0).then(|| seconds / f64::from(n))
    }

    /// Seconds of a cell of a data set and method, by the pace of cells of the same method on the same data set; of the data
    /// set where there is none; of all cells where there is none either. None where nothing was measured.
    pub(crate) fn seconds(&self, key: &(String, String)) -> Option<f64> {
        self.mean(|other| other == key)
            .or_else(|| self.mean(|other| other.0 == key.0))
            .or_else(|| self.mean(|_| true))
    }

    /// Seconds for the cells that are left, one after the other.
    pub(crate) fn seconds_left(&self, left: &Left) -> Option<f64> {
        let mut seconds = 0.0;
        for (key, n) in left {
            seconds += self.seconds(key)? * *n as f64;
        }
        Some(seconds)
    }

    /// Time for the cells that are left, `jobs` at a time.
    pub(crate) fn left(&self, left: &Left, jobs: usize) -> Option<Duration> {
        Duration::try_from_secs_f64(self.seconds_left(left)? / jobs as f64).ok()
    }
}

#[cfg(test)]
impl Pace {
    /// A pace that was measured on one cell of each data set and method.
    pub(crate) fn of_seconds(seconds: impl IntoIterator<Item = ((String, String), f64)>) -> Self {
        let measured = seconds.into_iter().map(|(key, one)| (key, (one, 1)));
        Self {
            measured: measured.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_goes_by_what_is_most_alike() {
        let key = |dataset: &str, method: &str| (dataset.to_owned(), method.to_owned());
        let pace = Pace {
            measured: [
                (key("pima", "art"), (4.0, 2)),
                (key("pima", "ros"), (6.0, 1)),
                (key("wine", "art"), (30.0, 1)),
            ]
            .into(),
        };
        let left = |dataset, method| {
            let left = [(key(dataset, method), 4)].into();
            pace.left(&left, 2).unwrap().as_secs_f64()
        };
        assert_eq!(left("pima", "art"), 4.0);
        assert!((left("pima", "rus") - 20.0 / 3.0).abs() < 1e-6);
        assert_eq!(left("yeast", "rus"), 20.0);
        assert!(
            Pace::default()
                .left(&[(key("pima", "art"), 1)].into(), 2)
                .is_none()
        );
    }
}
