use super::{
    Fallback, MakesRows, NearestOfAll, ResampleWarning, Resampled, Resampler, SeeMade, SmallRows,
    Streamed, TooFewNeighbors,
    made::MadeRows,
    over::{
        SmallClass, check_k, common_settings, enlarge, enlarge_shown, fallback_setting,
        same_of_class,
    },
};
use crate::{
    error::DataError, neighbors::NeighborSearch, roles::TrainSet, strategy::SamplingStrategy,
};
use art_core::{ClassCounts, Seed};

/// What the neighborhood of a row says about its danger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BorderlineZone {
    /// Less than half of its neighbors are of another class.
    Safe,
    /// At least half are, but not all.
    Danger,
    /// All are.
    Noise,
}

/// Which rows a row in danger moves towards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BorderlineVariant {
    /// Borderline-SMOTE 1: its k nearest rows of its class, any part of the way.
    #[default]
    OwnClass,
    /// Borderline-SMOTE 2: its k nearest rows of any class; at most half of the way to one of another class.
    AnyClass,
}

/// Borderline-SMOTE: SMOTE that starts from rows near the border of their class alone.
///
/// Of the m nearest rows among **all** training rows, q are of another class: all of them, and the row is noise; at
/// least half, and it is in danger; else it is safe. New rows start from rows in danger. The stream is (`bsmote`, c);
/// each row draws the base, the partner, the gap; the gap to a row of another class is halved.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `k` | 5 | whole numbers 1 to 15 |
/// | `m` | 10 | whole numbers 3 to 20 |
/// | `variant` | own class (1) | both |
/// | `strategy` | equal classes | ratio 0.25 to 1 |
///
/// A class without rows in danger follows the [`Fallback`].
///
/// *Choice.* The article makes a fixed number of rows from each row in danger; bases are drawn at random here, as in
/// libraries. Towards a row of another class imbalanced-learn shortens the step twice, by factors from equally seeded
/// generators (a quarter of the way at most on average). The article's half is taken here. With several classes
/// "another class" is any other one.
///
/// # References
/// Han, Wang and Mao (2005), "Borderline-SMOTE: a new over-sampling method in imbalanced data sets learning", ICIC,
/// 878-887, doi `10.1007/11538059_91`.
#[derive(Clone, Debug)]
#[must_use]
pub struct BorderlineSmote {
    k: usize,
    m: usize,
    variant: BorderlineVariant,
    strategy: SamplingStrategy,
    fallback: Fallback,
}

impl Default for BorderlineSmote {
    fn default() -> Self {
        Self::new()
    }
}

impl BorderlineSmote {
    /// Borderline-1 with k = 5, m = 10, equal classes.
    pub fn new() -> Self {
        Self {
            k: 5,
            m: 10,
            variant: BorderlineVariant::OwnClass,
            strategy: SamplingStrategy::default(),
            fallback: Fallback::Unchanged,
        }
    }

    common_settings!();

    /// Neighbors that tell danger, at least 1.
    pub fn m(mut self, m: usize) -> Self {
        self.m = m;
        self
    }

    /// Which rows new ones lie towards.
    pub fn variant(mut self, variant: BorderlineVariant) -> Self {
        self.variant = variant;
        self
    }

    fallback_setting!();

    /// How much in danger each row of `class` is, in row order.
    ///
    /// # Errors
    /// [`DataError::Param`] when m is 0.
    pub fn dangers(
        &self,
        train: &TrainSet,
        class: usize,
    ) -> Result<Vec<BorderlineZone>, DataError> {
        check_k("m", self.m)?;
        let (same, m) = same_of_class(train, class, self.m)?;
        Ok(dangers(&same, m))
    }
}

impl BorderlineSmote {
    /// Makes the rows of one class.
    fn enlarge_one(
        &self,
        made: &mut MadeRows<'_>,
        mut small: SmallClass<'_>,
        nearest: &Nearest<'_>,
    ) -> Result<(), DataError> {
        let dangers = nearest.dangers(&small, self.m);
        let places = (0..small.members.len()).filter(|&row| dangers[row] == BorderlineZone::Danger);
        let in_danger: Vec<usize> = places.collect();
        if in_danger.is_empty() {
            let reason = format!("none of {} rows is in danger", small.members.len());
            return small.fall_back(made, self.fallback, self.k, &reason);
        }
        if self.variant == BorderlineVariant::OwnClass {
            let Some(kin) = small.kin(made, self.k, TooFewNeighbors::ShrinkK)? else {
                return Ok(());
            };
            for _ in 0..small.n_made {
                let base = in_danger[small.stream.below(in_danger.len())];
                let nth = small.stream.below(kin.k());
                kin.make(made, base, nth, small.stream.unit());
            }
            return Ok(());
        }
        let SmallClass {
            class,
            members,
            n_made,
            mut stream,
            data,
        } = small;
        let bases: Vec<u32> = in_danger.iter().map(|&place| members[place]).collect();
        let nearest = nearest.of_rows(&bases, self.k);
        for _ in 0..n_made {
            let base = stream.below(bases.len());
            let partner = nearest[base][stream.below(nearest[base].len())];
            let is_own = data.labels()[partner as usize] as usize == class;
            let gap = stream.unit() * if is_own { 1.0 } else { 0.5 };
            made.between(bases[base], partner, gap);
        }
        Ok(())
    }
}

/// How much in danger each row is of which so many of its `m` nearest are of its class.
fn dangers(same: &[usize], m: usize) -> Vec<BorderlineZone> {
    let danger = |same: &usize| match m - same {
        others if others == m => BorderlineZone::Noise,
        others if 2 * others >= m => BorderlineZone::Danger,
        _ => BorderlineZone::Safe,
    };
    same.iter().map(danger).collect()
}

impl Resampler for BorderlineSmote {
    fn name(&self) -> &'static str {
        "bsmote"
    }

    fn targets(&self, counts: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        self.strategy.over(counts).map(Some)
    }

    fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, DataError> {
        self.check()?;
        let search = NeighborSearch::new(train.data().features());
        let nearest = Nearest::Searched(&search);
        enlarge(train, &self.strategy, seed, "bsmote", |made, small| {
            self.enlarge_one(made, small, &nearest)
        })
    }

    fn streamed(&self) -> Option<Streamed<'_>> {
        Some(Streamed::Makes(self))
    }
}

impl MakesRows for BorderlineSmote {
    fn check(&self) -> Result<(), DataError> {
        check_k("k", self.k)?;
        check_k("m", self.m)
    }

    fn n_nearest(&self) -> usize {
        match self.variant {
            BorderlineVariant::OwnClass => self.m,
            BorderlineVariant::AnyClass => self.m.max(self.k),
        }
    }

    fn partners(&self, nearest: &NearestOfAll<'_>) -> Vec<u32> {
        if self.variant == BorderlineVariant::OwnClass {
            return vec![];
        }
        let dangers = dangers(&nearest.same_among(self.m), nearest.k(self.m));
        let queries = (0..dangers.len()).filter(|&row| dangers[row] == BorderlineZone::Danger);
        queries
            .flat_map(|query| nearest.rows(query, self.k).iter().copied())
            .collect()
    }

    fn make(
        &self,
        rows: &SmallRows<'_>,
        seed: Seed,
        see: SeeMade<'_>,
    ) -> Result<Vec<ResampleWarning>, DataError> {
        let nearest = Nearest::Known(rows);
        enlarge_shown(rows, seed, "bsmote", see, |made, small| {
            self.enlarge_one(made, small, &nearest)
        })
    }
}

/// The nearest rows among all.
enum Nearest<'a> {
    /// Of a table in memory.
    Searched(&'a NeighborSearch<'a>),
    /// Of one that was shown before.
    Known(&'a SmallRows<'a>),
}

impl Nearest<'_> {
    /// How much in danger each member of a class is by its `m` nearest.
    fn dangers(&self, small: &SmallClass<'_>, m: usize) -> Vec<BorderlineZone> {
        match self {
            Self::Searched(search) => {
                let neighbors = search.of_rows(small.members, m);
                dangers(&small.same_among(&neighbors), neighbors.k())
            }
            Self::Known(rows) => {
                let nearest = rows.nearest_of_all();
                let all = dangers(&nearest.same_among(m), nearest.k(m));
                let danger = |&member: &u32| all[rows.query(member)];
                small.members.iter().map(danger).collect()
            }
        }
    }

    /// The `k` nearest of each of these rows.
    fn of_rows(&self, of: &[u32], k: usize) -> Vec<Vec<u32>> {
        match self {
            Self::Searched(search) => {
                let neighbors = search.of_rows(of, k);
                let rows = |query| neighbors.rows(query).to_vec();
                (0..of.len()).map(rows).collect()
            }
            Self::Known(rows) => {
                let nearest = rows.nearest_of_all();
                let of_row = |&row: &u32| {
                    let numbers = nearest.rows(rows.query(row), k).iter();
                    numbers.map(|&number| rows.place(number)).collect()
                };
                of.iter().map(of_row).collect()
            }
        }
    }
}
