"""Before resampling: does moving the decision do as well? It keeps the probabilities as they are.

python examples/decide_first.py
"""

import numpy as np
from imblearn.pipeline import make_pipeline
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import RepeatedStratifiedKFold, TunedThresholdClassifierCV

from imbalanced_art.resample import SMOTE
from imbalanced_art.stats import corrected_t_test, holm

METHODS = {
    "as it is": LogisticRegression(),
    "threshold moved": TunedThresholdClassifierCV(LogisticRegression(), scoring="f1"),
    "SMOTE before": make_pipeline(SMOTE(random_state=0), LogisticRegression()),
}


def scores():
    """F1 and log loss of each method on each split."""
    X, y = make_classification(2000, 10, n_informative=5, weights=[0.95], random_state=0)
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=0)
    f1, loss = ({name: [] for name in METHODS} for _ in range(2))
    for train, test in folds.split(X, y):
        for name, method in METHODS.items():
            model = method.fit(X[train], y[train])
            f1[name].append(f1_score(y[test], model.predict(X[test])))
            loss[name].append(log_loss(y[test], model.predict_proba(X[test])[:, 1]))
    return f1, loss


if __name__ == "__main__":
    f1, loss = scores()
    for name in METHODS:
        print(f"{name:16} F1 {100 * np.mean(f1[name]):.1f}, log loss {np.mean(loss[name]):.3f}")
    pairs = [("threshold moved", "as it is"), ("SMOTE before", "threshold moved")]
    tests = [corrected_t_test(f1[a], f1[b], test_over_train=0.25) for a, b in pairs]
    for (a, b), test, p in zip(pairs, tests, holm([test.p_value for test in tests]), strict=True):
        print(f"{a} less {b}: {100 * test.mean_difference:+.1f}, p {p:.3g}")
