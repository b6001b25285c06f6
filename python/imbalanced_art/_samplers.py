"""Class samplers for any training loop."""

from __future__ import annotations

import hashlib
import json
import operator
import warnings
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from ._labels import Labels, as_vector, fetched, order_of

#: Version of what :meth:`Sampler.state_dict` returns.
STATE_VERSION = 1


class Refresh(NamedTuple):
    """One change of the class distribution, with what it was computed from."""

    #: Refreshes so far, or the epoch for samplers that move with it.
    number: int
    #: The epoch after which it happened, as it was told: counted from 1, and in :mod:`imbalanced_art.torch` from 0.
    epoch: int
    #: What the sampler goes by, for each class; empty where nothing is learnt.
    difficulty: NDArray[np.float64]
    #: The difficulty normalized.
    weights: NDArray[np.float64]
    #: What rows are drawn from now.
    distribution: NDArray[np.float64]


def whole(value: Any, name: str, least: int, most: int = 2**63 - 1) -> int:
    """The value as a whole number within bounds."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}, expected a whole number") from None
    if not least <= number <= most:
        upper = f"{least} to {most}" if most < 2**63 - 1 else f"at least {least}"
        raise ValueError(f"{name} is {number}, expected {upper}")
    return number


def _in_double(values: Any) -> Any:
    """A tensor of any device as an array in double precision; half precision of the brain kind is no type of numpy's."""
    if hasattr(values, "detach") and hasattr(values, "cpu"):
        return values.detach().cpu().double().numpy()
    return values


class Sampler:
    """What all samplers have; make one of the classes below.

    An epoch is a list of as many rows as the training set has, drawn with given class shares: quotas are exact, and inside a
    class rows are repeated equally often, to one. It is a pure function of (labels, settings, seed, feedback, epoch): asking
    twice, out of order or for a part gives the same rows. Epochs are counted from 1.

    Attributes
    ----------
    classes_ : ndarray
        The classes; everything about classes is in their order.
    n_rows : int
        Training rows.
    seed : int
    """

    _kind = ""
    #: Whether validation results change the class shares.
    _learns = False
    #: Settings, as they were given, that F1 says too little for.
    _need_counts: tuple[str, ...] = ()

    def __init__(
        self,
        labels: ArrayLike,
        *,
        seed: int = 0,
        classes: ArrayLike | None = None,
        **settings: Any,
    ) -> None:
        if not self._kind:
            raise TypeError("Sampler is what all samplers have; make an ArtSampler, for example")
        self.seed = whole(seed, "seed", 0, 2**64 - 1)
        self._labels = Labels(labels, classes)
        self.n_rows = len(self._labels.codes)
        k = len(self._labels.classes)
        self._inner = _core.Sampler(self._kind, self._labels.codes, k, self.seed, settings)
        #: What tells whether labels are in another order.
        self._order = order_of(self._labels.codes)
        #: The last epoch that was observed, 0 before the first.
        self._observed = 0
        self._told_of_absent = False
        # The library keeps the rows by class, so that the labels need not be kept.
        del self._labels.codes

    def __repr__(self) -> str:
        k = len(self.classes_)
        return f"<{self._inner.describe()} over {self.n_rows} rows of {k} classes>"

    @property
    def classes_(self) -> NDArray[Any]:
        """The classes, ascending or as they were given."""
        return self._labels.classes

    @property
    def class_counts(self) -> NDArray[np.int64]:
        """Training rows of each class."""
        return self._inner.class_counts()

    @property
    def distribution(self) -> NDArray[np.float64]:
        """The class shares of the next epoch: the effective training prior."""
        return self._inner.distribution()

    @property
    def refreshes(self) -> int:
        """How often the class shares were computed anew."""
        return self._inner.refreshes()

    def draw(self, epoch: int, *, shard: tuple[int, int] | None = None) -> NDArray[np.int64]:
        """The rows of an epoch, in training order.

        Parameters
        ----------
        epoch : int
            Counted from 1.
        shard : (index, count) or None
            Every ``count``-th row, starting at ``index``: the shards of an epoch are the epoch, each row in one of them.

        Returns
        -------
        ndarray of int64
        """
        drawn = self._drawn(epoch)
        if shard is None:
            return drawn.all()
        index, count = shard
        return drawn.shard(whole(index, "shard index", 0), whole(count, "shard count", 1))

    def _drawn(self, epoch: int) -> _core.Draw:
        return self._inner.draw(whole(epoch, "epoch", 1, 2**32 - 1))

    def confusion(self, y_true: ArrayLike, y_pred: ArrayLike) -> NDArray[np.uint64]:
        """Counts of (true class, predicted class), in the order of ``classes_``.

        Counts of parts of the validation rows can be added.
        """
        truth, predicted = as_vector(y_true, "y_true"), as_vector(y_pred, "y_pred")
        if len(truth) != len(predicted):
            raise ValueError(f"y_true has {len(truth)} rows, y_pred {len(predicted)}")
        k = len(self.classes_)
        pairs = self._labels.encode(truth, "y_true").astype(np.int64) * k
        pairs += self._labels.encode(predicted, "y_pred")
        return np.bincount(pairs, minlength=k * k).reshape(k, k).astype(np.uint64)

    def observe(
        self,
        epoch: int,
        y_true: ArrayLike | None = None,
        y_pred: ArrayLike | None = None,
        *,
        confusion: ArrayLike | None = None,
        f1: ArrayLike | Mapping[Any, float] | None = None,
    ) -> Refresh | None:
        """Learns from the validation result after an epoch.

        Give labels and predictions, or the confusion matrix that they make, or, for :class:`ArtSampler`, the F1 of each class.
        An epoch is observed once, and none before another that was.

        Parameters
        ----------
        epoch : int
            The epoch that was trained, counted from 1.
        y_true, y_pred : array-like of shape (n_validation_rows,)
        confusion : array-like of shape (n_classes, n_classes)
            A row a true class, a column a predicted one.
        f1 : array-like of shape (n_classes,) or mapping from class to number
            NaN for a class without validation rows: it is taken to be as difficult as the mean of the others, as with counts. A
            ``difficulty``, ``memory`` or ``shrinkage`` other than the default needs counts, and refuses F1.

        Returns
        -------
        Refresh or None
            What changed; None where no refresh was due.
        """
        if isinstance(epoch, (list, tuple)) or getattr(epoch, "ndim", 0) > 0:
            raise TypeError(f"epoch is of the type {type(epoch).__name__}; observe(epoch, y_true, y_pred) begins with a number")
        epoch = whole(epoch, "epoch", 0, 2**32 - 1)
        matrix, scores = self._feedback(y_true, y_pred, confusion, f1)
        if 0 < epoch <= self._observed:
            raise _core.ArtError(
                f"epoch {epoch} cannot be observed after epoch {self._observed}; epochs are counted from 1 and observed once "
                "each, in order"
            )
        if matrix is not None:
            self._tell_of_absent(matrix.sum(axis=1) == 0)
            return self._refresh(epoch, self._inner.observe(epoch, matrix))
        assert scores is not None
        is_absent = np.isnan(scores)
        self._tell_of_absent(is_absent)
        # As the library has it where it sees the counts.
        difficulty = np.where(is_absent, np.mean(1 - scores[~is_absent]), 1 - scores)
        return self._refresh(epoch, self._inner.observe_difficulty(epoch, difficulty.tolist()))

    def _feedback(
        self,
        y_true: ArrayLike | None,
        y_pred: ArrayLike | None,
        confusion: ArrayLike | None,
        f1: ArrayLike | Mapping[Any, float] | None,
    ) -> tuple[NDArray[np.uint64] | None, NDArray[np.float64] | None]:
        """What was given, checked: counts, or the F1 of each class."""
        given = [y_true is not None or y_pred is not None, confusion is not None, f1 is not None]
        if sum(given) != 1:
            raise ValueError("give y_true and y_pred, or confusion, or f1")
        if f1 is not None:
            return None, self._by_class(f1)
        if confusion is not None:
            return self._matrix(confusion), None
        if y_true is None or y_pred is None:
            raise ValueError("y_true and y_pred belong together; one is missing")
        return self.confusion(y_true, y_pred), None

    def _tell_of_absent(self, is_absent: NDArray[np.bool_]) -> None:
        """Warns once of classes that validation says nothing about."""
        absent = self.classes_[is_absent & (self.class_counts > 0)].tolist()
        if absent and self._learns and not self._told_of_absent and not is_absent.all():
            self._told_of_absent = True
            named = ", ".join(map(repr, absent[:20])) + (", …" if len(absent) > 20 else "")
            warnings.warn(
                f"no validation row is of class {named}: feedback says nothing about it; stratify the split", stacklevel=3
            )

    def _by_class(self, f1: ArrayLike | Mapping[Any, float]) -> NDArray[np.float64]:
        """The F1 of each class; NaN where there is none."""
        if self._need_counts:
            raise ValueError(
                f"f1 was given, and {', '.join(self._need_counts)} cannot go by it: give y_true and y_pred, or confusion"
            )
        if isinstance(f1, Mapping):
            missing = [name for name in self.classes_.tolist() if name not in f1]
            if missing or len(f1) != len(self.classes_):
                raise ValueError(f"f1 has the classes {list(f1)}, expected {self.classes_.tolist()}")
            f1 = [f1[name] for name in self.classes_.tolist()]
        parts = [_in_double(score) for score in f1] if isinstance(f1, (list, tuple)) else _in_double(f1)
        scores = np.asarray(parts, dtype=np.float64)
        if scores.shape != self.classes_.shape:
            raise ValueError(f"f1 has the shape {scores.shape}, expected {self.classes_.shape}")
        is_known = ~np.isnan(scores)
        if not ((scores >= 0) & (scores <= 1))[is_known].all():
            raise ValueError(f"f1 is {scores}, expected numbers from 0 to 1, or NaN for a class without validation rows")
        if not is_known.any():
            raise ValueError(f"f1 is {scores}: no class has a validation row; there is nothing to learn from")
        return scores

    def _matrix(self, confusion: ArrayLike) -> NDArray[np.uint64]:
        matrix = np.asarray(fetched(confusion))
        k = len(self.classes_)
        if matrix.shape != (k, k):
            raise ValueError(f"confusion has the shape {matrix.shape}, expected {(k, k)}")
        whole_counts = matrix.astype(np.uint64) if matrix.dtype.kind in "biuf" else matrix
        if matrix.dtype.kind not in "biuf" or (matrix < 0).any() or (whole_counts != matrix).any():
            raise ValueError("confusion must hold counts: whole numbers that are not negative")
        return whole_counts

    def _refresh(self, epoch: int, parts: Any) -> Refresh | None:
        self._observed = epoch
        if parts is None:
            return None
        number, difficulty, weights, distribution = parts
        return Refresh(number, epoch, difficulty, weights, distribution)

    def state_dict(self) -> dict[str, Any]:
        """Everything that changed since the sampler was made, of plain types: for ``json`` or ``torch.save``."""
        return {
            "version": STATE_VERSION,
            "labels": self._order,
            "observed": self._observed,
            "sampler": json.loads(self._inner.state()),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes up a state of a sampler that was made in the same way.

        Raises
        ------
        StateError
            For a state of another sampler, of labels in another order or of a newer version; nothing is changed then.
        """
        version = state.get("version") if isinstance(state, Mapping) else None
        if not isinstance(version, int) or "sampler" not in state:
            raise _core.StateError("this is no state of a sampler: it lacks its version or its sampler")
        if version > STATE_VERSION:
            raise _core.StateError(
                f"the state has version {version}, this package reads up to {STATE_VERSION}; use a newer one"
            )
        # States of earlier versions of the package have neither.
        observed = whole(state.get("observed", 0), "observed", 0, 2**32 - 1)
        before = self._inner.state()
        self._inner.restore(json.dumps(state["sampler"]))
        if state.get("labels", self._order) != self._order:
            self._inner.restore(before)
            raise _core.StateError("labels are in another order than when the state was saved: is the split the same?")
        self._observed = observed

    def digest(self) -> int:
        """A number of 62 bits that tells states apart: equal on all ranks, or something is wrong."""
        text = json.dumps(self.state_dict(), sort_keys=True) + repr(self.classes_.tolist())
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 2


class ArtSampler(Sampler):
    """Adaptive resampling (ART): classes that do badly on validation are drawn more often.

    After every ``boost_frequency``-th epoch the difficulty of a class is 1 less its F1, ``w`` the difficulties normalized, and
    rows are drawn from ``c·π + (1 − c)·w`` with the training shares ``π``.

    Parameters
    ----------
    labels : array-like of shape (n_rows,)
        Labels of the training rows: whole numbers or words.
    seed : int, default=0
    blend_constant : float, default=0.5
        c: 0 is the difficulty alone, 1 the training shares alone.
    boost_frequency : int or None, default=5
        Epochs between refreshes; None never refreshes.
    difficulty : {"f1", "recall", "precision"}, default="f1"
    memory : float, default=0
        Weight of earlier validation counts, below 1.
    shrinkage : float, default=0
        Pseudo-rows that draw the F1 of classes with few validation rows to that of all.
    epsilon : float, default=0
        Added to every difficulty.
    base : {"prior", "uniform"}, default="prior"
        What the difficulty is blended with.
    max_copies : float or None, default=None
        Raises c until no row is drawn more often than this.
    bounds : (floor, copies, step) or None, default=None
        Least share of its prior that a class keeps, most copies of a row, largest factor from one refresh to the next.
    mode : {"exact", "systematic", "iid", "two-part", "package"}, default="exact"
        How shares become rows.
    classes : array-like or None, default=None
        All classes, where some may have no training row.

    References
    ----------
    ART: Adaptive Resampling-based Training for Imbalanced Classification (2025), arXiv 2509.00955.

    Examples
    --------
    >>> from imbalanced_art import ArtSampler
    >>> sampler = ArtSampler([0] * 90 + [1] * 10, seed=1, boost_frequency=1)
    >>> len(sampler.draw(1))
    100
    >>> refresh = sampler.observe(1, confusion=[[90, 0], [5, 5]])
    >>> sampler.distribution.round(3).tolist()
    [0.487, 0.513]
    """

    _kind = "art"
    _learns = True

    def __init__(
        self,
        labels: ArrayLike,
        *,
        seed: int = 0,
        blend_constant: float = 0.5,
        boost_frequency: int | None = 5,
        difficulty: Literal["f1", "recall", "precision"] = "f1",
        memory: float = 0.0,
        shrinkage: float = 0.0,
        epsilon: float = 0.0,
        base: Literal["prior", "uniform"] = "prior",
        max_copies: float | None = None,
        bounds: tuple[float, float, float] | None = None,
        mode: Literal["exact", "systematic", "iid", "two-part", "package"] = "exact",
        classes: ArrayLike | None = None,
    ) -> None:
        if boost_frequency is not None:
            boost_frequency = whole(boost_frequency, "boost_frequency", 1, 2**32 - 1)
        super().__init__(
            labels,
            seed=seed,
            classes=classes,
            blend_constant=blend_constant,
            boost_frequency=boost_frequency,
            difficulty=difficulty,
            memory=memory,
            shrinkage=shrinkage,
            epsilon=epsilon,
            base=base,
            max_copies=max_copies,
            bounds=bounds,
            mode=mode,
        )
        given: list[tuple[str, Any, Any]] = [
            ("difficulty", difficulty, "f1"),
            ("memory", memory, 0),
            ("shrinkage", shrinkage, 0),
        ]
        self._need_counts = tuple(f"{name}={value!r}" for name, value, default in given if value != default)


class StaticBlendSampler(Sampler):
    """The fixed blend ``c·π + (1 − c)/K``: ART without feedback, the control that a claim about feedback needs.

    Parameters
    ----------
    labels : array-like of shape (n_rows,)
    seed : int, default=0
    blend_constant : float, default=0.5
    classes : array-like or None, default=None
    """

    _kind = "static-blend"

    def __init__(
        self,
        labels: ArrayLike,
        *,
        seed: int = 0,
        blend_constant: float = 0.5,
        classes: ArrayLike | None = None,
    ) -> None:
        super().__init__(labels, seed=seed, classes=classes, blend_constant=blend_constant)


class BreakEvenSampler(Sampler):
    """Break-even feedback: a missed class is drawn more, an over-predicted one less, until both errors are even.

    Starts from shares ``∝ π^power``; each refresh moves the logarithm of a class's factor by ``step`` times its signed error
    ``(FN − FP) / (TP + FN + FP + smoothing)``.

    Parameters
    ----------
    labels : array-like of shape (n_rows,)
    seed : int, default=0
    power : float, default=0.5
        Of the training shares to start from, 0 to 2: 0 is equal classes.
    step : float, default=0.05
    memory : float, default=0.8
        Weight of earlier validation counts, below 1.
    smoothing : float, default=4
        Pseudo-rows that draw errors of classes with few validation rows to 0.
    refresh_every : int, default=1
        Epochs between refreshes.
    classes : array-like or None, default=None
    """

    _kind = "break-even"
    _learns = True

    def __init__(
        self,
        labels: ArrayLike,
        *,
        seed: int = 0,
        power: float = 0.5,
        step: float = 0.05,
        memory: float = 0.8,
        smoothing: float = 4.0,
        refresh_every: int = 1,
        classes: ArrayLike | None = None,
    ) -> None:
        super().__init__(
            labels,
            seed=seed,
            classes=classes,
            power=power,
            step=step,
            memory=memory,
            smoothing=smoothing,
            refresh_every=whole(refresh_every, "refresh_every", 1, 2**32 - 1),
        )


class PowerSampler(Sampler):
    """Class shares by a power of the counts, fixed or moving with the epoch: no feedback.

    Parameters
    ----------
    labels : array-like of shape (n_rows,)
    seed : int, default=0
    power : float, default=0.5
        Of the counts, for the constant schedule: 1 the training shares, ½ square-root sampling, 0 equal classes.
    schedule : {"constant", "convex", "linear", "concave", "composite", "progressive"}, default="constant"
        All but the first move from the training shares to equal classes over ``n_epochs``.
    n_epochs : int or None, default=None
        Epochs that the schedule takes; needed by all but the constant one.
    rate : float, default=0.99
        Of the concave schedule, ``rate**epoch``.
    classes : array-like or None, default=None
    """

    _kind = "power"

    def __init__(
        self,
        labels: ArrayLike,
        *,
        seed: int = 0,
        power: float = 0.5,
        schedule: Literal["constant", "convex", "linear", "concave", "composite", "progressive"] = "constant",
        n_epochs: int | None = None,
        rate: float = 0.99,
        classes: ArrayLike | None = None,
    ) -> None:
        if n_epochs is None:
            if schedule != "constant":
                raise ValueError(f"the schedule {schedule!r} needs n_epochs: how many it takes")
            n_epochs = 1
        super().__init__(
            labels,
            seed=seed,
            classes=classes,
            power=power,
            schedule=schedule,
            n_epochs=whole(n_epochs, "n_epochs", 1, 2**32 - 1),
            rate=rate,
        )


class ClassBalancedSampler(Sampler):
    """Every class equally often.

    Parameters
    ----------
    labels : array-like of shape (n_rows,)
    seed : int, default=0
    classes : array-like or None, default=None
    """

    _kind = "class-balanced"

    def __init__(self, labels: ArrayLike, *, seed: int = 0, classes: ArrayLike | None = None) -> None:
        super().__init__(labels, seed=seed, classes=classes)


class ShuffleSampler(Sampler):
    """Every row once, in a new order each epoch: plain training.

    Parameters
    ----------
    labels : array-like of shape (n_rows,)
    seed : int, default=0
    classes : array-like or None, default=None
    """

    _kind = "shuffle"

    def __init__(self, labels: ArrayLike, *, seed: int = 0, classes: ArrayLike | None = None) -> None:
        super().__init__(labels, seed=seed, classes=classes)
