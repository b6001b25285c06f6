//! What makes a matrix contradict itself.

use super::{Matrix, MatrixMethod, Tuning, Vary, varied::Varied};
use crate::{datasets::DatasetName, error::BenchError, plain_name::check_plain};
use art_methods::{Method, MethodName, Registry, Setting, UnknownName, Value};

/// Most runs that a matrix plans, trials of tuning and points of ablations included each for themselves.
const MOST_RUNS: u64 = 1_000_000;

impl Matrix {
    pub(super) fn check(&self, registry: &Registry) -> Result<(), BenchError> {
        self.check_stored()?;
        (0..self.ablations.len()).try_for_each(|position| self.check_ablation(position, registry))
    }

    /// What can be checked of a matrix without knowing its methods.
    pub(crate) fn check_stored(&self) -> Result<(), BenchError> {
        check_plain("matrix", &self.name)?;
        self.check_lists()?;
        self.of_datasets(self.training_on.keys())?;
        if let Some(tuning) = &self.tuning {
            self.check_tuning(tuning)?;
        }
        (0..self.ablations.len()).try_for_each(|position| self.check_ablation_name(position))?;
        self.check_size()
    }

    /// Makes sure that the runs can be planned at all.
    fn check_size(&self) -> Result<(), BenchError> {
        let product = |factors: &[usize]| {
            let factors = factors.iter().map(|&factor| factor as u64);
            factors.fold(1, u64::saturating_mul)
        };
        let pairs = product(&[self.datasets.len(), self.methods.len()]);
        let initialisations = u64::from(self.initialisations);
        let runs = product(&[self.seeds.len()]).saturating_mul(pairs);
        let mut planned = vec![(runs.saturating_mul(initialisations), "compares".to_owned())];
        planned.extend(self.tuning.iter().map(|tuning| {
            let by_settings = u64::from(tuning.trials_per_setting)
                .saturating_mul(u64::from(tuning.most_settings));
            let most = tuning.trials_on.values().map(|&trials| u64::from(trials));
            let trials = most.max().unwrap_or(0).max(by_settings);
            let of_seeds = product(&[tuning.seeds.len()]).saturating_mul(pairs);
            (of_seeds.saturating_mul(trials), "tunes".to_owned())
        }));
        planned.extend(self.ablations.iter().map(|ablation| {
            let values = ablation.vary.iter().map(|vary| vary.values.len());
            let mut factors: Vec<usize> = values.collect();
            factors.extend([ablation.methods.len(), self.seeds.len()]);
            (product(&factors), format!("varies {:?}", ablation.name))
        }));
        match planned.into_iter().find(|(runs, _)| *runs > MOST_RUNS) {
            Some((runs, does)) => {
                self.inconsistent(format!("{does} by {runs} runs; at most {MOST_RUNS}"))
            }
            None => Ok(()),
        }
    }

    pub(super) fn inconsistent(&self, problem: String) -> Result<(), BenchError> {
        Err(BenchError::Inconsistent {
            matrix: self.name.clone(),
            problem,
        })
    }

    /// Makes sure that `ids` are data sets of the matrix.
    fn of_datasets<'a>(&self, ids: impl IntoIterator<Item = &'a String>) -> Result<(), BenchError> {
        let unlisted = ids.into_iter().find(|id| !self.datasets.contains(id));
        let known = || self.datasets.iter().map(String::as_str);
        unlisted.map_or(Ok(()), |id| {
            Err(UnknownName::new("data set", id, known()).into())
        })
    }

    fn check_lists(&self) -> Result<(), BenchError> {
        if self.datasets.is_empty() || self.methods.is_empty() || self.seeds.is_empty() {
            let problem = "needs at least one data set, one method and one seed";
            return self.inconsistent(problem.into());
        }
        for dataset in &self.datasets {
            check_plain("data set", dataset)?;
            let name: DatasetName = dataset.parse()?;
            if name.variant.is_some() {
                return self.inconsistent(format!(
                    "compares on {name}; that is for ablations, which vary it"
                ));
            }
        }
        if self.initialisations == 0 {
            return self.inconsistent("runs no initialisation".into());
        }
        self.of_datasets(self.seeds_on.keys())?;
        let most = self.seeds.len();
        if let Some((dataset, n)) = self.seeds_on.iter().find(|(_, n)| !(1..=most).contains(*n)) {
            return self.inconsistent(format!(
                "takes {n} seeds on {dataset:?}; it has 1 to {most}"
            ));
        }
        if let Some(id) = repeated(&self.datasets) {
            return self.inconsistent(format!("has the data set {id:?} twice"));
        }
        if let Some(seed) = repeated(&self.seeds) {
            return self.inconsistent(format!("has the seed {seed} twice"));
        }
        let ids: Vec<&str> = self.methods.iter().map(|method| &*method.id).collect();
        if let Some(id) = repeated(&ids) {
            return self.inconsistent(format!("has the method {id:?} twice"));
        }
        let is_infinite = |(_, value): &(&str, &Value)| match value {
            Value::Number(number) => !number.is_finite(),
            Value::Word(_) => false,
        };
        for method in &self.methods {
            check_plain("method", &method.id)?;
            if let Some((name, value)) = method.settings.iter().find(is_infinite) {
                return self.inconsistent(format!(
                    "gives {:?} the {name} {value}, which is no finite number",
                    method.id
                ));
            }
        }
        self.of_datasets(self.methods.iter().flat_map(|m| m.left_out.keys()))
    }

    /// Makes sure that no two methods of a resolved matrix are the same under different names.
    pub(super) fn check_apart(&self, registry: &Registry) -> Result<(), BenchError> {
        let mut seen: Vec<(MethodName, &MatrixMethod)> = vec![];
        for method in &self.methods {
            let name = registry.parsed(&method.id)?;
            let twin = seen.iter().find(|(other, of)| {
                (&other.base, other.rule) == (&name.base, name.rule)
                    && of.settings == method.settings
            });
            if let Some((_, twin)) = twin {
                return self.inconsistent(format!(
                    "has {:?} and {:?}, which are one method with the same settings",
                    twin.id, method.id
                ));
            }
            seen.push((name, method));
        }
        Ok(())
    }

    fn check_tuning(&self, tuning: &Tuning) -> Result<(), BenchError> {
        self.of_datasets(tuning.trials_on.keys())?;
        if let Some(seed) = tuning.seeds.iter().find(|seed| self.seeds.contains(seed)) {
            return self.inconsistent(format!(
                "tunes on seed {seed}, which is one of its seeds: it would be judged on the split that chose \
                 its settings"
            ));
        }
        if tuning.seeds.is_empty() {
            return self.inconsistent("tunes on no seed".into());
        }
        if let Some(seed) = repeated(&tuning.seeds) {
            return self.inconsistent(format!("tunes on the seed {seed} twice"));
        }
        let by_settings = [tuning.trials_per_setting, tuning.most_settings];
        if by_settings.contains(&0) || tuning.trials_on.values().any(|&trials| trials == 0) {
            return self.inconsistent("tunes with no trial".into());
        }
        let is_fixed = |m: &&MatrixMethod| m.n_settings.is_none() && m.settings.iter().count() > 0;
        match self.methods.iter().find(is_fixed) {
            Some(method) => self.inconsistent(format!(
                "tunes {:?} and fixes some of its settings; leave these out, or do not tune",
                method.id
            )),
            None => Ok(()),
        }
    }

    fn check_ablation_name(&self, position: usize) -> Result<(), BenchError> {
        let ablation = &self.ablations[position];
        let name = &ablation.name;
        if self.ablations[..position]
            .iter()
            .any(|other| other.name == *name)
        {
            return self.inconsistent(format!("has the ablation {name:?} twice"));
        }
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(is_plain) || self.datasets.contains(name) {
            return self.inconsistent(format!(
                "calls an ablation {name:?}; its name stands in the place of a data set's and needs \
                 lower-case letters, digits and hyphens"
            ));
        }
        let dataset: DatasetName = ablation.dataset.parse()?;
        if dataset.variant.is_some() {
            return self.inconsistent(format!(
                "varies the data set {dataset} in the ablation {name:?}; name it as it is and vary the rest"
            ));
        }
        Ok(())
    }

    fn check_ablation(&self, position: usize, registry: &Registry) -> Result<(), BenchError> {
        let ablation = &self.ablations[position];
        let name = &ablation.name;
        let methods = ablation.methods.iter().map(|method| registry.get(method));
        let methods = methods.collect::<Result<Vec<_>, _>>()?;
        for id in &ablation.methods {
            let (method, named) = registry.with_settings(id)?;
            let varied = ablation.vary.iter().map(|vary| &*vary.setting);
            let is_fixed = |setting: &&str| {
                let declared = method.setting(setting);
                declared.is_ok_and(|declared| named.get(declared.key()).is_some())
            };
            if let Some(setting) = varied.into_iter().find(is_fixed) {
                return self.inconsistent(format!(
                    "varies the {setting} of {id:?} in {name:?}, which its name fixes"
                ));
            }
        }
        let of_methods = || methods.iter().flat_map(Method::declared);
        for vary in &ablation.vary {
            let varied = Varied::named(&vary.setting);
            if varied == Varied::Setting && !of_methods().any(|s| s.is_called(&vary.setting)) {
                let known = Varied::names().chain(of_methods().map(Setting::name));
                return Err(UnknownName::new("setting", &vary.setting, known).into());
            }
            let refused =
                |value: &Value| Some((value.clone(), varied.refuses(&vary.setting, value)?));
            if let Some((value, why)) = vary.values.iter().find_map(refused) {
                return self.inconsistent(format!(
                    "varies the {} in {name:?} to {value}; {why}",
                    vary.setting
                ));
            }
            if varied == Varied::Trials && self.tuning.is_none() {
                return self
                    .inconsistent(format!("varies the trials in {name:?} and tunes nothing"));
            }
        }
        let of_data = |vary: &&Vary| Varied::named(&vary.setting) == Varied::Data;
        let of_data: Vec<&str> = (ablation.vary.iter().filter(of_data))
            .map(|vary| &*vary.setting)
            .collect();
        if let [first, second, ..] = of_data[..] {
            return self.inconsistent(format!("varies {first} and {second} at once in {name:?}"));
        }
        Ok(())
    }
}

impl Matrix {
    /// Whether `id` is one of its data sets, those of ablations included.
    pub(crate) fn has_dataset(&self, id: &str) -> bool {
        let of_ablations = self.ablations.iter().map(|ablation| &ablation.dataset);
        self.datasets
            .iter()
            .chain(of_ablations)
            .any(|known| known == id)
    }
}

/// Something that a list has twice.
fn repeated<T: PartialEq>(list: &[T]) -> Option<&T> {
    let mut positions = list.iter().enumerate();
    positions.find_map(|(at, item)| list[..at].contains(item).then_some(item))
}
