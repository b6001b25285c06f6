"""Models side by side on one table, and what to do."""

from __future__ import annotations

import html
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

try:
    from joblib import Parallel, delayed
    from sklearn.base import clone, is_classifier
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedShuffleSplit
    from sklearn.utils import _safe_indexing, check_random_state, indexable
    from sklearn.utils._param_validation import Interval, validate_parameter_constraints
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import _check_y
except ImportError as error:
    raise ImportError(
        "imbalanced_art.compare needs scikit-learn 1.6 or newer: pip install 'imbalanced-art[sklearn]'"
    ) from error

from . import _core
from ._labels import group_codes
from .sklearn import ArtClassifier

__all__ = ["Comparison", "compare"]

#: The method that gains are over: plain training.
_PLAIN = "baseline"
_LEVEL = 0.95
_MOST_SEED = 2**31 - 1


@dataclass
class _Entry:
    """A model to compare."""

    name: str
    estimator: Any
    #: The method that other tables may know; None for a model of another kind.
    method: str | None
    #: Confusion matrices and seconds, one a split.
    confusions: list[NDArray[np.int64]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    #: What went wrong, and in which split.
    failure: str | None = None

    def scores(self) -> NDArray[np.float64]:
        """Macro F1 of each split, in points."""
        return np.array([100 * np.nanmean(_per_class(confusion)[0]) for confusion in self.confusions])


class Comparison:
    """What came out of :func:`compare`; a notebook shows it as a page.

    Attributes
    ----------
    baseline : str
        The entry that differences and gains are over.
    recommended : str
        The entry to take; the baseline where nothing is worth the trouble, and the best bet where too little is known: the
        baseline where a loss is to be expected of all others.
    choice : {"do", "keep", "unclear", "none"}
        What the advice says: take ``recommended``, keep the baseline, too little is known, or there is nothing to go by.
    verdict : str
        The same in words, with the gain that is to be expected, its interval and the chance of harm.
    failures : dict
        What went wrong, for each entry that failed; it has no scores.
    """

    def __init__(
        self, entries: list[_Entry], baseline: str, classes: NDArray[Any], test_over_train: float, is_plain: bool
    ) -> None:
        self.baseline = baseline
        self.classes = classes
        self.failures = {entry.name: entry.failure for entry in entries if entry.failure is not None}
        self._entries = entries
        self._test_over_train = test_over_train
        self._estimators = {entry.name: entry.estimator for entry in entries}
        self._compare()
        self._advise(is_plain)

    @property
    def scores(self) -> Any:
        """Every split of every entry: macro F1 and the F1 of each class, from 0 to 1 as scikit-learn's metrics are.

        Returns
        -------
        pandas.DataFrame, or dict of arrays where pandas is not there
        """
        rows: list[dict[str, Any]] = []
        for entry in self._whole():
            for split, confusion in enumerate(entry.confusions):
                row = {"model": entry.name, "split": split, "macro_f1": entry.scores()[split] / 100}
                f1, _, _ = _per_class(confusion)
                row.update({f"f1 {label}": value for label, value in zip(self.classes, f1, strict=True)})
                rows.append({**row, "seconds": entry.seconds[split]})
        return _framed(rows)

    @property
    def summary(self) -> Any:
        """Each entry: mean macro F1, its difference from the baseline with the corrected resampled t-test, and the expected gain.

        ``p`` is by Nadeau and Bengio's test, which knows that splits overlap, ``p_holm`` adjusted by Holm's rule for the number of
        entries; ``low`` and ``high`` are the interval of 95 % of the same test, not adjusted. ``expected`` and what follows is what
        the advice goes by. All of F1 is in points here, from 0 to 100: ``macro_f1``, differences and gains.

        Returns
        -------
        pandas.DataFrame, or dict of arrays where pandas is not there
        """
        return _framed(self._summary)

    @property
    def per_class(self) -> Any:
        """Each class of each entry, means over splits, from 0 to 1: F1, the share of its rows that are found, and of its answers
        that are right.

        Returns
        -------
        pandas.DataFrame, or dict of arrays where pandas is not there
        """
        rows = []
        for entry in self._whole():
            values = [np.array(of) for of in zip(*map(_per_class, entry.confusions), strict=True)]
            sizes = np.mean([confusion.sum(axis=1) for confusion in entry.confusions], axis=0)
            for place, label in enumerate(self.classes):
                f1, found, right = (_mean(of[:, place]) for of in values)
                size = float(sizes[place])
                rows.append(
                    {"model": entry.name, "class": label, "test_rows": size, "f1": f1, "found": found, "right": right}
                )
        return _framed(rows)

    @property
    def recommended_estimator(self) -> Any:
        """The recommended model, not fitted: train it on all rows.

        Returns
        -------
        estimator
        """
        return clone(self._estimators[self.recommended])

    def save_html(self, path: str | os.PathLike[str]) -> None:
        """Writes the page to a file.

        Parameters
        ----------
        path : str or path
        """
        page = f'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>Comparison</title>\n{self._repr_html_()}</html>\n'
        with open(path, "w", encoding="utf-8") as file:
            file.write(page)

    def _whole(self) -> list[_Entry]:
        """Entries that did not fail."""
        return [entry for entry in self._entries if entry.failure is None]

    def _compare(self) -> None:
        """Differences from the baseline, each with its test."""
        self._summary: list[dict[str, Any]] = []
        plain = next((entry for entry in self._whole() if entry.name == self.baseline), None)
        for entry in self._entries:
            row: dict[str, Any] = {"model": entry.name, "macro_f1": np.nan}
            row.update(dict.fromkeys(("difference", "low", "high", "p", "p_holm"), np.nan))
            row.update(dict.fromkeys(("expected", "expected_low", "expected_high", "chance_of_harm"), np.nan))
            self._summary.append(row)
            if entry.failure is not None:
                continue
            row["macro_f1"] = float(entry.scores().mean())
            if plain is None or entry is plain:
                continue
            pair = (entry.scores().tolist(), plain.scores().tolist())
            _, row["difference"], _, p = _core.t_test(*pair, self._test_over_train)
            interval = _core.t_interval(*pair, self._test_over_train, _LEVEL)
            row["low"], row["high"] = interval or (np.nan, np.nan)
            row["p"] = np.nan if p is None else p
        tested = [row for row in self._summary if not np.isnan(row["p"])]
        if tested:
            for row, adjusted in zip(tested, _core.adjust([row["p"] for row in tested], "holm"), strict=True):
                row["p_holm"] = adjusted

    def _advise(self, is_plain: bool) -> None:
        """What to do, by the gains that are to be expected."""
        self.recommended, self.choice = self.baseline, "none"
        whole = self._whole()
        plain = next((entry for entry in whole if entry.name == self.baseline), None)
        others = [entry for entry in whole if entry is not plain]
        if plain is None:
            self.verdict = f"There is nothing to go by: {self.baseline} failed ({self.failures[self.baseline]})."
            return
        if not others and len(self.failures) > 0:
            name, first = next(iter(self.failures.items()))
            self.verdict = f"There is nothing to compare {self.baseline} with: all others failed, see failures: {name}, {first}."
            return
        if not others:
            self.verdict = f"There is nothing to compare {self.baseline} with."
            return
        base = plain.scores()
        differences = np.array([entry.scores() - base for entry in others]).T
        sizes = plain.confusions[0].sum(axis=1)
        present = sizes[sizes > 0]
        (choice, place), (splits, rows), expected, n_tables = _core.advise(
            # Other tables know gains over plain training alone.
            [entry.method if is_plain else None for entry in others],
            differences.tolist(),
            self._test_over_train,
            100 / (len(present) * float(present.min())),
            100 - float(base.mean()),
        )
        known = 0
        by_name = {row["model"]: row for row in self._summary}
        for entry, (gain, low, high, harm, is_known) in zip(others, expected, strict=True):
            row = by_name[entry.name]
            row["expected"], row["expected_low"], row["expected_high"], row["chance_of_harm"] = gain, low, high, harm
            known += is_known
        self.choice, best = choice, others[place].name
        row = by_name[best]
        told = (
            f"{row['expected']:+.1f} points of macro F1 over {self.baseline} are to be expected (95 %: "
            f"{row['expected_low']:+.1f} to {row['expected_high']:+.1f}), after {row['difference']:+.1f} on these splits; the chance "
            f"that it does worse is {_percent(row['chance_of_harm'])}"
        )
        if choice == "do":
            self.recommended = best
            text = f"Take {best}: {told}."
        elif choice == "keep":
            text = f"Keep {self.baseline}; nothing here is worth the trouble. Most is to be expected of {best}: {told}."
        else:
            if row["expected"] > 0:
                self.recommended = best
                bet = f"The best bet is {best}"
            else:
                bet = f"The best bet is {self.baseline}; of the others most is to be expected of {best}"
            text = f"Too little is known. {bet}: {told}. {_would_tell(splits, rows)}"
        text += f" This rests on {len(base)} splits"
        if known:
            text += f" and on {n_tables} other tables, which know {known} of {len(others)} entries"
        if known < len(others):
            whom = "the other entries" if known else "these entries"
            text += f"; of {whom} no gain and no loss was expected beforehand"
        self.verdict = text + "."

    def __repr__(self) -> str:
        width = max(len(row["model"]) for row in self._summary)
        lines = [self.verdict, ""]
        for row in self._summary:
            lines.append(f"{row['model']:<{width}}  {'  '.join(self._cells(row))}")
        return "\n".join(lines)

    def _cells(self, row: dict[str, Any]) -> list[str]:
        """What a line of a table says."""
        if row["model"] in self.failures:
            return [f"failed: {self.failures[row['model']]}"]
        cells = [f"macro F1 {row['macro_f1']:.1f}"]
        if not np.isnan(row["difference"]):
            cells.append(f"difference {row['difference']:+.1f}, p {_p(row['p_holm'])}")
        if not np.isnan(row["expected"]):
            cells.append(
                f"expected {row['expected']:+.1f} ({row['expected_low']:+.1f} to {row['expected_high']:+.1f}), "
                f"harm {_percent(row['chance_of_harm'])}"
            )
        return cells

    def _repr_html_(self) -> str:
        heads = [
            "model",
            "macro F1 × 100",
            f"less {self.baseline}",
            "95 %",
            "p (Holm)",
            "expected gain",
            "95 %",
            "chance of harm",
        ]
        lines = []
        for row in self._summary:
            name = row["model"]
            if name in self.failures:
                cells = f'<td colspan="7" class="text">failed: {html.escape(str(self.failures[name]))}</td>'
            else:
                values = [
                    _number(row["macro_f1"], ".1f"),
                    _number(row["difference"], "+.1f"),
                    _span(row["low"], row["high"]),
                    _p(row["p_holm"]),
                    _number(row["expected"], "+.1f"),
                    _span(row["expected_low"], row["expected_high"]),
                    "–" if np.isnan(row["chance_of_harm"]) else _percent(row["chance_of_harm"]),
                ]
                cells = "".join(f"<td>{html.escape(value)}</td>" for value in values)
            mark = ' class="taken"' if name == self.recommended else ""
            lines.append(f'<tr{mark}><th scope="row">{html.escape(name)}</th>{cells}</tr>')
        table = _table("Macro F1 on test rows, means over splits; gains in points", heads, lines)
        return f'<div class="art">{_STYLE}<p><strong>{html.escape(self.verdict)}</strong></p>{table}{self._classes_html()}</div>'

    def _classes_html(self) -> str:
        """The classes before and after, the rarest first."""
        shown = [entry for entry in self._whole() if entry.name in (self.baseline, self.recommended)]
        if not shown:
            return ""
        heads = ["class", "test rows"]
        columns: list[list[float]] = []
        for entry in shown:
            values = [np.array(of) for of in zip(*map(_per_class, entry.confusions), strict=True)]
            for words, of in zip(("F1", "of 100 found", "of 100 answers right"), values, strict=True):
                heads.append(f"{entry.name}: {words}")
                columns.append([100 * _mean(of[:, place]) for place in range(len(self.classes))])
        sizes = np.mean([confusion.sum(axis=1) for confusion in shown[0].confusions], axis=0)
        lines = []
        for place in np.argsort(sizes, kind="stable"):
            cells = "".join(f"<td>{_number(column[place], '.0f')}</td>" for column in columns)
            name = html.escape(str(self.classes[place]))
            lines.append(f'<tr><th scope="row">{name}</th><td>{sizes[place]:.0f}</td>{cells}</tr>')
        return _table("Each class, means over splits, the rarest first", heads, lines)


#: What the settings of :func:`compare` may be.
_CONSTRAINTS: dict[str, Any] = {
    "n_splits": [Interval(Integral, 2, None, closed="left")],
    "test_size": [Interval(Real, 0, 1, closed="neither")],
    "groups": ["array-like", None],
    "baseline": [str],
    "random_state": ["random_state"],
    "n_jobs": [Integral, None],
}


def compare(
    X: Any,
    y: ArrayLike,
    models: Sequence[Any],
    *,
    n_splits: int = 10,
    test_size: float = 0.15,
    groups: ArrayLike | None = None,
    baseline: str = _PLAIN,
    random_state: Any = None,
    n_jobs: int | None = None,
) -> Comparison:
    """Models on the same splits of a table, what they gain, and what to do.

    Every model is trained and tested on the same splits, stratified by class. Plain training of the library's network takes part in
    any case: it is what gains are over. The advice is that of ``art compare``: what other tables have shown of a method, moved by
    what this table shows. Other tables know methods of the library. Of other models nothing is expected beforehand, and much is
    possible, so that what this table shows counts nearly alone.

    Parameters
    ----------
    X : array-like or data frame of shape (n_rows, n_features)
        As the models take it; names of methods take whatever :class:`~imbalanced_art.sklearn.ArtClassifier` does.
    y : array-like of shape (n_rows,)
    models : list
        Names of methods (``"art"``, ``"break-even:folds=5+plug-in"``), classifiers of scikit-learn's kind, or pairs of a name and
        either.
    n_splits : int, default=10
    test_size : float, default=0.15
        Share of the rows that test.
    groups : array-like of shape (n_rows,) or None, default=None
        Rows of one group are never on both sides of a split. None may be missing.
    baseline : str, default="baseline"
        The entry that gains are over. Another one than plain training has no experience of other tables.
    random_state : int, RandomState or None, default=None
        Divides the rows, and seeds every model that has a ``random_state`` of None.
    n_jobs : int or None, default=None
        Models at a time, as joblib has it.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from imbalanced_art import compare
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat(["usual", "rare"], [270, 30])
    >>> X = rng.normal(size=(300, 3)) + 1.5 * (y == "rare")[:, None]
    >>> found = compare(X, y, ["baseline+tau-e", LogisticRegression()], n_splits=3, random_state=0)
    >>> sorted(found.failures)
    []
    >>> found.recommended in ("baseline", "baseline+tau-e", "LogisticRegression")
    True
    """
    settings = {
        "n_splits": n_splits,
        "test_size": test_size,
        "groups": groups,
        "baseline": baseline,
        "random_state": random_state,
        "n_jobs": n_jobs,
    }
    validate_parameter_constraints(_CONSTRAINTS, settings, caller_name="compare")
    labels: NDArray[Any] = _check_y(y, estimator="compare")
    check_classification_targets(labels)
    X, labels, groups = indexable(X, labels, groups)
    if groups is not None:
        groups = group_codes(groups)
    entries = _entries(models, len(labels))
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"y holds one class, {classes[0]!r}, alone; there is nothing to tell apart")
    names = [entry.name for entry in entries]
    if baseline == _PLAIN and _PLAIN not in names:
        entries.insert(0, _entry(_PLAIN, len(labels)))
    elif baseline not in names:
        raise ValueError(f"baseline is {baseline!r}, which is none of the models {', '.join(names)}")
    random = check_random_state(random_state)
    splits = list(_splits(codes, n_splits, test_size, groups, random))
    seeds = random.randint(0, _MOST_SEED, size=n_splits)
    jobs = (
        delayed(_run)(entry, X, labels, classes, groups, split, int(seed))
        for entry in entries
        for split, seed in zip(splits, seeds, strict=True)
    )
    results = iter(Parallel(n_jobs=n_jobs)(jobs))
    for entry in entries:
        for split in range(n_splits):
            confusion, seconds, failure = next(results)
            if failure is None:
                entry.confusions.append(confusion)
                entry.seconds.append(seconds)
            elif entry.failure is None:
                entry.failure = f"split {split}: {failure}"
    train, test = splits[0]
    is_plain = next(entry.method for entry in entries if entry.name == baseline) == _PLAIN
    return Comparison(entries, baseline, classes, len(test) / len(train), is_plain)


def _entries(models: Iterable[Any], n_rows: int) -> list[_Entry]:
    if isinstance(models, (str, bytes)) or not isinstance(models, Iterable):
        raise TypeError(f"models is a {type(models).__name__}, expected a list of names and classifiers")
    entries: list[_Entry] = []
    for model in models:
        entry = _entry(model, n_rows)
        if any(entry.name == other.name for other in entries):
            raise ValueError(f"two models are called {entry.name!r}; give one of them another name, as (name, model)")
        entries.append(entry)
    if not entries:
        raise ValueError("models is empty; name a method or give a classifier")
    return entries


def _entry(model: Any, n_rows: int) -> _Entry:
    name = None
    if isinstance(model, tuple):
        if len(model) != 2 or not isinstance(model[0], str):
            raise ValueError(f"a model is {model!r}; a tuple is a name and a model")
        name, model = model
    if isinstance(model, str):
        method, _ = _core.method(model, n_rows)
        # As `art compare` divides rows: 15 of 100 steer where 15 test.
        estimator = ArtClassifier(method, handle_unknown="ignore", valid_share=0.15 / 0.85)
        return _Entry(name or method, estimator, method)
    if isinstance(model, type) or not hasattr(model, "fit") or not hasattr(model, "predict"):
        raise TypeError(f"a model is {model!r}, expected the name of a method or a classifier with fit and predict")
    if hasattr(model, "__sklearn_tags__") and not is_classifier(model):
        raise TypeError(f"{type(model).__name__} is no classifier")
    return _Entry(name or type(model).__name__, model, None)


def _splits(
    codes: NDArray[np.int64], n_splits: int, test_size: float, groups: Any, random: np.random.RandomState
) -> Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Training and test rows of each split."""
    rows = np.zeros((len(codes), 1))
    if groups is None:
        splitter = StratifiedShuffleSplit(n_splits, test_size=test_size, random_state=random)
        yield from splitter.split(rows, codes)
        return
    folds = max(2, round(1 / test_size))
    n_groups = len(np.unique(groups))
    if n_groups < folds:
        told = "1 group is" if n_groups == 1 else f"{n_groups} groups are"
        hint = "; give a larger test_size" if n_groups > 1 else ""
        raise ValueError(f"{told} too few for test_size={test_size}, which needs {folds}{hint}")
    for seed in random.randint(0, _MOST_SEED, size=n_splits):
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=int(seed))
        yield next(iter(splitter.split(rows, codes, groups)))


def _run(
    entry: _Entry, X: Any, y: NDArray[Any], classes: NDArray[Any], groups: Any, split: tuple[Any, Any], seed: int
) -> tuple[NDArray[np.int64] | None, float, str | None]:
    """The confusion matrix of a fresh model on a split, the seconds, and what went wrong."""
    train, test = split
    begun = time.perf_counter()
    try:
        model = clone(entry.estimator)
        model.set_params(
            **{
                name: seed
                for name, value in model.get_params().items()
                if value is None and (name == "random_state" or name.endswith("__random_state"))
            }
        )
        # Our own models divide the rows again, and groups must stay whole there as well.
        known = {} if groups is None or entry.method is None else {"groups": _safe_indexing(groups, train)}
        model.fit(_safe_indexing(X, train), y[train], **known)
        predicted = np.asarray(model.predict(_safe_indexing(X, test)))
        places = {label: place for place, label in enumerate(classes.tolist())}
        confusion = np.zeros((len(classes), len(classes)), dtype=np.int64)
        for truth, answer in zip(y[test].tolist(), predicted.ravel().tolist(), strict=True):
            confusion[places[truth], places[answer]] += 1
    # Whatever a model of others raises: the others are still compared.
    except Exception as error:
        return None, 0.0, f"{type(error).__name__}: {error}"
    return confusion, time.perf_counter() - begun, None


def _per_class(confusion: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """F1, the share found and the share right of each class; NaN of a class without test rows, or without answers."""
    right = np.diag(confusion).astype(float)
    rows, answers = confusion.sum(axis=1), confusion.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        f1 = np.where(rows > 0, 2 * right / (rows + answers), np.nan)
        return f1, right / rows, right / answers


def _mean(values: NDArray[np.float64]) -> float:
    """The mean of those that there are."""
    there = values[~np.isnan(values)]
    return float(there.mean()) if len(there) else float("nan")


def _framed(rows: list[dict[str, Any]]) -> Any:
    try:
        import pandas as pd
    except ImportError:
        return {name: np.array([row[name] for row in rows]) for name in (rows[0] if rows else {})}
    return pd.DataFrame(rows)


def _would_tell(splits: int | None, rows: float | None) -> str:
    told = []
    if splits is not None:
        told.append(f"{splits} splits")
    if rows is not None:
        told.append(f"{rows:.1f} times the rows")
    if not told:
        return "Neither more splits nor a hundred times the rows would tell."
    return f"If it went on like this, {' or '.join(told)} would tell."


def _percent(chance: float) -> str:
    """A chance, never as none or all."""
    if chance < 0.01:
        return "below 1 %"
    return "above 99 %" if chance > 0.99 else f"{100 * chance:.0f} %"


def _p(p: float) -> str:
    if np.isnan(p):
        return "–"
    return f"{p:.3f}" if p >= 0.001 else f"{p:.1e}"


def _number(value: float, form: str) -> str:
    return "–" if np.isnan(value) else format(value, form)


def _span(low: float, high: float) -> str:
    return "–" if np.isnan(low) else f"{low:+.1f} to {high:+.1f}"


def _table(caption: str, heads: list[str], lines: list[str]) -> str:
    head = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in heads)
    return f"<table><caption>{html.escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


_STYLE = """<style>
.art table { border-collapse: collapse; margin: 1em 0; font-variant-numeric: tabular-nums; }
.art caption { text-align: left; padding: 0.3em 0; opacity: 0.8; }
.art th, .art td { padding: 0.25em 0.7em; text-align: right; border-bottom: 1px solid rgba(128, 128, 128, 0.35); }
.art th[scope="row"], .art .text { text-align: left; }
.art .taken { font-weight: bold; background: rgba(80, 160, 220, 0.18); }
</style>"""
