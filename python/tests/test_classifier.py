"""The classifier: scikit-learn's contract, tables of every kind, model files to and from the program, bad input."""

import os
import pickle
import re
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")

from scipy import sparse  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.exceptions import NotFittedError  # noqa: E402
from sklearn.metrics import f1_score  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_predict  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

from imbalanced_art import ArtError, _core  # noqa: E402
from imbalanced_art._tables import columns_of, days_of, table_of  # noqa: E402
from imbalanced_art.sklearn import ArtClassifier, _name_of  # noqa: E402

QUICK = {"epochs": 15, "random_state": 7}
needs_program = pytest.mark.skipif("ART" not in os.environ, reason="ART names no program `art` to compare with")


def rows(n=400, share=0.15, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    return rng.normal(size=(n, 3)) + 1.6 * y[:, None], y


def frame(n=300, seed=1):
    """A table with all that tables have."""
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(seed)
    rare = rng.random(n) < 0.2
    age = np.where(rng.random(n) < 0.1, np.nan, np.round(rng.normal(40 + 12 * rare, 10), 1))
    town = np.array(["Bonn", "Ulm", "Köln"], dtype=object)[rng.integers(0, 3, n)]
    town[rng.random(n) < 0.1] = None
    X = pd.DataFrame(
        {
            "age": age,
            "town": town,
            "plan": pd.Categorical(np.where(rng.random(n) < 0.3 + 0.4 * rare, "gold", "basic")),
            "visits": rng.integers(0, 9, n),
            "since": pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 1500, n), unit="D"),
        }
    )
    return X, pd.Series(np.where(rare, "yes", "no"), name="left")


def program(*arguments):
    command = [os.environ["ART"], *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout


# What it says


def test_a_rare_class_is_found_and_probabilities_sum_to_one():
    X, y = rows()
    model = ArtClassifier(random_state=0).fit(X[:300], y[:300])
    assert f1_score(y[300:], model.predict(X[300:])) > 0.6
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (400, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert abs(probabilities[:, 1].mean() - y.mean()) < 0.05


def test_the_default_is_what_the_program_recommends():
    X, y = rows()
    models = [ArtClassifier(method, **QUICK).fit(X, y) for method in (None, "break-even:folds=5+plug-in")]
    assert (models[0].predict_proba(X) == models[1].predict_proba(X)).all()
    assert models[0].method_ == "Break-even feedback (folds=5) + plug-in"
    assert ArtClassifier(**QUICK, folds=3).fit(X, y).record_["settings"]["cross_fit"] == 3


def test_labels_of_any_type_come_back_in_their_order():
    X, y = rows()
    codes = ArtClassifier(**QUICK).fit(X, y).predict(X)
    # By value and by letters these are in another order.
    for labels in (np.array(["10", "9"]), np.array([1.0, -2.0]), np.array([True, False]), np.array(["b", "a"], object)):
        model = ArtClassifier(**QUICK).fit(X, labels[y])
        np.testing.assert_array_equal(model.classes_, np.unique(labels))
        assert model.predict(X).dtype == model.classes_.dtype
        assert (model.predict(X) == labels[codes]).mean() > 0.9


def test_equal_seeds_are_equal_models_and_others_others():
    X, y = rows()
    first, again, other = (ArtClassifier(epochs=5, random_state=s).fit(X, y).predict_proba(X) for s in (1, 1, 2))
    assert (first == again).all() and (first != other).any()


@pytest.mark.parametrize("make", [np.asfortranarray, lambda X: np.repeat(X, 2, axis=1)[:, ::2], lambda X: X.tolist()])
def test_the_layout_of_arrays_does_not_matter(make):
    X, y = rows()
    y.flags.writeable = False
    expected = ArtClassifier(**QUICK).fit(X, y).predict_proba(X)
    other = make(X)
    assert (ArtClassifier(**QUICK).fit(other, y).predict_proba(other) == expected).all()


def test_missing_numbers_are_taken():
    X, y = rows()
    X[::7, 1] = np.nan
    model = ArtClassifier(**QUICK).fit(X, y)
    assert np.isfinite(model.predict_proba(X)).all()


def test_an_array_of_words_and_numbers_is_a_table():
    X, y = rows()
    mixed = np.empty((400, 2), dtype=object)
    mixed[:, 0], mixed[:, 1] = X[:, 0], np.where(y, "round", "square")
    assert ArtClassifier(**QUICK).fit(mixed, y).score(mixed, y) > 0.98


def test_it_works_in_searches_and_pipelines():
    X, y = rows(200)
    search = GridSearchCV(
        ArtClassifier(**QUICK), {"method": ["art:blend=0.3", "baseline+tau-e"]}, cv=2, scoring="f1_macro"
    )
    assert search.fit(X, y).best_score_ > 0.6
    assert len(cross_val_predict(make_pipeline(StandardScaler(), ArtClassifier(**QUICK)), X, y, cv=2)) == 200


# Weights


def test_a_weight_is_that_many_copies():
    X, y = rows()
    plain = ArtClassifier(**QUICK).fit(X, y)
    even = ArtClassifier(**QUICK).fit(X, y, sample_weight=np.full(len(y), 3.0))
    # Copies are groups, which another rule divides, so that networks differ and what they say hardly does.
    assert np.abs(plain.predict_proba(X) - even.predict_proba(X)).mean() < 0.05
    # Probabilities are those of a world where rows are as frequent as they weigh.
    weights = np.where(y, 3.0, 1.0)
    weighted = ArtClassifier(**QUICK).fit(X, y, sample_weight=weights).predict_proba(X)[:, 1]
    assert abs(np.average(weighted, weights=weights) - np.average(y, weights=weights)) < 0.04
    assert weighted.mean() > y.mean() + 0.03


def test_rows_of_weight_zero_are_nobodys():
    X, y = rows()
    kept = np.arange(len(y)) % 3 > 0
    changed = np.where(kept[:, None], X, 1e6)
    weights = np.where(kept, 2.0, 0.0)
    first = ArtClassifier(**QUICK).fit(X, y, weights)
    second = ArtClassifier(**QUICK).fit(changed, y, weights)
    assert (first.predict_proba(X) == second.predict_proba(X)).all()


def test_a_class_without_weight_is_never_said():
    X, y = rows()
    y = np.where(np.arange(len(y)) % 10 == 0, 2, y)
    model = ArtClassifier(**QUICK).fit(X, y, sample_weight=y != 2)
    assert model.classes_.tolist() == [0, 1, 2] and 2 not in model.predict(X)
    assert (model.predict_proba(X)[:, 2] == 0).all()


@pytest.mark.parametrize(
    ("weights", "message"),
    [(-1.0, "row 3"), (np.nan, "NaN"), (0.0, "non-zero|all 400 rows")],
    ids=["negative", "NaN", "zero"],
)
def test_weights_that_are_none_are_refused(weights, message):
    X, y = rows()
    given = np.ones(len(y))
    given[3] = weights
    if weights == 0:
        given[:] = 0
    with pytest.raises(ValueError, match=message):
        ArtClassifier(**QUICK).fit(X, y, sample_weight=given)


def test_groups_stay_in_one_fold():
    # Every row stands ten times; alone, its copies give its class away.
    rng = np.random.default_rng(0)
    X, y = np.repeat(rng.normal(size=(60, 4)), 10, axis=0), np.repeat(rng.integers(0, 2, 60), 10)
    groups = np.repeat([f"patient {n}" for n in range(60)], 10)

    def out_of_fold(**given):
        record = ArtClassifier("baseline", folds=5, epochs=60, random_state=0).fit(X, y, **given).record_
        confusion = next(part["confusion"] for part in record["parts"] if part["name"] == "out of fold")
        counts = np.array(confusion).reshape(2, 2)
        return np.trace(counts) / counts.sum()

    assert out_of_fold() > 0.8 and out_of_fold(groups=groups) < 0.7
    assert out_of_fold(groups=groups, sample_weight=np.arange(600) % 3) < 0.7
    with pytest.raises(ValueError, match="inconsistent numbers"):
        ArtClassifier(**QUICK).fit(X, y, groups=groups[:-1])


@pytest.mark.parametrize("missing", ["NaN", "None", "NaT", "NA"])
def test_rows_without_a_group_are_refused(missing):
    X, y = rows()
    numbers = np.arange(len(y)) // 2
    groups = {"NaN": numbers.astype(float), "None": numbers.astype(object), "NaT": numbers.astype("datetime64[D]")}.get(missing)
    if missing == "NA":
        groups = pytest.importorskip("pandas").Series(numbers, dtype="Int64")
    groups[7] = groups[9] = None
    with pytest.raises(ValueError, match="groups: 2 rows have no group, the first of them row 7"):
        ArtClassifier(**QUICK).fit(X, y, groups=groups)


def test_groups_are_one_column():
    X, y = rows()
    groups = np.arange(len(y)) // 2
    expected = ArtClassifier(**QUICK).fit(X, y, groups=groups).predict_proba(X)
    assert (ArtClassifier(**QUICK).fit(X, y, groups=groups[:, None]).predict_proba(X) == expected).all()
    with pytest.raises(ValueError, match=r"groups have the shape \(400, 2\)"):
        ArtClassifier(**QUICK).fit(X, y, groups=np.column_stack([groups, groups]))


# Frames


def test_categories_words_dates_and_missing_values_are_taken():
    X, y = frame()
    model = ArtClassifier(**QUICK).fit(X, y)
    assert model.feature_names_in_.tolist() == list(X.columns) and model.n_features_in_ == 5
    assert f1_score(y, model.predict(X), pos_label="yes") > 0.5


def test_polars_and_pandas_give_the_same_model():
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    X, y = frame()
    other = pl.DataFrame({name: pl.Series([None if pd.isna(value) else value for value in X[name]]) for name in X})
    expected = ArtClassifier(**QUICK).fit(X, y).predict_proba(X)
    model = ArtClassifier(**QUICK).fit(other, pl.Series("left", y.tolist()))
    assert (model.predict_proba(other) == expected).all()
    assert model.feature_names_in_.tolist() == other.columns


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_dates_of_all_years_are_themselves(library, unit):
    frames = pytest.importorskip(library)
    texts = ["9999-12-31T18:00", "1492-10-12", "NaT", "1969-12-31T12:00", "2024-02-29T00:00:01"]
    dates, expected = np.array(texts, f"datetime64[{unit}]"), [2932896.75, -174301, np.nan, -0.5, 19782 + 1 / 86400]
    if library == "pyarrow":
        pd = pytest.importorskip("pandas")
        frame = pd.DataFrame({"since": pd.Series(dates).astype(f"timestamp[{unit}][pyarrow]")})
    elif library == "polars":
        frame = frames.DataFrame({"since": frames.Series(dates.astype("datetime64[us]")).cast(frames.Datetime("us"))})
        frame = frame.cast(frames.Datetime("us" if unit == "s" else unit))
    else:
        frame = frames.DataFrame({"since": dates})
    [(name, values)] = columns_of(frame, ["since"])
    np.testing.assert_array_equal(days_of(values, name), expected)


def test_dates_with_a_zone_and_days_alone_are_taken():
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    noon = pd.Series(pd.to_datetime(["2024-06-01 14:00"]))
    given = [noon.dt.tz_localize("Europe/Berlin"), pl.from_pandas(noon).dt.replace_time_zone("Europe/Berlin")]
    for column in given:
        frame = (pd if isinstance(column, pd.Series) else pl).DataFrame({"since": column})
        assert days_of(columns_of(frame, ["since"])[0][1], "since").tolist() == [19875.5]
    days = pl.DataFrame({"since": pl.Series([3_000_000, None]).cast(pl.Date)})
    assert days_of(columns_of(days, ["since"])[0][1], "since")[0] == 3_000_000


def test_dates_beyond_all_calendars_are_named():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"since": np.array([0, 2**63 - 1], "datetime64[us]")})
    with pytest.raises(ValueError, match="column 'since': row 1 is 294247-01-10T.* make it a missing value"):
        table_of(columns_of(frame, ["since"]))


def test_a_category_that_no_training_row_has_is_refused_or_ignored():
    X, y = frame()
    new = X.assign(town="Trier")
    with pytest.raises(ArtError, match="Trier.*handle_unknown=\"ignore\""):
        ArtClassifier(**QUICK).fit(X, y).predict(new)
    assert len(ArtClassifier(**QUICK, handle_unknown="ignore").fit(X, y).predict(new)) == len(X)


def test_another_kind_of_column_is_refused():
    X, y = frame()
    with pytest.raises(ArtError, match="age"):
        ArtClassifier(**QUICK).fit(X, y).predict(X.assign(age="old"))


# Files


@needs_program
def test_an_array_makes_the_model_of_its_file(tmp_path):
    X, y = rows()
    lines = [",".join([*map(repr, row), str(label)]) for row, label in zip(X.tolist(), y, strict=True)]
    (tmp_path / "t.csv").write_text("\n".join(["x0,x1,x2,class", *lines]))
    path = tmp_path / "model.art"
    program(
        "train", tmp_path / "t.csv", "--target", "class", "--test-share", 0, "--seed", 7, "--epochs", 15, "--out", path
    )
    theirs, ours = ArtClassifier.load(path), ArtClassifier(**QUICK).fit(X, y)
    assert (theirs.predict_proba(X) == ours.predict_proba(X)).all()
    assert theirs.classes_.tolist() == [0, 1]


@needs_program
def test_the_same_rows_make_the_model_of_the_program(tmp_path):
    X, y = frame()
    X.assign(left=y).to_csv(tmp_path / "t.csv", index=False)
    path = tmp_path / "model.art"
    program(
        "train", tmp_path / "t.csv", "--target", "left", "--test-share", 0, "--seed", 7, "--epochs", 15, "--out", path
    )
    theirs, ours = ArtClassifier.load(path), ArtClassifier(**QUICK).fit(X, y)
    assert (theirs.predict_proba(X) == ours.predict_proba(X)).all()
    assert theirs.classes_.tolist() == ours.classes_.tolist()
    assert theirs.record_["epochs"] == ours.record_["epochs"]


@needs_program
def test_the_program_reads_what_is_saved_here(tmp_path):
    pd = pytest.importorskip("pandas")
    X, y = frame()
    model = ArtClassifier(**QUICK).fit(X, y)
    model.save(tmp_path / "model.art")
    X.to_csv(tmp_path / "new.csv", index=False)
    program("predict", tmp_path / "model.art", tmp_path / "new.csv", "--out", tmp_path / "answers.csv")
    answers = pd.read_csv(tmp_path / "answers.csv")
    assert answers["predicted left"].tolist() == model.predict(X).tolist()
    program("report", tmp_path / "model.art")
    assert "Break-even feedback" in (tmp_path / "model.html").read_text()


@pytest.mark.parametrize("labels", [["no", "yes"], [0, 1], [-1.0, 2.0], [False, True]])
def test_what_is_saved_is_loaded_again(tmp_path, labels):
    X, y = rows()
    model = ArtClassifier(**QUICK).fit(X, np.array(labels)[y])
    model.save(tmp_path / "model.art")
    again = ArtClassifier.load(tmp_path / "model.art")
    np.testing.assert_array_equal(again.classes_, model.classes_)
    assert again.classes_.dtype == model.classes_.dtype
    assert (again.predict_proba(X) == model.predict_proba(X)).all() and (again.predict(X) == model.predict(X)).all()
    assert not hasattr(again, "feature_names_in_")


@pytest.mark.parametrize(
    "method", ["baseline", "art:blend=0.3:boost_frequency=2", "power-sampling:folds=2+tau-e", "baseline-la", "ldam-drw+plug-in"]
)
def test_a_clone_of_what_is_loaded_trains_the_same_method(tmp_path, method):
    X, y = rows()
    model = ArtClassifier(method, epochs=2, random_state=0).fit(X, y)
    model.save(tmp_path / "model.art")
    again = clone(ArtClassifier.load(tmp_path / "model.art"))
    assert again.method == method and again.fit(X, y).method_ == model.method_


def test_every_method_is_found_by_its_title():
    names = re.findall(r"^\| \[`([a-z0-9-]+)`\]", (Path(__file__).parents[2] / "docs/methods.md").read_text(), re.MULTILINE)
    known = [name for name in names if not name.startswith("logistic")]
    assert len(known) > 40 and [_name_of(_core.method(name, 0)[1]) for name in known] == known


@pytest.mark.parametrize("value", [["a"], timedelta(1)], ids=["list", "span"])
def test_values_that_are_none_are_named_by_column_and_row(value):
    pd = pytest.importorskip("pandas")
    with pytest.raises(TypeError, match="column 'odd': row 1 is a"):
        ArtClassifier(**QUICK).fit(pd.DataFrame({"odd": pd.Series([None, value, value], dtype=object)}), [0, 1, 1])


def test_it_is_pickled_and_cloned():
    X, y = rows()
    model = ArtClassifier(**QUICK).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    assert (again.predict_proba(X) == model.predict_proba(X)).all()
    assert clone(model).get_params() == model.get_params() and not hasattr(clone(model), "classes_")


FORKED = (
    "import os, signal, sys, warnings\n"
    "warnings.simplefilter('ignore')\n"
    "import numpy as np\n"
    "from imbalanced_art.sklearn import ArtClassifier\n"
    "X = np.random.default_rng(0).normal(size=(200, 3)); y = (X[:, 0] > 0.8).astype(int)\n"
    "make = lambda: ArtClassifier(method='baseline', epochs=2)\n"
    "model = ArtClassifier.load(sys.argv[1])\n"
    "expected = model.predict(X)\n"
    "child = os.fork()\n"
    "if child == 0:\n"
    "    signal.alarm(60)\n"
    "    same = (model.predict(X) == expected).all()\n"
    "    os._exit(0 if same and make().fit(X, y).predict(X).shape == expected.shape else 1)\n"
    "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_answers_and_trains(tmp_path):
    X, y = rows(200)
    path = tmp_path / "m.art"
    ArtClassifier(method="baseline", epochs=2).fit(X[:, :3], y).save(path)
    assert subprocess.run([sys.executable, "-P", "-c", FORKED, path], timeout=120).returncode == 0


def test_damaged_and_missing_files_are_refused(tmp_path):
    path = tmp_path / "model.art"
    with pytest.raises(ArtError, match="model.art"):
        ArtClassifier.load(path)
    path.write_bytes(b"no model")
    with pytest.raises(ArtError, match="truncated or altered"):
        ArtClassifier.load(path)
    with pytest.raises(ArtError, match="cannot"):
        ArtClassifier(**QUICK).fit(*rows()).save(tmp_path / "no folder" / "model.art")


# Bad input


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (lambda X, y: (sparse.csr_matrix(X), y), TypeError, "Sparse data was passed"),
        (lambda X, y: (X, y[:-1]), ValueError, "inconsistent numbers of samples"),
        (lambda X, y: (X, np.where(y, np.nan, 1.0)), ValueError, "y contains NaN"),
        (lambda X, y: (X, y + np.linspace(0, 0.5, len(y))), ValueError, "Unknown label type"),
        (lambda X, y: (X, np.zeros_like(y)), ValueError, "one class"),
        (lambda X, y: (X[:, 0], y), ValueError, "Expected 2D array"),
        (lambda X, y: (np.where(X > 2, np.inf, X), y), ValueError, "'?\"?x0\"?'? is inf in row"),
        (lambda X, y: (X + 1j, y), ValueError, "Complex data"),
        (lambda X, y: (np.where(X > 2, {"a": 1}, X), y), TypeError, "string.* number"),
        (lambda X, y: (X[:, :0], y), ValueError, "0 feature"),
        (lambda X, y: (X, np.where(np.arange(len(y)) == 5, 9, y)), ValueError, "9"),
        (lambda X, y: (X, None), ValueError, "y is None"),
        (lambda X, y: (X.astype("datetime64[D]"), y), TypeError, "data frame"),
    ],
    ids=str,
)
def test_rows_that_are_none_are_refused(spoil, error, message):
    with pytest.raises(error, match=message):
        ArtClassifier(**QUICK).fit(*spoil(*rows()))


def test_training_that_fails_leaves_the_model_before_it():
    pd = pytest.importorskip("pandas")
    X, y = rows()
    model = ArtClassifier(**QUICK)
    with pytest.raises(ValueError, match="one class"):
        model.fit(X, np.zeros_like(y))
    with pytest.raises(NotFittedError):
        model.predict(X)
    named = pd.DataFrame(X, columns=["a", "b", "c"])
    expected = model.fit(named, np.array(["no", "yes"])[y]).predict(named)
    with pytest.raises(ValueError, match="one class"):
        model.fit(X[:, :2], np.full(len(y), "other"))
    assert model.classes_.tolist() == ["no", "yes"] and model.feature_names_in_.tolist() == ["a", "b", "c"]
    assert (model.predict(named) == expected).all()
    # And one that succeeds leaves nothing of it.
    assert not hasattr(model.fit(X[:, :2], y), "feature_names_in_") and model.n_features_in_ == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "smoke"}, "smote"),
        ({"method": "art:blend=7"}, "blend"),
        ({"method": "art:folds=3", "folds": 5}, "folds"),
        ({"epochs": 0}, "epochs"),
        ({"hidden": [0]}, "hidden"),
        ({"number_encoding": "waves"}, "number_encoding"),
        ({"valid_share": 1.5}, "valid_share"),
        ({"folds": 0}, "folds"),
    ],
    ids=str,
)
def test_settings_that_are_none_are_refused(settings, message):
    X, y = rows()
    with pytest.raises(ValueError, match=message):
        ArtClassifier(**{**QUICK, **settings}).fit(X, y)


def test_other_columns_than_in_training_are_refused():
    X, y = rows()
    model = ArtClassifier(**QUICK).fit(X, y)
    with pytest.raises(ValueError, match="expecting 3 features"):
        model.predict(X[:, :2])
    pd = pytest.importorskip("pandas")
    named = ArtClassifier(**QUICK).fit(pd.DataFrame(X, columns=["a", "b", "c"]), y)
    with pytest.raises(ValueError, match="feature names"):
        named.predict(pd.DataFrame(X, columns=["a", "c", "b"]))
    with pytest.raises(ValueError, match="'a' is there twice"):
        ArtClassifier(**QUICK).fit(pd.DataFrame(X, columns=["a", "b", "a"]), y)


# Threads and signals


def test_the_lock_is_free_while_it_trains():
    X, y = rows(3000)
    counted, is_done = [0], threading.Event()

    def count():
        while not is_done.is_set():
            counted[0] += 1

    thread = threading.Thread(target=count)
    thread.start()
    before = counted[0]
    ArtClassifier(epochs=30, random_state=0).fit(X, y)
    during = counted[0] - before
    is_done.set()
    thread.join()
    # Held, the lock would let it count for a few of the interpreter's intervals alone.
    assert during > 100_000


INTERRUPTED = """
import os, signal, threading
import numpy as np
from imbalanced_art.sklearn import ArtClassifier

ids = []

def name(task):
    try:
        return open(f"/proc/self/task/{task}/comm").read().strip()
    except FileNotFoundError:
        return None  # it has ended since it was listed

def interrupt():
    # Threads that the trainer starts have its name, and later ids.
    while not ids:
        tasks = map(int, os.listdir("/proc/self/task"))
        ids.extend(task for task in tasks if name(task) == "imbalanced-art")
    os.kill(os.getpid(), signal.SIGINT)

rng = np.random.default_rng(0)
X, y = rng.normal(size=(20_000, 10)), rng.integers(0, 2, 20_000)
threading.Thread(target=interrupt).start()
try:
    ArtClassifier("baseline", epochs=1_000_000, patience=1_000_000, random_state=0).fit(X, y)
except KeyboardInterrupt:
    print("heard, and training", "goes on" if os.path.exists(f"/proc/self/task/{min(ids)}") else "has ended")
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are looked for in /proc")
def test_ctrl_c_ends_training():
    command = [sys.executable, "-P", "-c", INTERRUPTED]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert found.stdout == "heard, and training has ended\n"
