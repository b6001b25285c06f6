use art_core::Seed;
use art_data::{GaussianClasses, Population};

const COUNTS: [usize; 5] = [70_000, 20_000, 7_500, 2_000, 500];
const N_FEATURES: usize = 10;
/// Distance of the centers from the origin, in deviations.
const SEPARATION: f64 = 2.2;
/// Places the centers.
const CENTRES: Seed = Seed::new(5);

/// One cloud a class.
pub(super) fn population() -> Population {
    GaussianClasses::new(COUNTS.to_vec(), N_FEATURES)
        .separation(SEPARATION)
        .population(CENTRES)
}
