"""The samplers as ``torch.utils.data.DistributedSampler``.

Every rank takes its slice of one exact epoch without talking to the others; validation counts are added over ranks by one
``all_reduce``; the state can be saved in the middle of an epoch and taken up by another number of ranks.

>>> import torch
>>> from torch.utils.data import DataLoader, TensorDataset
>>> from imbalanced_art.torch import ArtSampler
>>> labels = torch.tensor([0] * 90 + [1] * 10)
>>> sampler = ArtSampler(labels, seed=1, boost_frequency=1)
>>> loader = DataLoader(TensorDataset(torch.randn(100, 2), labels), batch_size=20, sampler=sampler)
>>> for epoch in range(2):
...     sampler.set_epoch(epoch)
...     for features, targets in loader:
...         pass  # train
...     refresh = sampler.observe(labels, torch.zeros(100, dtype=torch.int64))  # validate
>>> sampler.distribution.round(2).tolist()
[0.48, 0.52]
"""

from __future__ import annotations

import difflib
import inspect
import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

try:
    import torch
    import torch.distributed as dist
    from torch.utils.data import DistributedSampler
except ImportError as error:
    raise ImportError(f"{__name__} needs PyTorch: pip install 'imbalanced-art[torch]'") from error

from . import _samplers as base
from ._core import ArtError, Draw, StateError
from ._samplers import Refresh, whole

__all__ = [
    "ArtSampler",
    "BreakEvenSampler",
    "ClassBalancedSampler",
    "DistributedClassSampler",
    "PowerSampler",
    "ShuffleSampler",
    "StaticBlendSampler",
]

#: Rows that are fetched at once.
_CHUNK = 1 << 14


class _Place:
    """How far an iteration is."""

    __slots__ = ("given", "n", "n_own", "start")

    def __init__(self, start: int, n_own: int, n: int) -> None:
        #: Position in the epoch that it started from.
        self.start = start
        #: Rows that this rank gets, and rows that it has.
        self.n_own, self.given = n_own, 0
        #: Rows of the epoch; 0 where nothing was begun.
        self.n = n

    def is_finished(self) -> bool:
        """Whether all is given that there was; where nothing was left at all there is nothing to finish."""
        return self.start < self.n and self.given >= self.n_own


class DistributedClassSampler(DistributedSampler[int]):
    """What the samplers of this module have; make one of the classes below.

    Epochs are counted from 0 here, as is usual in PyTorch; epoch ``e`` has the rows that the framework-free sampler draws for
    epoch ``e + 1``. Position ``p`` of an epoch belongs to rank ``p % num_replicas``, so that the batches of all ranks together
    are what one process would have had.

    Parameters
    ----------
    labels : array-like of shape (n_rows,)
        Labels of the training rows, the same on every rank.
    num_replicas, rank : int or None
        From ``torch.distributed`` where that is initialised, else 1 and 0. Give ``num_replicas=1, rank=0`` to a framework that
        divides the stream itself (Accelerate, the Hugging Face ``Trainer``).
    drop_last : bool, default=False
        Where the rows cannot be divided among ranks: leave out the last ones rather than repeat the first ones.
    even : bool, default=True
        False repeats and leaves out nothing; ranks then differ by one row, which ``DistributedDataParallel`` does not stand
        without ``join``.
    **settings
        Those of the sampler of the same name in :mod:`imbalanced_art`.

    Attributes
    ----------
    sampler : imbalanced_art.Sampler
        The framework-free sampler inside.
    """

    _base: ClassVar[type[base.Sampler] | None] = None

    def __init_subclass__(cls) -> None:
        """Shows the settings of the sampler inside, which ``**settings`` hides."""
        super().__init_subclass__()
        if cls._base is None:
            return
        own = inspect.signature(DistributedClassSampler.__init__).parameters
        inside = inspect.signature(cls._base).parameters
        shown = [own["labels"].replace(kind=inspect.Parameter.POSITIONAL_OR_KEYWORD)]
        shown += [inside[name] for name in inside if name != "labels"]
        shown += [own[name] for name in ("num_replicas", "rank", "drop_last", "even")]
        cls.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
        _, _, settings = (inspect.getdoc(cls._base) or "").partition("Parameters\n----------\n")
        cls.__doc__ = (
            f"{inspect.cleandoc(cls.__doc__ or '')}\n\nParameters\n----------\n"
            f"{settings.partition('References')[0].rstrip()}\n"
            "num_replicas, rank, drop_last, even\n    As in :class:`DistributedClassSampler`."
        )

    def __init__(
        self,
        labels: ArrayLike,
        *,
        num_replicas: int | None = None,
        rank: int | None = None,
        drop_last: bool = False,
        even: bool = True,
        **settings: Any,
    ) -> None:
        if self._base is None:
            raise TypeError("make one of the samplers of this module, ArtSampler for example")
        self._check_names(settings)
        self.sampler = self._base(labels, **settings)
        ready = dist.is_available() and dist.is_initialized()
        if num_replicas is None:
            num_replicas = dist.get_world_size() if ready else 1
        if rank is None:
            rank = dist.get_rank() if ready else 0
        num_replicas = whole(num_replicas, "num_replicas", 1)
        rank = whole(rank, "rank", 0, num_replicas - 1)
        super().__init__(
            range(self.sampler.n_rows),  # type: ignore[arg-type]
            num_replicas=num_replicas,
            rank=rank,
            shuffle=True,
            seed=self.sampler.seed,
            drop_last=drop_last,
        )
        self.even = even
        # One rank that tells is enough.
        self.sampler._told_of_absent = rank > 0
        #: The iteration that was begun last.
        self._place = _Place(0, 0, 0)
        #: Where the next iteration starts; behind 0 after a state was taken up.
        self._start = 0
        #: Whether the epoch was observed, or was over in the state that was taken up.
        self._closed = False
        #: Whether a state was taken up that the epoch was over in, and nothing was iterated since.
        self._was_over = False
        #: The epoch that was told, until a row of it is given.
        self._told: int | None = None

    @classmethod
    def _check_names(cls, settings: Mapping[str, Any]) -> None:
        known = [name for name in inspect.signature(cls).parameters if name != "labels"]
        for name in settings:
            if name not in known:
                alike = difflib.get_close_matches(name, known, 1) or [full for full in known if full.startswith(name)]
                hint = f"did you mean {alike[0]!r}? It has" if alike else "it has"
                raise TypeError(f"{cls.__name__} has no setting {name!r}; {hint} {', '.join(known)}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.sampler!r}, rank {self.rank} of {self.num_replicas})"

    @property
    def distribution(self) -> NDArray[np.float64]:
        """The class shares of the next epoch."""
        return self.sampler.distribution

    @property
    def classes_(self) -> NDArray[Any]:
        """The classes; everything about classes is in their order."""
        return self.sampler.classes_

    def set_epoch(self, epoch: int) -> None:
        """Says which epoch the next iteration is of, counted from 0.

        Without it, an iteration after one that was finished or observed is of the next epoch. The epoch of a state that was
        just taken up goes on where it was; at its end it has no row, so that a loop goes on to ``observe``.
        """
        epoch = whole(epoch, "epoch", 0, 2**32 - 2)
        if epoch == self.epoch and self._was_over:
            self._leave_nothing()
        elif epoch != self.epoch or self._is_over():
            self._start, self._place, self._closed, self._was_over = 0, _Place(0, 0, 0), False, False
        self.epoch = self._told = epoch

    def _leave_nothing(self) -> None:
        """Makes iterations ones of this epoch that give no row, until another one is told or this one is observed."""
        self._start, self._place, self._closed = self.sampler.n_rows, _Place(0, 0, 0), False

    def _is_over(self) -> bool:
        """Whether the epoch was iterated to its end, or observed."""
        return self._closed or self._place.is_finished()

    def _next(self) -> tuple[int, int]:
        """The epoch and the start of the next iteration."""
        if self._is_over():
            return self.epoch + 1, 0
        # An iteration that gave nothing is begun again where it began.
        is_untouched = self._place.n > 0 and self._place.given == 0
        return self.epoch, self._place.start if is_untouched else self._start

    def _rows_of(self, n: int, start: int) -> int:
        """Rows that this rank gets of an epoch of ``n`` from ``start`` on."""
        left = max(n - start, 0)
        if not self.even:
            return max(left - self.rank + self.num_replicas - 1, 0) // self.num_replicas
        divided = left / self.num_replicas
        return math.floor(divided) if self.drop_last else math.ceil(divided)

    def __len__(self) -> int:
        """Rows that the next iteration gives this rank; fewer than the epoch has after a state from its middle."""
        epoch, start = self._next()
        return self._rows_of(len(self.sampler._drawn(epoch + 1)), start)

    def __iter__(self) -> Iterator[int]:
        self.epoch, start = self._next()
        # The draw is that of now: feedback in the middle of an epoch changes the next one.
        drawn = self.sampler._drawn(self.epoch + 1)
        self._place = _Place(start, self._rows_of(len(drawn), start), len(drawn))
        self._start, self._closed, self._was_over = 0, False, False
        return self._rows(drawn, self._place)

    def _rows(self, drawn: Draw, place: _Place) -> Iterator[int]:
        for chunk in self._chunks(drawn, place):
            self._told = None
            for row in chunk.tolist():
                place.given += 1
                yield row

    def _chunks(self, drawn: Draw, place: _Place) -> Iterator[NDArray[np.int64]]:
        """The rows of this rank, some at a time."""
        first, n = place.start + self.rank, place.n
        if self.num_replicas == 1:
            # A whole epoch at once takes an eighth of the time that its rows take one by one.
            rows = drawn.all()[first:]
            yield from (rows[i : i + _CHUNK] for i in range(0, len(rows), _CHUNK))
            return
        positions = range(first, first + place.n_own * self.num_replicas, self.num_replicas)
        within = min(place.n_own, max(n - first + self.num_replicas - 1, 0) // self.num_replicas)
        for i in range(0, within, _CHUNK):
            yield drawn.rows(positions[i], self.num_replicas, min(_CHUNK, within - i))
        # What is missing to an even number comes from the beginning of the epoch.
        for position in positions[within:]:
            yield drawn.rows(position % n, 1, 1)

    def observe(
        self,
        y_true: ArrayLike | None = None,
        y_pred: ArrayLike | None = None,
        *,
        confusion: ArrayLike | None = None,
        f1: ArrayLike | Mapping[Any, float] | None = None,
        reduce: bool = True,
    ) -> Refresh | None:
        """Learns from the validation result after the epoch that was trained last; it is over then.

        Where ``torch.distributed`` is initialised, every rank must call it, with feedback of the same form: the counts of all
        ranks are added, and all ranks must agree on the classes and on the state before.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_validation_rows,)
            Those of this rank: each validation row on one rank, or F1 is off.
        confusion : array-like of shape (n_classes, n_classes)
            What this rank counted; a row a true class, a column a predicted one.
        f1 : array-like of shape (n_classes,) or mapping
            F1 of all validation rows, the same on every rank; NaN for a class without validation rows.
        reduce : bool, default=True
            False where every rank has the counts of all validation rows already.

        Returns
        -------
        Refresh or None
            Its ``epoch`` is the number that ``set_epoch`` was given.

        Raises
        ------
        RuntimeError
            On every rank, where ranks do not agree on classes, state or epoch, or one has feedback that is refused; that one
            raises what is wrong with it.
        """
        if self._is_distributed():
            matrix, trouble = None, None
            try:
                matrix, _ = self.sampler._feedback(y_true, y_pred, confusion, f1)
            # Whatever it is: the other ranks would wait for this one.
            except Exception as error:
                trouble = error
            self._check_feedback(trouble, is_added=f1 is None and reduce)
            if matrix is not None:
                confusion = self._sum(matrix) if reduce else matrix
                y_true = y_pred = None
        self.check_agreement()
        self._check_turn()
        refresh = self.sampler.observe(self.epoch + 1, y_true, y_pred, confusion=confusion, f1=f1)
        self._closed, self._was_over, self._told = True, False, None
        return None if refresh is None else refresh._replace(epoch=self.epoch)

    def _check_turn(self) -> None:
        """Whether it is this epoch's turn to be observed."""
        last = self.sampler._observed - 1
        if self.epoch <= last:
            again = "was observed already" if self.epoch == last else f"cannot be observed after epoch {last}"
            raise ArtError(
                f"epoch {self.epoch} {again}: call observe once, after its last batch, and set_epoch(epoch) before the next"
            )
        place = self._place
        is_drawn = place.given > 0 or place.start > 0 or (place.n > 0 and place.n_own == 0)
        if not (is_drawn or self._closed or self._start > 0):
            warnings.warn(
                f"no row of epoch {self.epoch} was drawn yet: call observe after the epoch's last batch, and not after a "
                "validation before training",
                stacklevel=3,
            )

    @staticmethod
    def _is_distributed() -> bool:
        return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1

    @staticmethod
    def _device() -> torch.device:
        """Where tensors must be that are sent."""
        if dist.get_backend() == "nccl":
            return torch.device("cuda", torch.cuda.current_device())
        return torch.device("cpu")

    def _check_feedback(self, trouble: Exception | None, is_added: bool) -> None:
        """Raises on every rank where feedback is not such that it can be added; ranks would wait for one another for ever."""
        own = torch.tensor([len(self.classes_), int(is_added), int(trouble is not None)], device=self._device())
        gathered = [torch.empty_like(own) for _ in range(dist.get_world_size())]
        dist.all_gather(gathered, own)
        sizes, forms, troubles = torch.stack(gathered).T.tolist()
        if min(sizes) != max(sizes):
            least, most = sizes.index(min(sizes)), sizes.index(max(sizes))
            raise RuntimeError(
                f"labels differ between ranks: rank {least} has {min(sizes)} classes and rank {most} has {max(sizes)}; give the "
                f"labels of all training rows on each of them, or all classes by classes=... (this is rank {dist.get_rank()})"
            ) from trouble
        if trouble is not None:
            raise trouble
        if any(troubles):
            raise RuntimeError(
                f"rank {troubles.index(1)} was given feedback that it refuses, and says why; nothing was learnt on any rank (this "
                f"is rank {dist.get_rank()})"
            )
        if min(forms) != max(forms):
            raise RuntimeError(
                f"rank {forms.index(1)} has counts to add and rank {forms.index(0)} has not: give f1, or reduce=False, on all "
                f"ranks or on none (this is rank {dist.get_rank()})"
            )

    def _sum(self, matrix: NDArray[np.uint64]) -> NDArray[np.uint64]:
        counts = torch.from_numpy(matrix.astype(np.int64)).to(self._device())
        dist.all_reduce(counts)
        return counts.cpu().numpy().astype(np.uint64)

    def check_agreement(self) -> None:
        """Makes sure that the sampler has the same state and epoch on all ranks; every rank must call it.

        Raises
        ------
        RuntimeError
            On every rank, where they differ.
        """
        if not self._is_distributed():
            return
        digest, order = self.sampler.digest(), int(self.sampler._order, 16) >> 2
        own = [digest, -digest, self.epoch, -self.epoch, order, -order]
        bounds = torch.tensor(own, dtype=torch.int64, device=self._device())
        dist.all_reduce(bounds, op=dist.ReduceOp.MAX)
        most, least, last, first, highest, lowest = bounds.tolist()
        if last != -first:
            raise RuntimeError(
                f"ranks are in different epochs, {-first} to {last}: call set_epoch with the same number on all of them"
            )
        if highest != -lowest:
            raise RuntimeError(
                "labels differ between ranks, or are in another order: give the labels of all training rows on each of them, "
                f"and divide the table with the same seed (this is rank {self.rank})"
            )
        if most != -least:
            raise RuntimeError(
                "the sampler's state differs between ranks: make it with the same labels, settings and seed on all of them, "
                f"and load one state everywhere (this is rank {self.rank}, epoch {self.epoch}, "
                f"{self.sampler.refreshes} refreshes)"
            )

    def state_dict(self, *, rows_done: int | None = None) -> dict[str, Any]:
        """Where training is, in plain types, for any number of ranks.

        Parameters
        ----------
        rows_done : int or None, default=None
            Rows of this epoch that this rank was trained on since it began or was taken up. None takes those that were handed
            out, which is right without workers and for ``StatefulDataLoader``; a ``DataLoader`` with workers fetches ahead, so
            give batches done times batch size there.
        """
        place = self._place
        given, over = place.given, self._is_over()
        if rows_done is not None:
            given = min(whole(rows_done, "rows_done", 0), place.n_own)
            over = self._closed or (place.n > 0 and given == place.n_own)
        consumed = min(place.start + given * self.num_replicas, place.n) if place.n else self._start
        over = over or consumed >= self.sampler.n_rows
        state = self.sampler.state_dict()
        state.update(epoch=self.epoch, consumed=consumed, over=over)
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes up a state, also of another number of ranks; the next iteration gives the rows that are left.

        Raises
        ------
        StateError
            For a state of another sampler, of labels in another order or of a newer version; nothing is changed then.
        """
        if not isinstance(state_dict, Mapping) or not {"epoch", "consumed", "over"} <= state_dict.keys():
            raise StateError("this is no state of a sampler of imbalanced_art.torch: it lacks its place in the epoch")
        epoch = whole(state_dict["epoch"], "epoch", 0, 2**32 - 2)
        consumed = whole(state_dict["consumed"], "consumed", 0)
        self.sampler.load_state_dict(state_dict)
        self.epoch, self._closed = epoch, bool(state_dict["over"])
        self._start, self._place, self._was_over = consumed, _Place(0, 0, 0), self._closed
        # A StatefulDataLoader takes up its state as it is iterated, after the epoch was told.
        if self._was_over and self._told == epoch:
            self._leave_nothing()


class ArtSampler(DistributedClassSampler):
    """Adaptive resampling: classes with a low F1 on validation are drawn more often."""

    _base = base.ArtSampler


class StaticBlendSampler(DistributedClassSampler):
    """The fixed blend of training shares and equal ones."""

    _base = base.StaticBlendSampler


class BreakEvenSampler(DistributedClassSampler):
    """Break-even feedback: missed classes are drawn more, over-predicted ones less."""

    _base = base.BreakEvenSampler


class PowerSampler(DistributedClassSampler):
    """Class shares by a power of the counts, fixed or moving with the epoch."""

    _base = base.PowerSampler


class ClassBalancedSampler(DistributedClassSampler):
    """Every class equally often."""

    _base = base.ClassBalancedSampler


class ShuffleSampler(DistributedClassSampler):
    """Every row once an epoch: plain training."""

    _base = base.ShuffleSampler
