"""A decision around any classifier of scikit-learn, cross-fitted."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, _fit_context, clone
    from sklearn.frozen import FrozenEstimator
    from sklearn.model_selection import check_cv
    from sklearn.utils import Bunch, _safe_indexing, get_tags, indexable
    from sklearn.utils._param_validation import HasMethods, StrOptions
    from sklearn.utils.metadata_routing import (
        MetadataRouter,
        MethodMapping,
        _routing_enabled,
        process_routing,
    )
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.parallel import Parallel, delayed
    from sklearn.utils.validation import _check_method_params, check_is_fitted, column_or_1d
except ImportError as error:
    raise ImportError(
        "TunedDecisionClassifierCV needs scikit-learn 1.6 or newer: pip install 'imbalanced-art[sklearn]'"
    ) from error

from .decisions import Costs, Scores, _cost_matrix

__all__ = ["TunedDecisionClassifierCV"]

#: Other spellings of rules: names of functions, and of reports.
_SPELLINGS = {"tau_e": "tau-e", "tauE": "tau-e", "plug_in": "plug-in", "by_costs": "costs"}


class TunedDecisionClassifierCV(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """A classifier whose decision is chosen by out-of-fold probabilities, for two classes and for many.

    The estimator is fitted once for each fold on the other ones, and the rule is chosen by what each says about the rows that it has
    not seen. New rows are answered by the mean of these models' probabilities, and decided by the rule.

    Parameters
    ----------
    estimator : estimator instance
        A classifier with ``predict_proba``.
    rule : {"plug-in", "tau-e", "thresholds", "costs", "temperature"}, default="tau-e"
        "tau-e", "plug-in" and "thresholds" decide for macro F1, "costs" for the least expected cost, "temperature" leaves the decision at
        the largest probability. See the functions of :mod:`imbalanced_art.decisions`, whose names are taken as well.
    costs : array-like of shape (n_classes, n_classes) or (n_classes,), dict or None, default=None
        For "costs": ``costs[i, j]`` for deciding for ``classes_[j]`` when it is ``classes_[i]``, or what a missed row of each class costs.
    cv : int, cross-validation generator or iterable, default=None
        The folds; None for five, stratified. Rows that are in several validation parts count so often, those in none have no say.
    ensemble : bool or "auto", default="auto"
        Whether the models of the folds answer new rows together. Else one that is fitted on all rows does, which fits in
        less memory; measured, it is worse. "auto" is True but for a ``FrozenEstimator``, which is taken as it is.
    model_prior : array-like of shape (n_classes,), "balanced" or None, default=None
        Class shares that the estimator's probabilities are for, where it resamples or weighs rows: "balanced" for equal ones, None for
        those of ``y``. An estimator with ``class_weight`` or a step that resamples is warned of where it is None.
    n_jobs : int or None, default=None
        How many models are fitted at once.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    rule_ : DecisionRule
        The rule that was chosen.
    estimators_ : list
        The models whose mean answers: one for each fold, or one.
    n_features_in_ : int
    feature_names_in_ : ndarray
        Where the estimator has them.

    Notes
    -----
    ``sample_weight`` and other arguments of ``fit`` go to the estimator, and ``groups`` to the folds; with scikit-learn's metadata routing
    as was requested. In the choice of the rule every row counts once.

    A class with fewer rows than there are folds is no error: models that were fitted without one of its rows give it the
    probability 0, of which a warning tells.

    See Also
    --------
    sklearn.model_selection.TunedThresholdClassifierCV : For two classes and any score.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.linear_model import LogisticRegression
    >>> from imbalanced_art.decisions import TunedDecisionClassifierCV
    >>> X, y = make_classification(1000, n_informative=5, n_classes=3, weights=[0.8, 0.15], random_state=0)
    >>> model = TunedDecisionClassifierCV(LogisticRegression(), rule="plug-in").fit(X, y)
    >>> plain = model.classes_[model.predict_proba(X).argmax(axis=1)]
    >>> bool((model.predict(X) == 2).sum() > (plain == 2).sum())
    True
    """

    _parameter_constraints: dict[str, Any] = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "rule": [StrOptions({"tau-e", "plug-in", "thresholds", "costs", "temperature", *_SPELLINGS})],
        "costs": ["array-like", Mapping, None],
        "cv": ["cv_object"],
        "ensemble": ["boolean", StrOptions({"auto"})],
        "model_prior": ["array-like", StrOptions({"balanced"}), None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        estimator: Any,
        *,
        rule: str = "tau-e",
        costs: Costs | None = None,
        cv: Any = None,
        ensemble: bool | str = "auto",
        model_prior: ArrayLike | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.rule = rule
        self.costs = costs
        self.cv = cv
        self.ensemble = ensemble
        self.model_prior = model_prior
        self.n_jobs = n_jobs

    @_fit_context(prefer_skip_nested_validation=False)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, **params: Any) -> TunedDecisionClassifierCV:
        """Fits the models and chooses the rule.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_rows, n_features)
        y : array-like of shape (n_rows,)
        **params : dict
            For the estimator's ``fit``, and ``groups`` for the folds.

        Returns
        -------
        self
        """
        check_classification_targets(y)
        X, y = indexable(X, y)
        y = column_or_1d(y, warn=True)
        if len(y) == 0:
            raise ValueError("X and y have no row, where a minimum of 1 is required")
        is_frozen = isinstance(self.estimator, FrozenEstimator)
        # A model that was fitted before may know classes that these rows lack.
        self.classes_ = np.unique(self.estimator.classes_ if is_frozen else y)
        if len(self.classes_) < 2:
            raise ValueError(f"y has one class, {self.classes_.tolist()[0]!r}; a decision needs at least 2")
        rule = _SPELLINGS.get(self.rule, self.rule)
        if rule == "costs" and self.costs is None:
            raise ValueError("rule='costs' needs costs")
        if rule != "costs" and self.costs is not None:
            raise ValueError(f"costs are for rule='costs', and rule is {self.rule!r}")
        costs = None if self.costs is None else _cost_matrix(self.costs, self.classes_)
        # Thresholds are counted, whatever the probabilities are for.
        if self.model_prior is None and rule != "thresholds":
            _tell_of_other_shares(self.estimator)
        fit_params, split_params = self._routed(params)
        folds = check_cv(self.cv, y, classifier=True).split(X, y, **split_params)
        is_ensemble = not is_frozen if self.ensemble == "auto" else self.ensemble
        fitted = Parallel(n_jobs=self.n_jobs)(
            delayed(_fitted_fold)(clone(self.estimator), X, y, train, test, fit_params) for train, test in folds
        )
        models = [model for model, _, _ in fitted]
        self._tell_of_absent(models)
        labels = y[np.concatenate([test for _, test, _ in fitted])]
        proba = np.concatenate([self._in_order(model, of_test) for model, _, of_test in fitted])
        self.rule_ = Scores.of(labels, proba, self.classes_, None, self.model_prior).rule(rule, costs)
        if is_ensemble:
            self.estimators_ = models
        else:
            self.estimators_ = [clone(self.estimator).fit(X, y, **_check_method_params(X, fit_params))]
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimators_[0], name):
                setattr(self, name, getattr(self.estimators_[0], name))
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The mean of the models' probabilities, as they are: the rule moves the decision alone.

        ``model.rule_.predict_proba(model.predict_proba(X))`` are calibrated ones for the class shares of ``y``.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows, n_classes)
        """
        check_is_fitted(self)
        each = [self._in_order(model, model.predict_proba(X)) for model in self.estimators_]
        mean: NDArray[np.float64] = np.mean(each, axis=0)
        return mean

    def predict(self, X: Any) -> NDArray[Any]:
        """The class of each row by the rule.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows,)
        """
        check_is_fitted(self)
        return self.rule_.predict(self.predict_proba(X))

    def _in_order(self, model: Any, proba: NDArray[Any]) -> NDArray[np.float64]:
        """A model's probabilities with a column for each class, 0 for one that it was fitted without."""
        ordered = np.zeros((len(proba), len(self.classes_)))
        ordered[:, np.searchsorted(self.classes_, model.classes_)] = proba
        return ordered

    def _tell_of_absent(self, models: list[Any]) -> None:
        for name in self.classes_:
            without = sum(name not in model.classes_ for model in models)
            if without:
                warnings.warn(
                    f"{without} of {len(models)} models were fitted without a row of class {name!r} and give it the probability 0; "
                    "fewer folds or more rows help",
                    stacklevel=3,
                )

    def _routed(self, params: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """What goes to the estimator's fit and what to the folds."""
        if _routing_enabled():
            routed: Bunch = process_routing(self, "fit", **params)
            return routed.estimator.fit, routed.splitter.split
        groups = params.pop("groups", None)
        return params, {} if groups is None else {"groups": groups}

    def get_metadata_routing(self) -> Any:
        """Where arguments go.

        Returns
        -------
        MetadataRouter
        """
        to_fit = MethodMapping().add(caller="fit", callee="fit")
        to_split = MethodMapping().add(caller="fit", callee="split")
        router = MetadataRouter(owner=self).add(estimator=self.estimator, method_mapping=to_fit)
        return router.add(splitter=self.cv, method_mapping=to_split)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        of_estimator = get_tags(self.estimator)
        tags.input_tags.sparse = of_estimator.input_tags.sparse
        tags.input_tags.allow_nan = of_estimator.input_tags.allow_nan
        if of_estimator.classifier_tags is not None:
            tags.classifier_tags.multi_class = of_estimator.classifier_tags.multi_class
        return tags


def _tell_of_other_shares(estimator: Any) -> None:
    """Warns where the estimator's probabilities are for other class shares than those of its rows."""
    steps = [step for _, step, *_ in getattr(estimator, "steps", [])]
    resampler = next((step for step in steps if hasattr(step, "fit_resample")), None)
    last = steps[-1] if steps else estimator
    weights = getattr(last, "class_weight", None)
    if resampler is not None:
        text = f"{type(resampler).__name__} resamples, so that probabilities are for other class shares than those of y: give"
        text += " model_prior='balanced' where it makes classes equal, else the shares that it makes"
    elif weights is not None:
        text = f"{type(last).__name__} has class_weight={weights!r}, so that probabilities are for other class shares than those of y: give"
        text += " model_prior='balanced'" if isinstance(weights, str) else " model_prior, the rows of each class times its weight"
    else:
        return
    warnings.warn(text, stacklevel=4)


def _fitted_fold(
    estimator: Any, X: Any, y: NDArray[Any], train: NDArray[Any], test: NDArray[Any], params: dict[str, Any]
) -> tuple[Any, NDArray[Any], NDArray[Any]]:
    """The model of a fold, the rows that it has not seen and what it says about them."""
    of_fold = _check_method_params(X, params, indices=train)
    model = estimator.fit(_safe_indexing(X, train), y[train], **of_fold)
    return model, test, model.predict_proba(_safe_indexing(X, test))
