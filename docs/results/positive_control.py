"""Prints the numbers of docs/beyond.md on made-up populations from the records: python3 docs/results/positive_control.py"""

import collections
import pathlib
import statistics

from records import kept_shares, read

RECORDS = pathlib.Path(__file__).parent / "beyond" / "records"
OTHERS = ["power-sampling", "baseline", "power-sampling:flat", "power-sampling:steep", "power-sampling:even", "art", "baseline+tau-e"]
COMPARED = {
    "synth-opposites": {"break-even": OTHERS},
    "synth-large": {
        "break-even": ["baseline", "art", "power-sampling", "power-sampling:steep", "power-sampling+tau-e", "logistic-break-even"],
        "art": ["baseline", "static-blend:half", "frozen-art"],
    },
}

scores = collections.defaultdict(lambda: collections.defaultdict(list))
runs = collections.defaultdict(list)
for dataset in COMPARED:
    for record in read(RECORDS / f"{dataset}.jsonl.xz"):
        spec, outcome = record["spec"], record["outcome"]
        scores[dataset, spec["method"]][spec["seed"]].append(outcome["macro_f1"])
        runs[dataset, spec["method"]].append(outcome)

# The score of a seed is the mean over its initialisations.
means = {of: {seed: statistics.mean(v) for seed, v in by_seed.items()} for of, by_seed in scores.items()}
for dataset, subjects in COMPARED.items():
    for subject, others in subjects.items():
        own = means[dataset, subject]
        print(f"{dataset}: {subject}: {100 * statistics.mean(own.values()):.2f}")
        for other in others:
            its = means[dataset, other]
            differences = [own[seed] - score for seed, score in its.items()]
            error = statistics.stdev(differences) / len(differences) ** 0.5
            difference = statistics.mean(differences)
            errors = f"{difference / error:+.1f} errors" if error > 0 else "no error"
            print(f"  {other}: {100 * statistics.mean(its.values()):.2f}; {subject} less it {100 * difference:+.2f}, "
                  f"standard error {100 * error:.2f}, {errors}, {len(differences)} seeds")


for dataset, method in (("synth-opposites", "break-even"), ("synth-opposites", "art")):
    for best in (False, True):
        outcomes = runs[dataset, method]
        columns = zip(*(kept_shares(o) if best else o["initial_distribution"] for o in outcomes))
        text = " ".join(f"{100 * statistics.mean(column):.1f}" for column in columns)
        print(f"{method}, {'evaluated' if best else 'first'} shares of majority, narrow, broad: {text} %")
    epochs = [statistics.mean(o[key] for o in runs[dataset, method]) for key in ("best_epoch", "epochs")]
    print(f"{method}: best epoch {epochs[0]:.1f} of {epochs[1]:.1f}")
for method in ("baseline", "art", "break-even"):
    epochs = [statistics.mean(o[key] for o in runs["synth-large", method]) for key in ("best_epoch", "epochs")]
    print(f"synth-large: {method}: best epoch {epochs[0]:.1f} of {epochs[1]:.1f}")
