"""Exact, resumable, distributed class samplers with feedback, and fast resamplers, for imbalanced data.

:func:`compare` says which of several models to take. The names below are loaded when they are first used; so are the modules:

- :mod:`imbalanced_art.torch`: the samplers as ``torch.utils.data.DistributedSampler``,
- :mod:`imbalanced_art.decisions`: decisions for any model's probabilities, and around any classifier of scikit-learn,
- :mod:`imbalanced_art.losses`: losses as ``torch.nn.Module``,
- :mod:`imbalanced_art.resample`: resamplers with imbalanced-learn's contract,
- :mod:`imbalanced_art.sklearn`: a classifier with scikit-learn's contract,
- :mod:`imbalanced_art.stats`: paired tests, ranks and corrections.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import decisions, losses, resample, sklearn, stats, torch
    from ._compare import Comparison, compare
    from ._core import ArtError, StateError, __version__
    from ._samplers import (
        ArtSampler,
        BreakEvenSampler,
        ClassBalancedSampler,
        PowerSampler,
        Refresh,
        Sampler,
        ShuffleSampler,
        StaticBlendSampler,
    )

__all__ = [
    "ArtError",
    "ArtSampler",
    "BreakEvenSampler",
    "ClassBalancedSampler",
    "Comparison",
    "PowerSampler",
    "Refresh",
    "Sampler",
    "ShuffleSampler",
    "StateError",
    "StaticBlendSampler",
    "__version__",
    "compare",
    "decisions",
    "losses",
    "resample",
    "sklearn",
    "stats",
    "torch",
]

_MODULES = {"decisions", "losses", "resample", "sklearn", "stats", "torch"}
#: Where names are that are no sampler.
_HOMES = {
    "ArtError": "_core",
    "Comparison": "_compare",
    "StateError": "_core",
    "__version__": "_core",
    "compare": "_compare",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOMES.get(name, "_samplers")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
