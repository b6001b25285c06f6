use super::{
    ArtConfig, ArtSampler, Basics, BlendRule, BoostSchedule, EpochSampler, Feedback, Refresh,
    check_order,
};
use crate::{
    classes::ClassIndex,
    confusion::ConfusionMatrix,
    distribution::ClassDistribution,
    draw::{DrawMode, EpochDraw, RowList},
    error::{CoreError, ParamError},
    saved::Saved,
    seed::Seed,
    tallies::Tallies,
};
use std::sync::Arc;

/// The stream that orders the rows of a class before they go to the folds, indexed by the class.
const FOLD_STREAM: &str = "rotating folds";
/// The stream that chooses trained rows to compare a fold with, indexed by the epoch.
const TRAINED_STREAM: &str = "rotating trained rows";
/// How much of the lead of trained rows is taken off.
const DISCOUNT: f64 = 0.5;
/// The names of the counts in what is saved.
const LEFT_OUT: [&str; 3] = [
    "left_out_true_positives",
    "left_out_false_negatives",
    "left_out_false_positives",
];
const TRAINED: [&str; 3] = [
    "trained_true_positives",
    "trained_false_negatives",
    "trained_false_positives",
];

/// ART whose difficulty is read from training rows that were left out for a while: a set too small to give rows
/// away needs none for the sampler.
///
/// The training rows are J stratified folds. From one refresh to the next, all folds but one are drawn from; then the
/// predictions on that fold are counted, and the next one is left out. After J refreshes every row has been both.
///
/// By the time a fold is left out the model has been trained on it, and remembers part of it. To correct for this, as many
/// trained rows of each class (all of them, where there are fewer) are scored beside it; T is their F1 and
/// `d_c = 1 − max(0, F1_c − (T_c − F1_c)⁺ / 2)`. Both counts are pooled with the memory of the settings. Everything else is as in [`ArtSampler`], but that
/// rows are drawn in the mode [`DrawMode::Exact`] alone, as many as there are in the folds drawn from, and that there are no
/// bounds, which are those of all rows.
///
/// Needs the predictions of all training rows ([`Feedback::Rows`]), and no validation. In a class with
/// fewer rows than folds some folds have none, and what earlier folds said of it counts on by the memory. A class of one row has
/// no part in the draw while its fold is left out.
///
/// ```
/// use art_core::{ArtParams, ClassIndex, EpochSampler, Feedback, RotatingArt, RowSignals, Seed};
/// let labels: Vec<u32> = (0..50).map(|row| u32::from(row % 5 == 0)).collect();
/// let config = ArtParams::new().boost_frequency(1).memory(0.5).check()?;
/// let mut sampler = RotatingArt::new(config, 5, ClassIndex::new(&labels, 2)?, Seed::new(1834))?;
/// assert_eq!(sampler.draw(1).len(), 40);
/// // A model that takes every row for class 0.
/// let refresh = sampler.learn(1, Feedback::Rows(RowSignals::new(&[0.7; 50], &[0; 50])?))?.unwrap();
/// assert_eq!(refresh.difficulty[1], 1.0);
/// assert!(sampler.distribution().as_slice()[1] > 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// The rule is this project's; ART: arXiv 2509.00955.
#[derive(Clone, Debug)]
pub struct RotatingArt {
    art: ArtSampler,
    index: Arc<ClassIndex>,
    /// The fold of each row.
    folds: Arc<[u32]>,
    /// The rows outside each fold.
    parts: Vec<Arc<ClassIndex>>,
    left_out: Tallies,
    trained: Tallies,
    distribution: ClassDistribution,
    list: Arc<RowList>,
}

impl RotatingArt {
    /// ART with these settings and `n_folds` folds of the rows of `index`; the difficulty of the settings is not read.
    ///
    /// # Errors
    /// [`CoreError::Param`] for fewer than two folds, and for settings that do not go with folds: a draw mode that is not
    /// exact, bounds, no refreshes, a blending constant that is found anew. [`CoreError::NoRows`] when there are too few rows
    /// for two folds.
    pub fn new(
        config: ArtConfig,
        n_folds: u32,
        index: impl Into<Arc<ClassIndex>>,
        seed: Seed,
    ) -> Result<Self, CoreError> {
        if n_folds < 2 {
            return Err(ParamError::new("folds", n_folds, "at least 2").into());
        }
        if config.rule != BlendRule::Fixed {
            let rule = format!("{:?}", config.rule);
            let expected = "fixed, since folds have neither validation counts nor all rows";
            return Err(ParamError::new("blend_rule", rule, expected).into());
        }
        if config.mode != DrawMode::Exact {
            let mode = format!("{:?}", config.mode);
            return Err(ParamError::new("mode", mode, "exact draws").into());
        }
        if config.bounds.is_some() {
            let expected = "none, since the folds drawn from have fewer rows";
            return Err(ParamError::new("bounds", "set", expected).into());
        }
        if config.boost == BoostSchedule::never() {
            let expected = "a number of epochs, or one fold would be left out for ever";
            return Err(ParamError::new("boost_frequency", "never", expected).into());
        }
        let index = index.into();
        let n_classes = index.n_classes();
        let mut folds = vec![0; index.n_rows()];
        // A class goes on where the one before it ended, so that small classes do not all lie in the first folds.
        let mut fold = (0..n_folds).cycle();
        for class in 0..n_classes {
            let mut rows = index.rows(class).to_vec();
            seed.stream(FOLD_STREAM, class as u64).shuffle(&mut rows);
            for (row, fold) in rows.into_iter().zip(&mut fold) {
                folds[row as usize] = fold;
            }
        }
        let part = |fold| index.filtered(|row| folds[row as usize] != fold);
        let parts = (0..n_folds).map(|fold| part(fold).map(Arc::new));
        let mut sampler = Self {
            parts: parts.collect::<Result<_, _>>()?,
            art: ArtSampler::new(config, Arc::clone(&index), seed)?,
            left_out: Tallies::none(n_classes),
            trained: Tallies::none(n_classes),
            distribution: index.counts().prior(),
            list: Arc::new(RowList::all(0)),
            folds: folds.into(),
            index,
        };
        sampler.redraw()?;
        Ok(sampler)
    }

    /// The fold that is left out now.
    pub fn fold_left_out(&self) -> u32 {
        (self.art.refreshes() % self.parts.len() as u64) as u32
    }

    /// The fold of each row.
    pub fn folds(&self) -> &[u32] {
        &self.folds
    }

    /// How much higher the F1 of each class is on trained rows than on rows that were left out, by the pooled counts.
    pub fn gap(&self) -> Vec<f64> {
        let (trained, left_out) = (self.trained.f1(), self.left_out.f1());
        trained.iter().zip(left_out).map(|(t, l)| t - l).collect()
    }

    /// Counts the predictions of the fold that was left out, and of as many rows of each class that were not.
    fn count(&self, epoch: u32, predicted: &[u32]) -> Result<[ConfusionMatrix; 2], CoreError> {
        let n_classes = self.index.n_classes();
        let mut left_out = ConfusionMatrix::new(n_classes)?;
        let mut trained = left_out.clone();
        let fold = self.fold_left_out();
        let mut stream = self.seed().stream(TRAINED_STREAM, u64::from(epoch));
        for class in 0..n_classes {
            let of_fold = self.index.rows(class).iter();
            let of_fold = of_fold.filter(|&&row| self.folds[row as usize] == fold);
            let mut n = 0;
            for &row in of_fold {
                left_out.record(class as u32, predicted[row as usize])?;
                n += 1;
            }
            let mut others = self.parts[fold as usize].rows(class).to_vec();
            for &mut row in stream.choose_distinct(&mut others, n) {
                trained.record(class as u32, predicted[row as usize])?;
            }
        }
        Ok([left_out, trained])
    }

    /// The difficulty of each class by the pooled counts.
    fn scores(&self) -> Vec<f64> {
        let pairs = self.left_out.f1().into_iter().zip(self.gap());
        let score = |(f1, gap): (f64, f64)| 1.0 - (f1 - DISCOUNT * gap.max(0.0)).max(0.0);
        pairs.map(score).collect()
    }

    /// Computes the row list from ART's distribution, over the folds that are drawn from now.
    fn redraw(&mut self) -> Result<(), CoreError> {
        let part = &self.parts[self.fold_left_out() as usize];
        self.distribution = self.art.distribution().restricted_to(part.counts())?;
        let (seed, refresh) = (self.art.seed(), self.art.refreshes());
        let list = RowList::of_shares(part, &self.distribution, seed, refresh);
        self.list = Arc::new(list);
        Ok(())
    }
}

impl EpochSampler for RotatingArt {
    fn name(&self) -> &'static str {
        "rotating-art"
    }

    fn describe(&self) -> String {
        let folds = self.parts.len();
        format!("rotating(folds={folds}, {})", self.art.describe())
    }

    fn basics(&self) -> Basics<'_> {
        Basics {
            distribution: &self.distribution,
            ..self.art.basics()
        }
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        EpochDraw::new(Arc::clone(&self.list), self.seed(), epoch)
    }

    fn wants_rows(&self) -> bool {
        true
    }

    /// Learns from training rows; takes note of nothing else.
    fn learn(&mut self, epoch: u32, feedback: Feedback<'_>) -> Result<Option<Refresh>, CoreError> {
        feedback.check(self.class_counts())?;
        let Feedback::Rows(rows) = feedback else {
            return check_order(epoch, 0).map(|()| None);
        };
        let last = *self.art.observed();
        last.check(epoch)?;
        let config = self.art.config();
        if !last.is_due(config.boost, epoch) {
            self.art.observed().set(epoch);
            return Ok(None);
        }
        let [left_out, trained] = self.count(epoch, rows.predicted())?;
        let mut next = self.clone();
        next.left_out.pool(config.memory, &left_out.tallies())?;
        next.trained.pool(config.memory, &trained.tallies())?;
        let mut scores = next.scores();
        let before = self.art.current(epoch).difficulty;
        let before = (!before.is_empty()).then_some(&before[..]);
        config
            .absent_class
            .apply(&mut scores, &next.left_out, before);
        let refresh = next.art.learn(epoch, Feedback::Difficulty(&scores))?;
        next.redraw()?;
        let distribution = next.distribution.clone();
        *self = next;
        Ok(refresh.map(|refresh| Refresh {
            distribution,
            ..refresh
        }))
    }

    fn refreshes(&self) -> u64 {
        self.art.refreshes()
    }

    fn save(&self) -> Saved {
        let left_out = self.left_out.save(LEFT_OUT).into_iter();
        let trained = self.trained.save(TRAINED);
        Saved::new(left_out.chain(trained)).around(self.art.save())
    }

    fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
        let ([a, b, c], [d, e, f]) = (LEFT_OUT, TRAINED);
        let (inner, [a, b, c, d, e, f]) = saved.inner_and_lists([a, b, c, d, e, f])?;
        let n_classes = self.index.n_classes();
        let mut loaded = self.clone();
        loaded.left_out = Tallies::load([a, b, c], n_classes)?;
        loaded.trained = Tallies::load([d, e, f], n_classes)?;
        loaded.art.load(refreshes, &inner)?;
        loaded.redraw()?;
        *self = loaded;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RowSignals;
    use crate::{ArtParams, BlendRule, BoundsParams};

    /// 60, 12 and 3 rows, and a class without any.
    fn labels() -> Vec<u32> {
        (0..75)
            .map(|row| u32::from(row >= 60) + u32::from(row >= 72))
            .collect()
    }

    fn sampler(n_folds: u32) -> RotatingArt {
        let config = ArtParams::new().boost_frequency(2).memory(0.5);
        let index = ClassIndex::new(&labels(), 4).unwrap();
        RotatingArt::new(config.check().unwrap(), n_folds, index, Seed::new(6)).unwrap()
    }

    #[test]
    fn folds_are_stratified_and_take_turns() {
        let mut sampler = sampler(5);
        let labels = labels();
        let mut seen = vec![];
        for period in 0..10_u32 {
            let fold = sampler.fold_left_out();
            assert_eq!(fold, period % 5);
            for class in 0..3 {
                let n = sampler.index.rows(class).iter();
                let n = n
                    .filter(|&&row| sampler.folds()[row as usize] == fold)
                    .count();
                let expected = [12..=12, 2..=3, 0..=1][class].clone();
                assert!(expected.contains(&n), "class {class} of fold {fold}: {n}");
            }
            for epoch in 2 * period + 1..=2 * period + 2 {
                let drawn = sampler.draw(epoch).to_vec();
                assert_eq!(drawn.len(), sampler.parts[fold as usize].n_rows());
                assert!(
                    drawn
                        .iter()
                        .all(|&row| sampler.folds()[row as usize] != fold)
                );
                let rows = RowSignals::new(&[0.1; 75], &labels).unwrap();
                seen.extend(sampler.learn(epoch, Feedback::Rows(rows)).unwrap());
            }
        }
        assert_eq!(seen.len(), 10);
    }

    #[test]
    fn rows_that_were_left_out_decide_and_a_lead_of_trained_rows_is_discounted() {
        let mut sampler = sampler(3);
        let fold = sampler.fold_left_out();
        // What was trained on is right; of what was not, classes 0 and 1 are taken for one another.
        let predict = |row: usize| {
            let label = labels()[row];
            match (sampler.folds()[row] == fold, label) {
                (true, 0 | 1) if row.is_multiple_of(2) => 1 - label,
                _ => label,
            }
        };
        let predicted: Vec<u32> = (0..75).map(predict).collect();
        let [left_out, trained] = sampler.count(2, &predicted).unwrap();
        let right: u64 = (0..3).map(|class| trained.count(class, class)).sum();
        assert_eq!(right, left_out.total());
        assert_eq!(trained.total(), left_out.total(), "as many of each class");
        let rows = RowSignals::new(&[0.1; 75], &predicted).unwrap();
        let refresh = sampler.learn(2, Feedback::Rows(rows)).unwrap().unwrap();
        let f1 = left_out.per_class_f1();
        for class in [0, 1] {
            let expected = 1.0 - (f1[class] - 0.5 * (1.0 - f1[class])).max(0.0);
            assert!((refresh.difficulty[class] - expected).abs() < 1e-12);
            assert!((sampler.gap()[class] - (1.0 - f1[class])).abs() < 1e-12);
        }
        assert_eq!(refresh.difficulty[2], 0.0);
    }

    #[test]
    fn what_earlier_folds_said_counts_on_by_the_memory() {
        let mut sampler = sampler(3);
        let mut expected = Tallies::none(4);
        for epoch in [2, 4, 6, 8] {
            // Another share of class 1 is missed each time.
            let missed = |row: usize| (60..72).contains(&row) && row % 7 < epoch / 2;
            let predict = |row: usize| if missed(row) { 0 } else { labels()[row] };
            let predicted: Vec<u32> = (0..75).map(predict).collect();
            let [left_out, _] = sampler.count(epoch as u32, &predicted).unwrap();
            expected.pool(0.5, &left_out.tallies()).unwrap();
            let rows = RowSignals::new(&[0.1; 75], &predicted).unwrap();
            sampler.learn(epoch as u32, Feedback::Rows(rows)).unwrap();
        }
        assert_eq!(sampler.left_out, expected);
        assert!(expected.false_negatives(1) > 0.0 && expected.support(1) > 6.0);
    }

    #[test]
    fn a_class_with_one_row_is_drawn_when_its_fold_is() {
        let labels = [0, 0, 0, 0, 0, 0, 1];
        let index = ClassIndex::new(&labels, 2).unwrap();
        let config = ArtParams::new().boost_frequency(1).check().unwrap();
        let mut sampler = RotatingArt::new(config, 3, index, Seed::new(2)).unwrap();
        let mut left_out = 0;
        for epoch in 1..=6 {
            let is_left_out = sampler.folds()[6] == sampler.fold_left_out();
            left_out += u32::from(is_left_out);
            assert_eq!(sampler.draw(epoch).to_vec().contains(&6), !is_left_out);
            assert_eq!(sampler.distribution().as_slice()[1] == 0.0, is_left_out);
            let rows = RowSignals::new(&[0.1; 7], &[0; 7]).unwrap();
            sampler.learn(epoch, Feedback::Rows(rows)).unwrap();
        }
        assert_eq!(left_out, 2);
    }

    #[test]
    fn what_cannot_rotate_is_refused() {
        let make = |labels: &[u32], n_folds, mode| {
            let config = ArtParams::new().mode(mode).check().unwrap();
            RotatingArt::new(
                config,
                n_folds,
                ClassIndex::new(labels, 2).unwrap(),
                Seed::new(1),
            )
        };
        assert!(make(&[0, 1, 1], 2, DrawMode::Exact).is_ok());
        assert!(make(&[0, 1, 1], 1, DrawMode::Exact).is_err());
        assert!(make(&[0, 1, 1], 2, DrawMode::Iid).is_err());
        let reliability = BlendRule::Reliability { kappa: 0.8 };
        let copies = BlendRule::Copies { most: 10.0 };
        for (params, field) in [
            (ArtParams::new().bounds(BoundsParams::new()), "bounds"),
            (ArtParams::new().never_boost(), "boost_frequency"),
            (ArtParams::new().blend_rule(reliability), "blend_rule"),
            (ArtParams::new().blend_rule(copies), "blend_rule"),
        ] {
            let index = ClassIndex::new(&[0, 1, 1], 2).unwrap();
            let refused = RotatingArt::new(params.check().unwrap(), 2, index, Seed::new(1));
            let CoreError::Param(error) = refused.unwrap_err() else {
                panic!("{field} is a setting");
            };
            assert_eq!(error.field, field);
        }
        let alone = make(&[1], 2, DrawMode::Exact).unwrap_err();
        assert_eq!(alone, CoreError::NoRows { n_classes: 2 });
        let mut sampler = sampler(2);
        let state = sampler.state();
        let counted = |n, count| {
            let names = [LEFT_OUT, TRAINED].concat();
            let lists = names.into_iter().map(|name| (name, vec![count; n]));
            Saved::new(lists).around(Saved::default())
        };
        assert!(sampler.load(1, &counted(4, 0.0)).is_ok());
        sampler.restore(&state).unwrap();
        for broken in [Saved::default(), counted(3, 0.0), counted(4, -1.0)] {
            assert!(sampler.load(1, &broken).is_err());
            assert_eq!(sampler.state(), state);
        }
    }
}
