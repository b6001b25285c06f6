"""Prints the positive control of docs/beyond.md from the records: python3 docs/results/positive_control.py"""

import collections
import gzip
import json
import pathlib
import statistics

RECORDS = pathlib.Path(__file__).parent / "beyond" / "records.jsonl.gz"
SUBJECT = "break-even"
OTHERS = ["power-sampling", "baseline", "power-sampling:flat", "power-sampling:steep", "power-sampling:even", "art", "baseline+tau-e"]

scores = collections.defaultdict(lambda: collections.defaultdict(list))
runs = collections.defaultdict(list)
with gzip.open(RECORDS, "rt") as lines:
    for line in lines:
        if '"dataset":"synth-opposites"' in line:
            result = json.loads(line)
            spec, outcome = result["spec"], result["outcome"]
            scores[spec["method"]][spec["seed"]].append(outcome["macro_f1"])
            runs[spec["method"]].append(outcome)

# The score of a seed is the mean over its initialisations.
means = {m: {s: statistics.mean(v) for s, v in by_seed.items()} for m, by_seed in scores.items()}
print(f"{SUBJECT}: {100 * statistics.mean(means[SUBJECT].values()):.2f}")
for other in OTHERS:
    differences = [means[SUBJECT][seed] - score for seed, score in means[other].items()]
    error = statistics.stdev(differences) / len(differences) ** 0.5
    difference = statistics.mean(differences)
    print(f"{other}: {100 * statistics.mean(means[other].values()):.2f}; {SUBJECT} less it {100 * difference:+.2f}, "
          f"standard error {100 * error:.2f}, {difference / error:+.1f} errors, {len(differences)} seeds")


def shares(outcome, best):
    """What the first epoch drew from, or what the evaluated weights were last drawn from."""
    before = [r["distribution"] for r in outcome["refreshes"] if r["epoch"] < outcome["best_epoch"]]
    return before[-1] if best and before else outcome["initial_distribution"]


for method in (SUBJECT, "art"):
    for best in (False, True):
        columns = zip(*(shares(outcome, best) for outcome in runs[method]))
        text = " ".join(f"{100 * statistics.mean(column):.1f}" for column in columns)
        print(f"{method}, {'evaluated' if best else 'first'} shares of majority, narrow, broad: {text} %")
    epochs = [statistics.mean(o[key] for o in runs[method]) for key in ("best_epoch", "epochs")]
    print(f"{method}: best epoch {epochs[0]:.1f} of {epochs[1]:.1f}")
