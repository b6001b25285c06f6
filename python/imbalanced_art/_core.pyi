"""The compiled part; the package's own modules are what to use."""

from collections.abc import Mapping
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ArtError",
    "Classifier",
    "Draw",
    "Sampler",
    "StateError",
    "Table",
    "__version__",
    "adjust",
    "advise",
    "decide",
    "decide_by_costs",
    "fit_decision",
    "friedman",
    "method",
    "methods",
    "natural_probabilities",
    "resample",
    "t_interval",
    "t_test",
    "wilcoxon",
]

__version__: str

class ArtError(ValueError): ...
class StateError(ArtError): ...

_Decision: TypeAlias = tuple[list[float], float | None, tuple[list[float], list[float]] | None]
_Refresh: TypeAlias = tuple[int, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]

@final
class Sampler:
    def __new__(
        cls,
        kind: str,
        labels: NDArray[np.uint32],
        n_classes: int,
        seed: int,
        settings: Mapping[str, Any],
    ) -> Sampler: ...
    def describe(self) -> str: ...
    def class_counts(self) -> NDArray[np.int64]: ...
    def distribution(self) -> NDArray[np.float64]: ...
    def refreshes(self) -> int: ...
    def draw(self, epoch: int) -> Draw: ...
    def observe(self, epoch: int, confusion: NDArray[np.uint64]) -> _Refresh | None: ...
    def observe_difficulty(self, epoch: int, difficulty: list[float]) -> _Refresh | None: ...
    def state(self) -> str: ...
    def restore(self, state: str) -> None: ...

@final
class Draw:
    def __len__(self) -> int: ...
    def all(self) -> NDArray[np.int64]: ...
    def shard(self, index: int, count: int) -> NDArray[np.int64]: ...
    def rows(self, start: int, step: int, n: int) -> NDArray[np.int64]: ...

@final
class Table:
    def __new__(cls) -> Table: ...
    def numbers(self, name: str, values: NDArray[np.float64]) -> None: ...
    def dates(self, name: str, days: NDArray[np.float64]) -> None: ...
    def words(self, name: str, words: list[str], places: NDArray[np.uint32]) -> None: ...
    def labels(self, name: str, classes: list[str], places: NDArray[np.uint32]) -> None: ...

@final
class Classifier:
    def __new__(cls, bytes: bytes) -> Classifier: ...
    @staticmethod
    def fit(
        table: Table,
        target: str,
        weights: NDArray[np.float64] | None,
        groups: NDArray[np.uint32] | None,
        settings: Mapping[str, Any],
    ) -> Classifier: ...
    @staticmethod
    def load(path: str) -> Classifier: ...
    def save(self, path: str) -> None: ...
    def to_bytes(self) -> bytes: ...
    def target(self) -> str: ...
    def class_names(self) -> list[str]: ...
    def columns(self) -> list[tuple[str, str]]: ...
    def record(self) -> str: ...
    def answer(
        self, table: Table, ignore_unseen: bool
    ) -> tuple[NDArray[np.uint32], NDArray[np.float64], int]: ...

def resample(
    method: str,
    features: NDArray[np.float32] | NDArray[np.float64],
    labels: NDArray[np.uint32],
    class_names: list[str],
    categories: list[tuple[int, int]],
    seed: int,
    settings: Mapping[str, Any],
) -> tuple[
    NDArray[np.float32],
    NDArray[np.uint8],
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.float64],
    list[tuple[int, str]],
]: ...
def fit_decision(
    rule: str,
    logits: NDArray[np.float32],
    labels: NDArray[np.uint32],
    prior: list[float],
    natural: list[float],
) -> _Decision: ...
def decide(logits: NDArray[np.float32], parts: _Decision) -> NDArray[np.uint32]: ...
def natural_probabilities(
    logits: NDArray[np.float32], prior: list[float], natural: list[float], temperature: float
) -> NDArray[np.float64]: ...
def decide_by_costs(probabilities: NDArray[np.float64], costs: list[list[float]]) -> NDArray[np.uint32]: ...
def t_test(
    first: list[float], second: list[float], test_over_train: float
) -> tuple[int, float, float, float | None]: ...
def t_interval(
    first: list[float], second: list[float], test_over_train: float, confidence: float
) -> tuple[float, float] | None: ...
def wilcoxon(
    first: list[float], second: list[float], zeros: str, null: str
) -> tuple[int, float, float, float, float]: ...
def friedman(methods: list[str], rows: list[list[float]]) -> tuple[list[float], float, float, float, float | None]: ...
def adjust(p_values: list[float], method: str) -> list[float]: ...
def method(name: str | None, n_rows: int) -> tuple[str, str]: ...
def methods() -> list[tuple[str, str]]: ...
def advise(
    methods: list[str | None],
    differences: list[list[float]],
    test_over_train: float,
    resolution: float,
    at_most: float,
) -> tuple[
    tuple[str, int],
    tuple[int | None, float | None],
    list[tuple[float, float, float, float, bool]],
    int,
]: ...
