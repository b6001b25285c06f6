//! Whole groups of rows dealt out to training, validation and test.

use crate::split::{SplitConfig, SplitRows};
use art_core::{ClassIndex, Seed, Stream};

/// Most divisions that are tried for a seed.
const MOST_TRIES: usize = 400;
/// Fewest, however many groups there are.
const FEWEST_TRIES: usize = 8;
/// Groups, once a class that each has, that all tries of a seed may deal out.
const WORK: usize = 400_000;
/// A part may always be off by this share of all rows, besides by the rows of the largest group.
const ALWAYS_ALLOWED: f64 = 0.02;
/// How much further off than the best one a division may be, in average groups and at least.
const SLACK_IN_GROUPS: f64 = 0.5;
const LEAST_SLACK: f64 = 0.005;

const PARTS: usize = 3;
const TRAIN: usize = 0;

impl SplitConfig {
    /// The rows of each part where rows of one group stay together: `groups` has the group of each row, counted from 0.
    /// Of divisions that are dealt out in random order (stream `group split`), one is drawn among those that are about as
    /// near to the shares as the best.
    ///
    /// A part's share of the rows is off by no more than the largest group's share or 2 %, whichever is more, wherever a
    /// division like that was found. Among those the ones come first that leave the fewest classes out of a part. A class
    /// that has a row in two groups or more keeps one of them for training, and one that is in a single group is trained on
    /// and no more. A part may be empty where groups are few.
    ///
    /// # Panics
    /// If there is not one group for each row of `index`.
    ///
    /// ```
    /// # use art_core::{ClassIndex, Seed};
    /// # use art_data::SplitParams;
    /// let index = ClassIndex::new(&[0, 1].repeat(30), 2)?;
    /// let groups: Vec<u32> = (0..60).map(|row| row / 2).collect(); // two rows each
    /// let parts = SplitParams::new().check()?.rows_of_groups(&groups, &index, Seed::new(1));
    /// assert!(parts.test.chunks(2).all(|pair| pair[0] / 2 == pair[1] / 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn rows_of_groups(&self, groups: &[u32], index: &ClassIndex, seed: Seed) -> SplitRows {
        assert_eq!(
            groups.len(),
            index.counts().n_rows(),
            "a group for each row"
        );
        let table = Groups::new(groups, index, self.shares());
        let mut random = seed.stream("group split", 0);
        let work: usize = table.counts.iter().map(Vec::len).sum();
        let tries = (WORK / work.max(1)).clamp(FEWEST_TRIES, MOST_TRIES);
        let mut candidates: Vec<(Vec<u8>, Distance)> = vec![];
        for attempt in 0..tries {
            let rule = [Rule::Neediest, Rule::ByLot][attempt % 2];
            let dealt = table.deal(rule, &mut random);
            if candidates.iter().all(|(known, _)| *known != dealt) {
                let distance = table.distance(&dealt);
                candidates.push((dealt, distance));
            }
        }
        // Parts without rows are worst, then those that are too large or too small, then those without a class.
        let worst = |distance: &Distance| {
            let Distance {
                empty_parts,
                is_beyond_bound,
                absent_classes,
                ..
            } = *distance;
            (empty_parts, is_beyond_bound, absent_classes)
        };
        let best = candidates.iter().map(|(_, distance)| worst(distance)).min();
        candidates.retain(|(_, distance)| Some(worst(distance)) == best);
        let nearest = candidates.iter().map(|(_, distance)| distance.of_classes);
        let nearest = nearest.fold(f64::INFINITY, f64::min);
        let slack = (SLACK_IN_GROUPS / table.counts.len() as f64).max(LEAST_SLACK);
        candidates.retain(|(_, distance)| distance.of_classes <= nearest + slack);
        let (dealt, _) = &candidates[random.below(candidates.len())];
        let mut parts: [Vec<u32>; PARTS] = [vec![], vec![], vec![]];
        for (row, &group) in groups.iter().enumerate() {
            parts[dealt[group as usize] as usize].push(row as u32);
        }
        let [train, valid, test] = parts;
        SplitRows { train, valid, test }
    }
}

/// Which part a group goes to.
#[derive(Clone, Copy)]
enum Rule {
    /// The one that lacks most of its classes, in relation to what it should have: near to the shares where groups are many.
    Neediest,
    /// One by lot, by how many rows of its classes each part still lacks: other divisions where groups are few or alike.
    ByLot,
}

/// How far a division is from the shares.
struct Distance {
    /// Parts that should have rows and have none.
    empty_parts: usize,
    /// Whether a part is off by more than the largest group.
    is_beyond_bound: bool,
    /// Classes that a part should have and has not, over the parts.
    absent_classes: usize,
    /// Mean over classes, and over all rows as one more, of the share of rows that lie in another part than they should.
    of_classes: f64,
}

/// What each part still lacks of these classes, in rows.
fn lots(counts: &[(usize, f64)], lacking: &[Vec<f64>; PARTS]) -> [f64; PARTS] {
    [0, 1, 2].map(|part: usize| {
        let of_class = |&(class, n): &(usize, f64)| n * lacking[part][class].max(0.0);
        counts.iter().map(of_class).sum()
    })
}

/// The groups of a table, by the classes of their rows.
struct Groups {
    shares: [f64; PARTS],
    /// Of each group: its classes and their rows.
    counts: Vec<Vec<(usize, f64)>>,
    /// Rows of each class.
    totals: Vec<f64>,
    /// Groups with rows of each class.
    holders: Vec<u32>,
    n_rows: f64,
    /// Rows of the largest group.
    largest: f64,
}

impl Groups {
    fn new(groups: &[u32], index: &ClassIndex, shares: [f64; PARTS]) -> Self {
        let n_groups = groups.iter().max().map_or(0, |&last| last as usize + 1);
        let mut counts: Vec<Vec<(usize, f64)>> = vec![vec![]; n_groups];
        let mut holders = vec![0; index.n_classes()];
        for (class, holders) in holders.iter_mut().enumerate() {
            for &row in index.rows(class) {
                let counts = &mut counts[groups[row as usize] as usize];
                match counts.last_mut() {
                    Some((last, n)) if *last == class => *n += 1.0,
                    _ => {
                        counts.push((class, 1.0));
                        *holders += 1;
                    }
                }
            }
        }
        let size = |counts: &Vec<(usize, f64)>| counts.iter().map(|(_, n)| n).sum();
        Self {
            shares,
            largest: counts.iter().map(size).fold(0.0, f64::max),
            counts,
            totals: index
                .counts()
                .as_slice()
                .iter()
                .map(|&n| n as f64)
                .collect(),
            holders,
            n_rows: groups.len() as f64,
        }
    }

    /// The part of each group, dealt out in random order.
    fn deal(&self, rule: Rule, random: &mut Stream) -> Vec<u8> {
        let mut order: Vec<usize> = (0..self.counts.len()).collect();
        random.shuffle(&mut order);
        // Groups of each class that are still to come or are in training already.
        let mut left = self.holders.clone();
        let mut lacking = self
            .shares
            .map(|share| self.totals.iter().map(|n| share * n).collect::<Vec<_>>());
        let mut dealt = vec![TRAIN as u8; self.counts.len()];
        for group in order {
            let counts = &self.counts[group];
            let is_last = counts.iter().any(|&(class, _)| left[class] == 1);
            let drawn = match rule {
                Rule::ByLot if !is_last => random.categorical(&lots(counts, &lacking)),
                _ => None,
            };
            let part = match drawn {
                _ if is_last => TRAIN,
                Some(part) => part,
                None => self.neediest(counts, &lacking),
            };
            for &(class, n) in counts {
                lacking[part][class] -= n;
                left[class] -= u32::from(part != TRAIN);
            }
            dealt[group] = part as u8;
        }
        dealt
    }

    /// The part that lacks most of these classes, in relation to what it should have; of equals the first.
    fn neediest(&self, counts: &[(usize, f64)], lacking: &[Vec<f64>; PARTS]) -> usize {
        let need = |part: usize| -> f64 {
            let of_class = |&(class, n): &(usize, f64)| {
                n * lacking[part][class] / (self.shares[part] * self.totals[class])
            };
            counts.iter().map(of_class).sum()
        };
        let wanted = (0..PARTS).filter(|&part| self.shares[part] > 0.0);
        let best = wanted.rev().max_by(|&a, &b| need(a).total_cmp(&need(b)));
        best.expect("there are parts")
    }

    fn distance(&self, dealt: &[u8]) -> Distance {
        let mut found = [(); PARTS].map(|()| vec![0.0; self.totals.len()]);
        for (&part, counts) in dealt.iter().zip(&self.counts) {
            for &(class, n) in counts {
                found[part as usize][class] += n;
            }
        }
        let rows = [0, 1, 2].map(|part: usize| found[part].iter().sum::<f64>());
        let off = |part: usize| (rows[part] - self.shares[part] * self.n_rows).abs();
        let bound = self.largest.max(ALWAYS_ALLOWED * self.n_rows);
        let of = |rows: [f64; PARTS], total: f64| {
            let parts = rows.iter().zip(&self.shares);
            let off = parts.map(|(n, share)| (n / total - share).abs());
            off.sum::<f64>() / 2.0
        };
        let classes = (0..self.totals.len()).filter(|&class| self.totals[class] > 0.0);
        let n_classes = classes.clone().count() as f64;
        let classes = classes.map(|class| {
            of(
                [0, 1, 2].map(|part: usize| found[part][class]),
                self.totals[class],
            )
        });
        let wanted = (0..PARTS).filter(|&part| self.shares[part] > 0.0);
        let absent = |part: usize| {
            let totals = found[part].iter().zip(&self.totals);
            totals
                .filter(|&(&n, &total)| n == 0.0 && total > 0.0)
                .count()
        };
        Distance {
            empty_parts: wanted.clone().filter(|&part| rows[part] == 0.0).count(),
            absent_classes: wanted.map(absent).sum(),
            is_beyond_bound: (0..PARTS).any(|part| off(part) > bound),
            of_classes: (classes.sum::<f64>() + of(rows, self.n_rows)) / (n_classes + 1.0),
        }
    }
}
