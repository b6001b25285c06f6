use art_data::{Cloud, Population};

const N_FEATURES: usize = 10;
const MAJORITY: usize = 0;
const NARROW: usize = 1;
const BROAD: usize = 2;

/// A cloud's class and rows, the first two coordinates of the center (the others are 0) and the deviation.
const CLOUDS: [(usize, usize, [f64; 2], f64); 5] = [
    (MAJORITY, 93_600, [0.0, 0.0], 1.0),
    // The crowd around the narrow class.
    (MAJORITY, 2_400, [4.0, 0.0], 0.5),
    // Its core and its rim.
    (NARROW, 1_400, [4.0, 0.0], 0.25),
    (NARROW, 600, [4.0, 0.0], 0.5),
    (BROAD, 2_000, [0.0, 1.0], 0.8),
];

/// A narrow and a broad class of 2 % each, and a majority that crowds the one and covers the other.
pub(super) fn population() -> Population {
    let clouds = CLOUDS.map(|(class, rows, start, deviation)| {
        let mut center = vec![0.0; N_FEATURES];
        center[..start.len()].copy_from_slice(&start);
        Cloud {
            class,
            rows,
            center,
            deviation,
        }
    });
    let class_names = ["majority", "narrow", "broad"].map(str::to_owned).to_vec();
    Population::new(N_FEATURES, class_names, clouds.to_vec())
        .expect("every cloud has all coordinates and one of the three classes")
}
