"""The other side of `cargo xtask bench-peers models`: trees on the splits that ours are trained on.

models.py train WORK [--jobs N] [--tables A,B]   every model on every split below WORK; what is there is not trained again
models.py time SPLIT MODEL WEIGHTS SCHEME REPEATS THREADS   the seconds of one of them, a line of JSON

A split is a folder that `models export` wrote (crates/art-bench/examples/models). Beside it come, for each model, weights and
scheme, log-probabilities (`.logp`: f32, of the labelled rows that it has not seen, then of the test rows) and the seconds of one
core (`.json`).
"""

import argparse
import itertools
import json
import os
import sys
import time
from pathlib import Path

# One thread for each training; `time` ends with its own number. Libraries read this when they are loaded.
os.environ["OMP_NUM_THREADS"] = sys.argv[-1] if sys.argv[1:2] == ["time"] else "1"

import numpy as np

MODELS = ("lightgbm", "forest", "hist-gradient-boosting", "forest-leaf-1")
WEIGHTS = ("plain", "balanced")
SCHEMES = ("hold-out", "folds")
ROUNDS = 1000
PATIENCE = 30
LEARNING_RATE = 0.05
TREES = 300
# A boosted probability is no smaller: the logarithm of one that rounds to 0 would decide alone.
LEAST = 1e-6


class Split:
    def __init__(self, folder):
        self.folder = Path(folder)
        header = json.loads((self.folder / "split.json").read_text())
        self.table, self.seed, self.n_classes = header["table"], header["seed"], header["n_classes"]
        self.n_train, self.n_folds = header["n_train"], header["n_folds"]
        self.n_labelled = self.n_train + header["n_valid"]
        x = np.fromfile(self.folder / "features.f32", dtype="<f4").reshape(-1, header["n_features"])
        y = np.fromfile(self.folder / "labels.u32", dtype="<u4").astype(np.int64)
        self.x, self.y = x[: self.n_labelled], y[: self.n_labelled]
        self.x_test = x[self.n_labelled :]
        self.folds = np.fromfile(self.folder / "folds.u32", dtype="<u4")

    def parts(self, scheme):
        """Which rows are trained on and which steer, for each fit."""
        if scheme == "hold-out":
            rows = np.arange(self.n_labelled)
            return [(rows < self.n_train, rows >= self.n_train)]
        return [(self.folds != fold, self.folds == fold) for fold in range(self.n_folds)]


def least_rows(y, n_classes):
    """Rows of a leaf: 20 as the libraries have it, fewer where classes have few rows themselves."""
    return int(min(20, max(2, len(y) // (10 * n_classes))))


def balanced(y, of, n_classes):
    """The weights of `of` that make the classes of `y` equally heavy."""
    counts = np.bincount(y, minlength=n_classes)
    return (len(y) / (np.count_nonzero(counts) * np.maximum(counts, 1)))[of]


class LightGbm:
    def __init__(self, n_classes, seed, threads):
        import lightgbm

        self.library = lightgbm
        self.n_classes, self.seed, self.threads = n_classes, seed, threads

    def fit(self, train, valid):
        lightgbm = self.library
        (x, y, weights), (x_valid, y_valid, weights_valid) = train, valid
        objective = {"objective": "binary"}
        if self.n_classes > 2:
            objective = {"objective": "multiclass", "num_class": self.n_classes}
        rows = lightgbm.Dataset(x, y, weight=weights)
        steering = lightgbm.Dataset(x_valid, y_valid, weight=weights_valid, reference=rows)
        self.model = lightgbm.train(
            {
                **objective,
                "learning_rate": LEARNING_RATE,
                "num_leaves": 31,
                "min_data_in_leaf": least_rows(y, self.n_classes),
                "seed": self.seed,
                "num_threads": self.threads,
                "verbosity": -1,
                "deterministic": True,
                "force_col_wise": True,
            },
            rows,
            ROUNDS,
            valid_sets=[steering],
            callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
        )

    def probabilities(self, x):
        answers = self.model.predict(x, num_iteration=self.model.best_iteration, num_threads=self.threads)
        return answers if answers.ndim == 2 else np.stack([1 - answers, answers], axis=1)


class HistGradientBoosting:
    def __init__(self, n_classes, seed, _):
        from sklearn.ensemble import HistGradientBoostingClassifier

        self.made_by = HistGradientBoostingClassifier
        self.n_classes, self.seed = n_classes, seed

    def fit(self, train, valid):
        (x, y, weights), (x_valid, y_valid, weights_valid) = train, valid
        self.model = self.made_by(
            learning_rate=LEARNING_RATE,
            max_iter=ROUNDS,
            max_leaf_nodes=31,
            min_samples_leaf=least_rows(y, self.n_classes),
            early_stopping=True,
            n_iter_no_change=PATIENCE,
            random_state=self.seed,
        )
        self.model.fit(x, y, weights, X_val=x_valid, y_val=y_valid, sample_weight_val=weights_valid)
        # The library keeps the rounds after the best one, LightGBM does not.
        self.best = max(1, int(np.argmax(self.model.validation_score_)))

    def probabilities(self, x):
        staged = self.model.staged_predict_proba(x)
        return next(itertools.islice(staged, self.best - 1, None))


class Forest:
    def __init__(self, n_classes, seed, threads, least=2):
        from sklearn.ensemble import RandomForestClassifier

        self.made_by = RandomForestClassifier
        self.n_classes, self.seed, self.threads, self.least = n_classes, seed, threads, least

    def fit(self, train, _):
        x, y, weights = train
        self.model = self.made_by(
            n_estimators=TREES, min_samples_leaf=self.least, random_state=self.seed, n_jobs=self.threads
        )
        self.model.fit(x, y, weights)

    def probabilities(self, x):
        # As if one more tree knew nothing: a class that no tree votes for is not impossible.
        return (TREES * self.model.predict_proba(x) + 1 / self.n_classes) / (TREES + 1)


def make(name, split, threads):
    arguments = (split.n_classes, split.seed, threads)
    if name == "lightgbm":
        return LightGbm(*arguments)
    if name == "hist-gradient-boosting":
        return HistGradientBoosting(*arguments)
    return Forest(*arguments, least=1 if name == "forest-leaf-1" else 2)


def evaluate(split, name, weights, scheme, threads=1):
    """Log-probabilities of the labelled rows that were not seen and of the test rows, and seconds of both parts."""
    unseen = np.full((split.n_labelled, split.n_classes), np.nan)
    test = np.zeros((len(split.x_test), split.n_classes))
    train_seconds = answer_seconds = 0.0
    parts = split.parts(scheme)
    for trained, steering in parts:
        y = split.y[trained]

        def weighted(rows):
            own = balanced(y, split.y[rows], split.n_classes) if weights == "balanced" else None
            return split.x[rows], split.y[rows], own

        model = make(name, split, threads)
        start = time.process_time()
        model.fit(weighted(trained), weighted(steering))
        answers = model.probabilities(split.x[steering])
        # A class that the fit has no row of has no column; every class has one here.
        assert answers.shape[1] == split.n_classes, f"{answers.shape[1]} classes"
        unseen[steering] = answers
        middle = time.process_time()
        test += model.probabilities(split.x_test) / len(parts)
        train_seconds += middle - start
        answer_seconds += time.process_time() - middle
    if scheme == "hold-out":
        unseen = unseen[split.n_train :]
    # Rows that no fold holds out have no answer; whoever reads this leaves them out.
    unseen[np.isnan(unseen)] = 1 / split.n_classes
    logs = [np.log(np.maximum(part, LEAST)).astype("<f4") for part in (unseen, test)]
    return logs, train_seconds, answer_seconds


def train_model(task):
    """One model with every weights and scheme on one split."""
    folder, name = task
    split = Split(folder)
    for weights, scheme in itertools.product(WEIGHTS, SCHEMES):
        header = split.folder / f"{name}.{weights}.{scheme}.json"
        if header.exists():
            continue
        logs, train_seconds, answer_seconds = evaluate(split, name, weights, scheme)
        np.concatenate(logs).tofile(header.with_suffix(".logp"))
        text = json.dumps(
            {
                "model": name,
                "weights": weights,
                "scheme": scheme,
                "train_seconds": train_seconds,
                "answer_seconds": answer_seconds,
            }
        )
        unfinished = header.with_suffix(".unfinished")
        unfinished.write_text(text)
        unfinished.replace(header)
    return f"{name} on {split.table}/{split.seed}"


def train(work, jobs, tables):
    import multiprocessing

    folders = [path.parent for path in Path(work).glob("*/*/split.json")]
    folders = [folder for folder in folders if not tables or folder.parent.name in tables]
    tasks = list(itertools.product(folders, MODELS))
    # The second kind of forest last; all tables have a seed before one has two, but for large ones, which come later.
    size = {folder: (folder / "features.f32").stat().st_size for folder in folders}
    first = min((int(folder.name) for folder in folders), default=0)

    def turn(task):
        folder, name = task
        place = int(folder.name) - first
        return name == MODELS[-1], 2 * place + 2 if size[folder] > 300_000 else place, size[folder]

    tasks.sort(key=turn)
    start = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for done, name in enumerate(pool.imap_unordered(train_model, tasks, chunksize=1), 1):
            print(f"{done} of {len(tasks)}: {name}, {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)


def measure(folder, name, weights, scheme, repeats, threads):
    import resource

    split = Split(folder)
    make(name, split, threads)
    seconds = []
    # The first one does not count, but where one takes long.
    while len(seconds) <= repeats and sum(seconds) < 10:
        start = time.perf_counter()
        evaluate(split, name, weights, scheme, threads)
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds[1:] or seconds, "peak_kib": peak, "result": 0}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    of_train = commands.add_parser("train")
    of_train.add_argument("work")
    of_train.add_argument("--jobs", type=int, default=2)
    of_train.add_argument("--tables", default="")
    of_time = commands.add_parser("time")
    for name in ("split", "model", "weights", "scheme"):
        of_time.add_argument(name)
    of_time.add_argument("repeats", type=int)
    of_time.add_argument("threads", type=int)
    arguments = parser.parse_args()
    if arguments.command == "train":
        train(arguments.work, arguments.jobs, [name for name in arguments.tables.split(",") if name])
    else:
        words = (arguments.split, arguments.model, arguments.weights, arguments.scheme)
        measure(*words, arguments.repeats, arguments.threads)


if __name__ == "__main__":
    main()
