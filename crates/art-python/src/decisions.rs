//! Decisions moved after training: logits and labels in, the rule's numbers out, and classes by them.

use crate::{error::Refused, interrupt::heard, settings::unknown};
use art_core::{ClassDistribution, ParamError};
use art_train::{
    Adjustment, AffineRule, ClassThresholds, CostMatrix, LogitPrior, PlugIn, PostHoc, Predictions,
    TauE, Temperature,
};
use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

/// What a rule chose: an offset for each logit, the temperature, and of the affine rule the F1 and the size of each class.
type Parts = (Vec<f64>, Option<f64>, Option<(Vec<f64>, Vec<f64>)>);

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(fit_decision, module)?)?;
    module.add_function(wrap_pyfunction!(decide, module)?)?;
    module.add_function(wrap_pyfunction!(natural_probabilities, module)?)?;
    module.add_function(wrap_pyfunction!(decide_by_costs, module)?)
}

/// What the rule called `rule` chooses on these rows. `prior` are the class shares that the logits are for and `natural` those
/// of the world, as shares or as counts.
#[pyfunction]
fn fit_decision(
    py: Python<'_>,
    rule: &str,
    logits: PyReadonlyArray2<'_, f32>,
    labels: PyReadonlyArray1<'_, u32>,
    prior: Vec<f64>,
    natural: Vec<f64>,
) -> PyResult<Parts> {
    let rule: &'static dyn PostHoc = match rule {
        "tau-e" => &TauE,
        "plug-in" => &PlugIn,
        "thresholds" => &ClassThresholds,
        "temperature" => &Temperature,
        other => {
            let expected = "'tau-e', 'plug-in', 'thresholds' or 'temperature'";
            return Err(unknown("rule", other, expected));
        }
    };
    let labels = labels.as_array().to_vec();
    let validation = predictions(&logits, labels)?;
    let (prior, natural) = shares(prior, natural, validation.n_classes())?;
    let Adjustment {
        offsets,
        temperature,
        affine,
    } = heard(py, move || rule.adjust(&validation, &prior, &natural))?;
    Ok((
        offsets,
        temperature,
        affine.map(|rule| (rule.f1, rule.sizes)),
    ))
}

/// The class of each row by what a rule chose.
#[pyfunction]
fn decide<'py>(
    py: Python<'py>,
    logits: PyReadonlyArray2<'py, f32>,
    parts: Parts,
) -> PyResult<Bound<'py, PyArray1<u32>>> {
    let rows = unlabelled(&logits)?;
    let n_classes = rows.n_classes();
    let (offsets, temperature, affine) = parts;
    if offsets.len() != n_classes {
        return Err(other_classes("offsets", offsets.len(), n_classes));
    }
    let affine = affine.map(|(f1, sizes)| AffineRule {
        temperature: temperature.unwrap_or(1.0),
        f1,
        sizes,
    });
    if affine.as_ref().is_some_and(|rule| !rule.is_for(n_classes)) {
        let expected = "an F1 and a size of each class, not negative";
        return Err(bad("affine rule", "for other classes", expected));
    }
    let adjustment = Adjustment {
        offsets,
        temperature,
        affine,
    };
    let decided = py.detach(|| rows.decided_by(&adjustment));
    Ok(decided.into_pyarray(py))
}

/// The probabilities of each row, corrected to the natural shares and divided by the temperature.
#[pyfunction]
fn natural_probabilities<'py>(
    py: Python<'py>,
    logits: PyReadonlyArray2<'py, f32>,
    prior: Vec<f64>,
    natural: Vec<f64>,
    temperature: f64,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let rows = unlabelled(&logits)?;
    let (prior, natural) = shares(prior, natural, rows.n_classes())?;
    if !(temperature > 0.0 && temperature.is_finite()) {
        return Err(bad("temperature", temperature, "a number above 0"));
    }
    let probabilities = py.detach(|| rows.probabilities(&prior, &natural, temperature));
    let shape = (rows.n_rows(), rows.n_classes());
    let probabilities = Array2::from_shape_vec(shape, probabilities.concat());
    Ok(probabilities
        .expect("every row has a number for each class")
        .into_pyarray(py))
}

/// The class of each row that costs the least by these probabilities, with `costs[predicted][truth]`.
#[pyfunction]
fn decide_by_costs<'py>(
    py: Python<'py>,
    probabilities: PyReadonlyArray2<'py, f64>,
    costs: Vec<Vec<f64>>,
) -> PyResult<Bound<'py, PyArray1<u32>>> {
    let costs = CostMatrix::new(costs).map_err(Refused::from)?;
    let probabilities = probabilities.as_array();
    if probabilities.ncols() != costs.n_classes() {
        let n_classes = probabilities.ncols();
        return Err(other_classes("costs", costs.n_classes(), n_classes));
    }
    let decided: Vec<u32> = py.detach(|| {
        let rows = probabilities.rows().into_iter();
        rows.map(|row| costs.decide(&row.to_vec()) as u32).collect()
    });
    Ok(decided.into_pyarray(py))
}

/// Logits with labels that belong to them.
fn predictions(logits: &PyReadonlyArray2<'_, f32>, labels: Vec<u32>) -> PyResult<Predictions> {
    let logits = logits.as_array();
    let (n_rows, n_classes) = logits.dim();
    if n_classes < 2 {
        return Err(bad("number of classes", n_classes, "at least 2"));
    }
    if labels.len() != n_rows || labels.iter().any(|&label| label as usize >= n_classes) {
        let found = format!("{} labels", labels.len());
        let expected = format!("{n_rows} that are classes below {n_classes}");
        return Err(bad("labels", found, expected));
    }
    let logits = logits.iter().copied().collect();
    let predictions = Predictions::from_logits(n_classes, logits, labels);
    predictions
        .check_finite("the logits")
        .map_err(Refused::from)?;
    Ok(predictions)
}

/// Logits whose labels have no say.
fn unlabelled(logits: &PyReadonlyArray2<'_, f32>) -> PyResult<Predictions> {
    predictions(logits, vec![0; logits.as_array().nrows()])
}

fn shares(
    prior: Vec<f64>,
    natural: Vec<f64>,
    n_classes: usize,
) -> PyResult<(LogitPrior, ClassDistribution)> {
    for (what, shares) in [("model prior", &prior), ("class prior", &natural)] {
        if shares.len() != n_classes {
            return Err(other_classes(what, shares.len(), n_classes));
        }
    }
    let prior = ClassDistribution::from_scores(&prior).map_err(Refused::from)?;
    let natural = ClassDistribution::from_scores(&natural).map_err(Refused::from)?;
    Ok((prior.into(), natural))
}

fn other_classes(what: &'static str, found: usize, n_classes: usize) -> PyErr {
    let expected = format!("for {n_classes}, the columns of the probabilities");
    bad(what, format!("for {found} classes"), expected)
}

fn bad(field: &'static str, found: impl ToString, expected: impl Into<String>) -> PyErr {
    Refused::from(ParamError::new(field, found.to_string(), expected.into())).into()
}
