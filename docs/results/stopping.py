"""Prints docs/results/stopping.md from the records beside it: python3 docs/results/stopping.py > docs/results/stopping.md"""

import collections
import pathlib
import statistics

from records import read

HERE = pathlib.Path(__file__).parent
# The last is the criterion of the matrix `beyond`, whose records hold the same cells.
CRITERIA = {
    "macro-f1": "smoothed macro F1",
    "prior-corrected": "prior-corrected loss",
    "last-epoch": "none, 100 epochs",
    "native": "plain loss (as in `beyond`)",
}
METHODS = {
    "baseline": "Baseline",
    "static-blend:half": "Static blend 0.5",
    "power-sampling": "Square-root sampling",
    "art": "ART, c 0.5, bf 5",
    "break-even": "Break-even feedback",
}


def runs(criterion):
    """Macro F1 of each method by seed, and its best epochs."""
    path = HERE / ("beyond/records/synth-large.jsonl.xz" if criterion == "native" else f"stopping/{criterion}.jsonl.gz")
    scores = collections.defaultdict(lambda: collections.defaultdict(list))
    epochs = collections.defaultdict(list)
    for record in read(path):
        spec, outcome = record["spec"], record["outcome"]
        assert (spec["dataset"], spec["training"]["criterion"]) == ("synth-large", criterion)
        scores[spec["method"]][spec["seed"]].append(outcome["macro_f1"])
        epochs[spec["method"]].append(outcome["best_epoch"])
    return scores, epochs


print("""# Early stopping on the large population

Printed by `python3 docs/results/stopping.py`; do not edit. Test macro F1 × 100 on `synth-large`, ten seeds with two
initialisations each, and the difference from plain training in points with its standard error over seeds; below them the mean
of the epoch that is kept. Settings are those of the matrix `beyond` but for the criterion; each was run by `cargo xtask bench-all
--matrix docs/results/stopping/CRITERION.toml`.
""")
print("| method | " + " | ".join(CRITERIA.values()) + " |")
print("|---" * (len(CRITERIA) + 1) + "|")
found = {criterion: runs(criterion) for criterion in CRITERIA}
for method, title in METHODS.items():
    cells = []
    for scores, epochs in found.values():
        means = {seed: statistics.mean(of) for seed, of in scores[method].items()}
        plain = {seed: statistics.mean(of) for seed, of in scores["baseline"].items()}
        assert means.keys() == plain.keys() and len(means) == 10
        cell = f"{100 * statistics.mean(means.values()):.2f}"
        if method != "baseline":
            differences = [100 * (score - plain[seed]) for seed, score in means.items()]
            error = statistics.stdev(differences) / len(differences) ** 0.5
            cell += f" ({statistics.mean(differences):+.2f} ± {error:.2f})"
        cells.append(f"{cell}<br>epoch {statistics.mean(epochs[method]):.1f}")
    print(f"| {title} | " + " | ".join(cells) + " |")
