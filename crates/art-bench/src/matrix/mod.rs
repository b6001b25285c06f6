//! The matrix: which methods run on which data sets with which seeds, how they are tuned, what is varied.

use crate::{cell::CellSpec, error::BenchError, metric::Metric};
use art_data::nearest_name;
use art_methods::{PLAIN, Registry, Setting, UnknownName, training_space};
use art_train::Training;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

mod ablation;
mod check;
mod method;
mod varied;

pub use ablation::{Ablation, AblationPoint, TunedPoint, Vary};
pub use method::{MatrixMethod, Role};

/// The matrices that come with the program, by name.
pub const MATRICES: [(&str, &str); 4] = [
    ("paper", include_str!("../../matrices/paper.toml")),
    ("fixed", include_str!("../../matrices/fixed.toml")),
    ("extended", include_str!("../../matrices/extended.toml")),
    ("beyond", include_str!("../../matrices/beyond.toml")),
];

/// Which methods run on which data sets with which seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// Name for reports and folders.
    pub name: String,
    /// One sentence on what it is for.
    pub purpose: String,
    /// Ids of data sets.
    pub datasets: Vec<String>,
    /// Methods.
    pub methods: Vec<MatrixMethod>,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// How many of them, the first ones, where a data set is so large that few are enough.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seeds_on: BTreeMap<String, usize>,
    /// Runs of each seed with other weights and draws on the same split; a seed's score is their mean.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub initialisations: u32,
    /// How every method is trained.
    pub training: Training,
    /// How every method is trained on a data set that needs something else.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub training_on: BTreeMap<String, Training>,
    /// The score that the verdict on a table of the user's own goes by.
    #[serde(default, skip_serializing_if = "Metric::is_default")]
    pub metric: Metric,
    /// How settings are chosen; without it they are those of the matrix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning: Option<Tuning>,
    /// What is varied beside the comparison.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ablations: Vec<Ablation>,
}

fn one() -> u32 {
    1
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_one(number: &u32) -> bool {
    *number == 1
}

/// How the settings of each method are chosen on each data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tuning {
    /// Seeds of the splits that a trial is scored on; none of them is a seed of the matrix.
    pub seeds: Vec<u64>,
    /// Trials for each setting that is tuned, learning rate and weight decay included.
    pub trials_per_setting: u32,
    /// Settings that bring trials; those beyond bring no more.
    pub most_settings: u32,
    /// Trials on data sets that have a number of their own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub trials_on: BTreeMap<String, u32>,
}

impl Tuning {
    /// Trials of a method with `n_settings` settings in all.
    pub fn trials(&self, dataset: &str, n_settings: usize) -> u32 {
        let n_settings = u32::try_from(n_settings).unwrap_or(u32::MAX);
        let by_settings =
            (self.trials_per_setting).saturating_mul(n_settings.min(self.most_settings));
        self.trials_on.get(dataset).copied().unwrap_or(by_settings)
    }
}

/// A method and a data set of a matrix that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// Id of the data set.
    pub dataset: &'a str,
    /// The method.
    pub method: &'a MatrixMethod,
    /// How it is trained, unless tuning chooses otherwise.
    pub training: &'a Training,
}

impl Pair<'_> {
    /// Whether its trials are those of `other` too, as far as both plan them.
    pub(crate) fn has_trials_of(&self, other: &Pair<'_>) -> bool {
        self.dataset == other.dataset
            && self.method.id == other.method.id
            && self.training == other.training
    }

    /// A cell of the pair with the settings of the matrix, in its first initialisation.
    pub fn cell(&self, seed: u64) -> CellSpec {
        CellSpec {
            dataset: self.dataset.to_owned(),
            method: self.method.id.clone(),
            seed,
            initialisation: 0,
            settings: self.method.settings.clone(),
            training: self.training.clone(),
            trial: None,
        }
    }
}

/// What tuning may try for a method: learning rate and weight decay, then its own settings.
pub(crate) fn tuning_space(own: &[Setting]) -> Vec<Setting> {
    training_space()
        .into_iter()
        .chain(own.iter().filter(|s| s.is_tuned()).cloned())
        .collect()
}

impl Matrix {
    /// The matrix called `name`, which comes with the program.
    ///
    /// # Errors
    /// [`BenchError::Unknown`], listing those that do.
    pub fn named(name: &str) -> Result<Self, BenchError> {
        let known = MATRICES.iter().find(|(known, _)| *known == name);
        let (_, text) =
            known.ok_or_else(|| UnknownName::new("matrix", name, MATRICES.map(|(n, _)| n)))?;
        Self::parse(Path::new(name), text)
    }

    /// The matrix in the TOML file `path`.
    ///
    /// # Errors
    /// [`BenchError::Io`] or [`BenchError::Format`] naming the line.
    pub fn read(path: &Path) -> Result<Self, BenchError> {
        let text = fs::read_to_string(path).map_err(BenchError::io("read", path))?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, BenchError> {
        toml::from_str(text).map_err(|error| {
            let offset = error.span().map(|span| span.start);
            BenchError::form_at(path, text, offset, with_nearest_key(error.message()))
        })
    }

    /// The matrix `fixed` with the first five seeds: an answer within a minute.
    pub fn quick() -> Self {
        let fixed = Self::named("fixed").expect("it comes with the program");
        Self {
            name: "quick".into(),
            purpose: "Fixed hyper-parameters for every method, the first 5 seeds of the paper: a \
                      first look within a minute."
                .into(),
            seeds: fixed.seeds[..5].to_vec(),
            ..fixed
        }
    }

    /// The matrix with every setting of every method written out, so that it means the same when
    /// defaults change.
    ///
    /// # Errors
    /// [`BenchError::Unknown`] for a method, setting or data set that is not known,
    /// [`BenchError::Inconsistent`] for a matrix that contradicts itself, [`BenchError::Method`] for a name that gives a
    /// setting twice.
    pub fn resolved(mut self, registry: &Registry) -> Result<Self, BenchError> {
        self.take_named_settings(registry)?;
        self.check(registry)?;
        for method in &mut self.methods {
            let declared = registry.get(&method.id)?;
            method.settings = declared.resolve(&method.settings)?;
            if self.tuning.is_some() {
                method.n_settings = Some(tuning_space(declared.declared()).len());
            }
        }
        self.check_apart(registry)?;
        Ok(self)
    }

    /// Gives each method the settings that stand in its name.
    fn take_named_settings(&mut self, registry: &Registry) -> Result<(), BenchError> {
        for place in 0..self.methods.len() {
            let method = &mut self.methods[place];
            let (declared, named) = registry.with_settings(&method.id)?;
            method.settings = declared.keyed(&method.settings)?;
            for (name, value) in named.iter() {
                match method.settings.get(name) {
                    Some(own) if own != value => {
                        let problem = format!(
                            "calls a method {:?} and gives it the {name} {own}",
                            method.id
                        );
                        return self.inconsistent(problem);
                    }
                    _ => method.settings.insert(name, value.clone()),
                }
            }
        }
        Ok(())
    }

    /// The cells of a pair, seed by seed. Plain training has at least two initialisations: their difference says what chance
    /// alone does.
    pub fn cells<'a>(&'a self, pair: &Pair<'a>) -> impl Iterator<Item = CellSpec> + use<'a> {
        let fewest = if pair.method.id == PLAIN { 2 } else { 1 };
        let n = self.initialisations.max(fewest);
        let pair = *pair;
        self.seeds_on(pair.dataset).iter().flat_map(move |&seed| {
            (0..n).map(move |initialisation| CellSpec {
                initialisation,
                ..pair.cell(seed)
            })
        })
    }

    /// The seeds of a data set.
    pub fn seeds_on(&self, dataset: &str) -> &[u64] {
        let all = self.seeds.len();
        let n = self.seeds_on.get(dataset).copied().unwrap_or(all);
        &self.seeds[..n.min(all)]
    }

    /// How methods are trained on a data set.
    pub fn training_on(&self, dataset: &str) -> &Training {
        self.training_on.get(dataset).unwrap_or(&self.training)
    }

    /// The pairs of data set and method that are run, data set by data set.
    pub fn pairs(&self) -> Vec<Pair<'_>> {
        let of_dataset = |dataset: &'_ String| {
            let methods = self.methods.iter();
            let methods = methods.filter(move |m| !m.left_out.contains_key(dataset));
            methods.collect::<Vec<_>>()
        };
        let pairs = self.datasets.iter().flat_map(|dataset| {
            of_dataset(dataset).into_iter().map(move |method| Pair {
                dataset,
                method,
                training: self.training_on(dataset),
            })
        });
        pairs.collect()
    }
}

/// Adds the key that an unknown one resembles to the parser's message about it.
fn with_nearest_key(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let is_unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    let hint = quoted.next().filter(|_| is_unknown).and_then(|key| {
        nearest_name(key, quoted).map(|nearest| format!("; did you mean `{nearest}`?"))
    });
    message.to_owned() + &hint.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn the_quick_plan_is_this() {
        let matrix = Matrix::quick().resolved(&Registry::standard()).unwrap();
        let mut text = String::new();
        for &seed in &matrix.seeds {
            for pair in matrix.pairs() {
                let cell = pair.cell(seed);
                let _ = writeln!(text, "{} {cell}", cell.id());
            }
        }
        insta::assert_snapshot!(text);
    }

    fn error(change: impl FnOnce(&mut Matrix)) -> String {
        let mut matrix = Matrix::named("paper").unwrap();
        change(&mut matrix);
        matrix
            .resolved(&Registry::standard())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn what_is_unknown_is_named_with_what_it_may_have_been_meant_to_be() {
        let text = error(|matrix| matrix.methods.push(MatrixMethod::with_defaults("artt")));
        assert_eq!(text, "unknown method \"artt\", did you mean \"art\"?");
        let text = error(|matrix| {
            matrix.tuning = None;
            let art = matrix.methods.iter_mut().find(|m| m.id == "art").unwrap();
            art.settings.insert("cc", 0.3);
        });
        assert_eq!(
            text,
            "unknown setting \"cc\"; known are blend, boost_frequency, folds"
        );
        let text = error(|matrix| matrix.datasets[0] = "pina".into());
        assert!(text.contains("did you mean \"pima\"?"), "{text}");
        let text = error(|matrix| matrix.ablations[0].vary[0].setting = "widht".into());
        assert!(text.contains("did you mean \"width\"?"), "{text}");
        assert!(
            Matrix::named("papr")
                .unwrap_err()
                .to_string()
                .contains("\"paper\"?")
        );
    }

    #[test]
    fn a_matrix_that_contradicts_itself_is_refused() {
        let text = error(|matrix| matrix.tuning.as_mut().unwrap().seeds[1] = 1834);
        assert!(text.contains("tunes on seed 1834"), "{text}");
        let text = error(|matrix| matrix.methods.push(MatrixMethod::with_defaults("art")));
        assert!(text.contains("has the method \"art\" twice"), "{text}");
        let text = error(|matrix| matrix.methods.push(MatrixMethod::with_defaults("art:mine")));
        assert!(
            text.contains(
                "has \"art\" and \"art:mine\", which are one method with the same settings"
            ),
            "{text}"
        );
        let text = error(|matrix| matrix.tuning.as_mut().unwrap().seeds = vec![1, 1]);
        assert!(text.contains("tunes on the seed 1 twice"), "{text}");
        let text = error(|matrix| matrix.tuning.as_mut().unwrap().most_settings = 0);
        assert!(text.contains("tunes with no trial"), "{text}");
        let text = error(|matrix| matrix.seeds.push(1834));
        assert!(text.contains("has the seed 1834 twice"), "{text}");
        let text = error(|matrix| {
            matrix.tuning = None;
            let art = matrix.methods.iter_mut().find(|m| m.id == "art").unwrap();
            art.settings.insert("c", f64::NAN);
        });
        assert!(text.contains("gives \"art\" the c NaN"), "{text}");
        let text = error(|matrix| matrix.datasets.push("pima".into()));
        assert!(text.contains("has the data set \"pima\" twice"), "{text}");
        let text = error(|matrix| matrix.datasets[0] = "pima@ratio=3".into());
        assert!(text.contains("that is for ablations"), "{text}");
        let text = error(|matrix| matrix.methods[1].settings.insert("ratio", 0.5));
        assert!(text.contains("fixes some of its settings"), "{text}");
        let text = error(|matrix| matrix.ablations[0].name = "../x".into());
        assert!(text.contains("calls an ablation \"../x\""), "{text}");
        let text = error(|matrix| matrix.ablations[2].vary[0].values[0] = 16.5.into());
        assert!(text.contains("whole number of units"), "{text}");
        let text = error(|matrix| matrix.seeds.clear());
        assert!(text.contains("at least one data set"), "{text}");
        let text = error(|matrix| {
            let left_out = &mut matrix.methods[0].left_out;
            left_out.insert("mnist".into(), String::new());
        });
        assert!(text.contains("did you mean \"mnist-lt\"?"), "{text}");
    }

    #[test]
    fn a_misspelled_key_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.toml");
        let text = MATRICES[1].1.replace("batch_size", "batchsize");
        std::fs::write(&path, text).unwrap();
        let error = Matrix::read(&path).unwrap_err().to_string();
        assert!(
            error.contains("mine.toml, line 20: unknown field `batchsize`"),
            "{error}"
        );
        assert!(error.ends_with("did you mean `batch_size`?"), "{error}");
        assert!(Matrix::read(folder.path()).is_err());
    }

    #[test]
    fn ablations_vary_what_each_method_knows() {
        let registry = Registry::standard();
        let matrix = Matrix::named("paper").unwrap().resolved(&registry).unwrap();
        let points = |name: &str| {
            let ablation = matrix.ablations.iter().find(|a| a.name == name).unwrap();
            matrix.points(ablation, &registry).unwrap()
        };
        let blend = points("blend");
        assert_eq!(blend.len(), 7 + 1, "the baseline does not know c");
        assert_eq!(blend[7].values, [None]);
        let boost = points("boost");
        assert_eq!(boost.len(), 15 + 3, "the static blend does not know bf");
        assert_eq!(boost[15].values, [Some(0.1.into()), None]);
        assert_eq!(points("width")[5].cells[0].training.hidden, [512, 512]);
        assert_eq!(points("ratio")[3].cells[0].dataset, "pima@ratio=10");
        assert_eq!(points("train-ratio").len(), 18);
    }

    #[test]
    fn trials_grow_with_the_settings_up_to_a_number() {
        let tuning = Matrix::named("paper").unwrap().tuning.unwrap();
        let trials = [2, 3, 4, 6].map(|n| tuning.trials("pima", n));
        assert_eq!(trials, [30, 45, 60, 60]);
        assert_eq!(tuning.trials("mnist-lt", 6), 20);
    }
}
