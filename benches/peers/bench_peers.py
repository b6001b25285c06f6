"""Times our side and the Python side on the same work, in turn, and writes docs/performance.md.

`cargo xtask bench-peers` makes the environment (benches/peers/requirements.txt) and calls this. Every
piece of work is done by a fresh process of each side, in turn, ROUNDS times; a process does the work once
unmeasured, then several times, and reports the seconds. A round's ratio is the median of the Python side
over the median of ours; the table shows the median ratio and the smallest and largest one. Where the
Python side can be run in several ways, all are tried in the first round and the fastest is kept.

Only the standard library is used here.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "target" / "release" / "examples" / ("peer.exe" if os.name == "nt" else "peer")
THEIRS = [sys.executable, "-W", "ignore", str(ROOT / "benches" / "peers" / "theirs.py")]
SECTIONS = ROOT / "docs" / "performance"


def run(command):
    """The last line that a process prints, as JSON; None when it fails, for example for want of memory."""
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, cwd=ROOT, check=False)
    if done.returncode != 0:
        return None
    return json.loads(done.stdout.decode().strip().splitlines()[-1])


class Work:
    """A row of a table: how each side does it, and the ratio that it is meant to reach.

    `ours` is the command of our side, `theirs` has the command of each way of the other side.
    """

    def __init__(self, name, ours, theirs, target=None, measured_ours=None):
        self.name = name
        self.ours = [OURS, *ours]
        self.theirs = theirs
        self.target = target
        self.run_ours = measured_ours or run

    def measure(self, rounds):
        ours, theirs, ratios = [], [], []
        way = None
        for _ in range(rounds):
            mine = self.run_ours(self.ours)
            if mine is None:
                sys.exit(f"our side failed at {self.name}")
            ours.append(mine)
            if way is None and self.theirs:
                tried = {name: run(command) for name, command in self.theirs.items()}
                finished = {name: result for name, result in tried.items() if result}
                if not finished:
                    self.theirs = {}
                    continue
                way = min(finished, key=lambda name: median_of(finished[name]))
                other = finished[way]
            elif self.theirs:
                other = run(self.theirs[way])
            else:
                continue
            if other is None:
                print(f"note: a round of {self.name} failed on the Python side", file=sys.stderr)
                continue
            theirs.append(other)
            ratios.append(median_of(other) / median_of(mine))
        return {
            "work": self.name,
            "target": self.target,
            "way": way,
            "ours": statistics.median(map(median_of, ours)),
            "ours_peak_kib": peak(ours),
            "theirs": statistics.median(map(median_of, theirs)) if theirs else None,
            "theirs_peak_kib": peak(theirs),
            "ratios": sorted(ratios),
        }


def peak(results):
    return max((result["peak_kib"] for result in results if result["peak_kib"]), default=None)


def median_of(result):
    return statistics.median(result["seconds"])


def seconds(value):
    if value is None:
        return "not run"
    if value < 1e-3:
        return f"{1e6 * value:.1f} µs"
    if value < 1:
        return f"{1e3 * value:.2f} ms"
    return f"{value:.2f} s"


def mebibytes(kib):
    return "" if kib is None else f"{kib / 1024:.0f} MiB"


def row(result):
    ratios = result["ratios"]
    if ratios:
        ratio = f"{statistics.median(ratios):.1f} [{ratios[0]:.1f}, {ratios[-1]:.1f}]"
        target = result["target"]
        if target is None:
            met = ""
        else:
            met = f"{target:g}" + ("" if statistics.median(ratios) >= target else ", **missed**")
    else:
        ratio, met = "", ""
    cells = [
        result["work"],
        seconds(result["ours"]),
        seconds(result["theirs"]),
        result["way"] or "",
        ratio,
        met,
        mebibytes(result["ours_peak_kib"]),
        mebibytes(result["theirs_peak_kib"]),
    ]
    return "| " + " | ".join(cells) + " |"


HEADER = """\
| work | ours | Python | its fastest way | ratio [smallest, largest] | at least | our peak memory | that of its largest process |
|---|---|---|---|---|---|---|---|"""


def resampling(folder):
    """Resamplers beside imbalanced-learn."""
    data = {}

    def file(shape):
        if shape not in data:
            data[shape] = folder / f"{shape}.bin"
            run_plain([OURS, "data", shape, data[shape]])
        return data[shape]

    works = []
    for rows in (10_000, 100_000):
        for features in (8, 32, 128):
            for method in ("smote", "nearmiss-1", "nearmiss-3"):
                shape = f"{rows}x{features}"
                words = ["resample", method, shape, file(shape), 15 if rows == 10_000 else 3]
                ways = {f"n_jobs={jobs}": [*THEIRS, *words, jobs] for jobs in (1, 2)}
                works.append(Work(f"{method}, {rows:,} × {features}", words, ways, target=4))
    for method, shape, rows in (
        ("nearmiss-2", "100000x32", "100,000 × 32"),
        ("smote", "1000000x32", "1,000,000 × 32"),
    ):
        words = ["resample", method, shape, file(shape), 1]
        # NearMiss-2 of imbalanced-learn needs more memory than most machines have at this size.
        ways = {} if method == "nearmiss-2" else {"n_jobs=2": [*THEIRS, *words, 2]}
        works.append(Work(f"{method}, {rows}", words, ways))
    return works


def related(folder):
    """Resamplers of related work beside imbalanced-learn; ENN by any disagreement, as it has it."""
    works = []
    for features in (8, 32):
        shape = f"100000x{features}"
        file = folder / f"{shape}.bin"
        run_plain([OURS, "data", shape, file])
        for method in ("tomek", "enn", "borderline-smote", "adasyn"):
            # The other side takes a minute at 32 features.
            words = ["resample", method, shape, file, 3 if features == 8 else 1]
            ways = {f"n_jobs={jobs}": [*THEIRS, *words, jobs] for jobs in (1, 2)}
            works.append(Work(f"{method}, 100,000 × {features}", words, ways, target=4))
    # imbalanced-learn's filters clusters by another rule and refuses this set.
    works.append(Work("kmeans-smote, 100,000 × 32", ["resample", "kmeans-smote", shape, file, 3], {}))
    return works


def training(_):
    """Networks beside PyTorch: seconds of an epoch and seed."""
    works = []
    for net, epochs, target, name in (
        ("mlp-8-64-64-2", 200, 8, "MLP 8-64-64-2, 537 rows, batch 32"),
        ("mlp-384-128-2", 20, 4, "MLP 384-128-2, 5,000 rows, batch 64"),
        ("cnn-16-32-fc64", 3, 2.5, "CNN 16-32-fc64, 2,604 images, batch 64"),
    ):
        pair = {"two processes": [*THEIRS, "train", net, epochs, 2, 3, 1]}
        works.append(Work(f"{name}, two at once", ["train", net, epochs, 2, 3], pair, target))
        alone = {
            f"threads={threads}": [*THEIRS, "train", net, epochs, 1, 3, threads]
            for threads in (1, 2)
        }
        works.append(Work(f"{name}, one alone", ["train", net, epochs, 1, 3], alone))
    return works


def refreshing(_):
    """One refresh, from validation predictions to the rows of the next epoch."""
    return [
        Work(
            f"{rows:,} rows, {classes} classes",
            ["refresh", rows, classes, 3],
            {"": [*THEIRS, "refresh", rows, classes, 3 if rows < 10_000_000 else 1]},
            target,
        )
        for rows, classes, target in ((10_000, 10, None), (1_000_000, 10, None), (10_000_000, 100, 20))
    ]


def matrix(folder):
    """The tabular matrix, end to end, on two of the seeds."""
    program = ROOT / "target" / "release" / "art"
    runs = 0

    def ours(_):
        nonlocal runs
        runs += 1
        out = folder / str(runs)
        command = [program, "bench", "run", "--matrix", "fixed", "--only", "*/*/18*"]
        command += ["--out", out, "--data", ROOT / "data"]
        start = time.perf_counter()
        run_plain(command)
        return {"seconds": [time.perf_counter() - start], "peak_kib": None}

    theirs = [sys.executable, "-W", "ignore", ROOT / "benches" / "peers" / "matrix.py"]
    ways = {"two processes": [*theirs, ROOT / "data", 1834, 182]}
    name = "13 methods × 3 tables × 2 seeds, fixed hyper-parameters"
    return [Work(name, [], ways, target=8, measured_ours=ours)]


def run_plain(command):
    subprocess.run(list(map(str, command)), check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


SUITES = {
    "resampling": (resampling, "Resampling: two classes, ratio 10, f32"),
    "related": (related, "Resamplers of related work: two classes, ratio 10, f32"),
    "training": (training, "Training: seconds of an epoch and seed"),
    "refresh": (refreshing, "One refresh, the rows of the next epoch as a list"),
    "matrix": (matrix, "The tabular matrix, end to end"),
}


PACKAGES = ("torch", "imbalanced-learn", "scikit-learn", "numpy", "art-resampling")


def versions(packages):
    code = f"import importlib.metadata as m\nfor n in {packages!r}:\n    print(n, m.version(n))"
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().split("\n")[:-1]


def machine(packages=PACKAGES):
    cpu = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].split(":")[1].strip() if names else cpu
    rustc = subprocess.run(["rustc", "--version"], stdout=subprocess.PIPE, check=True)
    return [
        f"{cpu}, {os.cpu_count()} cores",
        rustc.stdout.decode().strip(),
        f"Python {platform.python_version()}",
        *versions(packages),
    ]


def revision():
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, cwd=ROOT, check=False)
    return done.stdout.decode().strip() or "unknown"


def by_revision(results):
    """Which rows are of which revision, where they are of several."""
    revisions = [result.get("revision", "an earlier one") for result in results]
    if len(set(revisions)) < 2:
        return []
    lines = ["Rows were measured at different times (`--only`). By revision:", ""]
    for known in dict.fromkeys(revisions):
        names = [result["work"] for result, of in zip(results, revisions) if of == known]
        lines.append(f"- {known}: {'; '.join(names)}")
    return [*lines, ""]


def before(name):
    """The rows of the last run of a suite, by the name of the work."""
    path = SECTIONS / f"{name}.json"
    return {result["work"]: result for result in json.loads(path.read_text())} if path.exists() else {}


def write(name, title, results, rounds):
    SECTIONS.mkdir(parents=True, exist_ok=True)
    lines = [
        f"# {title}",
        "",
        f"`cargo xtask bench-peers {name}`, {rounds} rounds. Written by the command; do not edit.",
        "",
        "; ".join(machine()) + ".",
        "",
        HEADER,
        *map(row, results),
        "",
        *by_revision(results),
    ]
    (SECTIONS / f"{name}.md").write_text("\n".join(lines))
    (SECTIONS / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n")


INTRO = """\
# Performance

Written by `cargo xtask bench-peers`; do not edit. Each piece of work is done by a fresh process of each side, alternating. A ratio is the
median of the Python side over the median of ours in one round. The table has the median of the rounds, with the smallest and the largest.
"At least" is the ratio that was set before anything was measured; a row that misses it says so. Where Python can be run in several ways,
the fastest is taken.

What our side does in each row is in `crates/art-bench/examples/peer.rs`, the other side in
`benches/peers/theirs.py` and `benches/peers/matrix.py`. What limits the rows that miss their goal is in
`docs/decisions/0008-neighbours.md` and in the last section.
"""


def assemble():
    """Joins the sections that there are into docs/performance.md."""
    parts = [INTRO]
    for name in (*SUITES, "python", "profile"):
        section = SECTIONS / f"{name}.md"
        if section.exists():
            parts.append("#" + section.read_text())
    lines = "\n".join(parts).splitlines()
    (ROOT / "docs" / "performance.md").write_text("\n".join(map(wrapped, lines)) + "\n")


def wrapped(line):
    """Prose of at most 140 letters a line; rows of tables stay whole."""
    if line.startswith("|"):
        return line
    indent = "  " if line.startswith("- ") else ""
    return textwrap.fill(line, 140, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def profile():
    """What share of training the matrix products and ART's refreshes take, on our side alone."""
    lines = [
        "# Where the time of training goes",
        "",
        "`cargo xtask bench-peers training`. Written by the command; do not edit.",
        "",
        "; ".join(machine()) + ".",
        "",
        "The matrix products of an epoch alone, in a loop on one thread, against an epoch of training on",
        "one thread: the machine's limit for networks that are made of these multiplications.",
        "",
        "| network | matrix products alone | an epoch | share |",
        "|---|---|---|---|",
    ]
    os.environ["RAYON_NUM_THREADS"] = "1"
    for net, epochs in (("mlp-384-128-2", 20), ("cnn-16-32-fc64", 3)):
        products = statistics.median(median_of(run([OURS, "products", net, 5])) for _ in range(3))
        epoch = statistics.median(median_of(run([OURS, "train", net, epochs, 1, 3])) for _ in range(3))
        share = f"{100 * products / epoch:.0f} %"
        lines.append(f"| {net} | {seconds(products)} | {seconds(epoch)} | {share} |")
    lines += [
        "",
        "ART with a refresh after every epoch, validation predictions being there for early stopping",
        "anyway (the terms of section 3.5 of the paper; one run each):",
        "",
        "| network | training | T_fwd | T_F1 | T_idx: refresh | T_idx: drawing rows | refresh and T_F1 over training |",
        "|---|---|---|---|---|---|---|",
    ]
    for line in run([OURS, "overhead"]):
        share = 100 * (line["refresh"] + line["score"]) / line["train"]
        times = [seconds(line[term] / line["epochs"]) for term in ("train", "forward", "score", "refresh", "draw")]
        lines.append(f"| {line['net']} | {' | '.join(times)} | {share:.2f} % |")
    del os.environ["RAYON_NUM_THREADS"]
    (SECTIONS / "profile.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines[-6:]), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="*", help=f"which to run: {', '.join(SUITES)}; all if none")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", metavar="TEXT", help="only work whose name holds TEXT; other rows stay as they are")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.suites if name not in SUITES]
    if unknown:
        parser.error(f"unknown suite {unknown[0]!r}; known are {', '.join(SUITES)}")
    for name in arguments.suites or SUITES:
        works, title = SUITES[name]
        with tempfile.TemporaryDirectory() as folder:
            known = before(name) if arguments.only else {}
            results = []
            for work in works(Path(folder)):
                result = known.get(work.name)
                if result is None or arguments.only in work.name:
                    result = work.measure(arguments.rounds) | {"revision": revision()}
                    print(row(result), flush=True)
                results.append(result)
        write(name, title, results, arguments.rounds)
    if not arguments.suites or "training" in arguments.suites:
        profile()
    assemble()


if __name__ == "__main__":
    main()
