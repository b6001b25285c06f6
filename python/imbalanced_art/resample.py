"""Resamplers with imbalanced-learn's contract: parameters, words, containers and checks.

They take rows and give rows, so that a training set is changed once, before training. **First ask whether to resample at
all**: for a model that gives probabilities, moving the decision is as good more often than not, and keeps the probabilities
(``docs/python.md``).

Differences from imbalanced-learn: ``origins_`` says where each row comes from; every class draws from a stream of its own, so
that one more class changes no other; a ``random_state`` that is a number is the library's seed, so that rows are those of the
Rust library and its program, whatever the number of threads; classes that a method has nothing to offer for are left as they
are with a warning where imbalanced-learn raises or drifts. Distances are computed in single precision; rows between two others
are computed in the precision of the input.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._resampling import (
    COUNT,
    FALLBACK,
    NOT_NEGATIVE,
    RANDOM_STATE,
    REPEATS,
    Cleaner,
    Combined,
    Interval,
    Options,
    Origins,
    OverSampler,
    StrOptions,
    UnderSampler,
    _is_pandas,
    _Made,
)

__all__ = [
    "ADASYN",
    "MSMOTE",
    "MSYN",
    "SMOTE",
    "SMOTEENN",
    "SMOTENC",
    "BorderlineSMOTE",
    "ClusterUnderSampler",
    "CondensedNearestNeighbour",
    "EditedNearestNeighbours",
    "KMeansSMOTE",
    "NearMiss",
    "OneSidedSelection",
    "Origins",
    "RandomOverSampler",
    "RandomUnderSampler",
    "RepeatedEditedNearestNeighbours",
    "SMOTETomek",
    "SafeLevelSMOTE",
    "TomekLinks",
]


class RandomOverSampler(OverSampler):
    """Repeats rows of small classes, of whatever type; with ``shrinkage`` each copy gets normal noise.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        In imbalanced-learn's words, as everywhere here.
    random_state : int, RandomState, Generator or None, default=None
    shrinkage : float or None, default=None
        Scale of the noise on copies, as a smoothed bootstrap has it; None for none. Features must be numbers then.
    copies : {"random", "even"}, default="random"
        Whether rows to copy are drawn, or every row is copied equally often.
    """

    _method = "ros"
    _selects = True
    _parameter_constraints = {
        **OverSampler._parameter_constraints,
        "shrinkage": [NOT_NEGATIVE, None],
        "copies": REPEATS,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        shrinkage: float | None = None,
        copies: str = "random",
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.shrinkage = shrinkage
        self.copies = copies

    def _reads_features(self) -> bool:
        return bool(self.shrinkage)

    def _settings(self) -> dict[str, Any]:
        return {"smoothing": float(self.shrinkage or 0), "copies": self.copies}

    def _changes_nothing(self) -> bool:
        return not self.shrinkage


class SMOTE(OverSampler):
    """New rows between a row of a small class and one of its k nearest rows of that class.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
    random_state : int, RandomState, Generator or None, default=None
    k_neighbors : int, default=5
    gap : {"row", "feature"}, default="row"
        Whether a new row lies on the line between two rows or in the box that they span.
    bases : {"random", "even"}, default="random"
        Whether rows to start from are drawn, or all are started from equally often.
    rare_class : {"shrink", "duplicate", "raise"}, default="shrink"
        What to do with a class of at most ``k_neighbors`` rows: use the neighbours there are, copy rows, or raise.

    References
    ----------
    Chawla, Bowyer, Hall and Kegelmeyer (2002), doi 10.1613/jair.953.
    """

    _method = "smote"
    _parameter_constraints = {
        **OverSampler._parameter_constraints,
        "k_neighbors": COUNT,
        "gap": [StrOptions({"row", "feature"})],
        "bases": REPEATS,
        "rare_class": [StrOptions({"shrink", "duplicate", "raise"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: int = 5,
        gap: str = "row",
        bases: str = "random",
        rare_class: str = "shrink",
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.gap = gap
        self.bases = bases
        self.rare_class = rare_class

    def _settings(self) -> dict[str, Any]:
        return {
            "k": self.k_neighbors,
            "gap": getattr(self, "gap", "row"),
            "bases": self.bases,
            "rare_class": self.rare_class,
        }


class SMOTENC(SMOTE):
    """SMOTE for tables with categories: a new row has the value that most of its base's neighbours have.

    Parameters
    ----------
    categorical_features : "auto" or array-like
        Places, names or a mask of the columns that are categories: whole numbers are places, whatever columns are called, and
        words are names. "auto" takes what a data frame has as categories, words or truth values.
    sampling_strategy : float, str, dict or callable, default="auto"
    random_state : int, RandomState, Generator or None, default=None
    k_neighbors : int, default=5
    bases, rare_class
        As in :class:`SMOTE`.
    """

    _parameter_constraints = {
        **{name: value for name, value in SMOTE._parameter_constraints.items() if name != "gap"},
        "categorical_features": ["array-like", StrOptions({"auto"})],
    }

    def __init__(
        self,
        categorical_features: Any = "auto",
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: int = 5,
        bases: str = "random",
        rare_class: str = "shrink",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.categorical_features = categorical_features
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.bases = bases
        self.rare_class = rare_class

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        return tags

    def _check_X_y(self, X: Any, y: Any, accept_sparse: Any = None) -> tuple[Any, Any, bool]:
        return self._check_anything(X, y)

    def fit_resample(self, X: Any, y: Any, **params: Any) -> tuple[Any, Any]:
        if hasattr(X, "tocsr"):
            raise TypeError("SMOTENC takes no sparse matrix: give categories as columns of a table")
        self._categorical = self._places(X)
        return super().fit_resample(X, y, **params)

    _for_words = "name it among categorical_features"

    def _is_category(self, place: int) -> bool:
        return place in self._categorical

    def _places(self, X: Any) -> list[int]:
        """The columns that are categories."""
        chosen = self.categorical_features
        width = X.shape[1] if hasattr(X, "shape") else len(X[0])
        names = list(X.columns) if hasattr(X, "columns") else []
        if isinstance(chosen, str):
            if not names:
                raise ValueError("categorical_features='auto' needs a data frame; give the columns")
            numeric = [_is_number(dtype) for dtype in X.dtypes]
            places = [place for place in range(width) if not numeric[place]]
        else:
            listed = np.asarray(chosen)
            if listed.dtype == bool:
                if len(listed) != width:
                    raise ValueError(f"categorical_features is a mask of {len(listed)} columns, X has {width}")
                places = np.flatnonzero(listed).tolist()
            else:
                places = []
                for item in chosen.tolist() if hasattr(chosen, "tolist") else list(chosen):
                    # Whole numbers are places also where columns are called by whole numbers, as in imbalanced-learn.
                    place = int(item) if isinstance(item, Integral) else names.index(item) if item in names else width
                    if not -width <= place < width:
                        raise ValueError(f"categorical_features: {item!r} is no column of X")
                    places.append(place % width)
        if len(places) == width:
            raise ValueError("all columns are categories; SMOTENC needs a number, RandomOverSampler none")
        if not places:
            raise ValueError("no column is a category; use SMOTE")
        return sorted(places)

    def _fit_resample(self, X: Any, y: Any, **params: Any) -> tuple[Any, Any]:
        columns = [_column(X, place) for place in range(X.shape[1])]
        encoded, ranges, first_rows = [], [], {}
        place_of_number: dict[int, int] = {}
        width = 0
        for place, column in enumerate(columns):
            if place in self._categorical:
                codes, first_rows[place] = _levels(column)
                one_hot = np.zeros((len(column), len(first_rows[place])), dtype=np.float64)
                one_hot[np.arange(len(column)), codes] = 1
                ranges.append((width, width + one_hot.shape[1]))
                encoded.append(one_hot)
                width += one_hot.shape[1]
            else:
                place_of_number[place] = width
                encoded.append(_numbers(column, place)[:, None])
                width += 1
        made = self._run(np.hstack(encoded), y, ranges)
        self._note(made)
        # Each column from a row that has the value: its own, or for a new row the first with its category.
        new, outs = made.is_new, []
        for place, column in enumerate(columns):
            if place in first_rows:
                start, end = ranges[self._categorical.index(place)]
                sources = made.row.copy()
                sources[new] = first_rows[place][made.features[:, start:end].argmax(axis=1)]
                outs.append(column[sources])
                continue
            values = _numbers(column, place)
            new_values = made.between(values, place_of_number[place])
            values = values[made.row]
            is_integer = column.dtype.kind in "biu"
            if self._integers is not None:
                is_integer = bool(self._integers[place])
            values[new] = np.rint(new_values) if is_integer else new_values
            outs.append(values.astype(column.dtype) if column.dtype.kind in "biuf" else values)
        y_out = np.asarray(y)[made.row]
        if _is_pandas(X):
            import pandas as pd

            series = [pd.Series(out).astype(dtype) for out, dtype in zip(outs, X.dtypes, strict=True)]
            frame = pd.concat(series, axis=1)
            frame.columns = X.columns
            return frame, y_out
        if X.dtype == object:
            rows = np.empty((len(y_out), len(outs)), dtype=object)
            for place, out in enumerate(outs):
                rows[:, place] = out
            return rows, y_out
        return np.column_stack(outs).astype(X.dtype, copy=False), y_out


def _is_number(dtype: Any) -> bool:
    """Whether a column of a frame holds numbers."""
    if hasattr(dtype, "is_numeric"):
        return bool(dtype.is_numeric())
    return getattr(dtype, "kind", "O") in "iuf" and str(dtype) != "category"


def _column(X: Any, place: int) -> NDArray[Any]:
    column = X.iloc[:, place].to_numpy() if _is_pandas(X) else X[:, place]
    return np.asarray(column)


def _levels(column: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The level of each value, and the first row of each level; missing values are a level."""
    places: dict[Any, int] = {}
    first: list[int] = []
    codes = np.empty(len(column), dtype=np.int64)
    for row, value in enumerate(column.tolist()):
        key = value if value == value else None
        if key not in places:
            places[key] = len(first)
            first.append(row)
        codes[row] = places[key]
    return codes, np.array(first)


def _numbers(column: NDArray[Any], place: int) -> NDArray[np.float64]:
    try:
        return column.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"column {place} is neither a number nor among categorical_features: {error}") from None


class BorderlineSMOTE(OverSampler):
    """SMOTE that starts from rows near the border of their class alone.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
    random_state : int, RandomState, Generator or None, default=None
    k_neighbors : int, default=5
    m_neighbors : int, default=10
        Neighbours that tell whether a row is near the border.
    kind : {"borderline-1", "borderline-2"}, default="borderline-1"
        The second also makes rows towards other classes.
    fallback : {"unchanged", "duplicate", "smote"}, default="unchanged"
        What becomes of a class without rows near its border.

    References
    ----------
    Han, Wang and Mao (2005), doi 10.1007/11538059_91.
    """

    _method = "borderline-smote"
    _parameter_constraints = {
        **OverSampler._parameter_constraints,
        "k_neighbors": COUNT,
        "m_neighbors": COUNT,
        "kind": [StrOptions({"borderline-1", "borderline-2"})],
        "fallback": FALLBACK,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: int = 5,
        m_neighbors: int = 10,
        kind: str = "borderline-1",
        fallback: str = "unchanged",
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.m_neighbors = m_neighbors
        self.kind = kind
        self.fallback = fallback

    def _settings(self) -> dict[str, Any]:
        return {
            "k": self.k_neighbors,
            "m": self.m_neighbors,
            "kind": self.kind,
            "fallback": self.fallback,
        }


class ADASYN(OverSampler):
    """SMOTE that makes most rows where most neighbours are of other classes; totals are exact.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
    random_state : int, RandomState, Generator or None, default=None
    n_neighbors : int, default=5
    fallback : {"unchanged", "duplicate", "smote"}, default="unchanged"
        What becomes of a class without neighbours of other classes.

    References
    ----------
    He, Bai, Garcia and Li (2008), doi 10.1109/IJCNN.2008.4633969.
    """

    _method = "adasyn"
    _parameter_constraints = {
        **OverSampler._parameter_constraints,
        "n_neighbors": COUNT,
        "fallback": FALLBACK,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        n_neighbors: int = 5,
        fallback: str = "unchanged",
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.n_neighbors = n_neighbors
        self.fallback = fallback

    def _settings(self) -> dict[str, Any]:
        return {"k": self.n_neighbors, "fallback": self.fallback}


class SafeLevelSMOTE(OverSampler):
    """SMOTE whose new rows keep near the safer one of the two rows that they lie between.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
    random_state : int, RandomState, Generator or None, default=None
    k_neighbors : int, default=5
    fallback : {"unchanged", "duplicate", "smote"}, default="unchanged"

    References
    ----------
    Bunkhumpornpat, Sinapiromsaran and Lursinsap (2009), doi 10.1007/978-3-642-01307-2_43.
    """

    _method = "safe-level-smote"
    _parameter_constraints = {
        **OverSampler._parameter_constraints,
        "k_neighbors": COUNT,
        "fallback": FALLBACK,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: int = 5,
        fallback: str = "unchanged",
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.fallback = fallback

    def _settings(self) -> dict[str, Any]:
        return {"k": self.k_neighbors, "fallback": self.fallback}


class MSMOTE(OverSampler):
    """SMOTE that tells safe rows, rows at the border and noise apart, and starts from no noise.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
    random_state : int, RandomState, Generator or None, default=None
    k_neighbors : int, default=5
    border_partner : {"same", "any"}, default="same"
        Whether a row at the border moves towards its nearest row of its class, or of any.

    References
    ----------
    Hu, Liang, Ma and He (2009), doi 10.1109/WCSE.2009.756.
    """

    _method = "msmote"
    _parameter_constraints = {
        **OverSampler._parameter_constraints,
        "k_neighbors": COUNT,
        "border_partner": [StrOptions({"same", "any"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: int = 5,
        border_partner: str = "same",
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.border_partner = border_partner

    def _settings(self) -> dict[str, Any]:
        return {"k": self.k_neighbors, "border_partner": self.border_partner}


class MSYN(OverSampler):
    """Of several times as many SMOTE rows as are needed, those that cost the other classes least margin.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
    random_state : int, RandomState, Generator or None, default=None
    k_neighbors : int, default=5
    proposals : int, default=3
        Candidates for each row to make.

    References
    ----------
    Fan, Tang and Weise (2011), doi 10.1007/978-3-642-20847-8_26.
    """

    _method = "msyn"
    _parameter_constraints = {
        **OverSampler._parameter_constraints,
        "k_neighbors": COUNT,
        "proposals": COUNT,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: int = 5,
        proposals: int = 3,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.proposals = proposals

    def _settings(self) -> dict[str, Any]:
        return {"k": self.k_neighbors, "proposals": self.proposals}


class KMeansSMOTE(OverSampler):
    """SMOTE inside clusters that a class dominates, most where the class is sparse.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
    random_state : int, RandomState, Generator or None, default=None
    k_neighbors : int, default=5
    kmeans_estimator : int, default=8
        Number of clusters.
    cluster_balance_threshold : float, default=1
        Most other rows for a row of the class that a cluster may have.
    density_exponent : float or "auto", default="auto"
        "auto" is the number of features.
    fallback : {"unchanged", "duplicate", "smote"}, default="smote"
        What becomes of a class that dominates no cluster.

    References
    ----------
    Douzas, Bacao and Last (2018), doi 10.1016/j.ins.2018.06.056.
    """

    _method = "kmeans-smote"
    _parameter_constraints = {
        **OverSampler._parameter_constraints,
        "k_neighbors": COUNT,
        "kmeans_estimator": COUNT,
        "cluster_balance_threshold": [Interval(Real, 0, None, closed="neither")],
        "density_exponent": [NOT_NEGATIVE, StrOptions({"auto"})],
        "fallback": FALLBACK,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: int = 5,
        kmeans_estimator: int = 8,
        cluster_balance_threshold: float = 1.0,
        density_exponent: float | str = "auto",
        fallback: str = "smote",
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.kmeans_estimator = kmeans_estimator
        self.cluster_balance_threshold = cluster_balance_threshold
        self.density_exponent = density_exponent
        self.fallback = fallback

    def _settings(self) -> dict[str, Any]:
        exponent = None if self.density_exponent == "auto" else float(self.density_exponent)
        return {
            "k": self.k_neighbors,
            "clusters": self.kmeans_estimator,
            "threshold": float(self.cluster_balance_threshold),
            "exponent": exponent,
            "fallback": self.fallback,
        }


class RandomUnderSampler(UnderSampler):
    """Leaves out rows of large classes, of whatever type, at random.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
    random_state : int, RandomState, Generator or None, default=None
    replacement : bool, default=False
        Whether a row may be kept more than once.
    """

    _method = "rus"
    _parameter_constraints = {
        **UnderSampler._parameter_constraints,
        "random_state": RANDOM_STATE,
        "replacement": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        replacement: bool = False,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.replacement = replacement

    def _reads_features(self) -> bool:
        return False

    def _settings(self) -> dict[str, Any]:
        return {"replacement": bool(self.replacement)}


class NearMiss(UnderSampler):
    """Keeps the rows of large classes that a rule on their distance to the smallest class chooses.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
    version : {1, 2, 3, "3-literal", "most-distant"}, default=1
    n_neighbors : int, default=3
        Rows of the smallest class that a mean distance is over.
    n_neighbors_ver3 : int, default=3
        Candidates of each row of the smallest class in version 3.
    reference : {"minority", "rest"}, default="minority"
        Whether distances are to the smallest class, or to all that are not larger than the target.

    References
    ----------
    Mani and Zhang (2003), ICML workshop on learning from imbalanced data sets.
    """

    _method = "nearmiss"
    _parameter_constraints = {
        **UnderSampler._parameter_constraints,
        "version": [Options(int, {1, 2, 3}), StrOptions({"3-literal", "most-distant"})],
        "n_neighbors": COUNT,
        "n_neighbors_ver3": COUNT,
        "reference": [StrOptions({"minority", "rest"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        version: int | str = 1,
        n_neighbors: int = 3,
        n_neighbors_ver3: int = 3,
        reference: str = "minority",
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.version = version
        self.n_neighbors = n_neighbors
        self.n_neighbors_ver3 = n_neighbors_ver3
        self.reference = reference

    def _settings(self) -> dict[str, Any]:
        return {
            "rule": str(self.version),
            "k": self.n_neighbors,
            "m": self.n_neighbors_ver3,
            "reference": self.reference,
        }


class ClusterUnderSampler(UnderSampler):
    """Keeps most rows of a class where it outnumbers the smallest class most (SBC).

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
    random_state : int, RandomState, Generator or None, default=None
    n_clusters : int, default=3

    References
    ----------
    Yen and Lee (2009), doi 10.1016/j.eswa.2008.06.108.
    """

    _method = "sbc"
    _parameter_constraints = {
        **UnderSampler._parameter_constraints,
        "random_state": RANDOM_STATE,
        "n_clusters": COUNT,
    }

    def __init__(self, *, sampling_strategy: Any = "auto", random_state: Any = None, n_clusters: int = 3) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.n_clusters = n_clusters

    def _settings(self) -> dict[str, Any]:
        return {"clusters": self.n_clusters}


class TomekLinks(Cleaner):
    """Leaves out rows of pairs that are each other's nearest and of different classes.

    Parameters
    ----------
    sampling_strategy : str, list or callable, default="auto"
        Classes that lose rows.

    References
    ----------
    Tomek (1976), doi 10.1109/TSMC.1976.4309452.
    """

    _method = "tomek"

    def __init__(self, *, sampling_strategy: Any = "auto") -> None:
        super().__init__(sampling_strategy=sampling_strategy)


class EditedNearestNeighbours(Cleaner):
    """Leaves out rows that their neighbours contradict.

    Parameters
    ----------
    sampling_strategy : str, list or callable, default="auto"
        Classes that lose rows.
    n_neighbors : int, default=3
    kind_sel : {"mode", "all"}, default="mode"
        A row goes where most of its neighbours are of other classes ("mode", Wilson's rule), or where not all are of its
        class ("all", imbalanced-learn's default).

    References
    ----------
    Wilson (1972), doi 10.1109/TSMC.1972.4309137.
    """

    _method = "enn"
    _repeat = False
    _parameter_constraints = {
        **Cleaner._parameter_constraints,
        "n_neighbors": COUNT,
        "kind_sel": [StrOptions({"all", "mode"})],
    }

    def __init__(self, *, sampling_strategy: Any = "auto", n_neighbors: int = 3, kind_sel: str = "mode") -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.n_neighbors = n_neighbors
        self.kind_sel = kind_sel

    def _settings(self) -> dict[str, Any]:
        return {"k": self.n_neighbors, "kind_sel": self.kind_sel, "repeat": self._repeat}


class RepeatedEditedNearestNeighbours(EditedNearestNeighbours):
    """:class:`EditedNearestNeighbours` until no row goes, at most 100 times."""

    _repeat = True

    def _fit_resample(self, X: Any, y: Any, **params: Any) -> tuple[Any, Any]:
        classes, counts = np.unique(y, return_counts=True)
        spared = [name for name in classes.tolist() if name not in self.sampling_strategy_]
        if not spared or spared == [classes.tolist()[np.argmin(counts)]]:
            return super()._fit_resample(X, y, **params)
        # The library repeats for all classes, or for all but the smallest; classes of one's own are gone through here.
        once = EditedNearestNeighbours(
            sampling_strategy=list(self.sampling_strategy_),
            n_neighbors=self.n_neighbors,
            kind_sel=self.kind_sel,
        )
        rows = np.arange(len(y))
        for _ in range(100):
            once.fit_resample(X[rows], y[rows])
            if len(once.sample_indices_) == len(rows):
                break
            rows = rows[once.sample_indices_]
        n = len(rows)
        kinds, gaps = np.zeros(n, dtype=np.uint8), np.full(n, np.nan)
        features = np.zeros((0, X.shape[1]), dtype=np.float32)
        self._note(_Made(features, kinds, rows, np.full(n, -1), gaps))
        return X[rows], y[rows]


class CondensedNearestNeighbour(Cleaner):
    """Keeps rows until those that are kept answer for the rest; the smallest class stays whole, whatever is asked for.

    Parameters
    ----------
    sampling_strategy : str, list or callable, default="auto"
    random_state : int, RandomState, Generator or None, default=None

    References
    ----------
    Hart (1968), doi 10.1109/TIT.1968.1054155.
    """

    _method = "cnn"
    _parameter_constraints = {**Cleaner._parameter_constraints, "random_state": RANDOM_STATE}

    def __init__(self, *, sampling_strategy: Any = "auto", random_state: Any = None) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state


class OneSidedSelection(CondensedNearestNeighbour):
    """Rows that the smallest class and one row of theirs do not answer for, less their Tomek links.

    Parameters
    ----------
    sampling_strategy : str, list or callable, default="auto"
    random_state : int, RandomState, Generator or None, default=None

    References
    ----------
    Kubat and Matwin (1997), ICML, 179-186.
    """

    _method = "oss"


class SMOTEENN(Combined):
    """:class:`SMOTE`, then :class:`EditedNearestNeighbours` of all classes.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        Of SMOTE; what cleaning leaves is less.
    random_state : int, RandomState, Generator or None, default=None
    k_neighbors : int, default=5
        Of SMOTE.
    n_neighbors : int, default=3
        Of the cleaning.
    kind_sel : {"mode", "all"}, default="mode"

    References
    ----------
    Batista, Prati and Monard (2004), doi 10.1145/1007730.1007735.
    """

    _method = "smote-enn"
    _parameter_constraints = {
        **Combined._parameter_constraints,
        "k_neighbors": COUNT,
        "n_neighbors": COUNT,
        "kind_sel": [StrOptions({"all", "mode"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: int = 5,
        n_neighbors: int = 3,
        kind_sel: str = "mode",
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.n_neighbors = n_neighbors
        self.kind_sel = kind_sel

    def _settings(self) -> dict[str, Any]:
        return {
            "k": self.k_neighbors,
            "gap": "row",
            "bases": "random",
            "rare_class": "shrink",
            "n_neighbors": self.n_neighbors,
            "kind_sel": self.kind_sel,
        }


class SMOTETomek(Combined):
    """:class:`SMOTE`, then both rows of every :class:`Tomek link <TomekLinks>` go.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        Of SMOTE; what cleaning leaves is less.
    random_state : int, RandomState, Generator or None, default=None
    k_neighbors : int, default=5

    References
    ----------
    Batista, Prati and Monard (2004), doi 10.1145/1007730.1007735.
    """

    _method = "smote-tomek"
    _parameter_constraints = {**Combined._parameter_constraints, "k_neighbors": COUNT}

    def __init__(self, *, sampling_strategy: Any = "auto", random_state: Any = None, k_neighbors: int = 5) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.k_neighbors = k_neighbors

    def _settings(self) -> dict[str, Any]:
        return {
            "k": self.k_neighbors,
            "gap": "row",
            "bases": "random",
            "rare_class": "shrink",
        }
