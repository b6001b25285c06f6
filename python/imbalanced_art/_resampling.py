"""What all resamplers have: imbalanced-learn's contract around one call of the library."""

from __future__ import annotations

import inspect
import re
import warnings
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

try:
    from imblearn.base import BaseSampler
    from imblearn.over_sampling.base import BaseOverSampler
    from imblearn.under_sampling.base import BaseCleaningSampler, BaseUnderSampler
    from imblearn.utils import check_target_type
    from scipy import sparse
    from sklearn.utils import _safe_indexing, check_array, check_random_state
    from sklearn.utils._param_validation import Interval, Options, StrOptions
    from sklearn.utils.validation import _check_feature_names, _check_n_features, check_consistent_length
except ImportError as error:
    raise ImportError(
        "imbalanced_art.resample needs imbalanced-learn 0.14 or newer: pip install 'imbalanced-art[resample]'"
    ) from error

from . import _core
from ._labels import ascending

__all__ = [
    "Cleaner",
    "Combined",
    "Interval",
    "Options",
    "Origins",
    "OverSampler",
    "Resampling",
    "StrOptions",
    "UnderSampler",
]

#: Kinds of origins, in the order of their numbers in the library.
KINDS = np.array(["original", "duplicate", "jittered", "synthetic", "voted", "boxed"])
_DUPLICATE, _SYNTHETIC, _VOTED = 1, 3, 4
#: Numbers that are gathered at a time.
_CACHED = 1 << 15

#: Constraints that many parameters have.
COUNT = [Interval(Integral, 1, None, closed="left")]
RANDOM_STATE = ["random_state", np.random.Generator]
FALLBACK = [StrOptions({"unchanged", "duplicate", "smote"})]
REPEATS = [StrOptions({"random", "even"})]
NOT_NEGATIVE = Interval(Real, 0, None, closed="left")


class Origins(NamedTuple):
    """Where each row of the result comes from; rows are those of the input, from 0."""

    #: "original", "duplicate", "jittered", "synthetic", "voted" or "boxed".
    kind: NDArray[np.str_]
    #: The row itself, or the one that a new row starts from.
    row: NDArray[np.int64]
    #: The row that a new row lies towards; -1 for none.
    partner: NDArray[np.int64]
    #: How far it lies that way, 0 to 1; NaN for none.
    gap: NDArray[np.float64]

    def __repr__(self) -> str:
        kinds, counts = np.unique(self.kind, return_counts=True)
        of_kinds = ", ".join(f"{count} {kind}" for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True))
        return f"<Origins of {len(self.kind)} rows: {of_kinds}; kind, row, partner, gap>"

    def to_frame(self) -> Any:
        """A row for each row of the result, and a column for each of the fields.

        Returns
        -------
        pandas.DataFrame
        """
        import pandas as pd

        return pd.DataFrame(self._asdict())


class _Made(NamedTuple):
    """What the library made of the rows."""

    #: Features of new rows, encoded.
    features: NDArray[np.float32]
    kind: NDArray[np.uint8]
    row: NDArray[np.int64]
    partner: NDArray[np.int64]
    gap: NDArray[np.float64]

    @property
    def is_new(self) -> NDArray[np.bool_]:
        """Which rows of the result are no rows of the input."""
        return self.kind > _DUPLICATE

    def between(self, rows: Any, column: int | None = None) -> NDArray[np.float64]:
        """New rows in the precision of ``rows``: those between two rows are computed again, others are the library's."""
        new = self.is_new
        kind, base, partner, gap = self.kind[new], self.row[new], self.partner[new], self.gap[new]
        lies_between = (kind == _SYNTHETIC) | (kind == _VOTED)
        if lies_between.all():
            return _between(rows, base, partner, gap)
        features = self.features if column is None else self.features[:, column]
        values = features.astype(np.float64)
        values[lies_between] = _between(rows, base[lies_between], partner[lies_between], gap[lies_between])
        return values


def _between(
    rows: Any, base: NDArray[np.int64], partner: NDArray[np.int64], gap: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Points on the way from ``base`` to ``partner``, in the precision of ``rows``."""
    if not (isinstance(rows, np.ndarray) and rows.dtype == np.float64 and rows.ndim == 2):
        start, end = _dense(rows[base]), _dense(rows[partner])
        return start + (gap[:, None] if start.ndim == 2 else gap) * (end - start)
    made = np.empty((len(base), rows.shape[1]))
    # Some rows at a time, which stay in the cache: memory that is new costs several times as much as the arithmetic.
    step = max(1, _CACHED // rows.shape[1])
    for first in range(0, len(base), step):
        part = slice(first, first + step)
        start, of_part = rows.take(base[part], axis=0), made[part]
        rows.take(partner[part], axis=0, out=of_part, mode="clip")
        of_part -= start
        of_part *= gap[part, None]
        of_part += start
    return made


def _dense(rows: Any) -> NDArray[np.float64]:
    rows = rows.toarray() if sparse.issparse(rows) else rows
    return np.asarray(rows, dtype=np.float64)


def _is_polars(values: Any) -> bool:
    return type(values).__module__.partition(".")[0] == "polars"


def _is_pandas(values: Any) -> bool:
    return hasattr(values, "iloc")


def _take(values: Any, rows: NDArray[np.int64]) -> Any:
    """These rows of a frame or series, as it is."""
    return values[rows] if _is_polars(values) else values.iloc[rows]


def _integer_columns(X: Any) -> NDArray[np.bool_] | None:
    """Which columns hold whole numbers; None where all or none do, as the type of an array says."""
    if _is_polars(X):
        return np.array([dtype.is_integer() or str(dtype) == "Boolean" for dtype in X.dtypes])
    if _is_pandas(X) and hasattr(X, "dtypes"):
        kinds = [getattr(dtype, "kind", "O") for dtype in X.dtypes]
        return np.array([kind in "biu" for kind in kinds])
    return None


def _restored(values: Any, like: Any) -> Any:
    """An array as a polars frame or series with the names and types of ``like``."""
    import polars as pl

    if isinstance(like, pl.Series):
        return pl.Series(like.name, values.tolist(), strict=False).cast(like.dtype)
    columns = [
        pl.Series(name, values[:, place].tolist(), strict=False).cast(dtype)
        for place, (name, dtype) in enumerate(like.schema.items())
    ]
    return pl.DataFrame(columns)


#: What a method has once it was run; in the text of every class that has a method.
_ATTRIBUTES = """Attributes
----------
origins_ : Origins
    Where each row of the result comes from: ``kind``, ``row``, ``partner`` and ``gap``.
{selected}sampling_strategy_ : dict
    ``sampling_strategy`` as rows for each class.
n_features_in_ : int
feature_names_in_ : ndarray
    Where the input had names.
"""
_SELECTED = """sample_indices_ : ndarray
    The rows that were selected.
"""


class Resampling(BaseSampler):
    """Base of all resamplers."""

    #: The library's name of the method.
    _method = ""
    #: Whether each row of the result stands for a row of the input, so that there are ``sample_indices_``.
    _selects = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        own = cls.__dict__.get("__doc__")
        if cls._method and own:
            text = inspect.cleandoc(own)
            attributes = _ATTRIBUTES.format(selected=_SELECTED if cls._selects else "")
            # Before what comes after the parameters.
            after = re.search(r"^(Notes|References|Examples)\n---", text, re.MULTILINE)
            place = after.start() if after else len(text)
            cls.__doc__ = f"{text[:place].rstrip()}\n\n{attributes}\n{text[place:]}".rstrip() + "\n"

    def _settings(self) -> dict[str, Any]:
        """What the library asks for beside the classes' sizes."""
        return {}

    def _reads_features(self) -> bool:
        return True

    def _changes_nothing(self) -> bool:
        """Whether rows of the result are rows of the input as they are."""
        return self._selects

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.sampler_tags.sample_indices = self._selects
        if not self._reads_features():
            tags.input_tags.allow_nan = True
            tags.input_tags.string = True
        return tags

    def _check_X_y(self, X: Any, y: Any, accept_sparse: Any = None) -> tuple[Any, Any, bool]:
        if self._reads_features():
            checked: tuple[Any, Any, bool] = super()._check_X_y(X, y, accept_sparse)
            return checked
        return self._check_anything(X, y)

    def _check_anything(self, X: Any, y: Any) -> tuple[Any, Any, bool]:
        """Rows of whatever kind."""
        y, binarize_y = check_target_type(y, indicate_one_vs_all=True)
        if not _is_pandas(X):
            X = check_array(X, dtype=None, accept_sparse=["csr", "csc"], ensure_all_finite=False)
        check_consistent_length(X, y)
        _check_n_features(self, X, reset=True)
        _check_feature_names(self, X, reset=True)
        return X, y, binarize_y

    def fit_resample(self, X: Any, y: Any, **params: Any) -> tuple[Any, Any]:
        """The resampled rows.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame (pandas, polars) of shape (n_rows, n_features)
        y : array-like of shape (n_rows,)

        Returns
        -------
        X_resampled, y_resampled
            In the containers that came in, with their names and types.
        """
        self._integers = _integer_columns(X)
        plain_X, plain_y = (values.to_numpy() if _is_polars(values) else values for values in (X, y))
        try:
            X_out, y_out = super().fit_resample(plain_X, plain_y, **params)
        except (TypeError, ValueError) as error:
            told = self._trouble(X) if self._reads_features() else None
            if told is None:
                raise
            raise ValueError(told) from error
        if _is_polars(X):
            self.feature_names_in_ = np.array(X.columns, dtype=object)
        outputs = []
        for values, out in ((X, X_out), (y, y_out)):
            if self._changes_nothing() and (_is_polars(values) or _is_pandas(values)):
                out = _take(values, self.sample_indices_)
            elif _is_polars(values):
                out = _restored(out, values)
            outputs.append(out)
        return outputs[0], outputs[1]

    def _is_category(self, place: int) -> bool:
        """Whether a column may hold anything."""
        return False

    def _trouble(self, X: Any) -> str | None:
        """Which column of a frame is none of finite numbers, and what to do about it."""
        if not (_is_polars(X) or _is_pandas(X)) or not hasattr(X, "columns"):
            return None
        for place, name in enumerate(X.columns):
            if self._is_category(place):
                continue
            column = np.asarray((X.iloc[:, place] if _is_pandas(X) else X.to_series(place)).to_numpy())
            if column.dtype.kind in "mM":
                return f"column {name!r} holds dates or times: give a number instead, such as days since the first"
            try:
                values = column.astype(np.float64)
            except (TypeError, ValueError):
                return f"column {name!r} holds words: {self._for_words}"
            if not np.isfinite(values).all():
                row = int(np.flatnonzero(~np.isfinite(values))[0])
                return f"column {name!r}, row {row} is {values[row]}; features must be finite: fill it before"
        return None

    #: What to do about words in a column.
    _for_words = "make numbers of them before"

    def _targets(self, classes: list[Any], counts: NDArray[np.int64]) -> list[int]:
        """Rows that each class should have."""
        raise NotImplementedError

    def _run(self, features: Any, y: Any, categories: list[tuple[int, int]]) -> _Made:
        """What the library makes of features that are numbers."""
        classes, codes = ascending(np.asarray(y))
        settings = self._settings()
        settings.update(self._sizes(classes.tolist(), np.bincount(codes)))
        names = [str(name) for name in classes]
        seed = drawn_seed(self.random_state) if hasattr(self, "random_state") else 0
        features, kind, row, partner, gap, notes = _core.resample(
            self._method, features, codes, names, categories, seed, settings
        )
        for place, message in notes:
            warnings.warn(f"class {classes.tolist()[place]!r}: {message}", stacklevel=7)
        made = _Made(features, kind, row, partner, gap)
        return self._put_back(made, codes)

    def _sizes(self, classes: list[Any], counts: NDArray[np.int64]) -> dict[str, Any]:
        return {"targets": self._targets(classes, counts)}

    def _put_back(self, made: _Made, codes: NDArray[np.uint32]) -> _Made:
        return made

    def _fit_resample(self, X: Any, y: Any, **params: Any) -> tuple[Any, Any]:
        if self._reads_features():
            features = X.toarray() if sparse.issparse(X) else X
            if features.dtype != np.float32:
                features = features.astype(np.float64, copy=False)
        else:
            features = np.zeros((len(y), 1), dtype=np.float32)
        made = self._run(features, y, [])
        self._note(made)
        if made.is_new.any():
            rows = self._with_new(X, self._room_for(X, made), made)
        else:
            rows = _safe_indexing(X, made.row)
        return rows, _safe_indexing(y, made.row)

    @staticmethod
    def _room_for(X: Any, made: _Made) -> Any:
        """The rows that are rows of the input, each in its place; others are to be written over."""
        n = len(X) if isinstance(X, np.ndarray) else -1
        if n < 0 or not np.array_equal(made.row[:n], np.arange(n)) or made.is_new[:n].any():
            return _safe_indexing(X, made.row)
        # All of them come first, as they mostly do: that is one copy, where gathering goes row by row.
        rows = np.empty((len(made.row), *X.shape[1:]), dtype=X.dtype)
        rows[:n] = X
        rest = ~made.is_new[n:]
        if rest.any():
            rows[n:][rest] = X[made.row[n:][rest]]
        return rows

    def _note(self, made: _Made) -> None:
        self.origins_ = Origins(KINDS[made.kind], made.row, made.partner, made.gap)
        if self._selects:
            self.sample_indices_ = made.row

    def _with_new(self, X: Any, rows: Any, made: _Made) -> Any:
        """The rows, with the features of the new ones in their places."""
        new = made.is_new
        if not sparse.issparse(X) and X.dtype == np.float32:
            values: NDArray[Any] = made.features
        else:
            values = made.between(X)
        integers = getattr(self, "_integers", None)
        if X.dtype.kind in "biu":
            values = np.rint(values)
        elif integers is not None and integers.any():
            values = values.copy()
            values[:, integers] = np.rint(values[:, integers])
        if sparse.issparse(X):
            order = np.argsort(np.concatenate([np.flatnonzero(~new), np.flatnonzero(new)]))
            kept, made_rows = rows.tocsr()[~new], sparse.csr_matrix(values.astype(X.dtype))
            return sparse.vstack([kept, made_rows], format="csr")[order].asformat(X.format)
        n_old = len(new) - np.count_nonzero(new)
        if new[n_old:].all():
            rows[n_old:] = values
        else:
            rows[new] = values
        return rows


def drawn_seed(random_state: Any) -> int:
    """The library's seed: the number itself, or one that is drawn from a generator."""
    if isinstance(random_state, Integral):
        return int(random_state)
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(0, 2**64, dtype=np.uint64))
    return int(check_random_state(random_state).randint(0, 2**64, dtype=np.uint64))


class _Enlarging(Resampling):
    """What those have in common that enlarge classes, whatever they do then."""

    _sampling_type = "over-sampling"
    _for_words = "use SMOTENC"
    _parameter_constraints: dict[str, Any] = {
        **BaseOverSampler._parameter_constraints,
        "random_state": RANDOM_STATE,
    }

    def _targets(self, classes: list[Any], counts: NDArray[np.int64]) -> list[int]:
        added = self.sampling_strategy_
        return [int(n + added.get(name, 0)) for name, n in zip(classes, counts, strict=True)]


class OverSampler(_Enlarging, BaseOverSampler):
    """Base of those that enlarge classes."""


class Combined(_Enlarging):
    """Base of those that enlarge classes and clean them then."""


class UnderSampler(Resampling, BaseUnderSampler):
    """Base of those that leave out rows until classes have their sizes."""

    _selects = True
    _parameter_constraints: dict[str, Any] = {**BaseUnderSampler._parameter_constraints}

    def _targets(self, classes: list[Any], counts: NDArray[np.int64]) -> list[int]:
        kept = self.sampling_strategy_
        return [int(kept.get(name, n)) for name, n in zip(classes, counts, strict=True)]


class Cleaner(Resampling, BaseCleaningSampler):
    """Base of those that leave out rows for what they are."""

    _selects = True
    _parameter_constraints: dict[str, Any] = {**BaseCleaningSampler._parameter_constraints}

    def _sizes(self, classes: list[Any], counts: NDArray[np.int64]) -> dict[str, Any]:
        self._spared = [name not in self.sampling_strategy_ for name in classes]
        spared = [place for place, is_spared in enumerate(self._spared) if is_spared]
        is_usual = spared == [int(np.argmin(counts))]
        return {"scope": "not minority" if is_usual else "all"}

    def _put_back(self, made: _Made, codes: NDArray[np.uint32]) -> _Made:
        """Rows of classes that are spared stay, whatever was found of them."""
        is_kept = np.array(self._spared)[codes]
        is_kept[made.row] = True
        rows = np.flatnonzero(is_kept)
        n = len(rows)
        none, gaps = np.full(n, -1), np.full(n, np.nan)
        return _Made(made.features, np.zeros(n, dtype=np.uint8), rows, none, gaps)
