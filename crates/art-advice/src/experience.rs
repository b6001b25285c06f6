//! What other tables have shown of methods.

use art_stats::{GainPrior, StatsError};
use serde::{Deserialize, Serialize};

/// How gains over plain training vary over tables, in points of macro F1, and which tables showed it. Written by the
/// example `experience` of art-bench, from scores that are kept with the results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experience {
    /// Form of the file.
    schema: u32,
    /// The tables.
    pub tables: Vec<String>,
    /// The methods, by their names.
    pub methods: Vec<String>,
    /// The mean gain of each.
    mean: Vec<f64>,
    /// Its covariance over tables.
    covariance: Vec<Vec<f64>>,
    /// The covariance of the differences of a split over its mean variance.
    noise: Vec<Vec<f64>>,
    /// The mean variance of the differences of a split, on a middling table.
    split_variance: f64,
}

/// Tables that a guess counts as, where there is no experience: so many that it is not doubted.
const GUESSED_TABLES: usize = 1_000;
/// Variance of a split that is guessed, in square points.
const GUESSED_SPLIT_VARIANCE: f64 = 16.0;
/// Points by which gains of a table are guessed to deviate from none.
const GUESSED_DEVIATION: f64 = 3.0;
/// How much of a guessed gain a table's methods share.
const GUESSED_SHARE: f64 = 0.5;

/// Points by which models of other kinds deviate from networks over tables: gradient boosting and forests do by 6.3 to 7.2 on 27 tables
/// (`docs/performance/models.md`: standard errors of 1.21 to 1.38).
const MODELS_DEVIATION: f64 = 7.0;
/// How much of that they share.
const MODELS_SHARE: f64 = 0.5;

impl Experience {
    const SCHEMA: u32 = 1;

    /// That of the program.
    ///
    /// # Panics
    /// Never: a test reads it.
    pub fn of_program() -> Self {
        serde_json::from_str(include_str!("experience.json")).expect("the program's own file")
    }

    /// A prior as it is to be written down, rounded to what the scores say.
    pub fn new(tables: Vec<String>, methods: Vec<String>, prior: &GainPrior) -> Self {
        let rounded = |x: &f64| (x * 1e4).round() / 1e4;
        let rows = |rows: Vec<Vec<f64>>| {
            let rows = rows.iter();
            rows.map(|row| row.iter().map(rounded).collect()).collect()
        };
        Self {
            schema: Self::SCHEMA,
            tables,
            methods,
            mean: prior.mean().iter().map(rounded).collect(),
            covariance: rows(prior.covariance()),
            noise: rows(prior.noise()),
            split_variance: rounded(&prior.split_variance()),
        }
    }

    /// The prior of these methods' gains. Methods that no table had are guessed from the others.
    ///
    /// # Errors
    /// [`StatsError`] for numbers that are no prior.
    pub fn prior(&self, methods: &[&str]) -> Result<GainPrior, StatsError> {
        let prior = GainPrior::from_parts(
            self.mean.clone(),
            &self.covariance,
            &self.noise,
            self.split_variance,
            self.tables.len(),
        )?;
        let places: Vec<Option<usize>> = methods.iter().map(|m| self.place(m)).collect();
        Ok(prior.of(&places))
    }

    /// The same with models of other kinds among the methods, each none here: trees, say, or what somebody has built. Of these no
    /// gain and no loss is expected, either may be large, and they go together with each other and not with the methods.
    ///
    /// # Errors
    /// As [`prior`](Self::prior).
    pub fn prior_with_models(&self, entries: &[Option<&str>]) -> Result<GainPrior, StatsError> {
        // No method has the name "".
        let names: Vec<&str> = entries
            .iter()
            .map(|name| name.unwrap_or_default())
            .collect();
        let prior = self.prior(&names)?;
        let mean = prior.mean().iter().zip(entries);
        let mean = mean.map(|(gain, name)| if name.is_some() { *gain } else { 0.0 });
        let mut covariance = prior.covariance();
        let variance = MODELS_DEVIATION * MODELS_DEVIATION;
        for (i, one) in entries.iter().enumerate() {
            for (j, other) in entries.iter().enumerate() {
                match (one, other) {
                    (Some(_), Some(_)) => {}
                    (None, None) if i == j => covariance[i][j] = variance,
                    (None, None) => covariance[i][j] = MODELS_SHARE * variance,
                    _ => covariance[i][j] = 0.0,
                }
            }
        }
        GainPrior::from_parts(
            mean.collect(),
            &covariance,
            &prior.noise(),
            prior.split_variance(),
            prior.n_tables(),
        )
    }

    /// Whether tables have shown what the method gains.
    pub fn knows(&self, method: &str) -> bool {
        self.place(method).is_some()
    }

    fn place(&self, method: &str) -> Option<usize> {
        self.methods.iter().position(|known| known == method)
    }

    /// The prior of `n` methods where there is no experience: gains of a few points either way.
    ///
    /// # Errors
    /// None in truth.
    pub fn none(n: usize) -> Result<GainPrior, StatsError> {
        let variance = GUESSED_DEVIATION * GUESSED_DEVIATION;
        let even = |variance: f64| -> Vec<Vec<f64>> {
            let at = |i: usize, j: usize| {
                if i == j {
                    variance
                } else {
                    GUESSED_SHARE * variance
                }
            };
            (0..n).map(|i| (0..n).map(|j| at(i, j)).collect()).collect()
        };
        let parts = (even(variance), even(1.0));
        GainPrior::from_parts(
            vec![0.0; n],
            &parts.0,
            &parts.1,
            GUESSED_SPLIT_VARIANCE,
            GUESSED_TABLES,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use art_methods::Registry;

    #[test]
    fn the_programs_own_file_is_read_and_names_methods_that_there_are() {
        let experience = Experience::of_program();
        assert_eq!(experience.schema, Experience::SCHEMA);
        assert!(experience.tables.len() >= 20 && experience.knows("break-even:folds=5+plug-in"));
        for method in &experience.methods {
            assert!(Registry::standard().typed(method).is_ok(), "{method}");
        }
        let methods: Vec<&str> = experience.methods.iter().map(String::as_str).collect();
        experience.prior(&methods).unwrap();
        let prior = experience
            .prior(&["one-that-nobody-knows", methods[0]])
            .unwrap();
        assert_eq!(prior.mean()[1], experience.mean[0]);
        assert!(prior.mean()[0].is_finite());
    }

    #[test]
    fn of_other_models_nothing_is_expected_and_much_is_possible() {
        let experience = Experience::of_program();
        let entries = [Some("art"), None, Some("baseline+tau-e"), None];
        let gains = experience.prior_with_models(&entries).unwrap();
        let known = experience.prior(&["art", "baseline+tau-e"]).unwrap();
        assert_eq!(gains.mean()[1], 0.0);
        assert_eq!(gains.mean()[0], known.mean()[0]);
        assert_eq!(gains.covariance()[0][2], known.covariance()[0][1]);
        assert_eq!(gains.covariance()[1][0], 0.0);
        // Few splits then move what is expected of them, and not of what is known.
        let shown = vec![vec![0.0, 12.0, 0.0, 9.0], vec![1.0, 10.0, 1.0, 7.0]];
        let shown = art_stats::Differences::new(shown, 0.2).unwrap();
        assert!(gains.posterior(Some(&shown)).mean()[1] > 6.0);
    }

    #[test]
    fn without_experience_nothing_is_expected() {
        let gains = Experience::none(3).unwrap().posterior(None);
        assert_eq!(gains.mean(), [0.0; 3]);
        assert!((gains.chance_of_harm(1) - 0.5).abs() < 1e-9);
    }
}
