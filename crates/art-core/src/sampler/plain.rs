//! Samplers that learn nothing from validation.

use super::{Basics, EpochSampler};
use crate::{
    classes::{ClassCounts, ClassIndex},
    distribution::ClassDistribution,
    draw::{EpochDraw, RowList},
    seed::Seed,
};
use std::sync::Arc;

/// Every row once an epoch, in a new order each time: plain training.
#[derive(Clone, Debug)]
pub struct Shuffle {
    seed: Seed,
    counts: ClassCounts,
    prior: ClassDistribution,
    list: Arc<RowList>,
}

impl Shuffle {
    /// A sampler over rows of these counts.
    pub fn new(counts: ClassCounts, seed: Seed) -> Self {
        Self {
            seed,
            prior: counts.prior(),
            list: Arc::new(RowList::all(counts.n_rows() as u32)),
            counts,
        }
    }
}

impl EpochSampler for Shuffle {
    fn name(&self) -> &'static str {
        "shuffle"
    }

    fn basics(&self) -> Basics<'_> {
        Basics {
            seed: self.seed,
            class_counts: &self.counts,
            distribution: &self.prior,
        }
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        EpochDraw::new(Arc::clone(&self.list), self.seed, epoch)
    }
}

/// N rows an epoch with every class equally often, drawn anew each epoch.
#[derive(Clone, Debug)]
pub struct ClassBalanced {
    seed: Seed,
    index: Arc<ClassIndex>,
    distribution: ClassDistribution,
}

impl ClassBalanced {
    /// A sampler over the rows of `index`; classes without rows are left out.
    pub fn new(index: impl Into<Arc<ClassIndex>>, seed: Seed) -> Self {
        let index = index.into();
        let distribution = ClassDistribution::uniform(index.n_classes())
            .and_then(|uniform| uniform.restricted_to(index.counts()))
            .expect("an index has at least one class with rows");
        Self {
            seed,
            index,
            distribution,
        }
    }
}

impl EpochSampler for ClassBalanced {
    fn name(&self) -> &'static str {
        "class-balanced"
    }

    fn basics(&self) -> Basics<'_> {
        Basics {
            seed: self.seed,
            class_counts: self.index.counts(),
            distribution: &self.distribution,
        }
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        let (seed, refresh) = (self.seed, u64::from(epoch.max(1)));
        let list = RowList::of_shares(&self.index, &self.distribution, seed, refresh);
        EpochDraw::new(Arc::new(list), seed, epoch)
    }
}
