"""What the examples on real data share: each run is stored when it is done, so that a second start goes on, and tables are made of
what is stored.

python examples/results.py           writes the tables into docs/python.md
python examples/results.py --check   fails where they are not those of the stored runs
"""

import json
import os
import platform
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score

from imbalanced_art.stats import corrected_t_test, holm

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "docs/results/python"
PAGE = REPOSITORY / "docs/python.md"
BEGIN, END = "<!-- made by python/examples/results.py -->\n", "<!-- end -->\n"
LIBRARIES = ("numpy", "scikit-learn", "imbalanced-learn", "torch", "transformers")


class Runs:
    """The runs of an example; those of other settings are forgotten. Without ``keep`` nothing is stored."""

    def __init__(self, name, about, settings, keep=True):
        self.path = FOLDER / f"{name}.json" if keep else None
        self.stored = {"about": about, "settings": settings, "environment": environment(), "runs": []}
        if keep and self.path.exists():
            before = json.loads(self.path.read_text())
            if before["settings"] == settings:
                self.stored["runs"] = before["runs"]

    def do(self, method, seed, work, *arguments):
        """Stores the scores that ``work(*arguments)`` returns, of which the first is compared; not where they are there."""
        for run in self.stored["runs"]:
            if (run["method"], run["seed"]) == (method, seed):
                return
        start = time.perf_counter()
        scores = {name: round(float(score), 4) for name, score in work(*arguments).items()}
        seconds = round(time.perf_counter() - start, 1)
        self.stored["runs"].append({"method": method, "seed": seed, "scores": scores, "seconds": seconds})
        print(f"{method}, seed {seed}: {scores} in {seconds} s", flush=True)
        self.store()

    def store(self):
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(".tmp")
        head = json.dumps({key: value for key, value in self.stored.items() if key != "runs"}, indent=1)
        runs = ",\n".join("  " + json.dumps(run) for run in self.stored["runs"])
        unfinished.write_text(f'{head[:-2]},\n "runs": [\n{runs}\n ]\n}}\n')
        os.replace(unfinished, self.path)

    def table(self):
        """The stored runs as a table."""
        self.store()
        return table(self.stored)


def macro_f1(y, scores, rule):
    """Macro F1 of the largest score, and of the decision by the rule."""
    decided = {"macro F1": scores.argmax(1), "decision adjusted": rule.predict(scores)}
    return {name: f1_score(y, classes, average="macro") for name, classes in decided.items()}


def environment():
    found = {"python": platform.python_version(), "cores": os.cpu_count()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            pass
    return found


def table(stored):
    """Mean and standard deviation over the seeds that all methods have, and how the first is exceeded by the others."""
    runs, settings = stored["runs"], stored["settings"]
    methods = list(dict.fromkeys(run["method"] for run in runs))
    seeds = complete(runs)
    runs = [run for run in runs if run["seed"] in seeds]
    names = list(runs[0]["scores"])
    scores = {m: np.array([[run["scores"][n] for n in names] for run in runs if run["method"] == m]) for m in methods}
    first = scores[methods[0]][:, 0]
    tests = [corrected_t_test(scores[m][:, 0], first, test_over_train=settings["test_over_train"]) for m in methods[1:]]
    adjusted = iter(holm([1.0 if test.p_value is None else test.p_value for test in tests]) if tests else [])
    lines = [f"| method | {' | '.join(names)} | less {methods[0]} | s |", "|---" * (len(names) + 3) + "|"]
    for method in methods:
        cells = []
        for place, name in enumerate(names):
            values = scores[method][:, place] * (1 if "loss" in name else 100)
            cells.append(f"{values.mean():.{digits(name)}f} ± {values.std(ddof=1):.{digits(name)}f}")
        gain = ""
        if method != methods[0]:
            gain = f"{100 * (scores[method][:, 0] - first).mean():+.1f} (p {next(adjusted):.2g})"
        seconds = np.mean([run["seconds"] for run in runs if run["method"] == method])
        lines.append(f"| {method} | {' | '.join(cells)} | {gain} | {seconds:.1f} |")
    return "\n".join(lines)


def complete(runs):
    """The seeds that all methods have."""
    return set.intersection(*({run["seed"] for run in runs if run["method"] == of["method"]} for of in runs))


def digits(name):
    return 3 if "loss" in name else 1


def program(path):
    """A link to the example that stored this."""
    name = path.stem.partition("_")[0] + ".py"
    return f"[{name}](../python/examples/{name})"


def section():
    """Of each example what it is and its table."""
    parts = []
    for path in sorted(FOLDER.glob("*.json")):
        stored = json.loads(path.read_text())
        seeds = len(complete(stored["runs"]))
        parts.append(f"{program(path)}: {stored['about']} {seeds} seeds.\n\n{table(stored)}\n\n")
    return BEGIN + "\n" + "".join(parts) + END


if __name__ == "__main__":
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    made = before + section() + rest.split(END, 1)[1]
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if made == page else f"{PAGE} has other tables than the stored runs: python examples/results.py")
    PAGE.write_text(made)
