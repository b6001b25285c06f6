//! Student's t as the tests of this crate use it.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Above this many degrees of freedom the normal distribution is nearer than the numerical t.
const AS_GOOD_AS_NORMAL: f64 = 1e7;

fn student(degrees_of_freedom: f64) -> StudentsT {
    let freedom = if degrees_of_freedom > AS_GOOD_AS_NORMAL {
        f64::INFINITY
    } else {
        degrees_of_freedom
    };
    StudentsT::new(0.0, 1.0, freedom).expect("at least one degree of freedom")
}

/// The statistic and the two-sided p-value of a mean against 0. An error of 0 gives t = 0, p = 1 for a mean of 0,
/// else an infinite t and no p-value: there is no spread that the mean could be held against.
pub(crate) fn two_sided(mean: f64, error: f64, degrees_of_freedom: f64) -> (f64, Option<f64>) {
    if error == 0.0 && mean == 0.0 {
        return (0.0, Some(1.0));
    }
    if error == 0.0 {
        return (f64::INFINITY.copysign(mean), None);
    }
    let t = mean / error;
    let p = 2.0 * student(degrees_of_freedom).sf(t.abs());
    (t, Some(p.min(1.0)))
}

/// The one-sided p-value of the claim that a mean lies above `bound`; none for an error of 0.
pub(crate) fn p_above(bound: f64, mean: f64, error: f64, degrees_of_freedom: f64) -> Option<f64> {
    (error != 0.0).then(|| student(degrees_of_freedom).sf((mean - bound) / error))
}

/// The value that t exceeds with the chance `tail`.
pub(crate) fn t_point(tail: f64, degrees_of_freedom: f64) -> f64 {
    // The distribution is symmetric, and its upper half is the exact one.
    if tail > 0.5 {
        return -t_point(1.0 - tail, degrees_of_freedom);
    }
    let t = student(degrees_of_freedom);
    upper_point(|x| t.sf(x), tail)
}

/// The value at which `sf`, which falls from 1 (or, for a symmetric distribution, 1/2) at 0 to 0, comes down to
/// `chance`, by halving.
pub(crate) fn upper_point(sf: impl Fn(f64) -> f64, chance: f64) -> f64 {
    let (mut low, mut high) = (0.0, 100.0);
    while sf(high) > chance && high < f64::MAX / 2.0 {
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if sf(middle) > chance {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}
