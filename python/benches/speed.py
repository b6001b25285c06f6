"""Times of the package beside PyTorch's sampler and imbalanced-learn, as a table; the best of several runs of each.

python benches/speed.py [samplers] [resamplers]
"""

import os

for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

import sys
import time
import warnings

import numpy as np

warnings.simplefilter("ignore")


def seconds(work, rounds=3):
    """The least time that the work takes."""
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return min(took)


def row(what, ours, theirs):
    print(f"| {what} | {ours:.3f} | {theirs:.3f} | {theirs / ours:.1f} |", flush=True)


def samplers(n=10_000_000, k=100):
    import torch
    from torch.utils.data import WeightedRandomSampler

    from imbalanced_art import ArtSampler
    from imbalanced_art.torch import ArtSampler as TorchSampler

    shares = 0.95 ** np.arange(k)
    labels = np.random.default_rng(0).choice(k, n, p=shares / shares.sum())
    weights = torch.from_numpy((1 / np.bincount(labels))[labels])
    print(f"| rows of an epoch, {n:,} rows, {k} classes | here, s | PyTorch, s | times |\n|---|---|---|---|")
    plain = ArtSampler(labels)
    theirs = WeightedRandomSampler(weights, n)
    drawn = seconds(lambda: torch.multinomial(weights, n, True)) if n < 2**24 else float("nan")
    row("as an array", seconds(lambda: plain.draw(1)), drawn)
    one = TorchSampler(labels, num_replicas=1, rank=0)
    row("as a loader asks for them", seconds(lambda: sum(1 for _ in one)), seconds(lambda: sum(1 for _ in theirs)))
    # Each of 8 ranks draws the whole epoch elsewhere, and keeps its part.
    eighth = TorchSampler(labels, num_replicas=8, rank=0)
    row(
        "the part of one of 8 ranks",
        seconds(lambda: sum(1 for _ in eighth)),
        seconds(lambda: sum(1 for _ in list(theirs)[::8])),
    )
    start = time.perf_counter()
    ArtSampler(labels)
    print(f"\nMaking the sampler from labels: {time.perf_counter() - start:.3f} s")


def resamplers(n=20_000, d=20):
    import imblearn.over_sampling as over
    import imblearn.under_sampling as under
    from sklearn.datasets import make_classification

    from imbalanced_art import resample

    X, y = make_classification(n, d, n_informative=10, weights=[0.9], random_state=0)
    print(f"| `fit_resample`, {n:,} × {d}, 10 % minority | here, s | imbalanced-learn, s | times |\n|---|---|---|---|")
    for name, settings, module, their_settings in [
        ("RandomOverSampler", {"random_state": 0}, over, {"random_state": 0}),
        ("SMOTE", {"random_state": 0}, over, {"random_state": 0}),
        ("BorderlineSMOTE", {"random_state": 0}, over, {"random_state": 0}),
        ("ADASYN", {"random_state": 0}, over, {"random_state": 0}),
        ("RandomUnderSampler", {"random_state": 0}, under, {"random_state": 0}),
        ("NearMiss", {}, under, {"n_jobs": -1}),
        ("TomekLinks", {}, under, {"n_jobs": -1}),
        ("EditedNearestNeighbours", {"kind_sel": "all"}, under, {"n_jobs": -1}),
    ]:
        ours = getattr(resample, name)(**settings)
        theirs = getattr(module, name)(**their_settings)
        row(
            name,
            seconds(lambda made=ours: made.fit_resample(X, y)),
            seconds(lambda made=theirs: made.fit_resample(X, y)),
        )


if __name__ == "__main__":
    for suite in sys.argv[1:] or ["samplers", "resamplers"]:
        {"samplers": samplers, "resamplers": resamplers}[suite]()
        print()
