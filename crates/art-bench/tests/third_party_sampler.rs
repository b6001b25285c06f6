//! A sampler from outside: it passes the conformance suite and runs in the experiment.

mod common;

use art_core::{conformance::check_sampler, *};
use art_methods::{Kind, Method};
use art_train::Recipe;

/// As many rows of every class as the smallest has, always the same ones, in another order each epoch.
struct FirstRows(ClassIndex, ClassDistribution, Seed);

impl EpochSampler for FirstRows {
    fn name(&self) -> &'static str {
        "first-rows"
    }
    fn basics(&self) -> Basics<'_> {
        Basics {
            seed: self.2,
            class_counts: self.0.counts(),
            distribution: &self.1,
        }
    }
    fn draw(&self, epoch: u32) -> EpochDraw {
        let n = self.0.counts().smallest();
        let first = (0..self.0.n_classes()).flat_map(|class| &self.0.rows(class)[..n]);
        let list = RowList::listed(first.copied().collect());
        EpochDraw::new(list.into(), self.2, epoch)
    }
}

#[test]
fn it_passes_the_suite_and_runs_in_the_experiment() {
    let make = |index, seed| FirstRows(index, ClassDistribution::uniform(2).unwrap(), seed);
    let index = ClassIndex::new(&[0, 1, 0, 1, 1, 0, 0], 2).unwrap();
    check_sampler(|| Box::new(make(index.clone(), Seed::new(1)))).unwrap();
    common::runs_in_the_experiment(Method::new(
        "first",
        "First",
        Kind::Sampler,
        move |_, run| Ok(Recipe::drawn_by(run, make(run.class_index()?, run.seed))),
    ));
}
