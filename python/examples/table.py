"""A table: does resampling bring more than a decision that is moved? Nine places of proteins, from 463 rows down to 20.

    python examples/table.py [--quick]

The data are Yeast (Nakai, 1991), UCI Machine Learning Repository, CC BY 4.0, in this repository.
"""

import sys

import numpy as np
from imblearn.pipeline import make_pipeline
from results import REPOSITORY, Runs
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.preprocessing import StandardScaler

from imbalanced_art.decisions import TunedDecisionClassifierCV
from imbalanced_art.resample import SMOTE, RandomOverSampler

TEST_SIZE, SEEDS, FEWEST = 0.2, 20, 20


def yeast():
    """Features, and the classes with at least 20 rows."""
    fields = np.genfromtxt(REPOSITORY / "data/yeast.csv", delimiter=",", skip_header=1, dtype=str)
    X, y = fields[:, :-1].astype(float), fields[:, -1]
    names, counts = np.unique(y, return_counts=True)
    is_kept = np.isin(y, names[counts >= FEWEST])
    return X[is_kept], y[is_kept]


def methods(model):
    """The same model plain, with its decision adjusted, and on other rows."""
    scaled = make_pipeline(StandardScaler(), model)
    smote = make_pipeline(StandardScaler(), SMOTE(k_neighbors=3, random_state=0), model)
    return {
        "plain": scaled,
        "mean of five": TunedDecisionClassifierCV(scaled, rule="temperature"),
        "tauE": TunedDecisionClassifierCV(scaled, rule="tau-e"),
        "plug-in": TunedDecisionClassifierCV(scaled, rule="plug-in"),
        "thresholds": TunedDecisionClassifierCV(scaled, rule="thresholds"),
        "copies": make_pipeline(StandardScaler(), RandomOverSampler(random_state=0), model),
        "SMOTE": smote,
        "SMOTE and tauE": TunedDecisionClassifierCV(smote, rule="tau-e", model_prior="balanced"),
    }


def scores(method, X, y, train, test):
    method.fit(X[train], y[train])
    proba = method.predict_proba(X[test])
    return {
        "macro F1": f1_score(y[test], method.predict(X[test]), average="macro"),
        "log loss": log_loss(y[test], proba, labels=method.classes_),
    }


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    X, y = yeast()
    models = {
        "logistic": ("logistic regression", LogisticRegression(max_iter=1000)),
        "forest": ("a random forest", RandomForestClassifier(100, min_samples_leaf=2, random_state=0)),
    }
    splits = StratifiedShuffleSplit(2 if quick else SEEDS, test_size=TEST_SIZE, random_state=0).split(X, y)
    splits = list(splits)
    for short, (name, model) in models.items():
        about = f"places of proteins in yeast, nine classes of 463 to 20 rows; {name}."
        settings = {"test_size": TEST_SIZE, "test_over_train": TEST_SIZE / (1 - TEST_SIZE), "model": repr(model)}
        runs = Runs(f"table_{short}", about, settings, keep=not quick)
        for seed, (train, test) in enumerate(splits):
            for method, made in methods(model).items():
                runs.do(method, seed, scores, made, X, y, train, test)
        print(f"\n{name}\n{runs.table()}\n", flush=True)
