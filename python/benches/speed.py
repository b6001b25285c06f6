"""Times of the package beside PyTorch's sampler, art-resampling, imbalanced-learn and the Rust library, in one run.

    cargo build --release --no-default-features --package art-bench --example peer
    python benches/speed.py [--small] [--rounds 5] [--peer PATH] [samplers] [resamplers]

Every round does the work once on each side, in turn; a ratio is of the two times of one round, and the table has the median with the
smallest and the largest. The Rust side is a process of its own (`crates/art-bench/examples/peer.rs`), which reads the same rows and says what
the work took. Writes docs/performance/python.md, and joins docs/performance.md anew; `--small` writes nothing.
"""

import os

for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benches/peers"))

import bench_peers as peers

warnings.simplefilter("ignore")
PAGE = ROOT / "docs/performance/python.md"
PACKAGES = ("numpy", "torch", "scikit-learn", "imbalanced-learn", "art-resampling")
#: What `fit_resample` is to reach of the Rust side's speed.
GOAL = 0.8
RESAMPLERS = {
    # Name in the library, in imbalanced-learn's module, and settings there and here.
    "smote": ("SMOTE", "over_sampling", {"random_state": 0}),
    "borderline-smote": ("BorderlineSMOTE", "over_sampling", {"random_state": 0}),
    "adasyn": ("ADASYN", "over_sampling", {"random_state": 0}),
    "nearmiss-1": ("NearMiss", "under_sampling", {"n_jobs": -1}),
    "tomek": ("TomekLinks", "under_sampling", {"n_jobs": -1}),
    "enn": ("EditedNearestNeighbours", "under_sampling", {"n_jobs": -1, "kind_sel": "all"}),
}


def seconds(work, repeats=1):
    """The median time that the work takes."""
    took = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def told_seconds(command):
    """The median time that a process of the Rust side tells."""
    return statistics.median(peers.run(command)["seconds"])


def in_turn(sides, rounds):
    """The times of each side, a round after the other; before them each is run once."""
    for side in sides.values():
        side()
    times = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            times[name].append(side())
    return times


def ratio(numerators, denominators):
    """The median ratio of one round's times with the smallest and the largest."""
    ratios = sorted(a / b for a, b in zip(numerators, denominators, strict=True))
    return statistics.median(ratios), f"{statistics.median(ratios):.2g} [{ratios[0]:.2g}, {ratios[-1]:.2g}]"


def shown(times):
    return peers.seconds(statistics.median(times))


def samplers(rounds, n, k=100):
    import torch
    from art_resampling.dataset import ARTDataset
    from torch.utils.data import WeightedRandomSampler

    from imbalanced_art import ArtSampler
    from imbalanced_art.torch import ArtSampler as TorchSampler

    shares = 0.95 ** np.arange(k)
    labels = np.random.default_rng(0).choice(k, n, p=shares / shares.sum())
    weights = torch.from_numpy((1 / np.bincount(labels))[labels])
    plain, one = ArtSampler(labels), TorchSampler(labels, num_replicas=1, rank=0)
    eighth = TorchSampler(labels, num_replicas=8, rank=0)
    theirs = WeightedRandomSampler(weights, n)
    # It keeps rows and not their numbers; one column is the least that they can have.
    peer = ARTDataset(np.zeros((n, 1), np.float32), labels, c=0.3, cls_weights=[1 / k] * k, enable_art=True)
    # (What, here, there, by whom.)
    works = [
        ("as an array", lambda: plain.draw(1), lambda: peer.refresh([1 / k] * k), "art-resampling"),
        (
            "as a loader asks for them",
            lambda: sum(1 for _ in one),
            lambda: sum(1 for _ in theirs),
            "WeightedRandomSampler",
        ),
        (
            "the part of one of 8 ranks (there: all are drawn, the rest left out)",
            lambda: sum(1 for _ in eighth),
            lambda: sum(1 for _ in list(theirs)[::8]),
            "WeightedRandomSampler",
        ),
        ("making the sampler from labels", lambda: ArtSampler(labels), None, ""),
    ]
    if n < 2**24:
        drawn = ("as an array", lambda: plain.draw(1), lambda: torch.multinomial(weights, n, True), "torch.multinomial")
        works.insert(0, drawn)
    lines = [
        f"| rows of an epoch, {n:,} rows, {k} classes | here | there | by | there over here |",
        "|---|---|---|---|---|",
    ]
    for what, ours, other, whose in works:
        sides = {"here": partial(seconds, ours)}
        if other is not None:
            sides["there"] = partial(seconds, other)
        times = in_turn(sides, rounds)
        there = (shown(times["there"]), whose, ratio(times["there"], times["here"])[1]) if other else ("", "", "")
        lines.append(f"| {what} | {shown(times['here'])} | {' | '.join(there)} |")
        print(lines[-1], flush=True)
    return lines


def rows_of(program, shape, folder):
    """The rows that all sides read: f32 features and labels, as the Rust side makes them."""
    file = Path(folder) / shape
    subprocess.run([program, "data", shape, file], check=True)
    n, d = map(int, shape.split("x"))
    words = np.fromfile(file, dtype=np.float32)
    return file, words[: n * d].reshape(n, d).astype(np.float64), words[n * d :].view(np.uint32).astype(np.int64)


def resamplers(rounds, shapes, program):
    import imblearn.over_sampling
    import imblearn.under_sampling

    from imbalanced_art import resample

    lines = [
        "| `fit_resample`, f64 from numpy, ratio 10 | here | Rust | Rust over here | at least | imbalanced-learn | it over here |",
        "|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for shape in shapes:
            file, X, y = rows_of(program, shape, folder)
            for method, (name, module, settings) in RESAMPLERS.items():
                own = {key: value for key, value in settings.items() if key != "n_jobs"}
                ours = getattr(resample, name)(**own)
                theirs = getattr(getattr(imblearn, module), name)(**settings)
                command = [program, "resample", method, shape, file, 3]
                sides = {
                    "here": partial(seconds, partial(ours.fit_resample, X, y), 3),
                    "rust": partial(told_seconds, command),
                    "there": partial(seconds, partial(theirs.fit_resample, X, y)),
                }
                times = in_turn(sides, rounds)
                reached, spread = ratio(times["rust"], times["here"])
                goal = f"{GOAL:g}" + ("" if reached >= GOAL else ", **missed**")
                cells = [
                    f"{method}, {shape.replace('x', ' × ')}",
                    shown(times["here"]),
                    shown(times["rust"]),
                    spread,
                    goal,
                ]
                cells += [shown(times["there"]), ratio(times["there"], times["here"])[1]]
                lines.append("| " + " | ".join(cells) + " |")
                print(lines[-1], flush=True)
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="*", help="samplers, resamplers; both if none")
    parser.add_argument("--small", action="store_true", help="few rows, nothing is written")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", default=str(peers.OURS), metavar="PATH", help="the Rust side")
    arguments = parser.parse_args()
    wanted = arguments.suites or ["samplers", "resamplers"]
    sections = []
    if "samplers" in wanted:
        sections.append(samplers(arguments.rounds, 200_000 if arguments.small else 10_000_000))
    if "resamplers" in wanted:
        if not Path(arguments.peer).exists():
            sys.exit(f"there is no {arguments.peer}; it is built as said in {__file__}")
        shapes = ["3000x8"] if arguments.small else ["20000x20", "100000x8", "100000x32"]
        sections.append(resamplers(arguments.rounds, shapes, arguments.peer))
    if arguments.small or len(sections) < 2:
        return
    head = [
        "# From Python",
        "",
        f"`python benches/speed.py` in `python/`, {arguments.rounds} rounds, written by it; do not edit. OpenBLAS chooses its own kernels.",
        'A ratio is of two times of one round: the median with the smallest and the largest. "Rust over here" is 1 where `fit_resample` from',
        "numpy is as fast as the library by itself, which starts from rows in single precision and makes no copies.",
        "",
        "; ".join(peers.machine(PACKAGES)) + ".",
        "",
    ]
    PAGE.write_text("\n".join([*head, *sections[0], "", *sections[1], ""]))
    peers.assemble()


if __name__ == "__main__":
    main()
