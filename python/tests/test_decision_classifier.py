"""Decisions around classifiers of scikit-learn."""

import warnings

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytestmark = pytest.mark.heavy

import sklearn  # noqa: E402
from sklearn.base import BaseEstimator, TransformerMixin, clone  # noqa: E402
from sklearn.datasets import make_classification  # noqa: E402
from sklearn.dummy import DummyClassifier  # noqa: E402
from sklearn.ensemble import RandomForestClassifier  # noqa: E402
from sklearn.frozen import FrozenEstimator  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.metrics import f1_score, make_scorer  # noqa: E402
from sklearn.model_selection import (  # noqa: E402
    GridSearchCV,
    GroupKFold,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
    cross_val_predict,
    train_test_split,
)
from sklearn.pipeline import Pipeline, make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.tree import DecisionTreeClassifier  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from imbalanced_art import decisions  # noqa: E402
from imbalanced_art.decisions import TunedDecisionClassifierCV  # noqa: E402

RULES = ["tau-e", "plug-in", "thresholds", "temperature"]
LOGISTIC = LogisticRegression()


def data(n=2000, k=3, seed=0):
    weights = {2: [0.9], 3: [0.8, 0.15]}[k]
    return make_classification(n, 8, n_informative=6, n_classes=k, weights=weights, class_sep=0.8, random_state=seed)


def expected_failures(estimator):
    """A check holds decisions to the largest probability, which is what is moved; where classes are far apart, that is seldom seen."""
    return {"check_classifiers_train": "the decision is moved"} if estimator.rule == "thresholds" else {}


@parametrize_with_checks(
    [
        *(TunedDecisionClassifierCV(LOGISTIC, rule=rule) for rule in RULES),
        TunedDecisionClassifierCV(LOGISTIC, ensemble=False),
        TunedDecisionClassifierCV(make_pipeline(StandardScaler(), LOGISTIC), rule="plug-in", cv=3),
        TunedDecisionClassifierCV(DecisionTreeClassifier(random_state=0)),
    ],
    expected_failed_checks=expected_failures,
)
@pytest.mark.filterwarnings("ignore")
def test_the_check_passes(estimator, check):
    check(estimator)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("k", [2, 3])
def test_it_is_the_rule_of_out_of_fold_probabilities_and_the_mean_of_the_models(rule, k):
    X, y = data(k=k)
    model = TunedDecisionClassifierCV(LOGISTIC, rule=rule).fit(X, y)
    # Out-of-fold rows come fold by fold, which no rule depends on.
    proba = cross_val_predict(LOGISTIC, X, y, method="predict_proba")
    make = getattr(decisions, rule.replace("-", "_"))
    expected = make(y, proba)
    assert model.rule_.offsets == pytest.approx(expected.offsets)
    each = [clone(LOGISTIC).fit(X[train], y[train]) for train, _ in StratifiedKFold(5).split(X, y)]
    mean = np.mean([one.predict_proba(X) for one in each], axis=0)
    assert model.predict_proba(X) == pytest.approx(mean)
    assert np.array_equal(model.predict(X), expected.predict(mean))
    one = TunedDecisionClassifierCV(LOGISTIC, rule=rule, ensemble=False).fit(X, y)
    assert len(one.estimators_) == 1
    assert one.predict_proba(X) == pytest.approx(clone(LOGISTIC).fit(X, y).predict_proba(X))


@pytest.mark.parametrize("rule", ["tau-e", "plug-in"])
def test_macro_f1_rises(rule):
    X, y = data(6000)
    X, X_test, y, y_test = train_test_split(X, y, stratify=y, random_state=0)
    plain = f1_score(y_test, clone(LOGISTIC).fit(X, y).predict(X_test), average="macro")
    moved = TunedDecisionClassifierCV(LOGISTIC, rule=rule).fit(X, y)
    assert f1_score(y_test, moved.predict(X_test), average="macro") > plain + 0.03


def test_a_weighted_models_probabilities_are_told_as_such():
    X, y = data(6000)
    balanced = LogisticRegression(class_weight="balanced")
    model = TunedDecisionClassifierCV(balanced, rule="plug-in", model_prior="balanced").fit(X, y)
    plain = TunedDecisionClassifierCV(LOGISTIC, rule="plug-in").fit(X, y)
    assert np.mean(model.predict(X) == plain.predict(X)) > 0.9
    corrected = model.rule_.predict_proba(model.predict_proba(X)).mean(axis=0)
    assert corrected == pytest.approx(np.bincount(y) / len(y), abs=0.03)


def test_costs_are_by_class_or_by_pair():
    X, y = data()
    words = np.array(["a", "b", "c"])[y]
    by_class = TunedDecisionClassifierCV(LOGISTIC, rule="costs", costs={"c": 20.0}).fit(X, words)
    matrix = [[0, 1, 1], [1, 0, 1], [20, 20, 0]]
    by_pair = TunedDecisionClassifierCV(LOGISTIC, rule="costs", costs=matrix).fit(X, words)
    assert by_class.predict(X).tolist() == by_pair.predict(X).tolist()
    plain = clone(LOGISTIC).fit(X, words)
    assert (by_class.predict(X) == "c").sum() > 2 * (plain.predict(X) == "c").sum()


@pytest.mark.parametrize(
    ("cv", "n_models"),
    [
        (3, 3),
        (StratifiedShuffleSplit(2, test_size=0.3, random_state=0), 2),
        (RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0), 6),
        ([(np.arange(0, 1500), np.arange(1500, 2000))], 1),
    ],
)
def test_folds_are_of_any_kind(cv, n_models):
    X, y = data()
    model = TunedDecisionClassifierCV(LOGISTIC, cv=cv).fit(X, y)
    assert len(model.estimators_) == n_models
    assert model.score(X, y) > 0.7


def test_weights_go_to_the_estimator_and_groups_to_the_folds():
    X, y = data()
    weight = np.where(y == 2, 5.0, 1.0)
    groups = np.arange(len(y)) % 40
    model = TunedDecisionClassifierCV(LOGISTIC, cv=GroupKFold(4)).fit(X, y, sample_weight=weight, groups=groups)
    for fitted, (train, _) in zip(model.estimators_, GroupKFold(4).split(X, y, groups), strict=True):
        assert fitted.coef_ == pytest.approx(clone(LOGISTIC).fit(X[train], y[train], sample_weight=weight[train]).coef_)
    with pytest.raises(TypeError, match="nonsense"):
        TunedDecisionClassifierCV(LOGISTIC).fit(X, y, nonsense=weight)
    with sklearn.config_context(enable_metadata_routing=True):
        asking = LogisticRegression().set_fit_request(sample_weight=True)
        routed = TunedDecisionClassifierCV(asking, cv=GroupKFold(4)).fit(X, y, sample_weight=weight, groups=groups)
    assert routed.predict(X).tolist() == model.predict(X).tolist()


def test_a_fitted_model_is_taken_as_it_is():
    X, y = data()
    words = np.array(["a", "b", "c"])[y]
    fitted = RandomForestClassifier(20, random_state=0).fit(X[:1000], words[:1000])
    model = TunedDecisionClassifierCV(FrozenEstimator(fitted)).fit(X[1000:], words[1000:])
    assert len(model.estimators_) == 1
    assert np.array_equal(model.predict_proba(X), fitted.predict_proba(X))
    expected = decisions.tau_e(words[1000:], fitted.predict_proba(X[1000:]))
    assert model.predict(X).tolist() == expected.predict(fitted.predict_proba(X)).tolist()
    # Rows without one of its classes.
    rest = words[1000:] != "c"
    model = TunedDecisionClassifierCV(FrozenEstimator(fitted)).fit(X[1000:][rest], words[1000:][rest])
    assert model.classes_.tolist() == ["a", "b", "c"]


def test_a_search_looks_through_it():
    X, y = data()
    search = GridSearchCV(
        TunedDecisionClassifierCV(LOGISTIC, cv=3),
        {"rule": ["tau-e", "temperature"], "estimator__C": [0.1, 1.0]},
        scoring=make_scorer(f1_score, average="macro"),
        cv=3,
    )
    assert search.fit(X, y).best_params_["rule"] == "tau-e"


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_keep_their_names(kind):
    library = pytest.importorskip(kind)
    X, y = data()
    frame = library.DataFrame({f"x{place}": X[:, place] for place in range(X.shape[1])})
    labels = library.Series(y) if kind == "pandas" else library.Series("y", y)
    model = TunedDecisionClassifierCV(LOGISTIC).fit(frame, labels)
    assert model.feature_names_in_.tolist() == list(frame.columns)
    assert model.predict(frame).tolist() == TunedDecisionClassifierCV(LOGISTIC).fit(X, y).predict(X).tolist()


def test_classes_with_fewer_rows_than_folds_are_told_of():
    X, y = data()
    keep = np.concatenate([np.flatnonzero(y != 2), np.flatnonzero(y == 2)[:1]])
    with pytest.warns(UserWarning, match="1 of 5 models were fitted without a row of class"):
        model = TunedDecisionClassifierCV(LOGISTIC).fit(X[keep], y[keep])
    assert model.predict_proba(X).shape == (len(X), 3)
    assert model.predict_proba(X).sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda X, y: TunedDecisionClassifierCV(LOGISTIC).fit(X, np.zeros(len(y))), "one class"),
        (lambda X, y: TunedDecisionClassifierCV(LOGISTIC, rule="f1").fit(X, y), "'rule' parameter"),
        (lambda X, y: TunedDecisionClassifierCV(LOGISTIC, rule="costs").fit(X, y), "needs costs"),
        (lambda X, y: TunedDecisionClassifierCV(LOGISTIC, costs=[1, 2, 3]).fit(X, y), "costs are for"),
        (lambda X, y: TunedDecisionClassifierCV(LOGISTIC, rule="costs", costs=[1, 2]).fit(X, y), "each of 3 classes"),
        (lambda X, y: TunedDecisionClassifierCV(LOGISTIC, model_prior=[1, 1]).fit(X, y), "one for each of 3 classes"),
        (lambda X, y: TunedDecisionClassifierCV(LOGISTIC, cv=3000).fit(X, y), "n_splits"),
        (lambda X, y: TunedDecisionClassifierCV(LOGISTIC).fit(X, X[:, 0]), "[Uu]nknown label type"),
        (lambda X, y: TunedDecisionClassifierCV(LOGISTIC).fit(X, y[:5]), "inconsistent"),
        (lambda X, y: TunedDecisionClassifierCV(NoProbabilities()).fit(X, y), "no probabilities"),
    ],
)
def test_bad_input_is_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make(*data())


class NoProbabilities(DummyClassifier):
    """Whose numbers are none."""

    def predict_proba(self, X):
        return super().predict_proba(X) * 3


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: LogisticRegression(class_weight="balanced"), "class_weight='balanced'.*give model_prior='balanced'"),
        (lambda: make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced")), "model_prior='balanced'"),
        (lambda: LogisticRegression(class_weight={0: 1, 1: 5}), "give model_prior, the rows of each class times its weight"),
        (lambda: Pipeline([("smote", Resampling()), ("model", LogisticRegression())]), "Resampling resamples.*model_prior"),
    ],
)
def test_probabilities_of_another_world_are_warned_of(make, text):
    X, y = make_classification(200, weights=[0.9], random_state=0)
    with pytest.warns(UserWarning, match=text):
        TunedDecisionClassifierCV(make()).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TunedDecisionClassifierCV(make(), model_prior="balanced").fit(X, y)
        TunedDecisionClassifierCV(make(), rule="thresholds").fit(X, y)


class Resampling(TransformerMixin, BaseEstimator):
    """Is taken for one that resamples by what it has."""

    def fit(self, X, y):
        return self

    def transform(self, X):
        return X

    def fit_resample(self, X, y):
        raise NotImplementedError


@pytest.mark.parametrize("rule", ["tau-e", "tau_e", "tauE"])
def test_rules_may_be_spelled_as_elsewhere(rule):
    X, y = make_classification(200, weights=[0.9], random_state=0)
    model = TunedDecisionClassifierCV(LogisticRegression(), rule=rule).fit(X, y)
    assert model.rule_.name == "tau-e" and model.get_params()["rule"] == rule
    assert "TunedDecisionClassifierCV" in dir(decisions)
