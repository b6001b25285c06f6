"""Reads the records of a results folder, packed by `art bench pack` or as a run wrote them."""

import gzip
import json
import lzma
import pathlib
import statistics


def read(path):
    """The records of a `.jsonl`, `.jsonl.gz` or `.jsonl.xz` file, each a dictionary with `spec` and `outcome`."""
    path = pathlib.Path(path)
    opener = {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)
    with opener(path, "rt") as lines:
        for line in lines:
            record = json.loads(line)
            outcome = record["outcome"]
            if "confusion" in outcome:
                outcome.setdefault("macro_f1", macro_f1(outcome["confusion"]))
            yield record


def macro_f1(confusion):
    """Macro F1, 0 to 1, of a confusion matrix with a row for each true class; packed records leave it out."""
    rows, columns = [sum(row) for row in confusion], [sum(column) for column in zip(*confusion)]
    return statistics.fmean(
        2 * confusion[k][k] / total if (total := rows[k] + columns[k]) else 0.0 for k in range(len(rows))
    )


def kept_shares(outcome):
    """Share of each class in what the epoch drew from whose weights were evaluated."""
    if "course" in outcome:
        refreshed = outcome["course"].get("kept_shares")
    else:
        before = [r["distribution"] for r in outcome["refreshes"] if r["epoch"] < outcome["best_epoch"]]
        refreshed = before[-1] if before else None
    return refreshed or outcome["initial_distribution"]
