use art_core::{Seed, elementary::powf};
use art_data::{GaussianClasses, Population};

const N_CLASSES: u32 = 50;
const LARGEST: f64 = 900.0;
/// Smallest class over largest.
const FACTOR: f64 = 0.01;
const N_FEATURES: usize = 20;
/// Distance of the centers from the origin, in deviations.
const SEPARATION: f64 = 3.6;
/// Places the centers.
const CENTRES: Seed = Seed::new(50);

/// One cloud a class, floor(900 · 0.01^(c/49)) rows of class c.
pub(super) fn population() -> Population {
    let count = |class: u32| {
        let rank = f64::from(class) / f64::from(N_CLASSES - 1);
        (LARGEST * powf(FACTOR, rank) + 1e-9).floor() as usize
    };
    GaussianClasses::new((0..N_CLASSES).map(count).collect(), N_FEATURES)
        .separation(SEPARATION)
        .population(CENTRES)
}
