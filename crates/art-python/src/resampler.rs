//! Resamplers: arrays in, new rows and the origin of each row out.

use crate::{
    error::Refused,
    interrupt::heard,
    settings::{Settings, unknown},
};
use art_core::Seed;
use art_data::{
    Adasyn, BorderPartner, BorderlineSmote, BorderlineVariant, CleaningScope, ClusterUnderSampler,
    CondensedNearestNeighbors, DataError, Dataset, EditedNearestNeighbors, EnnRule, Fallback,
    KMeansSmote, Msmote, Msyn, NearMiss, NearMissReference, NearMissRule, OneSidedSelection,
    Origin, RandomOverSampler, RandomUnderSampler, Repeats, Replacement, ResampleWarning,
    Resampled, Resampler, SafeLevelSmote, SamplingStrategy, Smote, SmoteEnn, SmoteGap, SmoteTomek,
    TomekLinks, TooFewNeighbors, TrainSet,
};
use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::{prelude::*, types::PyDict};

/// Features in either precision; the libraries have single.
#[derive(FromPyObject)]
pub(crate) enum Features<'py> {
    Single(PyReadonlyArray2<'py, f32>),
    Double(PyReadonlyArray2<'py, f64>),
}

impl Features<'_> {
    /// A copy in single precision, row after row, whatever the layout.
    fn to_single(&self, py: Python<'_>) -> Array2<f32> {
        match self {
            Self::Single(features) => {
                let features = features.as_array();
                py.detach(|| features.as_standard_layout().into_owned())
            }
            Self::Double(features) => {
                let features = features.as_array();
                py.detach(|| {
                    let mut single = Array2::zeros(features.dim());
                    single.zip_mut_with(&features, |single, &double| *single = double as f32);
                    single
                })
            }
        }
    }
}

/// What becomes of a training set in Python: the features of rows that were made; of every row the kind of its origin (as in
/// `kind_number`), the row and the partner (-1 for none) it is from, and the gap (NaN for none); and warnings by class.
type Parts<'py> = (
    Bound<'py, PyArray2<f32>>,
    Bound<'py, PyArray1<u8>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<f64>>,
    Vec<(usize, String)>,
);

/// Runs the resampler called `method` on these rows.
#[pyfunction]
#[expect(
    clippy::too_many_arguments,
    reason = "the package hands over everything in one call, by position"
)]
pub(crate) fn resample<'py>(
    py: Python<'py>,
    method: &str,
    features: Features<'_>,
    labels: PyReadonlyArray1<'_, u32>,
    class_names: Vec<String>,
    categories: Vec<(usize, usize)>,
    seed: u64,
    settings: &Bound<'_, PyDict>,
) -> PyResult<Parts<'py>> {
    let resampler = make(method, &Settings(settings))?;
    let features = features.to_single(py);
    let labels = labels.as_array().to_vec();
    let categories = categories.into_iter().map(|(start, end)| start..end);
    let categories = categories.collect();
    let work = move || -> Result<_, DataError> {
        let names = (0..features.ncols()).map(|column| format!("x{column}"));
        let names = names.collect();
        let data = Dataset::new(features, labels, names, class_names)?;
        let train = TrainSet::new(data.with_categories(categories)?);
        Ok(Output::of(&resampler.resample(&train, Seed::new(seed))?))
    };
    let output = heard(py, work)?.map_err(Refused::from)?;
    Ok(output.into_python(py))
}

struct Output {
    made: Array2<f32>,
    kinds: Vec<u8>,
    bases: Vec<i64>,
    partners: Vec<i64>,
    gaps: Vec<f64>,
    warnings: Vec<ResampleWarning>,
}

impl Output {
    fn of(resampled: &Resampled) -> Self {
        let origins = &resampled.origins;
        let is_made =
            |origin: &Origin| !matches!(origin, Origin::Original { .. } | Origin::Duplicate { .. });
        let data = resampled.train.data();
        let width = data.n_features();
        let n_made = origins.iter().filter(|origin| is_made(origin)).count();
        let mut made = Vec::with_capacity(n_made * width);
        let rows = data.features_as_slice().chunks_exact(width).zip(origins);
        for (row, _) in rows.filter(|(_, origin)| is_made(origin)) {
            made.extend_from_slice(row);
        }
        let partner = |origin: &Origin| match *origin {
            Origin::Synthetic { partner, .. }
            | Origin::Voted { partner, .. }
            | Origin::Boxed { partner, .. } => i64::from(partner),
            _ => -1,
        };
        let gap = |origin: &Origin| match *origin {
            Origin::Synthetic { gap, .. } | Origin::Voted { gap, .. } => gap,
            _ => f64::NAN,
        };
        Self {
            made: Array2::from_shape_vec((n_made, width), made)
                .expect("every row has as many features"),
            kinds: origins.iter().map(kind_number).collect(),
            bases: origins
                .iter()
                .map(|origin| i64::from(origin.base()))
                .collect(),
            partners: origins.iter().map(partner).collect(),
            gaps: origins.iter().map(gap).collect(),
            warnings: resampled.warnings.clone(),
        }
    }

    fn into_python(self, py: Python<'_>) -> Parts<'_> {
        let warnings = self.warnings.into_iter();
        (
            self.made.into_pyarray(py),
            self.kinds.into_pyarray(py),
            self.bases.into_pyarray(py),
            self.partners.into_pyarray(py),
            self.gaps.into_pyarray(py),
            warnings
                .map(|warning| (warning.class, warning.message))
                .collect(),
        )
    }
}

/// The kind of an origin as its place in `KINDS` of the package's `origins.py`.
fn kind_number(origin: &Origin) -> u8 {
    match origin {
        Origin::Original { .. } => 0,
        Origin::Duplicate { .. } => 1,
        Origin::Jittered { .. } => 2,
        Origin::Synthetic { .. } => 3,
        Origin::Voted { .. } => 4,
        Origin::Boxed { .. } => 5,
    }
}

fn make(method: &str, settings: &Settings<'_, '_>) -> PyResult<Box<dyn Resampler>> {
    let targets = || settings.get("targets").map(SamplingStrategy::Counts);
    let k = || settings.get::<usize>("k");
    Ok(match method {
        "ros" => Box::new(
            RandomOverSampler::new()
                .strategy(targets()?)
                .smoothing(settings.get("smoothing")?)
                .copies(repeats(settings, "copies")?),
        ),
        "rus" => Box::new(RandomUnderSampler::new().strategy(targets()?).replacement(
            if settings.get("replacement")? {
                Replacement::With
            } else {
                Replacement::Without
            },
        )),
        "smote" => Box::new(smote(settings)?),
        "borderline-smote" => Box::new(
            BorderlineSmote::new()
                .strategy(targets()?)
                .k(k()?)
                .m(settings.get("m")?)
                .variant(match &*settings.get::<String>("kind")? {
                    "borderline-1" => BorderlineVariant::OwnClass,
                    "borderline-2" => BorderlineVariant::AnyClass,
                    other => {
                        let expected = "'borderline-1' or 'borderline-2'";
                        return Err(unknown("kind", other, expected));
                    }
                })
                .fallback(fallback(settings)?),
        ),
        "adasyn" => {
            let adasyn = Adasyn::new().strategy(targets()?).k(k()?);
            Box::new(adasyn.fallback(fallback(settings)?))
        }
        "msmote" => Box::new(Msmote::new().strategy(targets()?).k(k()?).border_partner(
            match &*settings.get::<String>("border_partner")? {
                "same" => BorderPartner::NearestSame,
                "any" => BorderPartner::NearestAny,
                other => return Err(unknown("border_partner", other, "'same' or 'any'")),
            },
        )),
        "msyn" => {
            let msyn = Msyn::new().strategy(targets()?).k(k()?);
            Box::new(msyn.proposals(settings.get("proposals")?))
        }
        "safe-level-smote" => {
            let safe = SafeLevelSmote::new().strategy(targets()?).k(k()?);
            Box::new(safe.fallback(fallback(settings)?))
        }
        "kmeans-smote" => {
            let mut kmeans = KMeansSmote::new()
                .strategy(targets()?)
                .k(k()?)
                .clusters(settings.get("clusters")?)
                .threshold(settings.get("threshold")?);
            if let Some(exponent) = settings.get::<Option<f64>>("exponent")? {
                kmeans = kmeans.exponent(exponent);
            }
            Box::new(kmeans.fallback(fallback(settings)?))
        }
        "nearmiss" => Box::new(nearmiss(settings)?.strategy(targets()?).k(k()?)),
        "sbc" => {
            let sbc = ClusterUnderSampler::new().strategy(targets()?);
            Box::new(sbc.clusters(settings.get("clusters")?))
        }
        "tomek" => Box::new(TomekLinks::new().scope(scope(settings)?)),
        "enn" => Box::new(
            enn(settings)?
                .scope(scope(settings)?)
                .repeat(settings.get("repeat")?),
        ),
        "cnn" => Box::new(CondensedNearestNeighbors),
        "oss" => Box::new(OneSidedSelection),
        "smote-enn" => Box::new(
            SmoteEnn::new()
                .smote(smote(settings)?)
                .enn(enn_of(settings, "n_neighbors")?.scope(CleaningScope::All)),
        ),
        "smote-tomek" => Box::new(SmoteTomek::new().smote(smote(settings)?)),
        other => return Err(unknown("method", other, "a resampler")),
    })
}

fn smote(settings: &Settings<'_, '_>) -> PyResult<Smote> {
    let targets = SamplingStrategy::Counts(settings.get("targets")?);
    let gap = match &*settings.get::<String>("gap")? {
        "row" => SmoteGap::PerRow,
        "feature" => SmoteGap::PerFeature,
        other => return Err(unknown("gap", other, "'row' or 'feature'")),
    };
    let rare_class = match &*settings.get::<String>("rare_class")? {
        "shrink" => TooFewNeighbors::ShrinkK,
        "duplicate" => TooFewNeighbors::Duplicate,
        "raise" => TooFewNeighbors::Fail,
        other => {
            let expected = "'shrink', 'duplicate' or 'raise'";
            return Err(unknown("rare_class", other, expected));
        }
    };
    let smote = Smote::new().strategy(targets).k(settings.get("k")?);
    let smote = smote.gap(gap).rare_class(rare_class);
    Ok(smote.bases(repeats(settings, "bases")?))
}

fn nearmiss(settings: &Settings<'_, '_>) -> PyResult<NearMiss> {
    let rule = match &*settings.get::<String>("rule")? {
        "1" => NearMissRule::Nearest,
        "2" => NearMissRule::Farthest,
        "3" => NearMissRule::TwoStage,
        "3-literal" => NearMissRule::Literal,
        "most-distant" => NearMissRule::MostDistant,
        other => {
            let expected = "1, 2, 3, '3-literal' or 'most-distant'";
            return Err(unknown("version", other, expected));
        }
    };
    let reference = match &*settings.get::<String>("reference")? {
        "minority" => NearMissReference::Minority,
        "rest" => NearMissReference::Rest,
        other => return Err(unknown("reference", other, "'minority' or 'rest'")),
    };
    Ok(NearMiss::new(rule)
        .m(settings.get("m")?)
        .reference(reference))
}

fn enn(settings: &Settings<'_, '_>) -> PyResult<EditedNearestNeighbors> {
    enn_of(settings, "k")
}

fn enn_of(settings: &Settings<'_, '_>, neighbors: &str) -> PyResult<EditedNearestNeighbors> {
    let rule = match &*settings.get::<String>("kind_sel")? {
        "mode" => EnnRule::Vote,
        "all" => EnnRule::Any,
        other => return Err(unknown("kind_sel", other, "'all' or 'mode'")),
    };
    let enn = EditedNearestNeighbors::new().rule(rule);
    Ok(enn.k(settings.get(neighbors)?))
}

fn scope(settings: &Settings<'_, '_>) -> PyResult<CleaningScope> {
    Ok(match &*settings.get::<String>("scope")? {
        "all" => CleaningScope::All,
        "not minority" => CleaningScope::NotMinority,
        other => return Err(unknown("scope", other, "'all' or 'not minority'")),
    })
}

fn fallback(settings: &Settings<'_, '_>) -> PyResult<Fallback> {
    Ok(match &*settings.get::<String>("fallback")? {
        "unchanged" => Fallback::Unchanged,
        "duplicate" => Fallback::Duplicate,
        "smote" => Fallback::Smote,
        other => {
            let expected = "'unchanged', 'duplicate' or 'smote'";
            return Err(unknown("fallback", other, expected));
        }
    })
}

fn repeats(settings: &Settings<'_, '_>, name: &str) -> PyResult<Repeats> {
    Ok(match &*settings.get::<String>(name)? {
        "random" => Repeats::Random,
        "even" => Repeats::Even,
        other => return Err(unknown(name, other, "'random' or 'even'")),
    })
}
