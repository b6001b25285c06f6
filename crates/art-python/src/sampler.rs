//! Samplers, and the rows of an epoch.

use crate::{
    error::Refused,
    settings::{Settings, unknown},
};
use art_core::{
    ArtParams, ArtSampler, BlendBase, BlendRule, BoundsParams, BreakEven, BreakEvenParams,
    ClassBalanced, ClassIndex, ConfusionMatrix, DrawMode, EpochDraw, EpochSampler, Feedback,
    OneMinusPrecision, OneMinusRecall, PowerSampler, PowerSchedule, Refresh, SamplerState, Seed,
    Shard, ShrunkF1, Shuffle,
};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::{
    exceptions::{PyIndexError, PyValueError},
    prelude::*,
    types::PyDict,
};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// A sampler of any kind.
#[pyclass(frozen, module = "imbalanced_art._core")]
pub(crate) struct Sampler {
    inner: RwLock<Box<dyn EpochSampler>>,
}

/// What a refresh is in Python: its number, the difficulties, the normalized weights and the class distribution.
type RefreshParts<'py> = (
    u64,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
);

impl Sampler {
    /// The sampler inside. A thread that panicked while it held it left it whole: refused feedback changes nothing.
    fn read(&self) -> RwLockReadGuard<'_, Box<dyn EpochSampler>> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn<'py>(
        &self,
        py: Python<'py>,
        epoch: u32,
        feedback: Feedback<'_>,
    ) -> PyResult<Option<RefreshParts<'py>>> {
        let learnt = py.detach(|| {
            let mut sampler = self.inner.write().unwrap_or_else(PoisonError::into_inner);
            sampler.learn(epoch, feedback)
        });
        let refresh = learnt.map_err(Refused::from)?;
        Ok(refresh.map(|refresh| parts(py, refresh)))
    }
}

fn parts(py: Python<'_>, refresh: Refresh) -> RefreshParts<'_> {
    let array = |values: &[f64]| PyArray1::from_slice(py, values);
    (
        refresh.number,
        refresh.difficulty.into_pyarray(py),
        array(refresh.weights.as_slice()),
        array(refresh.distribution.as_slice()),
    )
}

#[pymethods]
impl Sampler {
    #[new]
    fn new(
        py: Python<'_>,
        kind: &str,
        labels: PyReadonlyArray1<'_, u32>,
        n_classes: usize,
        seed: u64,
        settings: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let owned;
        let labels = if let Ok(labels) = labels.as_slice() {
            labels
        } else {
            owned = labels.as_array().to_vec();
            &owned[..]
        };
        let index = py.detach(|| ClassIndex::new(labels, n_classes));
        let index = index.map_err(Refused::from)?;
        let inner = make(kind, index, Seed::new(seed), &Settings(settings))?;
        Ok(Self {
            inner: RwLock::new(inner),
        })
    }

    /// The name with every setting that decides a draw.
    fn describe(&self, py: Python<'_>) -> String {
        py.detach(|| self.read().describe())
    }

    fn class_counts<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        let counts = py.detach(|| self.read().class_counts().as_slice().to_vec());
        let counts: Vec<i64> = counts.into_iter().map(|count| count as i64).collect();
        counts.into_pyarray(py)
    }

    fn distribution<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let shares = py.detach(|| self.read().distribution().as_slice().to_vec());
        shares.into_pyarray(py)
    }

    fn refreshes(&self, py: Python<'_>) -> u64 {
        py.detach(|| self.read().refreshes())
    }

    /// The rows of epoch `epoch`, counted from 1.
    fn draw(&self, py: Python<'_>, epoch: u32) -> Draw {
        let draw = py.detach(|| self.read().draw(epoch));
        Draw { draw }
    }

    /// Learns from validation counts; a row a true class, a column a predicted one.
    fn observe<'py>(
        &self,
        py: Python<'py>,
        epoch: u32,
        confusion: PyReadonlyArray2<'_, u64>,
    ) -> PyResult<Option<RefreshParts<'py>>> {
        let rows = confusion.as_array();
        let rows: Vec<Vec<u64>> = rows.rows().into_iter().map(|row| row.to_vec()).collect();
        let matrix = ConfusionMatrix::from_rows(&rows).map_err(Refused::from)?;
        self.learn(py, epoch, Feedback::Counts(&matrix))
    }

    /// Learns from a difficulty for each class.
    fn observe_difficulty<'py>(
        &self,
        py: Python<'py>,
        epoch: u32,
        difficulty: Vec<f64>,
    ) -> PyResult<Option<RefreshParts<'py>>> {
        self.learn(py, epoch, Feedback::Difficulty(&difficulty))
    }

    /// The state as JSON.
    fn state(&self, py: Python<'_>) -> PyResult<String> {
        let state = py.detach(|| self.read().state());
        serde_json::to_string(&state).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// Takes up a state as JSON.
    fn restore(&self, py: Python<'_>, state: &str) -> PyResult<()> {
        let state: SamplerState = serde_json::from_str(state)
            .map_err(|error| PyValueError::new_err(format!("this is no sampler state: {error}")))?;
        let restored = py.detach(|| {
            let mut sampler = self.inner.write().unwrap_or_else(PoisonError::into_inner);
            sampler.restore(&state)
        });
        Ok(restored.map_err(Refused::from)?)
    }
}

/// The rows of one epoch.
#[pyclass(frozen, module = "imbalanced_art._core")]
pub(crate) struct Draw {
    draw: EpochDraw,
}

#[pymethods]
impl Draw {
    fn __len__(&self) -> usize {
        self.draw.len()
    }

    /// All rows in order.
    fn all<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        let rows = py.detach(|| self.draw.to_vec().into_iter().map(i64::from).collect());
        let rows: Vec<i64> = rows;
        rows.into_pyarray(py)
    }

    /// Every `count`-th row, starting at `index`.
    fn shard<'py>(
        &self,
        py: Python<'py>,
        index: usize,
        count: usize,
    ) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let shard = Shard::new(index, count).map_err(Refused::from)?;
        let rows: Vec<i64> = py.detach(|| self.draw.shard(shard).map(i64::from).collect());
        Ok(rows.into_pyarray(py))
    }

    /// The rows at `n` positions, `step` apart, the first at `start`.
    fn rows<'py>(
        &self,
        py: Python<'py>,
        start: usize,
        step: usize,
        n: usize,
    ) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let position = |i: usize| step.checked_mul(i)?.checked_add(start);
        let last = n.checked_sub(1).map_or(Some(0), position);
        if n > 0 && last.is_none_or(|last| last >= self.draw.len()) {
            return Err(PyIndexError::new_err(format!(
                "{n} positions from {start}, {step} apart, run past the {} of the epoch",
                self.draw.len()
            )));
        }
        let rows = py.detach(|| {
            let rows = (0..n).filter_map(|i| self.draw.get(start + step * i));
            rows.map(i64::from).collect()
        });
        let rows: Vec<i64> = rows;
        Ok(rows.into_pyarray(py))
    }
}

fn make(
    kind: &str,
    index: ClassIndex,
    seed: Seed,
    settings: &Settings<'_, '_>,
) -> PyResult<Box<dyn EpochSampler>> {
    Ok(match kind {
        "art" => {
            let params = art_params(settings)?;
            let config = params.check().map_err(Refused::from)?;
            Box::new(ArtSampler::new(config, index, seed).map_err(Refused::from)?)
        }
        "static-blend" => {
            let c = settings.get("blend_constant")?;
            Box::new(ArtSampler::static_blend(c, index, seed).map_err(Refused::from)?)
        }
        "break-even" => {
            let params = BreakEvenParams::new()
                .power(settings.get("power")?)
                .step(settings.get("step")?)
                .memory(settings.get("memory")?)
                .smoothing(settings.get("smoothing")?)
                .refresh_every(settings.get("refresh_every")?);
            let config = params.check().map_err(Refused::from)?;
            Box::new(BreakEven::new(config, index, seed))
        }
        "power" => {
            let schedule: String = settings.get("schedule")?;
            let schedule = match &*schedule {
                "constant" => PowerSchedule::Constant(settings.get("power")?),
                "convex" => PowerSchedule::Convex,
                "linear" => PowerSchedule::Linear,
                "concave" => PowerSchedule::Concave(settings.get("rate")?),
                "composite" => PowerSchedule::Composite,
                "progressive" => PowerSchedule::Progressive,
                other => {
                    let expected =
                        "'constant', 'convex', 'linear', 'concave', 'composite' or 'progressive'";
                    return Err(unknown("schedule", other, expected));
                }
            };
            let n_epochs = settings.get("n_epochs")?;
            Box::new(PowerSampler::new(schedule, n_epochs, index, seed).map_err(Refused::from)?)
        }
        "class-balanced" => Box::new(ClassBalanced::new(index, seed)),
        "shuffle" => Box::new(Shuffle::new(index.counts().clone(), seed)),
        other => return Err(unknown("kind", other, "a sampler")),
    })
}

fn art_params(settings: &Settings<'_, '_>) -> PyResult<ArtParams> {
    let mut params = ArtParams::new()
        .blend_constant(settings.get("blend_constant")?)
        .memory(settings.get("memory")?)
        .epsilon(settings.get("epsilon")?);
    params = match settings.get::<Option<u32>>("boost_frequency")? {
        Some(n_epochs) => params.boost_frequency(n_epochs),
        None => params.never_boost(),
    };
    let base: String = settings.get("base")?;
    params = match &*base {
        "prior" => params.base(BlendBase::Prior),
        "uniform" => params.base(BlendBase::Uniform),
        other => return Err(unknown("base", other, "'prior' or 'uniform'")),
    };
    let mode: String = settings.get("mode")?;
    params = params.mode(match &*mode {
        "exact" => DrawMode::Exact,
        "systematic" => DrawMode::Systematic,
        "iid" => DrawMode::Iid,
        "two-part" => DrawMode::TwoPart,
        "package" => DrawMode::Package,
        other => {
            let expected = "'exact', 'systematic', 'iid', 'two-part' or 'package'";
            return Err(unknown("mode", other, expected));
        }
    });
    let difficulty: String = settings.get("difficulty")?;
    let shrinkage: f64 = settings.get("shrinkage")?;
    params = match &*difficulty {
        "f1" if shrinkage != 0.0 => {
            params.difficulty(ShrunkF1::new(shrinkage).map_err(Refused::from)?)
        }
        "f1" => params,
        "recall" => params.difficulty(OneMinusRecall),
        "precision" => params.difficulty(OneMinusPrecision),
        other => {
            return Err(unknown(
                "difficulty",
                other,
                "'f1', 'recall' or 'precision'",
            ));
        }
    };
    if let Some(most) = settings.get::<Option<f64>>("max_copies")? {
        params = params.blend_rule(BlendRule::Copies { most });
    }
    if let Some((floor, copies, step)) = settings.get::<Option<(f64, f64, f64)>>("bounds")? {
        let bounds = BoundsParams::new().floor(floor).copies(copies).step(step);
        params = params.bounds(bounds);
    }
    Ok(params)
}
