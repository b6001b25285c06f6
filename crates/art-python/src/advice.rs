//! Methods by name, and what to do by what they have shown.

use crate::error::Refused;
use art_advice::{Choice, Experience, WouldTell, weigh};
use art_methods::{Asks, Registry, recommended};
use art_stats::Differences;
use pyo3::prelude::*;

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(method, module)?)?;
    module.add_function(wrap_pyfunction!(methods, module)?)?;
    module.add_function(wrap_pyfunction!(advise, module)?)
}

/// The name of a method as it is compared, with all that was typed; without one that of the method that is recommended for so many
/// rows. And its title.
#[pyfunction]
fn method(name: Option<&str>, n_rows: usize) -> PyResult<(String, String)> {
    let name = name.unwrap_or_else(|| recommended(n_rows));
    let chosen = Registry::standard().choose(name).map_err(Refused::from)?;
    let method = chosen.method();
    Ok((method.id().to_owned(), method.title().to_owned()))
}

/// The name and the title of every method.
#[pyfunction]
fn methods() -> Vec<(String, String)> {
    let registry = Registry::standard();
    let methods = registry.methods().iter();
    methods
        .map(|method| (method.id().to_owned(), method.title().to_owned()))
        .collect()
}

/// The kind of the choice and the place of what it is about; the splits, and the times as many rows, that would tell where it
/// is unclear; of each entry the gain, its interval, the chance of harm and whether other tables know it; and how many tables those are.
type Advised = (
    (&'static str, usize),
    (Option<usize>, Option<f64>),
    Vec<(f64, f64, f64, f64, bool)>,
    usize,
);

/// Weighs differences of entries to plain training, in points, a list for each split. `methods` are names of methods, none for
/// models of other kinds; scores go in steps of `resolution`.
#[pyfunction]
fn advise(
    py: Python<'_>,
    methods: Vec<Option<String>>,
    differences: Vec<Vec<f64>>,
    test_over_train: f64,
    resolution: f64,
    at_most: f64,
) -> PyResult<Advised> {
    let advised = py.detach(|| {
        let shown = Differences::new(differences, test_over_train)?.with_resolution(resolution);
        let registry = Registry::standard();
        let of = |name: &Option<String>| match name {
            Some(name) => registry.asks_of(name),
            None => Asks::More,
        };
        let asks: Vec<Asks> = methods.iter().map(of).collect();
        let experience = Experience::of_program();
        let names: Vec<Option<&str>> = methods.iter().map(Option::as_deref).collect();
        let prior = experience.prior_with_models(&names)?;
        let weighed = weigh(&prior, &shown, &asks, at_most);
        let (choice, would_tell) = match weighed.choice {
            Choice::Do(place) => (("do", place), (None, None)),
            Choice::NotWorthIt(place) => (("keep", place), (None, None)),
            Choice::Unclear(place) => {
                let tells = WouldTell::of(&prior, &shown, &asks, at_most);
                (("unclear", place), (tells.splits, tells.rows))
            }
        };
        let expected = weighed.expected.iter().zip(&names).map(|(of, name)| {
            let is_known = name.is_some_and(|name| experience.knows(name));
            let (low, high) = (of.interval.low, of.interval.high);
            (of.gain, low, high, of.chance_of_harm, is_known)
        });
        let n_tables = experience.tables.len();
        Ok::<_, Refused>((choice, would_tell, expected.collect(), n_tables))
    });
    Ok(advised?)
}
