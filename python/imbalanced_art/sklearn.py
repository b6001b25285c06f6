"""A classifier with scikit-learn's contract: any method of the library, on arrays and data frames.

It is what ``art train`` trains: the same table, settings and seed make the same model, and either side reads the other's model
files.
"""

from __future__ import annotations

import copy
import json
import os
import re
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import check_array, check_random_state
    from sklearn.utils._param_validation import Interval, StrOptions
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import (
        _check_feature_names,
        _check_n_features,
        _check_sample_weight,
        _check_y,
        _num_samples,
        check_consistent_length,
        check_is_fitted,
    )
except ImportError as error:
    raise ImportError(
        "imbalanced_art.sklearn needs scikit-learn 1.6 or newer: pip install 'imbalanced-art[sklearn]'"
    ) from error

from . import _core
from ._labels import group_codes
from ._tables import columns_of, is_frame, table_of

__all__ = ["ArtClassifier"]


class ArtClassifier(ClassifierMixin, BaseEstimator):
    """A classifier of table rows, for classes of very different sizes: networks, trained by any method of the library.

    Numbers are filled and scaled, categories become features of their own, missing values are told apart, all by the training
    rows alone: nothing has to be prepared. Columns of a data frame are taken for what their types say.

    ``predict`` follows the decision that the method moved, so that it need not be the most probable class; ``predict_proba``
    is for the shares of the classes in the training rows as they came.

    Parameters
    ----------
    method : str or None, default=None
        The method, as ``art train --method`` has it: ``"art"``, ``"smote"``, ``"power-sampling+tau-e"``, with settings as in
        ``"art:blend=0.3"``. None is what ``art train`` recommends: ``"break-even:folds=5+plug-in"``, from 50,000 rows on
        ``"break-even+plug-in"``.
    folds : int or None, default=None
        Networks, each trained without one fold of the rows; their mean answers. 1 is one network and a validation part. None is
        the method's own number, or 1.
    hidden : sequence of int or None, default=None
        Units of each hidden layer. This and what follows is by a rule for tables, from their rows and columns, where it is None.
    learning_rate : float or None, default=None
    weight_decay : float or None, default=None
    batch_size : int or None, default=None
    epochs : int or None, default=None
        Most epochs.
    patience : int or None, default=None
        Epochs without a better validation loss before training stops.
    number_encoding : {"plain", "pieces"} or None, default=None
        How numbers enter the network: scaled, or piece by piece as well.
    valid_share : float, default=0.15
        Share of rows that steer training where there is one network; folds use all rows.
    handle_unknown : {"error", "ignore"}, default="error"
        What becomes of a category that no training row has: its row is refused, or answered as having none of the known ones.
    random_state : int, RandomState, Generator or None, default=None
        A number is the library's seed: equal seeds give equal models, on any number of threads.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Where the input had names.
    method_ : str
        The title of the method that was trained.
    record_ : dict
        How it was trained: settings, every epoch, the epoch that was kept, how rows were answered out of fold.

    Notes
    -----
    ``score`` is the share of right answers, as everywhere in scikit-learn, which rare classes hardly move: give
    ``scoring="f1_macro"`` to searches and cross-validation.

    A weight of a row is that many copies of it, which are never on both sides of a split or fold; the trainer itself knows no
    weights. Whole numbers are taken as they are, up to four in the mean; others are scaled to between one copy for the
    smallest and four in the mean, and rounded by systematic sampling. A row of weight 0 is left out.

    Ctrl-C ends training after the epoch in work.

    Examples
    --------
    >>> import numpy as np
    >>> from imbalanced_art.sklearn import ArtClassifier
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat(["usual", "rare"], [180, 20])
    >>> X = rng.normal(size=(200, 3)) + 2.0 * (y == "rare")[:, None]
    >>> model = ArtClassifier(epochs=30, random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.9)
    True
    """

    _parameter_constraints: dict[str, Any] = {
        "method": [str, None],
        "folds": [Interval(Integral, 1, None, closed="left"), None],
        "hidden": ["array-like", None],
        "learning_rate": [Interval(Real, 0, None, closed="neither"), None],
        "weight_decay": [Interval(Real, 0, None, closed="left"), None],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
        "epochs": [Interval(Integral, 1, None, closed="left"), None],
        "patience": [Interval(Integral, 1, None, closed="left"), None],
        "number_encoding": [StrOptions({"plain", "pieces"}), None],
        "valid_share": [Interval(Real, 0, 1, closed="neither")],
        "handle_unknown": [StrOptions({"error", "ignore"})],
        "random_state": ["random_state", np.random.Generator],
    }

    def __init__(
        self,
        method: str | None = None,
        *,
        folds: int | None = None,
        hidden: Any = None,
        learning_rate: float | None = None,
        weight_decay: float | None = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        number_encoding: str | None = None,
        valid_share: float = 0.15,
        handle_unknown: str = "error",
        random_state: Any = None,
    ) -> None:
        self.method = method
        self.folds = folds
        self.hidden = hidden
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.patience = patience
        self.number_encoding = number_encoding
        self.valid_share = valid_share
        self.handle_unknown = handle_unknown
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None, groups: ArrayLike | None = None
    ) -> ArtClassifier:
        """Trains on these rows.

        Parameters
        ----------
        X : array-like or data frame (pandas, polars) of shape (n_rows, n_features)
            Numbers, in a frame also categories, words, truth values and dates; NaN or None where a value is missing.
        y : array-like of shape (n_rows,)
        sample_weight : array-like of shape (n_rows,) or None, default=None
        groups : array-like of shape (n_rows,) or None, default=None
            Rows of one group, such as all visits of a patient, stay in one fold, as by ``art train --group``. None may be
            missing.

        Returns
        -------
        self
            As it was before, where training fails or is interrupted.
        """
        self._validate_params()
        # A copy is trained, and what it then has is taken over at once: nothing is ever half of one model and half of another.
        fresh = copy.copy(self)
        fresh._train(X, y, sample_weight, groups)
        self.__dict__ = fresh.__dict__
        return self

    def _train(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None, groups: ArrayLike | None) -> None:
        X = self._checked(X, reset=True)
        if y is None:
            raise ValueError("ArtClassifier requires y to be passed, but the target y is None.")
        target = getattr(y, "name", None)
        y = _check_y(y, estimator=self)
        check_classification_targets(y)
        check_consistent_length(X, y)
        self.classes_, places = np.unique(y, return_inverse=True)
        names = [str(label) for label in self.classes_.tolist()]
        if len(set(names)) < len(names):
            raise ValueError("y: two classes are written alike; give them different names")
        weights = None
        if sample_weight is not None:
            weights = _check_sample_weight(sample_weight, X, dtype=np.float64)
        codes = None
        if groups is not None:
            check_consistent_length(X, groups)
            codes = group_codes(groups)
        columns = columns_of(X, self._names(X))
        target = _free_name(target if isinstance(target, str) else "class", [name for name, _ in columns])
        table = table_of(columns)
        table.labels(target, names, places.astype(np.uint32))
        self._model = _core.Classifier.fit(table, target, weights, codes, self._settings())
        self._take_record(names)

    def predict(self, X: Any) -> NDArray[Any]:
        """The class of each row, by the decision of the method.

        Parameters
        ----------
        X : array-like or data frame of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows,)
        """
        codes, _ = self._answers(X)
        return np.asarray(self.classes_[self._places[codes]])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The probability of each class in each row, for the shares of the classes in the training rows.

        Parameters
        ----------
        X : array-like or data frame of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows, n_classes)
            In the order of ``classes_``.
        """
        _, known = self._answers(X)
        # A class whose rows all have the weight 0 has no network's output.
        probabilities = np.zeros((len(known), len(self.classes_)))
        probabilities[:, self._places] = known
        return probabilities

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model file, which ``art predict`` and ``art report`` read.

        Parameters
        ----------
        path : str or path
            Replaced only once it is complete.
        """
        check_is_fitted(self)
        self._model.save(os.fspath(path))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> ArtClassifier:
        """Reads a model file that :meth:`save` or ``art train`` wrote.

        Parameters
        ----------
        path : str or path

        Returns
        -------
        ArtClassifier
            Fitted. ``method`` is that of the file, so that a clone trains the same one. The other parameters are the
            defaults, since files do not have them: give ``set_params(handle_unknown="ignore")`` again. Files have the names
            of classes: where all are numbers, or all truth values, ``classes_`` are such again. ``feature_names_in_`` are
            the columns of the file, none where they are those of an array.
        """
        model = _core.Classifier.load(os.fspath(path))
        loaded = cls()
        loaded._model = model
        names = model.class_names()
        values = _typed(names)
        order = np.argsort(values)
        loaded.classes_ = values[order]
        columns = [name for name, _ in model.columns()]
        loaded.n_features_in_ = len(columns)
        if columns != _unnamed(len(columns)):
            loaded.feature_names_in_ = np.array(columns, dtype=object)
        loaded._take_record([names[place] for place in order])
        loaded.method = _name_of(loaded.method_)
        return loaded

    def _settings(self) -> dict[str, Any]:
        random_state = self.random_state
        if isinstance(random_state, Integral):
            seed = int(random_state)
        elif isinstance(random_state, np.random.Generator):
            seed = int(random_state.integers(0, 2**64, dtype=np.uint64))
        else:
            seed = int(check_random_state(random_state).randint(0, 2**64, dtype=np.uint64))
        hidden = None if self.hidden is None else [int(units) for units in self.hidden]
        return {
            "method": self.method,
            "folds": self.folds,
            "hidden": hidden,
            "learning_rate": self.learning_rate,
            "weight_decay": self.weight_decay,
            "batch_size": self.batch_size,
            "epochs": self.epochs,
            "patience": self.patience,
            "number_encoding": self.number_encoding,
            "valid_share": float(self.valid_share),
            "seed": seed,
        }

    def _take_record(self, names: list[str]) -> None:
        """Notes how the model was trained; ``names`` are those of ``classes_``."""
        places = {name: place for place, name in enumerate(names)}
        self._places = np.array([places[name] for name in self._model.class_names()])
        self.record_ = json.loads(self._model.record())
        self.method_ = self.record_["method"]

    def _checked(self, X: Any, reset: bool) -> Any:
        """The rows as an array or as the data frame that they are."""
        if is_frame(X):
            names = list(X.columns)
            again = next((name for place, name in enumerate(names) if name in names[:place]), None)
            if again is not None:
                raise ValueError(f"column {again!r} is there twice; names must differ")
        else:
            X = check_array(X, dtype=None, ensure_all_finite=False, input_name="X", estimator=self)
            if X.dtype.kind not in "biufOUS":
                raise TypeError(
                    f"X has the type {X.dtype}; an array holds numbers or words, a data frame dates as well"
                )
        if 0 in X.shape:
            check_array(np.empty(X.shape), input_name="X", estimator=self)
        _check_feature_names(self, X, reset=reset)
        _check_n_features(self, X, reset=reset)
        return X

    def _names(self, X: Any) -> list[str]:
        if is_frame(X):
            return [str(name) for name in X.columns]
        return _unnamed(X.shape[1])

    def _answers(self, X: Any) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
        """Classes by the library's numbers, and probabilities in its order."""
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        # By place: what names there are has been held to those of the training rows.
        names = [name for name, _ in self._model.columns()]
        table = table_of(columns_of(X, names))
        try:
            codes, probabilities, _ = self._model.answer(table, self.handle_unknown == "ignore")
        except _core.ArtError as error:
            if "no training row has" not in str(error):
                raise
            raise _core.ArtError(f'{error}; set_params(handle_unknown="ignore") makes it answer such rows') from None
        assert len(codes) == _num_samples(X)
        return codes, probabilities


def _name_of(title: str) -> str | None:
    """The name of a method by its title, settings and decision rule included; None where no method has it."""
    # The longest first, since titles of some methods look like another one's with a rule.
    for name, own in sorted(_core.methods(), key=lambda entry: -len(entry[1])):
        parts = re.fullmatch(r"(?: \((.*)\))?(?: \+ (\S+))?", title.removeprefix(own))
        if not title.startswith(own) or parts is None:
            continue
        settings, rule = parts.groups()
        full: str = name + (f":{settings}" if settings else "") + (f"+{rule.replace('tauE', 'tau-e')}" if rule else "")
        try:
            if _core.method(full, 0)[1] == title:
                return full
        except ValueError:
            continue
    return None


def _unnamed(n: int) -> list[str]:
    """Names of columns that have none."""
    return [f"x{place}" for place in range(n)]


def _free_name(name: str, taken: list[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _typed(names: list[str]) -> NDArray[Any]:
    """Class names as the numbers or truth values that they stand for, where all do."""
    if set(names) <= {"True", "False"}:
        return np.array([name == "True" for name in names])
    for kind in (int, float):
        try:
            values = [kind(name) for name in names]
        except ValueError:
            continue
        if [str(value) for value in values] == names:
            return np.array(values)
    return np.array(names)
