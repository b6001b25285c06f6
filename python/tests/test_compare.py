"""Models side by side: the same splits, honest differences, advice, and what fails."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import BaseEstimator, ClassifierMixin  # noqa: E402
from sklearn.dummy import DummyClassifier  # noqa: E402
from sklearn.ensemble import RandomForestClassifier  # noqa: E402
from sklearn.linear_model import LogisticRegression, Ridge  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

from imbalanced_art import compare, stats  # noqa: E402
from imbalanced_art.sklearn import ArtClassifier  # noqa: E402


def rows(n=400, share=0.15, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    return rng.normal(size=(n, 3)) + 1.6 * y[:, None], np.array(["usual", "rare"])[y]


class Failing(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        raise RuntimeError("no luck <here>")

    def predict(self, X):
        raise NotImplementedError


class Watching(LogisticRegression):
    """Notes the rows that it is given."""

    seen: list = []

    def fit(self, X, y):
        Watching.seen.append(X[:, 0].copy())
        return super().fit(X, y)


def column(frame, name):
    return np.asarray(frame[name])


@pytest.fixture(scope="module")
def found():
    X, y = rows()
    models = ["baseline+tau-e", LogisticRegression(), ("never", DummyClassifier()), ("broken", Failing())]
    return compare(X, y, models, n_splits=4, random_state=3)


def test_plain_training_takes_part_and_a_model_that_fails_is_shown(found):
    assert column(found.summary, "model").tolist() == [
        "baseline",
        "baseline+tau-e",
        "LogisticRegression",
        "never",
        "broken",
    ]
    assert found.failures == {"broken": "split 0: RuntimeError: no luck <here>"}
    assert np.isnan(column(found.summary, "macro_f1")[-1]) and np.isfinite(column(found.summary, "macro_f1")[:-1]).all()
    assert len(column(found.scores, "split")) == 4 * 4
    # Points, as differences are; scores are from 0 to 1.
    means, scores = column(found.summary, "macro_f1"), column(found.scores, "macro_f1")
    assert means[0] == pytest.approx(100 * scores[:4].mean())
    np.testing.assert_allclose(column(found.summary, "difference")[1:4], means[1:4] - means[0])
    assert f"{means[0]:.1f}" in repr(found) and f"{means[0]:.1f}" in found._repr_html_()


def test_differences_are_tested_as_the_statistics_have_it(found):
    scores, models = column(found.scores, "macro_f1"), column(found.scores, "model")
    other, plain = (100 * scores[models == name] for name in ("never", "baseline"))
    place = column(found.summary, "model").tolist().index("never")
    test = stats.corrected_t_test(other, plain, test_over_train=60 / 340)
    assert column(found.summary, "difference")[place] == pytest.approx(test.mean_difference)
    assert column(found.summary, "p")[place] == pytest.approx(test.p_value)
    p = column(found.summary, "p")[1:4]
    np.testing.assert_allclose(column(found.summary, "p_holm")[1:4], stats.holm(p))
    assert (column(found.summary, "low")[place], column(found.summary, "high")[place]) < (0, 0)


def test_a_model_that_never_finds_the_rare_class_is_not_recommended(found):
    assert found.recommended != "never" and found.choice in ("do", "keep", "unclear")
    harm = dict(zip(column(found.summary, "model"), column(found.summary, "chance_of_harm"), strict=True))
    assert harm["never"] > 0.95
    of_never = column(found.per_class, "model") == "never"
    # Classes in order: rare, usual.
    assert column(found.per_class, "found")[of_never].tolist() == [0, 1]
    assert np.isnan(column(found.per_class, "right")[of_never][0])


def test_the_verdict_and_the_page_say_what_to_do(found, tmp_path):
    assert found.recommended in found.verdict and "27 other tables, which know 1 of 3 entries" in found.verdict
    found.save_html(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert page.startswith("<!DOCTYPE html>") and found._repr_html_() in page
    assert "no luck &lt;here&gt;" in page and "<here>" not in page
    assert "broken" in repr(found) and found.verdict in repr(found)


def test_the_recommended_model_can_be_trained(found):
    X, y = rows()
    assert found.recommended_estimator.fit(X, y).score(X, y) > 0.8


def test_all_models_see_the_same_rows_and_seeds_repeat():
    X, y = rows(150)
    Watching.seen = []
    models = [("one", Watching()), ("two", Watching())]
    first = compare(X, y, models, n_splits=3, random_state=1)
    for one, two in zip(Watching.seen[:3], Watching.seen[3:], strict=True):
        np.testing.assert_array_equal(one, two)
    again = compare(X, y, models, n_splits=3, random_state=1)
    np.testing.assert_array_equal(column(first.scores, "macro_f1"), column(again.scores, "macro_f1"))


def test_groups_stay_together():
    X, y = rows(300)
    groups = np.arange(300) // 3
    X[:, 0] = groups
    Watching.seen = []
    compare(X, y, [Watching()], n_splits=3, groups=groups, random_state=1)
    assert len(Watching.seen) == 3
    for seen in Watching.seen:
        assert (np.unique(seen, return_counts=True)[1] == 3).all()


def test_groups_are_whole_and_one_column():
    X, y = rows(300)
    groups = np.arange(300) // 3.0
    found = [compare(X, y, [LogisticRegression()], n_splits=2, groups=of, random_state=1) for of in (groups, groups[:, None])]
    assert column(found[0].scores, "macro_f1").tolist() == column(found[1].scores, "macro_f1").tolist()
    groups[5] = np.nan
    with pytest.raises(ValueError, match="groups: 1 row has no group, the first of them row 5"):
        compare(X, y, [LogisticRegression()], groups=groups)


@pytest.mark.parametrize(
    ("n_groups", "test_size", "text"),
    [
        (3, 0.15, "3 groups are too few for test_size=0.15, which needs 7; give a larger test_size"),
        (1, 0.5, "1 group is too few for test_size=0.5, which needs 2"),
    ],
)
def test_too_few_groups_are_refused(n_groups, test_size, text):
    X, y = rows(60)
    with pytest.raises(ValueError, match=text):
        compare(X, y, [LogisticRegression()], groups=np.arange(60) % n_groups, test_size=test_size)


def test_where_all_others_fail_the_verdict_says_why():
    X, y = rows(150)
    found = compare(X, y, [("broken", Failing())], n_splits=2, random_state=0)
    assert "all others failed, see failures: broken, split 0: RuntimeError: no luck" in found.verdict


def test_a_far_better_model_is_taken_though_no_table_knows_it():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    y = (np.abs(X[:, 0] - X[:, 1]) < 0.3).astype(int)
    features = make_pipeline(StandardScaler(), ArtClassifier("baseline", epochs=1))

    class Knowing(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            self.classes_ = np.unique(y)
            return self

        def predict(self, X):
            return (np.abs(X[:, 0] - X[:, 1]) < 0.3).astype(int)

    found = compare(X, y, [("rule", Knowing()), ("hardly trained", features)], n_splits=4, random_state=0)
    assert (found.choice, found.recommended) == ("do", "rule")


def test_another_baseline_has_no_experience():
    X, y = rows(200)
    found = compare(
        X, y, ["baseline+tau-e", LogisticRegression()], baseline="LogisticRegression", n_splits=3, random_state=0
    )
    assert column(found.summary, "model").tolist() == ["baseline+tau-e", "LogisticRegression"]
    assert "other tables" not in found.verdict and found.baseline == "LogisticRegression"


def test_frames_with_categories_are_divided():
    pd = pytest.importorskip("pandas")
    X, y = rows(200)
    X = pd.DataFrame(X, columns=["a", "b", "c"]).assign(town=np.where(np.arange(200) % 3, "Ulm", None))
    found = compare(X, pd.Series(y), ["art:blend=0.3"], n_splits=2, random_state=0)
    assert not found.failures and found.summary["model"].tolist() == ["baseline", "art:blend=0.3"]


def test_where_the_baseline_fails_nothing_is_advised():
    X, y = rows(150)
    found = compare(X, y, [("broken", Failing()), LogisticRegression()], baseline="broken", n_splits=2, random_state=0)
    assert (found.choice, found.recommended) == ("none", "broken")
    assert "nothing to go by" in found.verdict and "failed" in found._repr_html_()


@pytest.mark.parametrize(
    ("models", "error", "message"),
    [
        ([], ValueError, "empty"),
        (["smoke"], ValueError, "smote"),
        (["art", "art"], ValueError, "two models are called 'art'"),
        ([LogisticRegression], TypeError, "with fit and predict"),
        ([Ridge()], TypeError, "no classifier"),
        ("art", TypeError, "a list"),
        ([("art",)], ValueError, "a name and a model"),
    ],
    ids=str,
)
def test_models_that_are_none_are_refused(models, error, message):
    X, y = rows(60)
    with pytest.raises(error, match=message):
        compare(X, y, models)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"n_splits": 1}, "n_splits"), ({"test_size": 1.0}, "test_size"), ({"baseline": "trees"}, "none of the models")],
    ids=str,
)
def test_settings_that_are_none_are_refused(settings, message):
    X, y = rows(60)
    with pytest.raises(ValueError, match=message):
        compare(X, y, ["art"], **settings)


def test_labels_that_are_none_are_refused():
    X, y = rows(60)
    with pytest.raises(ValueError, match="one class"):
        compare(X, np.full(60, "usual"), ["art"])
    with pytest.raises(ValueError, match="Unknown label type"):
        compare(X, X[:, 0], ["art"])
    with pytest.raises(ValueError, match="inconsistent numbers"):
        compare(X, y[:-1], ["art"])


def test_the_snippets_of_the_documents_run(tmp_path, monkeypatch, capsys):
    pages = Path(__file__).parents[2] / "docs" / "python.md"
    sections = {part.split("\n")[0]: part for part in pages.read_text().split("\n## ")}
    X, y = rows(200)
    known = {"X": X, "y": y, "X_new": X[:5], "RandomForestClassifier": RandomForestClassifier}
    known["LogisticRegression"] = LogisticRegression
    monkeypatch.chdir(tmp_path)
    for name in ("A classifier", "Comparing"):
        exec(sections[name].split("```python\n")[1].split("```")[0], known)
    assert (tmp_path / "churn.art").exists()
    assert known["found"].verdict in capsys.readouterr().out
    assert known["model"].predict(X).shape == (200,)


def test_nobody_is_told_to_bet_on_a_loss():
    X, y = rows()
    lost = compare(X, y, [("never", DummyClassifier())], n_splits=3, random_state=1)
    row = column(lost.summary, "expected")[1]
    assert row < 0 and lost.recommended == "baseline", lost.verdict
    assert "never" in lost.verdict and "Take never" not in lost.verdict
