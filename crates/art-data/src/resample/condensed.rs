use super::{Resampled, Resampler, TomekLinks, clean::smallest_class};
use crate::gather::gather;
use crate::{dataset::Dataset, error::DataError, neighbors::NeighborSearch, roles::TrainSet};
use art_core::{ClassCounts, ClassIndex, Seed};

/// Condensed nearest neighbors (CNN): keeps rows of the larger classes until the rows kept so far classify the rest correctly.
///
/// For each class but the smallest: the store begins with the smallest class and one row of the class, drawn from the
/// stream (`cnn`, c). The other rows of the class are visited in order; one whose nearest row in the store is of
/// another class joins it. This is repeated until a pass adds nothing.
///
/// *Choice.* Rows of several classes are held against the smallest class one class at a time. imbalanced-learn makes a
/// single pass, skips rows that an earlier store classified correctly, and confuses row numbers there. What is kept
/// depends on the order of rows by design.
///
/// # References
/// Hart (1968), "The condensed nearest neighbor rule", IEEE Transactions on Information Theory 14, 515-516, doi
/// 10.1109/TIT.1968.1054155.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct CondensedNearestNeighbors;

/// One-sided selection (OSS): rows of larger classes that the smallest class and one row of their own misclassify, less
/// their Tomek links.
///
/// For each class but the smallest: the store is the smallest class and one row of the class, drawn from the stream
/// (`cnn`, c). Rows of the class whose nearest row in that store is of another class are kept beside it, the others go.
/// Then rows of [Tomek links](TomekLinks) go that are not of the smallest class.
///
/// # References
/// Kubat and Matwin (1997), "Addressing the curse of imbalanced training sets: one-sided selection", ICML, 179-186.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct OneSidedSelection;

/// Runs `choose` on each class but the smallest with a row of it; what it returns of the class stays.
fn select(
    train: &TrainSet,
    seed: Seed,
    choose: impl Fn(&Store<'_>, u32) -> Vec<u32>,
) -> Result<Resampled, DataError> {
    let data = train.data();
    let index = data.class_index()?;
    let Some(smallest) = smallest_class(index.counts()) else {
        return Ok(Resampled::unchanged(train));
    };
    let mut kept = index.rows(smallest).to_vec();
    for class in (0..index.n_classes()).filter(|&class| class != smallest) {
        let members = index.rows(class);
        if members.is_empty() {
            continue;
        }
        let mut stream = seed.stream("cnn", class as u64);
        let first = members[stream.below(members.len())];
        kept.extend(choose(&Store::new(data, &index, smallest, class), first));
    }
    Resampled::kept(train, kept)
}

/// The smallest class, and a class whose rows are held against it.
struct Store<'a> {
    data: &'a Dataset,
    smallest: &'a [u32],
    members: &'a [u32],
}

impl<'a> Store<'a> {
    fn new(data: &'a Dataset, index: &'a ClassIndex, smallest: usize, class: usize) -> Self {
        Self {
            data,
            smallest: index.rows(smallest),
            members: index.rows(class),
        }
    }

    /// Squared distances of the members to their nearest row of the smallest class, with that row.
    fn to_smallest(&self) -> Vec<(f64, u32)> {
        let [points, queries] =
            [self.smallest, self.members].map(|rows| gather(self.data.features(), rows));
        let nearest = NeighborSearch::new(points.view()).of_queries(queries.view(), 1);
        let of = |query: usize| {
            let place = nearest.rows(query)[0] as usize;
            (nearest.squared_distances(query)[0], self.smallest[place])
        };
        (0..self.members.len()).map(of).collect()
    }

    /// Whether `stored` lies nearer to `member` than its nearest row of the smallest class.
    fn answers(&self, stored: u32, member: u32, foreign: (f64, u32)) -> bool {
        let [one, other] = [stored, member].map(|row| self.data.row_as_slice(row));
        let mut squared = 0.0;
        // The sum only grows, so that most rows are ruled out by their first features.
        for (one, other) in one.chunks(32).zip(other.chunks(32)) {
            for (&a, &b) in one.iter().zip(other) {
                let difference = f64::from(a) - f64::from(b);
                squared += difference * difference;
            }
            if squared > foreign.0 {
                return false;
            }
        }
        is_nearer((squared, stored), foreign)
    }
}

/// Hart's rule: members join the store, which begins with `first`, until it answers for all of them.
///
/// A member that a stored one answers for is answered for ever, so only the others are measured to those that join.
fn condense(store: &Store<'_>, first: u32) -> Vec<u32> {
    let foreign = store.to_smallest();
    let mut stored = vec![first];
    let mut open: Vec<usize> = (0..store.members.len()).collect();
    // Rows below this one have been gone through in this pass.
    let mut passed = 0;
    loop {
        let newest = stored[stored.len() - 1];
        open.retain(|&place| {
            let member = store.members[place];
            member != newest && !store.answers(newest, member, foreign[place])
        });
        let next = open.partition_point(|&place| store.members[place] < passed);
        // At the end of a pass the next one begins.
        let Some(&place) = open.get(next).or(open.first()) else {
            break;
        };
        stored.push(store.members[place]);
        passed = store.members[place];
    }
    stored.sort_unstable();
    stored
}

/// `first`, and the members that lie nearer to the smallest class than to it.
fn one_sided(store: &Store<'_>, first: u32) -> Vec<u32> {
    let foreign = store.to_smallest();
    let members = store.members.iter().zip(foreign);
    let kept =
        members.filter(|&(&row, foreign)| row == first || !store.answers(first, row, foreign));
    kept.map(|(row, _)| *row).collect()
}

/// Whether the first of two rows, with their squared distances, is the nearer one; of equally near ones the lower is.
fn is_nearer(one: (f64, u32), other: (f64, u32)) -> bool {
    one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)).is_lt()
}

impl Resampler for CondensedNearestNeighbors {
    fn name(&self) -> &'static str {
        "cnn"
    }

    fn targets(&self, _: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        Ok(None)
    }

    fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, DataError> {
        select(train, seed, condense)
    }
}

impl Resampler for OneSidedSelection {
    fn name(&self) -> &'static str {
        "oss"
    }

    fn targets(&self, _: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        Ok(None)
    }

    fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, DataError> {
        without_links(train, select(train, seed, one_sided)?)
    }
}

/// Takes the rows of Tomek links that are not of the class that was smallest.
fn without_links(train: &TrainSet, selected: Resampled) -> Result<Resampled, DataError> {
    let smallest = smallest_class(&train.data().class_counts());
    let data = selected.train.data();
    let mut keep = vec![true; data.n_rows()];
    for (one, other) in TomekLinks::links(data) {
        for row in [one, other] {
            keep[row as usize] = Some(data.labels()[row as usize] as usize) == smallest;
        }
    }
    selected.retain(&keep)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    /// The one-dimensional fixture of the specification, with row 0 as the first of its class.
    #[test]
    fn the_fixture_of_the_specification_is_condensed() {
        let x = [0.0, 1.0, 2.1, 3.3, 4.6, 9.0, 2.5, 5.0, 5.7, 6.2];
        let features = Array2::from_shape_vec((10, 1), x.to_vec()).unwrap();
        let labels: Vec<u32> = (0..10).map(|row| u32::from(row >= 6)).collect();
        let names = |n: usize| (0..n).map(|i| i.to_string()).collect();
        let data = Dataset::new(features, labels, names(1), names(2)).unwrap();
        let train = TrainSet::new(data);
        let index = train.data().class_index().unwrap();
        let store = Store::new(train.data(), &index, 1, 0);
        assert_eq!(condense(&store, 0), [0, 2, 3, 4, 5]);
        let kept = [one_sided(&store, 0), vec![6, 7, 8, 9]].concat();
        assert_eq!(kept, [0, 2, 3, 4, 5, 6, 7, 8, 9]);
        let selected = Resampled::kept(&train, kept).unwrap();
        let left = without_links(&train, selected).unwrap();
        let left: Vec<u32> = left.origins.iter().map(|origin| origin.base()).collect();
        assert_eq!(left, [0, 3, 5, 6, 7, 8, 9]);
        assert_eq!(TomekLinks::links(train.data()), [(2, 6), (4, 7)]);
    }

    /// With the first rows that imbalanced-learn drew. Its CNN makes one pass of what is repeated here until it is at
    /// rest (`kept_by_rule`: without its confusion of row numbers), so that its rows are among these.
    #[test]
    fn rows_of_imbalanced_learn_are_kept() {
        let golden = include_str!("../../tests/golden/related.json");
        let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
        let rows = |value: &serde_json::Value| -> Vec<u32> {
            let rows = value.as_array().unwrap().iter();
            rows.map(|row| row.as_u64().unwrap() as u32).collect()
        };
        for case in golden["cases"].as_array().unwrap() {
            let features = case["features"].as_array().unwrap();
            let width = features[0].as_array().unwrap().len();
            let values = features.iter().flat_map(|row| row.as_array().unwrap());
            let values = values.map(|x| x.as_f64().unwrap() as f32).collect();
            let features = Array2::from_shape_vec((features.len(), width), values).unwrap();
            let labels = rows(&case["labels"]);
            let n_classes = *labels.iter().max().unwrap() as usize + 1;
            let names = |n: usize| (0..n).map(|i| i.to_string()).collect();
            let data = Dataset::new(features, labels, names(width), names(n_classes)).unwrap();
            let train = TrainSet::new(data);
            let index = train.data().class_index().unwrap();
            let smallest = smallest_class(index.counts()).unwrap();
            let run = |method: &str, rule: fn(&Store<'_>, u32) -> Vec<u32>| {
                let mut kept = index.rows(smallest).to_vec();
                for (class, first) in case[method]["seed_rows"].as_object().unwrap() {
                    let class = class.parse().unwrap();
                    let store = Store::new(train.data(), &index, smallest, class);
                    kept.extend(rule(&store, first.as_u64().unwrap() as u32));
                }
                Resampled::kept(&train, kept).unwrap()
            };
            let bases = |set: Resampled| -> Vec<u32> {
                set.origins.iter().map(|origin| origin.base()).collect()
            };
            let selected = without_links(&train, run("oss", one_sided)).unwrap();
            assert_eq!(
                bases(selected),
                rows(&case["oss"]["kept"]),
                "{}",
                case["name"]
            );
            let condensed = bases(run("cnn", condense));
            let theirs = rows(&case["cnn"]["kept_by_rule"]);
            assert!(
                theirs.iter().all(|row| condensed.contains(row)),
                "{}",
                case["name"]
            );
        }
    }
}
