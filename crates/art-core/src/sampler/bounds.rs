use crate::{
    classes::ClassCounts,
    distribution::ClassDistribution,
    error::{CoreError, ParamError},
};

/// How far a class distribution may move: a floor under each class, a cap on copies, and a largest step.
///
/// The distribution p becomes `clip(a p, low, high)` with the one a that makes it sum to 1:
///
/// - `low_c = floor · π_c`, so that no class starves,
/// - `high_c = copies · n_c / N`, so that no row stands more than so many times in an epoch,
/// - neither further than a factor `step` from the distribution before.
///
/// A class without mass under p is raised to its floor. Floor and cap can always be held; where the step does not fit
/// them, it gives way.
///
/// ```
/// use art_core::{BoundsParams, ClassCounts, ClassDistribution};
/// let bounds = BoundsParams::new().floor(0.25).copies(10.0).check()?;
/// let counts = ClassCounts::new(vec![980, 20])?;
/// let p = ClassDistribution::new(vec![0.5, 0.5])?;
/// // 20 rows at most ten times each are 200 of 1,000.
/// assert!((bounds.apply(&p, &counts, None)?.as_slice()[1] - 0.2).abs() < 1e-12);
/// # Ok::<(), art_core::CoreError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct BoundsParams {
    floor: f64,
    copies: f64,
    step: f64,
}

impl Default for BoundsParams {
    fn default() -> Self {
        Self::new()
    }
}

impl BoundsParams {
    /// A quarter of the prior below, ten copies above, a factor of 2 a refresh.
    pub fn new() -> Self {
        Self {
            floor: 0.25,
            copies: 10.0,
            step: 2.0,
        }
    }

    /// Share of its prior that a class keeps, 0 to 1.
    pub fn floor(mut self, share: f64) -> Self {
        self.floor = share;
        self
    }

    /// Most copies of a row in an epoch, at least 1; infinite for no cap.
    pub fn copies(mut self, most: f64) -> Self {
        self.copies = most;
        self
    }

    /// Largest factor between one refresh and the next, above 1; infinite for no limit.
    pub fn step(mut self, factor: f64) -> Self {
        self.step = factor;
        self
    }

    /// The checked bounds.
    ///
    /// # Errors
    /// [`ParamError`] naming the first number outside its range.
    pub fn check(self) -> Result<Bounds, ParamError> {
        let Self {
            floor,
            copies,
            step,
        } = self;
        if !(0.0..=1.0).contains(&floor) {
            return Err(ParamError::new("floor", floor, "a number from 0 to 1"));
        }
        if copies.is_nan() || copies < 1.0 {
            let expected = "at least 1; infinity for no cap";
            return Err(ParamError::new("copies", copies, expected));
        }
        if step.is_nan() || step <= 1.0 {
            let expected = "above 1; infinity for no limit";
            return Err(ParamError::new("step", step, expected));
        }
        Ok(Bounds {
            floor,
            copies,
            step,
        })
    }
}

/// Bounds that are known to be valid; made by [`BoundsParams::check`], which says what they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    floor: f64,
    copies: f64,
    step: f64,
}

impl Bounds {
    /// `p` within the bounds, where `previous` was drawn from before.
    ///
    /// # Errors
    /// [`CoreError::Length`] when `counts` or `previous` has another number of classes.
    pub fn apply(
        &self,
        p: &ClassDistribution,
        counts: &ClassCounts,
        previous: Option<&ClassDistribution>,
    ) -> Result<ClassDistribution, CoreError> {
        let n_classes = p.n_classes();
        for found in [
            Some(counts.n_classes()),
            previous.map(ClassDistribution::n_classes),
        ] {
            if let Some(found) = found.filter(|&found| found != n_classes) {
                return Err(CoreError::Length {
                    what: "list of bounded classes",
                    expected: n_classes,
                    found,
                });
            }
        }
        let prior = counts.prior();
        let range = |class: usize| {
            let pi = prior.as_slice()[class];
            (self.floor * pi, (self.copies * pi).min(1.0))
        };
        let wide: Vec<(f64, f64)> = (0..n_classes).map(range).collect();
        let near = previous.map(|previous| {
            let previous = previous.as_slice().iter();
            let narrow = |(&(low, high), &before): (&(f64, f64), &f64)| {
                // Where the two ranges are apart, the nearer end of the wide one.
                let low_step = (before / self.step).clamp(low, high);
                let high_step = (before * self.step).clamp(low, high);
                (low_step, high_step)
            };
            wide.iter().zip(previous).map(narrow).collect::<Vec<_>>()
        });
        // The prior itself is within the wide ones.
        let ranges = near.filter(|ranges| is_feasible(ranges)).unwrap_or(wide);
        let present = counts.as_slice().iter().map(|&n| n > 0);
        let shares = project(p.as_slice(), &ranges, &present.collect::<Vec<_>>());
        ClassDistribution::from_scores(&shares)
    }
}

/// What is allowed for rounding in sums of shares.
const ROUNDING: f64 = 1e-12;

fn is_feasible(ranges: &[(f64, f64)]) -> bool {
    let sums = ranges.iter().fold((0.0, 0.0), |(low, high), range| {
        (low + range.0, high + range.1)
    });
    sums.0 <= 1.0 + ROUNDING && sums.1 >= 1.0 - ROUNDING
}

/// `clip(a p, low, high)` with the a for which it sums to 1. Where no a does since too many classes have no mass, these
/// share what is missing in proportion to the room that they have.
fn project(p: &[f64], ranges: &[(f64, f64)], present: &[bool]) -> Vec<f64> {
    let clipped = |a: f64| -> Vec<f64> {
        let classes = p.iter().zip(ranges).zip(present);
        let share = |((&p, &(low, high)), &is_present): ((&f64, &(f64, f64)), &bool)| {
            if is_present {
                (a * p).max(low).min(high)
            } else {
                0.0
            }
        };
        classes.map(share).collect()
    };
    let sum = |shares: &[f64]| shares.iter().sum::<f64>();
    if (sum(&clipped(1.0)) - 1.0).abs() <= ROUNDING {
        return clipped(1.0);
    }
    let (mut low, mut high) = (0.0, 1.0);
    while sum(&clipped(high)) < 1.0 && high < 1e15 {
        high *= 2.0;
    }
    // Halving the range until its ends are neighbors.
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if sum(&clipped(middle)) < 1.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let mut shares = clipped(high);
    let missing = 1.0 - sum(&shares);
    let room = |share: f64, (_, high): (f64, f64), is_present: bool| {
        if is_present {
            (high - share).max(0.0)
        } else {
            0.0
        }
    };
    let rooms: Vec<f64> = shares
        .iter()
        .zip(ranges)
        .zip(present)
        .map(|((&share, &range), &is_present)| room(share, range, is_present))
        .collect();
    let all = sum(&rooms);
    if missing > ROUNDING && all > 0.0 {
        for (share, room) in shares.iter_mut().zip(rooms) {
            *share += missing * room / all;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn distribution(p: &[f64]) -> ClassDistribution {
        ClassDistribution::from_scores(p).unwrap()
    }

    #[test]
    fn a_step_is_limited_from_the_distribution_before() {
        let counts = ClassCounts::new(vec![50, 50]).unwrap();
        let bounds = BoundsParams::new().floor(0.0).step(1.2).check().unwrap();
        let before = distribution(&[0.5, 0.5]);
        let p = bounds.apply(&distribution(&[0.9, 0.1]), &counts, Some(&before));
        let p = p.unwrap();
        assert!((p.as_slice()[0] - (1.0 - 0.5 / 1.2)).abs() < 1e-12, "{p:?}");
    }

    #[test]
    fn the_step_gives_way_where_nothing_else_fits() {
        let counts = ClassCounts::new(vec![98, 2]).unwrap();
        let bounds = BoundsParams::new()
            .floor(0.5)
            .copies(2.0)
            .step(1.1)
            .check()
            .unwrap();
        let far = distribution(&[0.1, 0.9]);
        let p = bounds.apply(&far, &counts, Some(&far)).unwrap();
        assert!((p.as_slice()[1] - 0.04).abs() < 1e-12, "{p:?}");
    }

    #[test]
    fn a_class_without_mass_is_raised_to_its_floor_and_one_without_rows_is_not() {
        let counts = ClassCounts::new(vec![60, 40, 0]).unwrap();
        let bounds = BoundsParams::new().check().unwrap();
        let p = bounds.apply(&distribution(&[1.0, 0.0, 0.0]), &counts, None);
        for (p, expected) in p.unwrap().as_slice().iter().zip([0.9, 0.1, 0.0]) {
            assert!((p - expected).abs() < 1e-12);
        }
        let one = ClassCounts::new(vec![7]).unwrap();
        let p = bounds.apply(&distribution(&[1.0]), &one, None).unwrap();
        assert_eq!(p.as_slice(), [1.0]);
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let field = |bounds: BoundsParams| bounds.check().unwrap_err().field;
        assert_eq!(field(BoundsParams::new().floor(1.1)), "floor");
        assert_eq!(field(BoundsParams::new().copies(0.9)), "copies");
        assert_eq!(field(BoundsParams::new().step(1.0)), "step");
        assert_eq!(field(BoundsParams::new().step(f64::NAN)), "step");
        assert!(
            BoundsParams::new()
                .copies(f64::INFINITY)
                .step(f64::INFINITY)
                .check()
                .is_ok()
        );
        let counts = ClassCounts::new(vec![1, 1]).unwrap();
        let three = ClassDistribution::uniform(3).unwrap();
        let bounds = BoundsParams::new().check().unwrap();
        assert!(bounds.apply(&three, &counts, None).is_err());
    }

    proptest! {
        #[test]
        fn bounds_hold_and_a_second_time_changes_nothing(
            classes in proptest::collection::vec((1_usize..1000, 0.0_f64..1.0), 2..12),
            floor in 0.0_f64..1.0, copies in 1.0_f64..20.0,
        ) {
            let (counts, scores): (Vec<usize>, Vec<f64>) = classes.into_iter().unzip();
            let counts = ClassCounts::new(counts).unwrap();
            let bounds = BoundsParams::new().floor(floor).copies(copies).check().unwrap();
            let once = bounds.apply(&distribution(&scores), &counts, None).unwrap();
            let shares = once.as_slice().iter().zip(counts.prior().as_slice().to_vec());
            for (&p, pi) in shares {
                prop_assert!(p >= floor * pi - 1e-9 && p <= (copies * pi).min(1.0) + 1e-9, "{p} {pi}");
            }
            let twice = bounds.apply(&once, &counts, None).unwrap();
            for (a, b) in once.as_slice().iter().zip(twice.as_slice()) {
                prop_assert!((a - b).abs() < 1e-9);
            }
        }
    }
}
