"""Golden values for the resampling methods, written to related.json.

pip install imbalanced-learn==0.14.2 scikit-learn==1.9.1 smote-variants==1.0.1 numpy==2.4.6
Run in this folder: python related.py
"""

import json
import logging
from importlib.metadata import version
from unittest.mock import patch

import numpy as np
from imblearn.over_sampling import ADASYN, BorderlineSMOTE
from imblearn.under_sampling import (
    CondensedNearestNeighbour,
    EditedNearestNeighbours,
    OneSidedSelection,
    RepeatedEditedNearestNeighbours,
    TomekLinks,
)
from sklearn.neighbors import NearestNeighbors
from smote_variants import MSYN

# name, seed, rows per class, dimensions, distance of the class means along every axis.
CASES = [
    ("binary", 107, [60, 20], 2, 1.2),
    ("three", 190, [50, 25, 12], 4, 0.9),
    ("far", 176, [40, 15], 8, 0.8),
]

NOTE = {
    "all": "Rows and labels are 0-based; row lists ascend; a row is never its own neighbour; distances are "
    "Euclidean in float64 on float32 values. No row has two equal distances, so neighbour order is unambiguous.",
    "features, labels": "The data set; labels are 0, 1, ... in order of falling class size.",
    "tomek_all": "Kept rows of TomekLinks('all'): both rows of every link go.",
    "tomek_not_minority": "Kept rows of TomekLinks('not minority'): of every link the rows outside the smallest "
    "class go, so both where neither is of the smallest class.",
    "tomek_links": "[i, j], i < j: mutual nearest neighbours with different labels.",
    "enn": "Kept rows of EditedNearestNeighbours, key sampling_strategy/kind/k. any (imblearn 'all'): a row goes "
    "if any of its k neighbours has another label. mode: a row goes if the most frequent label of its neighbours "
    "is not its own; on a tied vote the smallest label wins. All rows are judged against the whole set.",
    "enn_mode_ties": "By k: rows whose neighbours' vote is tied, each as [row, labels with the most votes].",
    "renn": "Kept rows of RepeatedEditedNearestNeighbours('all', kind_sel='all', k=3, max_iter=100). Each pass is "
    "ENN on the rows left. It stops after a pass that (a) removes nothing, (b) leaves a class other than the "
    "smallest of the input with fewer rows than that smallest class had in the input (not has now), or (c) "
    "leaves a class empty. That pass's result is kept, not undone.",
    "renn_end": "Number of passes, which of a, b, c held after the last, and rows left by class.",
    "borderline": "Neighbours are the m nearest of all rows, o of them with label != class. danger: m/2 <= o < m; "
    "noise: o = m.",
    "adasyn": "ratios: share of label != class among the k nearest of all rows, not normalised. counts: "
    "rint(ratio / sum of ratios * (n_largest - n_class)), half to even; not corrected to sum to the total.",
    "safe_levels": "Number of rows of the class among the k nearest of all rows.",
    "oss": "OneSidedSelection. For each class but the smallest one seed row; the class's other rows are kept if "
    "1-NN on (smallest class + this seed) gives them another label. Smallest class and seeds are kept; then "
    "TomekLinks('not minority') on the rows kept, which can remove a seed.",
    "cnn": "CondensedNearestNeighbour. For each class but the smallest: store = smallest class + seed row; once "
    "through the class's rows in ascending order, a row that 1-NN on the store misclassifies joins the store. "
    "One pass only, no other class in the store. kept: what imblearn returns. Its list of rows to skip mixes row "
    "indices with positions within the class, so it can skip rows it should test; kept_by_rule is the same pass "
    "without that.",
    "msyn": "Class 1 against the rest. h: distance to the nearest other row of the same side, s: to the nearest "
    "row of the other side.",
}


def ints(values):
    return [int(v) for v in values]


def kept(sampler, X, y):
    sampler.fit_resample(X, y)
    return sorted(ints(sampler.sample_indices_))


def make(seed, sizes, dimensions, shift):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    # Means: the origin, shift on every axis, shift on every axis with alternating sign.
    means = np.array([np.zeros(dimensions), np.ones(dimensions), (-1.0) ** np.arange(dimensions)])
    X = (rng.normal(size=(len(y), dimensions)) + shift * means[y]).astype(np.float32)
    return X.astype(np.float64), y


def squared_distances(X):
    return ((X[:, None, :] - X[None, :, :]) ** 2).sum(axis=2)


def check_no_ties(X):
    ordered = np.sort(squared_distances(X), axis=1)[:, 1:]
    assert ordered.min() > 0
    gap = (np.diff(ordered, axis=1) / ordered[:, 1:]).min()
    assert gap > 5e-6, gap  # relative; wide enough for float32 arithmetic, too


def neighbours(X, k):
    found = NearestNeighbors(n_neighbors=k + 1).fit(X).kneighbors(X, return_distance=False)
    assert (found[:, 0] == np.arange(len(X))).all()
    return found[:, 1:]


def tomek_links(X, y):
    nearest = neighbours(X, 1)[:, 0]
    return [[i, int(j)] for i, j in enumerate(nearest) if i < j and nearest[j] == i and y[i] != y[j]]


def mode_ties(X, y, k):
    votes = [np.bincount(y[row]) for row in neighbours(X, k)]
    winners = [ints(np.flatnonzero(v == v.max())) for v in votes]
    return [[i, w] for i, w in enumerate(winners) if len(w) > 1]


def renn(X, y):
    def run(passes):
        sampler = RepeatedEditedNearestNeighbours(
            sampling_strategy="all", kind_sel="all", n_neighbors=3, max_iter=passes
        )
        return kept(sampler, X, y), sampler.n_iter_

    rows, passes = run(100)
    one_pass_less = run(passes - 1)[0] if passes > 1 else list(range(len(y)))
    before, after = np.bincount(y), np.bincount(y[rows], minlength=y.max() + 1)
    others = np.delete(after, before.argmin())
    reasons = {
        "a": rows == one_pass_less,
        "b": (others[others > 0] < before.min()).any(),
        "c": not after.all(),
    }
    return rows, {"passes": passes, "reasons": [r for r, held in reasons.items() if held], "left": ints(after)}


def borderline(X, y, c, m=10):
    sampler, nn = BorderlineSMOTE(), NearestNeighbors(n_neighbors=m + 1).fit(X)
    rows = np.flatnonzero(y == c)
    found = {k: ints(rows[sampler._in_danger_noise(nn, X[rows], c, y, kind=k)]) for k in ("danger", "noise")}
    return {"class": c, "m": m, **found}


def adasyn(X, y, c, k=5):
    rows = np.flatnonzero(y == c)
    wanted = int(np.bincount(y).max() - len(rows))
    ratios = (y[neighbours(X, k)[rows]] != c).sum(axis=1) / k
    with patch.object(np, "rint", wraps=np.rint) as rint:
        ADASYN(sampling_strategy={c: len(rows) + wanted}, n_neighbors=k, random_state=0).fit_resample(X, y)
    share = rint.call_args.args[0]
    assert (share == ratios / ratios.sum() * wanted).all()
    assert (np.abs(share % 1 - 0.5) > 1e-6).all()  # no count is decided by a rounding error
    counts = ints(np.rint(share))
    return {"class": c, "k": k, "ratios": ratios.tolist(), "counts": counts, "rows": ints(rows)}


def safe_levels(X, y, c, k=5):
    rows = np.flatnonzero(y == c)
    return {"class": c, "k": k, "rows": ints(rows), "levels": ints((y[neighbours(X, k)[rows]] == c).sum(axis=1))}


def seeded(sampler, X, y):
    """Kept rows and the seed rows: both samplers fit on the smallest class's rows followed by the seed."""
    rows = kept(sampler, X, y)
    sizes = np.bincount(y)
    classes = [int(c) for c in np.unique(y) if c != sizes.argmin()]
    fitted = [e._fit_X[sizes.min()] for e in sampler.estimators_]
    seeds = {c: int(np.flatnonzero((X == x).all(axis=1))[0]) for c, x in zip(classes, fitted, strict=True)}
    draw = np.random.RandomState(0)  # one generator for all classes, in order of label
    assert seeds == {c: np.flatnonzero(y == c)[draw.randint(0, sizes[c], size=1)][0] for c in classes}
    return {"seed_rows": seeds, "kept": rows}


def cnn(X, y):
    result = seeded(CondensedNearestNeighbour(n_seeds_S=1, n_neighbors=1, random_state=0), X, y)
    # With a class's rows first, their indices are their positions within the class: imblearn's rule, no mix-up.
    draw, smallest = np.random.RandomState(0), np.flatnonzero(y == np.bincount(y).argmin())
    by_rule = set(ints(smallest))
    for c, seed in result["seed_rows"].items():
        order = np.append(np.flatnonzero(y == c), smallest)
        alone = CondensedNearestNeighbour(sampling_strategy=[c], n_seeds_S=1, n_neighbors=1, random_state=draw)
        by_rule.update(ints(order[kept(alone, X[order], y[order])]))
        assert seed in by_rule
    return {**result, "kept_by_rule": sorted(by_rule)}


def msyn(X, y):
    distances = np.sqrt(squared_distances(X))
    same = y[:, None] == y[None, :]
    off = ~np.eye(len(y), dtype=bool)
    h = np.where(same & off, distances, np.inf).min(axis=1)
    s = np.where(~same, distances, np.inf).min(axis=1)
    assert np.allclose([h, s], MSYN().determine_nearest_hit_miss_dist(X, y, {}), rtol=1e-12, atol=0)
    return {"h": h.tolist(), "s": s.tolist()}


def case(name, seed, sizes, dimensions, shift):
    X, y = make(seed, sizes, dimensions, shift)
    check_no_ties(X)
    enn = {}
    for key in ("all/any/3", "not minority/any/3", "all/mode/3", "not minority/mode/3", "all/any/5", "not minority/mode/5"):
        strategy, kind, k = key.split("/")
        kind = "all" if kind == "any" else kind
        enn[key] = kept(EditedNearestNeighbours(sampling_strategy=strategy, kind_sel=kind, n_neighbors=int(k)), X, y)
    smaller = range(1, len(sizes))
    renn_rows, renn_end = renn(X, y)
    fields = {
        "name": name,
        "features": X.tolist(),
        "labels": y.tolist(),
        "tomek_all": kept(TomekLinks(sampling_strategy="all"), X, y),
        "tomek_not_minority": kept(TomekLinks(sampling_strategy="not minority"), X, y),
        "tomek_links": tomek_links(X, y),
        "enn": enn,
        "enn_mode_ties": {k: mode_ties(X, y, k) for k in (3, 5)},
        "renn": renn_rows,
        "renn_end": renn_end,
        "borderline": [borderline(X, y, c) for c in smaller],
        "adasyn": [adasyn(X, y, c) for c in smaller],
        "safe_levels": [safe_levels(X, y, c) for c in smaller],
        "oss": seeded(
            OneSidedSelection(n_seeds_S=1, n_neighbors=1, sampling_strategy="not minority", random_state=0), X, y
        ),
        "cnn": cnn(X, y),
    }
    if name == "binary":
        fields["msyn"] = msyn(X, y)
    return fields


def main():
    logging.disable(logging.INFO)  # smote-variants
    packages = ("imbalanced-learn", "scikit-learn", "smote-variants", "numpy", "scipy")
    result = {"note": NOTE, "versions": {p: version(p) for p in packages}, "cases": [case(*c) for c in CASES]}
    lines = ",\n  ".join(  # one field of a case per line
        "{" + ",\n   ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in c.items()) + "}" for c in result["cases"]
    )
    head = json.dumps({k: v for k, v in result.items() if k != "cases"}, indent=1)
    with open("related.json", "w") as file:
        file.write(head[:-2] + ',\n "cases": [\n  ' + lines + "\n ]\n}\n")


if __name__ == "__main__":
    main()
