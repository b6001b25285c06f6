"""Labels of any kind as numbers from 0."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Integer labels up to this are looked up in a table; others are sorted.
_MOST_LOOKED_UP = 1 << 20

_JOIN = "join them first: numpy.concatenate, or torch.cat"


def _is_part(value: Any) -> bool:
    """Whether it is no single label."""
    return isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0


def fetched(values: Any) -> Any:
    """A tensor of any device as an array; anything else as it is."""
    if hasattr(values, "detach") and hasattr(values, "cpu"):
        return values.detach().cpu().numpy()
    return values


def as_vector(values: ArrayLike, name: str) -> NDArray[Any]:
    """The values as an array of one dimension; a tensor on another device is fetched."""
    values = fetched(values)
    if hasattr(values, "tocsr"):
        raise TypeError(f"{name} is a sparse matrix; labels are one value a row")
    parts = isinstance(values, (list, tuple)) and any(_is_part(value) for value in values)
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):
        if not parts:
            raise
        raise ValueError(f"{name} is a list of parts; {_JOIN}") from None
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        hint = "; take the argmax of scores first" if array.ndim == 2 else ""
        if parts:
            hint += f"; of batches {_JOIN}" if hint else f"; {_JOIN}"
        raise ValueError(f"{name} has the shape {array.shape}, expected one label a row{hint}")
    return array


def _checked(values: ArrayLike, name: str) -> NDArray[Any]:
    """Labels that can be told apart: whole numbers, truth values or words."""
    array = as_vector(values, name)
    if array.dtype.kind in "biu":
        return array
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            row = int(np.flatnonzero(~np.isfinite(array))[0])
            raise ValueError(f"{name}: row {row} is {array[row]}; a label must be known")
        if (array != np.floor(array)).any():
            row = int(np.flatnonzero(array != np.floor(array))[0])
            raise ValueError(f"{name}: row {row} is {array[row]}; labels are classes, not measurements")
        return array
    if array.dtype.kind in "US":
        return array
    if array.dtype.kind == "O":
        for row, value in enumerate(array):
            if value is None or value != value:
                raise ValueError(f"{name}: row {row} is {value}; a label must be known")
        return array
    raise TypeError(f"{name} has the type {array.dtype}; labels are whole numbers or words")


class Labels:
    """The classes of a training set, and the number of each label among them.

    Parameters
    ----------
    values : array-like of shape (n_rows,)
        Labels of the training rows.
    classes : array-like or None
        All classes, where some may have no training row; else those that occur, ascending.
    """

    def __init__(self, values: ArrayLike, classes: ArrayLike | None = None) -> None:
        array = _checked(values, "labels")
        if len(array) == 0:
            raise ValueError("labels are empty; there is no row to draw")
        if classes is None:
            self.classes, self.codes = ascending(array)
            return
        self.classes = _checked(classes, "classes")
        if len(set(self.classes.tolist())) != len(self.classes):
            raise ValueError("classes: one stands there twice")
        self.codes = self.encode(array, "labels")

    def encode(self, values: ArrayLike, name: str) -> NDArray[np.uint32]:
        """The number of each label among the classes."""
        array = _checked(values, name)
        k = len(self.classes)
        if array.dtype.kind in "iu" and np.array_equal(self.classes, np.arange(k)):
            if len(array) and (array.min() < 0 or array.max() >= k):
                row = int(np.flatnonzero((array < 0) | (array >= k))[0])
                raise _unknown(name, row, array[row], self.classes)
            return np.ascontiguousarray(array, dtype=np.uint32)
        places = {value: place for place, value in enumerate(self.classes.tolist())}
        # Each different label is looked up once.
        found, inverse = ascending(array) if len(array) else (array, np.zeros(0, np.uint32))
        codes = np.zeros(len(found), dtype=np.uint32)
        for place, value in enumerate(found.tolist()):
            if value not in places:
                row = int(np.flatnonzero(inverse == place)[0])
                raise _unknown(name, row, value, self.classes)
            codes[place] = places[value]
        return codes[inverse]


def group_codes(groups: ArrayLike) -> NDArray[np.uint32]:
    """The number of each row's group, from 0; rows whose group is missing are refused, since they would be one group."""
    array = np.asarray(fetched(groups))
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(f"groups have the shape {array.shape}, expected one group a row")
    if array.dtype.kind == "O":
        is_missing = np.array([_is_missing(value) for value in array], dtype=bool)
    else:
        # What is missing equals nothing, not even itself.
        is_missing = array != array
    if is_missing.any():
        row = int(np.flatnonzero(is_missing)[0])
        n = int(is_missing.sum())
        told = "1 row has" if n == 1 else f"{n} rows have"
        raise ValueError(
            f"groups: {told} no group, the first of them row {row}; give each row that is by itself a group of its own, or "
            "leave these rows out"
        )
    try:
        return np.unique(array, return_inverse=True)[1].astype(np.uint32)
    except TypeError as error:
        raise TypeError(f"groups of different types cannot be put in order: {error}; make words of all") from None


def _is_missing(value: Any) -> bool:
    """Whether it is None, NaN, or what pandas has for them."""
    try:
        return value is None or bool(value != value)
    except TypeError:
        # Of pandas' NA nobody knows whether it equals itself.
        return True


def order_of(codes: NDArray[np.uint32]) -> str:
    """A digest of labels in their order, of 16 digits."""
    return hashlib.sha256(np.ascontiguousarray(codes, dtype="<u4").data).hexdigest()[:16]


def _unknown(name: str, row: int, value: Any, classes: NDArray[Any]) -> ValueError:
    value = value.item() if isinstance(value, np.generic) else value
    known = ", ".join(map(repr, classes[:20].tolist())) + (", …" if len(classes) > 20 else "")
    return ValueError(f"{name}: row {row} is {value!r}, which is none of the classes {known}")


def ascending(array: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.uint32]]:
    """The different values, ascending, and the place of each value among them."""
    if array.dtype.kind in "biu" and len(array):
        low, high = int(array.min()), int(array.max())
        if low >= 0 and high < _MOST_LOOKED_UP:
            numbers = array.astype(np.uint8) if array.dtype.kind == "b" else array
            present = np.bincount(numbers.astype(np.int64, copy=False)) > 0
            if present.all():
                return np.arange(high + 1).astype(array.dtype), np.ascontiguousarray(numbers, dtype=np.uint32)
            places = (np.cumsum(present) - 1).astype(np.uint32)
            return np.flatnonzero(present).astype(array.dtype), places[numbers]
    try:
        found, inverse = np.unique(array, return_inverse=True)
    except TypeError as error:
        raise TypeError(f"labels of different types cannot be put in order: {error}") from None
    return found, inverse.astype(np.uint32)
