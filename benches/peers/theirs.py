"""The other side of `cargo xtask bench-peers`: does one piece of work several times and prints the seconds.

theirs.py resample METHOD ROWSxFEATURES FILE REPEATS
"""

import json
import resource
import sys
import time

import numpy as np


def timed(repeats, work):
    """Seconds of each of `repeats` runs, after one that is not counted."""
    if repeats > 1:
        work()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


def report(seconds, result):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "peak_kib": peak, "result": result}))


def read_data(shape, file):
    rows, features = map(int, shape.split("x"))
    x = np.fromfile(file, dtype="<f4", count=rows * features).reshape(rows, features)
    y = np.fromfile(file, dtype="<u4", offset=4 * rows * features)
    return x, y


def resample(method, shape, file, repeats, jobs):
    from imblearn.over_sampling import SMOTE
    from imblearn.under_sampling import NearMiss
    from sklearn.neighbors import NearestNeighbors

    x, y = read_data(shape, file)
    if method == "smote":
        neighbors = NearestNeighbors(n_neighbors=6, n_jobs=jobs)
        sampler = SMOTE(random_state=7, k_neighbors=neighbors)
    else:
        sampler = NearMiss(version=int(method[-1]), n_jobs=jobs)
    rows = []
    seconds = timed(repeats, lambda: rows.append(len(sampler.fit_resample(x, y)[1])))
    return seconds, rows[-1]


def main():
    what, *words = sys.argv[1:]
    if what == "resample":
        method, shape, file, repeats, jobs = words
        report(*resample(method, shape, file, int(repeats), int(jobs)))
    else:
        sys.exit(f"unknown work {what!r}")


if __name__ == "__main__":
    main()
