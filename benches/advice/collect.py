"""Scores of `art compare` on many tables, from which the advice of `art compare` knows what to expect.

collect.py --art PROGRAM --tables FOLDER [--work FOLDER] [--out FILE] [--jobs N]

The tables are those of the repository's data folder and of a folder of further ones, whose target is the column
`class`. Each is compared with the program's defaults for a table, 20 splits (10 above 5,000 rows); what is done already is
kept. The result has a line for each table and split: macro F1 × 100 of each method in the test rows.
"""

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
METHODS = [
    "logistic",
    "baseline",
    "ros",
    "rus",
    "smote",
    "cost",
    "focal",
    "balanced-softmax",
    "art",
    "break-even",
    "static-blend",
    "power-sampling",
    "baseline+tau-e",
    "power-sampling+tau-e",
    "static-blend+tau-e",
    "break-even+plug-in",
    "baseline:folds=5+plug-in",
    "power-sampling:folds=5+plug-in",
    "break-even:folds=5+plug-in",
]
OWN = {
    "ecoli": ("ecoli.csv", "class"),
    "glass": ("glass.csv", "Type"),
    "page-blocks": ("page-blocks.csv", "class"),
    "pima": ("pima.csv", "Outcome"),
    "satimage": ("satimage.csv", "class"),
    "wine": ("winequality-red.csv", "quality"),
    "yeast": ("yeast.csv", "class"),
}
MANY_ROWS = 5_000


def n_rows(path):
    with path.open() as file:
        return sum(1 for _ in file) - 1


def tables(folder):
    found = {name: (ROOT / "data" / file, target) for name, (file, target) in OWN.items()}
    found |= {path.stem: (path, "class") for path in sorted(folder.glob("*.csv"))}
    return dict(sorted(found.items(), key=lambda item: n_rows(item[1][0])))


def compare(arguments, name, path, target):
    """What the program says of a table, as JSON."""
    seeds = 10 if n_rows(path) > MANY_ROWS else 20
    command = [arguments.art, "compare", path, "--target", target, "--methods", ",".join(METHODS)]
    # Classes of two or three rows cannot be in every part.
    command += ["--small-classes", "join"] if name == "ecoli" else []
    command += ["--seeds", seeds, "--out", arguments.work / name, "--jobs", arguments.jobs, "--json"]
    # Bad values are what the table has; what the program says of them is not what is asked here.
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
    if done.returncode != 0:
        print(f"{name}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--art", required=True, type=Path)
    parser.add_argument("--tables", required=True, type=Path)
    parser.add_argument("--work", type=Path, default=ROOT / "results" / "advice")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "results" / "advice" / "scores.csv")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    lines = []
    for name, (path, target) in tables(arguments.tables).items():
        found = compare(arguments, name, path, target)
        if found is None:
            continue
        of_split = {}
        for method in found["methods"]:
            for score in method["scores"]:
                of_split.setdefault(score["seed"], {})[method["method"]] = f"{100 * score['macro_f1']:.3f}"
        for split, scores in sorted(of_split.items()):
            lines.append([name, n_rows(path), split, *(scores.get(method, "") for method in METHODS)])
        print(f"{name}: done", flush=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with arguments.out.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["table", "rows", "split", *METHODS])
        writer.writerows(sorted(lines))


if __name__ == "__main__":
    main()
