"""Paired tests, ranks and corrections for comparing classifiers over many runs.

Scores are lists, arrays, or columns of data frames (pandas, polars); a table of scores is a data frame with a column for each
method, an array with names, or a mapping.

>>> from imbalanced_art import stats
>>> a, b = [0.80, 0.71, 0.90, 0.74], [0.70, 0.72, 0.80, 0.70]
>>> round(stats.corrected_t_test(a, b, test_over_train=0.25).p_value, 3)
0.224
>>> stats.holm([0.01, 0.04, 0.03]).tolist()
[0.03, 0.06, 0.06]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core

__all__ = [
    "FriedmanResult",
    "PairedResult",
    "WilcoxonResult",
    "benjamini_hochberg",
    "corrected_t_test",
    "friedman",
    "holm",
    "mean_interval",
    "paired_t_test",
    "wilcoxon",
]


class PairedResult(NamedTuple):
    """Outcome of a two-sided paired t-test."""

    #: Number of pairs.
    n: int
    #: First minus second.
    mean_difference: float
    statistic: float
    #: None where all differences are equal and not zero: what does not vary cannot be told from chance.
    p_value: float | None


class WilcoxonResult(NamedTuple):
    """Outcome of a two-sided signed-rank test."""

    #: Pairs with a difference.
    n: int
    #: Sums of the ranks of positive and of negative differences.
    w_plus: float
    w_minus: float
    p_value: float
    #: 1 where every difference is positive, -1 where every one is negative.
    rank_biserial: float


class FriedmanResult(NamedTuple):
    """Outcome of Friedman's test."""

    #: The mean rank of each method, 1 for the best.
    mean_ranks: dict[str, float]
    chi_squared: float
    p_value: float
    #: Iman and Davenport's statistic, which is less conservative.
    f: float
    #: None where the methods never change places.
    f_p_value: float | None


def _scores(values: ArrayLike, name: str) -> list[float]:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} has the shape {array.shape}, expected one score a run")
    scores: list[float] = array.tolist()
    return scores


def paired_t_test(first: ArrayLike, second: ArrayLike) -> PairedResult:
    """Student's paired t-test, for runs that are independent.

    Parameters
    ----------
    first, second : array-like of shape (n_runs,)
        Scores of two methods on the same splits.
    """
    return PairedResult(*_core.t_test(_scores(first, "first"), _scores(second, "second"), 0.0))


def corrected_t_test(first: ArrayLike, second: ArrayLike, *, test_over_train: float) -> PairedResult:
    """The paired t-test corrected for runs that split the same rows again and again.

    Parameters
    ----------
    first, second : array-like of shape (n_runs,)
        Scores of two methods on the same splits.
    test_over_train : float
        Test rows over training rows of a split, above 0; 0.25 for five folds.

    References
    ----------
    Nadeau and Bengio (2003), doi 10.1023/A:1024068626366.
    """
    if not test_over_train > 0:
        raise ValueError(f"test_over_train is {test_over_train}, expected test rows over training rows")
    scores = _scores(first, "first"), _scores(second, "second")
    return PairedResult(*_core.t_test(*scores, float(test_over_train)))


def mean_interval(
    first: ArrayLike,
    second: ArrayLike,
    *,
    test_over_train: float = 0.0,
    confidence: float = 0.95,
) -> tuple[float, float] | None:
    """The interval that the mean difference lies in with this confidence; None where differences do not vary.

    Parameters
    ----------
    first, second : array-like of shape (n_runs,)
    test_over_train : float, default=0
        Above 0 for splits of the same rows, as in :func:`corrected_t_test`.
    confidence : float, default=0.95
    """
    scores = _scores(first, "first"), _scores(second, "second")
    return _core.t_interval(*scores, float(test_over_train), float(confidence))


def wilcoxon(
    first: ArrayLike,
    second: ArrayLike,
    *,
    zeros: Literal["drop", "pratt", "split"] = "drop",
    null: Literal["auto", "exact", "normal"] = "auto",
) -> WilcoxonResult:
    """The signed-rank test, exact with ties and zeros too.

    Parameters
    ----------
    first, second : array-like of shape (n_sets,)
        Scores of two methods, a pair for each data set.
    zeros : {"drop", "pratt", "split"}, default="drop"
        What becomes of pairs without a difference.
    null : {"auto", "exact", "normal"}, default="auto"
        "auto" is exact for at most 50 differences.
    """
    scores = _scores(first, "first"), _scores(second, "second")
    return WilcoxonResult(*_core.wilcoxon(*scores, zeros, null))


def friedman(table: Any, names: Sequence[str] | None = None) -> FriedmanResult:
    """Friedman's test with Iman and Davenport's statistic; higher scores are better.

    Parameters
    ----------
    table : data frame, mapping or array-like of shape (n_sets, n_methods)
        A column for each method, a row for each data set.
    names : sequence of str or None, default=None
        The methods, where the table does not name them.

    References
    ----------
    Demšar (2006), JMLR 7, 1-30.
    """
    if hasattr(table, "columns"):
        names = [str(name) for name in table.columns] if names is None else names
        array = np.asarray(table.to_numpy(), dtype=np.float64)
    elif isinstance(table, Mapping):
        names = [str(name) for name in table] if names is None else names
        columns = [_scores(column, str(name)) for name, column in table.items()]
        if len({len(column) for column in columns}) > 1:
            raise ValueError("the methods have different numbers of scores")
        array = np.array(columns).T
    else:
        array = np.asarray(table, dtype=np.float64)
    if array.ndim != 2:
        raise ValueError(f"the table has the shape {array.shape}, expected a row for each data set")
    if names is None:
        names = [f"method {place}" for place in range(array.shape[1])]
    ranks, *rest = _core.friedman(list(names), array.tolist())
    chi_squared, p_value, f, f_p_value = rest
    return FriedmanResult(dict(zip(names, ranks, strict=True)), chi_squared, p_value, f, f_p_value)  # type: ignore[arg-type]


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """p-values adjusted so that none of all is false with the chance of the level (Holm 1979)."""
    return np.array(_core.adjust(_scores(p_values, "p_values"), "holm"))


def benjamini_hochberg(p_values: ArrayLike) -> NDArray[np.float64]:
    """p-values adjusted for the expected share of false discoveries (Benjamini and Hochberg 1995)."""
    return np.array(_core.adjust(_scores(p_values, "p_values"), "benjamini-hochberg"))
