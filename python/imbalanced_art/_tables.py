"""Tables of any kind as the library's columns of numbers, dates and words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core

__all__ = ["Columns", "columns_of", "table_of"]

#: Place of a word that is missing.
_MISSING = np.uint32(0xFFFFFFFF)
_SECONDS = 86_400
#: Days before and after 1970 that a model can write as a date: 260,000 years.
_MOST_DAYS = 95_000_000

#: Names and values of columns; values are an array of numbers, of dates (datetime64) or of words (object, None for missing).
Columns = list[tuple[str, NDArray[Any]]]


def is_frame(X: Any) -> bool:
    """Whether it is a data frame of pandas or polars."""
    return hasattr(X, "columns") and hasattr(X, "dtypes") and not isinstance(X, np.ndarray)


def columns_of(X: Any, names: list[str]) -> Columns:
    """The columns of a data frame or of an array of two dimensions."""
    if hasattr(X, "iloc"):
        return [(name, _of_pandas(X.iloc[:, place])) for place, name in enumerate(names)]
    if is_frame(X):
        return [(name, _of_polars(X.to_series(place))) for place, name in enumerate(names)]
    if X.dtype == object:
        return [(name, _of_objects(X[:, place], name)) for place, name in enumerate(names)]
    if X.dtype.kind in "US":
        return [(name, X[:, place].astype(str).astype(object)) for place, name in enumerate(names)]
    # One copy for all columns; each is contiguous then.
    numbers = np.asarray(X.T, dtype=np.float64, order="C")
    return list(zip(names, numbers, strict=True))


def table_of(columns: Columns) -> _core.Table:
    """The columns as a table of the library."""
    table = _core.Table()
    for name, values in columns:
        if values.dtype.kind == "M":
            table.dates(name, days_of(values, name))
        elif values.dtype == object:
            table.words(name, *_words(values))
        else:
            table.numbers(name, np.asarray(values, dtype=np.float64))
    return table


def days_of(dates: NDArray[np.datetime64], name: str) -> NDArray[np.float64]:
    """Days from 1970-01-01, parts of a day included; NaN where a date is missing."""
    # In the column's own unit: as nanoseconds, dates before 1678 and after 2262 would come out as others.
    a_day = np.timedelta64(1, "D").astype(f"timedelta64[{np.datetime_data(dates.dtype)[0]}]").astype(np.int64)
    whole, rest = np.divmod(dates.astype(np.int64), a_day)
    # By way of seconds, as the program reads them, so that both have the same number.
    days: NDArray[np.float64] = whole + rest / (a_day / _SECONDS) / _SECONDS
    is_missing = np.isnat(dates)
    is_far = (np.abs(days) > _MOST_DAYS) & ~is_missing
    if is_far.any():
        row = int(np.flatnonzero(is_far)[0])
        raise ValueError(
            f"column {name!r}: row {row} is {dates[row]}; dates are within {_MOST_DAYS:,} days of 1970: make it a missing value"
        )
    days[is_missing] = np.nan
    return days


def _words(values: NDArray[np.object_]) -> tuple[list[str], NDArray[np.uint32]]:
    """The different words, and the place of each row's word."""
    known: dict[str, int] = {}
    places = [_MISSING if value is None else known.setdefault(value, len(known)) for value in values]
    return list(known), np.array(places, dtype=np.uint32)


def _as_words(values: list[Any]) -> NDArray[np.object_]:
    """Values as words; None and NaN are missing."""
    words = np.empty(len(values), dtype=object)
    words[:] = [None if value is None or value != value else str(value) for value in values]
    return words


def _of_objects(values: NDArray[np.object_], name: str) -> NDArray[Any]:
    """A column of an array of objects: numbers where all are, else words."""
    if not any(isinstance(value, (str, bool, np.bool_)) for value in values):
        return np.array([_as_number(value, row, name) for row, value in enumerate(values)], dtype=np.float64)
    for row, value in enumerate(values):
        if value is not None and value == value and not isinstance(value, (str, int, float, np.generic)):
            raise _no_value(value, row, name)
    return _as_words(values.tolist())


def _as_number(value: Any, row: int, name: str) -> float:
    try:
        return float("nan") if value is None else float(value)
    except (TypeError, ValueError):
        raise _no_value(value, row, name) from None


def _no_value(value: Any, row: int, name: str) -> TypeError:
    return TypeError(f"column {name!r}: row {row} is a {type(value).__name__}; argument must be a string or a number")


def _of_pandas(column: Any) -> NDArray[Any]:
    import pandas as pd

    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype) or pd.api.types.is_bool_dtype(dtype):
        return _as_words(column.astype(object).where(column.notna(), None).to_list())
    if pd.api.types.is_datetime64_any_dtype(dtype):
        if getattr(column.dt, "tz", None) is not None:
            column = column.dt.tz_convert(None)
        dates = np.asarray(column.to_numpy())
        # Arrow's days are objects.
        return dates if dates.dtype.kind == "M" else np.asarray(column.astype("datetime64[s]").to_numpy())
    if pd.api.types.is_numeric_dtype(dtype):
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
    values = np.empty(len(column), dtype=object)
    values[:] = column.astype(object).where(column.notna(), None).to_list()
    return _of_objects(values, str(column.name))


def _of_polars(column: Any) -> NDArray[Any]:
    import polars as pl

    dtype = column.dtype
    if dtype.is_temporal() and dtype != pl.Duration and dtype != pl.Time:
        return np.asarray(column.to_numpy())
    if dtype.is_numeric():
        return np.asarray(column.cast(pl.Float64).to_numpy())
    if dtype == pl.Object:
        return _of_objects(np.array(column.to_list(), dtype=object), column.name)
    if dtype not in (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Null):
        raise TypeError(
            f"column {column.name!r} has the type {dtype}; columns are numbers, words, truth values or dates"
        )
    return _as_words(column.cast(pl.String).to_list())
