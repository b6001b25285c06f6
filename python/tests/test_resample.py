"""Resamplers beyond imbalanced-learn's checks."""

import os
import signal
import subprocess
import sys
import warnings
from collections import Counter

import numpy as np
import pytest

pytest.importorskip("imblearn")
pytestmark = pytest.mark.heavy

import imblearn.over_sampling as their_over  # noqa: E402
import imblearn.under_sampling as their_under  # noqa: E402
import pandas as pd  # noqa: E402
import polars as pl  # noqa: E402
from scipy import sparse  # noqa: E402
from sklearn.datasets import make_classification  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402

from imbalanced_art import ArtError, resample  # noqa: E402

SELECTING = [
    resample.RandomOverSampler(random_state=1),
    resample.RandomUnderSampler(random_state=1),
    resample.NearMiss(),
    resample.ClusterUnderSampler(random_state=1),
    resample.TomekLinks(),
    resample.EditedNearestNeighbours(),
    resample.RepeatedEditedNearestNeighbours(),
    resample.CondensedNearestNeighbour(random_state=1),
    resample.OneSidedSelection(random_state=1),
]
MAKING = [
    resample.RandomOverSampler(random_state=1, shrinkage=0.5),
    resample.SMOTE(random_state=1),
    resample.SMOTE(random_state=1, gap="feature"),
    resample.BorderlineSMOTE(random_state=1),
    resample.ADASYN(random_state=1),
    resample.SafeLevelSMOTE(random_state=1),
    resample.MSMOTE(random_state=1),
    resample.MSYN(random_state=1),
    resample.KMeansSMOTE(random_state=1),
    resample.SMOTEENN(random_state=1),
    resample.SMOTETomek(random_state=1),
]


def rows(dtype=np.float64):
    X, y = make_classification(
        400,
        4,
        n_informative=3,
        n_redundant=0,
        weights=[0.7, 0.2, 0.1],
        n_classes=3,
        n_clusters_per_class=1,
        random_state=3,
    )
    return X.astype(dtype), y


@pytest.mark.parametrize("sampler", SELECTING + MAKING, ids=repr)
def test_origins_say_where_rows_come_from(sampler):
    X, y = rows()
    X_out, y_out = sampler.fit_resample(X, y)
    origins = sampler.origins_
    assert all(len(part) == len(y_out) for part in origins)
    assert (y_out == y[origins.row]).all()
    same = np.isin(origins.kind, ["original", "duplicate"])
    assert (X_out[same] == X[origins.row[same]]).all()
    between = origins.kind == "synthetic"
    base, partner = X[origins.row[between]], X[origins.partner[between]]
    gap = origins.gap[between, None]
    assert np.allclose(X_out[between], base + gap * (partner - base), rtol=1e-12, atol=0)
    assert ((gap >= 0) & (gap <= 1)).all()


@pytest.mark.parametrize("sampler", SELECTING, ids=repr)
def test_frames_keep_everything_where_rows_are_selected(sampler):
    X, y = rows()
    frame = pd.DataFrame(X, columns=list("abcd"), index=[f"row {i}" for i in range(len(y))])
    series = pd.Series(np.array(["x", "y", "z"])[y], name="class", index=frame.index, dtype="category")
    X_out, y_out = sampler.fit_resample(frame, series)
    chosen = sampler.sample_indices_
    pd.testing.assert_frame_equal(X_out, frame.iloc[chosen])
    pd.testing.assert_series_equal(y_out, series.iloc[chosen])
    X_out, y_out = sampler.fit_resample(pl.from_pandas(frame), pl.Series("class", y))
    assert X_out.equals(pl.from_pandas(frame)[sampler.sample_indices_]) and y_out.name == "class"
    assert sampler.feature_names_in_.tolist() == list("abcd")


@pytest.mark.parametrize("sampler", MAKING, ids=repr)
@pytest.mark.parametrize("library", [pd, pl])
def test_frames_keep_names_and_types_where_rows_are_made(sampler, library):
    X, y = rows()
    columns = {
        "f8": X[:, 0],
        "f4": X[:, 1].astype(np.float32),
        "i4": (10 * X[:, 2]).astype(np.int32),
        "i8": np.round(X[:, 3]).astype(np.int64),
    }
    frame = library.DataFrame(columns)
    X_out, y_out = sampler.fit_resample(frame, library.Series(y))
    assert type(X_out) is type(frame) and list(X_out.columns) == list(columns)
    assert list(X_out.dtypes) == list(frame.dtypes)
    assert len(X_out) == len(y_out) > 0
    if sampler.__class__ is resample.SMOTE and sampler.gap == "row":
        # Whole numbers are rounded, not cut off.
        new = np.flatnonzero(sampler.origins_.kind == "synthetic")
        row, partner, gap = (part[new] for part in sampler.origins_[1:])
        exact = columns["i4"][row] + gap * (columns["i4"][partner] - columns["i4"][row].astype(float))
        assert (X_out["i4"].to_numpy()[new] == np.rint(exact)).all()


def test_rows_of_any_type_can_be_copied_and_left_out():
    frame = pd.DataFrame(
        {
            "word": ["a", None, "c", "d", "e"],
            "when": pd.date_range("2026-01-01", periods=5),
            "kind": pd.Categorical(["x", "y", "x", "y", "x"]),
            "number": [1.0, np.nan, np.inf, 2, 3],
        }
    )
    y = ["no", "no", "no", "no", "yes"]
    X_out, y_out = resample.RandomOverSampler(random_state=0).fit_resample(frame, y)
    assert (X_out.dtypes == frame.dtypes).all() and Counter(y_out) == {"no": 4, "yes": 4}
    other = pl.DataFrame(
        {
            "word": ["a", None, "c", "d", "e"],
            "when": frame["when"].dt.to_pydatetime().tolist(),
            "kind": pl.Series(["x", "y", "x", "y", "x"], dtype=pl.Categorical),
            "list": [[1], [], [2, 3], [4], None],
        }
    )
    X_out, y_out = resample.RandomUnderSampler(random_state=0).fit_resample(other, y)
    assert X_out.shape == (2, 4) and y_out == ["no", "yes"]


@pytest.mark.parametrize("library", ["pandas", "polars", "numpy"])
def test_categories_of_new_rows_are_those_of_neighbours(library):
    X, y = rows()
    colours = np.array(["red", "green", "blue"])[np.digitize(X[:, 1], [-0.5, 0.5])]
    frame = pd.DataFrame({"a": X[:, 0], "colour": colours, "n": (5 * X[:, 2]).astype(int)})
    frame["colour"] = frame["colour"].astype("category")
    if library == "polars":
        frame = pl.DataFrame({name: frame[name].to_list() for name in frame})
        frame = frame.cast({"colour": pl.Categorical})
    sampler = resample.SMOTENC("auto", random_state=0)
    if library == "numpy":
        frame, sampler = frame.to_numpy(), resample.SMOTENC([1], random_state=0)
    X_out, y_out = sampler.fit_resample(frame, y)
    assert len(set(Counter(y_out.tolist()).values())) == 1
    assert set(sampler.origins_.kind) == {"original", "voted"}
    if library == "numpy":
        assert X_out.dtype == object and set(X_out[:, 1]) == set(colours)
    else:
        assert list(X_out.dtypes) == list(frame.dtypes) and type(X_out) is type(frame)
        assert set(X_out["colour"].to_list()) == set(colours)
    with pytest.raises(ValueError, match="is no column"):
        resample.SMOTENC(["shape"]).fit_resample(frame, y)


def test_whole_numbers_among_categorical_features_are_places():
    X, y = rows()
    X[:, 1] = np.rint(X[:, 1])
    expected = resample.SMOTENC([1, 3], random_state=0).fit_resample(X, y)[0]
    for chosen in ([1, 3], [np.int64(1), -1], np.array([1, 3]), ["1", 3]):
        names = ["a", "1", "c", "d"] if "1" in chosen else [1, 0, 2, 5]
        frame = pd.DataFrame(X, columns=names)
        assert (resample.SMOTENC(chosen, random_state=0).fit_resample(frame, y)[0].to_numpy() == expected).all()
    with pytest.raises(ValueError, match="5 is no column"):
        resample.SMOTENC([5]).fit_resample(frame.set_axis([1, 0, 2, 5], axis=1), y)


def test_a_random_state_of_any_kind():
    X, y = rows()

    def made(state):
        return resample.SMOTE(random_state=state).fit_resample(X, y)[0]

    assert (made(7) == made(np.int64(7))).all() and (made(7) != made(8)).any()
    for kind in (np.random.RandomState, np.random.default_rng):
        assert (made(kind(3)) == made(kind(3))).all()
        state = kind(3)
        assert (made(state) != made(state)).any()
    assert (made(None) != made(None)).any()


@pytest.mark.parametrize(
    "strategy", ["auto", "minority", "not majority", "not minority", "all", {1: 300}, lambda y: {2: 90}]
)
def test_sizes_are_those_of_imbalanced_learn(strategy):
    X, y = rows()
    ours = resample.SMOTE(sampling_strategy=strategy, random_state=0).fit_resample(X, y)
    theirs = their_over.SMOTE(sampling_strategy=strategy, random_state=0).fit_resample(X, y)
    assert Counter(ours[1].tolist()) == Counter(theirs[1].tolist())


def test_methods_without_chance_choose_the_rows_of_imbalanced_learn():
    X, y = rows(np.float32)
    for strategy in ["auto", "all", "majority", [1, 2]]:
        for ours, theirs in [
            (resample.TomekLinks, their_under.TomekLinks),
            (
                lambda sampling_strategy: resample.EditedNearestNeighbours(
                    sampling_strategy=sampling_strategy, kind_sel="all"
                ),
                their_under.EditedNearestNeighbours,
            ),
        ]:
            one, two = ours(sampling_strategy=strategy), theirs(sampling_strategy=strategy)
            one.fit_resample(X, y), two.fit_resample(X, y)
            assert sorted(one.sample_indices_) == sorted(two.sample_indices_), strategy
    for version in (1, 2):
        one = resample.NearMiss(version=version)
        two = their_under.NearMiss(version=version)
        one.fit_resample(X, y), two.fit_resample(X, y)
        assert sorted(one.sample_indices_) == sorted(two.sample_indices_)


def test_repeated_cleaning_of_classes_of_ones_own_goes_on_until_no_row_goes():
    X, y = rows()
    sampler = resample.RepeatedEditedNearestNeighbours(sampling_strategy=[0, 2])
    X_out, y_out = sampler.fit_resample(X, y)
    again = resample.EditedNearestNeighbours(sampling_strategy=[0, 2])
    assert len(again.fit_resample(X_out, y_out)[1]) == len(y_out)
    assert Counter(y_out.tolist())[1] == Counter(y.tolist())[1]


def test_layouts_and_types_change_nothing():
    X, y = rows(np.float32)
    expected = resample.SMOTE(random_state=0).fit_resample(X, y)[0]
    read_only = X.copy()
    read_only.flags.writeable = False
    doubled = np.repeat(X, 2, axis=1)[:, ::2]
    for variant in (np.asfortranarray(X), read_only, doubled, X[::-1][::-1]):
        assert (resample.SMOTE(random_state=0).fit_resample(variant, y)[0] == expected).all()
    for form in (sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array):
        out = resample.SMOTE(random_state=0).fit_resample(form(X), y)[0]
        assert sparse.issparse(out) and out.format == form(X).format
        assert np.allclose(out.toarray(), expected)


def test_what_cannot_be_resampled_is_refused():
    X, y = rows()
    broken = X.copy()
    broken[3, 1] = np.nan
    huge = X.copy()
    huge[3, 1] = 1e300
    for call, text in [
        (lambda: resample.SMOTE().fit_resample(broken, y), "NaN"),
        (lambda: resample.SMOTE().fit_resample(huge, y), "row 3, column 1"),
        (lambda: resample.SMOTE().fit_resample(X, y[:-1]), "inconsistent"),
        (lambda: resample.RandomOverSampler().fit_resample(X, y[:-1]), "inconsistent numbers of samples"),
        (lambda: resample.RandomUnderSampler().fit_resample(pd.DataFrame(X), y[:-1]), "inconsistent numbers of samples"),
        (lambda: resample.SMOTENC([1]).fit_resample(X, y[:-1]), "inconsistent numbers of samples"),
        (lambda: resample.SMOTE(k_neighbors=0).fit_resample(X, y), "k_neighbors"),
        (lambda: resample.SMOTE(sampling_strategy={0: 1}).fit_resample(X, y), "over-sampling"),
        (lambda: resample.SMOTE().fit_resample(X, X[:, 0]), "Unknown label type"),
        (lambda: resample.SMOTE(random_state="x").fit_resample(X, y), "random_state"),
    ]:
        with pytest.raises(ValueError, match=text):
            call()
    tiny = np.append(y, [3, 3])
    rare = resample.SMOTE(rare_class="raise")
    with pytest.raises(ArtError, match="class 3"):
        rare.fit_resample(np.vstack([X, X[:2]]), tiny)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_columns_of_frames_that_are_no_numbers_are_named(library):
    frames = pytest.importorskip(library)
    n = 60
    y = np.repeat([0, 1], [50, 10])
    numbers = np.arange(n) / 7
    holed = numbers.copy()
    holed[6] = np.nan
    town = ["Ulm", "Bonn"] * (n // 2)
    days = np.datetime64("2020-01-01", "ns") + np.arange(n) * np.timedelta64(1, "D")
    refused = [
        (resample.SMOTE(), {"age": numbers, "town": town}, "column 'town' holds words: use SMOTENC"),
        (resample.TomekLinks(), {"age": numbers, "town": town}, "column 'town' holds words: make numbers"),
        (resample.SMOTE(), {"age": numbers, "income": holed}, "column 'income', row 6 is nan"),
        (resample.SMOTENC(), {"age": holed, "town": town}, "column 'age', row 6 is nan"),
        (resample.SMOTENC([1]), {"age": numbers, "town": town, "plan": town}, "column 'plan' holds words: name it among"),
    ]
    if library == "pandas":
        # To polars a date is a number, and so are new ones.
        refused.append((resample.SMOTE(), {"age": numbers, "since": days}, "column 'since' holds dates"))
    for sampler, columns, text in refused:
        with pytest.raises(ValueError, match=text):
            sampler.fit_resample(frames.DataFrame(columns), y)


def test_every_resampler_says_what_it_has_afterwards():
    for sampler in SELECTING + MAKING:
        text = type(sampler).__doc__
        assert text.count("origins_ : Origins") == 1 and text.count("Attributes\n") == 1
        assert ("sample_indices_" in text) == sampler._selects
        assert text.index("Attributes\n") < (text + "References\n").index("References\n")


def test_origins_are_short_and_a_table():
    pd = pytest.importorskip("pandas")
    X, y = rows()
    sampler = resample.SMOTE(random_state=0)
    sampler.fit_resample(X, y)
    origins = sampler.origins_
    n_new = int((origins.kind == "synthetic").sum())
    assert repr(origins).startswith(f"<Origins of {len(y) + n_new} rows: {len(y)} original, {n_new} synthetic")
    kind, row, partner, gap = origins
    assert kind is origins.kind and gap is origins[3]
    pd.testing.assert_series_equal(origins.to_frame()["partner"], pd.Series(partner, name="partner"))


def test_a_class_for_which_there_is_nothing_to_do_is_a_warning():
    X, y = rows()
    X, y = np.vstack([X, [[99] * 4]]), np.append(y, 3)
    with pytest.warns(UserWarning, match="class 3"):
        resample.SMOTE(random_state=0).fit_resample(X, y)


def test_pipelines_and_searches_take_them():
    from imblearn.pipeline import make_pipeline

    X, y = rows()
    pipeline = make_pipeline(resample.SMOTE(random_state=0), LogisticRegression())
    search = GridSearchCV(pipeline, {"smote__k_neighbors": [1, 5]}, cv=3, n_jobs=2).fit(X, y)
    assert search.best_score_ > 0.5


LONG = (
    "import numpy as np; from imbalanced_art.resample import EditedNearestNeighbours as Enn\n"
    "X = np.random.default_rng(0).normal(size=(150_000, 30)); y = np.arange(150_000) % 10 == 0\n"
    "print('ready', flush=True)\n"
    "Enn().fit_resample(X, y)\n"
)


def test_ctrl_c_is_heard():
    import time

    with subprocess.Popen([sys.executable, "-P", "-c", LONG], stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        _, errors = process.communicate(timeout=20)
        assert "KeyboardInterrupt" in errors and time.monotonic() - start < 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_can_resample():
    X, y = rows()
    expected = resample.SMOTEENN(random_state=0).fit_resample(X, y)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        same = (resample.SMOTEENN(random_state=0).fit_resample(X, y)[0] == expected).all()
        os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0
