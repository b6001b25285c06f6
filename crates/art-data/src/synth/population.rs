use crate::{dataset::Dataset, error::DataError};
use art_core::{
    ParamError, Seed,
    elementary::{exp, ln, ln_1p},
};
use ndarray::Array2;
use std::f64::consts::TAU;

/// A round normal cloud of one class.
#[derive(Clone, Debug)]
pub struct Cloud {
    /// Its class.
    pub class: usize,
    /// Rows that every draw takes from it.
    pub rows: usize,
    /// One coordinate a feature.
    pub center: Vec<f64>,
    /// Standard deviation of every feature.
    pub deviation: f64,
}

/// Classes that are sums of normal clouds, from which tables with exact counts are drawn.
///
/// The truth is known: [`log_joint`](Self::log_joint) is what the best classifier of any decision is made of.
#[derive(Clone, Debug)]
pub struct Population {
    n_features: usize,
    class_names: Vec<String>,
    /// Ordered by class.
    clouds: Vec<Cloud>,
    counts: Vec<usize>,
}

impl Population {
    /// The population of these clouds; class `c` is called `class_names[c]`.
    ///
    /// # Errors
    /// [`DataError::Length`] for a center that does not have `n_features` coordinates, [`DataError::Param`] for a cloud
    /// whose class has no name or whose deviation is not above 0.
    pub fn new(
        n_features: usize,
        class_names: Vec<String>,
        mut clouds: Vec<Cloud>,
    ) -> Result<Self, DataError> {
        let mut counts = vec![0; class_names.len()];
        for cloud in &clouds {
            if cloud.center.len() != n_features {
                return Err(DataError::Length {
                    what: "coordinates of a cloud's center",
                    expected: n_features,
                    found: cloud.center.len(),
                });
            }
            let Some(count) = counts.get_mut(cloud.class) else {
                let expected = format!("less than {}", class_names.len());
                return Err(ParamError::new("class of a cloud", cloud.class, expected).into());
            };
            if cloud.deviation.is_nan() || cloud.deviation <= 0.0 {
                let (name, value) = ("deviation of a cloud", cloud.deviation);
                return Err(ParamError::new(name, value, "more than 0").into());
            }
            *count += cloud.rows;
        }
        clouds.sort_by_key(|cloud| cloud.class);
        Ok(Self {
            n_features,
            class_names,
            clouds,
            counts,
        })
    }

    /// Numbers a row.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Rows of each class in every draw.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// A table, ordered by class; the rows of class c come from the stream (`synth.rows`, c).
    ///
    /// # Errors
    /// As [`Dataset::new`].
    pub fn generate(&self, seed: Seed) -> Result<Dataset, DataError> {
        let n_rows: usize = self.counts.iter().sum();
        let mut features = Vec::with_capacity(n_rows * self.n_features);
        let mut labels = Vec::with_capacity(n_rows);
        for clouds in self.clouds.chunk_by(|a, b| a.class == b.class) {
            let class = clouds[0].class;
            let mut stream = seed.stream("synth.rows", class as u64);
            for cloud in clouds {
                for _ in 0..cloud.rows {
                    labels.push(class as u32);
                    let row = cloud.center.iter();
                    features.extend(row.map(|x| (x + cloud.deviation * stream.normal()) as f32));
                }
            }
        }
        let features = Array2::from_shape_vec((n_rows, self.n_features), features)
            .expect("n_features numbers a row");
        Dataset::new(
            features,
            labels,
            numbered("x", self.n_features),
            self.class_names.clone(),
        )
    }

    /// The natural logarithm of prior × density of each class at `row`, in the units of
    /// [`generate`](Self::generate): before any scaling. Less their log-sum they are the log-posteriors.
    /// −∞ for a class without rows.
    ///
    /// # Errors
    /// [`DataError::Length`] when the row does not have the population's features.
    ///
    /// ```
    /// use art_core::Seed;
    /// use art_data::GaussianClasses;
    /// let population = GaussianClasses::new(vec![900, 90], 3).population(Seed::new(1));
    /// let table = population.generate(Seed::new(1))?;
    /// let truth = population.log_joint(&table.features_as_slice()[..population.n_features()])?;
    /// assert!(truth[0] > truth[1]);
    /// # Ok::<(), art_data::DataError>(())
    /// ```
    pub fn log_joint(&self, row: &[f32]) -> Result<Vec<f64>, DataError> {
        if row.len() != self.n_features {
            return Err(DataError::Length {
                what: "features of a row of this population",
                expected: self.n_features,
                found: row.len(),
            });
        }
        let n_rows = self.counts.iter().sum::<usize>() as f64;
        let d = self.n_features as f64;
        let mut joint = vec![f64::NEG_INFINITY; self.counts.len()];
        for cloud in self.clouds.iter().filter(|cloud| cloud.rows > 0) {
            let squares = row.iter().zip(&cloud.center).map(|(&x, center)| {
                let z = (f64::from(x) - center) / cloud.deviation;
                z * z
            });
            let log_volume = d * (0.5 * ln(TAU) + ln(cloud.deviation));
            let log_weight = ln(cloud.rows as f64 / n_rows);
            let here = log_weight - log_volume - 0.5 * squares.sum::<f64>();
            let so_far = &mut joint[cloud.class];
            let (low, high) = (so_far.min(here), so_far.max(here));
            *so_far = high + ln_1p(exp(low - high));
        }
        Ok(joint)
    }
}

/// The center of class `class`: `radius` from the origin, in a direction from the stream (`synth.center`, class).
pub(super) fn on_sphere(seed: Seed, class: usize, n_features: usize, radius: f64) -> Vec<f64> {
    let mut stream = seed.stream("synth.centre", class as u64);
    let direction: Vec<f64> = (0..n_features).map(|_| stream.normal()).collect();
    let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
    let length = length.max(1e-12);
    direction.iter().map(|x| x / length * radius).collect()
}

/// `prefix` followed by 0, 1, … to `n` names.
pub(super) fn numbered(prefix: &str, n: usize) -> Vec<String> {
    (0..n).map(|i| format!("{prefix}{i}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use art_core::elementary::powi;

    /// Class 0 is two clouds at −1 and 1, class 1 one cloud at 0 of half the deviation.
    fn line() -> Population {
        let cloud = |class, rows, center, deviation| Cloud {
            class,
            rows,
            center: vec![center],
            deviation,
        };
        let clouds = vec![
            cloud(0, 30, -1.0, 1.0),
            cloud(0, 10, 1.0, 1.0),
            cloud(1, 20, 0.0, 0.5),
        ];
        Population::new(1, numbered("class ", 2), clouds).unwrap()
    }

    #[test]
    fn clouds_may_come_in_any_order_and_those_that_fit_no_population_are_refused() {
        let whole = line();
        let mut turned = whole.clouds.clone();
        turned.rotate_right(1);
        let names = || numbered("class ", 2);
        let turned = Population::new(1, names(), turned).unwrap();
        let seed = Seed::new(3);
        assert_eq!(
            whole.generate(seed).unwrap(),
            turned.generate(seed).unwrap()
        );

        let refused = |change: fn(&mut Cloud)| {
            let mut clouds = whole.clouds.clone();
            change(&mut clouds[1]);
            Population::new(1, names(), clouds).unwrap_err().to_string()
        };
        let text = refused(|cloud| cloud.class = 2);
        assert!(text.contains("class of a cloud is 2"), "{text}");
        let text = refused(|cloud| cloud.deviation = 0.0);
        assert!(text.contains("deviation of a cloud is 0"), "{text}");
        let text = refused(|cloud| cloud.center.clear());
        assert!(text.contains("found 0, expected 1"), "{text}");
    }

    #[test]
    fn the_log_joint_is_prior_times_density() {
        let normal =
            |x: f64, deviation: f64| exp(-0.5 * powi(x / deviation, 2)) / (TAU.sqrt() * deviation);
        for x in [-3.0_f32, -0.4, 0.0, 1.7] {
            let at = f64::from(x);
            let expected = [
                0.5 * normal(at + 1.0, 1.0) + 10.0 / 60.0 * normal(at - 1.0, 1.0),
                20.0 / 60.0 * normal(at, 0.5),
            ];
            let found = line().log_joint(&[x]).unwrap();
            for (found, expected) in found.iter().zip(expected) {
                approx::assert_relative_eq!(exp(*found), expected, max_relative = 1e-12);
            }
        }
        // Far out, where the densities themselves are 0.
        let far = line().log_joint(&[1e4]).unwrap();
        assert!(far.iter().all(|x| x.is_finite()) && far[0] > far[1]);
        assert!(line().log_joint(&[0.0, 1.0]).is_err());
    }

    #[test]
    fn joint_densities_sum_to_one_over_all_classes_and_points() {
        let step = 1e-3;
        let points = (-8000..=8000).map(|i| i as f32 * step as f32);
        let joint = points.map(|x| line().log_joint(&[x]).unwrap());
        let mass: f64 = joint.flatten().map(exp).sum();
        assert!((mass * step - 1.0).abs() < 1e-4, "{}", mass * step);
    }

    #[test]
    fn rows_follow_their_clouds() {
        let data = line().generate(Seed::new(3)).unwrap();
        assert_eq!(data.class_counts().as_slice(), [40, 20]);
        let mean =
            |rows: &[f32]| rows.iter().map(|&x| f64::from(x)).sum::<f64>() / rows.len() as f64;
        let x = data.features_as_slice();
        assert!((mean(&x[..30]) + 1.0).abs() < 0.6 && (mean(&x[30..40]) - 1.0).abs() < 1.0);
        assert!(x[40..].iter().all(|x| x.abs() < 2.5));
    }
}
