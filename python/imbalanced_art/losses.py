"""Losses for imbalanced classes as ``torch.nn.Module``, with the values of this project's Rust losses.

All take logits of shape ``(batch, n_classes)`` and targets ``(batch,)``, the numbers of the classes from 0, and give the mean
over the batch unless they say otherwise. Predictions are the argmax of the logits as they are: margins and shifts belong to
training alone.

There is no ``ignore_index``: leave rows out before. A target that is no class is a ValueError on the CPU; elsewhere, looking
would hold up every step, and PyTorch's own assertion fails.

>>> import torch
>>> from imbalanced_art.losses import BalancedSoftmaxLoss
>>> loss = BalancedSoftmaxLoss([90, 10])
>>> round(loss(torch.zeros(2, 2), torch.tensor([0, 1])).item(), 4)
1.204
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from numpy.typing import ArrayLike

try:
    import torch
    import torch.nn.functional as F
    from torch import Tensor, nn
except ImportError as error:
    raise ImportError(f"{__name__} needs PyTorch: pip install 'imbalanced-art[torch]'") from error

__all__ = [
    "BalancedSoftmaxLoss",
    "CosineLinear",
    "CostSensitiveLoss",
    "FocalLoss",
    "LDAMLoss",
    "OHEMLoss",
    "VectorScalingLoss",
    "effective_number",
    "inverse_frequency",
]

#: Stands for ln 0: far below any logit, and still a number.
_LN_ZERO = -1e9


def _vector(values: Any, name: str) -> Tensor:
    # Detached, for a module takes a parameter for its own.
    vector = torch.as_tensor(values, dtype=torch.float64).detach()
    if vector.ndim != 1 or len(vector) < 2:
        raise ValueError(f"{name} has the shape {tuple(vector.shape)}, expected one number a class")
    return vector


def _counts(class_counts: ArrayLike) -> Tensor:
    counts = _vector(class_counts, "class_counts")
    if not (torch.isfinite(counts).all() and (counts >= 0).all() and counts.sum() > 0):
        raise ValueError(f"class_counts are {counts.tolist()}, expected rows of each class")
    return counts


def _weights(weight: ArrayLike | None, name: str = "weight") -> Tensor | None:
    if weight is None:
        return None
    weights = _vector(weight, name)
    if not (torch.isfinite(weights).all() and (weights > 0).all()):
        raise ValueError(f"{name} is {weights.tolist()}, expected finite numbers above 0")
    return weights


def _within(value: float, name: str, low: float, high: float = float("inf")) -> float:
    if not low <= value <= high or value == float("inf"):
        expected = f"{low} to {high}" if high < float("inf") else f"at least {low}, and finite"
        raise ValueError(f"{name} is {value}, expected {expected}")
    return float(value)


def inverse_frequency(class_counts: ArrayLike, exponent: float = 1.0) -> Tensor:
    """Class weights ``(N / (K n))**exponent``, scaled to mean 1 over rows; a class without rows counts as one row.

    Parameters
    ----------
    class_counts : array-like of shape (n_classes,)
    exponent : float, default=1
        1 is "balanced", 0 gives ones.
    """
    counts = _counts(class_counts)
    n = counts.clamp(min=1)
    weights = (counts.sum() / (len(counts) * n)) ** exponent
    return weights * counts.sum() / (weights * counts).sum()


def effective_number(class_counts: ArrayLike, beta: float = 0.9999) -> Tensor:
    """Class weights by the inverse of the effective number of rows, ``(1 − β) / (1 − βⁿ)``, scaled to sum to K.

    Parameters
    ----------
    class_counts : array-like of shape (n_classes,)
    beta : float, default=0.9999
        0 gives ones; towards 1 it is inverse frequency.

    References
    ----------
    Cui, Jia, Lin, Song and Belongie (2019), doi 10.1109/CVPR.2019.00949.
    """
    counts = _counts(class_counts)
    if abs(counts.sum().item() - 1) < 1e-3 and (counts != counts.round()).any():
        raise ValueError(f"class_counts are {counts.tolist()}: these are shares; give rows of each class")
    counts = counts.clamp(min=1)
    if not 0 <= beta < 1:
        raise ValueError(f"beta is {beta}, expected at least 0 and below 1")
    weights = (1 - beta) / (1 - beta**counts)
    return weights * len(counts) / weights.sum()


class _Loss(nn.Module):
    #: Settings that stand in the module's text.
    _shown: ClassVar[tuple[str, ...]] = ()

    def extra_repr(self) -> str:
        told = []
        for name in self._shown:
            value = getattr(self, name)
            if isinstance(value, Tensor):
                numbers = [f"{number:.4g}" for number in value[:10].tolist()] + ["…"] * (len(value) > 10)
                value = f"[{', '.join(numbers)}]"
            if value is not None:
                told.append(f"{name}={value}")
        return ", ".join(told)

    @staticmethod
    def _checked(logits: Tensor, targets: Tensor, of_classes: Tensor | None) -> Tensor:
        """The targets, where they and the logits are what the loss was made for."""
        if logits.ndim != 2:
            raise ValueError(f"logits have the shape {tuple(logits.shape)}, expected (batch, n_classes)")
        n_rows, n_columns = logits.shape
        if of_classes is not None and n_columns != len(of_classes):
            columns = "1 column" if n_columns == 1 else f"{n_columns} columns"
            raise ValueError(f"logits have {columns}, expected one for each of {len(of_classes)} classes")
        if targets.is_floating_point():
            raise ValueError(f"targets are of the type {targets.dtype}, expected whole numbers: the class of each row")
        if targets.shape != (n_rows,):
            raise ValueError(f"targets have the shape {tuple(targets.shape)}, expected {(n_rows,)}: the class of each row")
        targets = targets.long()
        # Elsewhere than on the CPU this would wait for all that was begun.
        if targets.device.type == "cpu" and n_rows > 0 and not torch.compiler.is_compiling():
            is_wrong = (targets < 0) | (targets >= n_columns)
            if is_wrong.any():
                row = int(is_wrong.nonzero()[0])
                raise ValueError(f"targets: row {row} is {int(targets[row])}, expected 0 to {n_columns - 1}")
        return targets

    @staticmethod
    def _like(values: Tensor, logits: Tensor) -> Tensor:
        """Numbers of the classes, of the type of the logits and where they are.

        Such numbers are no buffers: a module that moves would cast them too, and counts are more than half precision can say,
        and double precision more than some devices have.
        """
        # On CUDA a step must not wait for all that was begun.
        return values.to(logits.dtype).to(logits.device, non_blocking=logits.device.type == "cuda")


class CostSensitiveLoss(_Loss):
    """Cross-entropy with a weight for each class.

    Parameters
    ----------
    weight : array-like of shape (n_classes,)
        :func:`inverse_frequency` or :func:`effective_number`, for example.
    reduction : {"weighted_mean", "mean"}, default="mean"
        Over the weights, as PyTorch does, or over the batch.
    """

    weight: Tensor

    _shown = ("weight", "reduction")

    def __init__(self, weight: ArrayLike, *, reduction: Literal["weighted_mean", "mean"] = "mean") -> None:
        super().__init__()
        if reduction not in ("weighted_mean", "mean"):
            raise ValueError(f"reduction is {reduction!r}, expected 'weighted_mean' or 'mean'")
        weights = _weights(weight)
        assert weights is not None
        self.weight = weights
        self.reduction = reduction

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        targets = self._checked(logits, targets, self.weight)
        weight = self._like(self.weight, logits)
        if self.reduction == "weighted_mean":
            return F.cross_entropy(logits, targets, weight=weight)
        return (weight[targets] * F.cross_entropy(logits, targets, reduction="none")).mean()


class FocalLoss(_Loss):
    """``−α_y (1 − p_y)^γ ln p_y``, which turns away from rows that are right already.

    Parameters
    ----------
    gamma : float, default=2
        0 is cross-entropy.
    alpha : array-like of shape (n_classes,) or None, default=None
        A weight for each class; it stands outside the power.

    References
    ----------
    Lin, Goyal, Girshick, He and Dollár (2017), doi 10.1109/ICCV.2017.324.
    """

    alpha: Tensor | None

    _shown = ("gamma", "alpha")

    def __init__(self, gamma: float = 2.0, *, alpha: ArrayLike | None = None) -> None:
        super().__init__()
        self.gamma = _within(gamma, "gamma", 0)
        self.alpha = _weights(alpha, "alpha")

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        targets = self._checked(logits, targets, self.alpha)
        log_p = -F.cross_entropy(logits, targets, reduction="none")
        # Powers below 1 stay finite where p is 1.
        rest = (-torch.expm1(log_p)).clamp(min=1e-7)
        losses = -(rest**self.gamma) * log_p
        if self.alpha is not None:
            losses = losses * self._like(self.alpha, logits)[targets]
        return losses.mean()


class LDAMLoss(_Loss):
    """A margin for each class, larger for smaller ones, on the logits of a :class:`CosineLinear`.

    ``o_j = s (z_j − Δ_y [j = y])`` with ``Δ_c ∝ n_c^(−1/4)``, the largest of them ``max_margin``.

    Parameters
    ----------
    class_counts : array-like of shape (n_classes,)
    max_margin : float, default=0.5
    scale : float, default=30
    weight : array-like of shape (n_classes,) or None, default=None
        LDAM-DRW gives :func:`effective_number` for the last fifth of the epochs; the mean is over the weights.

    References
    ----------
    Cao, Wei, Gaidon, Arechiga and Ma (2019), arXiv 1906.07413.
    """

    margins: Tensor
    weight: Tensor | None

    _shown = ("margins", "scale", "weight")

    def __init__(
        self,
        class_counts: ArrayLike,
        *,
        max_margin: float = 0.5,
        scale: float = 30.0,
        weight: ArrayLike | None = None,
    ) -> None:
        super().__init__()
        margins = _counts(class_counts).clamp(min=1) ** -0.25
        self.margins = margins * (_within(max_margin, "max_margin", 0) / margins.max())
        weights = _weights(weight)
        if weights is not None and len(weights) != len(margins):
            raise ValueError(f"weight has {len(weights)} numbers, expected one for each of {len(margins)} classes")
        self.weight = weights
        self.scale = _within(scale, "scale", 0)

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        targets = self._checked(logits, targets, self.margins)
        own = F.one_hot(targets, logits.shape[1]).to(logits.dtype)
        margins = self._like(self.margins, logits)[targets]
        weight = None if self.weight is None else self._like(self.weight, logits)
        return F.cross_entropy(self.scale * (logits - own * margins[:, None]), targets, weight=weight)


class CosineLinear(nn.Linear):
    """A linear head whose rows and inputs have length 1, as :class:`LDAMLoss` needs: logits are cosines.

    Parameters
    ----------
    in_features, out_features : int
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__(in_features, out_features, bias=False)

    def forward(self, input: Tensor) -> Tensor:
        return F.linear(F.normalize(input), F.normalize(self.weight))


class BalancedSoftmaxLoss(_Loss):
    """Cross-entropy on ``z_j + τ ln n_j``: logits explain what the class shares do not.

    Parameters
    ----------
    class_counts : array-like of shape (n_classes,)
        Rows of each class as they are drawn; a class without rows is left out of the sum.
    tau : float, default=1
        1 is balanced softmax, others the logit-adjusted loss.

    References
    ----------
    Ren et al. (2020), arXiv 2007.10740; Menon et al. (2021), arXiv 2007.07314.
    """

    counts: Tensor

    _shown = ("counts", "tau")

    def __init__(self, class_counts: ArrayLike, *, tau: float = 1.0) -> None:
        super().__init__()
        self.counts = _counts(class_counts)
        self.tau = _within(tau, "tau", 0)

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        targets = self._checked(logits, targets, self.counts)
        return _shifted(logits, targets, self.counts, self.tau)


class VectorScalingLoss(_Loss):
    """Cross-entropy on ``(n_j / n_max)^γ z_j + τ ln π_j``.

    Parameters
    ----------
    class_counts : array-like of shape (n_classes,)
    gamma : float, default=0.3
        0 is :class:`BalancedSoftmaxLoss`.
    tau : float, default=1

    References
    ----------
    Kini, Paraskevas, Oymak and Thrampoulidis (2021), arXiv 2103.01550.
    """

    counts: Tensor

    _shown = ("counts", "gamma", "tau")

    def __init__(self, class_counts: ArrayLike, *, gamma: float = 0.3, tau: float = 1.0) -> None:
        super().__init__()
        self.counts = _counts(class_counts)
        self.gamma = _within(gamma, "gamma", 0)
        self.tau = _within(tau, "tau", 0)

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        targets = self._checked(logits, targets, self.counts)
        factors = (self.counts.clamp(min=1) / self.counts.max()) ** self.gamma
        return _shifted(logits * self._like(factors, logits), targets, self.counts, self.tau)


def _shifted(logits: Tensor, targets: Tensor, counts: Tensor, tau: float) -> Tensor:
    """Cross-entropy on ``z_j + τ ln n_j``; without rows a class is left out, but for rows of its own."""
    own = tau * counts.clamp(min=1).log()
    shift = torch.where(counts > 0, own, _LN_ZERO if tau > 0 else 0.0)
    shift, own = (_Loss._like(values, logits) for values in (shift, own))
    shifts = shift.expand(logits.shape).scatter(1, targets[:, None], own[targets][:, None])
    return F.cross_entropy(logits + shifts, targets)


class OHEMLoss(_Loss):
    """Cross-entropy over the hardest rows of each batch.

    Parameters
    ----------
    share : float, default=0.7
        Of the rows of a batch, rounded up; 1 is cross-entropy.
    min_kept : int, default=1

    References
    ----------
    Shrivastava, Gupta and Girshick (2016), doi 10.1109/CVPR.2016.89.
    """

    _shown = ("share", "min_kept")

    def __init__(self, share: float = 0.7, *, min_kept: int = 1) -> None:
        super().__init__()
        if not 0 < share <= 1:
            raise ValueError(f"share is {share}, expected above 0 and at most 1")
        self.share = share
        self.min_kept = min_kept

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        targets = self._checked(logits, targets, None)
        losses = F.cross_entropy(logits, targets, reduction="none")
        n = len(losses)
        kept = min(n, max(1, self.min_kept, -int(-self.share * n // 1)))
        # Of equal ones the lower row.
        order = losses.detach().sort(descending=True, stable=True).indices
        return losses[order[:kept]].mean()
