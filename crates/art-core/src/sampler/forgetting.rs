use super::{ArtConfig, ArtSampler, Basics, EpochSampler, Feedback, Refresh, check_order};
use crate::{classes::ClassIndex, draw::EpochDraw, error::CoreError, saved::Saved, seed::Seed};
use std::sync::Arc;

/// ART whose difficulty is how often a class's training rows are forgotten: no validation rows are looked at.
///
/// A row is forgotten when it was right after one epoch and is wrong after the next. Over the last ten epochs a row has F
/// such events; one that was never right has as many as there were epochs. The difficulty of a class is the mean of
/// `min(F, 5) / 5` over its rows. Everything else is as in [`ArtSampler`].
///
/// *Choice.* The original looks at each row when it is trained on; here every row is evaluated after every epoch, so that
/// rows that are drawn often are not looked at more often.
///
/// # References
/// Toneva, Sordoni, Tachet des Combes, Trischler, Bengio and Gordon (2019), "An empirical study of example forgetting
/// during deep neural network learning", ICLR, arXiv 1812.05159.
#[derive(Clone, Debug)]
pub struct ForgettingArt {
    art: ArtSampler,
    index: Arc<ClassIndex>,
    /// Whether each row was right, the last epoch in the lowest bit.
    right: Vec<u16>,
    /// Epochs observed.
    seen: u32,
}

/// Epochs that are remembered.
const WINDOW: u32 = 10;
/// Events that count at most.
const MOST: u32 = 5;
/// The name of what is saved: for each row the bits of whether it was right, then the number of epochs.
const HISTORY: &str = "right_by_row_then_epochs";

impl ForgettingArt {
    /// ART with these settings, but for the difficulty.
    ///
    /// # Errors
    /// As [`ArtSampler::new`], and [`CoreError::Param`] for a blending constant that is found from counts.
    pub fn new(
        config: ArtConfig,
        index: impl Into<Arc<ClassIndex>>,
        seed: Seed,
    ) -> Result<Self, CoreError> {
        let index = index.into();
        config.check_needs_no_counts()?;
        Ok(Self {
            art: ArtSampler::new(config, Arc::clone(&index), seed)?,
            right: vec![0; index.n_rows()],
            seen: 0,
            index,
        })
    }

    /// The difficulty of each class by what is remembered; 0 for one without rows.
    fn scores(&self) -> Vec<f64> {
        let seen = self.seen.min(WINDOW);
        let events = |&row: &u32| {
            let right = self.right[row as usize];
            if u32::from(right) & ((1 << seen) - 1) == 0 {
                return seen;
            }
            // Right in one epoch and wrong in the next: a bit whose lower neighbor is not set.
            let forgotten = (right >> 1) & !right;
            (u32::from(forgotten) & ((1 << (seen - 1)) - 1)).count_ones()
        };
        let score = |class: usize| {
            let members = self.index.rows(class);
            let sum: u32 = members.iter().map(|row| events(row).min(MOST)).sum();
            f64::from(sum) / f64::from(MOST) / members.len().max(1) as f64
        };
        (0..self.index.n_classes()).map(score).collect()
    }
}

impl EpochSampler for ForgettingArt {
    fn name(&self) -> &'static str {
        "forgetting-art"
    }

    fn describe(&self) -> String {
        format!("forgetting({})", self.art.describe())
    }

    fn basics(&self) -> Basics<'_> {
        self.art.basics()
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        self.art.draw(epoch)
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
        self.art.observed().check(epoch)?;
        for class in 0..self.index.n_classes() {
            for &row in self.index.rows(class) {
                let right = rows.predicted()[row as usize] as usize == class;
                let memory = &mut self.right[row as usize];
                *memory = (*memory << 1) | u16::from(right);
            }
        }
        self.seen = self.seen.saturating_add(1);
        let scores = self.scores();
        self.art.learn(epoch, Feedback::Difficulty(&scores))
    }

    fn refreshes(&self) -> u64 {
        self.art.refreshes()
    }

    fn save(&self) -> Saved {
        let right = self.right.iter().map(|&bits| f64::from(bits));
        let history = right.chain([f64::from(self.seen)]).collect();
        Saved::new([(HISTORY, history)]).around(self.art.save())
    }

    fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
        let (inner, [history]) = saved.inner_and_lists([HISTORY])?;
        let n_rows = self.right.len();
        let history = history.numbers_within(n_rows + 1, 0.0..=f64::from(u32::MAX))?;
        self.art.load(refreshes, &inner)?;
        self.right = history[..n_rows].iter().map(|&bits| bits as u16).collect();
        self.seen = history[n_rows] as u32;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ArtParams;
    use crate::RowSignals;

    #[test]
    fn a_class_whose_rows_are_forgotten_is_difficult() {
        let labels = [0, 0, 0, 0, 1, 1];
        let index = ClassIndex::new(&labels, 2).unwrap();
        let config = ArtParams::new().boost_frequency(3).check().unwrap();
        let mut sampler = ForgettingArt::new(config, index, Seed::new(1)).unwrap();
        // Row 3 is forgotten once, row 4 twice, row 5 is never right.
        let epochs = [
            [0, 0, 0, 0, 1, 0],
            [0, 0, 0, 1, 0, 0],
            [0, 0, 0, 0, 1, 0],
            [0, 0, 0, 0, 0, 0],
        ];
        let mut refreshes = vec![];
        for (epoch, predicted) in epochs.iter().enumerate() {
            let signals = RowSignals::new(&[0.5; 6], predicted).unwrap();
            refreshes.extend(
                sampler
                    .learn(epoch as u32 + 1, Feedback::Rows(signals))
                    .unwrap(),
            );
        }
        assert_eq!(refreshes.len(), 1);
        // After the third epoch: 1 event in class 0, 1 and 3 (of 3 epochs) in class 1.
        let expected = [1.0 / 5.0 / 4.0, 4.0 / 5.0 / 2.0];
        for (found, expected) in refreshes[0].difficulty.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{:?}", refreshes[0]);
        }
        assert_eq!(sampler.scores(), [1.0 / 20.0, (2.0 + 4.0) / 10.0]);
        // What is older than the window is forgotten itself.
        for epoch in 5..40 {
            let signals = RowSignals::new(&[0.5; 6], &labels).unwrap();
            sampler.learn(epoch, Feedback::Rows(signals)).unwrap();
        }
        assert_eq!(sampler.scores(), [0.0, 0.0]);
    }
}
