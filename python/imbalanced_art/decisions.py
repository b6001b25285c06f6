"""Decisions for any model's probabilities, for two classes and for many, without training anything again.

A classifier that gives probabilities decides for the largest one, which gives the most right answers and not the best F1: rare
classes are hardly ever the likeliest. The rules here move that decision, chosen on validation rows.

- :func:`tau_e` and :func:`plug_in` decide for macro F1 and rest on probabilities as much as on counts of rows,
- :func:`thresholds` searches a threshold for each class, which over-fits where there are few rows,
- :func:`by_costs` decides for the least expected cost,
- :func:`temperature` leaves the decision as it is and calibrates the probabilities.

:class:`TunedDecisionClassifierCV` does this around any classifier of scikit-learn, cross-fitted.

>>> import numpy as np
>>> from imbalanced_art import decisions
>>> y = np.array([0, 0, 0, 0, 1] * 20)
>>> proba = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]] * 20)  # class 1 is never the likeliest
>>> rule = decisions.plug_in(y, proba)
>>> rule.predict([[0.9, 0.1], [0.6, 0.4]]).tolist()
[0, 1]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from ._labels import Labels, as_vector

if TYPE_CHECKING:
    from ._decision_classifier import TunedDecisionClassifierCV

__all__ = [
    "DecisionRule",
    "TunedDecisionClassifierCV",
    "by_costs",
    "plug_in",
    "tau_e",
    "temperature",
    "thresholds",
]

#: Probabilities below this are taken for it, so that their logarithms are finite.
_LEAST = 1e-6
#: By how much the probabilities of a row may miss 1.
_ROUNDING = 1e-2

Costs: TypeAlias = ArrayLike | Mapping[Any, float]


def __getattr__(name: str) -> Any:
    # It needs scikit-learn, the functions do not.
    if name == "TunedDecisionClassifierCV":
        from ._decision_classifier import TunedDecisionClassifierCV

        return TunedDecisionClassifierCV
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


@dataclass(frozen=True, eq=False)
class DecisionRule:
    """How a class is decided for, made by one of the functions of this module.

    Attributes
    ----------
    name : str
        The rule: "tau-e", "plug-in", "thresholds", "temperature" or "costs".
    classes_ : ndarray of shape (n_classes,)
    offsets : ndarray of shape (n_classes,)
        What is added to the logarithms of the probabilities before the largest is taken.
    temperature : float or None
        What they are divided by before they become calibrated probabilities; None where it was not fitted.
    f1, sizes : ndarray of shape (n_classes,) or None
        Of "plug-in": the class with the largest ``(2 p - f1) / sizes`` is decided for.
    costs : ndarray of shape (n_classes, n_classes) or None
        Of "costs": what it costs to decide for the column's class when the row's is true.
    class_prior, model_prior : ndarray of shape (n_classes,)
        Class shares of the world, and those that the model's probabilities are for.
    from_logits : bool
        Whether scores are logits.
    """

    name: str
    classes_: NDArray[Any]
    offsets: NDArray[np.float64]
    temperature: float | None
    f1: NDArray[np.float64] | None
    sizes: NDArray[np.float64] | None
    costs: NDArray[np.float64] | None
    class_prior: NDArray[np.float64]
    model_prior: NDArray[np.float64]
    from_logits: bool

    def predict(self, scores: ArrayLike) -> NDArray[Any]:
        """The class of each row.

        Parameters
        ----------
        scores : array-like of shape (n_rows, n_classes)
            Probabilities, or logits where the rule was made from those.

        Returns
        -------
        ndarray of shape (n_rows,)
        """
        if self.costs is not None:
            codes = _core.decide_by_costs(self.predict_proba(scores), self.costs.T.tolist())
        else:
            affine = None
            if self.f1 is not None and self.sizes is not None:
                affine = (self.f1.tolist(), self.sizes.tolist())
            logits = _logits(scores, len(self.classes_), self.from_logits)
            codes = _core.decide(logits, (self.offsets.tolist(), self.temperature, affine))
        decided: NDArray[Any] = self.classes_[codes]
        return decided

    def predict_proba(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Probabilities for the class shares of the world, calibrated where the rule has a temperature.

        Parameters
        ----------
        scores : array-like of shape (n_rows, n_classes)
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_rows, n_classes)
        """
        logits = _logits(scores, len(self.classes_), self.from_logits)
        priors = self.model_prior.tolist(), self.class_prior.tolist()
        return _core.natural_probabilities(logits, *priors, 1.0 if self.temperature is None else self.temperature)


def tau_e(
    y: ArrayLike,
    scores: ArrayLike,
    *,
    classes: ArrayLike | None = None,
    class_prior: ArrayLike | None = None,
    model_prior: ArrayLike | None = None,
    from_logits: bool = False,
) -> DecisionRule:
    """For macro F1: every class is favored the more the rarer it is, as much as validation rows and probabilities say.

    Decided is for the largest ``ln p - tau * ln class_prior``. Of ``tau`` in 0, 0.1, ..., 1.5 the one is taken with the largest mean
    of the macro F1 that is counted on these rows, smoothed, and that which their calibrated probabilities expect; 0.4 for
    fewer than 50 rows.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        Labels of rows that the model was not trained on.
    scores : array-like of shape (n_rows, n_classes)
        The model's probabilities for them, or logits with ``from_logits``.
    classes : array-like of shape (n_classes,) or None, default=None
        The classes in the order of the columns; else the labels that occur, ascending. Where there are more columns and 0 occurs
        among whole numbers, the columns are taken for 0, 1, ...; without a 0 the classes must be given.
    class_prior : array-like of shape (n_classes,) or None, default=None
        Class shares or counts of the world that is decided in; else those of ``y``.
    model_prior : array-like of shape (n_classes,), "balanced" or None, default=None
        Class shares or counts that the model's probabilities are for, where it was trained on resampled or weighted rows;
        "balanced" for equal ones, None for ``class_prior``.
    from_logits : bool, default=False
        Whether ``scores`` are logits; they are then what :meth:`DecisionRule.predict` takes.

    Returns
    -------
    DecisionRule
    """
    return _fitted("tau-e", y, scores, classes, class_prior, model_prior, from_logits)


def plug_in(
    y: ArrayLike,
    scores: ArrayLike,
    *,
    classes: ArrayLike | None = None,
    class_prior: ArrayLike | None = None,
    model_prior: ArrayLike | None = None,
    from_logits: bool = False,
) -> DecisionRule:
    """For macro F1: the affine rule that maximizes what calibrated probabilities expect.

    Decided is for the largest ``(2 p - f1) / sizes``, with the F1 that is expected of each class and its true and decided rows. Of
    two classes this is a threshold of half the best F1. Labels have a say through the temperature and one number besides.

    Parameters
    ----------
    y, scores, classes, class_prior, model_prior, from_logits
        As in :func:`tau_e`.

    Returns
    -------
    DecisionRule

    References
    ----------
    Lipton, Elkan and Narayanaswamy (2014), arXiv 1402.1892.
    """
    return _fitted("plug-in", y, scores, classes, class_prior, model_prior, from_logits)


def thresholds(
    y: ArrayLike,
    scores: ArrayLike,
    *,
    classes: ArrayLike | None = None,
    class_prior: ArrayLike | None = None,
    model_prior: ArrayLike | None = None,
    from_logits: bool = False,
) -> DecisionRule:
    """For macro F1 as it is counted: an offset for each class, searched class by class, twice.

    With few rows of a class it over-fits; :func:`tau_e` and :func:`plug_in` do so less.

    Parameters
    ----------
    y, scores, classes, class_prior, model_prior, from_logits
        As in :func:`tau_e`; the priors have a say in :meth:`DecisionRule.predict_proba` alone.

    Returns
    -------
    DecisionRule
    """
    return _fitted("thresholds", y, scores, classes, class_prior, model_prior, from_logits)


def temperature(
    y: ArrayLike,
    scores: ArrayLike,
    *,
    classes: ArrayLike | None = None,
    class_prior: ArrayLike | None = None,
    model_prior: ArrayLike | None = None,
    from_logits: bool = False,
) -> DecisionRule:
    """The largest score, as before, with calibrated probabilities: one temperature for all logits.

    Parameters
    ----------
    y, scores, classes, class_prior, model_prior, from_logits
        As in :func:`tau_e`.

    Returns
    -------
    DecisionRule

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017), arXiv 1706.04599.
    """
    return _fitted("temperature", y, scores, classes, class_prior, model_prior, from_logits)


def by_costs(
    y: ArrayLike,
    scores: ArrayLike,
    costs: Costs,
    *,
    classes: ArrayLike | None = None,
    class_prior: ArrayLike | None = None,
    model_prior: ArrayLike | None = None,
    from_logits: bool = False,
) -> DecisionRule:
    """The class of the least expected cost, by probabilities that are calibrated first.

    Parameters
    ----------
    y, scores, classes, class_prior, model_prior, from_logits
        As in :func:`tau_e`.
    costs : array-like of shape (n_classes, n_classes), mapping, or array-like of shape (n_classes,)
        ``costs[i, j]`` is what it costs to decide for class j when it is i, as a confusion matrix is written. Or what a missed row of
        each class costs: by class (1 for those that are not named), or in the order of the classes.

    Returns
    -------
    DecisionRule
    """
    given = Scores.of(y, scores, classes, class_prior, model_prior, from_logits)
    return given.rule("costs", _cost_matrix(costs, given.labels.classes))


def _fitted(
    name: str,
    y: ArrayLike,
    scores: ArrayLike,
    classes: ArrayLike | None,
    class_prior: ArrayLike | None,
    model_prior: ArrayLike | None,
    from_logits: bool,
) -> DecisionRule:
    return Scores.of(y, scores, classes, class_prior, model_prior, from_logits).rule(name)


@dataclass(frozen=True, eq=False)
class Scores:
    """Validation rows: labels, logits and what the logits are for."""

    labels: Labels
    logits: NDArray[np.float32]
    class_prior: NDArray[np.float64]
    model_prior: NDArray[np.float64]
    from_logits: bool

    @classmethod
    def of(
        cls,
        y: ArrayLike,
        scores: ArrayLike,
        classes: ArrayLike | None = None,
        class_prior: ArrayLike | None = None,
        model_prior: ArrayLike | None = None,
        from_logits: bool = False,
    ) -> Scores:
        """What was given, checked."""
        logits = _logits(scores, None, from_logits)
        labels = _labels(y, classes, logits.shape[1])
        n_classes = len(labels.classes)
        if logits.shape != (len(labels.codes), n_classes):
            raise ValueError(
                f"scores have the shape {logits.shape}, expected a row for each of {len(labels.codes)} labels and a column for "
                f"each of {n_classes} classes"
            )
        counts = np.bincount(labels.codes, minlength=n_classes).astype(np.float64)
        natural = counts if class_prior is None else _shares(class_prior, "class_prior", n_classes)
        of_model = natural if model_prior is None else _shares(model_prior, "model_prior", n_classes)
        return cls(labels, logits, natural, of_model, from_logits)

    def rule(self, name: str, costs: NDArray[np.float64] | None = None) -> DecisionRule:
        """What the rule with this name chooses."""
        if costs is not None:
            # Costs that are none are refused here and not at the first prediction.
            _core.decide_by_costs(np.zeros((1, len(costs))), costs.T.tolist())
        offsets, degree, affine = _core.fit_decision(
            "temperature" if name == "costs" else name,
            self.logits,
            self.labels.codes,
            self.model_prior.tolist(),
            self.class_prior.tolist(),
        )
        f1, sizes = (None, None) if affine is None else map(np.array, affine)
        return DecisionRule(
            name,
            self.labels.classes,
            np.array(offsets),
            degree,
            f1,
            sizes,
            costs,
            self.class_prior / self.class_prior.sum(),
            self.model_prior / self.model_prior.sum(),
            self.from_logits,
        )


def _labels(y: ArrayLike, classes: ArrayLike | None, n_columns: int) -> Labels:
    labels = Labels(y, classes)
    # Whole numbers may say columns, not all of which occur. Without a 0 they may as well be counted from 1.
    are_whole = labels.classes.dtype.kind in "iu" and len(labels.classes) < n_columns
    if classes is None and are_whole and labels.classes[0] == 0 and labels.classes[-1] < n_columns:
        labels = Labels(y, np.arange(n_columns))
    if classes is None and are_whole and 0 < labels.classes[0] and labels.classes[-1] <= n_columns:
        found = ", ".join(map(str, labels.classes[:20].tolist())) + (", …" if len(labels.classes) > 20 else "")
        raise ValueError(
            f"scores have {n_columns} columns and the labels are {found}: columns may be counted from 0 or from 1; say by "
            f"classes=range({n_columns}) or classes=range(1, {n_columns + 1}) what they are"
        )
    if len(labels.classes) != n_columns:
        hint = "" if classes is not None else "; say by classes=... what the columns are"
        raise ValueError(f"scores have {n_columns} columns and there are {len(labels.classes)} classes{hint}")
    return labels


def _logits(scores: ArrayLike, n_classes: int | None, from_logits: bool) -> NDArray[np.float32]:
    """Logits in single precision, checked; logarithms where probabilities were given."""
    values = _matrix(scores)
    n_rows, n_columns = values.shape
    if n_rows == 0:
        raise ValueError("scores have no row")
    if n_columns < 2:
        raise ValueError("scores have one column; a decision is between at least 2 classes, with a column each")
    if n_classes is not None and n_columns != n_classes:
        raise ValueError(f"scores have {n_columns} columns, expected one for each of {n_classes} classes")
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise ValueError(f"scores: row {row} is {values[row].tolist()}; every score must be a finite number")
    if from_logits:
        return np.ascontiguousarray(values, dtype=np.float32)
    sums = values.sum(axis=1, dtype=np.float64)
    wrong = (values < -_ROUNDING).any(axis=1) | (np.abs(sums - 1) > _ROUNDING)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"scores: row {row} is {values[row].tolist()}, no probabilities: they are not negative and sum to 1; "
            "for logits say from_logits=True"
        )
    logits: NDArray[np.float32] = np.log(np.maximum(values, _LEAST, dtype=np.float64)).astype(np.float32)
    return logits


def _matrix(scores: ArrayLike) -> NDArray[Any]:
    """The scores as an array of two dimensions and numbers; a tensor on another device is fetched."""
    if hasattr(scores, "detach") and hasattr(scores, "cpu"):
        # Half precision of the brain kind is no type of numpy's.
        scores = scores.detach().cpu().float().numpy()
    values = np.asarray(scores)
    if values.dtype.kind not in "fiub":
        values = values.astype(np.float64)
    if values.ndim != 2:
        hint = "; of two classes give both: numpy.column_stack([1 - p, p])" if values.ndim == 1 else ""
        raise ValueError(f"scores have the shape {values.shape}, expected a column for each class{hint}")
    return values.astype(np.float64) if values.dtype.kind != "f" else values


def _shares(values: ArrayLike, name: str, n_classes: int) -> NDArray[np.float64]:
    if isinstance(values, str):
        if values == "balanced":
            return np.ones(n_classes)
        raise ValueError(f"{name} is {values!r}, expected 'balanced', or a share of each class")
    shares = as_vector(values, name).astype(np.float64)
    if len(shares) != n_classes:
        raise ValueError(f"{name} has {len(shares)} shares, expected one for each of {n_classes} classes")
    if not np.isfinite(shares).all() or (shares < 0).any() or shares.sum() == 0:
        raise ValueError(f"{name} is {shares.tolist()}; shares are not negative, and not all of them 0")
    return shares


def _cost_matrix(costs: Costs, classes: NDArray[Any]) -> NDArray[np.float64]:
    """What it costs to decide for the column's class when the row's is true."""
    n_classes = len(classes)
    if isinstance(costs, Mapping):
        places = {value: place for place, value in enumerate(classes.tolist())}
        missed = np.ones(n_classes)
        for name, cost in costs.items():
            if name not in places:
                raise ValueError(f"costs: {name!r} is none of the classes {', '.join(map(repr, places))}")
            missed[places[name]] = cost
    else:
        matrix = np.asarray(costs, dtype=np.float64)
        if matrix.shape == (n_classes, n_classes):
            return matrix
        if matrix.shape != (n_classes,):
            raise ValueError(
                f"costs have the shape {matrix.shape}, expected a cost for each of {n_classes} classes, or a row and a column for each"
            )
        missed = matrix
    return missed[:, None] * (1 - np.eye(n_classes))
